#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Messages/s through a private Postfix, its queue in memory: without a milter, and with each of
# those that bench.sh measures. As root.
#   postfix.sh [ROUNDS [MESSAGES]]
set -eu

rounds=${1:-5} messages=${2:-200} clients=4
bench=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
contrib=$bench/../../contrib
postreeve=$builddir/db/cli/postreeve
postreeved=$builddir/milter/postreeved
postreeve_authd=$builddir/db/authd/postreeve-authd
. "$contrib/private/postfix.sh"
. "$contrib/private/client.sh"
. "$contrib/private/process.sh"
. "$contrib/private/gate.sh"
. "$contrib/private/auth.sh"
. "$bench/table.sh"

memory=/dev/shm
[ -d "$memory" ] || memory=/tmp
dir=$(mktemp -d "$memory/postreeve-bench.XXXXXX")
chmod 0711 "$dir"
gate_pid='' auth_pidfile='' milters=()

finish ()
{
	local status=$?
	trap - EXIT
	if [ "${#milters[@]}" -gt 0 ]; then
		kill -KILL "${milters[@]}" || :
		wait "${milters[@]}" || :
	fi 2>/dev/null
	gate_stop || status=1
	process_kill "$auth_pidfile" || status=1
	mta_stop || status=1
	[ "$status" -eq 0 ] || tail -n 5 "$dir"/*.log >&2
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

lay_out ()
{
	local name
	mta_service none 2525 smtpd_milters=
	for name in null floor; do
		mta_service "$name" 2525 "smtpd_milters=unix:postreeve/$name.sock"
	done
	mta_service postreeved 2525
	mta_make "$dir" && auth_make "$dir" && gate_make "$dir" &&
		gate_configure 'profile default { max_connections = 1000 }' &&
		gate_account alice alice@example.com || return
	# What is accepted is thrown away.
	postconf -c "$mta_etc" -e virtual_transport=discard:bench
	gate_start && auth_start || return
	for name in null floor; do
		"$builddir/tests/bench/milter" "$name" "local:$(dirname "$gate_socket")/$name.sock" &
		milters+=($!)
	done
	sleep 1
	chmod 0666 "$(dirname "$gate_socket")"/{null,floor}.sock
	mta_start
}
lay_out >"$dir/setup.log" 2>&1

response=$(printf '\0alice\0%s' "$smtp_password" | base64 -w 0)
names='none null floor postreeved'
for ((round = 0; round <= rounds; round++)); do
	for name in $names; do
		"$builddir/tests/bench/smtp" "${mta_port[$name]}" "$clients" $((messages / clients)) \
			"$response" small >"$dir/line"
		# The first round warms up.
		[ "$round" -eq 0 ] || cat "$dir/line" >>"$dir/$name.runs"
	done
done

what="through Postfix, small, $clients clients:"
row "$what messages/s" "$(median "$dir/postreeved.runs" 1)"
row "$what messages/s without a milter" "$(median "$dir/none.runs" 1)"
for name in null floor postreeved; do
	row "$what messages/s with $name, to none" "$(ratio "$dir/$name.runs" "$dir/none.runs" 1)"
done
row "$what messages/s, to null" "$(ratio "$dir/postreeved.runs" "$dir/null.runs" 1)" '>=' 1.00
row "$what messages/s, to floor" "$(ratio "$dir/postreeved.runs" "$dir/floor.runs" 1)" '>=' 0.95
