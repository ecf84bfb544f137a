#!/bin/sh
# Measures postreeved beside a milter that does nothing and one that answers only what a policy
# milter must. README beside this file says how to read the table.
#   bench.sh [ROUNDS [TRANSACTIONS]]
# BENCH_GRANTS=10000000 in the environment: a registry of that size, too.
set -eu

rounds=${1:-5} transactions=${2:-2000}
bench=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
here=$bench/../protocol
# shellcheck source-path=SCRIPTDIR source=../protocol/daemon.sh
. "$here/daemon.sh"
# shellcheck source-path=SCRIPTDIR source=registry.sh
. "$bench/registry.sh"
# shellcheck source-path=SCRIPTDIR source=table.sh
. "$bench/table.sh"

others="" failed=0
# shellcheck disable=SC2086,SC2317
stop_all() {
	if [ -n "$others" ]; then
		kill -KILL $others || true
		wait $others || true
	fi 2>/dev/null
	cleanup
}

# answers AT: waits until a milter does.
answers() {
	waited=0
	until "$session" "$1"; do
		[ "$waited" -lt 1000 ] || bail_out "no milter answers at $1"
		waited=$((waited + 1))
		sleep 0.01
	done
}

# start_reference NAME OFFSET: "null" or "floor", on a socket beside the daemon's; on TCP, so
# many ports further.
start_reference() {
	case $socket in
	local:*) at=local:$dir/$1.sock ;;
	*) at=$(echo "$socket" | awk -F '[:@]' -v n="$2" '{ print $1 ":" $2 + n "@" $3 }') ;;
	esac
	"$builddir/tests/bench/milter" "$1" "$at" &
	others="$others $!"
	echo "$at $!" >"$dir/$1.at"
	answers "$at"
}

# start_all FILE-WITH-CONFIGURATION
start_all() {
	daemon_setup "$1"
	trap stop_all EXIT
	daemon_start
	echo "$socket $(daemon_worker)" >"$dir/postreeved.at"
	start_reference null 1
	start_reference floor 2
}

# interleave CLIENTS TRANSACTIONS KIND NAME[=ACCOUNTS]...: round after round, into $dir/NAME.runs.
interleave() {
	count=$1 each=$2 kind=$3
	shift 3
	for name in "$@"; do
		: >"$dir/${name%=*}.runs"
	done
	round=0
	while [ "$round" -le "$rounds" ]; do
		for name in "$@"; do
			read -r at process <"$dir/${name%=*}.at"
			accounts=${name#*=}
			[ "$accounts" != "$name" ] || accounts=
			"$builddir/tests/bench/load" "$at" "$process" "$count" "$each" "$kind" \
				${accounts:+"$accounts"} >"$dir/line"
			# The first round warms up.
			[ "$round" -eq 0 ] || cat "$dir/line" >>"$dir/${name%=*}.runs"
		done
		round=$((round + 1))
	done
}

# beside SOCKET MOST-ROUND-TRIPS KIND CLIENTS TRANSACTIONS CPU [SPEED [P50]]: the goals of the last
# three, "-" for none.
beside() {
	interleave "$4" "$(($5 / $4 + 1))" "$3" null floor postreeved
	what="$3, $1, $4 clients:"
	row "$what transactions/s" "$(median "$dir/postreeved.runs" 1)"
	row "$what transactions/s, to null" "$(ratio "$dir/postreeved.runs" "$dir/null.runs" 1)"
	goal_row "$what transactions/s, to floor" \
		"$(ratio "$dir/postreeved.runs" "$dir/floor.runs" 1)" '>=' "${7:--}"
	goal_row "$what p50 in us" "$(median "$dir/postreeved.runs" 2)" '<=' "${8:--}"
	row "$what CPU in us" "$(median "$dir/postreeved.runs" 3)"
	row "$what CPU, to null" "$(ratio "$dir/postreeved.runs" "$dir/null.runs" 3)"
	goal_row "$what CPU, to floor" "$(ratio "$dir/postreeved.runs" "$dir/floor.runs" 3)" '<=' "$6"
	row "$what round trips" "$(median "$dir/postreeved.runs" 4)" '<=' "$2"
	[ "$(median "$dir/postreeved.runs" 4)" -le "$2" ] || failed=1
}

goal_row() {
	if [ "$4" = - ]; then
		row "$1" "$2"
	else
		row "$@"
	fi
}

unix_socket() {
	start_all "$config"
	for clients in 1 2 8 64; do
		beside unix 4 small "$clients" "$transactions" 1.15 0.90
	done
	beside unix 8 medium 2 "$((transactions / 4))" 1.50
	beside unix 103 many 2 "$((transactions / 10))" 1.15 0.90
	beside unix 4 large 2 "$((transactions / 20))" 1.50
	return "$failed"
}

tcp_socket() {
	start_all "$config.tcp"
	for clients in 1 2 8 64; do
		# With more clients than cores most of p50 is waiting for the others.
		[ "$clients" -le 2 ] && stall=2000 || stall=-
		beside TCP 5 small "$clients" "$transactions" 1.15 0.90 "$stall"
	done
	beside TCP 9 medium 2 "$((transactions / 4))" 1.50
	beside TCP 5 large 2 "$((transactions / 20))" 1.50
	return "$failed"
}

# another NAME [ACCOUNTS [PATTERNS]]: a daemon more, with a registry of its own.
another() {
	mkdir -p "$dir/$1/db" "$dir/$1/run"
	chown "$user" "$dir/$1/db" "$dir/$1/run"
	CONF=$dir/$1/postreeve.conf DATABASE=$dir/$1/db/postreeve.sqlite3
	sed "s|$dir/|$dir/$1/|g" "$dir/postreeve.conf" >"$CONF"
	"$cli" -c "$CONF" init >/dev/null 2>&1
	"$cli" -c "$CONF" sender import - --create-accounts <<-END >/dev/null
		account,pattern,expires,note
		alice,alice@example.com,,
	END
	registry_fill "${2:-0}"
	registry_patterns "${3:-0}"
	start=$(date +%s%N)
	"$daemon" -f -c "$CONF" >"$dir/$1/log" 2>&1 &
	others="$others $!"
	answers "local:$dir/$1/run/milter.sock"
	took=$((($(date +%s%N) - start) / 1000000))
	pid=$!
	echo "local:$dir/$1/run/milter.sock $(daemon_worker)" >"$dir/$1.at"
}

registry() {
	daemon_setup "$config"
	trap stop_all EXIT
	another thousand 1000
	another million 1000000
	another patterns 0 999
	set -- thousand=1000 million=1000000
	if [ "${BENCH_GRANTS:-0}" -gt 0 ]; then
		another asked "$BENCH_GRANTS"
		row "$BENCH_GRANTS grants: ms from start to first answer" "$took" '<=' 1000
		set -- "$@" "asked=$BENCH_GRANTS"
	else
		left_out "ten million grants" "ask with BENCH_GRANTS=10000000"
	fi
	cp "$dir/thousand.at" "$dir/one.at"
	interleave 2 "$((transactions / 2))" small one patterns "$@"
	row "a million grants: CPU, to a thousand" \
		"$(ratio "$dir/million.runs" "$dir/thousand.runs" 3)" '<=' 1.10
	[ $# -lt 3 ] || row "$BENCH_GRANTS grants: CPU, to a thousand" \
		"$(ratio "$dir/asked.runs" "$dir/thousand.runs" 3)" '<=' 1.10
	row "1,000 patterns of one account: CPU, to one pattern" \
		"$(ratio "$dir/patterns.runs" "$dir/one.runs" 3)" '<=' 1.05
}

# held COUNT idle|body: KiB that the worker has while so many connections stand there.
held() {
	mkfifo "$dir/in" "$dir/out"
	"$builddir/tests/bench/hold" "$at" "$1" "$2" <"$dir/in" >"$dir/out" &
	exec 3>"$dir/in"
	read -r line <"$dir/out"
	[ "$line" = held ] || bail_out "the connections are not held"
	sleep 0.5
	resident=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$process/status")
	exec 3>&-
	rm "$dir/in" "$dir/out"
	sleep 1
}

memory() {
	daemon_setup "$config"
	trap stop_all EXIT
	another held 1000
	read -r at process <"$dir/held.at"
	held 1 idle
	none=$resident
	row "memory: KiB resident, nothing going on" "$none"
	held 200 idle
	row "memory: KiB resident, 200 idle connections" "$resident" '<=' 12288
	held 64 body
	row "memory: KiB for each of 64 connections in mid-message" $(((resident - none) / 64)) '<=' 256
}

config=$(mktemp "${TMPDIR:-/tmp}/postreeve-bench.XXXXXX")
trap 'rm -f "$config" "$config.tcp"' EXIT
profile='profile default { max_connections = 1000 }'
printf 'config\n%s\nend\n' "$profile" >"$config"
printf 'config\nsocket = "inet:@PORT@@127.0.0.1"\n%s\nend\n' "$profile" >"$config.tcp"

table_head "$rounds rounds of $transactions transactions, fewer of what is large; medians"
code=0
(unix_socket) || code=1
(tcp_socket) || code=1
(registry) || code=1
(memory) || code=1
if [ "$(id -u)" -eq 0 ] && command -v postfix >/dev/null; then
	bash "$bench/postfix.sh" "$rounds" "$((transactions / 10))" || code=1
else
	left_out "through Postfix" "needs root, and Postfix"
fi
exit "$code"
