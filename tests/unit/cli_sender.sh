#!/bin/sh
# Senders with an end and a note, of accounts and groups: sender add, delete and list.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

run init && run account add alice && run group add %sales
report $? 'a registry'

# ---- what is added

gives 'every pattern that there is' 0 '^alice: 4 added, 0 already there$' \
	sender add alice A@Example.com @example.com @.example.com @.
gives 'a group holds senders, too' 0 '^%sales: 1 added' sender add %sales sales@example.com
lists 'sender list: until when, by whom, and what for' \
	'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
%sales sales@example.com - ME TIME -' sender list %sales
gives 'an end, and a note' 0 '1 added' \
	sender add alice b@example.com --expires 2099-01-31 --note 'for "b", até 2099'
gives 'they are in the list' 0 "^alice   *b@example.com *2099-01-31T00:00:00Z *$me  *[0-9TZ:-]*  for \"b\", até 2099$" \
	sender list alice
prints 'and in JSON' '[
{"account": "%sales", "pattern": "sales@example.com", "expires": null, "note": null, "author": "ME", "created": "TIME"}
]' sender list %sales --json
run sender list alice --json
grep -q '"expires": "2099-01-31T00:00:00Z", "note": "for \\"b\\", at\\u00E9 2099", "author": "'"$me"'"' "$out"
report $? 'the end and the note, too'

# ---- what is there already

gives 'the same again is success and says so' 0 '0 added, 1 already' \
	sender add alice b@example.com --expires 2099-01-31
gives 'another end is a change' 0 '1 added' sender add alice b@example.com --expires 2098-01-31
gives 'and keeps the note' 0 '2098-01-31T00:00:00Z .* for "b"' sender list alice
gives 'no end said is no end' 0 '1 added' sender add alice b@example.com
gives 'and keeps the note, too' 0 'b@example.com  *-  .* for "b"' sender list alice
gives 'never is no end, too' 0 '0 added' sender add alice b@example.com --expires never
gives 'another note is a change' 0 '1 added' sender add alice b@example.com --note new
gives 'an empty note takes it away' 0 '1 added' sender add alice b@example.com --note ''
gives 'so that there is none' 0 'b@example.com  *- .* -$' sender list alice
gives 'a time from now on' 0 '1 added' sender add alice c@example.com --expires +1y
gives 'a date and time' 0 '1 added' sender add alice d@example.com --expires 2099-01-31T12:34:56Z
gives 'to the second' 0 'd@example.com *2099-01-31T12:34:56Z' sender list alice
gives 'sender delete' 0 '^alice: 2 deleted, 1 not there$' \
	sender delete alice @. @.example.com x@example.com
gives 'sender delete of a group' 0 '^%sales: 1 deleted' sender delete %sales sales@example.com

# ---- what is wrong: nothing is changed

run sender list --json
cp "$out" "$dir/before"
for when in 2020-01-31 +0d; do
	gives "a time in the past: 64: $when" 64 'in the past' sender add alice x@example.com --expires "$when"
done
for when in 2099-02-29 2099-1-1 tomorrow 90d +90 +99999999y 10000-01-01 "$(printf '+1d\033[31m')"; do
	gives "no time: 64: $(printf %s "$when" | LC_ALL=C tr -c ' -~' '?')" 64 'is no time' \
		sender add alice x@example.com --expires "$when"
done
long=$(printf '%0501d' 0)
lf='a
b'
for note in "$long" "$lf" "$(printf '\033[31m')" "$(printf 'caf\351')" "$(printf 'a\342\200\256b')"; do
	gives "no note: 64: $(printf %.20s "$note" | tr -d '\n' | LC_ALL=C tr -c ' -~' '?')" 64 'cannot be a note' \
		sender add alice x@example.com --note "$note"
done
gives 'a note of 500 octets is one' 0 '1 added' sender add alice x@example.com --note "${long#0}"
run sender delete alice x@example.com
for pattern in @.. @.-a.example .example.com '*' '*@example.com' 'a@.example.com' '@ '; do
	gives "not a sender: 64: $pattern" 64 'cannot be a sender' sender add alice ok@example.com "$pattern"
done
for holder in '' % '% sales' %%sales -x; do
	gives "not a holder: 64: $holder" 64 'account or group' sender add -- "$holder" x@example.com
done
gives 'an unknown account: 65' 65 'no such account' sender add nobody x@example.com
gives 'an unknown group: 65' 65 'no such' sender add %nobody x@example.com
gives 'sender list of an unknown group: 65' 65 'no such' sender list %nobody
gives '--expires is not for sender delete: 64' 64 '--expires is not' \
	sender delete alice b@example.com --expires +1d
gives '--note is not for account add: 64' 64 '--note is not' account add bob --note x
run sender list --json && cmp -s "$out" "$dir/before"
report $? 'all of that changed nothing'

# ---- who it was

if [ "$(id -u)" -eq 0 ]; then
	SUDO_USER=nobody "$postreeve" -d "$db" sender add alice sudo@example.com >"$out" 2>"$err" &&
		run sender list alice && grep -q 'sudo@example.com  *-  *nobody ' "$out"
	report $? 'behind sudo it was who called it'
	SUDO_USER='no body' "$postreeve" -d "$db" sender add alice sudo2@example.com >"$out" 2>"$err" &&
		run sender list alice && grep -q 'sudo2@example.com  *-  *root ' "$out"
	report $? 'but not somebody whom nobody knows'
else
	SUDO_USER=root "$postreeve" -d "$db" sender add alice sudo@example.com >"$out" 2>"$err" &&
		run sender list alice && grep -q "sudo@example.com  *-  *$me " "$out"
	report $? 'what is said of sudo(8) counts for root alone'
	skip 'but not somebody whom nobody knows' 'not as root'
fi

finish
