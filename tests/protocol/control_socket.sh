#!/bin/sh
# The control socket, and `postreeve status' at it: whose it is, what may stand in its way, and
# readers and writers that do not behave.
# shellcheck disable=SC2016,SC2317 # jq's dollars; functions that check calls
set -u

here=$(cd "$(dirname "$0")" && pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"
# shellcheck source-path=SCRIPTDIR source=../unit/tap.sh
. "$srcdir/tests/unit/tap.sh"

daemon_setup /dev/null
control=$dir/db/control.sock
err=$dir/err

# fails CODE PATTERN ARGUMENT...: `postreeve status' ends so, with one line that has the pattern.
fails() {
	code=$1 pattern=$2
	shift 2
	got=0
	timeout 20 postreeve "$@" >"$dir/out" 2>"$err" || got=$?
	cat "$err"
	[ "$got" -eq "$code" ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$err")" -eq 1 ] &&
		grep -q "^postreeve: .*$pattern" "$err"
}

# The whole of the exposition format that we write, and that names, types and buckets agree.
is_prometheus() {
	postreeve status --prometheus "$@" >"$dir/metrics" || return
	[ "$(tail -c 1 "$dir/metrics" | wc -l)" -eq 1 ] && awk '
		function fail(why) { print "line " NR ": " why ": " $0; bad = 1; exit 1 }
		/^# HELP postreeve_[a-z_]+ [A-Z].*\.$/ {
			if ($3 in help) fail("a second HELP")
			help[$3] = 1
			next
		}
		/^# TYPE postreeve_[a-z_]+ (counter|gauge|histogram)$/ {
			if (!($3 in help) || $3 in type) fail("TYPE without HELP, or again")
			type[$3] = $4
			current = $3
			if (($4 == "counter") != ($3 ~ /_total$/)) fail("only counters are _total")
			next
		}
		/^postreeve_[a-z_]+(\{[a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [0-9]+(\.[0-9]+)?(e[-+][0-9]+)?$/ {
			name = $0
			sub(/[{ ].*/, "", name)
			series = $0
			sub(/ [^ ]*$/, "", series)
			if (series in seen) fail("the same series again")
			seen[series] = 1
			base = name
			if (type[current] == "histogram") sub(/_(bucket|sum|count)$/, "", base)
			if (base != current) fail("not of the family " current)
			if (name ~ /_bucket$/) {
				if (series !~ /,le="([0-9.e-]+|[+]Inf)"}$/) fail("no le")
				if (series !~ /stage="mail",le="5e-05"/ && $2 + 0 < last && series !~ /le="5e-05"/)
					fail("buckets do not add up")
				last = $2 + 0
			}
			if (name ~ /_count$/ && $2 + 0 != last) fail("count is not the last bucket")
			samples++
			next
		}
		{ fail("no line of the format") }
		END { if (bad || samples < 20) exit 1 }
	' "$dir/metrics"
}

mode_is_0660() {
	[ "$(stat -c %a "$control")" = 660 ] && [ "$(stat -c %U "$control")" = "$user" ]
}

# A daemon that is stopped at the root: nothing it held is put away.
daemon_kill() {
	worker=$(daemon_worker)
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	pid=
	waited=0
	while kill -0 "$worker" 2>/dev/null && [ "$waited" -lt 200 ]; do # it sees it, and ends
		waited=$((waited + 1))
		sleep 0.05
	done
}

# eventually JQ-FILTER: whether that becomes true of the status, within 10 s.
eventually() {
	waited=0
	until "$cli" -d "$DATABASE" status --json | jq -e "$1" >/dev/null; do
		[ "$waited" -lt 100 ] || { "$cli" -d "$DATABASE" status --json; return 1; }
		waited=$((waited + 1))
		sleep 0.1
	done
}

# With -d: the file cannot be read by the command either.
reload_is_told() {
	cp "$CONF" "$dir/good.conf"
	echo 'log_format = xml' >>"$CONF"
	kill -HUP "$pid"
	eventually '.configuration.error | . != null and contains("log_format")' &&
		"$cli" -d "$DATABASE" status | grep '^not reloaded .*log_format' &&
		"$cli" -d "$DATABASE" status --prometheus | grep -x 'postreeve_configuration_ok 0' || return
	cp "$dir/good.conf" "$CONF"
	kill -HUP "$pid"
	eventually '.configuration.error == null'
}

# The socket is bound to the process.
socket_stays() {
	echo "control_socket = \"$dir/db/other.sock\"" >>"$CONF"
	kill -HUP "$pid"
	waited=0
	until grep -q 'as before until a restart: control_socket$' "$dir/log" || [ "$waited" -ge 100 ]; do
		waited=$((waited + 1))
		sleep 0.1
	done
	cp "$dir/good.conf" "$CONF"
	[ "$waited" -lt 100 ] && [ ! -e "$dir/db/other.sock" ] && eventually '.pid > 1'
}

# Whether it serves mail, and says why there is no status.
serves_without() {
	"$session" "$socket" && grep -q "there is no control socket.*$1" "$dir/log" &&
		fails 69 'postreeved does not run' status
}

# Talks to $control with a program of its own.
talk() {
	python3 -c "
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
$1" "$control" 2>&1
}

busy_readers_hold_nobody_up() {
	talk '
s.connect(sys.argv[1])
others = [socket.socket(socket.AF_UNIX) for i in range(5)]
for o in others: o.connect(sys.argv[1])
t = socket.socket(socket.AF_UNIX); t.connect(sys.argv[1])
n = 0
while True:
    got = t.recv(65536)
    if not got: break
    n += len(got)
sys.exit(n < 100)'
}

# stand_in ANSWER: somebody else at the socket; the command is run meanwhile.
stand_in() {
	rm -f "$control"
	talk "
s.bind(sys.argv[1]); s.listen(1)
import os; os.chmod(sys.argv[1], 0o666)
c, _ = s.accept()
$1
" &
	stand_in=$!
	waited=0
	until [ -S "$control" ] || [ "$waited" -ge 100 ]; do
		waited=$((waited + 1))
		sleep 0.05
	done
	shift
	"$@"
	result=$?
	kill "$stand_in" 2>/dev/null
	wait "$stand_in" 2>/dev/null
	rm -f "$control"
	return "$result"
}

check 'a daemon that was never started: 69' fails 69 'postreeved does not run' status
umask 0
daemon_start
check 'the socket is for owner and group, whatever the umask' mode_is_0660
umask 022
check 'a text for people' sh -c "postreeve status | grep -q '^version *[0-9]'"
check 'with -d, the socket is beside that database' \
	sh -c "'$cli' -d '$DATABASE' status | grep -q '^version'"
check 'metrics in the format of Prometheus' is_prometheus
check 'and with accounts' is_prometheus --accounts
check '--json and --prometheus: 64' fails 64 'choose one' status --json --prometheus
check '--shadow is not for it: 64' fails 64 'not for this command' status --shadow
if command -v python3 >/dev/null; then
	check 'readers that do not read hold nobody up' busy_readers_hold_nobody_up
else
	check 'SKIP there is no python3' true
fi
if command -v jq >/dev/null; then
	check 'a configuration that is not loaded is told' reload_is_told
	check 'another control socket waits for a restart' socket_stays
else
	check 'SKIP there is no jq' true
	check 'SKIP there is no jq, nor for this' true
fi
daemon_kill
check 'a daemon that was killed leaves a socket: 69' fails 69 'postreeved does not run' status
daemon_start
check 'and the next one takes its place' sh -c 'postreeve status --json | grep -q version'
daemon_kill

rm "$control"
echo precious >"$control"
[ "$(id -u)" -ne 0 ] || chown "$user" "$control"
daemon_start
check 'something else in the place of the socket: mail goes on' serves_without 'no socket stands there'
check 'and it is left alone' grep -q precious "$control"
daemon_kill
rm "$control"

cp "$CONF" "$dir/good.conf"
long=$dir/db/$(printf '%0100d' 0)
mkdir "$long"
[ "$(id -u)" -ne 0 ] || chown "$user" "$long"
sed "s|^database.*|database = \"$long/reg\"|" "$dir/good.conf" >"$CONF"
"$cli" -c "$CONF" init >"$dir/out"
daemon_start
check 'a directory whose path is too long for a socket: mail goes on' \
	sh -c "'$session' '$socket' && grep -q 'control socket.*too long' '$dir/log'"
check 'and the command says what to set: 78' fails 78 'set .control_socket' status
daemon_kill
cp "$dir/good.conf" "$CONF"

if command -v python3 >/dev/null; then
	check 'somebody else answers there: 69' \
		stand_in 'c.send(b"nonsense"); c.close()' fails 69 'is not postreeved' status
	check 'half an answer: 69' \
		stand_in 'c.send(b"{\"version\": "); c.close()' fails 69 'is not postreeved' status
	check 'an answer without end: 69' \
		stand_in 'while True: c.send(b"x" * 65536)' fails 69 'is not postreeved' status
	check 'no answer: 75, after 5 seconds' \
		stand_in 'c.settimeout(30); c.recv(1)' fails 75 'within 5 seconds' status
	check 'an empty object is shown all the same' \
		stand_in 'c.send(b"{}"); c.close()' postreeve status
	cat >"$dir/odd.json" <<'END'
{"version": "1", "pid": 1, "uptime": 90061, "started": "yesterday", "stopping": true,
 "configuration": {"file": "f", "loaded": "2026-01-05T10:00:00Zulu", "error": "e"},
 "registry": {"ok": false, "failures": 1, "last_error": "x", "last_error_time": "2026-01-05T10:00:00Z"},
 "connections": {"total": 2, "accounts": 2, "top": [
  {"account": "a\"b\\c", "connections": 1}, {"account": "caf\u00e9", "connections": 2},
  {"account": "x\u001by", "connections": 3}, {"connections": "many"}, 7]},
 "verdicts": [{"outcome": "pass", "rule": null, "stage": "eom", "count": 5}, null],
 "latency": [{"stage": "mail", "count": 0, "sum": 0, "buckets": []},
  {"stage": "rcpt", "count": 4, "sum": 0.0004, "buckets": [{"le": 0.00005, "count": 1}, {"le": 0.5, "count": 4}]},
  {"stage": "eom", "count": 4, "sum": 9, "buckets": [{"le": 0.5, "count": 1}]}]}
END
	odd_status() {
		postreeve status "$@" >"$dir/out" 2>"$err" && cat "$dir/out" "$err" && [ ! -s "$err" ]
	}
	odd_metrics() {
		odd_status --prometheus --accounts &&
			grep -Fx 'postreeve_account_connections{account="a\"b\\c"} 1' "$dir/out" &&
			grep -Fx 'postreeve_account_connections{account="x%1by"} 3' "$dir/out" &&
			grep -Fx 'postreeve_account_connections{account="-"} 0' "$dir/out" &&
			grep -Fx 'postreeve_verdicts_total{outcome="pass",rule="",stage="eom"} 5' "$dir/out" &&
			grep -Fx 'postreeve_start_time_seconds 0' "$dir/out" &&
			grep -Fx 'postreeve_configuration_load_time_seconds 0' "$dir/out" &&
			grep -Fx 'postreeve_configuration_ok 0' "$dir/out" &&
			grep -Fx 'postreeve_registry_up 0' "$dir/out"
	}
	odd_text() {
		odd_status && grep 'process 1, stopping' "$dir/out" && grep '1 days 01:01:01 ago' "$dir/out" &&
			grep '^registry  *cannot be read' "$dir/out" && grep '^rcpt .*100 us .*500 ms' "$dir/out" &&
			grep '^eom .*more$' "$dir/out" && ! grep '^mail ' "$dir/out" && ! grep -q "$(printf '\033')" "$dir/out"
	}
	for shape in metrics text; do
		check "one of another version, as $shape" \
			stand_in "c.send(open('$dir/odd.json', 'rb').read()); c.close()" "odd_$shape"
	done
	refused() {
		rm -f "$control"
		talk 's.bind(sys.argv[1])' && chmod 600 "$control" && chown root "$control" &&
			setpriv --reuid="$user" --clear-groups "$cli" -d "$DATABASE" status >"$dir/out" 2>"$err"
		got=$?
		cat "$err"
		rm -f "$control"
		[ "$got" -eq 77 ] && grep -q 'run this as root or as the daemon' "$err"
	}
	if [ "$(id -u)" -eq 0 ]; then
		check 'a socket that one may not use: 77' refused
	else
		check 'SKIP not root' true
	fi
else
	for skipped in 1 2 3 4 5 6 7 8; do
		check "SKIP there is no python3 ($skipped)" true
	done
fi
daemon_start
check 'after all this it serves, and answers' sh -c 'postreeve status --json | grep -q version'
check_end $((n + 1))
echo "1..$((n + 1))"
