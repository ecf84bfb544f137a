#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# A Postfix that knows nothing of the gate, but has a service for logins, until `setup postfix' tells it.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

# As somebody had set it up before, with no word of what is shipped.
mta_shipped=$dir/before
mkdir "$mta_shipped"
echo '# To apply:  true' >"$mta_shipped/main.cf"
printf '%s\n' 'submission inet n - y - - smtpd' '  -o smtpd_sasl_auth_enable=yes' \
	'  -o smtpd_tls_security_level=may' >"$mta_shipped/master.cf"
mta_service plain submission
start_all alice bob

postreeve ()
{
	"$builddir/db/cli/postreeve" -c "$gate_etc" "$@"
}

test_before_it_whoever_logs_in_sends_as_anybody ()
{
	greet a plain alice
	submit a bob@example.com somebody@example.net before
	arrived before 1
	status=0
	postreeve check mta postfix "$mta_etc" || status=$?
	[ "$status" -eq 1 ]
}

test_setup_makes_it_ask_the_gate ()
{
	gate_configure "rule tls_port { allow = {${mta_port[plain]}} }"
	kill -HUP "$(cat "$gate_pidfile")"
	postreeve setup postfix "$mta_etc" --apply
	postfix -c "$mta_etc" reload
	within 10 is_asked
	submit a alice@example.com somebody@example.net after
	arrived after 1
}

is_asked ()
{
	smtp_open a "${mta_port[plain]}" && smtp_login a alice && fails smtp a 'MAIL FROM:<bob@example.com>' &&
		expect '553 5.7.1'
}

test_then_the_promises_are_kept ()
{
	smtp_open a "${mta_port[plain]}"
	smtp a 'EHLO client.example.com'
	for line in 'AUTH LOGIN PLAIN' 'SIZE 8388608' STARTTLS; do
		[[ $'\n'$reply$'\n' == *$'\n250'[-\ ]"$line"$'\n'* ]]
	done
	ask a 'HELP' '250 '
	ask a 'MAIL FROM:<alice@example.com>' '530 5.7.0'
}

test_and_check_mta_finds_nothing ()
{
	postreeve check mta postfix "$mta_etc"
}

run_tests
