#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Cyrus SASL stands between Postfix and who judges the logins. The gate is as ever.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

# postreeve-authd is asked by saslauthd's protocol. Paths in Cyrus SASL's files are those of the chroot.
auth_start ()
{
	local mux=$mta_queue/postreeve-auth/mux
	gate_configure "auth_saslauthd_socket = \"$mux\""
	mkdir -p "$mta_etc/sasl"
	cat >"$mta_etc/sasl/authd.conf" <<-END
		pwcheck_method: saslauthd
		saslauthd_path: /postreeve-auth/mux
		mech_list: PLAIN LOGIN
	END
	cat >"$mta_etc/sasl/sasldb.conf" <<-END
		pwcheck_method: auxprop
		auxprop_plugin: sasldb
		sasldb_path: /sasldb
		mech_list: PLAIN LOGIN
	END
	process_start "$auth_log" "$auth_pidfile" "$mux" "$postreeve_authd" -f -c "$gate_etc"
}

mta_service authd 2525 smtpd_sasl_type=cyrus smtpd_sasl_path=authd
mta_service realm 2525 smtpd_sasl_type=cyrus smtpd_sasl_path=authd smtpd_sasl_local_domain=example.org
mta_service sasldb 2525 smtpd_sasl_type=cyrus smtpd_sasl_path=sasldb
start_all alice bob
smtp_password=hers gate_account alice@example.org sales@example.org

# in_sasldb NAME REALM
in_sasldb ()
{
	printf %s "$smtp_password" | saslpasswd2 -p -c -f "$mta_queue/sasldb" -u "$2" "$1"
}
in_sasldb bob "$mta_host" && in_sasldb alice example.org && chown postfix "$mta_queue/sasldb"

# is_account SERVICE LOGIN ACCOUNT ADDRESS: who logs in so is that account, which may send as that address.
is_account ()
{
	greet "$1" "$1" "$2"
	ask "$1" 'MAIL FROM:<nobody@example.com>' '553 5.7.1 *\[sender_registered]'
	logged "reject rule=sender_registered .*account=$3 sender=<nobody@example.com> client=127.0.0.1 port=${mta_port[$1]} "
	ask "$1" "MAIL FROM:<$4>" '250 '
}

test_who_logs_in_sends_as_itself_alone ()
{
	for service in authd sasldb; do
		is_account "$service" bob bob bob@example.com
		ask "$service" RSET '250 '
		submit "$service" bob@example.com alice@example.net "by-$service"
		arrived "by-$service" 1
	done
}

test_what_is_wrong_gets_535_and_nothing_passes ()
{
	for service in authd sasldb; do
		login "$service" bob wrong '535 5.7.8'
		ask "$service" 'MAIL FROM:<bob@example.com>' '530 5.7.0 '
	done
}

test_the_account_is_the_login_and_its_realm ()
{
	is_account sasldb alice@example.org alice@example.org sales@example.org
	smtp_password=hers
	is_account authd alice@example.org alice@example.org sales@example.org
	is_account realm alice alice@example.org sales@example.org
}

test_one_account_does_not_get_in_as_another_in_a_realm ()
{
	service=authd
	login a alice@example.org secret '535 5.7.8'
	login b bob@example.org secret '535 5.7.8'
	login d alice secret '235 '
	service=realm
	login c alice secret '535 5.7.8'
	ask d 'MAIL FROM:<sales@example.org>' '553 5.7.1 '
}

run_tests
