#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# The daemon as a part of the machine: it stops and starts under Postfix, its configuration, its log.
# Each test starts the daemon as it needs it.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service submission submission
mta_service plain 2525
mta_service relay 2525 mynetworks=127.0.0.0/8
start_mta alice bob

test_while_the_daemon_is_down_clients_are_told_to_come_back_and_then_mail_flows ()
{
	smtp_open a "${mta_port[plain]}"
	fails smtp_login a alice
	expect '454 4.'
	ask a 'MAIL FROM:<alice@example.com>' '451 4.'
	smtp_close a
	daemon
	greet a plain alice
	submit a alice@example.com bob@example.net flows
	gate_stop
	ask a 'MAIL FROM:<alice@example.com>' '451 4.'
	gate_start
	greet b plain alice
	submit b alice@example.com bob@example.net flows-again
	arrived flows 1
	arrived flows-again 1
}

test_check_mta_finds_nothing_here_until_the_gate_is_gone ()
{
	daemon "rule tls_port { allow = {${mta_port[submission]}} }"
	MAIL_CONFIG=$mta_etc "$postreeve" -c "$gate_etc" check mta >"$dir/found" || {
		grep -v '^ok: ' "$dir/found"
		return 1
	}
	[ "$(grep -c '^ok: smtpd_sasl_path: ' "$dir/found")" -eq 3 ]
	gate_stop
	fails env MAIL_CONFIG="$mta_etc" "$postreeve" -c "$gate_etc" check mta >"$dir/found"
	[ "$(grep -c "^problem: smtpd_milters: .*no socket stands at $gate_socket" "$dir/found")" -eq 3 ]
	[ "$(grep -c '^problem: ' "$dir/found")" -eq 3 ]
	gate_start
}

test_a_killed_daemon_leaves_a_socket_that_the_next_one_replaces ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	kill_gate
	ask a 'RCPT TO:<bob@example.net>' '451 4.'
	[ -S "$gate_socket" ]
	gate_start
	greet b plain alice
	submit b alice@example.com bob@example.net after-kill
	arrived after-kill 1
}

test_a_reload_changes_the_rules_for_the_next_session_and_drops_none ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a 'RCPT TO:<one@example.net>' '250 '
	gate_configure 'profile default { max_recipients = 1 }'
	kill -HUP "$gate_pid"
	logged 'configuration is reloaded'
	ask a 'RCPT TO:<two@example.net>' '250 '
	smtp_message reloaded >"$dir/reloaded"
	smtp_data a "$dir/reloaded"
	arrived reloaded 2
	greet b plain alice
	ask b 'MAIL FROM:<alice@example.com>' '250 '
	ask b 'RCPT TO:<one@example.net>' '250 '
	ask b 'RCPT TO:<two@example.net>' '452 4.5.3 *limit is 1 \[max_recipients]'
}

test_a_killed_worker_is_replaced_and_mail_flows ()
{
	daemon
	greet a plain alice
	submit a alice@example.com bob@example.net before-death
	pkill -KILL -P "$gate_pid"
	logged 'worker [0-9]+ died of signal 9'
	greet b plain alice
	submit b alice@example.com bob@example.net after-death
	arrived after-death 1
}

test_a_stop_waits_for_the_message_that_is_open_and_begins_none ()
{
	daemon
	greet a plain alice
	greet b plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a 'RCPT TO:<bob@example.net>' '250 '
	smtp_message stopping >"$dir/stopping"
	kill "$gate_pid"
	logged 'stopping: 1 transactions are open'
	ask b 'MAIL FROM:<alice@example.com>' '451 4.3.0 *\[unavailable]'
	smtp_data a "$dir/stopping"
	arrived stopping 1
	logged ': stopped$'
}

test_the_daemon_is_not_root_and_its_socket_is_for_the_group_alone ()
{
	local pid
	daemon
	[ "$(stat -c '%U:%G %a' "$gate_socket")" = "$gate_user:postfix 660" ]
	for pid in $(ps -o pid= -s "$gate_pid"); do
		grep -Eq '^Uid:(.[1-9][0-9]*){4}$' "/proc/$pid/status"
		grep -Eq '^Gid:(.[1-9][0-9]*){4}$' "/proc/$pid/status"
		grep -Eq '^CapEff:.0+$' "/proc/$pid/status"
	done
}

test_without_the_rules_nothing_is_relayed_for_who_did_not_log_in ()
{
	daemon 'rule auth_required { mode = off }
		rule sender_registered { mode = off }'
	smtp_open a "${mta_port[plain]}"
	ask a 'EHLO client.example.com' '250'
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a 'RCPT TO:<bob@example.net>' '554 5.7.1 '
}

test_shadow_rules_log_what_they_would_have_said_and_let_the_message_pass ()
{
	daemon 'rule sender_registered { mode = shadow }
		profile default { max_recipients = 1 }
		rule max_recipients { mode = shadow }'
	greet a plain alice
	ask a 'MAIL FROM:<ceo@example.com>' '250 '
	ask a 'RCPT TO:<one@example.net>' '250 '
	ask a 'RCPT TO:<two@example.net>' '250 '
	smtp_message shadow >"$dir/shadow"
	smtp_data a "$dir/shadow"
	arrived shadow 2
	logged 'shadow rule=sender_registered stage=mail account=alice sender=<ceo@example.com> '
	logged 'shadow rule=max_recipients .*value=2 limit=1 '
}

test_a_rule_that_is_off_neither_refuses_nor_logs ()
{
	daemon 'rule sender_registered { mode = off }'
	greet a plain alice
	submit a off@example.com bob@example.net off
	arrived off 1
	fails grep -q 'rule=sender_registered .*sender=<off@example.com>' "$gate_log"
}

test_a_profile_sets_its_own_limit ()
{
	daemon 'profile small { max_recipients = 2 }'
	"$postreeve" -c "$gate_etc" account add bob --profile small
	greet b plain bob
	ask b 'MAIL FROM:<bob@example.com>' '250 '
	ask b 'RCPT TO:<one@example.net>' '250 '
	ask b 'RCPT TO:<two@example.net>' '250 '
	ask b 'RCPT TO:<three@example.net>' '452 4.5.3 *number 3 *limit is 2 \[max_recipients]'
	"$postreeve" -c "$gate_etc" account add bob --profile default
}

test_where_only_the_header_is_judged_an_attachment_of_any_size_passes ()
{
	daemon 'rule mime_form { mode = off }
		rule max_attachment_size { mode = off }
		rule max_message_size { mode = off }
		rule volume_rate { mode = off }'
	smtp_film film 5000000 >"$dir/film"
	sed 's/^From:.*/From: ceo@example.com\r/' "$dir/film" >"$dir/forged"
	greet a plain alice
	offer a alice@example.com bob@example.net "$dir/film"
	offer a alice@example.com bob@example.net "$dir/forged" || :
	expect '550 5.7.1 *\(ceo@example.com)*\[header_from]'
	arrived film 1
	logged ' pass account=alice .* recipients=1$' # and no size, since nobody asked for the body
}

test_exempt_networks_are_not_judged_and_others_are ()
{
	daemon 'exempt_networks = {"127.0.0.2/32"}'
	relay 127.0.0.2 exempt
	arrived exempt 1
	logged 'exempt .*sender=<anybody@example.org> .*client=127.0.0.2 '
	fails relay 127.0.0.1 judged
	not_delivered judged
}

# relay ADDRESS SUBJECT: without login, from that address of this machine.
relay ()
{
	swaks --server "127.0.0.1:${mta_port[relay]}" --local-interface "$1" \
		--ehlo relay.example.com --from anybody@example.org --to bob@example.net \
		--header "Subject: $2"
}

test_the_log_names_the_messages_as_postfix_does ()
{
	local id
	daemon
	greet a plain alice
	submit a alice@example.com bob@example.net named
	expect '250 * queued as '
	id=${reply##* queued as }
	logged " $id: pass account=alice sender=<alice@example.com> client=127.0.0.1 port=${mta_port[plain]} recipients=1 size="
	within 5 grep -q "smtpd\[[0-9]*\]: $id: client=.*sasl_username=alice" "$mta_log"
	ask a 'MAIL FROM:<ceo@example.com>' '553 '
	logged ' NOQUEUE: reject rule=sender_registered .*sender=<ceo@example.com>'
}

test_the_size_in_the_log_is_what_the_client_sent ()
{
	daemon
	greet a plain alice
	smtp_message sized 123457 >"$dir/sized"
	smtp a 'MAIL FROM:<alice@example.com>'
	smtp a 'RCPT TO:<bob@example.net>'
	smtp_data a "$dir/sized"
	logged "pass account=alice .*size=123457$"
}

test_two_hundred_transactions_on_one_connection_leave_nothing_behind ()
{
	local number
	daemon
	greet a plain alice
	for number in {1..50}; do
		ask a 'MAIL FROM:<alice@example.com>' '250 '
		ask a RSET '250 '
		ask a 'MAIL FROM:<alice@example.com>' '250 '
		ask a 'RCPT TO:<bob@example.net>' '250 '
		ask a 'EHLO client.example.com' '250'
	done
	submit a alice@example.com bob@example.net last
	arrived last 1
}

test_postfix_announces_what_the_provider_does ()
{
	daemon
	smtp_open s "${mta_port[submission]}"
	smtp s 'EHLO client.example.com'
	has '250[- ]SIZE 8388608'
	has '250[- ]AUTH LOGIN PLAIN'
	has '250[- ]STARTTLS'
	smtp_open p "${mta_port[plain]}"
	smtp p 'EHLO client.example.com'
	has '250[- ]SIZE 8388608'
	has '250[- ]AUTH LOGIN PLAIN'
	fails has '250[- ]STARTTLS'
	ask p STARTTLS '502 '
}

test_a_nul_in_the_message_is_refused_and_a_bare_newline_does_not_end_it ()
{
	daemon
	greet a plain alice
	{ smtp_message nul; printf 'a\0b\r\n'; } >"$dir/nul"
	smtp a 'MAIL FROM:<alice@example.com>'
	smtp a 'RCPT TO:<bob@example.net>'
	smtp_data a "$dir/nul" || :
	expect '550 '
	{ smtp_message smuggled; printf '\n.\nMAIL FROM:<ceo@example.com>\r\n'; } >"$dir/smuggled"
	smtp a 'MAIL FROM:<alice@example.com>'
	smtp a 'RCPT TO:<bob@example.net>'
	smtp_data a "$dir/smuggled"
	arrived smuggled 1
	grep -qr '^MAIL FROM:<ceo@example.com>' "$mta_mailbox/new"
}

run_tests
