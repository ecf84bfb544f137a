#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Logins that postreeve-authd judges for Postfix, with the gate behind them.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
mta_service both submission smtpd_tls_auth_only=yes
start_all alice bob
passwords=$dir/auth/passwords.sqlite3

test_who_logs_in_sends ()
{
	login a alice secret '235 2.7.0'
	submit a alice@example.com bob@example.net logged-in
	arrived logged-in 1
	ask a 'MAIL FROM:<bob@example.com>' '553 '
}

test_the_mechanisms_are_those_of_the_provider ()
{
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	[[ $reply == *$'\n250-AUTH LOGIN PLAIN\n'* ]]
	smtp_open b "${mta_port[both]}"
	smtp b 'EHLO client.example.com'
	[[ $reply != *AUTH* ]]
}

test_login_asks_for_name_and_password ()
{
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
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
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	ask a 'AUTH LOGIN' '334 '
	ask a '*' '501 '
	ask a 'AUTH PLAIN not-base64' '535 5.7.8'
	ask a "AUTH PLAIN $(printf '\0alice\0secret' | base64)" '235 2.7.0'
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

test_while_the_daemon_is_down_clients_are_told_to_come_back ()
{
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	kill -KILL "$(cat "$auth_pidfile")"
	ask a "AUTH PLAIN $(printf '\0alice\0secret' | base64)" '454 4.7.0'
	auth_start
	login b alice secret '235 2.7.0'
}

run_tests
