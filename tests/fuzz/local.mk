# Fuzz targets, for libFuzzer with --enable-fuzzing; else `make check' replays their inputs.

FUZZ_TARGETS = tests/fuzz/address.fuzz tests/fuzz/address_list.fuzz tests/fuzz/config.fuzz tests/fuzz/dovecot.fuzz \
	tests/fuzz/import.fuzz \
	tests/fuzz/media.fuzz tests/fuzz/session.fuzz tests/fuzz/tally.fuzz
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)
TEST_EXTENSIONS += .fuzz
FUZZ_LOG_DRIVER = $(LOG_DRIVER)
FUZZ_LOG_COMPILER = sh $(srcdir)/tests/fuzz/run.sh

if FUZZING
FUZZ_LINK = -fsanitize=fuzzer
FUZZ_MAIN =
else
FUZZ_LINK =
FUZZ_MAIN = tests/fuzz/replay.c
endif

tests_fuzz_address_fuzz_SOURCES = tests/fuzz/check.h \
	tests/fuzz/check_limits.c tests/fuzz/check_limits.h \
	tests/fuzz/fuzz_address.c
nodist_tests_fuzz_address_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_address_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_address_fuzz_LDADD = $(POLICY_LIBS)

tests_fuzz_address_list_fuzz_SOURCES = tests/fuzz/check.h \
	tests/fuzz/cpu.c tests/fuzz/cpu.h \
	tests/fuzz/fuzz_address_list.c
nodist_tests_fuzz_address_list_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_address_list_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_address_list_fuzz_LDADD = $(POLICY_LIBS)

tests_fuzz_config_fuzz_SOURCES = tests/fuzz/check.h tests/fuzz/fuzz_config.c
nodist_tests_fuzz_config_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_config_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_config_fuzz_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS)

tests_fuzz_dovecot_fuzz_SOURCES = tests/fuzz/check.h tests/fuzz/fuzz_dovecot.c
nodist_tests_fuzz_dovecot_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_dovecot_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_dovecot_fuzz_LDADD = $(AUTHD_LIBS)

tests_fuzz_import_fuzz_SOURCES = tests/fuzz/check.h tests/fuzz/fuzz_import.c \
	db/cli/import.c db/cli/import_csv.c db/cli/import_json.c db/cli/output.c db/cli/progress.c \
	db/cli/values.c db/cli/when.c
nodist_tests_fuzz_import_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_import_fuzz_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_import_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_import_fuzz_LDADD = $(POLICY_LIBS) $(CSV_LIBS) $(JANSSON_LIBS)

tests_fuzz_media_fuzz_SOURCES = tests/fuzz/check.h \
	tests/fuzz/cpu.c tests/fuzz/cpu.h \
	tests/fuzz/fuzz_media.c
nodist_tests_fuzz_media_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_media_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_media_fuzz_LDADD = $(POLICY_LIBS)

# The callbacks without libmilter, and the session without the log's thread: the target has its own.
tests_fuzz_session_fuzz_SOURCES = tests/fuzz/check.h \
	milter/callbacks.c \
	tests/fuzz/audit_line.c tests/fuzz/audit_line.h \
	tests/fuzz/fuzz_session.c \
	tests/fuzz/libmilter.c tests/fuzz/libmilter.h \
	tests/fuzz/session_model.c tests/fuzz/session_model.h \
	tests/fuzz/session_place.c tests/fuzz/session_place.h
nodist_tests_fuzz_session_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_session_fuzz_CFLAGS = $(AM_CFLAGS) $(MILTER_CFLAGS)
tests_fuzz_session_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_session_fuzz_LDADD = $(SESSION_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) \
	$(PTHREAD_LIBS)

tests_fuzz_tally_fuzz_SOURCES = tests/fuzz/check.h \
	tests/fuzz/cpu.c tests/fuzz/cpu.h \
	tests/fuzz/fuzz_tally.c \
	tests/fuzz/tally_content.c \
	tests/fuzz/tally_header.c tests/fuzz/tally_inner.h \
	tests/fuzz/tally_lines.c \
	tests/fuzz/tally_model.c tests/fuzz/tally_model.h \
	tests/unit/milter_header.c tests/unit/milter_header.h
nodist_tests_fuzz_tally_fuzz_SOURCES = $(FUZZ_MAIN)
tests_fuzz_tally_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_tally_fuzz_LDADD = $(POLICY_LIBS)

dist_check_SCRIPTS += tests/fuzz/run.sh
EXTRA_DIST += tests/fuzz/README tests/fuzz/corpus tests/fuzz/replay.c \
	tests/fuzz/address.dict tests/fuzz/address_list.dict tests/fuzz/config.dict tests/fuzz/dovecot.dict \
	tests/fuzz/import.dict \
	tests/fuzz/media.dict \
	tests/fuzz/session.dict tests/fuzz/tally.dict

.PHONY: check-fuzz
if FUZZING
check-fuzz: all $(FUZZ_TARGETS)
	@set -- $(FUZZ_TARGETS); FUZZ_SECONDS=$${FUZZ_SECONDS:-$$((300 / $$# + 1))} \
		$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(FUZZ_TARGETS)'
else
check-fuzz:
	@echo 'make check-fuzz needs a build by: CC=clang ./configure --enable-fuzzing' >&2; exit 1
endif

distclean-local:
	rm -rf $(FUZZ_TARGETS:.fuzz=.grown) $(FUZZ_TARGETS:.fuzz=.found)
