#!/bin/sh
# Passwords of accounts: account password, and what other commands do with them.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

# Root's passwords are those of a third user; an ordinary one has both.
keys=$me
[ "$me" = root ] && keys=daemon
configure <<EOF
auth_user = "$keys"
auth_cost = 10
EOF
pw=$dir/auth/passwords

# with_conf ARGUMENT...: on the test's configuration. cli_tap.sh runs its own through it, too.
run() {
	"$postreeve" -c "$conf" "$@" >"$out" 2>"$err"
}

# typed TEXT ARGUMENT...: the same, with this on standard input.
typed() {
	text=$1
	shift
	printf "$text" | run "$@"
}

# takes NAME TEXT ARGUMENT... / refuses NAME CODE PATTERN TEXT ARGUMENT...: as gives, with standard input.
takes() {
	name=$1
	shift
	typed "$@" && [ ! -s "$err" ] && found 'password is set' "$out"
	report $? "$name"
}
refuses() {
	name=$1 code=$2 pattern=$3
	shift 3
	typed "$@"
	[ $? -eq "$code" ] && [ ! -s "$out" ] && one_line && found "$pattern" "$err"
	report $? "$name"
}

sql() { # STATEMENT: in the file of passwords
	sqlite3 "$pw" "$1"
}
hash_of() {
	sql "SELECT hash FROM password WHERE account = '$1'"
}

# state ACCOUNT WANTED: what account show says of its password, times made one.
state() {
	run account show "$1" && sed -n 's/^password *//p' "$out" |
		sed 's/20[0-9-]*T[0-9:]*Z/TIME/' >"$dir/state" && [ "$(cat "$dir/state")" = "$2" ]
	report $? "$1: ${2:-nothing}"
}

# ---- without a file

"$postreeve" -d "$db" init >"$out" 2>"$err" && run account add alice && run account add bob
report $? 'a registry, and no passwords'
[ "$user" = "$me" ] || chown "$user" "$db"
state alice ''
run account list --json && ! grep -q password "$out"
report $? 'account list says nothing of them'
run account suspend alice --reason x && run account resume alice && run account add carol &&
	run account delete carol && [ ! -s "$err" ]
report $? 'suspend, resume and delete have nothing to do'
gives 'nor has --delete' 0 'alice: had no password' account password alice --delete
answers 'nor check database' 0 '^ok: integrity' check database
! grep -q '[ /]passwords' "$out"
report $? 'which does not speak of it'
[ ! -e "$dir/auth" ]
report $? 'and nothing was made'
refuses 'without a directory none is set: 69' 69 'there is no such directory' 'secret\n' \
	account password alice --password-stdin

# ---- init

if [ "$me" = root ]; then
	sed 's/^auth_user.*/auth_user = "nosuchuser"/' "$conf" >"$dir/none.conf"
	"$postreeve" -c "$dir/none.conf" init >"$out" 2>"$err" && one_line &&
		found 'no user nosuchuser' "$err" && [ ! -e "$dir/auth" ]
	report $? 'init without the user says so, and goes on'
	gives 'init makes the directory and the file' 0 'passwords: the file of passwords is ready' init
	[ "$(stat -c '%U %a' "$dir/auth" "$pw" | tr '\n' ,)" = "$keys 700,$keys 600," ]
	report $? "which are the configured user's alone"
else
	skip 'init without the user says so, and goes on' 'needs root'
	run init && [ ! -e "$dir/auth" ] && mkdir -m 700 "$dir/auth"
	report $? "init makes no directory but as root"
	gives 'init makes the file in a directory of who runs it' 0 'passwords: the file of passwords is ready' init
fi
prints 'init again has nothing to do' "{\"database\": \"$db\", \"changed\": 0}" init --json

# ---- one line of standard input

long=$(printf '%01024d' 0)
takes 'a line' 'secret\n' account password alice --password-stdin
takes 'a line that ends with CRLF' 'secret\r\n' account password alice --password-stdin
takes 'a line without an end' 'secret' account password alice --password-stdin
takes 'blanks and all' '  a  b  \n' account password alice --password-stdin
takes 'UTF-8' 'p\303\244ssw\303\266rd\n' account password alice --password-stdin
takes '1024 octets' "$long\\r\\n" account password alice --password-stdin
{ run account password alice --password-stdin && run account password bob --password-stdin; } <<EOF
first
second
EOF
report $? 'what follows the line is left for others'
refuses 'nothing: 65' 65 'is empty' '' account password alice --password-stdin
refuses 'an empty line: 65' 65 'is empty' '\nsecret\n' account password alice --password-stdin
refuses 'an empty line of CRLF: 65' 65 'is empty' '\r\n' account password alice --password-stdin
refuses '1025 octets: 65' 65 'too long' "${long}1\\n" account password alice --password-stdin
refuses 'many more: 65' 65 'too long' "$long$long$long\\n" account password alice --password-stdin
refuses 'a NUL: 65' 65 'control' 'a\000b\n' account password alice --password-stdin
refuses 'a TAB: 65' 65 'control' 'a\tb\n' account password alice --password-stdin
refuses 'an ESC: 65' 65 'control' 'a\033b\n' account password alice --password-stdin
refuses 'a DEL: 65' 65 'control' 'a\177b\n' account password alice --password-stdin
refuses 'a CR within: 65' 65 'control' 'a\rb\n' account password alice --password-stdin
refuses 'a C1: 65' 65 'control' 'a\302\233b\n' account password alice --password-stdin
"$postreeve" -c "$conf" account password alice --password-stdin <&- >"$out" 2>"$err"
[ $? -eq 74 ] && one_line
report $? 'a closed standard input: 74'
refuses 'no account: 65' 65 'nobody: no such account' 'secret\n' account password nobody --password-stdin
refuses 'what is no name: 64' 64 'account' 'secret\n' account password 'a b' --password-stdin
refuses 'a group: 64' 64 'account' 'secret\n' account password %group --password-stdin
refuses 'two ways at once: 64' 64 'one of' 'secret\n' account password alice --password-stdin --generate
gives 'delete and another: 64' 64 'one of' account password alice --delete --generate
gives 'two accounts: 64' 64 'too many' account password alice bob --generate
gives 'no account: 64' 64 'too few' account password --generate
gives '--hash without one: 64' 64 'hash' account password alice --hash
gives '--generate is for no other command: 64' 64 'not for this command' account add alice --generate
"$postreeve" -d "$db" account password alice --generate >"$out" 2>"$err"
[ $? -eq 64 ] && one_line && found 'leave -d out' "$err"
report $? 'without a configuration: 64'
"$postreeve" -d "$db" account add alice --password-stdin </dev/null >"$out" 2>"$err"
[ $? -eq 64 ] && one_line && found 'leave -d out' "$err"
report $? 'nor account add: 64'
gives 'no terminal: 64, and what to do' 64 'give it with --password-stdin' account password alice </dev/null
state alice 'since TIME'

# ---- the hash

if command -v sqlite3 >/dev/null; then
	typed 'secret\n' account password alice --password-stdin
	first=$(hash_of alice)
	typed 'secret\r\n' account password bob --password-stdin
	case $first/$(hash_of bob) in
	"$(hash_of bob)/$first") false ;;
	\$scrypt\$ln=10,r=8,p=1\$*/\$scrypt\$ln=10,r=8,p=1\$*) true ;;
	*) false ;;
	esac
	report $? 'is scrypt at the configured cost, with a salt of its own'
	[ "$(sql 'PRAGMA secure_delete; SELECT count(*) FROM password')" ] &&
		! grep -qF secret "$pw" "$db"
	report $? 'and the password is nowhere'
	[ "$(stat -c %U "$dir/auth"/* | sort -u)" = "$keys" ] && [ "$(stat -c %U "$dir/db"/* | sort -u)" = "$user" ]
	report $? 'each file is that of its user'
else
	for name in 'is scrypt at the configured cost, with a salt of its own' \
		'and the password is nowhere' 'each file is that of its user'; do
		skip "$name" 'no sqlite3'
	done
fi

hash='$y$j9T$F5Jx5fExrKuPp53xLKQ..1$dcdi.Kj3Y1NH3BK2uZ3cZVoROm5iiTxn1keRYFNoCOA'
gives 'a hash of crypt(3)' 0 'alice: password is set' account password alice --hash "$hash"
if command -v sqlite3 >/dev/null; then
	[ "$(hash_of alice)" = "$hash" ]
	report $? 'is kept as it is'
else
	skip 'is kept as it is' 'no sqlite3'
fi
for bad in '' x '*' '$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1' abJnggxhB/yWI '$6$salt$short' \
	'$scrypt$ln=63,r=8,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA' "$hash " "$(printf '\033[31m')" "$long"; do
	gives "no hash: 65: $(printf %.20s "$bad" | LC_ALL=C tr -c ' -~' '?')" 65 'hash is malformed' \
		account password alice --hash "$bad"
done

# ---- generated

run account password alice --generate && [ ! -s "$err" ] && [ "$(wc -l <"$out")" -eq 1 ] &&
	grep -Eqx '[A-HJ-NP-Za-hjkmnp-z2-9]{24}' "$out"
report $? 'a generated one stands alone on standard output'
generated=$(cat "$out")
run account password alice --generate && [ "$(cat "$out")" != "$generated" ]
report $? 'and is never the same'
run account password alice --generate --json &&
	grep -Eqx '\{"account": "alice", "changed": 1, "password": "[A-Za-z2-9]{24}"\}' "$out"
report $? 'in JSON'
[ -w /dev/full ] && { "$postreeve" -c "$conf" account password alice --generate >/dev/full 2>"$err"; [ $? -eq 74 ]; }
report $? 'one that nobody can read: 74'

# ---- at a terminal

# at_terminal TEXT...: each is typed once there is one more prompt; the dialogue is in $out. SIGNAL:NAME
# sends the program that; 9 stands for what a signal ended.
at_terminal() {
	: >"$out"
	rm -f "$dir/type"
	mkfifo "$dir/type"
	timeout --foreground 60 script -qec "trap : HUP INT TERM; stty -a >'$dir/before'; sh -c 'echo \$\$ >\"$dir/pid\"; exec env --default-signal=HUP,INT,TERM \"$postreeve\" -c \"$conf\" account password alice'; code=\$?; stty -a >'$dir/after'; [ \$code -lt 128 ] || code=9; exit \$code" \
		/dev/null <"$dir/type" >"$out" 2>"$err" &
	script=$!
	exec 4>"$dir/type"
	prompts=0
	for text; do
		prompts=$((prompts + 1))
		tries=0
		while [ "$(grep -cE 'New password of|The same again' "$out")" -lt $prompts ] && [ $tries -lt 200 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		case $text in
		SIGNAL:*) kill -s "${text#SIGNAL:}" "$(cat "$dir/pid")" ;;
		*) printf '%s\n' "$text" >&4 ;;
		esac
	done
	wait $script
	code=$?
	exec 4>&-
	return $code
}

if command -v script >/dev/null; then
	at_terminal 'a secret' 'a secret' && found 'New password of alice: ' "$out" &&
		found 'The same again: ' "$out" && found 'alice: password is set' "$out"
	report $? 'it is asked for twice'
	! found 'a secret' "$out"
	report $? 'and not shown'
	cmp -s "$dir/before" "$dir/after"
	report $? 'and the terminal is as it was'
	at_terminal one another
	[ $? -eq 65 ] && found 'differ' "$out"
	report $? 'two that differ: 65'
	at_terminal '' ''
	[ $? -eq 65 ] && found 'is empty' "$out"
	report $? 'nothing: 65'
	for signal in INT TERM HUP; do
		at_terminal one SIGNAL:$signal
		[ $? -eq 9 ] && ! found 'is set' "$out" && grep -q '[ ;]echo[ ;]' "$dir/after" &&
			cmp -s "$dir/before" "$dir/after"
		report $? "SIG$signal ends it, and the terminal is as it was"
	done
	run account password alice </dev/null
	[ $? -eq 64 ]
	report $? 'nothing is asked for where standard input is none: 64'
else
	for name in 'it is asked for twice' 'and not shown' 'and the terminal is as it was' \
		'two that differ: 65' 'nothing: 65' 'SIGINT' 'SIGTERM' 'SIGHUP' 'no terminal'; do
		skip "$name" 'no script(1)'
	done
fi

# ---- account add

takes 'an account with its password' 'secret\n' account add dave --password-stdin
state dave 'since TIME'
takes 'one that is registered gets it, too' 'secret\n' account add dave --password-stdin
refuses 'a bad one adds no account: 65' 65 'is empty' '\n' account add erin --password-stdin
gives 'erin is not there' 65 'no such account' account show erin
chmod 777 "$dir/auth"
refuses 'nor does a file that is not safe: 78' 78 'chmod' 'secret\n' account add erin --password-stdin
chmod 700 "$dir/auth"
gives 'erin is still not there' 65 'no such account' account show erin

# ---- in step with the account

gives 'suspend' 0 'suspended' account suspend dave --reason unpaid
state dave 'since TIME, disabled'
gives 'suspend again' 0 'already' account suspend dave --reason unpaid
takes 'a new one while it is suspended' 'secret2\n' account password dave --password-stdin
state dave 'since TIME, disabled'
answers 'and check database finds it good' 0 '^ok: passwords: .*in step' check database
gives 'resume' 0 'active again' account resume dave
state dave 'since TIME'
gives 'resume again' 0 'already' account resume dave
run account add frank && run account suspend frank --reason x &&
	typed 'secret\n' account password frank --password-stdin
state frank 'since TIME, disabled'
gives 'a password is deleted' 0 'bob: password is deleted' account password bob --delete
state bob -
prints 'and again it is not' '{"account": "bob", "changed": 0}' account password bob --delete --json
gives 'suspend without one' 0 suspended account suspend bob --reason x
gives 'resume without one' 0 active account resume bob
run account list --json && sed 's/20[0-9-]*T[0-9:]*Z/TIME/g' "$out" >"$dir/list" &&
	grep -q '"name": "bob".*"password": null}' "$dir/list" &&
	grep -q '"name": "dave".*"password": {"changed": "TIME", "disabled": false}}' "$dir/list" &&
	grep -q '"name": "frank".*"password": {"changed": "TIME", "disabled": true}}' "$dir/list"
report $? 'account list in JSON tells of each'
run account show dave --json && found '"password": {"changed": "20' "$out"
report $? 'and account show'
"$postreeve" -d "$db" account show dave >"$out" 2>"$err" && ! grep -q password "$out" && [ ! -s "$err" ]
report $? 'which tells nothing without the configuration'
gives 'account delete' 0 'deleted' account delete dave
gives 'is of both' 0 'dave: had no password' account password dave --delete
run account add dave
state dave -

# ---- who did it

run log dave && sed 's/   */ /g' "$out" | grep -q " $me password set dave - - -$" &&
	sed 's/   */ /g' "$out" | grep -q " $me password delete dave - - -$" && ! grep -q scrypt "$out"
report $? 'the log has each change, and no hash'
before=$(run log && wc -l <"$out")
typed '\n' account password alice --password-stdin
typed 'secret\n' account password nobody --password-stdin
run account password bob --delete
[ "$(run log && wc -l <"$out")" -eq "$before" ]
report $? 'and nothing of what changed nothing'

# ---- check database

# finds NAME PATTERN STATEMENT: what sqlite3 makes of the file, as its owner, check database finds.
finds() {
	if ! command -v sqlite3 >/dev/null; then
		skip "$1" 'no sqlite3'
		return
	fi
	sql "$3"
	[ "$me" != root ] || chown "$keys" "$dir/auth"/*
	answers "$1" 1 "^problem: passwords: $2" check database
}
answers 'all is right' 0 '^ok: passwords: .*passwords: 2$' check database
finds 'a password of no account' "ghost .*no account: .*account password ghost --delete'" \
	"INSERT INTO password VALUES ('ghost', '$hash', 0, 0)"
gives 'which can be deleted' 0 'deleted' account password ghost --delete
finds 'a hash that is none' "bob .*cannot be judged.*account password bob'" \
	"INSERT INTO password VALUES ('bob', 'x', 0, 0)"
run account password bob --delete
finds 'one that is disabled' "alice .*not suspended: .*account resume alice'" \
	"UPDATE password SET disabled = 1 WHERE account = 'alice'"
gives 'is enabled' 0 'active again' account resume alice
finds 'one that is not' "frank is suspended.*account suspend frank --reason" \
	"UPDATE password SET disabled = 0 WHERE account = 'frank'"
gives 'is disabled' 0 'suspended' account suspend frank --reason x
answers 'and all is right again' 0 '^ok: passwords: .*passwords: 2$' check database
chmod 640 "$pw"
answers 'a file that others can read' 1 '^problem: passwords: .*chmod 600' check database
gives 'is not used: 78' 78 'chmod 600' account password alice --generate
gives 'nor is the account suspended without it: 78' 78 'chmod 600' account suspend alice --reason x
chmod 600 "$pw"
state alice 'since TIME'
cp "$pw" "$dir/copy"
head -c 3000 "$dir/copy" >"$pw"
answers 'a file that is cut off' 1 '^problem: passwords: .*copy in its place' check database
gives 'is told as what it is: 65' 65 'damaged' account password alice --generate
state alice ''
cat "$dir/copy" >"$pw"
answers 'and with the copy all is right again' 0 '^ok: passwords: .*in step' check database

# ---- others

if [ "$me" = root ]; then
	# The program must be where that user can reach it.
	cp "$postreeve" "$dir/program" && chmod 755 "$dir/program" && chmod 644 "$conf"
	theirs() {
		setpriv --reuid="$user" --regid="$user" --clear-groups "$dir/program" -c "$conf" "$@" >"$out" 2>"$err"
	}
	[ "$(id -gn "$user")" = "$user" ] || theirs() {
		setpriv --reuid="$user" --regid="$(id -gn "$user")" --clear-groups "$dir/program" -c "$conf" "$@" >"$out" 2>"$err"
	}
	theirs account show alice && ! grep -q password "$out" && [ ! -s "$err" ]
	report $? "the registry's user is told nothing of passwords"
	theirs check database && found '^ok: passwords: only root and its owner' "$out"
	report $? 'nor by check database'
	theirs account suspend alice --reason x
	[ $? -eq 77 ] && one_line && grep -q "as root or as user $keys" "$err"
	report $? 'and cannot suspend, for the password would be left: 77'
	state alice 'since TIME'
	chown root "$dir/auth"
	gives "a directory that is not the configured user's: 78" 78 'does not belong' account password alice --generate
	answers 'and check database finds it' 1 "^problem: passwords: $dir/auth belongs to another user" check database
	chown "$keys" "$dir/auth"
	[ -z "$(find "$dir/auth" ! -user "$keys")" ] && [ -z "$(find "$dir/db" ! -user "$user")" ]
	report $? 'root leaves no file of its own'
else
	for name in "the registry's user is told nothing of passwords" 'nor by check database' \
		'and cannot suspend, for the password would be left: 77' 'alice' \
		"a directory that is not the configured user's: 78" 'and check database finds it' \
		'root leaves no file of its own'; do
		skip "$name" 'needs root'
	done
fi

pids=
for i in 1 2 3 4; do
	for j in 1 2 3 4 5; do
		echo "secret $j" | "$postreeve" -c "$conf" account add "p$i.$j" --password-stdin
	done >/dev/null 2>"$dir/err.$i" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || echo failed >"$dir/err.0"
done
cat "$dir"/err.? >"$err"
run account list --json
[ ! -s "$dir/err.1" ] && [ "$(grep -c '"name": "p[1-4].*"password": {' "$out")" -eq 20 ]
report $? 'four programs that set passwords at once lose nothing'

finish
