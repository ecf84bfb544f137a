# Protocol tests: session scripts, played at the milter socket as an MTA would.

check_LIBRARIES += tests/protocol/libmta.a
tests_protocol_libmta_a_SOURCES = \
	tests/protocol/mta.c tests/protocol/mta.h \
	tests/protocol/wire.c tests/protocol/wire.h

check_PROGRAMS += tests/protocol/session
tests_protocol_session_SOURCES = \
	tests/protocol/around.c \
	tests/protocol/daemonlog.c tests/protocol/daemonlog.h \
	tests/protocol/session.c tests/protocol/session.h \
	tests/protocol/speak.c \
	tests/protocol/text.c tests/protocol/text.h
tests_protocol_session_LDADD = tests/protocol/libmta.a

# What a daemon that judges logins finds.
check_PROGRAMS += tests/protocol/passwords
tests_protocol_passwords_SOURCES = tests/protocol/passwords.c
tests_protocol_passwords_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_protocol_passwords_LDADD = $(REGISTRY_LIBS) $(HASH_LIBS)

TEST_EXTENSIONS += .session
SESSION_LOG_DRIVER = $(LOG_DRIVER)
SESSION_LOG_COMPILER = sh $(srcdir)/tests/protocol/run.sh

SESSIONS = \
	tests/protocol/account.session \
	tests/protocol/auth.session \
	tests/protocol/connections.session \
	tests/protocol/exempt.session \
	tests/protocol/forged_from.session \
	tests/protocol/header_form.session \
	tests/protocol/header_from.session \
	tests/protocol/header_only.session \
	tests/protocol/helo.session \
	tests/protocol/hostile.session \
	tests/protocol/inet.session \
	tests/protocol/log_passes.session \
	tests/protocol/logging.session \
	tests/protocol/logging_json.session \
	tests/protocol/max_attachment_size.session \
	tests/protocol/mime_form.session \
	tests/protocol/null_sender.session \
	tests/protocol/off.session \
	tests/protocol/reads.session \
	tests/protocol/recipients.session \
	tests/protocol/registry.session \
	tests/protocol/reload.session \
	tests/protocol/sender.session \
	tests/protocol/shadow.session \
	tests/protocol/shadow_profile.session \
	tests/protocol/size.session \
	tests/protocol/size_default.session \
	tests/protocol/status.session \
	tests/protocol/suspend.session \
	tests/protocol/tls.session \
	tests/protocol/transaction.session
TESTS += $(SESSIONS) tests/protocol/miltertest.sh tests/protocol/start.sh
LIVE_TESTS += tests/protocol/authd.sh tests/protocol/authd_limits.sh \
	tests/protocol/authd_load.sh tests/protocol/authd_passwords.sh tests/protocol/concurrent.sh \
	tests/protocol/control_socket.sh tests/protocol/process.sh
dist_check_SCRIPTS += \
	tests/protocol/authd.sh \
	tests/protocol/authd_limits.sh \
	tests/protocol/authd_load.sh \
	tests/protocol/authd_passwords.sh \
	tests/protocol/authd_start.sh \
	tests/protocol/concurrent.sh \
	tests/protocol/control_socket.sh \
	tests/protocol/daemon.sh \
	tests/protocol/miltertest.sh \
	tests/protocol/place.sh \
	tests/protocol/process.sh \
	tests/protocol/run.sh \
	tests/protocol/sandboxed.sh \
	tests/protocol/start.sh
EXTRA_DIST += $(SESSIONS) tests/protocol/authd.cases tests/protocol/authd_client.py tests/protocol/clients.txt \
	tests/protocol/README tests/protocol/miltertest.lua \
	tests/protocol/tsan.supp
