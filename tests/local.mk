# tests: each folder mirrors what it tests. `make check' runs the quick ones and needs no root, nor
# does `make check-live': those that wait for real time, race, kill or starve.

AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP builddir='$(abs_builddir)' srcdir='$(abs_srcdir)'; \
	export CMOCKA_MESSAGE_OUTPUT builddir srcdir;
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/.build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)

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
