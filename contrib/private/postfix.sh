# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# A private Postfix, made from the shipped settings in ../postfix: its own configuration, queue and
# data directories, loopback only, ports that are free. It shares with an installed Postfix nothing
# but the programs and the users `postfix' and group `postdrop'.
#
# Source this from bash, as root:
#
#   mta_make DIR                              lay it out; DIR must let every user pass (mode 0711)
#   mta_service NAME SHIPPED [KEY=VALUE...]   have the service SHIPPED of ../postfix/master.cf
#   mta_start                                 ${mta_port[NAME]} is then where NAME listens
#   mta_stop, mta_kill DIR                   the second stops what another process started in DIR
#
# All mail for example.com, .net, .org and the host itself lands in the maildir $mta_mailbox, a file for each recipient
# (see its Delivered-To), but nobody@ is an unknown user everywhere; nothing leaves the machine.
# Postfix's log is $mta_log.

. "$(dirname "${BASH_SOURCE[0]}")/mta.sh"

mta_group=postfix
mta_shipped=$(cd "$(dirname "${BASH_SOURCE[0]}")/../postfix" && pwd)

mta_make ()
{
	mta_etc=$1/postfix mta_queue=$1/queue mta_log=$1/mail.log
	mta_mailbox=$1/mail/box
	gate_socket=$mta_queue/postreeve/milter.sock
	mta_auth_socket=$mta_queue/postreeve-auth/auth.sock
	mta_auth_settings="auth_dovecot_socket = \"$mta_auth_socket\""
	mkdir -p "$mta_etc" "$mta_queue" "$1/data" "$1/mail"
	chmod 0755 "$mta_etc" "$mta_queue"
	chown postfix "$1/data"
	chown nobody: "$1/mail"
	mta_certificate "$1" || return
	cat >"$mta_etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $mta_queue
		data_directory = $1/data
		maillog_file = $mta_log
		maillog_file_prefixes = $1
		myhostname = $mta_host
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		smtpd_peername_lookup = no
		disable_dns_lookups = yes
		mynetworks =
		in_flow_delay = 0
		# As from anywhere else: nothing is added to the message before the gate sees it.
		local_header_rewrite_clients =
		smtpd_tls_cert_file = $mta_etc/cert.pem
		smtpd_tls_key_file = $mta_etc/key.pem
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = postreeve-auth/auth.sock
		alias_maps =
		mydestination = $mta_host
		local_transport = virtual
		local_recipient_maps = \$virtual_mailbox_maps
		virtual_mailbox_domains = example.com, example.net, example.org
		virtual_mailbox_base = $1/mail
		virtual_mailbox_maps = regexp:{ {!/^nobody@/ box/} }
		virtual_uid_maps = static:$(id -u nobody)
		virtual_gid_maps = static:$(id -g nobody)
		default_transport = error:this Postfix delivers to example.com, .net and .org only
		relay_transport = \$default_transport
	END
	# The shipped settings go in by the very command that they tell.
	(cd "$mta_shipped" && MAIL_CONFIG=$mta_etc sh -c "$(sed -n 's/^# To apply:  //p' main.cf)")
}

mta_master_cf ()
{
	local line name shipped option
	# Debian's, without its service on port 25.
	sed '/^smtp  *inet/d' /usr/share/postfix/master.cf.dist
	for line in "${mta_services[@]}"; do
		set -f
		# shellcheck disable=SC2086 # the words of mta_service
		set -- $line
		set +f
		name=$1 shipped=$2
		shift 2
		mta_port[$name]=$(mta_free_port)
		sed -n "/^$shipped inet /,/^\$/{s/^$shipped /127.0.0.1:${mta_port[$name]} /;/^\$/d;/^#/d;p}" \
			"$mta_shipped/master.cf"
		for option; do
			printf '  -o %s\n' "$option"
		done
	done
}

# Somebody else may take a port between our look and Postfix's: then with others.
mta_start ()
{
	local try
	for try in 1 2 3 4 5; do
		mta_master_cf >"$mta_etc/master.cf"
		if postfix -c "$mta_etc" start >"$mta_etc/start.log" 2>&1; then
			return
		fi
		grep -qs 'Address already in use' "$mta_log" || break
		echo "private Postfix: port taken, attempt $try" >&2
	done
	cat "$mta_etc/start.log" >&2
	return 1
}

# Returns when the master process is gone: `postfix stop' waits for it, and kills it after 5 s.
mta_stop ()
{
	[ -s "${mta_queue-}/pid/master.pid" ] || return 0
	postfix -c "$mta_etc" stop >"$mta_etc/stop.log" 2>&1
}

# mta_kill DIR: of another run of the script that sources this.
mta_kill ()
{
	mta_etc=$1/postfix mta_queue=$1/queue
	mta_stop
}
