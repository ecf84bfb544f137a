#!/bin/sh
# Limits of an account's own: account limit, and what account show makes of them.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

configure <<EOF
profile default { max_recipients = 50 suspend_after = "50 refusals in 10m" }
profile bulk {
	max_message_size = 20M
	max_recipients = 60
	allow_null_sender = yes
	rule tls_required { mode = shadow }
	rule sender_registered { mode = off }
}
EOF

# configured NAME CODE PATTERN ARGUMENT...: as gives does, but with the configuration.
configured() {
	name=$1 code=$2 pattern=$3
	shift 3
	"$postreeve" -c "$conf" "$@" >"$out" 2>"$err"
	[ $? -eq "$code" ] && { found "$pattern" "$out" || found "$pattern" "$err"; } && { [ "$code" -eq 0 ] || one_line; }
	report $? "$name"
}

# tells NAME LINE: the limits that account show just told have this line, whatever its width.
tells() {
	sed 's/   */ /g' "$out" | grep -qxF -- "$2"
	report $? "$1"
}

run init && run account add alice --profile bulk && run account add bob
report $? 'a registry'

# ---- setting them

gives 'account limit' 0 '^alice: 2 changed, 0 so already$' \
	account limit alice max_recipients=500 messages_per_day=unlimited
gives 'account limit again is success and says so' 0 '^alice: 0 changed, 2 so already$' \
	account limit alice max_recipients=500 messages_per_day=unlimited
prints 'account limit in JSON' '{"account": "alice", "changed": 1}' \
	--json account limit alice max_recipients=500 octets_per_day=2097152K
prints 'a value is stored in its one spelling' '{"account": "alice", "changed": 0}' \
	account limit alice octets_per_day=2G --json

configured 'account show has the limits' 0 '^LIMIT  *VALUE  *FROM$' account show alice
tells 'a limit of its own' 'max_recipients 500 account'
tells 'one that is unlimited' 'messages_per_day unlimited account'
tells 'one in octets' 'octets_per_day 2G account'
tells 'one of its profile' 'max_message_size 20M profile bulk'
tells 'one that is built in' 'max_connections 10 built in'
tells 'a threshold of the default profile' 'suspend_after 50 refusals in 10m profile default'
tells 'a switch of its profile' 'allow_null_sender yes profile bulk'
tells 'a switch that is built in' 'allow_tagged_sender no built in'
tells 'a rule that only watches' 'tls_required shadow'
tells 'a rule that is off' 'sender_registered off'
[ "$(grep -c 'max_recipients' "$out")" -eq 1 ]
report $? 'each limit is told once'
configured 'account show of another' 0 '^profile  *default$' account show bob
tells 'a limit of the default profile' 'max_recipients 50 profile default'
! grep -q -e tls_required -e account_ -e '^RULE' -e problem "$out"
report $? 'no rule is told whose mode is the built-in one'

"$postreeve" -c "$conf" --json account show alice >"$out" 2>"$err"
for member in '{"name": "max_recipients", "text": "500", "from": "account", "value": 500}' \
	'{"name": "messages_per_day", "text": "unlimited", "from": "account", "value": null}' \
	'{"name": "octets_per_day", "text": "2G", "from": "account", "value": 2147483648}' \
	'{"name": "max_connections", "text": "10", "from": "built in", "value": 10}' \
	'{"name": "allow_null_sender", "text": "yes", "from": "profile bulk"}' \
	'"modes": {"tls_required": "shadow", "sender_registered": "off"}' '"problems": []'; do
	grep -qF "$member" "$out"
	report $? "account show in JSON: $member"
done

prints 'without the configuration: its own, and that these are all' 'account    alice
profile    bulk
suspended  -
created    TIME
senders    0
limits     of its own alone: with -d no configuration is read, which has those of its profile

LIMIT             VALUE      FROM
max_recipients    500        account
messages_per_day  unlimited  account
octets_per_day    2G         account' account show alice

gives 'a value "default" takes the limit away' 0 '^alice: 2 changed, 0 so already$' \
	account limit alice messages_per_day=default octets_per_day=default
gives 'taken away again is success and says so' 0 '^alice: 0 changed, 1 so already$' \
	account limit alice messages_per_day=default
configured 'and the profile has it again' 0 '^octets_per_day  *unlimited  *built in$' account show alice

# ---- a message is judged by them

printf 'From: <alice@example.com>\nSubject: x\n\nx\n' >"$dir/message"
head -c 3000 /dev/zero | tr '\0' '\n' >>"$dir/message"
gives 'a limit of its own is used for scan' 0 '^bob: 2 changed' \
	account limit bob max_message_size=2K octets_per_hour=2K
chmod 644 "$dir/message"
configured 'scan --account refuses what is over it' 0 'max_message_size\|2048' \
	scan --account bob "$dir/message"

# ---- what is refused changes nothing

gives 'no KEY=VALUE: 64 and how it is used' 64 'account limit NAME KEY=VALUE' account limit alice
gives 'no value: 64' 64 'KEY=VALUE' account limit alice max_recipients
gives 'no key: 64 and which there are' 64 'octets_per_day' account limit alice =5
gives 'an unknown key: 64 and which there are' 64 '"max_recipient": there are .*messages_per_minute' \
	account limit alice max_recipients=7 max_recipient=8
gives 'an unknown key to be taken away: 64' 64 '"max_recipient"' account limit alice max_recipient=default
gives 'a rule without a limit: 64' 64 '"helo_name"' account limit alice helo_name=1
gives 'a threshold: 64' 64 '"suspend_after"' account limit alice suspend_after=never
gives 'a key given twice: 64' 64 'max_recipients is given twice' \
	account limit alice max_recipients=7 max_recipients=8
gives 'control characters: 64' 64 'x1b' account limit alice "$(printf 'max\033[31m=1')"
long=$(printf '%0300d' 0)
gives 'a long key: 64 in a short line' 64 '\.\.\.' account limit alice "$long=1"
for bad in max_recipients=0 max_recipients=1000001 max_recipients=-1 max_recipients= \
	max_recipients=unlimited max_recipients=1K max_message_size=1 max_message_size=8MB \
	messages_per_hour=1e3 octets_per_day=x "max_recipients=$long" 'max_recipients= 7'; do
	gives "not a value: 64 and what it may be: $(printf %.40s "$bad")" 64 'must be a number' \
		account limit alice messages_per_minute=7 "$bad" max_connections=7
done
# shellcheck disable=SC2046 # words
gives 'too many: 64' 64 'too many' account limit alice $(seq -f 'x%g=default' 30)
gives "what is no account's name: 64" 64 'account' account limit 'a b' max_recipients=7
gives 'an unknown account: 65' 65 'nobody: no such account' account limit nobody max_recipients=7
run group add %sales
gives 'a group: 64' 64 'account' account limit %sales max_recipients=7
prints 'all of that changed nothing' 'account    alice
profile    bulk
suspended  -
created    TIME
senders    0
limits     of its own alone: with -d no configuration is read, which has those of its profile

LIMIT           VALUE  FROM
max_recipients  500    account' account show alice

# ---- what the daemon cannot judge by

run account add carol --profile gone
configured 'a profile that the configuration has not is a problem' 0 \
	'^problem .*profile.*answered 451.*account add' account show carol
"$postreeve" -c "$conf" --json account show carol >"$out" 2>"$err" && grep -q '"limits": \[\]' "$out"
report $? 'and no limits are told'

if command -v sqlite3 >/dev/null; then
	sqlite3 "$db" "UPDATE account_limit SET name = 'max_replies' WHERE name = 'max_recipients'" \
		>"$out" 2>"$err"
	report $? 'a limit of another version'
	configured 'is a problem, too' 0 '^problem .*max_replies .*answered 451' account show alice
	tells 'and told' 'max_replies 500 account'
	gives 'and can be taken away' 0 '1 changed' account limit alice max_replies=default
	configured 'and is none any more' 0 '^max_recipients  *60  *profile bulk$' account show alice
else
	for name in 'a limit of another version' 'is a problem, too' 'and told' 'and can be taken away' \
		'and is none any more'; do
		skip "$name" 'there is no sqlite3'
	done
fi

run account delete bob && run account add bob && run account show bob && ! grep -q octets_per "$out"
report $? 'an account takes its limits with it'

finish
