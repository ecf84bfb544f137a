# shellcheck shell=bash disable=SC1090,SC1091,SC2034,SC2154
# What the end-to-end tests share: one private Postfix and one postreeved for each file of tests, TAP
# on standard output. A file says which services and accounts it needs, then: run_tests. One that says
# mta=sendmail before it sources this has a private Sendmail instead.
#
# Each function test_... of the file is one test. It runs in a process of its own, under set -e, so
# that its connections end with it; what it writes is shown when it fails.

set -u
contrib=$(cd "${srcdir:-.}/contrib" && pwd)
. "$contrib/private/${mta:=postfix}.sh"
. "$contrib/private/client.sh"
. "$contrib/private/process.sh"
. "$contrib/private/gate.sh"
. "$contrib/private/auth.sh"
postreeve=${builddir:-.}/db/cli/postreeve
postreeved=${builddir:-.}/milter/postreeved
postreeve_authd=${builddir:-.}/db/authd/postreeve-authd

skip_all ()
{
	echo "1..0 # SKIP $*"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip_all 'these tests start an MTA of their own, which needs root'
groups='run test'
[ "$mta" = postfix ] || groups+=" $mta"
# shellcheck disable=SC2086 # a list of words
missing=$("$contrib/install-packages" --missing $groups) || skip_all "install these packages: $missing"

# Not in $TMPDIR: the path of a socket is short, the MTA's user must pass, and Sendmail trusts nothing
# below a directory that others may write to.
dir=$(mktemp -d /var/lib/postreeve-e2e.XXXXXX)
chmod 0711 "$dir"
gate_pid='' auth_pidfile=''

finish ()
{
	local status=$?
	trap - EXIT
	gate_stop || status=1
	process_kill "$auth_pidfile" || status=1
	mta_stop
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# start_all ACCOUNT...: each may send as ACCOUNT@example.com. start_mta: the same, but the gate does not run
# yet: tests start it with daemon.
start_mta ()
{
	local status=0
	lay_out "$@" >"$dir/setup.log" 2>&1 || status=$?
	[ "$status" -ne 77 ] || skip_all "no packages to unpack: $(tail -n 1 "$dir/setup.log")"
	[ "$status" -eq 0 ] || bail_out
}

start_all ()
{
	start_mta "$@"
	gate_start >>"$dir/setup.log" 2>&1 || bail_out
}

# daemon [CONFIGURATION]: until the end of the test, which fails if the daemon does not end well.
daemon ()
{
	gate_configure "$@"
	gate_start
	trap 'status=$?; hang_up; gate_stop || status=$?; exit $status' EXIT
}

# The gate dies at once, all of its processes: it is a session of its own.
kill_gate ()
{
	kill -KILL -- "-$gate_pid"
	wait "$gate_pid" || :
}

# The daemon waits for transactions that are open.
hang_up ()
{
	local name
	for name in "${!smtp_fd[@]}"; do
		smtp_close "$name"
	done
}

lay_out ()
{
	local account
	mta_make "$dir" && auth_make "$dir" && gate_make "$dir" || return
	for account; do
		gate_account "$account" "$account@example.com" || return
	done
	auth_start && mta_start
}

bail_out ()
{
	echo 'Bail out! The MTA or the gate did not start'
	cat "$dir/setup.log" "$mta_log" "$gate_log" 2>/dev/null | sed 's/^/# /'
	exit 1
}

# ---- what tests say ------------------------------------------------------------------------------

# expect PATTERN: the last reply begins with what matches it ([[ ]], where a parenthesis behind `*' is
# written `\(').
expect ()
{
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $reply == $1* ]] || {
		echo "expected $1"
		echo "got      ${reply:-nothing: the server hung up}"
		return 1
	}
}

# has PATTERN: a line of the last reply matches it (grep -Ex).
has ()
{
	grep -Eqx -- "$1" <<<"$reply"
}

# ask NAME COMMAND PATTERN: sends the command and expects the reply.
ask ()
{
	smtp "$1" "$2" || : # a refusal may be what is expected
	expect "$3"
}

# fails COMMAND...: as `!' would, but seen by set -e.
fails ()
{
	if "$@"; then
		echo "succeeded, and should not: $*"
		return 1
	fi
}

# within SECONDS COMMAND...: until COMMAND succeeds, looking ten times a second.
within ()
{
	local left=$(($1 * 10))
	shift
	until "$@"; do
		[ "$((left -= 1))" -gt 0 ] || {
			echo "still not so: $*"
			return 1
		}
		sleep 0.1
	done
}

# delivered_to SUBJECT: for how many recipients a message with that subject has arrived.
delivered_to ()
{
	grep -lrs "^Subject: $1\$" "$mta_mailbox/new" | wc -l
}

# arrived SUBJECT COUNT: to exactly COUNT.
arrived ()
{
	within 20 eval "[ \"\$(delivered_to '$1')\" -ge '$2' ]"
	[ "$(delivered_to "$1")" -eq "$2" ]
}

# not_delivered SUBJECT
not_delivered ()
{
	[ "$(delivered_to "$1")" -eq 0 ]
}

# all_is_delivered: what offer() noted to be accepted is in the mailbox, a file for each; nothing else is
# there or in Postfix's queue.
all_is_delivered ()
{
	within 20 queue_is_empty
	find "$mta_mailbox/new" -type f -exec sed -sn '0,/^$/s/.* with ESMTPA* id \([^ ;]*\).*/\1/p' {} + |
		sort | diff <(sort "$dir/accepted") -
}

queue_is_empty ()
{
	[ -z "$(find "$mta_queue"/{incoming,active,deferred,hold,corrupt} -type f)" ]
}

# logged PATTERN: the gate has logged a line that matches it (grep -E).
logged ()
{
	within 5 grep -Eq -- "$1" "$gate_log"
}

# lock FILE [PRAGMA]: a writer holds the lock of that database until unlock.
lock ()
{
	mkfifo "$dir/sql"
	sqlite3 "$1" <"$dir/sql" >"$dir/sql.out" &
	lock_pid=$!
	exec {lock_fd}>"$dir/sql"
	printf '%s;\n' 'PRAGMA busy_timeout=5000' "${2-}" 'BEGIN EXCLUSIVE' 'SELECT 42' >&"$lock_fd"
	within 10 grep -qx 42 "$dir/sql.out"
}

unlock ()
{
	echo .quit >&"$lock_fd" # who was started meanwhile may have the end of the pipe, too
	exec {lock_fd}>&-
	wait "$lock_pid"
	rm "$dir/sql"
}

# greet NAME SERVICE ACCOUNT: connected and logged in.
greet ()
{
	smtp_open "$1" "${mta_port[$2]}" && smtp_login "$1" "$3"
}

# login NAME ACCOUNT PASSWORD PATTERN: a new connection, whose login is answered so.
login ()
{
	local smtp_password=$3
	greet "$1" "$service" "$2" || :
	expect "$4"
}

# recipients NAME FROM TO: each is accepted.
recipients ()
{
	local number
	for ((number = $2; number <= $3; number++)); do
		ask "$1" "RCPT TO:<r$number@example.net>" '250 '
	done
}

# offer NAME SENDER RECIPIENT FILE: a whole transaction on an open connection, with that message. What was
# accepted is noted: all_is_delivered.
offer ()
{
	smtp "$1" "MAIL FROM:<$2>" && smtp "$1" "RCPT TO:<$3>" && smtp_data "$1" "$4" || return
	echo "${reply##* }" >>"$dir/accepted"
}

# submit NAME SENDER RECIPIENT SUBJECT: the same with a plain message.
submit ()
{
	smtp_message "$4" >"$dir/message.$BASHPID"
	offer "$1" "$2" "$3" "$dir/message.$BASHPID"
}

# ---- messages of alice's -------------------------------------------------------------------------

from='From: Alice <alice@example.com>'
service=plain # the one that she uses

# message FIELD... ['' LINE...]: lines as they are sent, behind those that every message has.
message ()
{
	printf '%s\r\n' 'To: somebody@example.net' 'Date: Mon, 05 Jan 2026 10:00:00 +0000' \
		'MIME-Version: 1.0' "$@"
}

# alice_sends FILE: on a connection of her own; the reply is in $reply.
alice_sends ()
{
	greet alice $service alice
	offer alice alice@example.com somebody@example.net "$1" || :
	smtp_close alice
}

# gets PATTERN LINE...: a message of these lines gets that reply.
gets ()
{
	local pattern=$1
	shift
	message "$@" >"$dir/message"
	alice_sends "$dir/message"
	expect "$pattern" || {
		printf '  %s\n' 'to:' "$@"
		return 1
	}
}

# ---- the runner ----------------------------------------------------------------------------------

run_tests ()
{
	local number=0 status test
	local -a tests
	mapfile -t tests < <(sed -n 's/^test_\([a-z0-9_]*\) ()$/\1/p' "$0")
	echo "1..$((${#tests[@]} + 1 + ${gate_pid:+1}+0))"
	for test in "${tests[@]}"; do
		(
			set -e
			"test_$test"
		) >"$dir/test.log" 2>&1
		status=$?
		report "$status" $((number += 1)) "$test"
	done
	# A test may have started another one: whichever runs now.
	process_kill "$auth_pidfile" >"$dir/test.log" 2>&1 &&
		! grep -E -A 40 'Sanitizer|runtime error:' "$auth_log" >>"$dir/test.log"
	report $? $((number += 1)) the_daemon_for_logins_stops_and_no_sanitizer_complains
	[ -n "$gate_pid" ] || return 0
	# A sanitizer's findings end here, too: in the exit status, or in a worker that was replaced.
	gate_stop >"$dir/test.log" 2>&1
	status=$?
	! grep -E ': worker [0-9]+ (died|ended)' "$gate_log" >>"$dir/test.log" || status=1
	tail -n 100 "$gate_log" >>"$dir/test.log"
	report "$status" $((number += 1)) the_daemon_stops_with_status_0
}

report ()
{
	local not=
	if [ "$1" -ne 0 ]; then
		not='not '
		sed 's/^/# /' "$dir/test.log"
		tail -n 5 "$gate_log" | sed 's/^/# postreeved: /'
		tail -n 5 "$mta_log" | sed "s/^/# $mta: /"
	fi
	echo "${not}ok $2 - ${3//_/ }"
}
