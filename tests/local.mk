# tests: each folder mirrors what it tests. `make check' runs the quick ones and needs no root.

AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP builddir='$(abs_builddir)' srcdir='$(abs_srcdir)'; \
	export CMOCKA_MESSAGE_OUTPUT builddir srcdir;
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/.build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)

include tests/unit/local.mk
include tests/protocol/local.mk
include tests/e2e/local.mk
include tests/differential/local.mk
include tests/fuzz/local.mk
include tests/soak/local.mk
include tests/bench/local.mk
