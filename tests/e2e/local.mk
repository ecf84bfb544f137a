# End-to-end tests: through a private Postfix. They need root, so `make check' leaves them out.

E2E_TESTS = \
	tests/e2e/daemon.sh \
	tests/e2e/header.sh \
	tests/e2e/honest.sh \
	tests/e2e/kills.sh \
	tests/e2e/limits.sh \
	tests/e2e/living.sh \
	tests/e2e/login.sh \
	tests/e2e/message.sh \
	tests/e2e/registry.sh \
	tests/e2e/senders.sh \
	tests/e2e/setup.sh
EXTRA_DIST += $(E2E_TESTS) tests/e2e/lib.sh tests/run

.PHONY: check-e2e
check-e2e: all
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(E2E_TESTS)'
