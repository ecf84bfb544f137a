# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154
# A private postreeved beside the private MTA of postfix.sh or sendmail.sh. Source it after that and
# process.sh, from bash, as root, with $postreeve and $postreeved set to the programs:
#
#   gate_make DIR                   after mta_make DIR: configuration, registry, place for the socket
#   gate_account NAME [PATTERN...]  an account, which logs in with $smtp_password
#   gate_start                      returns when it serves
#   gate_stop                       gives its exit status
#
# The MTA's script has said where the socket is to be, $gate_socket. The log is $gate_log. It runs as `daemon', a user that every Debian has; a real installation gives
# it one of its own.

gate_user=daemon

gate_make ()
{
	gate_etc=$1/postreeve.conf gate_log=$1/postreeve.log gate_db=$1/db/postreeve.sqlite3
	gate_pidfile=$1/postreeved.pid
	install -d -o "$gate_user" -g "$gate_user" -m 0750 "$1/db"
	# Who is in the group of this directory may use the socket, and new ones in it get that group.
	install -d -o "$gate_user" -g "$mta_group" -m 2750 "$(dirname "$gate_socket")"
	gate_configure
	: >"$gate_log"
	"$postreeve" -c "$gate_etc" init
}

# gate_configure [TEXT]: TEXT comes behind the settings that are always there.
gate_configure ()
{
	{
		cat <<-END
			socket   = "local:$gate_socket"
			database = "$gate_db"
			user     = "$gate_user"
			auth_user = "$auth_user"
			auth_database = "$(dirname "$gate_etc")/auth/passwords.sqlite3"
			$mta_auth_settings
			auth_without_tls = yes
			auth_cost = 10
		END
		printf '%s\n' "${1-}"
	} >"$gate_etc"
	chmod go-w "$gate_etc"
}

gate_account ()
{
	local name=$1
	shift
	"$postreeve" -c "$gate_etc" account add "$name" >/dev/null &&
		auth_password "$name" "$smtp_password" >/dev/null || return
	[ $# -eq 0 ] || "$postreeve" -c "$gate_etc" sender add "$name" "$@" >/dev/null
}

gate_start ()
{
	process_start "$gate_log" "$gate_pidfile" "$gate_socket" "$postreeved" -f -c "$gate_etc"
	gate_pid=$process_pid
}

gate_stop ()
{
	local pid=${gate_pid-}
	gate_pid=
	process_stop "$pid"
}
