#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Who may send as whom, and in which form, through Postfix.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service submission submission
mta_service plain 2525
# Here Postfix itself refuses as little as it can, so that it is the gate that answers.
mta_service wide 2525 strict_rfc821_envelopes=no smtpd_helo_required=no
start_all alice bob carol dave

cli ()
{
	"$postreeve" -c "$gate_etc" "$@"
}

test_a_registered_sender_is_let_through ()
{
	greet a plain alice
	submit a alice@example.com bob@example.net registered
	expect '250 '
	arrived registered 1
}

test_a_client_of_the_port_with_starttls_is_let_through_after_it ()
{
	swaks --server "127.0.0.1:${mta_port[submission]}" --tls --ehlo client.example.com \
		--auth PLAIN --auth-user alice --auth-password "$smtp_password" \
		--from alice@example.com --to bob@example.net --header 'Subject: over-tls'
	arrived over-tls 1
}

test_without_login_mail_gets_530 ()
{
	smtp_open c "${mta_port[plain]}"
	ask c 'EHLO client.example.com' '250'
	ask c 'MAIL FROM:<alice@example.com>' '530 5.7.0 *\[auth_required]'
	ask c 'RCPT TO:<bob@example.net>' '503 '
	ask c DATA '503 '
	logged 'reject .*rule=auth_required '
}

test_a_sender_that_is_not_registered_gets_553_and_the_next_is_judged_anew ()
{
	greet a plain alice
	ask a 'MAIL FROM:<ceo@example.com>' '553 5.7.1 *\[sender_registered]'
	ask a 'MAIL FROM:<bob@example.com>' '553 5.7.1 *\[sender_registered]'
	ask a 'MAIL FROM:<alice@sub.example.com>' '553 5.7.1 *\[sender_registered]'
	ask a 'RCPT TO:<bob@example.net>' '503 '
	ask a 'MAIL FROM:<Alice@Example.COM>' '250 '
	logged 'reject .*rule=sender_registered .*account=alice sender=<ceo@example.com>'
}

test_a_login_may_not_send_as_nobody ()
{
	greet a plain alice
	ask a 'MAIL FROM:<>' '553 5.7.1 *\[sender_registered]'
}

test_a_quoted_local_part_is_its_unquoted_form ()
{
	greet a plain alice
	ask a 'MAIL FROM:<"alice"@example.com>' '250 '
	ask a RSET '250 '
	ask a 'MAIL FROM:<"al\ice"@example.com>' '250 '
	ask a RSET '250 '
	cli sender add alice '"alice smith"@example.com'
	ask a 'MAIL FROM:<"alice smith"@example.com>' '250 '
	ask a RSET '250 '
	ask a 'MAIL FROM:<"alice@evil"@example.com>' '553 5.7.1 '
	ask a 'MAIL FROM:<"alice@example.com"@example.org>' '553 5.7.1 '
}

test_an_internationalized_sender_passes_in_either_form ()
{
	cli sender add carol 'carol@bücher.example' 'jörg@example.com'
	greet c plain carol
	ask c 'MAIL FROM:<carol@bücher.example> SMTPUTF8' '250 '
	ask c RSET '250 '
	ask c 'MAIL FROM:<carol@xn--bcher-kva.example>' '250 '
	ask c RSET '250 '
	ask c 'MAIL FROM:<jörg@example.com> SMTPUTF8' '250 '
	ask c RSET '250 '
	ask c 'MAIL FROM:<jürg@example.com> SMTPUTF8' '553 5.7.1 '
	# Cyrillic a
	ask c 'MAIL FROM:<cаrol@example.com> SMTPUTF8' '553 5.7.1 '
}

test_utf8_without_smtputf8_is_refused ()
{
	greet c plain carol
	ask c 'MAIL FROM:<cörol@example.com>' '501 5.1.7 '
	ask c $'MAIL FROM:<c\xff@example.com> SMTPUTF8' '50[01] '
}

test_a_grant_of_a_domain_covers_its_addresses_from_the_next_mail_on ()
{
	greet d plain dave
	ask d 'MAIL FROM:<any@example.org>' '553 5.7.1 '
	cli sender add dave @example.org
	ask d 'MAIL FROM:<any@example.org>' '250 '
	ask d RSET '250 '
	ask d 'MAIL FROM:<any@sub.example.org>' '553 5.7.1 '
	cli sender delete dave @example.org
	ask d 'MAIL FROM:<any@example.org>' '553 5.7.1 '
}

test_a_suspended_account_gets_525_at_its_next_mail_until_it_is_resumed ()
{
	greet d plain dave
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	ask d RSET '250 '
	cli account suspend dave --reason 'sent too much'
	ask d 'MAIL FROM:<dave@example.com>' '525 5.7.13 *\[account_active]'
	cli account resume dave
	submit d dave@example.com bob@example.net resumed
	arrived resumed 1
}

test_a_login_without_an_account_in_the_registry_gets_553 ()
{
	gate_account stranger
	greet s plain stranger
	"$postreeve" -c "$gate_etc" account delete stranger
	ask s 'MAIL FROM:<stranger@example.com>' '553 5.7.1 '
}

test_what_is_no_mailbox_in_angle_brackets_gets_501 ()
{
	local service bad
	for service in plain wide; do
		greet b "$service" bob
		for bad in 'bob@example.com' '<bob@example..com>' '<bob.@example.com>' '<bob>' \
			'<@relay.example.com:bob@example.com>' '<bob@example.com' '<""@example.com>'; do
			ask b "MAIL FROM:$bad" '501 5.1.7 '
		done
		ask b QUIT '221 '
		greet b "$service" bob
		printf -v bad '%065d' 0
		ask b "MAIL FROM:<$bad@example.com>" '501 5.1.7 '
		printf -v bad '%0250d' 0
		ask b "MAIL FROM:<b@$bad.com>" '501 5.1.7 '
		ask b 'MAIL FROM:<bob@example.com>' '250 '
		for bad in '<alice@example..net>' '<alice>' '<alice.@example.net>'; do
			ask b "RCPT TO:$bad" '501 5.1.3 '
		done
		ask b 'RCPT TO:<alice@example.net>,<bob@example.net>' '501 5.1.3 '
		ask b 'RCPT TO:<postmaster>' '250 '
		smtp_close b
	done
}

test_control_characters_make_neither_a_second_line_in_the_log_nor_show_in_the_reply ()
{
	local service bad
	for service in plain wide; do
		for bad in $'b\x01b' $'b\eb[31m' $'b\x7fb' $'b\tb' $'b\rb' $'b\xc2\x9bb'; do
			greet b "$service" bob
			ask b "MAIL FROM:<$bad@example.com>" '5[05][13] '
			[[ $reply != *[[:cntrl:]]* ]]
			ask b "MAIL FROM:<\"$bad\"@example.com> SMTPUTF8" '5[05][13] '
			[[ $reply != *[[:cntrl:]]* ]]
			smtp b 'EHLO client.example.com'
			ask b "MAIL FROM:<bob@example.com>" '250 '
			ask b "RCPT TO:<$bad@example.net>" '5[05][013] '
			[[ $reply != *[[:cntrl:]]* ]]
			smtp_close b
		done
	done
	# Lines of printable UTF-8, nothing else.
	fails env LC_ALL=C.UTF-8 grep -naEv '^[[:print:]]*$' "$gate_log"
}

test_a_bad_helo_name_gets_501_at_mail_and_a_corrected_one_clears_it ()
{
	greet b plain bob
	ask b 'EHLO -client-.example.com' '250'
	ask b 'MAIL FROM:<bob@example.com>' '501 5.5.2 *\[helo_name]'
	ask b 'EHLO [127.0.0.1]' '250'
	ask b 'MAIL FROM:<bob@example.com>' '250 '
}

test_a_bad_helo_name_is_not_forgotten_by_a_refused_one ()
{
	greet b plain bob
	ask b 'EHLO -client-.example.com' '250'
	ask b 'EHLO' '501 '
	ask b 'MAIL FROM:<bob@example.com>' '501 5.5.2 *\[helo_name]'
}

test_the_login_is_judged_and_not_what_mail_claims_by_auth ()
{
	greet b plain bob
	ask b 'MAIL FROM:<alice@example.com> AUTH=alice@example.com' '553 5.7.1 '
	ask b 'MAIL FROM:<bob@example.com> AUTH=alice@example.com' '250 '
}

run_tests
