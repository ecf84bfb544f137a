#!/bin/sh
# postreeve check mta sendmail: nothing is found in the shipped settings, and each mistake of a table
# is, with what mends it. And setup sendmail, on a sendmail.mc that no m4 reads.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
postreeve=$builddir/db/cli/postreeve
umask 022

dir=$(mktemp -d "${TMPDIR:-/tmp}/check_sendmail.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

out=$dir/out err=$dir/err

gives() {
	code=$1
	shift
	got=0
	"$postreeve" -c "$dir/conf" "$@" >"$out" 2>"$err" || got=$?
	[ "$got" -eq "$code" ] || { cat "$err"; return 1; }
}

cat >"$dir/conf" <<END
socket = "local:$dir/gate/milter.sock"
auth_saslauthd_socket = "$dir/auth/mux"
END
no_sendmail() {
	gives 69 check mta sendmail "$dir/none" && grep -q 'no settings of one' "$err"
}
check 'no Sendmail: 69' no_sendmail
no_setup() {
	gives 69 setup sendmail "$dir/none"
}
check 'and nothing to set up: 69' no_setup

if ! command -v python3 >/dev/null; then
	echo "ok $((n + 1)) # SKIP there is no python3"
	echo "1..$((n + 1))"
	exit "$status"
fi

# ---- the shipped settings ----------------------------------------------------

# Temporary directories lie where others may write, which Sendmail can be told to forgive.
mkdir "$dir/good" "$dir/etc" "$dir/gate" "$dir/auth" "$dir/good/sasl" "$dir/etc/sasl"
{
	sed -e "s|/var/spool/postreeve/|$dir/gate/|" -e "s|=/etc/mail/|=$dir/good/|" "$srcdir/tests/unit/sendmail.cf"
	echo 'O DontBlameSendmail=TrustStickyBit,GroupWritableDirPathSafe'
} >"$dir/good/sendmail.cf"
touch "$dir/good/helpfile" "$dir/good/cert.pem"
(umask 077 && touch "$dir/good/key.pem")
cat >"$dir/good/submit.cf" <<END
D{MTAHost}[127.0.0.1]
Mrelay,		P=[IPC], F=mDFMuXa8k, S=EnvFromSMTP/HdrFromSMTP,
		A=TCP \$h
END
printf 'Connect:192.0.2\tRELAY\nSrv_Features:192.0.2.7\tu2 g2 V\n' >"$dir/good/access"
printf 'pwcheck_method: saslauthd\nsaslauthd_path: %s\n' "$dir/auth/mux" >"$dir/good/sasl/Sendmail.conf.2"
python3 -c 'import socket, sys
for path in sys.argv[1:]:
    socket.socket(socket.AF_UNIX).bind(path)' "$dir/gate/milter.sock" "$dir/auth/mux" || exit 99

fresh() {
	rm -rf "${dir:?}/etc" && cp -Rp "$dir/good" "$dir/etc"
}
nothing() {
	gives 0 check mta sendmail "$dir/etc" || { cat "$out"; return 1; }
	! grep -v '^ok: ' "$out" && [ "$(wc -l <"$out")" -gt 20 ]
}
fresh
check 'nothing is found in the shipped settings' nothing
if command -v jq >/dev/null; then
	as_json() {
		gives 0 check mta sendmail "$dir/etc" --json && jq -e 'length > 20 and all(.ok)' "$out"
	}
	check 'nor with --json' as_json
	mend_as_json() {
		sed -i 's/F=T/F=/' "$dir/etc/sendmail.cf"
		gives 1 check mta sendmail "$dir/etc" --json &&
			jq -e 'map(select(.ok | not)) | length == 1 and
				(.[0] | .check == "MAIL_FILTER" and (.mend | startswith("in sendmail.mc: MAIL_FILTER(")))' "$out"
	}
	check 'which tells what mends apart' mend_as_json
else
	check 'SKIP there is no jq' true
fi
fresh
check '-d, which reads no configuration: 64' gives 64 -d "$dir/db" check mta sendmail "$dir/etc"

# ---- mistakes ----------------------------------------------------------------

# found CHECK WITH SED: what sed makes of sendmail.cf has this problem, told with these words.
found() {
	sed -e "$3" "$dir/good/sendmail.cf" >"$dir/etc/sendmail.cf"
	! cmp -s "$dir/good/sendmail.cf" "$dir/etc/sendmail.cf" || { echo 'nothing was changed'; return 1; }
	told "$1" "$2"
}
told() {
	gives 1 check mta sendmail "$dir/etc" || { echo "exit status $got"; return 1; }
	awk -v name="problem: $1: " -v with="$2" '
		/^problem: / { print }
		index($0, name) == 1 && index($0, with) { found = 1 }
		END { exit !found }' "$out"
}

fresh
while IFS='|' read -r name what with command; do
	check "$what" found "$name" "$with" "$command"
done <<'END'
MAIL_FILTER|mail passes while the gate is down|F=T, T=C:30s|s/ F=T,//
MAIL_FILTER|the same with flags that say nothing|all mail goes by it|s/ F=T,/ F=,/
MAIL_FILTER|mail is refused for good while the gate is down|F=R|s/ F=T,/ F=R,/
MAIL_FILTER|a second for an answer|T=R:1s|s/R:30s/R:1s/
MAIL_FILTER|a second for a message|T=E:1s|s/E:5m/E:1s/
MAIL_FILTER|no time to connect|T=C:1s|s/C:30s/C:1s/
MAIL_FILTER|a filter with another socket|MAIL_FILTER(`postreeve', `S=local:/|s|/gate/milter.sock|/other.sock|
MAIL_FILTER|no filter|no filter has the gate's socket|/^X/d
MAIL_FILTER|a path that Sendmail takes for unsafe|is writable for more than its owner|/^O DontBlame/d
MAIL_FILTER|a Sendmail that is not root|nobody may not|$aO RunAsUser=nobody:nogroup
DaemonPortOptions|a daemon for logins without the gate|DAEMON_OPTIONS(`Port=2525, Name=plain, M=ES, InputMailFilters=postreeve')|/Port=2525/s/, InputMailFilters.*//
DaemonPortOptions|one with an empty list of filters, though all have the gate|DAEMON_OPTIONS(`Port=2525, Name=plain, M=ES, InputMailFilters=postreeve')|s/\(Port=2525.*InputMailFilters=\).*/\1\nO InputMailFilters=postreeve/
DaemonPortOptions|one with another filter|InputMailFilters=spam;postreeve')|/Port=2525/s/=postreeve/=spam/
DaemonPortOptions|one more, on a port of its own|DAEMON_OPTIONS(`Name=smtps, Port=465, M=sE, InputMailFilters=postreeve')|$aO DaemonPortOptions=Name=smtps, Port=465, M=s
DaemonPortOptions|one more, in an old spelling|who logs in here goes by the gate|$aOOPort=10025
DaemonPortOptions|one more, on a line that goes on|who logs in here goes by the gate|$aO DaemonPortOptions=Name=other,\n\tPort=10025
DaemonPortOptions|one more, its option cut short|who logs in here goes by the gate|$aO daemonport = Port=10025
DaemonPortOptions|the gate on port 25|DAEMON_OPTIONS(`Name=MTA, Port=smtp, M=A')|/Name=MTA/s/$/, InputMailFilters=postreeve/
DaemonPortOptions|the gate on all ports|instead of INPUT_MAIL_FILTER|$aO InputMailFilters=postreeve
DaemonPortOptions|logins on port 25|DAEMON_OPTIONS(`Name=MTA, Port=smtp, M=A')|/Name=MTA/s/, M=A//
DaemonPortOptions|no logins at all|take the A out|/Port=submission/s/M=E/M=EA/
DaemonPortOptions|no daemon but the one that there is by default|no daemon asks the gate|/^O DaemonPortOptions/d
DaemonPortOptions|STARTTLS on another port|DAEMON_OPTIONS(`Port=2525, Name=plain, InputMailFilters=postreeve, M=ES')|/Port=2525/s/M=ES/M=E/
DaemonPortOptions|TLS from the beginning on another port|it speaks TLS|/Port=2525/s/M=ES/M=Es/
DaemonPortOptions|no STARTTLS on the submission port|DAEMON_OPTIONS(`Port=submission, Name=submission, InputMailFilters=postreeve, M=E')|/Port=submission/s/M=E/M=ES/
DaemonPortOptions|ETRN|it offers ETRN|/Port=submission/s/, M=E//
DaemonPortOptions|logins under TLS alone, where there is none|AuthOptions has p|s/^O AuthOptions=.*/O AuthOptions=A p y/
AuthMechanisms|all mechanisms|define(`confAUTH_MECHANISMS', `LOGIN PLAIN')|/^O AuthMechanisms/d
AuthMechanisms|one mechanism alone|it is PLAIN|s/^O AuthMechanisms=.*/O AuthMechanisms=PLAIN/
AuthMechanisms|another one besides|it is LOGIN PLAIN CRAM-MD5|$aO authmechanisms=LOGIN PLAIN CRAM-MD5
AuthOptions|anonymous logins|define(`confAUTH_OPTIONS', `A y')|s/^O AuthOptions=.*/O AuthOptions=A/
AuthOptions|mechanisms that PLAIN is none of|define(`confAUTH_OPTIONS', `A y')dnl|s/^O AuthOptions=.*/O AuthOptions=A y f/
TrustAuthMech|nobody may relay|TRUST_AUTH_MECH(`LOGIN PLAIN')|/^C{TrustAuthMech/d
PrivacyOptions|no EHLO needed|confPRIVACY_FLAGS', `authwarnings,novrfy,noexpn,noverb,needmailhelo')|s/needmailhelo,//
PrivacyOptions|VRFY|VRFY tells|s/novrfy,//
PrivacyOptions|EXPN|EXPN tells|s/noexpn,//
RejectNUL|NUL in messages|define(`confREJECT_NUL', `true')|s/^O RejectNUL=.*/#O RejectNUL=false/
Timeout.command|an hour idle|define(`confTO_COMMAND', `30s')|/^O Timeout.command/d
Timeout.command|thirty minutes, which look like seconds|it is 30:|s/^O Timeout.command=.*/O Timeout.command=30/
MaxMessageSize|another SIZE announced|define(`confMAX_MESSAGE_SIZE', `8388608')|s/^O MaxMessageSize=.*/O MaxMessageSize=10000000/
MaxMessageSize|no SIZE announced|SIZE 0|/^O MaxMessageSize/d
MaxRecipientsPerMessage|Sendmail counts recipients first|define(`confMAX_RCPTS_PER_MESSAGE', `1000')|$aO MaxRecipientsPerMessage=100
HelpFile|no help|HELP is answered with an error|/^O HelpFile/d
ServerCertFile|no certificate|define(`confSERVER_CERT', `FILE')|/^O ServerCertFile/d
ServerCertFile|a certificate that is not there|there is no TLS|s|/cert.pem|/none.pem|
ServerKeyFile|no key|define(`confSERVER_KEY', `FILE')|/^O ServerKeyFile/d
END

# Those that lie elsewhere than in sendmail.cf.
elsewhere() {
	fresh
	(cd "$dir" && sh -c "$3") || return
	told "$1" "$2"
}
check 'a key that others can read' elsewhere ServerKeyFile 'chmod 600' 'chmod 644 good/key.pem'
chmod 600 "$dir/good/key.pem"
check 'a directory that anybody may write to' elsewhere MAIL_FILTER "$dir/gate is writable" 'chmod 777 gate'
chmod 755 "$dir/gate"
check 'no socket' elsewhere MAIL_FILTER 'start the daemon' 'mv gate/milter.sock away'
check 'nor a directory for it' elsewhere MAIL_FILTER "-m 2750 '$dir/gate'" 'mv gate moved'
mv "$dir/moved" "$dir/gate" && mv "$dir/away" "$dir/gate/milter.sock"
check 'nobody to ask for logins' elsewhere Sendmail.conf 'start postreeve-authd' 'mv auth/mux away'
mv "$dir/away" "$dir/auth/mux"
check 'another one to ask for logins' elsewhere Sendmail.conf "saslauthd_path: $dir/auth/mux" \
	'sed -i "s|/auth/mux|/other/mux|" etc/sasl/Sendmail.conf.2'
check 'logins from a file' elsewhere Sendmail.conf 'pwcheck_method: saslauthd' \
	'sed -i "s|: saslauthd|: auxprop|" etc/sasl/Sendmail.conf.2'
check 'bare newlines from some clients' elsewhere srv_features 'SMTP smuggling' \
	'printf "srv_features:192.0.2.8\tG\n" >>etc/access'
# shellcheck disable=SC2016 # that is what the file says
check 'mail of the machine that the gate would refuse' elsewhere submit.cf exempt_networks \
	'sed -i "s/TCP \$h/TCP \$h 587/" etc/submit.cf'
exempt() {
	echo 'exempt_networks = {127.0.0.1, "::1"}' >>"$dir/conf"
	nothing
}
check '  unless it is exempt' exempt

# finds_nothing WORDS SED: of what sed makes of sendmail.cf, but these words.
finds_nothing() {
	sed -e "$2" "$dir/good/sendmail.cf" >"$dir/etc/sendmail.cf"
	nothing && grep -q "^ok: .*$1" "$out"
}
fresh
privacy='authwarnings,novrfy,noexpn,noverb,needmailhelo'
check 'an option by its old letter' finds_nothing "PrivacyOptions.*$privacy" "s/^O PrivacyOptions=.*/Op$privacy/"

check 'no times, where those by default do' finds_nothing "a busy gate is waited for" 's/, T=C:30s[^,]*//'

# Who asks for logins, and whom.
other_sasl() {
	fresh && sed -i 's|^auth_saslauthd_socket.*|auth_saslauthd_socket = ""|' "$dir/conf"
	nothing && grep -q '^ok: Sendmail.conf: Cyrus SASL checks logins' "$out"
	code=$?
	sed -i "s|^auth_saslauthd_socket.*|auth_saslauthd_socket = \"$dir/auth/mux\"|" "$dir/conf"
	return "$code"
}
check 'logins that somebody else checks' other_sasl
by_directory() {
	fresh && printf '# Debian\npwcheck_method: saslauthd \t\nsaslauthd_path: %s \n' "$dir/auth" >"$dir/etc/sasl/Sendmail.conf.2"
	nothing
}
check "saslauthd's socket by its directory, and blanks behind it" by_directory
check 'no directory for it' elsewhere Sendmail.conf "install -d -o postreeve-auth -g postreeve-auth -m 2750 '$dir/auth'" 'mv auth moved'
mv "$dir/moved" "$dir/auth"
if [ -e /etc/sasl2/Sendmail.conf ] || [ -e /etc/sasl/Sendmail.conf ] || [ -e /usr/lib/sasl2/Sendmail.conf ]; then
	check 'SKIP there is a Sendmail.conf' true
	check 'SKIP there is one here, too' true
else
	check 'nothing says who checks logins' elsewhere Sendmail.conf "saslauthd_path: $dir/auth/mux, and mech_list" \
		'rm etc/sasl/Sendmail.conf.2'
	nobody() {
		sed -i 's|^auth_saslauthd_socket.*|auth_saslauthd_socket = ""|' "$dir/conf"
		elsewhere Sendmail.conf 'set auth_saslauthd_socket in' 'rm etc/sasl/Sendmail.conf.2'
		code=$?
		sed -i "s|^auth_saslauthd_socket.*|auth_saslauthd_socket = \"$dir/auth/mux\"|" "$dir/conf"
		return "$code"
	}
	check 'and nobody could' nobody
fi

# Where mail of this machine goes.
sed '/^exempt_networks/d' "$dir/conf" >"$dir/conf.strict"
cp "$dir/conf" "$dir/conf.exempt"
cp "$dir/conf.strict" "$dir/conf"
# shellcheck disable=SC2016 # that is what the file says
for host in '[localhost]' localhost '[IPv6:::1]'; do
	check "mail of the machine to $host" elsewhere submit.cf exempt_networks \
		'sed -i "s/TCP \$h/TCP \$h 587/; s/\[127.0.0.1\]/'"$host"'/" etc/submit.cf'
done
# shellcheck disable=SC2016
no_way_by_the_gate() {
	fresh && (cd "$dir" && sh -c "$1") && nothing
}
# shellcheck disable=SC2016
check '  but not to another machine' no_way_by_the_gate 'sed -i "s/TCP \$h/TCP \$h 587/; s/\[127.0.0.1\]/mail.example.com/" etc/submit.cf'
check '  nor by programs that there are not' no_way_by_the_gate 'rm etc/submit.cf'
check '  and nobody is told of otherwise' no_way_by_the_gate 'rm etc/access'
cp "$dir/conf.exempt" "$dir/conf"

# The gate at a TCP port.
cp "$dir/conf" "$dir/conf.unix"
sed -i 's/^socket.*/socket = "inet:10025@127.0.0.1"/' "$dir/conf"
fresh
check 'a gate at a TCP port' finds_nothing 'the gate is asked at inet:10025@127.0.0.1' \
	's/S=local:[^,]*/S=inet:10025@127.0.0.1/'
check 'that is not asked there' found MAIL_FILTER 'S=inet:10025@127.0.0.1' 's/S=local:[^,]*/S=inet:10026@127.0.0.1/'
check 'nor at a UNIX socket' found MAIL_FILTER 'S=inet:10025@127.0.0.1' 's/S=local:/S=unix:/'
cp "$dir/conf.unix" "$dir/conf"

# Who reaches the socket without being root: by its owner, or by its group.
if [ "$(id -u)" -eq 0 ] && getent passwd nobody >/dev/null; then
	chmod 755 "$dir"
	group=$(id -g nobody)
	reaches() {
		chown "$1" "$dir/gate" "$dir/gate/milter.sock" && chmod "$2" "$dir/gate" && chmod "$3" "$dir/gate/milter.sock"
		finds_nothing 'is asked at .* can be reached' "\$aO RunAsUser=nobody"
	}
	fresh
	check 'a socket of the user that Sendmail runs as' reaches nobody:root 700 600
	check 'one of its group' reaches "root:$group" 750 660
	shut_out() {
		chmod 600 "$dir/gate/milter.sock"
		told MAIL_FILTER 'nobody may not connect'
	}
	check '  that the group may not write to' shut_out
	chown root:root "$dir/gate" "$dir/gate/milter.sock"
	chmod 755 "$dir/gate" "$dir/gate/milter.sock"
else
	for skipped in 1 2 3; do
		check "SKIP not root, or no nobody ($skipped)" true
	done
fi

# Octets that are no settings. What is before a NUL counts, as it does to Sendmail.
garbage() {
	fresh
	{
		head -c 100000 /dev/urandom
		printf '\nO\nO \nO =\nX\nX,\nXa, S\nXb, T=;:;C\nC{\nD\nM\n,=,;\nO DaemonPortOptions=,=,P,M=\n'
		cat "$dir/good/sendmail.cf"
		printf 'O MaxMessageSize=8388608\0junk\nO Timeout.command=99999999999999999999999999w'
	} >"$dir/etc/sendmail.cf"
	told Timeout.command confTO_COMMAND
}
check 'octets of all kinds' garbage
too_long() {
	head -c 5000000 /dev/zero | tr '\0' '\n' >"$dir/etc/sendmail.cf"
	gives 66 check mta sendmail "$dir/etc" && grep -q 'too large' "$err"
}
check 'a file that is too long: 66' too_long
directory() {
	rm "$dir/etc/sendmail.cf" && mkdir "$dir/etc/sendmail.cf"
	gives 66 check mta sendmail "$dir/etc" && grep -q 'cannot be read' "$err"
}
check 'one that cannot be read: 66' directory

# ---- setup -------------------------------------------------------------------

mc() {
	fresh
	cat >"$dir/etc/sendmail.mc"
	cp "$dir/etc/sendmail.mc" "$dir/old.mc"
}
mc <<'END'
OSTYPE(`linux')dnl
DAEMON_OPTIONS(`Name=MTA, Port=smtp')dnl
DAEMON_OPTIONS(`Name=MSA, Port=587, M=Ea')dnl
DAEMON_OPTIONS(`Name=MSA6, Port=submission,
	Family=inet6')dnl
dnl DAEMON_OPTIONS(`Name=none, Port=587')dnl
include(`/opt/postreeve.mc')dnl
MAIL_FILTER(`postreeve',
  `S=local:/old, F=T')dnl
DAEMON_OPTIONS(`Name=smtps, Port=smtps, M=s, InputMailFilters=spam')
MAILER(`local')dnl
MAILER(`smtp')dnl
END
says_so() {
	gives 0 setup sendmail "$dir/etc" || { cat "$out"; return 1; }
	cmp "$dir/old.mc" "$dir/etc/sendmail.mc" && [ ! -e "$dir/etc/postreeve.m4" ] &&
		grep -q 'Nothing has been changed' "$out" && grep -q 'systemctl restart sendmail' "$out"
}
check 'setup says what it would do, and does nothing' says_so
applies() {
	printf 'sendmail.cf: sendmail.mc\n\ttouch made sendmail.cf\n' >"$dir/etc/Makefile"
	touch -d '1 minute ago' "$dir/etc/sendmail.mc" "$dir/etc/sendmail.cf"
	gives 0 setup sendmail "$dir/etc" --apply || { cat "$out"; return 1; }
	diff - "$dir/etc/sendmail.mc" <<-END || return
		OSTYPE(\`linux')dnl
		dnl # postreeve: DAEMON_OPTIONS(\`Name=MTA, Port=smtp')dnl
		DAEMON_OPTIONS(\`Name=MTA, Port=smtp, M=A')dnl
		dnl # postreeve: DAEMON_OPTIONS(\`Name=MSA, Port=587, M=Ea')dnl
		dnl # postreeve: DAEMON_OPTIONS(\`Name=MSA6, Port=submission,
		dnl # postreeve: 	Family=inet6')dnl
		DAEMON_OPTIONS(\`Name=MSA6, Port=submission, Family=inet6, InputMailFilters=postreeve')dnl
		dnl DAEMON_OPTIONS(\`Name=none, Port=587')dnl
		dnl # postreeve: include(\`/opt/postreeve.mc')dnl
		dnl # postreeve: MAIL_FILTER(\`postreeve',
		dnl # postreeve:   \`S=local:/old, F=T')dnl
		dnl # postreeve: DAEMON_OPTIONS(\`Name=smtps, Port=smtps, M=s, InputMailFilters=spam')
		DAEMON_OPTIONS(\`Name=smtps, Port=smtps, M=s, InputMailFilters=spam;postreeve')dnl
		include(\`$dir/etc/postreeve.m4')dnl
		MAILER(\`local')dnl
		MAILER(\`smtp')dnl
	END
	cmp "$dir/old.mc" "$dir/etc/sendmail.mc."* && [ -e "$dir/etc/made" ]
}
check '--apply does it, keeps what was, and runs make' applies
included() {
	grep -q "^MAIL_FILTER.*S=local:$dir/gate/milter.sock, F=T" "$dir/etc/postreeve.m4" &&
		grep -q '^dnl DAEMON_OPTIONS.*2525' "$dir/etc/postreeve.m4" &&
		! grep -q 'Name=MTA' "$dir/etc/postreeve.m4" || return
	# Besides, it is what is shipped.
	sed 1,2d "$dir/etc/postreeve.m4" | diff - "$srcdir/contrib/sendmail/postreeve.mc" | grep -c '^>' >"$dir/count"
	[ "$(cat "$dir/count")" -eq 2 ]
}
check 'the included file is what is shipped, with our socket' included
again() {
	rm "$dir/etc/made"
	cp "$dir/etc/sendmail.mc" "$dir/new.mc"
	gives 0 setup sendmail "$dir/etc" --apply || { cat "$out"; return 1; }
	grep -q 'nothing to change' "$out" && cmp "$dir/new.mc" "$dir/etc/sendmail.mc" &&
		[ ! -e "$dir/etc/made" ] && [ "$(find "$dir/etc" -name '*.*Z' | wc -l)" -eq 1 ]
}
check 'once more it does nothing' again
if command -v jq >/dev/null; then
	setup_as_json() {
		cp "$dir/old.mc" "$dir/etc/sendmail.mc" && rm "$dir/etc/postreeve.m4" "$dir/etc/"*Z
		touch -d '1 minute ago' "$dir/etc/sendmail.mc" "$dir/etc/sendmail.cf"
		gives 0 setup sendmail "$dir/etc" --apply --json || { cat "$out"; return 1; }
		jq -e 'length > 5 and all(.by_hand | not) and any(.mend != null and (.mend | startswith("make -C")))' "$out" &&
			cmp "$dir/new.mc" "$dir/etc/sendmail.mc"
	}
	check 'the same with --json' setup_as_json
else
	check 'SKIP there is no jq' true
fi
changed() {
	echo 'profile default { max_message_size = 1000000 }' >>"$dir/conf"
	touch -d '1 minute ago' "$dir/etc/sendmail.mc" "$dir/etc/sendmail.cf"
	gives 1 setup sendmail "$dir/etc" --apply || { cat "$out"; return 1; }
	grep -q "^define(.confMAX_MESSAGE_SIZE', .1000000')" "$dir/etc/postreeve.m4" &&
		[ -e "$dir/etc/made" ] && cmp "$dir/new.mc" "$dir/etc/sendmail.mc" &&
		grep -q 'Left to be done by hand' "$out"
}
check 'another configuration is taken over, and what is left is told' changed
default_daemon() {
	mc <<-END
		OSTYPE(\`linux')dnl
		MAILER(\`smtp')dnl
	END
	gives 0 setup sendmail "$dir/etc" --apply || { cat "$out"; return 1; }
	grep -q "^DAEMON_OPTIONS(.Name=MTA, M=A')dnl" "$dir/etc/postreeve.m4" &&
		grep -q 'There is no Makefile' "$out"
}
check 'mail from the Internet is taken as it was by default' default_daemon
fails_to_make() {
	printf "OSTYPE(\`linux')dnl" | mc
	printf 'sendmail.cf: sendmail.mc\n\tfalse\n' >"$dir/etc/Makefile"
	gives 70 setup sendmail "$dir/etc" --apply && grep -q 'is not made anew' "$err" &&
		[ "$(grep -c '^include(' "$dir/etc/sendmail.mc")" -eq 1 ]
}
check 'a make that fails: 70' fails_to_make
# refuses CODE WORDS DIRECTORY: setup does, and says why.
refuses() {
	gives "$1" setup sendmail "$3" && grep "$2" "$err"
}
fresh && rm -rf "$dir/it's" && cp -Rp "$dir/etc" "$dir/it's"
check 'a directory that m4 could not be told: 78' refuses 78 'quotation marks in names' "$dir/it's"
check 'a directory whose name is too long: 69' gives 69 check mta sendmail "/$(printf '%04095d' 0)"
unreadable_mc() {
	mkdir "$dir/etc/sendmail.mc"
	refuses 66 'sendmail.mc cannot be read' "$dir/etc"
}
check 'a sendmail.mc that cannot be read: 66' unreadable_mc
# shellcheck disable=SC2016 # m4's
odd_mc() {
	mc <<-'END'
		OSTYPE(`linux')dnl
		DAEMON_OPTIONS(`Port=587
		MAILER(`smtp')
	END
	printf 'DAEMON_OPTIONS(`Name=none, M=A'"'"')dnl\nDAEMON_OPTIONS(`Port=2526, M=A'"'"')dnl\nDAEMON_OPTIONS(`Port=2527, Name=%0950d'"'"')dnl\n' 1 >>"$dir/etc/sendmail.mc"
	printf 'DAEMON_OPTIONS(Port=587)dnl\nDAEMON_OPTIONS(`Port=2525, Name=it` ) \n\n' >>"$dir/etc/sendmail.mc"
	cp "$dir/etc/sendmail.mc" "$dir/old.mc"
	gives 0 setup sendmail "$dir/etc" --apply || return
	# What it does not understand it leaves.
	grep -vF "$dir/etc/postreeve.m4" "$dir/etc/sendmail.mc" | diff "$dir/old.mc" -
}
check 'macros of a form that it does not know are left as they are' odd_mc
inherited_mc() {
	mc <<-'END'
		INPUT_MAIL_FILTER(`postreeve', `S=local:/old')dnl
		DAEMON_OPTIONS(`Name=MTA, Port = smtp , M=A, InputMailFilters=postreeve')dnl
		DAEMON_OPTIONS(`Name=other, Port=2525, InputMailFilters=postreeve')dnl
	END
	gives 0 setup sendmail "$dir/etc" --apply && cat "$dir/etc/sendmail.mc" &&
		grep -Fx "dnl # postreeve: INPUT_MAIL_FILTER(\`postreeve', \`S=local:/old')dnl" "$dir/etc/sendmail.mc" &&
		grep -v '^dnl' "$dir/etc/sendmail.mc" | grep -F 'Name=MTA' >"$dir/count" &&
		! grep -F InputMailFilters=postreeve "$dir/count" &&
		grep -Fx "DAEMON_OPTIONS(\`Name=other, Port=2525, InputMailFilters=postreeve')dnl" "$dir/etc/sendmail.mc"
}
check 'the gate is taken from port 25, and left where it belongs' inherited_mc
no_mc() {
	fresh
	gives 66 setup sendmail "$dir/etc" && grep -q 'there is no .*/sendmail.mc' "$err"
}
check 'no sendmail.mc: 66' no_mc
echo "1..$n"
exit "$status"
