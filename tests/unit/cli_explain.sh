#!/bin/sh
# postreeve explain: why an account may send as an address, or may not, and what would allow it.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

# says NAME CODE TEXT ARGUMENT...: that exit code, and exactly this on standard output.
says() {
	name=$1 code=$2 text=$3
	shift 3
	run "$@"
	[ $? -eq "$code" ] && [ ! -s "$err" ] &&
		[ "$(sed -e 's/20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z/TIME/g' \
			-e "s/^given by   $me, /given by   ME, /" -e 's/"author": "'"$me"'"/"author": "ME"/g' \
			"$out")" = "$text" ]
	report $? "$name"
}

run init && for name in alice bob carol dave; do run account add $name; done
run group add %sales && run group add %press && run group join %sales alice &&
	run sender add alice alice@example.com --note "her own" &&
	run sender add alice @example.org a+b@example.net &&
	run sender add %sales sales@example.com @.sales.example.com &&
	run sender add %press press@example.com && run sender add bob bob@example.com '"j o"@example.com' &&
	run sender add carol alice@example.com
report $? 'a registry'

# ---- it may

says 'by what it holds itself' 0 'alice may send as alice@example.com: this sender covers it
sender     alice@example.com
holder     alice
expires    -
note       her own
given by   ME, TIME' explain alice Alice@EXAMPLE.com
answers 'by its domain' 0 '^sender     @example.org$' explain alice any.one@example.org
answers 'by a group' 0 '^holder     %sales$' explain alice sales@example.com
answers 'by a domain above' 0 '^sender     @\.sales\.example\.com$' explain alice x@eu.sales.example.com
run sender add %sales alice@example.com && run explain alice alice@example.com && grep -q '^holder     alice$' "$out"
report $? 'what it holds itself is told before what a group holds'
run sender add alice @example.com && run explain alice alice@example.com &&
	grep -q '^sender     alice@example.com$' "$out" && run sender delete alice @example.com
report $? 'and the narrowest first'
says 'in JSON' 0 \
	'{"account": "alice", "address": "alice@example.com", "allowed": true, "because": "this sender covers it", "mode": null, "grant": {"account": "alice", "pattern": "alice@example.com", "expires": null, "note": "her own", "author": "ME", "created": "TIME"}, "misses": [], "commands": []}' \
	explain alice alice@example.com --json

# ---- it may not

says 'nothing comes near' 1 \
	'dave may not send as x@nowhere.example: neither it nor a group it belongs to holds a sender that covers it
What would allow it:
    postreeve sender add dave x@nowhere.example' explain dave x@nowhere.example
says "a group's, and it does not belong to it" 1 \
	'alice may not send as press@example.com: neither it nor a group it belongs to holds a sender that covers it
group      %press holds press@example.com, and alice does not belong to it
What would allow it, each of these:
    postreeve group join %press alice
    postreeve sender add alice press@example.com' explain alice press@example.com
says "another account's" 1 \
	'alice may not send as bob@example.com: neither it nor a group it belongs to holds a sender that covers it
other      bob holds bob@example.com
What would allow it:
    postreeve sender add alice bob@example.com' explain alice bob@example.com
answers 'the domain, but not those below it' 1 \
	'^domain     @example.org of alice covers only this domain, none below it$' explain alice x@a.b.example.org
grep -q '^    postreeve sender add alice @\.example\.org$' "$out"
report $? 'and what would be'
answers 'those below it, but not the domain' 1 \
	'^domain     @\.sales\.example\.com of %sales covers only the domains below it$' explain alice x@sales.example.com
grep -q '^    postreeve sender add %sales @sales\.example\.com$' "$out"
report $? 'and what would be, too'
answers 'what a shell would take for more is quoted' 1 "^    postreeve sender add alice '\"j o\"@example.com'\$" \
	explain alice '"j o"@example.com'
answers 'an option it is not' 1 '^    postreeve sender add -- dave -x@example.com$' \
	explain dave -- -x@example.com
answers 'a tag is not allowed without a configuration' 1 \
	'^tag        alice@example.com of alice covers no +tag, unless' explain alice alice+tag@example.com
answers 'but as such it is' 0 '^sender     a+b@example.net' explain alice a+b@example.net
says 'in JSON' 1 \
	'{"account": "dave", "address": "alice@example.com", "allowed": false, "because": "neither it nor a group it belongs to holds a sender that covers it", "mode": null, "grant": null, "misses": [{"account": "%sales", "pattern": "alice@example.com", "expires": null, "note": null, "author": "ME", "created": "TIME", "why": "group"}, {"account": "alice", "pattern": "alice@example.com", "expires": null, "note": "her own", "author": "ME", "created": "TIME", "why": "other"}, {"account": "carol", "pattern": "alice@example.com", "expires": null, "note": null, "author": "ME", "created": "TIME", "why": "other"}], "commands": ["postreeve group join %sales dave", "postreeve sender add dave alice@example.com"]}' \
	explain dave alice@example.com --json
answers 'a null sender is not allowed without a configuration' 1 'no profile allows the null sender$' \
	explain alice '<>'
for i in 1 2 3 4 5 6 7; do
	run account add "h$i"
	run sender add "h$i" many@example.com
done
run explain dave many@example.com
[ $? -eq 1 ] && [ "$(grep -c '^other ' "$out")" -eq 5 ]
report $? 'of many who hold it, five are named'

# An end that comes while the test looks.
run sender add dave soon@example.com --expires +1s && run sender add %sales soon@example.com --expires +1s
sleep 2
answers 'what it held has ended' 1 '^expired    soon@example.com of dave, since 20' explain dave soon@example.com
answers 'and what a group held' 1 '^expired    soon@example.com of %sales, since 20' explain alice soon@example.com
grep -q '^    postreeve sender add %sales soon@example.com$' "$out"
report $? 'and how it would hold it again'
run sender export && ! grep -q soon "$out" && run sender export --all && [ "$(grep -c soon "$out")" -eq 2 ]
report $? 'an export leaves it out, unless all is asked for'
run sender list dave && grep -q soon "$out"
report $? 'a list does not'

run account suspend alice --reason 'ticket 1'
says 'it is suspended' 1 'alice may not send as a+b@example.net: it is suspended (ticket 1)
sender     a+b@example.net
holder     alice
expires    -
note       -
given by   ME, TIME
What would allow it:
    postreeve account resume alice' explain alice a+b@example.net
run account resume alice

# What it says would allow it does.
run_copy() {
	"$postreeve" -d "$dir/db/copy" "$@" >"$out" 2>"$err"
}
for address in x@nowhere.example press@example.com x@a.b.example.org x@sales.example.com '"j o"@example.com'; do
	run explain alice "$address"
	sed -n 's/^    postreeve //p' "$out" >"$dir/commands"
	good=0
	while read -r command; do
		rm -f "$dir/db/copy"*
		cp "$db" "$dir/db/copy" && eval "run_copy $command" && run_copy explain alice "$address" || good=1
	done <"$dir/commands"
	[ -s "$dir/commands" ] && [ $good -eq 0 ]
	report $? "each command it gives allows it: $address"
done

# ---- bad input

gives 'an unknown account: 65' 65 'no such account' explain nobody a@example.com
gives 'a group is no account: 64' 64 'account' explain %sales a@example.com
for address in '' alice @example.com @. '<alice@example.com>' 'a b@example.com' "$(printf 'a\033@example.com')"; do
	gives "not an address: 64: $(printf %s "$address" | LC_ALL=C tr -c ' -~' '?')" 64 'no address' explain alice "$address"
done
gives 'one argument: 64' 64 'explain ACCOUNT ADDRESS' explain alice

# ---- the profile's say

conf=$dir/postreeve.conf
user=$me
if [ "$user" = root ]; then # who is never the daemon's user
	user=nobody
	chmod 711 "$dir"
	chown -R nobody "${db%/*}"
fi
cat >"$conf" <<EOT
database = "$db"
user = "$user"
profile tags { allow_tagged_sender = yes allow_null_sender = yes }
profile shadow { rule sender_registered { mode = shadow } }
EOT
run_conf() {
	"$postreeve" -c "$conf" "$@" >"$out" 2>"$err"
}
run_conf explain alice alice+tag@example.com
[ $? -eq 1 ] && found '^tag ' "$out"
report $? 'a profile that does not allow tags'
run_conf explain alice '<>'
[ $? -eq 1 ] && grep -q 'does not say allow_null_sender = yes$' "$out"
report $? 'nor the null sender'
run_conf account add alice --profile tags && run_conf explain alice alice+tag@example.com &&
	grep -q '^sender     alice@example.com$' "$out"
report $? 'a profile that allows tags'
run_conf explain alice '<>'
report $? 'and the null sender'
run_conf account add alice --profile shadow
run_conf explain alice x@nowhere.example
[ $? -eq 1 ] && found '^mode       shadow: ' "$out"
report $? 'a profile where the rule refuses nothing is told'
run account add alice --profile gone
run_conf explain alice alice@example.com
[ $? -eq 1 ] && found 'profile "gone" is not in the configuration' "$out"
report $? 'a profile that is gone'

finish
