# Many clients for a while: `make check-soak'. CROWD_SECONDS (60)

EXTRA_PROGRAMS += tests/soak/crowd
CLEANFILES += tests/soak/crowd
tests_soak_crowd_SOURCES = tests/soak/crowd.c tests/soak/hostile.c tests/soak/hostile.h
tests_soak_crowd_CFLAGS = $(AM_CFLAGS) $(PTHREAD_CFLAGS)
tests_soak_crowd_LDADD = tests/protocol/libmta.a $(PTHREAD_LIBS)

SOAK_TESTS = tests/soak/crowd.sh
dist_check_SCRIPTS += $(SOAK_TESTS)

.PHONY: check-soak
check-soak: all $(check_PROGRAMS) tests/soak/crowd
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(SOAK_TESTS)'
