#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# kill -9 of the gate at every stage of a message, through Postfix: the client gets 4xx, what it was told
# is accepted arrives once, and nothing else does.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
start_mta alice

# What a client says, in its order.
stages=(greeting EHLO AUTH MAIL RCPT DATA half)

# say STAGE
say ()
{
	case $1 in
	greeting) smtp_open k "${mta_port[plain]}" ;;
	EHLO) smtp k 'EHLO client.example.com' ;;
	AUTH) smtp k "AUTH PLAIN $(printf '\0alice\0%s' "$smtp_password" | base64 -w 0)" ;;
	MAIL) smtp k 'MAIL FROM:<alice@example.com>' ;;
	RCPT) smtp k 'RCPT TO:<somebody@example.net>' ;;
	DATA) smtp k DATA ;;
	half) smtp_message "$subject" >&"${smtp_fd[k]}" ;;
	dot) smtp k . ;;
	esac
}

# kill_one WHO: worker, or all. What was alone is gone then.
kill_one ()
{
	local worker
	worker=$(pgrep -P "$gate_pid")
	case $1 in
	worker) kill -KILL "$worker" ;;
	all)
		kill_gate
		gate_pid=
		;;
	esac
	within 10 eval "! kill -0 $worker 2>/dev/null"
}

# rest STAGE: what comes behind it, until a refusal or the end of the message.
rest ()
{
	local stage seen=
	for stage in "${stages[@]}" dot; do
		if [ -n "$seen" ]; then
			say "$stage" || return 0
		fi
		[ "$stage" != "$1" ] || seen=yes
	done
}

# killed WHO STAGE: behind it; the client then gets 4xx, and the message does not arrive.
killed ()
{
	local stage
	subject="killed-$1-$2"
	gate_start
	for stage in "${stages[@]}"; do
		say "$stage"
		[ "$stage" != "$2" ] || break
	done
	kill_one "$1" 2>/dev/null
	rest "$2"
	# A worker that has come meanwhile does not know of this connection.
	expect 4
	smtp_close k
	gate_stop
	within 20 queue_is_empty
	not_delivered "$subject"
}

# Postfix tells the gate of a client with its greeting, so that it has a gate at each stage.
test_the_worker_is_killed_at_each_stage ()
{
	local stage
	for stage in "${stages[@]}"; do
		echo "behind $stage"
		killed worker "$stage"
	done
}

test_the_whole_daemon_is_killed_at_each_stage ()
{
	local stage
	for stage in "${stages[@]}"; do
		echo "behind $stage"
		killed all "$stage"
	done
}

# Its answer is on its way, or not: either way the client knows what became of the message.
test_what_was_accepted_when_it_was_killed_arrives_once_and_the_rest_does_not ()
{
	local number accepted=0
	for number in {1..12}; do
		gate_start
		greet k plain alice
		smtp k 'MAIL FROM:<alice@example.com>'
		smtp k 'RCPT TO:<somebody@example.net>'
		smtp k DATA
		smtp_message "race-$number" >&"${smtp_fd[k]}"
		smtp_send k .
		sleep "0.00$number"
		kill_one all 2>/dev/null
		smtp_reply k || expect 4
		smtp_close k
		if [[ $reply == 2* ]]; then
			accepted=$((accepted + 1))
			arrived "race-$number" 1
		else
			within 20 queue_is_empty
			not_delivered "race-$number"
		fi
	done
	echo "$accepted of 12 were accepted"
}

test_after_all_of_that_mail_goes_on ()
{
	gate_start
	greet k plain alice
	submit k alice@example.com somebody@example.net afterwards
	expect '250 '
	arrived afterwards 1
	gate_stop
}

run_tests
