#!/bin/sh
# postreeve-authd at its sockets: the protocols, what is no protocol, and each reason to refuse.
# shellcheck disable=SC2016,SC2317 # awk's dollars; functions that check calls
set -u
: "${srcdir:=.}"
# shellcheck source-path=SCRIPTDIR source=authd_start.sh
. "$srcdir/tests/protocol/authd_start.sh"
# shellcheck source-path=SCRIPTDIR source=sandboxed.sh
. "$srcdir/tests/protocol/sandboxed.sh"

authd_setup
passwords set alice@example.com hers 10 || bail_out 'a password could not be set'
authd_start

# ---- the Dovecot protocol ------------------------------------------------------------------------

play() { client play "$socket" <"$srcdir/tests/protocol/authd.cases"; }
check 'what is answered in the Dovecot protocol' play
check 'a client of before is served' succeeds alice secret
check 'each failure is in the log with its reason' logged \
	'refused account=carol client=unknown mechanism=PLAIN service=smtp reason=disabled$'
check 'one that is unknown' logged 'refused account=nobody .* reason=unknown$'
check 'one of a bad hash' logged 'refused account=dave .* reason=hash$'
check 'one in the clear' logged 'refused account="" client=unknown mechanism=PLAIN service=smtp reason=tls$'
check 'one of bad form, escaped' logged 'refused account="alice\\x0a" client=unknown .* reason=form$'
check 'a login' logged \
	'login account=alice client=192.0.2.7 mechanism=PLAIN service=smtp$'
check 'no password' [ "$(grep -cE 'secret|hunter2' "$dir/log")" -eq 0 ]

# ---- saslauthd -----------------------------------------------------------------------------------

# request LOGIN PASSWORD SERVICE REALM: in hexadecimal.
request() {
	for string; do
		printf '%04x' "${#string}"
		printf '%s' "$string" | od -An -v -tx1 | tr -d ' \n'
	done
}
# answers HEX HEX: whether the request gets this answer.
answers() {
	answer=$(client saslauthd "$mux" "$2")
	[ "$answer" = "$1" ] || { echo "$answer"; return 1; }
}
ok=00024f4b no=00024e4f
check 'saslauthd: the right password' answers $ok "$(request alice secret smtp '')"
check 'that of an account in a realm' answers $ok "$(request alice hers smtp example.com)"
check 'where the same name without one is another account' answers $no "$(request alice secret smtp example.com)"
check 'a wrong one' answers $no "$(request alice wrong smtp '')"
check 'no name' answers $no "$(request '' secret smtp alice)"
check 'no password' answers $no "$(request alice '' smtp '')"
check 'a NUL in the name' answers $no '0006616c69636500'"$(request secret smtp '')"
check 'a string that is too long' answers $no 'ffff'"$(request alice)"
if command -v testsaslauthd >/dev/null; then
	check "Cyrus' own client: the right password" testsaslauthd -f "$mux" -u bob -p hunter2 -s smtp
	check 'and a wrong one' sh -c "! testsaslauthd -f '$mux' -u bob -p hunter3 -s smtp"
else
	n=$((n + 2))
	echo "ok $((n - 1)) # SKIP there is no testsaslauthd"
	echo "ok $n # SKIP there is no testsaslauthd"
fi

# refuses COMMAND: whether another daemon ends with 78, and says that the command mends it.
refuses() {
	ends_with 78 2>"$dir/errors" && grep -q ": $1\$" "$dir/errors" && return
	cat "$dir/errors"
	return 1
}

# ---- the sockets, and the end --------------------------------------------------------------------

check 'the sockets are for owner and group alone' \
	[ "$(stat -c %a "$socket") $(stat -c %a "$mux")" = '660 660' ]
check 'another daemon does not take them' ends_with 78
check 'all threads are in a sandbox' is_sandboxed "$pid"
client login "$socket" alice wrong 192.0.2.30 >"$dir/last" &
last=$!
check 'one is about to be answered' logged 'client=192.0.2.30'
authd_stop
check 'told to stop, it ends well' ended_well
wait "$last"
check 'after the last answer' grep -q '^FAIL' "$dir/last"
check 'and leaves no socket' [ ! -e "$socket" ]
echo x >"$socket"
check 'something else in the place of a socket stays there' ends_with 78
rm -f "$socket"
chmod o+w "$conf"
check 'a configuration that others may write to is not read' refuses "chmod go-w $conf"
chmod o-w "$conf"
if [ "$(id -u)" -eq 0 ]; then
	for file in "$conf" "$passwords"; do
		owner=$(stat -c %U "$file")
		chown daemon "$file"
		check "nor somebody else's ${file##*/}" refuses "chown $owner $file"
		chown "$owner" "$file"
	done
fi
authd_start
kill -KILL "$pid"
wait "$pid" 2>/dev/null
authd_start
check 'a socket that was left is removed' succeeds alice secret
authd_stop
check 'and it ends well' ended_well
"$daemon" -c "$conf" 2>"$dir/errors"
check 'in the background it serves once the first process has ended' succeeds alice secret
# shellcheck disable=SC2009
ps -eo pid=,args= | grep -F -- "-c $conf" | awk '$2 ~ /authd$/ { print $1 }' | xargs -r kill -TERM

# ---- fail2ban ------------------------------------------------------------------------------------

filter=$srcdir/contrib/fail2ban/filter.d/postreeve-authd.conf
client_found() {
	found=$(printf 'Nov  1 00:00:00 host postreeve-authd[7]: %s\n' "$2" | client matches "$filter")
	[ "$found" = "$1" ] || { echo "$found"; return 1; }
}
check 'fail2ban finds the client of a failure' client_found 192.0.2.7 \
	'refused account=alice client=192.0.2.7 mechanism=PLAIN service=smtp reason=password'
check 'an IPv6 client, a name in quotes' client_found 2001:db8::1 \
	'refused account="a\x20b" client=2001:db8::1 mechanism=LOGIN service=smtp reason=form'
check 'no name makes another client of it' client_found 192.0.2.7 \
	'refused account="x\x20client=198.51.100.1\x20mechanism=PLAIN" client=192.0.2.7 mechanism=PLAIN service=smtp reason=unknown'
check 'nor one without spaces' client_found 192.0.2.7 \
	'refused account=client=198.51.100.1 client=192.0.2.7 mechanism=PLAIN service=smtp reason=unknown'
check 'nor what it sends elsewhere' client_found 192.0.2.7 \
	'refused account=x client=192.0.2.7 mechanism="PLAIN\x20client=9.9.9.9" service=smtp reason=form'
check 'a login is none' client_found - \
	'login account=alice client=192.0.2.7 mechanism=PLAIN service=smtp'
check 'nor is what failed for want of the password file' client_found - \
	'unavailable account="refused" client=192.0.2.7 mechanism=PLAIN service=smtp cause="x"'

echo "1..$n"
exit $status
