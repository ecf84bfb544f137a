# shellcheck shell=bash disable=SC2034
# Daemons of our own, in the background. Source it from bash.
#
#   process_start LOG PIDFILE SOCKET PROGRAM ARGUMENT...   returns when it listens; sets $process_pid
#   process_stop PID                                       gives its exit status
#   process_kill PIDFILE                                   stops one that another process started

process_start ()
{
	local log=$1 pidfile=$2 socket=$3 try
	shift 3
	setsid "$@" </dev/null >>"$log" 2>&1 &
	process_pid=$!
	echo "$process_pid" >"$pidfile"
	for ((try = 0; try < 200; try++)); do
		kill -0 "$process_pid" 2>/dev/null || break
		# A listener's line in this table says 00010000 (SO_ACCEPTCON); a stale socket has none.
		grep -q " 00010000 .* $socket\$" /proc/net/unix && return
		sleep 0.05
	done
	echo "$(basename "$1") did not start to listen" >&2
	return 1
}

process_stop ()
{
	local status=0
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null
	wait "$1" || status=$?
	return "$status"
}

process_kill ()
{
	local pid try
	pid=$(cat "${1:-/dev/null}" 2>/dev/null) && [ -n "$pid" ] || return 0
	# A number that was given to another process meanwhile is left alone.
	grep -qz postreeve "/proc/$pid/cmdline" 2>/dev/null || return 0
	kill "$pid"
	# It may let open transactions come to their end, for half a minute.
	for ((try = 0; try < 800; try++)); do
		# Our own child is a zombie once it is gone.
		grep -qs '^State:[[:space:]]*[^Z]' "/proc/$pid/status" || return 0
		sleep 0.05
	done
	return 1
}
