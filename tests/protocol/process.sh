#!/bin/sh
# The master and its worker: who dies is replaced or followed; the end waits for open transactions.
# (What SIGHUP does to the rules: reload.session.)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"
# shellcheck source-path=SCRIPTDIR source=sandboxed.sh
. "$here/sandboxed.sh"
# shellcheck disable=SC3045 # as dash and bash have it
ulimit -c 0

printf 'config\nprofile default { max_connections = 100 }\nend\n' >"${TMPDIR:-/tmp}/process.$$"
daemon_setup "${TMPDIR:-/tmp}/process.$$"
rm "${TMPDIR:-/tmp}/process.$$"
cd "$dir"
path=$dir/run/milter.sock

# within SECONDS COMMAND...: until the command succeeds.
within() {
	left=$(($1 * 20))
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "still not so: $*"; return 1; }
		sleep 0.05
	done
}

logged() {
	grep -Eq -- "$1" log
}

answers() {
	"$session" "$socket"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

# is_replaced PID HOW: by another worker that answers on the same socket.
is_replaced() {
	within 5 logged "worker $1 $2: another one is started" && within 5 answers &&
		[ "$(stat -c '%i %U:%G %a' "$path")" = "$place" ] && is_gone "$1" &&
		[ -n "$(daemon_worker)" ]
}

# plays NAME: the session script on standard input, all of its cases.
plays() {
	cat >"$1.session"
	"$session" "$socket" log "$1.session"
}

# ended STATUS SECONDS: the daemon, told to end, does so in time.
ended() {
	begun=$(date +%s)
	daemon_wait
	took=$(($(date +%s) - begun))
	echo "exit status $status after $took s"
	[ "$status" -eq "$1" ] && [ "$took" -le "$2" ] && [ ! -e "$path" ]
}

# ---- deaths --------------------------------------------------------------------------------------

daemon_start
place=$(stat -c '%i %U:%G %a' "$path")
worker=$(daemon_worker)
check 'the master is in a sandbox, and all threads of the worker are' is_sandboxed "$pid" "$worker"
kill -KILL "$worker"
check 'a worker that is killed is replaced at once' is_replaced "$worker" 'died of signal 9 [(]Killed[)]'
worker=$(daemon_worker)
kill -ABRT "$worker"
check 'one that aborts soon after that, too' is_replaced "$worker" 'died of signal 6 [(]Aborted[)]'
check 'and is in a sandbox' is_sandboxed "$(daemon_worker)"
check 'but later' logged 'another one is started in 1 s'

worker=$(daemon_worker)
for signal in HUP TERM INT; do kill -$signal "$worker"; done
sleep 0.5
check 'signals for the master do nothing to the worker' kill -0 "$worker"
check 'and it answers' answers

cp "$CONF" good
echo 'nonsense' >>"$CONF"
kill -KILL "$worker"
check 'with a bad configuration a new worker goes on with the last good one' \
	within 10 logged 'configuration is not reloaded, the old one stays in force: .*postreeve.conf:'
check 'and answers' within 5 answers
sed 's/max_connections = 100/max_connections = 100 max_recipients = 1/' good >"$CONF"
kill -HUP "$pid"
worker=$(daemon_worker)
check 'a good one is put into force' within 5 logged "[[]$worker[]]: configuration is reloaded"
echo 'nonsense' >>"$CONF"
kill -HUP "$pid"
kill -KILL "$worker"
check 'a worker is replaced after that' within 20 logged "worker $worker died of signal 9"
check 'and answers' within 20 answers
check 'that is the last good one, and not that of the start' plays last_good <<'END'
case one recipient
	client alice
	mail <alice@example.com>
	rcpt <r@example.net> -> continue
	rcpt <s@example.net> -> 452 *the limit is 1*
END
cp good "$CONF"

# Its own socket does not make it another gate.
second_daemon() {
	sed "s|milter.sock|second.sock|" good >second
	got=0
	"$daemon" -f -c "$dir/second" 2>err || got=$?
	cat err
	[ "$got" -eq 75 ] && [ ! -e run/second.sock ] &&
		grep -q '^postreeved: .*/db/: another postreeved keeps its counts here' err
}
check 'a second daemon on the same registry: 75, and why' second_daemon

worker=$(daemon_worker)
kill -KILL "$pid"
wait "$pid" 2>out || true
pid=
check 'when the master is killed, the worker goes' within 5 is_gone "$worker"
check 'and says why' logged 'the master process is gone'

rm -f log
daemon_start
check 'and the next daemon takes its place' answers
rm "$path"
kill -KILL "$(daemon_worker)"
check 'without its socket the daemon ends, and says so' ended 70 5
check 'in the log' logged 'worker [0-9]* died of signal 9 [(]Killed[)]: the socket is gone'

# ---- SIGTERM -------------------------------------------------------------------------------------

daemon_start
check 'told to stop in the middle of messages, the daemon finishes them and begins no other' plays drain <<'END'
case the messages and the others
	on B
	client bob
	on D
	client alice
	mail <alice@example.com>
	on A
	client alice
	mail <alice@example.com>
	rcpt <r@example.net>
	data
	header Date: Mon, 05 Jan 2026 10:00:00 +0000
	header From: alice@example.com
	run kill -TERM "$pid"
	eventually run grep 'stopping: 2 transactions are open' log
	on C
	open
	negotiate -> closed
	on D
	rcpt <r@example.net> -> continue
	message -> continue
	abort
	mail <alice@example.com> -> 451 4.3.0 *[unavailable]
	on B
	mail <bob@example.com> -> 451 4.3.0 *[unavailable]
	on A
	eoh
	body some text
	eom -> continue
	eventually closed
END
check 'and then ends with exit status 0' ended 0 2
check 'both messages have passed' [ "$(grep -c ' pass account=alice ' log)" -eq 2 ]
check 'a MAIL of meanwhile says why it was refused' logged ' tempfail rule=unavailable stage=mail account=bob .*cause="the gate is stopping"'
check 'nothing was cut off' logged ': stopped$'

daemon_start
check 'what does not end is waited for, until a second SIGTERM' plays stuck <<'END'
case a client that stalls
	client alice
	mail <alice@example.com>
	rcpt <r@example.net>
	run kill -TERM "$pid"
	run sleep 2
	run kill -0 "$pid"
	rcpt <s@example.net> -> continue
	run kill -TERM "$pid"
	eventually closed
END
check 'which ends it at once, with exit status 0' ended 0 2
check 'and says what was cut off' logged 'stopped: 1 open transactions were cut off'

daemon_start
kill -STOP "$(daemon_worker)"
kill -TERM "$pid"
sleep 0.2
kill -TERM "$pid"
check 'a worker that does not listen is killed' ended 70 10
check 'in the log' logged 'worker [0-9]* does not end: it is killed'

# ---- SIGHUP under load ---------------------------------------------------------------------------

daemon_start
cp "$CONF" many
sed 's/max_connections = 100/max_connections = 90 max_recipients = 5/' "$CONF" >few
cat >busy.session <<'END'
case each answer is the one that it would be alone
	repeat 40 client alice; mail <bob@example.com> -> 553 *; mail <alice@example.com> -> continue; rcpt <r@example.net> -> continue; message 3000 -> continue; quit
END
players=""
for n in $(seq 16); do
	"$session" "$socket" log busy.session >"tap.$n" &
	players="$players $!"
done
for n in $(seq 40); do
	for file in few many; do
		cp "$file" next
		mv next "$CONF"
		kill -HUP "$pid"
		sleep 0.01
	done
done
lost=0
for player in $players; do
	wait "$player" || lost=$((lost + 1))
done
none_is_lost() {
	cat tap.*
	[ "$lost" -eq 0 ]
}
check '80 times SIGHUP under 16 busy connections: every answer is right' none_is_lost
passed=$(grep -c ' pass account=alice ' log || true)
check 'and every message is in the log once' [ "$passed" -eq 640 ]
check 'the configuration was reloaded meanwhile' [ "$(grep -c 'configuration is reloaded' log)" -gt 20 ]
number=$((number + 1))
check_end "$number"
echo "1..$number"
