# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# A private Sendmail, made from the shipped settings in ../sendmail, for those who know postfix.sh: the
# same functions and variables, so that one client plays both. Its packages conflict with Postfix's, so
# they are unpacked and not installed.
#
# Source this from bash, as root:
#
#   mta_make DIR                     lay it out; no directory on the way may be writable for others
#   mta_service NAME SHIPPED         have the daemon SHIPPED of ../sendmail/postreeve.mc
#   mta_settings=TEXT                before mta_start: more of sendmail.mc, stronger than what is shipped
#   mta_start                        ${mta_port[NAME]} is then where NAME listens
#   mta_stop, mta_kill DIR           the second stops what another process started in DIR
#
# All mail lands in the maildir $mta_mailbox, a file for each recipient, but nobody@ is an unknown user
# everywhere; nothing leaves the machine.

. "$(dirname "${BASH_SOURCE[0]}")/mta.sh"

mta_group=mail mta_settings=
mta_shipped=$(cd "$(dirname "${BASH_SOURCE[0]}")/../sendmail" && pwd)

mta_make ()
{
	mta_etc=$1/etc mta_queue=$1/queue mta_log=$1/mail.log
	mta_mailbox=$1/mail/box mta_root=$1/sendmail mta_run=$1/run
	gate_socket=$1/gate/milter.sock
	mta_auth_socket=$1/mux/mux
	mta_auth_settings="auth_dovecot_socket = \"\" auth_saslauthd_socket = \"$mta_auth_socket\""
	(unpack "$mta_root" sendmail-base sendmail-bin sendmail-cf) || return
	mkdir -p "$mta_etc" "$mta_queue" "$mta_run" "$1/sasl" "$mta_mailbox/tmp" "$mta_mailbox/new"
	chmod 0700 "$mta_queue"
	chown -R nobody: "$1/mail"
	: >"$mta_etc/aliases"
	: >"$mta_log"
	echo 'hosts files' >"$mta_etc/service.switch"
	mta_certificate "$1" || return
	chmod 0600 "$mta_etc/key.pem"
	# What Cyrus SASL reads, in a place that only this Sendmail sees: see mta_run_sendmail.
	cat >"$1/sasl/Sendmail.conf" <<-END
		pwcheck_method: saslauthd
		saslauthd_path: $mta_auth_socket
		mech_list: PLAIN LOGIN
	END
	# Delivers standard input, as nobody. \$\$ is not enough of a name: it comes again.
	cat >"$mta_etc/deliver" <<-END
		cd "$mta_mailbox" && file=\$(mktemp tmp/XXXXXXXXXX) && cat >"\$file" && mv "\$file" new/
	END
	mta_sasl=$1/sasl
}

# The shipped settings, on ports of our own, with the gate's socket where it is.
mta_mc ()
{
	local line name shipped
	cat <<-END
		OSTYPE(\`linux')dnl
		define(\`confDOMAIN_NAME', \`$mta_host')dnl
		define(\`QUEUE_DIR', \`$mta_queue')dnl
		define(\`confPID_FILE', \`$mta_run/sendmail.pid')dnl
		define(\`STATUS_FILE', \`$mta_run/statistics')dnl
		define(\`HELP_FILE', \`$mta_root/etc/mail/helpfile')dnl
		define(\`ALIAS_FILE', \`$mta_etc/aliases')dnl
		define(\`confSERVICE_SWITCH_FILE', \`$mta_etc/service.switch')dnl
		define(\`confDONT_PROBE_INTERFACES', \`True')dnl
		define(\`confSERVER_CERT', \`$mta_etc/cert.pem')dnl
		define(\`confSERVER_KEY', \`$mta_etc/key.pem')dnl
		define(\`confCACERT', \`$mta_etc/cert.pem')dnl
		define(\`confCACERT_PATH', \`$mta_etc')dnl
		define(\`confTO_IDENT', \`0')dnl
		dnl # A busy machine neither refuses mail nor leaves it in the queue, which nobody runs.
		define(\`confQUEUE_LA', \`1000')dnl
		define(\`confREFUSE_LA', \`1000')dnl
		FEATURE(\`nocanonify')dnl
		FEATURE(\`accept_unresolvable_domains')dnl
	END
	sed -e '/^DAEMON_OPTIONS/d' -e "s|local:/var/spool/postreeve/milter.sock|local:$gate_socket|" \
		"$mta_shipped/postreeve.mc"
	printf '%s\n' "$mta_settings"
	for line in "${mta_services[@]}"; do
		name=${line%% *} shipped=${line#* }
		mta_port[$name]=$(mta_free_port)
		sed -n "/^DAEMON_OPTIONS.*Port=$shipped,/s/Port=$shipped, Name=[a-z]*/Port=${mta_port[$name]}, Addr=127.0.0.1, Name=$name/p" \
			"$mta_shipped/postreeve.mc"
	done
	cat <<-END
		LOCAL_RULE_0
		R nobody < @ \$+ > \$*	\$#error \$@ 5.1.1 \$: "550 User unknown"
		R \$+ < @ \$+ > \$*	\$#box \$: \$1
		MAILER_DEFINITIONS
		Mbox,	P=/bin/sh, F=lsDFMnu, U=nobody:nogroup, T=DNS/RFC822/X-Unix, A=sh $mta_etc/deliver \$u
	END
}

# In namespaces of its own: a qualified name, without which it waits for a minute, and its sasl files.
mta_run_sendmail ()
{
	setsid unshare --uts --mount --propagation private sh -c "
		mount --bind '$mta_sasl' /usr/lib/sasl2 && hostname '$mta_host' &&
			exec '$mta_root/usr/libexec/sendmail/sendmail' -C '$mta_etc/sendmail.cf' -bD" \
		</dev/null >>"$mta_log" 2>&1 &
	mta_pid=$!
	echo "$mta_pid" >"$mta_run/session.pid"
}

mta_listens ()
{
	local name
	for name in "${!mta_port[@]}"; do
		(: <>"/dev/tcp/127.0.0.1/${mta_port[$name]}") 2>/dev/null || return
	done
}

mta_start ()
{
	local try
	mta_mc >"$mta_etc/sendmail.mc" &&
		m4 -D_CF_DIR_="$mta_root/usr/share/sendmail/cf/" "$mta_root/usr/share/sendmail/cf/m4/cf.m4" \
			"$mta_etc/sendmail.mc" >"$mta_etc/sendmail.cf" || return
	mta_run_sendmail
	for ((try = 0; try < 200; try++)); do
		kill -0 "$mta_pid" 2>/dev/null || break
		mta_listens && return
		sleep 0.05
	done
	cat "$mta_log" >&2
	return 1
}

# Its children, too: those that deliver, and those that clients hold open.
mta_stop ()
{
	[ -n "${mta_pid-}" ] || return 0
	kill -TERM -- "-$mta_pid" 2>/dev/null
	wait "$mta_pid" 2>/dev/null
	mta_pid=
}

mta_kill ()
{
	local pid
	pid=$(cat "$1/run/session.pid" 2>/dev/null) || return 0
	grep -qz sendmail "/proc/$pid/cmdline" 2>/dev/null || return 0
	kill -TERM -- "-$pid"
}
