# tests: each folder mirrors what it tests. `make check' runs the quick ones and needs no root, nor
# does `make check-live': those that wait for real time, race, kill or starve.

AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP builddir='$(abs_builddir)' srcdir='$(abs_srcdir)'; \
	export CMOCKA_MESSAGE_OUTPUT builddir srcdir;
# sh, since $(SHELL) may be bash, whose processes take twice as long to start.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' sh $(top_srcdir)/.build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = sh

# Programs among the live ones: without an ending of their own, only those in TESTS have a rule.
LIVE_TESTS =
TEST_EXTENSIONS += .live
LIVE_LOG_DRIVER = $(LOG_DRIVER)

include tests/unit/local.mk
include tests/protocol/local.mk
include tests/e2e/local.mk
include tests/differential/local.mk
include tests/fuzz/local.mk
include tests/soak/local.mk
include tests/fault/local.mk
include tests/bench/local.mk

.PHONY: check-live
check-live: all $(check_PROGRAMS)
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(LIVE_TESTS)'

# Those of `make check' and `make check-live' in which threads are: all but the programs' and the fuzz
# targets', for the thread sanitizer.
.PHONY: check-threads
check-threads: all $(check_PROGRAMS)
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS \
		TESTS='$(filter-out $(CLI_TESTS) $(CLI_LIVE_TESTS) $(FUZZ_TARGETS),$(TESTS) $(LIVE_TESTS))'

# In a build of its own, so that it does not matter how this one was configured.
EXTRA_DIST += tests/coverage/README tests/coverage/exit.c
dist_check_SCRIPTS += tests/coverage/run
.PHONY: coverage
coverage:
	@$(srcdir)/tests/coverage/run
