#!/bin/sh
# Networks whose clients need no login: account network.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

run init && run account add printer && run account add scanner && run group add %floor
report $? 'a registry'
prints 'an empty list is the head of a table' 'NETWORK  ACCOUNT' account network
prints 'an empty list is an empty array' '[]' account network --json

# ---- adding, listing, deleting

gives 'add' 0 '^printer: 3 added, 0 already there$' \
	account network printer add 192.0.2.0/24 2001:DB8:0::/48 198.51.100.7
gives 'add again is success and says so' 0 '^printer: 0 added, 1 already there$' \
	account network printer add 192.0.2.0/24
prints 'one network spelled three ways counts once' '{"account": "scanner", "changed": 1}' \
	--json account network scanner add 192.0.2.128/25 ::ffff:192.0.2.128/121 192.0.2.128/25
prints 'list' 'NETWORK          ACCOUNT
192.0.2.0/24     printer
198.51.100.7/32  printer
2001:db8::/48    printer
192.0.2.128/25   scanner' account network
prints 'list of one account' 'NETWORK         ACCOUNT
192.0.2.128/25  scanner' account network scanner
prints 'list in JSON' '[
{"network": "192.0.2.0/24", "account": "printer"},
{"network": "198.51.100.7/32", "account": "printer"},
{"network": "2001:db8::/48", "account": "printer"}
]' account network printer --json
run account show printer && grep -qx 'network    198.51.100.7/32' "$out"
report $? 'account show has them'
run account show scanner --json && grep -qF '"networks": ["192.0.2.128/25"]' "$out"
report $? 'account show has them in JSON'
gives 'delete' 0 '^printer: 1 deleted, 1 not there$' \
	account network printer delete 198.51.100.7/32 203.0.113.0/24
gives 'delete again is success and says so' 0 '^printer: 0 deleted, 1 not there$' \
	account network printer delete 198.51.100.7
gives "another account's is not deleted" 0 '^scanner: 0 deleted, 1 not there$' \
	account network scanner delete 192.0.2.0/24
gives 'the widest that may be' 0 '2 added' account network scanner add 128.0.0.0/1 2000::/3
run account network scanner delete 128.0.0.0/1 2000::/3
report $? 'and away with it'

# ---- what is refused changes nothing

gives "another account's network: 65, and whose it is" 65 '192\.0\.2\.0/24.*printer' \
	account network scanner add 203.0.113.0/24 192.0.2.0/24
gives 'an unknown account: 65' 65 'nobody: no such account' account network nobody add 203.0.113.0/24
gives 'delete from an unknown account: 65' 65 'no such account' account network nobody delete 203.0.113.0/24
gives 'the list of an unknown account: 65' 65 'no such account' account network nobody
gives 'a group: 64' 64 'account' account network %floor add 203.0.113.0/24
gives "what is no account's name: 64" 64 'account' account network 'a b'
gives 'no network: 64 and how it is used' 64 'NAME add CIDR' account network printer add
gives 'no network to delete: 64' 64 'NAME delete CIDR' account network printer delete
gives 'neither add nor delete: 64 and which there are' 64 '"frob": .*add|delete' \
	account network printer frob 203.0.113.0/24
gives 'a network alone is no verb: 64' 64 'add|delete' account network printer 203.0.113.0/24
for all in 0.0.0.0/0 ::/0 ::/64 ::ffff:0:0/96; do
	gives "all clients: 64 and why: $all" 64 'holds all clients' \
		account network printer add 203.0.113.0/24 $all
done
esc=$(printf '\033[31mred')
long=$(printf '%0300d' 0)
for bad in '' 192.0.2.1/24 192.0.2.0/33 192.0.2.0/ 192.0.2 2001:db8::1/64 2001:db8::/129 example.com \
	' 192.0.2.0/24' 192.0.2.0/24,203.0.113.0/24 "$esc" "$long"; do
	gives "not a network: 64: $(printf %.24s "$bad" | LC_ALL=C tr -c ' -~' '?')" 64 'cannot be a network' \
		account network printer add 203.0.113.0/24 "$bad" 198.51.100.0/24
	gives 'nor one to delete' 64 'cannot be a network' account network printer delete 192.0.2.0/24 "$bad"
done
prints 'all of that changed nothing' 'NETWORK         ACCOUNT
192.0.2.0/24    printer
2001:db8::/48   printer
192.0.2.128/25  scanner' account network

gives 'account delete' 0 'deleted' account delete printer
prints 'an account takes its networks with it' 'NETWORK         ACCOUNT
192.0.2.128/25  scanner' account network
gives 'and another can have them' 0 '1 added' account network scanner add 192.0.2.0/24

finish
