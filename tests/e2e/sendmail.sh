#!/bin/bash
# shellcheck disable=SC1091,SC2119,SC2034,SC2154
# The gate and postreeve-authd beside Sendmail.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
mta=sendmail
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service submission submission
mta_service plain 2525
# Long enough for what the other tests do between two commands.
idle=10
mta_settings="define(\`confTO_COMMAND', \`${idle}s')dnl"
start_mta alice bob carol
gate_account dave+x=1 dave@example.com
smtp_password=hers gate_account alice@example.org sales@example.org

test_it_announces_what_the_provider_does_and_starttls_on_submission_alone ()
{
	daemon
	for service in submission plain; do
		smtp_open $service "${mta_port[$service]}"
		smtp $service 'EHLO client.example.com'
		has '250-AUTH LOGIN PLAIN'
		has '250-SIZE 8388608'
	done
	fails has '250[- ]STARTTLS'
	ask plain STARTTLS '503 '
	smtp submission 'EHLO client.example.com'
	has '250[- ]STARTTLS'
	swaks --server "127.0.0.1:${mta_port[submission]}" --tls --ehlo client.example.com --auth LOGIN \
		--auth-user bob --auth-password "$smtp_password" --from bob@example.com --to alice@example.net \
		--header 'Subject: over-tls'
	arrived over-tls 1
}

test_before_a_login_there_is_no_transaction ()
{
	daemon
	smtp_open a "${mta_port[plain]}"
	ask a 'MAIL FROM:<alice@example.com>' '503 '
	ask a 'EHLO client.example.com' '250'
	ask a 'MAIL FROM:<alice@example.com>' '530 5.7.0 *\[auth_required]'
	ask a 'RCPT TO:<bob@example.net>' '503 '
	ask a DATA '503 '
	ask a 'AUTH CRAM-MD5' '504 '
}

test_who_logs_in_sends_as_itself_alone ()
{
	daemon
	login a alice secret '235 '
	ask a 'MAIL FROM:<bob@example.com>' '553 5.7.1 *\[sender_registered]'
	submit a alice@example.com bob@example.net own
	arrived own 1
	login b alice wrong '535 '
	ask b 'MAIL FROM:<alice@example.com>' '530 '
	"$postreeve" -c "$gate_etc" account suspend alice --reason test
	login c alice secret '535 '
	ask a 'MAIL FROM:<alice@example.com>' '525 5.7.13 *\[account_active]'
	"$postreeve" -c "$gate_etc" account resume alice
}

# Sendmail reports it as xtext.
test_a_login_with_signs_in_it_is_the_account_of_that_name ()
{
	daemon
	login d dave+x=1 secret '235 '
	ask d 'MAIL FROM:<alice@example.com>' '553 5.7.1 '
	logged 'reject rule=sender_registered stage=mail account=dave.x=1 sender=<alice@example.com> '
	ask d 'MAIL FROM:<dave@example.com>' '250 '
}

test_one_account_does_not_get_in_as_another_in_a_realm ()
{
	daemon
	login a alice@example.org secret '535 '
	login b alice@example.org hers '235 '
	ask b 'MAIL FROM:<alice@example.com>' '553 5.7.1 '
	ask b 'MAIL FROM:<sales@example.org>' '250 '
}

test_while_the_gate_is_dead_nothing_passes_and_then_mail_flows ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	kill_gate
	ask a 'RCPT TO:<bob@example.net>' '451 4.'
	ask a RSET '250 '
	fails submit a alice@example.com bob@example.net dead
	expect '451 4.'
	fails greet b plain bob
	expect '454 4.'
	fails submit b bob@example.com bob@example.net dead
	expect '451 4.'
	gate_start
	greet c plain alice
	submit c alice@example.com bob@example.net alive
	arrived alive 1
	not_delivered dead
}

# 535 is a lie that postreeve-authd(8) owns up to.
test_while_no_login_can_be_judged_nobody_gets_in_and_then_they_do ()
{
	daemon
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	smtp_send a "AUTH PLAIN $(printf '\0alice\0wrong' | base64)"
	sleep 0.5 # it takes two seconds
	kill -KILL "$(cat "$auth_pidfile")"
	smtp_reply a || :
	expect '535 '
	login b alice secret '535 '
	ask b 'MAIL FROM:<alice@example.com>' '530 '
	hang_up # it would inherit the connections, and keep them open
	auth_start
	login c alice secret '235 '
	ask c 'MAIL FROM:<alice@example.com>' '250 '
}

test_the_101st_recipient_gets_452_and_none_of_before_rset_counts ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	recipients a 1 60
	ask a RSET '250 '
	ask a 'RCPT TO:<bob@example.net>' '503 '
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	recipients a 101 200
	ask a 'RCPT TO:<r201@example.net>' '452 4.5.3 *number 101 *limit is 100 \[max_recipients]'
}

test_what_is_too_big_gets_552 ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com> SIZE=8388609' '552 5.2.3 '
	smtp_message big 8388609 >"$dir/big"
	ask a 'MAIL FROM:<alice@example.com> SIZE=1' '250 '
	ask a 'RCPT TO:<bob@example.net>' '250 '
	fails smtp_data a "$dir/big"
	expect '552 '
	smtp_film big 4194305 >"$dir/big"
	fails offer a alice@example.com bob@example.net "$dir/big"
	expect '552 5.3.4 *film.mp4): 4194305 octets, the limit is 4194304 \[max_attachment_size]'
	not_delivered big
}

test_the_eleventh_connection_of_an_account_gets_421_and_no_other_account_does ()
{
	local number
	daemon
	for number in {1..10}; do
		greet "c$number" plain carol
		ask "c$number" 'MAIL FROM:<carol@example.com>' '250 '
	done
	greet c11 plain carol
	ask c11 'MAIL FROM:<carol@example.com>' '421 4.7.0 *number 11 *limit is 10*\[max_connections]'
	fails smtp c11 NOOP # 421 hangs up
	greet b plain bob
	ask b 'MAIL FROM:<bob@example.com>' '250 '
}

test_noop_help_and_quit ()
{
	daemon
	greet a plain alice
	ask a NOOP '250 '
	ask a HELP '214-'
	ask a QUIT '221 '
	fails smtp a NOOP
}

# Without a word.
test_who_is_idle_is_cut_off ()
{
	local began
	daemon
	greet a plain alice
	began=$EPOCHSECONDS
	fails smtp_reply a
	[[ ! $reply ]]
	[ $((EPOCHSECONDS - began)) -ge $((idle - 1)) ] && [ $((EPOCHSECONDS - began)) -le $((idle + 3)) ]
}

run_tests
