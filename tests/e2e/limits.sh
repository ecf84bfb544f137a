#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Connections, recipients and sizes, counted for each account through Postfix.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
# Here Postfix itself would let more pass, so that it is the gate that answers.
mta_service wide 2525 message_size_limit=20000000
mta_service hasty 2525 smtpd_timeout=2s
start_all alice bob carol dave erin frank grace

test_the_eleventh_connection_of_an_account_gets_421_and_no_other_account_does ()
{
	local number
	for number in {1..10}; do
		greet "alice$number" plain alice
		ask "alice$number" 'MAIL FROM:<alice@example.com>' '250 '
	done
	greet alice11 plain alice
	ask alice11 'MAIL FROM:<alice@example.com>' \
		'421 4.7.0 *number 11 *limit is 10*\[max_connections]'
	fails smtp alice11 NOOP # 421 hangs up
	greet bob plain bob
	submit bob bob@example.com carol@example.net eleven
	arrived eleven 1
	logged 'reject .*rule=max_connections .*account=alice .*value=11 limit=10'

	smtp_close alice1
	within 10 alice_is_let_in
}

alice_is_let_in ()
{
	greet again plain alice && smtp again 'MAIL FROM:<alice@example.com>'
}

test_what_did_not_log_in_or_send_is_no_connection_of_the_account ()
{
	local number
	for number in {1..10}; do
		greet "idle$number" plain grace
	done
	greet eleventh plain grace
	ask eleventh 'MAIL FROM:<grace@example.com>' '250 '
}

test_a_hundred_recipients_pass_and_the_next_gets_452_and_the_hundred_get_the_message ()
{
	greet c plain carol
	ask c 'MAIL FROM:<carol@example.com>' '250 '
	recipients c 1 100
	ask c 'RCPT TO:<r101@example.net>' '452 4.5.3 *number 101 *limit is 100 \[max_recipients]'
	smtp_message hundred >"$dir/hundred"
	smtp_data c "$dir/hundred"
	arrived hundred 100
	logged 'reject .*rule=max_recipients .*account=carol .*value=101 limit=100'
}

test_duplicate_recipients_each_count ()
{
	local number
	greet c plain carol
	ask c 'MAIL FROM:<carol@example.com>' '250 '
	for number in {1..100}; do
		ask c 'RCPT TO:<same@example.net>' '250 '
	done
	ask c 'RCPT TO:<same@example.net>' '452 4.5.3 *\[max_recipients]'
}

test_recipients_that_postfix_refuses_do_not_count ()
{
	local number
	greet c plain carol
	ask c 'MAIL FROM:<carol@example.com>' '250 '
	recipients c 1 99
	for number in {1..5}; do
		ask c 'RCPT TO:<nobody@example.net>' '550 5.1.1 '
		ask c 'RCPT TO:<@@example.net>' '501 5.1.3 '
	done
	recipients c 100 100
	ask c 'RCPT TO:<r101@example.net>' '452 4.5.3 *\[max_recipients]'
}

test_nothing_counts_after_rset_or_in_the_next_transaction ()
{
	greet d plain dave
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	recipients d 1 100
	ask d RSET '250 '
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	recipients d 1 100
	smtp_message after-rset >"$dir/after-rset"
	smtp_data d "$dir/after-rset"
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	recipients d 1 100
	ask d 'RCPT TO:<r101@example.net>' '452 4.5.3 *\[max_recipients]'
	arrived after-rset 100
}

test_a_declared_size_over_the_limit_gets_552_at_mail ()
{
	greet e plain erin
	ask e 'MAIL FROM:<erin@example.com> SIZE=8388609' '552 5.3.4 '
	ask e 'MAIL FROM:<erin@example.com> SIZE=8388608' '250 '
}

test_the_gate_itself_refuses_a_declared_size_where_postfix_allows_more ()
{
	greet e wide erin
	ask e 'MAIL FROM:<erin@example.com> SIZE=8388609' \
		'552 5.3.4 *8388609 octets, the limit is 8388608 \[max_message_size]'
	ask e 'MAIL FROM:<erin@example.com> SIZE=8388608' '250 '
	logged 'reject .*rule=max_message_size .*account=erin .*value=8388609 limit=8388608'
}

test_a_declared_size_beyond_all_numbers_is_refused ()
{
	greet e wide erin
	ask e 'MAIL FROM:<erin@example.com> SIZE=4294967297' '552 5.3.4 '
	ask e 'MAIL FROM:<erin@example.com> SIZE=18446744073709551617' '552 5.3.4 '
	ask e 'MAIL FROM:<erin@example.com> SIZE=-1' '501 '
	ask e 'MAIL FROM:<erin@example.com>' '250 '
}

# big NAME SERVICE OCTETS: a message of just that size from frank.
big ()
{
	greet "$1" "$2" frank
	smtp_message "$1-$2-$3" "$3" >"$dir/big"
	ask "$1" 'MAIL FROM:<frank@example.com>' '250 '
	ask "$1" 'RCPT TO:<alice@example.net>' '250 '
	smtp_data "$1" "$dir/big" || :
}

test_a_message_of_exactly_the_limit_passes ()
{
	big exact plain 8388608
	expect '250 '
	big exact wide 8388608
	expect '250 '
	arrived exact-plain-8388608 1
	arrived exact-wide-8388608 1
}

test_a_message_one_octet_over_the_limit_gets_552_after_its_dot ()
{
	big over plain 8388609
	expect '552 5.3.4 '
	big over wide 8388609
	expect '552 5.3.4 *8388609 octets, the limit is 8388608 \[max_message_size]'
	not_delivered over-plain-8388609
	not_delivered over-wide-8388609
}

test_a_declared_size_that_lies_does_not_help ()
{
	smtp_message liar 8388609 >"$dir/liar"
	greet f wide frank
	ask f 'MAIL FROM:<frank@example.com> SIZE=1' '250 '
	ask f 'RCPT TO:<alice@example.net>' '250 '
	smtp_data f "$dir/liar" || :
	expect '552 5.3.4 *\[max_message_size]'
	not_delivered liar
}

test_a_message_in_chunks_is_judged_as_one_in_data ()
{
	local number
	smtp_message chunks 8388609 >"$dir/chunks"
	greet f wide frank
	ask f 'MAIL FROM:<frank@example.com>' '250 '
	ask f 'RCPT TO:<alice@example.net>' '250 '
	smtp_send f 'BDAT 4000000'
	head -c 4000000 "$dir/chunks" >&"${smtp_fd[f]}"
	smtp_reply f
	smtp_send f 'BDAT 4388609 LAST'
	tail -c 4388609 "$dir/chunks" >&"${smtp_fd[f]}"
	smtp_reply f || :
	expect '552 5.3.4 *8388609 octets, the limit is 8388608 \[max_message_size]'
	not_delivered chunks
}

test_who_is_idle_is_cut_off ()
{
	local began=$EPOCHSECONDS
	greet g hasty grace
	ask g 'MAIL FROM:<grace@example.com>' '250 '
	fails smtp_reply g
	expect '421 4.4.2 '
	[ $((EPOCHSECONDS - began)) -ge 2 ]
	fails smtp g NOOP
}

run_tests
