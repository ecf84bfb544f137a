# milter speaks: the daemon between the MTA and the registry.

# All of the daemon but the wire and main(): what unit tests and fuzz targets link.
noinst_LIBRARIES += milter/libsession.a
milter_libsession_a_SOURCES = \
	milter/audit.c milter/audit.h \
	milter/connections.c milter/connections.h \
	milter/content.c milter/content.h \
	milter/keeper.c milter/keeper.h \
	milter/service.c milter/service.h \
	milter/session.c milter/session.h \
	milter/standing.c milter/standing.h \
	milter/stats.c milter/stats.h \
	milter/status.c milter/status.h \
	milter/usage.c milter/usage.h \
	milter/watch.c milter/watch.h
milter_libsession_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
SESSION_LIBS = milter/libsession.a $(DAEMON_LIBS)

sbin_PROGRAMS += milter/postreeved
milter_postreeved_SOURCES = \
	milter/callbacks.c milter/callbacks.h \
	milter/main.c \
	milter/master.c milter/master.h \
	milter/worker.c milter/worker.h
milter_postreeved_CFLAGS = $(AM_CFLAGS) $(MILTER_CFLAGS)
milter_postreeved_LDADD = $(SESSION_LIBS) $(CONFIG_LIBS) $(REGISTRY_LIBS) $(POLICY_LIBS) \
	$(MILTER_LIBS) $(JANSSON_LIBS) $(PTHREAD_LIBS)

man_MANS += milter/man/postreeved.8
EXTRA_DIST += milter/postreeved.8

milter/man/postreeved.8: milter/postreeved.8 Makefile
	$(AM_V_GEN)$(MKDIR_P) milter/man && $(set_paths) $(srcdir)/milter/postreeved.8 > $@.tmp && mv $@.tmp $@
