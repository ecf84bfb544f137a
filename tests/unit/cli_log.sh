#!/bin/sh
# Who changed what: log.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

run init
report $? 'a registry'
prints 'an empty log is the head of a table' 'TIME  WHO  WHAT  ACCOUNT  ITEM  BEFORE  AFTER' log
prints 'an empty log is an empty array' '[]' log --json

run account add alice && run account add bob --profile bulk && run account limit bob max_recipients=5 &&
	run account limit bob max_recipients=7 && run account network bob add 192.0.2.0/24 &&
	run group add %sales && run group join %sales alice && run sender add %sales @example.com &&
	run account suspend alice --reason 'no "rent" paid' && run account delete bob
report $? 'changes'
before=$(run log && wc -l <"$out")
run account add alice
run account limit nobody max_recipients=7
run account limit alice max_recipients=0
run account network alice add 192.0.2.1/24
[ "$(run log && wc -l <"$out")" -eq "$before" ]
report $? 'what changes nothing is not in the log'

# has NAME LINE: the log that was just told has this line, whatever the width of its columns.
has() {
	sed -e 's/^20[0-9][0-9]-[^ ]*Z  */TIME /' -e 's/   */ /g' "$out" | grep -qxF -- "$2"
	report $? "$1"
}

run log
has 'the head' 'TIME WHO WHAT ACCOUNT ITEM BEFORE AFTER'
has 'an account' "TIME $me account add bob profile - bulk"
has 'a limit' "TIME $me limit set bob max_recipients - 5"
has 'a limit that was another' "TIME $me limit set bob max_recipients 5 7"
has 'a network' "TIME $me network add bob 192.0.2.0/24 - -"
has 'a group' "TIME $me group join %sales alice - -"
[ "$(sed -n 's/.*  *\(account [a-z]*\)  *alice  .*/\1/p' "$out" | tr '\n' ,)" = 'account add,account suspend,' ]
report $? 'the oldest change comes first'
run log bob && ! grep -q -e alice -e sales "$out"
report $? 'of one account'
found 'account delete' "$out"
report $? 'which may be deleted'
run log %sales && grep -q '@example.com' "$out" && ! grep -q suspend "$out"
report $? 'of a group'
prints 'of one that never was' 'TIME  WHO  WHAT  ACCOUNT  ITEM  BEFORE  AFTER' log nobody

"$postreeve" -d "$db" log bob --json >"$out" 2>"$err"
grep -qF "\"who\": \"$me\", \"what\": \"limit set\", \"account\": \"bob\", \"item\": \"max_recipients\", \"before\": \"5\", \"after\": \"7\"}" "$out"
report $? 'in JSON'
head -n 1 "$out" | grep -qx '\[' && tail -n 1 "$out" | grep -qx ']' &&
	[ "$(grep -c '^{"time": "20..-..-..T..:..:..Z", ' "$out")" -eq "$(($(wc -l <"$out") - 2))" ]
report $? 'an array with a line for each'

# ---- since when

for since in 2026-01-31 2026-01-31T12:00:00Z 1970-01-01 90d -90d 1h 100y; do
	run log --since $since && grep -q suspend "$out"
	report $? "since $since"
done
for since in 9999-12-31 9999-12-31T23:59:59Z; do
	prints "since $since" 'TIME  WHO  WHAT  ACCOUNT  ITEM  BEFORE  AFTER' log --since $since
done
run log --since=90d alice && grep -q suspend "$out" && ! grep -q bob "$out"
report $? 'of one account since then'
for since in '' yesterday 90 d +90d --90d 90x 2026-13-01 2026-02-30 2026-01-31T12:00:00 \
	"$(printf '\033[31m')" 99999999999999999999d; do
	gives "no time: 64: $(printf %s "$since" | LC_ALL=C tr -c ' -~' '?')" 64 'is no time: give' \
		log --since "$since"
done
gives 'since nothing: 64' 64 '--since' log --since
gives "what is no account's name: 64" 64 'name of an account or group' log 'a b'
gives 'two accounts: 64' 64 'too many' log alice bob
gives 'other commands do not take --since: 64' 64 '--since is not for this command' account list --since 1d
db=$dir/db/none
gives 'no registry: 69' 69 'postreeve init' log

finish
