# Benchmarks: `make bench'. Never part of `make check': what they measure is time.

BENCHMARKS = tests/bench/load tests/bench/milter
EXTRA_PROGRAMS += tests/bench/load tests/bench/milter
tests_bench_load_SOURCES = tests/bench/load.c
tests_bench_load_LDADD = tests/protocol/libmta.a $(PTHREAD_LIBS)
tests_bench_milter_SOURCES = tests/bench/milter.c
tests_bench_milter_CFLAGS = $(AM_CFLAGS) $(MILTER_CFLAGS)
tests_bench_milter_LDADD = $(MILTER_LIBS) $(PTHREAD_LIBS)

EXTRA_DIST += tests/bench/README tests/bench/bench.sh
CLEANFILES += $(BENCHMARKS)

.PHONY: bench
bench: all tests/protocol/session $(BENCHMARKS)
	@builddir='$(abs_builddir)' $(SHELL) $(srcdir)/tests/bench/bench.sh
