#!/bin/sh
# postreeve report: verdicts counted from logs of every form, and the grants that they propose.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
postreeve=$builddir/db/cli/postreeve

dir=$(mktemp -d "${TMPDIR:-/tmp}/report.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

log=$dir/log
grants=$dir/grants.csv
: >"$dir/empty"

# report ARGUMENT...: its output in $dir/out, its complaints in $dir/err. No configuration is there.
report() {
	"$postreeve" -c "$dir/none" report "$@" >"$dir/out" 2>"$dir/err"
}

# prints TEXT ARGUMENT...: exactly this, and no complaint. Runs of spaces are made one.
prints() {
	printf '%s\n' "$1" >"$dir/expected"
	shift
	report "$@" || { cat "$dir/err"; return 1; }
	tr -s ' ' <"$dir/out" >"$dir/found"
	cat "$dir/err"
	diff "$dir/expected" "$dir/found" && [ ! -s "$dir/err" ]
}

# counts ROW LINE...: of these lines, this is the one row that is counted; "" for none.
counts() {
	row=$1
	shift
	printf '%s\n' "$@" >"$log"
	prints "VERDICT RULE ACCOUNT COUNT${row:+
$row}" "$log"
}

# fails CODE PATTERN ARGUMENT...
fails() {
	code=$1 pattern=$2 got=0
	shift 2
	report "$@" || got=$?
	cat "$dir/err"
	[ "$got" -eq "$code" ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" -eq 1 ] &&
		grep -q "^postreeve: .*$pattern" "$dir/err"
}

# proposes CSV-LINES LINE...: of these log lines, the grants behind the head; "" for none.
proposes() {
	csv=$1
	shift
	printf '%s\n' "$@" >"$log"
	prints "account,pattern,expires,note${csv:+
$csv}" --grants - "$log"
}

text='4Xy1z2: reject rule=max_recipients stage=rcpt account=alice sender=<a@example.com> value=101 limit=100 reply="452 4.5.3 x y"'
json='{"queue_id": "4Xy1z2", "verdict": "reject", "rule": "max_recipients", "stage": "rcpt", "account": "alice", "value": 18446744073709551615, "reply": "x"}'
row='reject max_recipients alice 1'
registered='4X: shadow rule=sender_registered stage=mail account=alice sender'
header='4X: reject rule=header_from stage=eom account=alice sender=<a@example.com> about'

# ---- the forms of lines --------------------------------------------------------------------------

for line in "$text" "$json"; do
	form=${line%"${line#?}"}
	check "$form: a bare line" counts "$row" "$line"
	check "$form: from standard error" counts "$row" "postreeved[812]: $line"
	check "$form: from syslog" counts "$row" "Nov  5 23:18:32 mx postreeved[812]: $line"
	check "$form: with a facility" counts "$row" "Nov 25 23:18:32 mx mail.notice postreeved[812]: $line"
	check "$form: without a host" counts "$row" "Nov 25 23:18:32 postreeved: $line"
	check "$form: with an ISO time" \
		counts "$row" "2026-11-25T23:18:32.123456+01:00 mx postreeved[812]: $line"
	check "$form: with CR" counts "$row" "$(printf '%s\r' "$line")"
	check "$form: quoted by another program, it is that one's" \
		counts '' "Nov 25 23:18:32 mx postfix/smtpd[1]: warning: postreeved[812]: $line" \
		"Nov 25 23:18:32 mx postfix/smtpd[1]: $line" "Nov 25 23:18:32 mx kernel: postreeved[1]: $line"
done
check 'all verdicts, the most frequent first' prints "VERDICT RULE ACCOUNT COUNT
reject max_recipients alice 3
exempt - - 1
pass - bob 1
shadow helo_name %sales 1
tempfail header_from alice 1" - <<EOF
$text
$json
4X: pass account=bob sender=<b@example.com> client=192.0.2.7 recipients=1
4X: exempt account="" sender=<> client=192.0.2.7 recipients=1
NOQUEUE: shadow rule=helo_name stage=mail account=%sales by=network sender=x client=192.0.2.7 reply="x"
4X: tempfail rule=unavailable for=header_from stage=eom account=alice sender=x reply="451 x" cause="a b"
Nov 25 23:18:32 mx postreeved[812]: started: version 0.1.0, socket local:/x, user y
$text
EOF
printf '%s\n' "$text" >"$log"
check 'several files are one log' prints "VERDICT RULE ACCOUNT COUNT
reject max_recipients alice 2" "$log" "$log"
from_stdin() {
	prints "VERDICT RULE ACCOUNT COUNT
$row" <"$log"
}
check 'standard input, where none is named' from_stdin
check 'a directory is no log: 74' fails 74 'Is a directory' "$dir"
check 'an empty log' prints 'VERDICT RULE ACCOUNT COUNT' "$dir/empty"
check 'with --shadow, those of shadow rules alone' prints 'VERDICT RULE ACCOUNT COUNT' --shadow "$log"
check 'in JSON' prints '{"verdicts": [
{"verdict": "reject", "rule": "max_recipients", "account": "alice", "count": 1}
], "lines": 1, "unreadable": 0, "uncounted": 0, "grants": null, "left_out": null}' --json "$log"

# ---- hostile lines -------------------------------------------------------------------------------

check 'escapes are read, and shown as escapes' counts 'reject helo_name al\x0d\x0aice"\ 1' \
	'4X: reject rule=helo_name account="al\x0d\x0aice\"\\" sender="<x>\x20account=root"'
check 'a queue ID in quotes' counts "$row" "$(echo "$text" | sed 's/^4Xy1z2/"4\\x0dX"/')"

# unreadable LINE...: each is the daemon's, and broken; nothing is counted.
unreadable() {
	for line in "$@"; do
		printf '%s\n' "$line" >"$log"
		report "$log" || return
		grep -q '1 of postreeved.s lines could not be read' "$dir/err" &&
			[ "$(wc -l <"$dir/out")" -eq 1 ] || { echo "read: $line"; return 1; }
	done
}
many=$(printf '%0301d' 0)
check 'what is cut, twice or malformed is not read, and said' unreadable \
	'4X: reject rule=helo_name account="al' '4X: reject rule=helo_name account="a\x0' \
	'4X: reject rule=helo_name account="a\x00"' '4X: reject rule=helo_name account=a account=b' \
	'4X: reject rule=helo_name account=' '4X: reject rule=helo_name  account=a' \
	'4X: reject rule=helo_name account="a\q"' '4X: reject rule=helo_name account="a\xg0"' \
	'4X: reject rule=helo_name account="a\x4g"' '4X: reject rule=helo_name account=a\x41' \
	'4X: reject rule=helo_name account="a"b' '4X: reject rule=helo_nämé' \
	'{"queue_id": "4X", "verdict": ""}' '{"queue_id": "4X", "verdict": "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"}' \
	'4X: reject rule=helo_name junk' '4X: reject rule=helo_name account=a"b' \
	"$(printf '4X: reject account="a\033b"')" "4X: reject account=$many" \
	'{"queue_id": "4X", "verdict": "reject", "rule": "a", "rule": "b"}' '{"queue_id": "4X", "verdict"' \
	'{"queue_id": "4X", "verdict": "reject", "account": 5}' '{"queue_id": "4X", "verdict": "maybe"}' \
	'{"queue_id": "4X", "verdict": "reject", "account": "\u0000"}' \
	"{\"queue_id\": \"4X\", \"verdict\": \"reject\", \"account\": \"$many\"}"
check 'other lines are passed over' counts '' 'no verdict' '' ':' ': reject' '4X: rejected rule=x' \
	'4X:' '{"a": 1}' '{"verdict": "reject"}' '{"verdict": "reject", "queue_id": 4}' '{"verdict": 7, "queue_id": "4X"}' \
	'4X: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz x=y' '4X: reject, it seems' \
	'Nov 25 23:18:32 one two three four postreeved[1]: 4X: reject rule=helo_name account=a' 'Nov 25 23:18:32  mx' \
	'Nov 25 23:18:32 mx[1] postreeved[1]: 4X: reject rule=helo_name account=a' 'Nov 25' '2026' 'Nov 25 23:18:32 mx' 'postreeved[' 'postreeved[1]:'
long_lines() {
	{
		head -c 100000 /dev/zero | tr '\0' x
		echo
		printf '4X: reject rule=helo_name account=a\0\n'
		echo "$text"
		head -c 50000000 /dev/zero
	} >"$log"
	(ulimit -v 100000 2>/dev/null; report "$log")
	tr -s ' ' <"$dir/out" | grep -qx "$row" && [ "$(wc -l <"$dir/out")" -eq 2 ]
}
if nm "$postreeve" 2>/dev/null | grep -Eq '__(asan|tsan)_init'; then
	check 'SKIP the sanitizer wants more memory' true
else
	check 'lines without end, and with NUL, are passed over in little memory' long_lines
fi

# ---- grants --------------------------------------------------------------------------------------

check 'a sender that is not registered: its canonical address' \
	proposes 'alice,bob@example.com,,in the log: 1' "$registered=<Bob@Example.COM> client=x reply=\"553 x\""
check 'an address in the header' \
	proposes 'alice,eve@example.com,,in the log: 1' "$header=eve@example.com reply=\"550 x\""
check 'each once, by account and address' proposes 'alice,a@example.com,,in the log: 1
alice,b@example.com,,in the log: 2
bob,b@example.com,,in the log: 1' "$registered=<b@example.com>" "$header=B@example.com" \
	"$registered=<a@example.com>" "$(echo "$registered" | sed s/alice/bob/)=<b@example.com>"
check 'fields are quoted where CSV wants it' proposes '"a,""b""","""a b""@example.com",,in the log: 1' \
	'4X: shadow rule=sender_registered account="a,\"b\"" sender="<\"a\x20b\"@example.com>"'
check 'UTF-8 in JSON' proposes 'alice,é@example.com,,in the log: 1' \
	'{"queue_id": "4X", "verdict": "reject", "rule": "header_from", "account": "alice", "about": "\u00e9@example.com"}'
check 'other rules and verdicts propose nothing' proposes '' "$text" \
	'4X: tempfail rule=unavailable for=header_from account=alice about=a@example.com' \
	'4X: pass account=alice sender=<b@example.com> recipients=1'

left_out() {
	printf '%s\n' "$@" >"$log"
	report --grants - "$log"
	cat "$dir/err"
	[ "$(wc -l <"$dir/out")" -eq 1 ] && grep -q "no grant.*: $#$" "$dir/err"
}
check 'what is cut, no address, or of nobody is left out and counted' left_out \
	"$registered=\"<aaaaaaaaaaaaaaaaa@example.co...\"" "$registered=<a@example.com...>" "$registered=<>" \
	"$registered=nonsense" "$registered=\"<\\xff@example.com>\"" "$header=a@example.com..." \
	'4X: reject rule=sender_registered account="" sender=<a@example.com>' "$header=\"x\"" \
	'4X: reject rule=sender_registered account="a\x20b" sender=<a@example.com>' \
	'{"queue_id": "4X", "verdict": "reject", "rule": "header_from", "account": "alice", "about": "\"\\xff\"@example.com"}'

writes_a_file() {
	rm -f "$grants"
	printf '%s\n' "$registered=<b@example.com>" "$header=c@example.com" >"$log"
	report --shadow --grants "$grants" "$log" &&
		grep -q "^$grants: 1 grants$" "$dir/out" && [ "$(stat -c %a "$grants")" = 600 ] &&
		[ "$(cat "$grants")" = 'account,pattern,expires,note
alice,b@example.com,,in the log: 1' ]
}
check 'into a new file, with --shadow those of shadow rules' writes_a_file
check 'a file that is there is not written over: 73' fails 73 'is there already' --grants "$grants" "$log"
check 'and stands as it was' grep -q alice,b@example.com "$grants"
check 'a directory that is not there: 73' fails 73 'No such file' --grants "$dir/no/grants" "$log"
check 'a log that cannot be read leaves no file' \
	sh -c "! '$postreeve' report --grants '$dir/new' '$dir/none' && [ ! -e '$dir/new' ]"
check 'a log that is not there: 66' fails 66 'No such file' "$dir/none"
check 'a directory: 74' fails 74 'Is a directory' "$dir"
check '--json and --grants -: 64' fails 64 'name a file' --json --grants - "$log"
check '--prometheus is not for it: 64' fails 64 'not for this command' --prometheus "$log"
full() {
	"$postreeve" report --grants - "$log" >/dev/full 2>"$dir/err"
	[ $? -eq 74 ]
}
if [ -c /dev/full ]; then
	check 'a full disk: 74' full
else
	check 'SKIP there is no /dev/full' true
fi

imports() {
	rm -f "$grants"
	printf '%s\n' "$registered=<b@example.com>" "$header=\"\\\"a\\x20b\\\"@example.com\"" >"$log"
	mkdir "$dir/db" && report --grants "$grants" "$log" &&
		"$postreeve" -d "$dir/db/reg" init && "$postreeve" -d "$dir/db/reg" account add alice &&
		"$postreeve" -d "$dir/db/reg" sender import "$grants" &&
		"$postreeve" -d "$dir/db/reg" sender list alice | grep -q b@example.com &&
		"$postreeve" -d "$dir/db/reg" sender list alice | grep -q '"a b"@example.com'
}
if "$postreeve" --help | grep -q '^  sender import'; then
	check '`sender import'\'' takes it' imports
else
	check 'SKIP there is no sender import' true
fi
echo "1..$n"
exit $status
