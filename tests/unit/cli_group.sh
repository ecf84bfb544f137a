#!/bin/sh
# Groups: group add, delete, list, show, join and leave.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

run init && run account add alice && run account add bob
report $? 'a registry'
prints 'an empty list is the head of a table' 'GROUP  ACCOUNTS  SENDERS  CREATED' group list
prints 'an empty list is an empty array' '[]' group list --json

# ---- every verb

gives 'group add' 0 '^%sales: ' group add %sales
gives 'group add again is success and says so' 0 'already' group add %sales
prints 'group add in JSON' '{"account": "%k\u00FCche", "changed": 1}' group add %küche --json
gives 'group join' 0 '^%sales: 2 joined, 0 in it already$' group join %sales alice bob
gives 'group join again is success and says so' 0 '^%sales: 0 joined, 1 in it already$' \
	group join %sales alice
prints 'group join in JSON' '{"account": "%sales", "changed": 0}' --json group join %sales alice
run group join %küche alice && run sender add %sales @sales.example.com sales@example.com &&
	run sender add alice alice@example.com
report $? 'senders of a group, and of an account'
prints 'group list' 'GROUP   ACCOUNTS  SENDERS  CREATED
%küche  1         0        TIME
%sales  2         2        TIME' group list
prints 'group list in JSON' '[
{"name": "%k\u00FCche", "created": "TIME", "members": 1, "grants": 0},
{"name": "%sales", "created": "TIME", "members": 2, "grants": 2}
]' group list --json
prints 'group show' 'group      %sales
created    TIME
accounts   2
           alice
           bob
senders    2
           @sales.example.com
           sales@example.com' group show %sales
prints 'group show in JSON' \
	'{"name": "%sales", "created": "TIME", "members": ["alice", "bob"], "grants": 2, "patterns": ["@sales.example.com", "sales@example.com"]}' \
	group show %sales --json
prints 'account show has the groups' 'account    alice
profile    default
suspended  -
created    TIME
group      %küche
group      %sales
senders    1
           alice@example.com
limits     of its own alone: with -d no configuration is read, which has those of its profile' \
	account show alice
prints 'and so it has in JSON' \
	'{"name": "bob", "profile": "default", "suspended": false, "reason": null, "created": "TIME", "grants": 0, "groups": ["%sales"], "networks": [], "patterns": [], "problems": [], "limits": [], "settings": [], "modes": {}}' \
	account show bob --json
run account list
found '%' "$out"
[ $? -eq 1 ]
report $? 'groups are no accounts in account list'
gives 'group leave' 0 '^%sales: 1 left, 0 not in it$' group leave %sales bob
gives 'group leave again is success and says so' 0 '^%sales: 0 left, 1 not in it$' group leave %sales bob
gives 'group delete' 0 'deleted' group delete %küche
gives 'group delete of what is not there is success and says so' 0 'no such' group delete %küche
gives 'its accounts stay' 0 '^group  *%sales$' account show alice
run account delete alice && run group show %sales --json && grep -q '"members": \[\]' "$out"
report $? 'an account that is deleted is in no group'
run group delete %sales && run sender list --json && [ "$(cat "$out")" = '[]' ]
report $? 'a group takes its senders with it'

# ---- what is wrong: nothing is changed

run group add %sales
run account add alice
run group list --json
cp "$out" "$dir/before"
long=$(printf '%0256d' 0)
for name in '' % sales '% x' %% %-x "%$(printf '\033[31m')" "%$(printf 'caf\351')" "%$long"; do
	gives "not a group's name: 64: $(printf %.20s "$name" | LC_ALL=C tr -c ' -~' '?')" 64 'group' group add "$name"
done
gives "an account's name is none of a group: 64" 64 "'%'" account add %x
gives 'a group belongs to no group: 64' 64 'account' group join %sales %sales
gives 'join an unknown group: 65' 65 'no such' group join %nobody bob
gives 'join of an unknown account: 65' 65 'no such account' group join %sales bob nobody alice
gives 'leave an unknown group: 65' 65 'no such' group leave %nobody bob
gives 'show an unknown group: 65' 65 'no such' group show %nobody
gives 'join without an account: 64 and how it is used' 64 'group join GROUP ACCOUNT' group join %sales
gives 'no verb: 64' 64 'group --help' group
gives '--json and so on are told in its help' 0 '^  group join GROUP ACCOUNT\.\.\.$' group --help
gives 'account show of a group: 64' 64 'account' account show %sales
gives 'account suspend of a group: 64' 64 'account' account suspend %sales --reason x
run group list --json && cmp -s "$out" "$dir/before"
report $? 'all of that changed nothing'

finish
