#!/bin/sh
# Measures postreeved beside a milter that does nothing and one that answers only what a policy
# milter must. README beside this file says how to read the table.
#   bench.sh [ROUNDS [TRANSACTIONS [CLIENTS]]]
set -eu

rounds=${1:-5} transactions=${2:-2000} clients=${3:-2}
here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
here=$here/../protocol
# shellcheck source-path=SCRIPTDIR source=../protocol/daemon.sh
. "$here/daemon.sh"

# Prints the median of the numbers in column $2 of file $1.
median() {
	awk -v column="$2" '{ print $column }' "$1" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

others=""
# shellcheck disable=SC2086,SC2317
stop_all() {
	if [ -n "$others" ]; then
		kill -KILL $others || true
		wait $others || true
	fi 2>/dev/null
	cleanup
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
	waited=0
	until "$session" "$at"; do
		[ "$waited" -lt 100 ] || bail_out "the milter $1 does not answer at $at"
		waited=$((waited + 1))
		sleep 0.1
	done
}

# measure TITLE MOST-ROUND-TRIPS FILE-WITH-CONFIGURATION small|large TRANSACTIONS
measure() {
	daemon_setup "$3"
	trap stop_all EXIT
	daemon_start
	echo "$socket $(daemon_worker)" >"$dir/postreeved.at"
	start_reference null 1
	start_reference floor 2

	round=0
	while [ "$round" -le "$rounds" ]; do
		for name in null floor postreeved; do
			read -r at process <"$dir/$name.at"
			"$builddir/tests/bench/load" "$at" "$process" "$clients" "$5" "$4" >"$dir/line"
			# The first round warms up.
			[ "$round" -eq 0 ] || cat "$dir/line" >>"$dir/$name.runs"
		done
		round=$((round + 1))
	done

	for name in null floor postreeved; do
		printf '%s' "$name"
		for column in 1 2 3 4 5; do
			printf ' %s' "$(median "$dir/$name.runs" "$column")"
		done
		echo
	done >"$dir/medians"
	awk -v title="$1" '
		{ name[NR] = $1; for (i = 2; i <= 6; i++) v[NR, i] = $i }
		END {
			printf "\n%s\n%-11s %7s %7s %8s  %21s  %21s  %6s %7s\n", title, "", "", "", "CPU us/",
				"---- ratio to null --", "---- ratio to floor -", "round", ""
			printf "%-11s %7s %7s %8s  %6s %6s %7s  %6s %6s %7s  %6s %7s\n", "milter", "trans/s",
				"p50 us", "trans", "t/s", "p50", "CPU", "t/s", "p50", "CPU", "trips", "packets"
			for (n = 1; n <= NR; n++)
				printf "%-11s %7d %7.1f %8.2f  %6.2f %6.2f %7.2f  %6.2f %6.2f %7.2f  %6d %7d\n",
					name[n], v[n, 2], v[n, 3], v[n, 4],
					v[n, 2] / v[1, 2], v[n, 3] / v[1, 3], v[n, 4] / v[1, 4],
					v[n, 2] / v[2, 2], v[n, 3] / v[2, 3], v[n, 4] / v[2, 4], v[n, 5], v[n, 6]
		}' "$dir/medians"
	trips=$(awk '$1 == "postreeved" { print $5 }' "$dir/medians")
	if [ "$trips" -gt "$2" ]; then
		echo "postreeved takes $trips round trips, and should take at most $2"
		return 1
	fi
}

config=$(mktemp "${TMPDIR:-/tmp}/postreeve-bench.XXXXXX")
trap 'rm -f "$config"' EXIT
printf 'config\nsocket = "inet:@PORT@@127.0.0.1"\nend\n' >"$config"

echo "$clients clients at once, $rounds rounds of $transactions transactions each, medians"
code=0
(measure "Small messages, UNIX-domain socket" 4 /dev/null small "$transactions") || code=1
(measure "Small messages, TCP socket" 5 "$config" small "$transactions") || code=1
large=$((transactions / 20 + 1))
(measure "$large large messages, UNIX-domain socket" 4 /dev/null large "$large") || code=1
exit "$code"
