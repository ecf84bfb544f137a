# The message tally beside GMime and Python's email, over many messages: `make check-differential'.
#   DIFFERENTIAL_COUNT (20000), DIFFERENTIAL_SEED (1); DIFFERENTIAL_ONLY: the number of one message

DIFFERENTIAL = tests/differential/gmime tests/differential/tally
EXTRA_PROGRAMS += $(DIFFERENTIAL)
CLEANFILES += $(DIFFERENTIAL)
tests_differential_gmime_SOURCES = tests/differential/gmime.c tests/differential/frame.h
tests_differential_gmime_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS)
tests_differential_gmime_LDADD = $(GMIME_LIBS)
tests_differential_tally_SOURCES = tests/differential/tally.c tests/differential/frame.h
tests_differential_tally_LDADD = $(POLICY_LIBS)

TEST_EXTENSIONS += .py
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = python3 -B
dist_check_SCRIPTS += tests/differential/compare.py
EXTRA_DIST += tests/differential/README tests/differential/messages.py tests/differential/reader.py

.PHONY: check-differential
if HAVE_GMIME
check-differential: $(DIFFERENTIAL)
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/differential/compare.py
else
check-differential:
	@echo 'make check-differential needs GMime (Debian package: libgmime-3.0-dev)' >&2; exit 1
endif
