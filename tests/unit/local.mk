# tests/unit

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_address tests/unit/test_audit tests/unit/test_config \
	tests/unit/test_connections tests/unit/test_rules
TESTS += tests/unit/test_address tests/unit/test_audit tests/unit/test_config \
	tests/unit/test_connections tests/unit/test_rules

tests_unit_test_address_SOURCES = tests/unit/test_address.c tests/unit/table.h
tests_unit_test_address_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_address_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_audit_SOURCES = tests/unit/test_audit.c tests/unit/table.h
tests_unit_test_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_audit_LDADD = milter/libsession.a $(POLICY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/table.h
tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_connections_SOURCES = tests/unit/test_connections.c tests/unit/table.h
tests_unit_test_connections_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_connections_LDADD = milter/libsession.a $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_rules_SOURCES = tests/unit/test_rules.c tests/unit/table.h
tests_unit_test_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_rules_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)
endif

TESTS += tests/unit/architecture.sh
dist_check_SCRIPTS += tests/unit/architecture.sh

# ---- the registry and its program ------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_registry tests/unit/test_registry_file \
	tests/unit/test_registry_live
TESTS += tests/unit/test_registry tests/unit/test_registry_file tests/unit/test_registry_live

tests_unit_test_registry_SOURCES = tests/unit/test_registry.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_file_SOURCES = tests/unit/test_registry_file.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_file_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_live_SOURCES = tests/unit/test_registry_live.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_live_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

TESTS += tests/unit/cli.sh
dist_check_SCRIPTS += tests/unit/cli.sh

# ---- the manual pages and the sample configuration -------------------------

check_PROGRAMS += tests/unit/print_rules
tests_unit_print_rules_SOURCES = tests/unit/print_rules.c
tests_unit_print_rules_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS)

TESTS += tests/unit/documents.sh
dist_check_SCRIPTS += tests/unit/documents.sh

EXTRA_DIST += tests/unit/tap.sh
