#!/bin/sh
# What accounts have used of their quotas: usage.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"
put=$builddir/tests/unit/put_usage

configure <<EOF
profile default { messages_per_hour = 100 octets_per_day = 2G }
EOF

run init && run account add alice && run account add bob && run account limit alice messages_per_hour=20
report $? 'a registry'
gives 'before there is anything: a plain sentence' 0 'nothing has been counted yet' usage
prints 'and an empty array' '[]' usage --json
gives 'the same of an account' 0 'nothing has been counted yet' usage alice
[ ! -e "$dir/db/usage.sqlite3" ]
report $? 'and no file is made'

{
	"$put" "$db" alice messages_per_hour 7 3000 && "$put" "$db" alice octets_per_day 123456789 3600 &&
		"$put" "$db" bob messages_per_hour 3 60 && "$put" "$db" bob messages_per_minute 3 60 &&
		"$put" "$db" alice messages_per_minute 9 -1 && "$put" "$db" gone messages_per_day 1 60 &&
		"$put" "$db" bob frobs_per_day 1 60
} >"$out" 2>"$err"
report $? 'counts'
[ "$user" = "$me" ] || chown "$user" "$dir/db/usage.sqlite3"

# configured NAME TEXT ARGUMENT...: as lists does, but with the configuration.
configured() {
	name=$1 text=$2
	shift 2
	"$postreeve" -c "$conf" "$@" >"$out" 2>"$err" && [ ! -s "$err" ] &&
		[ "$(sed -e 's/20[0-9][0-9]-[^ ]*Z/TIME/' -e 's/   */ /g' "$out")" = "$text" ]
	report $? "$name"
}

configured 'what runs, and the limits' 'ACCOUNT QUOTA USED LIMIT ENDS
alice messages_per_hour 7 20 TIME
alice octets_per_day 123456789 2G TIME
bob frobs_per_day 1 - TIME
bob messages_per_hour 3 100 TIME
bob messages_per_minute 3 unlimited TIME
gone messages_per_day 1 - TIME' usage
configured 'of one account' 'ACCOUNT QUOTA USED LIMIT ENDS
alice messages_per_hour 7 20 TIME
alice octets_per_day 123456789 2G TIME' usage alice
lists 'without the configuration there are no limits' 'ACCOUNT QUOTA USED LIMIT ENDS
alice messages_per_hour 7 - TIME
alice octets_per_day 123456789 - TIME' usage alice
"$postreeve" -c "$conf" usage bob --json >"$out" 2>"$err" && [ ! -s "$err" ] &&
	[ "$(sed 's/20[0-9][0-9]-[^ ]*Z/TIME/' "$out")" = '[
{"account": "bob", "quota": "frobs_per_day", "used": 1, "limit": null, "ends": "TIME"},
{"account": "bob", "quota": "messages_per_hour", "used": 3, "limit": 100, "ends": "TIME"},
{"account": "bob", "quota": "messages_per_minute", "used": 3, "limit": null, "ends": "TIME"}
]' ]
report $? 'in JSON'
run account add alice --profile gone
configured 'a profile that is not there: no limits' 'ACCOUNT QUOTA USED LIMIT ENDS
alice messages_per_hour 7 - TIME
alice octets_per_day 123456789 - TIME' usage alice

if command -v sqlite3 >/dev/null; then
	sqlite3 "$dir/db/usage.sqlite3" "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 2000) INSERT INTO usage SELECT 'account-of-some-length-' || i, 'messages_per_day', 0,
		9999999999999, 1 FROM n"
fi
lets_go "$dir/db/usage.sqlite3" usage
lets_go "$dir/db/usage.sqlite3" usage --json

# ---- what goes wrong

gives 'an unknown account: 65' 65 'nobody: no such account' usage nobody
gives 'one that is gone: 65' 65 'gone: no such account' usage gone
gives "what is no account's name: 64" 64 'account' usage 'a b'
gives 'two accounts: 64' 64 'too many' usage alice bob
echo 'no database, but long enough to be one' >"$dir/db/usage.sqlite3"
gives 'a file that is none of counts: 65, and what to do' 65 'move it away' usage
chmod 666 "$dir/db/usage.sqlite3"
gives 'one that others can write to: 78' 78 'chmod' usage
rm -f "$dir/db"/usage.sqlite3*
gives 'and counting begins anew' 0 'nothing has been counted yet' usage
db=$dir/db/none
gives 'no registry: 69' 69 'postreeve init' usage alice

finish
