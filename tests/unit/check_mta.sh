#!/bin/sh
# postreeve check mta: nothing is found in the shipped settings, and each mistake of a table is, with
# a command that mends it.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
postreeve=$builddir/db/cli/postreeve

PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d "${TMPDIR:-/tmp}/check_mta.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

out=$dir/out err=$dir/err
MAIL_CONFIG=$dir/etc
TMPDIR=$dir
export MAIL_CONFIG TMPDIR

gives() {
	code=$1
	shift
	got=0
	"$postreeve" -c "$dir/conf" "$@" >"$out" 2>"$err" || got=$?
	cat "$err"
	[ "$got" -eq "$code" ]
}

cat >"$dir/conf" <<END
socket = "unix:$dir/queue/postreeve/milter.sock"
auth_dovecot_socket = "$dir/queue/postreeve-auth/auth.sock"
auth_without_tls = yes
END
no_postfix() {
	PATH=$dir gives 69 check mta postfix && grep -q 'there is no postfix' "$err"
}
check 'no Postfix: 69' no_postfix
check 'an MTA that is none of the two: 64' gives 64 check mta exim
if [ -e /etc/mail/sendmail.cf ]; then
	check 'SKIP there is a sendmail.cf' true
else
	no_mta() {
		PATH=$dir gives 69 check mta && grep -q 'neither a Postfix here .* nor a Sendmail' "$err"
	}
	check 'neither of them: 69' no_mta
fi

if ! command -v postconf >/dev/null || ! command -v python3 >/dev/null || ! getent passwd postfix >/dev/null; then
	echo "ok $((n + 1)) # SKIP there is no postconf, python3, or user postfix"
	echo "1..$((n + 1))"
	exit 0
fi

# ---- the shipped settings, as they are told to be applied -------------------

chmod 755 "$dir"
mkdir -m 755 "$dir/etc" "$dir/queue" "$dir/queue/postreeve" "$dir/queue/postreeve-auth"
cat >"$dir/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/queue
smtpd_tls_cert_file = /etc/ssl/certs/mail.pem
END
{
	echo 'smtp inet n - y - - smtpd'
	cat "$srcdir/contrib/postfix/master.cf"
} >"$dir/etc/master.cf"
apply=$(sed -n 's/^# To apply:  //p' "$srcdir/contrib/postfix/main.cf")
(cd "$srcdir/contrib/postfix" && sh -c "$apply") || exit 99
postconf -e smtpd_sasl_type=dovecot smtpd_sasl_path=postreeve-auth/auth.sock || exit 99
python3 -c 'import socket, sys
for path in sys.argv[1:]:
	socket.socket(socket.AF_UNIX).bind(path)' \
	"$dir/queue/postreeve/milter.sock" "$dir/queue/postreeve-auth/auth.sock" || exit 99
chmod 666 "$dir/queue/postreeve/milter.sock" "$dir/queue/postreeve-auth/auth.sock"
cp -r "$dir/etc" "$dir/good"

nothing() {
	gives 0 check mta || { cat "$out"; return 1; }
	! grep -v '^ok: ' "$out" && [ "$(wc -l <"$out")" -gt 30 ]
}
check 'nothing is found in the shipped settings' nothing
if command -v jq >/dev/null; then
	as_json() {
		gives 0 check mta --json && jq -e 'length > 30 and all(.ok)' "$out"
	}
	check 'nor with --json' as_json
else
	check 'SKIP there is no jq' true
fi
check '-d, which reads no configuration: 64' gives 64 -d "$dir/db" check mta

# ---- mistakes ---------------------------------------------------------------

# Postfix waits until a file has not changed for two seconds.
settle() {
	touch -d '1 minute ago' "$dir/etc/"*
}

# mistake CHECK WHAT COMMAND: the command makes it; it is found, and the command that is told mends it.
found() {
	cp "$dir/good/"* "$dir/etc"
	sh -c "$2" && settle || return
	gives 1 check mta || { echo "exit status $got"; return 1; }
	grep '^problem: ' "$out"
	grep -q "^problem: $1: " "$out"
}
mended() {
	sed -n 's/^problem: .*: \(postconf -.*\)/\1/p' "$out" >"$dir/mend"
	[ -s "$dir/mend" ] && sh "$dir/mend" && settle || return
	# What was not there before has settings of its own to be mended.
	! grep -q 'postconf -M' "$dir/mend" || ! gives 1 check mta || mended
	nothing
}
mistake() {
	check "$2" found "$1" "$3"
	check '  and the command that is told mends it' mended
}

s=submission/inet
while IFS='|' read -r parameter what command; do
	mistake "$parameter" "$what" "$command"
done <<END
milter_default_action|mail passes while the gate is down|postconf -e 'milter_default_action=accept'
milter_default_action|mail is refused for good while the gate is down|postconf -e 'milter_default_action=reject'
receive_override_options|no milters at all|postconf -P '$s/receive_override_options=no_address_mappings,no_milters'
smtpd_milter_maps|none for some clients|postconf -P '$s/smtpd_milter_maps=inline:{192.0.2.1=DISABLE}'
smtpd_proxy_filter|a filter that takes the messages|postconf -P '$s/smtpd_proxy_filter=127.0.0.1:10025'
smtpd_command_filter|a filter of commands|postconf -P '$s/smtpd_command_filter=pcre:/etc/filter'
smtpd_authorized_xclient_hosts|XCLIENT|postconf -e 'smtpd_authorized_xclient_hosts=127.0.0.1'
smtpd_sasl_auth_enable|nobody can log in|postconf -P '$s/smtpd_sasl_auth_enable=no'
smtpd_relay_restrictions|an open relay behind the gate|postconf -P '$s/smtpd_relay_restrictions=permit_sasl_authenticated'
strict_rfc821_envelopes|addresses as they come|postconf -P '$s/strict_rfc821_envelopes=no'
smtpd_forbid_bare_newline|bare newlines|postconf -e 'smtpd_forbid_bare_newline=no'
message_reject_characters|NUL in messages|postconf -e 'message_reject_characters='
milter_protocol|an old milter protocol|postconf -e 'milter_protocol=2'
milter_mail_macros|no login among the macros|postconf -e 'milter_mail_macros=i {mail_addr}'
milter_connect_timeout|a second to connect|postconf -e 'milter_connect_timeout=1s'
milter_command_timeout|a second for a command|postconf -e 'milter_command_timeout=1s'
milter_content_timeout|a second for a message|postconf -e 'milter_content_timeout=1s'
smtpd_sasl_mechanism_filter|all mechanisms|postconf -e 'smtpd_sasl_mechanism_filter=!external, static:rest'
smtpd_sasl_mechanism_filter|one mechanism alone|postconf -e 'smtpd_sasl_mechanism_filter=plain'
smtpd_sasl_security_options|anonymous logins|postconf -e 'smtpd_sasl_security_options='
smtpd_sasl_exceptions_networks|no AUTH for some|postconf -e 'smtpd_sasl_exceptions_networks=192.0.2.0/24'
broken_sasl_auth_clients|AUTH announced twice|postconf -e 'broken_sasl_auth_clients=yes'
smtpd_discard_ehlo_keywords|SIZE not announced|postconf -e 'smtpd_discard_ehlo_keywords=chunking,size'
smtpd_discard_ehlo_keyword_address_maps|other keywords for some|postconf -P '$s/smtpd_discard_ehlo_keyword_address_maps=cidr:/etc/x'
smtpd_helo_required|no EHLO needed|postconf -P '$s/smtpd_helo_required=no'
smtpd_timeout|five minutes idle|postconf -P '$s/smtpd_timeout=5m'
message_size_limit|another SIZE announced|postconf -P '$s/message_size_limit=10240000'
message_size_limit|no SIZE announced|postconf -P '$s/message_size_limit=0'
message_size_limit|no room in the queue file|postconf -e 'message_size_limit=8388608'
smtpd_client_connection_count_limit|Postfix counts connections first|postconf -e 'smtpd_client_connection_count_limit=10'
smtpd_noop_commands|HELP is unknown|postconf -e 'smtpd_noop_commands='
milter_macro_v|a version that looks like Sendmail's|postconf -e 'milter_macro_v=3.7'
smtpd_sasl_path|Cyrus SASL that nothing tells what to do|postconf -e smtpd_sasl_type=cyrus smtpd_sasl_path=postreeve-test
smtpd_tls_security_level|TLS from the beginning on another port|postconf -P '2525/inet/smtpd_tls_wrappermode=yes'
milter_mail_macros|a setting that the shell would not take as it is|postconf -e "milter_mail_macros=i it's"
smtpd_milters|logins for what postscreen hands over|postconf -M smtpd/pass='smtpd pass - - y - - smtpd' && postconf -P smtpd/pass/smtpd_sasl_auth_enable=yes
smtpd_milters|other milters alone|postconf -e 'others=inet:127.0.0.1:8891, { unix:/run/other, default_action=accept }' && postconf -P '$s/smtpd_milters=\$others'
smtpd_milters|no submission service at all|echo 'smtp inet n - y - - smtpd' >'$dir/etc/master.cf'
smtpd_milters|a submission service, and none asks the gate|postconf -P '$s/smtpd_milters=' && postconf -MX 2525/inet
smtpd_recipient_limit|Postfix counts recipients first|postconf -e 'smtpd_recipient_limit=100'
smtpd_tls_security_level|STARTTLS on another port|postconf -P '2525/inet/smtpd_tls_security_level=may'
smtpd_tls_security_level|no STARTTLS on the submission port|postconf -P '$s/smtpd_tls_security_level=none'
smtpd_milters|a service for logins without the gate|postconf -P '$s/smtpd_milters='
smtpd_milters|the gate on port 25|postconf -P 'smtp/inet/smtpd_milters=unix:postreeve/milter.sock'
smtpd_milters|a path outside of the chroot|postconf -P '$s/smtpd_milters=unix:$dir/queue/postreeve/milter.sock'
smtpd_milters|logins on port 25|postconf -P 'smtp/inet/smtpd_sasl_auth_enable=yes'
non_smtpd_milters|the gate for mail of the machine|postconf -e 'non_smtpd_milters=unix:postreeve/milter.sock'
END

# Those that no command of postconf's mends.
check 'no certificate' found smtpd_tls_security_level 'postconf -X smtpd_tls_cert_file'
check 'a default action of this milter alone' found smtpd_milters \
	"postconf -e 'gate={ unix:postreeve/milter.sock, default_action=accept }' && postconf -P '$s/smtpd_milters=\$gate'"
check 'a socket that Postfix may not connect to' found smtpd_milters "chmod 600 '$dir/queue/postreeve/milter.sock'"
chmod 666 "$dir/queue/postreeve/milter.sock"
check 'a directory that it may not enter' found smtpd_milters "chmod 700 '$dir/queue/postreeve'"
chmod 755 "$dir/queue/postreeve"
check 'no socket at all' found smtpd_milters "mv '$dir/queue/postreeve/milter.sock' '$dir/away'"
mv "$dir/away" "$dir/queue/postreeve/milter.sock"
check 'nobody to ask for logins' found smtpd_sasl_path 'postconf -e smtpd_sasl_path=nowhere/auth.sock'
check 'logins at one address without the gate' found smtpd_milters \
	"postconf -M '127.0.0.1:10587/inet=127.0.0.1:10587 inet n - y - - smtpd' && postconf -P 127.0.0.1:10587/inet/smtpd_sasl_auth_enable=yes"
longest=/$(printf '%04095d' 0)
check 'a path that is too long' found smtpd_sasl_path "postconf -e smtpd_sasl_path=unix:$longest"
no_user() {
	found smtpd_milters 'postconf -e mail_owner=no-such-user' && grep 'there is no user no-such-user' "$out"
}
check 'a Postfix of a user that there is not' no_user
outside() {
	sed -i "s|unix:$dir/queue/|unix:$dir/|" "$dir/conf"
	found smtpd_milters "postconf -P '$s/smtpd_milters=unix:$dir/postreeve/milter.sock'"
	code=$?
	sed -i "s|unix:$dir/|unix:$dir/queue/|" "$dir/conf"
	[ $code -eq 0 ] && grep "is chrooted, and finds only what lies in $dir/queue" "$out"
}
check 'a socket that a chrooted service cannot find wherever it looks' outside
cyrus_elsewhere() {
	sed -i 's/^auth_dovecot_socket.*/auth_dovecot_socket = ""/' "$dir/conf"
	found smtpd_sasl_path 'postconf -e smtpd_sasl_type=cyrus smtpd_sasl_path=postreeve-test'
	code=$?
	sed -i "s|^auth_dovecot_socket.*|auth_dovecot_socket = \"$dir/queue/postreeve-auth/auth.sock\"|" "$dir/conf"
	[ $code -eq 0 ] && grep 'see SASL_README of Postfix' "$out"
}
check 'Cyrus SASL that nothing tells what to do, nor could postreeve-authd' cyrus_elsewhere
cp "$dir/good/"* "$dir/etc"
check 'and once more nothing' nothing
asked_at() {
	cp "$dir/good/"* "$dir/etc" && postconf -e "$1" && settle && nothing && grep "$2" "$out"
}
check 'a socket by its type' asked_at smtpd_sasl_path=unix:postreeve-auth/auth.sock 'logins are asked for at .*/auth.sock'
check 'logins that somebody else is asked for, over TCP' asked_at smtpd_sasl_path=inet:127.0.0.1:12345 \
	'logins are asked for at inet:127.0.0.1:12345'

# The gate at a TCP port, where the services ask at its socket, and then there.
cp "$dir/conf" "$dir/conf.unix"
over_tcp() {
	sed -i 's/^socket.*/socket = "inet:10025@127.0.0.1"/' "$dir/conf"
	check 'a gate at a TCP port, and services that ask elsewhere' found smtpd_milters \
		"postconf -P '$s/smtpd_milters=inet:127.0.0.1:10026'"
	check '  and the command that is told mends it' mended
	gives 0 check mta && grep -c '^ok: smtpd_milters: .*: the gate is asked at inet:127.0.0.1:10025$' "$out" >"$dir/count"
	check '  and so it is asked' [ "$(cat "$dir/count")" -ge 2 ]
}
over_tcp
cp "$dir/conf.unix" "$dir/conf"
cp "$dir/good/"* "$dir/etc" && settle
with_tls_alone() {
	cp "$dir/good/"* "$dir/etc" && settle && sed -i '/^auth_without_tls/d' "$dir/conf" && gives 1 check mta
	found=$(grep -c '^problem: smtpd_tls_auth_only: ' "$out")
	"$postreeve" -c "$dir/conf" setup postfix >"$out"
	echo 'auth_without_tls = yes' >>"$dir/conf"
	[ "$found" -eq 2 ] && grep -x "postconf -P '$s/smtpd_tls_auth_only=yes'" "$out" &&
		grep '^# smtpd_tls_auth_only: 2525: ' "$out"
}
check 'AUTH announced where postreeve-authd does not hear it' with_tls_alone

# ---- setup ------------------------------------------------------------------

# As Debian configures an Internet site.
fresh() {
	rm -f "$dir/etc/"*
	cp "$dir/debian/"* "$dir/etc" && settle
}
mkdir "$dir/debian"
cat >"$dir/debian/main.cf" <<END
# The administrator's own words stay.
compatibility_level = 3.6
queue_directory = $dir/queue
smtpd_tls_cert_file = /etc/ssl/certs/mail.pem
smtpd_tls_security_level = may
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
smtpd_recipient_restrictions = reject_rbl_client dnsbl.example.com
smtpd_client_connection_count_limit = 5
END
cat >"$dir/debian/master.cf" <<'END'
# service type private unpriv chroot wakeup maxproc command
smtp inet n - y - - smtpd
#submission inet n - y - - smtpd
#  -o smtpd_tls_security_level=encrypt
cleanup unix n - y - 0 cleanup
END

unchanged() {
	diff -r "$dir/debian" "$dir/etc"
}
printed() {
	fresh && gives 0 setup postfix && unchanged && grep -q '^postfix reload$' "$out" || return
	grep -v '^postfix reload$' "$out" >"$dir/commands" && sh "$dir/commands" && settle && nothing
}
check 'setup prints commands that make it right, and changes nothing' printed
cp "$dir/etc/"* "$dir/good"
applied() {
	fresh && gives 0 setup postfix --apply && cat "$out"
	for file in main.cf master.cf; do
		# postconf -e writes what it adds in any order.
		sort "$dir/good/$file" >"$dir/good.sorted"
		sort "$dir/etc/$file" | diff "$dir/good.sorted" - && cmp "$dir/debian/$file" "$dir/etc/$file."*Z || return
	done
	settle && nothing
}
check '  with --apply it runs them, and the old files are kept' applied
again() {
	gives 0 setup postfix --apply && grep -q 'nothing to change' "$out" && set -- "$dir/etc/"* && [ $# -eq 4 ]
}
check '  and the second time there is nothing to change' again
own_words() {
	grep -q "^# The administrator's own words stay" "$dir/etc/main.cf" &&
		[ "$(postconf -h smtpd_recipient_restrictions)" = 'reject_rbl_client dnsbl.example.com' ] &&
		postconf -xP submission/inet/smtpd_recipient_restrictions | grep -q '= *$'
}
check '  what is for strangers stays on port 25, and is not for submission' own_words
a_link() {
	fresh && mv "$dir/etc/main.cf" "$dir/main.cf" && ln -s ../main.cf "$dir/etc/main.cf" &&
		chmod 640 "$dir/main.cf" && gives 0 setup postfix --apply &&
		[ -L "$dir/etc/main.cf" ] && [ "$(stat -c %a "$dir/main.cf")" = 640 ] &&
		cmp "$dir/debian/main.cf" "$dir/main.cf."*Z
}
check '  a link stays one, and modes are kept' a_link
by_hand() {
	fresh && mv "$dir/queue/postreeve" "$dir/away"
	gives 1 setup postfix --apply
	code=$?
	mv "$dir/away" "$dir/queue/postreeve"
	[ $code -eq 0 ] && grep -q '^# *install -d -o postreeve ' "$out"
}
check '  what no setting mends is told: 1' by_hand
own_sasl() {
	fresh && mkdir "$dir/etc/sasl" && echo 'pwcheck_method: saslauthd' >"$dir/etc/sasl/smtpd.conf"
	gives 0 setup postfix && ! grep -q dovecot "$out"
	code=$?
	rm -r "$dir/etc/sasl"
	return $code
}
check '  who has a Cyrus SASL keeps it' own_sasl
if command -v jq >/dev/null; then
	setup_json() {
		fresh && gives 0 setup postfix --json && unchanged &&
			jq -e 'length > 5 and all((.mend | startswith("postconf ")) and (.by_hand | not))' "$out"
	}
	check '  the same with --json' setup_json
	applied_json() {
		fresh && gives 0 setup postfix --json --apply && jq -e 'length > 5' "$out" && settle && nothing
	}
	check '  and with --json --apply' applied_json
fi
unwritable() {
	fresh && touch "$dir/full" && chmod 555 "$dir/etc"
	if [ "$(id -u)" -eq 0 ]; then
		set -- setpriv --reuid 65534 --clear-groups
		chmod 644 "$dir/etc/"* "$dir/conf"
	else
		set --
	fi
	TMPDIR=/tmp "$@" "$postreeve" -c "$dir/conf" setup postfix --apply >"$out" 2>"$err"
	code=$?
	chmod 755 "$dir/etc"
	cat "$err"
	[ $code -eq 77 ] && grep -q 'run this as root' "$err" && unchanged
}
check '  who may not write is told so, and nothing is changed: 77' unwritable
no_room() {
	fresh && TMPDIR=$dir/none gives 73 setup postfix && grep -q "cannot make a directory in $dir/none" "$err" && unchanged
}
check '  no directory for the copy: 73' no_room
named() {
	fresh && (unset MAIL_CONFIG && gives 0 setup postfix "$dir/etc" && grep -q "In $dir/etc, these commands" "$out")
}
check '  the directory can be named' named
too_large() {
	fresh && head -c 4500000 /dev/zero | tr '\0' '\n' >>"$dir/etc/main.cf" && settle &&
		gives 66 setup postfix && grep -q 'main.cf cannot be read: File too large' "$err"
}
check '  a file that is too large: 66' too_large
check 'setup without an MTA: 64' gives 64 setup
left_over() {
	[ -z "$(find "$TMPDIR" -name 'postreeve-setup.*')" ]
}
check 'no copy is left' left_over

bad_postfix() {
	echo 'broken' >"$dir/etc/main.cf" && rm "$dir/etc/master.cf"
	gives 69 check mta && grep -q 'cannot tell' "$err"
}
check 'settings that postconf cannot read: 69' bad_postfix
echo "1..$n"
