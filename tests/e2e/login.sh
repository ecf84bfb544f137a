#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Logins that postreeve-authd judges for Postfix, with the gate behind them.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
mta_service both submission smtpd_tls_auth_only=yes
start_all alice bob carol
passwords=$dir/auth/passwords.sqlite3

# say_hello NAME
say_hello ()
{
	smtp_open "$1" "${mta_port[plain]}"
	smtp "$1" 'EHLO client.example.com'
}

# plain TEXT: it in base64, where \0 is a NUL.
plain ()
{
	printf %b "$1" | base64 -w 0
}

test_who_logs_in_sends ()
{
	login a alice secret '235 2.7.0'
	submit a alice@example.com bob@example.net logged-in
	arrived logged-in 1
	ask a 'MAIL FROM:<bob@example.com>' '553 '
}

test_the_mechanisms_are_those_of_the_provider ()
{
	say_hello a
	has '250-AUTH LOGIN PLAIN'
	smtp_open b "${mta_port[both]}"
	smtp b 'EHLO client.example.com'
	[[ $reply != *AUTH* ]]
}

test_login_asks_for_name_and_password ()
{
	say_hello a
	ask a 'AUTH LOGIN' '334 VXNlcm5hbWU6'
	ask a 'Ym9i' '334 UGFzc3dvcmQ6'
	ask a 'c2VjcmV0' '235 2.7.0'
}

test_what_is_wrong_is_answered_alike ()
{
	local wrong
	login a alice wrong '535 5.7.8'
	wrong=$reply
	login b nobody secret '535 5.7.8'
	[ "$reply" = "$wrong" ]
	"$postreeve" -c "$gate_etc" account suspend bob --reason test
	login c bob secret '535 5.7.8'
	[ "$reply" = "$wrong" ]
	"$postreeve" -c "$gate_etc" account resume bob
	login d bob secret '235 2.7.0'
}

test_a_login_that_is_given_up_harms_none ()
{
	say_hello a
	ask a 'AUTH LOGIN' '334 '
	ask a '*' '501 '
	ask a 'AUTH PLAIN not-base64' '535 5.7.8'
	ask a "AUTH PLAIN $(plain '\0alice\0secret')" '235 2.7.0'
}

test_what_is_no_credential_gets_535_and_other_logins_go_on ()
{
	local i
	local -a bad=('\0alice\0' '\0al\0ice\0secret' '\0ali\tce\0secret' '\0alice\n\0secret' \
		'bob\0alice\0secret' '\0\0secret')
	for i in "${!bad[@]}"; do
		say_hello "bad$i"
		smtp_send "bad$i" "AUTH PLAIN $(plain "${bad[i]}")"
	done
	login a bob secret '235 2.7.0'
	for i in "${!bad[@]}"; do
		echo "${bad[i]}"
		smtp_reply "bad$i" || :
		expect '535 5.7.8'
		ask "bad$i" 'MAIL FROM:<alice@example.com>' '530 '
	done
	grep -Eq ' refused account="alice\\x0a" client=127.0.0.1 .* reason=form$' "$auth_log"
	say_hello same
	ask same "AUTH PLAIN $(plain 'alice\0alice\0secret')" '235 2.7.0'
}

test_a_response_of_more_than_16384_octets_is_refused_and_the_next_is_judged ()
{
	local long
	printf -v long '%016388d' 0
	say_hello a
	ask a "AUTH PLAIN $long" '535 5.7.8'
	ask a 'AUTH PLAIN' '334 '
	ask a "$long" '500 5.5.6'
	ask a "AUTH PLAIN $(plain '\0alice\0secret')" '235 2.7.0'
}

test_a_new_password_is_in_force_at_once ()
{
	login a alice secret '235 2.7.0'
	auth_password alice other
	login b alice secret '535 5.7.8'
	login c alice other '235 2.7.0'
	auth_password alice "$smtp_password"
}

test_what_cannot_be_told_is_no_wrong_password ()
{
	mv "$passwords" "$passwords.away"
	login a alice secret '454 4.7.0'
	mv "$passwords.away" "$passwords"
	login b alice secret '235 2.7.0'
}

test_while_a_writer_holds_the_lock_no_password_is_called_wrong ()
{
	lock "$passwords"
	login a carol secret '235 2.7.0'
	unlock
	# Nobody else can read, either.
	process_kill "$auth_pidfile"
	lock "$passwords" 'PRAGMA locking_mode=EXCLUSIVE'
	auth_start
	login b alice secret '454 4.7.0'
	ask b 'MAIL FROM:<alice@example.com>' '530 '
	unlock
	login c alice secret '235 2.7.0'
}

test_while_the_daemon_is_down_clients_are_told_to_come_back ()
{
	say_hello a
	kill -KILL "$(cat "$auth_pidfile")"
	ask a "AUTH PLAIN $(plain '\0alice\0secret')" '454 4.7.0'
	auth_start
	login b alice secret '235 2.7.0'
}

run_tests
