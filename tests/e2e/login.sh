#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Logins that postreeve-authd judges for Postfix, with the gate behind them.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"
authd=${builddir:-.}/db/authd/postreeve-authd
authd_user=nobody
authd_pid=

authd_socket="postreeve-auth/auth.sock"
mta_service plain 2525 smtpd_sasl_type=dovecot smtpd_sasl_path=$authd_socket
mta_service submission submission smtpd_sasl_type=dovecot smtpd_sasl_path=$authd_socket
mta_service both submission smtpd_sasl_type=dovecot smtpd_sasl_path=$authd_socket \
	smtpd_tls_auth_only=yes

# password NAME PASSWORD
password ()
{
	printf '%s\n' "$2" | "$postreeve" -c "$gate_etc" account password "$1" --password-stdin >/dev/null
}

authd_start ()
{
	"$authd" -f -c "$gate_etc" </dev/null >>"$dir/authd.log" 2>&1 &
	authd_pid=$!
	within 20 [ -S "$mta_queue/$authd_socket" ] && kill -0 "$authd_pid"
}

authd_stop ()
{
	[ -z "$authd_pid" ] || kill "$authd_pid" 2>/dev/null
	[ -z "$authd_pid" ] || wait "$authd_pid"
	authd_pid=
}
trap 'authd_stop; finish' EXIT

set_up ()
{
	start_all alice bob
	gate_stop
	install -d -o "$authd_user" -g "$(id -gn "$authd_user")" -m 0700 "$dir/passwords"
	install -d -o "$authd_user" -g postfix -m 2750 "$mta_queue/postreeve-auth"
	gate_configure "
		auth_database = \"$dir/passwords/passwords.sqlite3\"
		auth_user = \"$authd_user\"
		auth_dovecot_socket = \"$mta_queue/$authd_socket\"
		auth_without_tls = yes
		auth_cost = 10"
	gate_start && password alice secret && password bob hunter2 && authd_start
}
set_up >>"$dir/setup.log" 2>&1 || bail_out

# login NAME ACCOUNT PASSWORD PATTERN: a new connection, whose login is answered so.
login ()
{
	local smtp_password=$3
	smtp_open "$1" "${mta_port[plain]}"
	smtp_login "$1" "$2" || :
	expect "$4"
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
	ask a 'aHVudGVyMg==' '235 2.7.0'
}

test_what_is_wrong_is_answered_alike ()
{
	local wrong
	login a alice hunter2 '535 5.7.8'
	wrong=$reply
	login b nobody hunter2 '535 5.7.8'
	[ "$reply" = "$wrong" ]
	"$postreeve" -c "$gate_etc" account suspend bob --reason test
	login c bob hunter2 '535 5.7.8'
	[ "$reply" = "$wrong" ]
	"$postreeve" -c "$gate_etc" account resume bob
	login d bob hunter2 '235 2.7.0'
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
	password alice other
	login b alice secret '535 5.7.8'
	login c alice other '235 2.7.0'
	password alice secret
}

test_what_cannot_be_told_is_no_wrong_password ()
{
	mv "$dir/passwords/passwords.sqlite3" "$dir/passwords/away"
	login a alice secret '454 4.7.0'
	mv "$dir/passwords/away" "$dir/passwords/passwords.sqlite3"
	login b alice secret '235 2.7.0'
}

test_while_the_daemon_is_down_clients_are_told_to_come_back ()
{
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	kill -KILL "$authd_pid"
	ask a "AUTH PLAIN $(printf '\0alice\0secret' | base64)" '454 4.7.0'
	authd_start
	login b alice secret '235 2.7.0'
	authd_stop
}

run_tests
