# contrib: what surrounds the programs on a real machine.

EXTRA_DIST += \
	contrib/debian-packages \
	contrib/fail2ban/filter.d/postreeve-authd.conf \
	contrib/fail2ban/jail.d/postreeve-authd.conf \
	contrib/install-packages \
	contrib/postfix/main.cf \
	contrib/postfix/master.cf \
	contrib/private/auth.sh \
	contrib/private/client.sh \
	contrib/private/gate.sh \
	contrib/private/mta.sh \
	contrib/private/postfix.sh \
	contrib/private/process.sh \
	contrib/private/rows.sh \
	contrib/private/sendmail.sh \
	contrib/private/tree.sh \
	contrib/quickstart \
	contrib/sendmail/postreeve.mc

# The unit needs the directories of this build. /usr/local/lib/systemd/system is searched, too.
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = contrib/systemd/postreeve-authd.service contrib/systemd/postreeved.service
EXTRA_DIST += contrib/systemd/postreeve-authd.service.in contrib/systemd/postreeved.service.in
CLEANFILES += $(nodist_systemdunit_DATA)

make_unit = $(AM_V_GEN)$(MKDIR_P) contrib/systemd && \
	$(SED) -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g'

contrib/systemd/postreeve-authd.service: contrib/systemd/postreeve-authd.service.in Makefile
	$(make_unit) $(srcdir)/contrib/systemd/postreeve-authd.service.in > $@.tmp && mv $@.tmp $@
contrib/systemd/postreeved.service: contrib/systemd/postreeved.service.in Makefile
	$(make_unit) $(srcdir)/contrib/systemd/postreeved.service.in > $@.tmp && mv $@.tmp $@

# ---- the sample configuration ----------------------------------------------

# The manual pages and the sample say /etc and /var; what is installed says what this build does.
set_paths = $(SED) -e 's|/etc/postreeve\.conf|$(sysconfdir)/postreeve.conf|g' \
	-e 's|/var/lib/postreeve|$(localstatedir)/lib/postreeve|g'

# An administrator's file is neither overwritten nor removed.
EXTRA_DIST += contrib/postreeve.conf
CLEANFILES += contrib/installed.conf

contrib/installed.conf: contrib/postreeve.conf Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && $(set_paths) $(srcdir)/contrib/postreeve.conf > $@.tmp && mv $@.tmp $@

install-data-local: contrib/installed.conf
	@$(MKDIR_P) '$(DESTDIR)$(sysconfdir)'
	@conf='$(DESTDIR)$(sysconfdir)/postreeve.conf'; \
	if test -e "$$conf" || test -h "$$conf"; then \
		echo ' $(sysconfdir)/postreeve.conf is left as it is'; \
	else \
		$(INSTALL_DATA) contrib/installed.conf "$$conf"; \
	fi

uninstall-local: contrib/installed.conf
	@if cmp -s contrib/installed.conf '$(DESTDIR)$(sysconfdir)/postreeve.conf'; then \
		rm -f '$(DESTDIR)$(sysconfdir)/postreeve.conf'; \
	fi
