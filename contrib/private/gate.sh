# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154
# A private postreeved beside the private Postfix of postfix.sh. Source it after that, from bash, as
# root, with $postreeve and $postreeved set to the programs:
#
#   gate_make DIR                   after mta_make DIR: configuration, registry, place for the socket
#   gate_account NAME [PATTERN...]  an account that logs in with $smtp_password
#   gate_start                      returns when it serves
#   gate_stop                       gives its exit status
#   gate_kill PIDFILE               stops one that another process started
#
# The log is $gate_log. It runs as `daemon', a user that every Debian has; a real installation gives
# it one of its own.

gate_user=daemon

gate_make ()
{
	gate_etc=$1/postreeve.conf gate_log=$1/postreeve.log gate_db=$1/db/postreeve.sqlite3
	gate_passwords=$1/auth/passwords.sqlite3
	gate_socket=$mta_queue/postreeve/milter.sock
	gate_pidfile=$1/postreeved.pid
	install -d -o "$gate_user" -g "$gate_user" -m 0750 "$1/db"
	# Who is in the group of this directory may use the socket, and new ones in it get that group.
	install -d -o "$gate_user" -g postfix -m 2750 "$mta_queue/postreeve"
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
			auth_database = "$gate_passwords"
		END
		printf '%s\n' "${1-}"
	} >"$gate_etc"
}

gate_account ()
{
	local name=$1
	shift
	mta_password "$name" "$smtp_password" &&
		"$postreeve" -c "$gate_etc" account add "$name" >/dev/null || return
	[ $# -eq 0 ] || "$postreeve" -c "$gate_etc" sender add "$name" "$@" >/dev/null
}

gate_start ()
{
	local try
	setsid "$postreeved" -f -c "$gate_etc" </dev/null >>"$gate_log" 2>&1 &
	gate_pid=$!
	echo "$gate_pid" >"$gate_pidfile"
	for ((try = 0; try < 200; try++)); do
		kill -0 "$gate_pid" 2>/dev/null || break
		# A listener's line in this table says 00010000 (SO_ACCEPTCON); a stale socket has none.
		grep -q " 00010000 .* $gate_socket\$" /proc/net/unix && return
		sleep 0.05
	done
	echo 'postreeved did not start to listen' >&2
	return 1
}

gate_stop ()
{
	local status=0
	[ -n "${gate_pid-}" ] || return 0
	kill "$gate_pid" 2>/dev/null
	wait "$gate_pid" || status=$?
	gate_pid=
	return "$status"
}

# gate_kill PIDFILE: of another run of the script that sources this.
gate_kill ()
{
	local pid try
	pid=$(cat "$1" 2>/dev/null) || return 0
	# A number that was given to another process meanwhile is left alone.
	grep -qz postreeved "/proc/$pid/cmdline" 2>/dev/null || return 0
	kill "$pid"
	# It lets open transactions come to their end, for half a minute.
	for ((try = 0; try < 800; try++)); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}
