# Benchmarks: `make bench'. Never part of `make check': what they measure is time.

BENCHMARKS = tests/bench/hold tests/bench/load tests/bench/milter tests/bench/smtp \
	tests/bench/tally
EXTRA_PROGRAMS += tests/bench/hold tests/bench/load tests/bench/milter tests/bench/smtp \
	tests/bench/tally
tests_bench_hold_SOURCES = tests/bench/hold.c tests/bench/message.c tests/bench/message.h
tests_bench_hold_LDADD = tests/protocol/libmta.a
tests_bench_smtp_SOURCES = tests/bench/smtp.c tests/bench/message.c tests/bench/message.h
tests_bench_smtp_LDADD = $(PTHREAD_LIBS)
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/message.c tests/bench/message.h
tests_bench_load_LDADD = tests/protocol/libmta.a $(PTHREAD_LIBS)
tests_bench_milter_SOURCES = tests/bench/milter.c
tests_bench_milter_CFLAGS = $(AM_CFLAGS) $(MILTER_CFLAGS)
tests_bench_milter_LDADD = $(MILTER_LIBS) $(PTHREAD_LIBS)
tests_bench_tally_SOURCES = tests/bench/tally.c tests/unit/chunks.h
tests_bench_tally_LDADD = $(POLICY_LIBS)
if HAVE_GMIME
tests_bench_tally_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) -DHAVE_GMIME
tests_bench_tally_LDADD += $(GMIME_LIBS)
endif

EXTRA_DIST += tests/bench/README tests/bench/bench.sh tests/bench/postfix.sh \
	tests/bench/registry.sh tests/bench/table.sh
CLEANFILES += $(BENCHMARKS)

.PHONY: bench
bench: all tests/protocol/session $(BENCHMARKS)
	@tests/bench/tally
	@builddir='$(abs_builddir)' $(SHELL) $(srcdir)/tests/bench/bench.sh
