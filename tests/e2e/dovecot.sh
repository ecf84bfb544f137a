#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Dovecot judges the logins in the place of postreeve-authd. The gate is as ever.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

# A private Dovecot that serves nothing but logins, unpacked and not installed. For those who know
# contrib/private/auth.sh: the same functions, and Postfix finds it at the same socket.
auth_make ()
{
	auth_root=$1/dovecot auth_log=$1/dovecot.log auth_pidfile=$1/dovecot.pid
	(unpack "$auth_root" dovecot-core) || return
	install -d -o root -g "$mta_group" -m 0750 "$(dirname "$mta_auth_socket")"
	# A new smtpd that finds nobody who judges logins dies, and Postfix lets clients wait a minute.
	postconf -c "$mta_etc" -e service_throttle_time=1s || return
	: >"$auth_log"
	: >"$1/dovecot.users"
	# Its users are those that every Debian has.
	cat >"$1/dovecot.conf" <<-END
		base_dir = $1/dovecot.run
		state_dir = $1/dovecot.run
		log_path = $auth_log
		protocols =
		ssl = no
		disable_plaintext_auth = no
		auth_mechanisms = plain login
		default_internal_user = daemon
		default_internal_group = daemon
		default_login_user = nobody
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN $1/dovecot.users
		}
		userdb {
		  driver = passwd-file
		  args = $1/dovecot.users
		}
		service auth {
		  unix_listener $mta_auth_socket {
		    mode = 0660
		    group = $mta_group
		  }
		}
	END
}

auth_password ()
{
	echo "$1:$2:65534:65534::/nonexistent::" >>"$dir/dovecot.users"
}

# In a namespace of its own, where it is installed.
auth_start ()
{
	process_start "$auth_log" "$auth_pidfile" "$mta_auth_socket" \
		unshare --mount --propagation private sh -c "
			mount -t overlay overlay -o 'lowerdir=$auth_root/usr:/usr' /usr &&
				exec /usr/sbin/dovecot -F -c '$dir/dovecot.conf'"
}

mta_service plain 2525
start_all alice bob carol
gate_account bob@example.com sales@example.com
auth_password stranger "$smtp_password"

test_who_logs_in_sends_as_itself_alone ()
{
	greet a plain alice
	expect '235 '
	submit a alice@example.com bob@example.net own
	arrived own 1
	ask a 'MAIL FROM:<bob@example.com>' '553 5.7.1 *\[sender_registered]'
	logged 'pass account=alice sender=<alice@example.com> '
	grep -q 'sasl_method=PLAIN, sasl_username=alice' "$mta_log"
}

test_a_wrong_password_gets_535_and_nothing_passes ()
{
	login a alice wrong '535 5.7.8'
	ask a 'MAIL FROM:<alice@example.com>' '530 5.7.0 *\[auth_required]'
}

test_an_account_that_only_dovecot_knows_gets_553 ()
{
	greet s plain stranger
	ask s 'MAIL FROM:<alice@example.com>' '553 5.7.1 *\[sender_registered]'
	ask s 'MAIL FROM:<stranger@example.com>' '553 5.7.1 *\[sender_registered]'
	logged 'reject rule=sender_registered stage=mail account=stranger sender=<stranger@example.com> '
}

test_the_account_is_the_login_as_dovecot_spells_it ()
{
	greet a plain ALICE
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a RSET '250 '
	ask a 'MAIL FROM:<bob@example.com>' '553 5.7.1 '
	logged 'reject rule=sender_registered stage=mail account=alice sender=<bob@example.com> '
	fails grep ALICE "$gate_log"
}

test_a_login_with_a_domain_is_an_account_of_that_name ()
{
	greet b plain Bob@Example.COM
	ask b 'MAIL FROM:<sales@example.com>' '250 '
	ask b RSET '250 '
	ask b 'MAIL FROM:<bob@example.com>' '553 5.7.1 '
	logged 'reject rule=sender_registered stage=mail account=bob@example.com sender=<bob@example.com> '
}

test_dovecot_lets_a_suspended_account_in_and_the_gate_does_not ()
{
	"$postreeve" -c "$gate_etc" account suspend carol --reason test
	greet c plain carol
	expect '235 '
	ask c 'MAIL FROM:<carol@example.com>' '525 5.7.13 *\[account_active]'
	"$postreeve" -c "$gate_etc" account resume carol
	ask c 'MAIL FROM:<carol@example.com>' '250 '
}

comes_in ()
{
	greet "$1" plain "$2"
}

test_while_dovecot_is_down_clients_are_told_to_come_back_and_nothing_is_lost ()
{
	greet in plain alice
	smtp_open out "${mta_port[plain]}"
	smtp out 'EHLO client.example.com'
	kill -KILL -- "-$(cat "$auth_pidfile")" # a session of its own, and so all of its processes
	submit in alice@example.com bob@example.net down
	arrived down 1
	fails smtp_login out bob
	expect '454 4.7.0 '
	ask out 'MAIL FROM:<bob@example.com>' '530 5.7.0 '
	fails comes_in new bob
	[[ ! $reply ]] # Postfix hangs up
	auth_start
	within 20 comes_in new bob
	submit new bob@example.com alice@example.net up
	arrived up 1
}

run_tests
