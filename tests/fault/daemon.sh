#!/bin/sh
# kill -9 of the daemon at every stage of a message, and in the middle of each answer: the MTA never
# hears that it may go on, which it tells its client with 4xx, and the next daemon serves. Prints TAP.
set -eu

here=$(cd "$(dirname "$0")/../protocol" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=../protocol/daemon.sh
. "$here/daemon.sh"
# shellcheck disable=SC3045 # as dash and bash have it
ulimit -c 0

daemon_setup /dev/null
cd "$dir"

# until_stage STAGE: what the MTA has said by then.
until_stage() {
	echo 'login alice'
	if [ "$1" = negotiate ]; then
		printf 'open\nnegotiate\n'
		return
	fi
	while read -r stage line; do
		[ "$stage" != eom ] || break
		echo "$line"
		[ "$stage" != "$1" ] || break
	done <<-END
		connect connect
		helo helo client.example
		mail mail <alice@example.com>
		rcpt rcpt <r@example.net>
		data data
		header header From: alice@example.com
		header header Date: Mon, 05 Jan 2026 10:00:00 +0000
		eoh eoh
		body body some text
		eom
	END
}

# next_answer STAGE: the next event behind it that is to be answered.
next_answer() {
	case $1 in
	negotiate | connect | helo) echo 'mail <alice@example.com>' ;;
	mail) echo 'rcpt <r@example.net>' ;;
	*) echo 'eom' ;;
	esac
}

# victims WHO
victims() {
	case $1 in
	worker) daemon_worker ;;
	master) echo "$pid" ;;
	both) echo "$pid $(daemon_worker)" ;;
	esac
}

# The killed one and whoever is left of it are gone; the file of passwords and registry is whole.
buried() {
	for one in $all; do
		tries=0
		while kill -0 "$one" 2>/dev/null; do
			tries=$((tries + 1))
			[ "$tries" -lt 200 ] || { echo "process $one is still there"; return 1; }
			sleep 0.05
		done
	done
	postreeve account list
}

replaced() {
	tries=0
	until "$session" "$socket"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || return 1
		sleep 0.05
	done
}

plays() {
	"$session" "$socket" log killed.session
}

# kills WHO STAGE: between two events. kills WHO STAGE midway: the worker stands still with the event that
# comes behind it, as if it were busy, when it is killed.
kills() {
	rm -f log
	daemon_start
	victim=$(victims "$1")
	all="$pid $(daemon_worker)"
	{
		echo "case $2"
		until_stage "$2"
		if [ $# -gt 2 ]; then
			echo "run kill -STOP $(daemon_worker)"
			echo "run (sleep 0.2; kill -KILL $victim $(daemon_worker)) >/dev/null 2>&1 &"
		else
			echo "run kill -KILL $victim"
			# A worker that has not seen yet that it is alone still judges, and well.
			[ "$1" != master ] ||
				echo "eventually run ! kill -0 $(daemon_worker)"
		fi
		echo "$(next_answer "$2") -> closed"
	} >killed.session
	check "$1 killed ${3-}${3:+ through the answer }behind $2: no answer" plays
	if [ "$1" = worker ]; then
		check 'and another one takes its place' replaced
		daemon_stop
		check 'and the daemon ends well' [ "$status" -eq 0 ]
	else
		wait "$pid" || true
		pid=
	fi 2>/dev/null
	check 'and nothing of it is left' buried
}

for stage in negotiate connect helo mail rcpt data header eoh body; do
	for who in worker master both; do
		kills "$who" "$stage"
	done
done
for stage in helo mail body; do
	kills worker $stage midway
done

daemon_start
cat >whole.session <<'END'
case a whole message
	client alice
	mail <alice@example.com>
	rcpt <r@example.net>
	message -> continue
END
check 'after all of that a message passes' "$session" "$socket" log whole.session
check 'and the files are whole' postreeve check database
number=$((number + 1))
check_end "$number"
echo "1..$number"
