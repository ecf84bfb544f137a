# tests/unit

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_address tests/unit/test_address_list tests/unit/test_audit \
	tests/unit/test_config tests/unit/test_connections tests/unit/test_encoded_word tests/unit/test_limits \
	tests/unit/test_rules tests/unit/test_stats tests/unit/test_xtext
TESTS += tests/unit/test_address tests/unit/test_address_list tests/unit/test_audit \
	tests/unit/test_config tests/unit/test_connections tests/unit/test_encoded_word tests/unit/test_limits \
	tests/unit/test_rules tests/unit/test_stats tests/unit/test_xtext

tests_unit_test_address_SOURCES = tests/unit/test_address.c tests/unit/table.h
tests_unit_test_address_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_address_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_address_list_SOURCES = tests/unit/test_address_list.c tests/unit/table.h
tests_unit_test_address_list_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_address_list_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_audit_SOURCES = tests/unit/test_audit.c tests/unit/table.h \
	db/cli/log_line.c db/cli/log_line.h
tests_unit_test_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_audit_LDADD = $(SESSION_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) $(JANSSON_LIBS) \
	$(PTHREAD_LIBS)

tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/table.h
tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_connections_SOURCES = tests/unit/test_connections.c tests/unit/table.h
tests_unit_test_connections_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_connections_LDADD = $(SESSION_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_encoded_word_SOURCES = tests/unit/test_encoded_word.c tests/unit/table.h
tests_unit_test_encoded_word_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_encoded_word_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_limits_SOURCES = tests/unit/test_limits.c tests/unit/table.h
tests_unit_test_limits_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_limits_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_rules_SOURCES = tests/unit/test_rules.c tests/unit/table.h \
	tests/unit/offences.c tests/unit/offences.h
tests_unit_test_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_rules_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_xtext_SOURCES = tests/unit/test_xtext.c tests/unit/table.h
tests_unit_test_xtext_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_xtext_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_stats_SOURCES = tests/unit/test_stats.c tests/unit/table.h
tests_unit_test_stats_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_stats_LDADD = $(SESSION_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# ---- what daemons share ------------------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sandbox tests/unit/test_thread
TESTS += tests/unit/test_sandbox tests/unit/test_thread

tests_unit_test_thread_SOURCES = tests/unit/test_thread.c tests/unit/table.h
tests_unit_test_thread_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_thread_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c tests/unit/table.h
tests_unit_test_sandbox_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sandbox_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# ---- the judge beside the oracle -------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_config_modes tests/unit/test_exempt tests/unit/test_findings \
	tests/unit/test_judge
TESTS += tests/unit/test_config_modes tests/unit/test_exempt tests/unit/test_findings \
	tests/unit/test_judge

tests_unit_test_config_modes_SOURCES = tests/unit/test_config_modes.c tests/unit/table.h \
	tests/unit/oracle.c tests/unit/oracle.h
tests_unit_test_config_modes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_modes_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_exempt_SOURCES = tests/unit/test_exempt.c tests/unit/table.h
tests_unit_test_exempt_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_exempt_LDADD = $(SESSION_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) \
	$(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_findings_SOURCES = tests/unit/test_findings.c tests/unit/table.h \
	tests/unit/oracle.c tests/unit/oracle.h tests/unit/oracle_case.c tests/unit/oracle_case.h
tests_unit_test_findings_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_findings_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_judge_SOURCES = tests/unit/test_judge.c tests/unit/table.h \
	tests/unit/judge_states.def \
	tests/unit/oracle.c tests/unit/oracle.h tests/unit/oracle_case.c tests/unit/oracle_case.h
tests_unit_test_judge_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_judge_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)
endif

# ---- logins ----------------------------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_authd_kept tests/unit/test_authd_sasl
TESTS += tests/unit/test_authd_kept tests/unit/test_authd_sasl

tests_unit_test_authd_kept_SOURCES = tests/unit/test_authd_kept.c tests/unit/table.h
tests_unit_test_authd_kept_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_authd_kept_LDADD = $(AUTHD_LIBS) $(CMOCKA_LIBS)

tests_unit_test_authd_sasl_SOURCES = tests/unit/test_authd_sasl.c tests/unit/table.h
tests_unit_test_authd_sasl_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_authd_sasl_LDADD = $(AUTHD_LIBS) $(CMOCKA_LIBS)
endif

# ---- what the message tally is made of --------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_count tests/unit/test_embedded
TESTS += tests/unit/test_count tests/unit/test_embedded

tests_unit_test_count_SOURCES = tests/unit/test_count.c tests/unit/chunks.h tests/unit/table.h
tests_unit_test_count_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_count_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_embedded_SOURCES = tests/unit/test_embedded.c tests/unit/chunks.h tests/unit/table.h
tests_unit_test_embedded_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_embedded_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)
endif

# ---- the message tally, over whole messages ---------------------------------

if HAVE_CMOCKA
TALLY_TESTS = tests/unit/test_tally_bounds tests/unit/test_tally_honest \
	tests/unit/test_tally_leaves tests/unit/test_tally_structure
check_PROGRAMS += $(TALLY_TESTS)
TESTS += $(TALLY_TESTS)

check_LIBRARIES += tests/unit/libtally.a
tests_unit_libtally_a_SOURCES = tests/unit/chunks.h tests/unit/table.h \
	tests/unit/milter_header.c tests/unit/milter_header.h \
	tests/unit/tally_case.c tests/unit/tally_case.h \
	tests/unit/tally_feed.c tests/unit/tally_feed.h
tests_unit_libtally_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
TALLY_TEST_LIBS = tests/unit/libtally.a $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_tally_bounds_SOURCES = tests/unit/test_tally_bounds.c
tests_unit_test_tally_bounds_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tally_bounds_LDADD = $(TALLY_TEST_LIBS)

tests_unit_test_tally_honest_SOURCES = tests/unit/test_tally_honest.c
tests_unit_test_tally_honest_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tally_honest_LDADD = $(TALLY_TEST_LIBS)

tests_unit_test_tally_leaves_SOURCES = tests/unit/test_tally_leaves.c
tests_unit_test_tally_leaves_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tally_leaves_LDADD = $(TALLY_TEST_LIBS)

tests_unit_test_tally_structure_SOURCES = tests/unit/test_tally_structure.c
tests_unit_test_tally_structure_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tally_structure_LDADD = $(TALLY_TEST_LIBS)
endif
EXTRA_DIST += tests/messages

# ---- fields of MIME parts ----------------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_file_name tests/unit/test_media
TESTS += tests/unit/test_file_name tests/unit/test_media

tests_unit_test_file_name_SOURCES = tests/unit/test_file_name.c tests/unit/table.h
tests_unit_test_file_name_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_file_name_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)

tests_unit_test_media_SOURCES = tests/unit/test_media.c tests/unit/table.h
tests_unit_test_media_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_media_LDADD = $(POLICY_LIBS) $(CMOCKA_LIBS)
endif

TESTS += tests/unit/architecture.sh
dist_check_SCRIPTS += tests/unit/architecture.sh

# ---- what is counted of accounts, and kept ----------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_keeper tests/unit/test_service tests/unit/test_usage \
	tests/unit/test_usage_kept tests/unit/test_usage_store tests/unit/test_watch
TESTS += tests/unit/test_keeper tests/unit/test_service tests/unit/test_usage \
	tests/unit/test_usage_kept tests/unit/test_usage_store tests/unit/test_watch

tests_unit_test_keeper_SOURCES = tests/unit/test_keeper.c tests/unit/table.h \
	tests/unit/keeper_life.c tests/unit/keeper_life.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_keeper_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_keeper_LDADD = $(SESSION_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) \
	$(PTHREAD_LIBS)

tests_unit_test_service_SOURCES = tests/unit/test_service.c tests/unit/table.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_service_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_service_LDADD = $(SESSION_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) \
	$(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_usage_SOURCES = tests/unit/test_usage.c tests/unit/table.h \
	tests/unit/usage_case.c tests/unit/usage_case.h
tests_unit_test_usage_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_usage_LDADD = $(SESSION_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_usage_kept_SOURCES = tests/unit/test_usage_kept.c tests/unit/table.h \
	tests/unit/usage_case.c tests/unit/usage_case.h
tests_unit_test_usage_kept_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_usage_kept_LDADD = $(SESSION_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_usage_store_SOURCES = tests/unit/test_usage_store.c tests/unit/table.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_usage_store_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_usage_store_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_watch_SOURCES = tests/unit/test_watch.c tests/unit/table.h
tests_unit_test_watch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_watch_LDADD = $(SESSION_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# ---- in real time, for `make check-live' -------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/import.live tests/unit/keeper.live tests/unit/registry.live
LIVE_TESTS += tests/unit/import.live tests/unit/keeper.live tests/unit/registry.live

tests_unit_import_live_SOURCES = tests/unit/test_import_live.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_import_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_import_live_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_keeper_live_SOURCES = tests/unit/test_keeper_live.c tests/unit/table.h \
	tests/unit/keeper_life.c tests/unit/keeper_life.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_keeper_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_keeper_live_LDADD = $(SESSION_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) $(CMOCKA_LIBS) \
	$(PTHREAD_LIBS)

tests_unit_registry_live_SOURCES = tests/unit/test_registry_live.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_registry_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_registry_live_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# ---- the registry and its program ------------------------------------------

if HAVE_CMOCKA
REGISTRY_TESTS = tests/unit/test_registry tests/unit/test_registry_changes \
	tests/unit/test_registry_file tests/unit/test_registry_grants \
	tests/unit/test_registry_groups tests/unit/test_registry_import \
	tests/unit/test_registry_limits tests/unit/test_registry_schema
check_PROGRAMS += $(REGISTRY_TESTS)
TESTS += $(REGISTRY_TESTS)

tests_unit_test_registry_SOURCES = tests/unit/test_registry.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_grants_SOURCES = tests/unit/test_registry_grants.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_grants_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_grants_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_groups_SOURCES = tests/unit/test_registry_groups.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_groups_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_groups_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_import_SOURCES = tests/unit/test_registry_import.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_import_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_import_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_file_SOURCES = tests/unit/test_registry_file.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_file_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_changes_SOURCES = tests/unit/test_registry_changes.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_changes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_changes_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_limits_SOURCES = tests/unit/test_registry_limits.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_limits_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_limits_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_registry_schema_SOURCES = tests/unit/test_registry_schema.c \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_schema_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_schema_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# An engine whose calls fail, each in turn: they are taken from it by the linker.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_registry_failing
TESTS += tests/unit/test_registry_failing

WRAP_ENGINE = -Wl,--wrap=sqlite3_step -Wl,--wrap=sqlite3_exec -Wl,--wrap=sqlite3_prepare_v2 \
	-Wl,--wrap=sqlite3_prepare_v3 -Wl,--wrap=sqlite3_bind_int64 -Wl,--wrap=sqlite3_bind_text \
	-Wl,--wrap=sqlite3_errcode -Wl,--wrap=sqlite3_extended_errcode
tests_unit_test_registry_failing_SOURCES = tests/unit/test_registry_failing.c tests/unit/table.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_registry_failing_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_registry_failing_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ENGINE)
tests_unit_test_registry_failing_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

# ---- passwords ---------------------------------------------------------------

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_hash tests/unit/test_passwords
TESTS += tests/unit/test_hash tests/unit/test_passwords

tests_unit_test_hash_SOURCES = tests/unit/test_hash.c tests/unit/table.h
tests_unit_test_hash_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_hash_LDADD = $(HASH_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)

tests_unit_test_passwords_SOURCES = tests/unit/test_passwords.c tests/unit/table.h \
	tests/unit/registry_place.c tests/unit/registry_place.h
tests_unit_test_passwords_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_passwords_LDADD = $(REGISTRY_LIBS) $(CMOCKA_LIBS) $(PTHREAD_LIBS)
endif

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_amend tests/unit/test_changes tests/unit/test_import tests/unit/test_when
TESTS += tests/unit/test_amend tests/unit/test_changes tests/unit/test_import tests/unit/test_when

tests_unit_test_amend_SOURCES = tests/unit/test_amend.c tests/unit/table.h \
	db/cli/mta/amend.c db/cli/output.c db/cli/owner.c db/cli/replace.c
tests_unit_test_amend_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_amend_LDADD = $(REGISTRY_LIBS) $(POLICY_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

tests_unit_test_changes_SOURCES = tests/unit/test_changes.c tests/unit/table.h \
	db/cli/changes.c db/cli/output.c
tests_unit_test_changes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_changes_LDADD = $(POLICY_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

tests_unit_test_import_SOURCES = tests/unit/test_import.c tests/unit/table.h \
	db/cli/import.c db/cli/import_csv.c db/cli/import_json.c db/cli/output.c db/cli/progress.c
tests_unit_test_import_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_import_LDADD = $(POLICY_LIBS) $(CSV_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

tests_unit_test_when_SOURCES = tests/unit/test_when.c tests/unit/table.h db/cli/when.c
tests_unit_test_when_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_when_LDADD = $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/unit/put_usage
tests_unit_put_usage_SOURCES = tests/unit/put_usage.c
tests_unit_put_usage_LDADD = $(REGISTRY_LIBS)

CLI_TESTS = tests/unit/cli.sh tests/unit/cli_group.sh tests/unit/cli_limit.sh tests/unit/cli_log.sh \
	tests/unit/cli_network.sh tests/unit/cli_sender.sh tests/unit/cli_usage.sh \
	tests/unit/check.sh tests/unit/report.sh tests/unit/scan.sh
CLI_LIVE_TESTS = tests/unit/check_mta.sh tests/unit/check_sendmail.sh tests/unit/cli_backup.sh \
	tests/unit/cli_explain.sh tests/unit/cli_import.sh tests/unit/cli_password.sh
TESTS += $(CLI_TESTS)
LIVE_TESTS += $(CLI_LIVE_TESTS)
dist_check_SCRIPTS += $(CLI_TESTS) $(CLI_LIVE_TESTS)

# ---- what is built, and how it is installed --------------------------------

TESTS += tests/unit/hardening.sh tests/unit/units.sh
dist_check_SCRIPTS += tests/unit/hardening.sh tests/unit/units.sh

# ---- the manual pages and the sample configuration -------------------------

check_PROGRAMS += tests/unit/print_rules
tests_unit_print_rules_SOURCES = tests/unit/print_rules.c
tests_unit_print_rules_LDADD = $(CONFIG_LIBS) $(POLICY_LIBS)

TESTS += tests/unit/documents.sh
dist_check_SCRIPTS += tests/unit/documents.sh

EXTRA_DIST += tests/unit/cli_tap.sh tests/unit/sendmail.cf tests/unit/tap.sh
