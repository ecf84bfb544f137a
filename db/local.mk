# db remembers: the registry, and the programs that live on it directly.

# ---- the registry ----------------------------------------------------------

noinst_LIBRARIES += db/libregistry.a
db_libregistry_a_SOURCES = \
	db/account.c db/account.h \
	db/backup.c \
	db/change.c \
	db/error.c db/error.h \
	db/file.c db/file.h \
	db/grant.c db/grant.h \
	db/group.c \
	db/handle.c db/handle.h \
	db/import.c \
	db/limit.c \
	db/network.c \
	db/passwords.c db/passwords.h \
	db/reader.c \
	db/registry.h \
	db/schema.c db/schema.h \
	db/usage.c db/usage.h \
	db/writer.c db/writer.h
db_libregistry_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
REGISTRY_LIBS = db/libregistry.a $(SQLITE_LIBS)

# ---- passwords: how they are hashed -----------------------------------------

noinst_LIBRARIES += db/libhash.a
db_libhash_a_SOURCES = db/hash.c db/hash.h
db_libhash_a_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
HASH_LIBS = db/libhash.a $(CRYPTO_LIBS) $(CRYPT_LIBS)

# ---- the configuration -----------------------------------------------------

noinst_LIBRARIES += db/config/libconfig.a
db_config_libconfig_a_SOURCES = \
	db/config/checks.c \
	db/config/comments.c db/config/comments.h \
	db/config/config.c db/config/config.h \
	db/config/parse.c db/config/parse.h
db_config_libconfig_a_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS)
CONFIG_LIBS = db/config/libconfig.a $(CONFUSE_LIBS)

# ---- what the daemons share -------------------------------------------------

noinst_LIBRARIES += db/libdaemon.a
db_libdaemon_a_SOURCES = \
	db/daemon/background.c db/daemon/background.h \
	db/daemon/identity.c db/daemon/identity.h \
	db/daemon/line.c db/daemon/line.h \
	db/daemon/log.c db/daemon/log.h \
	db/daemon/place.c db/daemon/place.h \
	db/daemon/process.c db/daemon/process.h \
	db/daemon/sandbox.c db/daemon/sandbox.h \
	db/daemon/socket.c db/daemon/socket.h \
	db/daemon/start.c db/daemon/start.h \
	db/daemon/table.c db/daemon/table.h \
	db/daemon/thread.c db/daemon/thread.h
db_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
DAEMON_LIBS = db/libdaemon.a $(SECCOMP_LIBS) $(UNISTRING_LIBS)

# ---- postreeve-authd, which judges logins ------------------------------------

# All of it but the loop: what unit tests and fuzz targets link.
noinst_LIBRARIES += db/libauthd.a
db_libauthd_a_SOURCES = \
	db/authd/attempt.c db/authd/attempt.h \
	db/authd/audit.c db/authd/audit.h \
	db/authd/cache.c db/authd/cache.h \
	db/authd/clock.h \
	db/authd/dovecot.c db/authd/dovecot.h \
	db/authd/failures.c db/authd/failures.h \
	db/authd/job.h \
	db/authd/pool.c db/authd/pool.h \
	db/authd/reload.c db/authd/reload.h \
	db/authd/sasl.c db/authd/sasl.h \
	db/authd/saslauthd.c db/authd/saslauthd.h \
	db/authd/seal.c db/authd/seal.h \
	db/authd/settings.h \
	db/authd/verify.c db/authd/verify.h
db_libauthd_a_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
AUTHD_LIBS = db/libauthd.a $(DAEMON_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(HASH_LIBS) $(POLICY_LIBS) \
	$(PTHREAD_LIBS)

sbin_PROGRAMS += db/authd/postreeve-authd
db_authd_postreeve_authd_SOURCES = \
	db/authd/connection.c db/authd/connection.h \
	db/authd/listen.c db/authd/listen.h \
	db/authd/main.c \
	db/authd/server.c db/authd/server.h
db_authd_postreeve_authd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
db_authd_postreeve_authd_LDADD = $(AUTHD_LIBS) $(EVENT_LIBS)

# ---- postreeve, the administrator's program --------------------------------

bin_PROGRAMS += db/cli/postreeve
db_cli_postreeve_SOURCES = \
	db/cli/account.c \
	db/cli/account_show.c \
	db/cli/backup.c \
	db/cli/check.c db/cli/check.h \
	db/cli/check_config.c \
	db/cli/check_database.c \
	db/cli/check_passwords.c \
	db/cli/changes.c \
	db/cli/cli.h \
	db/cli/exchange.c \
	db/cli/explain.c db/cli/explain.h \
	db/cli/explain_show.c \
	db/cli/group.c \
	db/cli/import.c db/cli/import.h \
	db/cli/import_csv.c \
	db/cli/import_json.c \
	db/cli/init.c \
	db/cli/limit.c \
	db/cli/list.c \
	db/cli/log.c \
	db/cli/log_line.c db/cli/log_line.h \
	db/cli/main.c \
	db/cli/mta/amend.c db/cli/mta/amend.h \
	db/cli/mta/mta.c db/cli/mta/mta.h \
	db/cli/mta/postfix.c db/cli/mta/postfix.h \
	db/cli/mta/postfix_check.c db/cli/mta/postfix_check.h \
	db/cli/mta/postfix_sasl.c \
	db/cli/mta/postfix_setup.c \
	db/cli/mta/postfix_tables.c \
	db/cli/mta/postfix_wiring.c \
	db/cli/mta/sendmail.c db/cli/mta/sendmail.h \
	db/cli/mta/sendmail_check.c db/cli/mta/sendmail_check.h \
	db/cli/mta/sendmail_logins.c \
	db/cli/mta/sendmail_mc.c db/cli/mta/sendmail_mc.h \
	db/cli/mta/sendmail_setup.c \
	db/cli/mta/sendmail_tables.c \
	db/cli/mta/sendmail_wiring.c \
	db/cli/mta/sendmail_words.c db/cli/mta/sendmail_words.h \
	db/cli/mta/socket.c db/cli/mta/socket.h \
	db/cli/network.c \
	db/cli/output.c db/cli/output.h \
	db/cli/owner.c \
	db/cli/password.c db/cli/password.h \
	db/cli/progress.c db/cli/progress.h \
	db/cli/replace.c db/cli/replace.h \
	db/cli/report.c \
	db/cli/report_count.c db/cli/report_count.h \
	db/cli/scan.c \
	db/cli/scan_show.c db/cli/scan_show.h \
	db/cli/secret.c db/cli/secret.h \
	db/cli/sender.c \
	db/cli/status.c \
	db/cli/status_prometheus.c \
	db/cli/status_show.c db/cli/status_show.h \
	db/cli/usage.c \
	db/cli/values.c db/cli/values.h \
	db/cli/vault.c db/cli/vault.h \
	db/cli/when.c db/cli/when.h \
	db/cli/who.c
nodist_db_cli_postreeve_SOURCES = db/cli/mta/sendmail_shipped.c
db_cli_postreeve_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
db_cli_postreeve_LDADD = $(CONFIG_LIBS) $(REGISTRY_LIBS) $(HASH_LIBS) $(POLICY_LIBS) \
	$(CSV_LIBS) $(JANSSON_LIBS) $(PTHREAD_LIBS)

# What `setup sendmail' installs is what is shipped, in the program itself.
CLEANFILES += db/cli/mta/sendmail_shipped.c
db/cli/mta/sendmail_shipped.c: contrib/sendmail/postreeve.mc Makefile
	$(AM_V_GEN)$(MKDIR_P) db/cli/mta && { \
		echo '#include "db/cli/mta/sendmail_mc.h"'; \
		echo 'const char *const sendmail_shipped[] = {'; \
		$(SED) -e 's/[\\"]/\\&/g' -e 's/	/\\t/g' -e 's/.*/"&",/' \
			$(srcdir)/contrib/sendmail/postreeve.mc; \
		echo '0};'; \
	} > $@.tmp && mv $@.tmp $@

# ---- the manual pages ------------------------------------------------------

# Installed with the paths of this build: see set_paths in contrib/local.mk.
man_MANS += db/man/postreeve.8 db/man/postreeve-authd.8 db/man/postreeve.conf.5
EXTRA_DIST += db/authd/postreeve-authd.8 db/cli/postreeve.8 db/config/postreeve.conf.5
CLEANFILES += $(man_MANS)

db/man/postreeve.8: db/cli/postreeve.8 Makefile
	$(AM_V_GEN)$(MKDIR_P) db/man && $(set_paths) $(srcdir)/db/cli/postreeve.8 > $@.tmp && mv $@.tmp $@
db/man/postreeve-authd.8: db/authd/postreeve-authd.8 Makefile
	$(AM_V_GEN)$(MKDIR_P) db/man && $(set_paths) $(srcdir)/db/authd/postreeve-authd.8 > $@.tmp && mv $@.tmp $@
db/man/postreeve.conf.5: db/config/postreeve.conf.5 Makefile
	$(AM_V_GEN)$(MKDIR_P) db/man && $(set_paths) $(srcdir)/db/config/postreeve.conf.5 > $@.tmp && mv $@.tmp $@
