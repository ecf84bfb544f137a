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
export MAIL_CONFIG

gives() {
	code=$1
	shift
	got=0
	"$postreeve" -c "$dir/conf" "$@" >"$out" 2>"$err" || got=$?
	cat "$err"
	[ "$got" -eq "$code" ]
}

printf 'socket = "unix:%s/queue/postreeve/milter.sock"\n' "$dir" >"$dir/conf"
no_postfix() {
	PATH=$dir gives 69 check mta && grep -q 'there is no Postfix' "$err"
}
check 'no Postfix: 69' no_postfix

if ! command -v postconf >/dev/null || ! command -v python3 >/dev/null || ! getent passwd postfix >/dev/null; then
	echo "ok $((n + 1)) # SKIP there is no postconf, python3, or user postfix"
	echo "1..$((n + 1))"
	exit 0
fi

# ---- the shipped settings, as they are told to be applied -------------------

chmod 755 "$dir"
mkdir -m 755 "$dir/etc" "$dir/queue" "$dir/queue/postreeve"
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
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])' "$dir/queue/postreeve/milter.sock" || exit 99
chmod 666 "$dir/queue/postreeve/milter.sock"
cp -r "$dir/etc" "$dir/good"

nothing() {
	gives 0 check mta || { cat "$out"; return 1; }
	! grep -v '^ok: ' "$out" && [ "$(wc -l <"$out")" -gt 40 ]
}
check 'nothing is found in the shipped settings' nothing
if command -v jq >/dev/null; then
	as_json() {
		gives 0 check mta --json && jq -e 'length > 40 and all(.ok)' "$out"
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
	[ -s "$dir/mend" ] && sh "$dir/mend" && settle && nothing
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
check 'nobody to ask for logins' found smtpd_sasl_path \
	'postconf -e smtpd_sasl_type=dovecot smtpd_sasl_path=postreeve-auth/auth.sock'
check 'no service that asks the gate' found smtpd_milters \
	"echo 'smtp inet n - y - - smtpd' >'$dir/etc/master.cf'"
cp "$dir/good/"* "$dir/etc"
check 'and once more nothing' nothing

bad_postfix() {
	echo 'broken' >"$dir/etc/main.cf" && rm "$dir/etc/master.cf"
	gives 69 check mta && grep -q 'cannot tell' "$err"
}
check 'settings that postconf cannot read: 69' bad_postfix
echo "1..$n"
