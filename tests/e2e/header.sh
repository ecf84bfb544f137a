#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Who the header of a message says it is from, and the form of that header, through Postfix.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
# The same, but here Postfix leaves a bare CR in the message, as versions from before 2024 do.
mta_service lax 2525 cleanup_service_name=lax
start_all alice bob
{
	postconf -c "$mta_etc" -M \
		'lax/unix=lax unix n - y - 0 cleanup -o cleanup_replace_stray_cr_lf=no' &&
		postfix -c "$mta_etc" reload && within 20 [ -S "$mta_queue/public/lax" ]
} >"$dir/setup.log" 2>&1 || bail_out
"$postreeve" -c "$gate_etc" sender add alice sales@example.com @lists.example.com >"$dir/setup.log" 2>&1 ||
	bail_out

test_a_from_that_is_not_granted_gets_550_with_its_address ()
{
	local bad='550 5.7.1 *\(ceo@example.com)*\[header_from]'
	gets "$bad" 'From: ceo@example.com'
	gets "$bad" "$from, The CEO <ceo@example.com>"
	gets "$bad" 'From: "alice@example.com" <ceo@example.com>'
	gets "$bad" 'From: =?utf-8?q?alice=40example=2Ecom?= <ceo@example.com>'
	gets "$bad" 'From: Alice <CEO@Example.COM>'
	gets "$bad" 'From:' ' Alice' $'\t<ceo@example.com>'
	gets '550 5.7.1 *\(alice@sub.example.com)*' 'From: alice@sub.example.com'
	logged ' [0-9A-F]*: reject rule=header_from stage=eom account=alice sender=<alice@example.com> client=127.0.0.1 port=[0-9]* about=ceo@example.com reply="550 5.7.1 '
}

test_postfix_takes_from_with_a_space_before_its_colon_for_from_and_so_do_we ()
{
	gets '550 5.7.1 *\(ceo@example.com)*\[header_from]' 'From : ceo@example.com'
	gets '550 5.7.1 *\(ceo@example.com)*\[header_from]' $'FROM \t: ceo@example.com'
	gets '554 5.6.0 *\(From) \[header_form]' "$from" 'From : ceo@example.com'
	gets '250 ' 'From : alice@example.com' 'Subject: space' '' 'Hello.'
	arrived space 1
	grep -qrx 'From: alice@example.com' "$mta_mailbox/new"
}

test_a_second_from_gets_554_even_if_both_are_granted ()
{
	gets '554 5.6.0 *\(From) \[header_form]' "$from" 'From: ceo@example.com'
	gets '554 5.6.0 *\(From) \[header_form]' 'From: ceo@example.com' "$from"
	gets '554 5.6.0 *\(From) \[header_form]' "$from" "$from"
	logged 'reject rule=header_form stage=eom account=alice .* fault=field_twice about=From reply="554 5.6.0 '
}

test_a_sender_or_resent_field_that_is_not_granted_gets_550 ()
{
	local field
	for field in Sender Resent-From Resent-Sender; do
		gets '550 5.7.1 *\(ceo@example.com)*\[header_from]' "$from" "$field: ceo@example.com"
		gets '550 5.7.1 *\(ceo@example.com)*\[header_from]' "$field: ceo@example.com" "$from"
	done
	gets '550 5.7.1 *\(ceo@example.com)*' "$from" 'Resent-From: alice@example.com' \
		'Resent-From: ceo@example.com'
}

test_what_is_granted_passes_alone_or_among_several_and_by_its_domain ()
{
	gets '250 ' "From: Alice <alice@example.com>, <sales@example.com>, any@lists.example.com" \
		'Sender: sales@example.com' 'Resent-From: any@lists.example.com' 'Subject: several' '' 'Hello.'
	gets '250 ' 'From: any@lists.example.com' 'Subject: domain' '' 'Hello.'
	arrived several 1
	arrived domain 1
	gets '550 5.7.1 *\(any@sub.lists.example.com)*' 'From: any@sub.lists.example.com'
}

# ---- its form ------------------------------------------------------------------------------------

test_a_line_that_is_no_field_ends_the_header_as_postfix_tells_it_and_what_follows_is_body ()
{
	gets '554 5.6.0 *no From field*\[header_form]' 'Subject: garbage' 'no field' "$from" '' 'Hello.'
	logged 'reject rule=header_form .* fault=from_missing reply="554 '
	gets '250 ' "$from" 'Subject: garbage' 'no field' 'From: ceo@example.com' '' 'Hello.'
	arrived garbage 1
	sed '1,/^$/d' "$(grep -lrx 'Subject: garbage' "$mta_mailbox/new")" >"$dir/body"
	printf '%s\n' 'no field' 'From: ceo@example.com' '' 'Hello.' | cmp - "$dir/body"
}

test_a_message_that_begins_with_white_space_has_no_header ()
{
	{ printf ' '; message "$from" '' 'Hello.'; } >"$dir/message"
	alice_sends "$dir/message"
	expect '554 5.6.0 *\[header_form]'
}

test_no_date_and_a_from_that_can_be_read_in_two_ways_get_554 ()
{
	printf '%s\r\n' "$from" '' 'Hello.' >"$dir/message"
	alice_sends "$dir/message"
	expect '554 5.6.0 *no Date field*\[header_form]'
	gets '554 5.6.0 *\(From) \[header_form]' 'From: alice@example.com <ceo@example.com>'
	gets '554 5.6.0 *\(From) \[header_form]' 'From: <alice@example.com>, <ceo@example.com'
	gets '554 5.6.0 *\(From) \[header_form]' 'From: friends: alice@example.com;'
	gets '554 5.6.0 *\(From) \[header_form]' 'From: Alice (alice@example.com) <ceo@example.com>'
	logged 'reject rule=header_form .* fault=address_list about=From reply="554 '
}

# Postfix would give the gate the beginning of it only.
test_a_from_of_over_sixty_thousand_octets_gets_554 ()
{
	local line lines
	printf -v line ' alice@example.com,%.0s' {1..50}
	printf -v lines "$line\r\n%.0s" {1..70}
	gets '554 5.6.0 *too long*\(From) \[header_form]' "From:${lines% } ceo@example.com"
}

test_a_bare_cr_in_the_header_is_a_space_to_postfix_and_otherwise_gets_554 ()
{
	gets '250 ' "$from" $'Subject: stray\rFrom: ceo@example.com' '' 'Hello.'
	arrived 'stray From: ceo@example.com' 1
	service=lax
	gets '554 5.6.0 *\[header_form]' "$from" $'Subject: stray\rFrom: ceo@example.com'
	gets '554 5.6.0 *\[header_form]' $'From: alice@example.com,\rceo@example.com'
	logged 'reject rule=header_form .* fault=illegal_octet reply="554 '
}

# The gate would be given what is before it: message_reject_characters in the shipped main.cf.
test_a_nul_anywhere_is_refused_by_postfix ()
{
	message 'From: alice@example.com!, ceo@example.com' '' 'Hello.' | tr '!' '\0' >"$dir/message"
	alice_sends "$dir/message"
	expect '550 5.7.1 disallowed character'
	message "$from" '' 'Hello!' | tr '!' '\0' >"$dir/message"
	alice_sends "$dir/message"
	expect '550 5.7.1 disallowed character'
}

test_what_was_accepted_is_delivered_and_what_was_refused_is_nowhere ()
{
	all_is_delivered
}

run_tests
