# What goes wrong beneath: `make check-fault', of whose variables beneath.sh tells.

FAULT_WRAP = -Wl,--wrap=open,--wrap=access,--wrap=stat,--wrap=lstat

# Runs before a sanitizer is ready.
EXTRA_LIBRARIES = tests/fault/libplan.a
CLEANFILES += tests/fault/libplan.a
tests_fault_libplan_a_SOURCES = tests/fault/memory.c tests/fault/plan.c tests/fault/plan.h
tests_fault_libplan_a_CFLAGS = $(AM_CFLAGS) -fno-builtin-malloc -fno-sanitize=all

# postreeve(8), to be called in a child of the test.
EXTRA_LIBRARIES += tests/fault/libcli.a
CLEANFILES += tests/fault/libcli.a
tests_fault_libcli_a_SOURCES = $(db_cli_postreeve_SOURCES)
nodist_tests_fault_libcli_a_SOURCES = $(nodist_db_cli_postreeve_SOURCES)
tests_fault_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) -Dmain=cli_main
tests_fault_libcli_a_CFLAGS = $(db_cli_postreeve_CFLAGS) -Wno-missing-prototypes

EXTRA_PROGRAMS += tests/fault/cli
CLEANFILES += tests/fault/cli
tests_fault_cli_SOURCES = \
	tests/fault/calls.c \
	tests/fault/cli.c \
	tests/fault/judge.c \
	tests/fault/place.c tests/fault/place.h \
	tests/fault/rows.c \
	tests/fault/run.c \
	tests/fault/serve.c \
	tests/fault/verbs.c tests/fault/verbs.h
tests_fault_cli_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_fault_cli_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAP)
tests_fault_cli_LDADD = tests/fault/libplan.a tests/fault/libcli.a $(SESSION_LIBS) \
	$(db_cli_postreeve_LDADD) $(PTHREAD_LIBS)

# The libraries, in one process.
EXTRA_PROGRAMS += tests/fault/library
CLEANFILES += tests/fault/library
tests_fault_library_SOURCES = \
	tests/fault/calls.c \
	tests/fault/library.c \
	tests/fault/place.c tests/fault/place.h \
	tests/fault/rows.c \
	tests/fault/scenario.h \
	tests/fault/scenario_login.c \
	tests/fault/scenario_reader.c \
	tests/fault/scenario_registry.c \
	tests/fault/scenario_session.c
tests_fault_library_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(CRYPTO_CFLAGS)
tests_fault_library_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAP)
tests_fault_library_LDADD = tests/fault/libplan.a $(SESSION_LIBS) $(AUTHD_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(HASH_LIBS) \
	$(POLICY_LIBS) $(PTHREAD_LIBS)

FAULT_PARTS = library cli
FAULT_TESTS = tests/fault/beneath.sh tests/fault/daemon.sh
dist_check_SCRIPTS += $(FAULT_TESTS)
EXTRA_DIST += tests/fault/README

.PHONY: check-fault
check-fault: all $(check_PROGRAMS) tests/fault/cli tests/fault/library
	@FAULT_PARTS='$(FAULT_PARTS)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(FAULT_TESTS)'
