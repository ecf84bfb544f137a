#!/bin/sh
# postreeve(8): every verb and every exit code that can be had without root; as root, the rest too.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

# ---- before there is a registry

gives 'no registry: 69, and what to do' 69 'postreeve init' account list
gives 'init makes the registry' 0 'is ready' init
[ "$(find "$db" -perm 600)" = "$db" ]
report $? 'the registry is private whatever the umask'
gives 'init again is success and says so' 0 'already' init
prints 'an empty list is the head of a table' 'ACCOUNT  PROFILE  SENDERS  CREATED  SUSPENDED' account list
prints 'an empty list is an empty array' '[]' account list --json
"$postreeve" -d "$dir/no/registry" init >"$out" 2>"$err"
[ $? -eq 69 ] && one_line && found 'make it' "$err" && [ ! -e "$dir/no" ]
report $? 'init with -d does not make the directory: 69'

gives 'a directory that is none: 69' 69 'there is no such directory' -d "$db/below/registry" account list
gives 'one whose name is longer than any may be: 74' 74 'File name too long' -d "/$(printf '%0300d' 0)/registry" account list
mkdir "$dir/here"
[ "$(id -u)" -ne 0 ] || { chown nobody "$dir/here" && chmod 711 "$dir"; }
program=$(cd "$(dirname "$postreeve")" && pwd)/${postreeve##*/}
(cd "$dir/here" && "$program" -d registry init) >"$out" 2>"$err" && [ -f "$dir/here/registry" ] &&
	[ "$(stat -c %U "$dir/here/registry")" = "$(stat -c %U "$dir/here")" ]
report $? 'a database in the working directory'

# ---- every verb

gives 'account add' 0 '^alice: ' account add alice
gives 'account add again is success and says so' 0 'already' account add alice
gives 'account add takes a profile' 0 '^bob: ' account add bob --profile bulk
gives 'sender add takes addresses and domains' 0 '2 added, 0 already' \
	sender add alice Alice@Example.COM @bücher.example
gives 'sender add of what is there is success and says so' 0 '0 added, 1 already' \
	sender add alice '"alice"@example.com'
prints 'one sender spelled three ways counts once' '{"account": "bob", "changed": 1}' \
	sender add bob b@example.com B@example.com b@EXAMPLE.com --json
lists 'sender list' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
alice @xn--bcher-kva.example - ME TIME -
alice alice@example.com - ME TIME -
bob b@example.com - ME TIME -' sender list
lists 'sender list of one account' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
bob b@example.com - ME TIME -' sender list bob
prints 'sender list in JSON' '[
{"account": "alice", "pattern": "@xn--bcher-kva.example", "expires": null, "note": null, "author": "ME", "created": "TIME"},
{"account": "alice", "pattern": "alice@example.com", "expires": null, "note": null, "author": "ME", "created": "TIME"},
{"account": "bob", "pattern": "b@example.com", "expires": null, "note": null, "author": "ME", "created": "TIME"}
]' --json sender list
gives 'account suspend' 0 'suspended' account suspend bob --reason 'no "rent" paid'
gives 'account suspend again is success and says so' 0 'already' \
	account suspend bob --reason 'no "rent" paid'
prints 'account list' 'ACCOUNT  PROFILE  SENDERS  CREATED               SUSPENDED
alice    default  2        TIME  -
bob      bulk     1        TIME  no "rent" paid' account list
prints 'account list in JSON' '[
{"name": "alice", "profile": "default", "suspended": false, "reason": null, "created": "TIME", "grants": 2},
{"name": "bob", "profile": "bulk", "suspended": true, "reason": "no \"rent\" paid", "created": "TIME", "grants": 1}
]' account list --json
prints 'account show' 'account    alice
profile    default
suspended  -
created    TIME
senders    2
           @xn--bcher-kva.example
           alice@example.com
limits     of its own alone: with -d no configuration is read, which has those of its profile' \
	account show alice
prints 'account show in JSON' \
	'{"name": "bob", "profile": "bulk", "suspended": true, "reason": "no \"rent\" paid", "created": "TIME", "grants": 1, "groups": [], "networks": [], "patterns": ["b@example.com"], "problems": [], "limits": [], "settings": [], "modes": {}}' \
	account show bob --json
prints 'account resume' '{"account": "bob", "changed": 1}' --json account resume bob
prints 'account resume again is success and says so' '{"account": "bob", "changed": 0}' \
	--json account resume bob
gives 'sender delete' 0 '1 deleted, 1 not there' sender delete alice ALICE@example.com @no.example
gives 'sender delete of what is not there is success' 0 '0 deleted' sender delete alice x@no.example
gives 'account delete' 0 'deleted' account delete bob
gives 'account delete of what is not there is success and says so' 0 'no such' account delete bob
lists 'an account takes its senders with it' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
alice @xn--bcher-kva.example - ME TIME -' sender list

# ---- the command line

gives 'options stand before or after the words' 0 '^carol: ' account --profile x add carol
run account add -- dave && run account delete --json -- dave && found '"changed": 1' "$out"
report $? 'two hyphens end the options'
run sender add alice -- -dash@example.com && run sender list alice && grep -q ' -dash@example.com ' "$out"
report $? 'an address may begin with a hyphen behind them'
POSIXLY_CORRECT=1 "$postreeve" account list -d "$db" --json >"$out" 2>"$err" && found '"carol"' "$out"
report $? 'POSIXLY_CORRECT changes nothing'
gives 'help lists every command' 0 '^  account suspend NAME --reason TEXT$' --help
gives 'help of a command' 0 '^  sender add HOLDER PATTERN\.\.\. ' sender add --help
found 'sender list' "$out"
[ $? -eq 1 ]
report $? 'help of a command is of it alone'
gives 'version' 0 '^postreeve [0-9]' -V
"$postreeve" >"$out" 2>"$err"
[ $? -eq 64 ] && one_line
report $? 'no command: 64'
gives 'unknown command: 64' 64 'no command "account frob"' account frob
gives 'unknown option: 64' 64 '--frob' account list --frob
gives 'option without its argument: 64' 64 '--profile' account add erin --profile
gives 'option of another command: 64' 64 '--reason' account add erin --reason x
gives 'too few arguments: 64 and how it is used' 64 'sender add HOLDER PATTERN' sender add alice
gives 'too many arguments: 64' 64 'account show NAME' account show alice bob
gives 'suspend without a reason: 64' 64 '--reason' account suspend alice
gives 'an empty reason: 64' 64 'reason' account suspend alice --reason ''
"$postreeve" -d '' account list >"$out" 2>"$err"
[ $? -eq 64 ] && one_line
report $? 'an empty path: 64'

# ---- bad names and addresses: 64, nothing changed, nothing raw on the terminal

esc=$(printf '\033[31mred')
c1=$(printf '\302\2335m')
bidi=$(printf 'a\342\200\256b')
latin=$(printf 'caf\351')
lf='a
b'
long=$(printf '%0256d' 0)
for name in '' ' ' 'a b' "$esc" "$c1" "$bidi" "$latin" "$lf" "$long"; do
	gives "not an account's name: $(printf %.20s "$name" | tr -d '\n' | LC_ALL=C tr -c ' -~' '?')" \
		64 'account' account add "$name"
done
gives 'an account may not look like an option' 64 'account' account add -- -x
for pattern in '' alice @ a@ '<a@example.com>' 'a@b@c' 'a b@example.com' 'a@-b.example' "$esc@example.com" \
	"a@example.com$esc" "$lf@example.com" "$latin@example.com" "$long@example.com" '*@example.com.'; do
	gives "not a sender: $(printf %.20s "$pattern" | tr -d '\n' | LC_ALL=C tr -c ' -~' '?')" \
		64 'sender' sender add alice ok@example.com "$pattern" also@example.com
done
gives 'control characters in a reason: 64' 64 'reason' account suspend alice --reason "$esc"
gives 'control characters in a command: 64' 64 'x1b' "$esc"
gives 'control characters in an option: 64' 64 'x1b' "--$esc"
huge=$dir/huge
head -c 100000 /dev/zero | tr '\0' a >"$huge"
gives 'a huge name: 64 in a short line' 64 'aaa\.\.\.' account add "$(cat "$huge")"
gives 'a huge sender: 64 in a short line' 64 'aaa\.\.\.' sender add alice "$(cat "$huge")@example.com"
gives 'a huge path: 64 in a short line' 64 'path' -d "$(cat "$huge")" account list
gives 'a long reason is not cut short but refused: 64' 64 'reason' \
	account suspend alice --reason "$long$long"
lists 'all of that changed nothing' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
alice -dash@example.com - ME TIME -
alice @xn--bcher-kva.example - ME TIME -' sender list

# ---- data

for command in 'account show' 'account resume' 'sender list'; do
	# shellcheck disable=SC2086 # words of a command
	gives "$command of an unknown account: 65" 65 'nobody: no such account' $command nobody
done
gives 'account suspend of an unknown account: 65' 65 'no such account' account suspend nobody --reason x
gives 'sender add to an unknown account: 65' 65 'no such account' sender add nobody a@example.com
gives 'sender delete of an unknown account: 65' 65 'no such account' sender delete nobody a@example.com
good=$db
for kind in empty text truncated; do
	db=$dir/db/$kind
	case $kind in
	empty) : >"$db" ;;
	text) cat "$huge" >"$db" ;;
	truncated) head -c 5000 "$good" >"$db" ;;
	esac
	chmod 600 "$db"
	gives "$kind file: 65" 65 "$kind" account list
	[ $kind = empty ] || gives "init leaves the $kind file alone: 65" 65 "$kind" init
done
[ "$(cksum <"$dir/db/text")" = "$(cksum <"$huge")" ]
report $? 'and it was not written to'
db=$good

# ---- files that others could write to

chmod 660 "$db"
gives 'database writable by the group: 78' 78 'chmod' account list
chmod 600 "$db"
chmod 777 "$dir/db"
gives 'directory writable by all: 78' 78 'chmod' account add erin
chmod 755 "$dir/db"
gives 'and recovers' 0 alice account list
if [ "$(id -u)" -eq 0 ]; then
	skip "somebody else's directory: 77" 'not as root'
	skip 'a file that may not be read: 77' 'not as root'
else
	"$postreeve" -d /usr/registry init >"$out" 2>"$err"
	[ $? -eq 77 ] && one_line && found 'as root or as user root' "$err"
	report $? "somebody else's directory: 77, and as whom to run it"
	chmod 0 "$db"
	gives 'a file that may not be read: 77' 77 'Permission denied' account list
	chmod 600 "$db"
fi

# ---- disks and pipes

if [ -w /dev/full ]; then
	"$postreeve" -d "$db" account list >/dev/full 2>"$err"
	[ $? -eq 74 ] && one_line && found 'No space' "$err"
	report $? 'standard output on a full disk: 74'
else
	skip 'standard output on a full disk: 74' 'no /dev/full'
fi
"$postreeve" -d "$db" account list >&- 2>"$err"
[ $? -eq 74 ] && one_line
report $? 'standard output closed: 74'
mkfifo "$dir/pipe"
# Open for both, then for writing, then with no reader left.
# shellcheck disable=SC2094 # the same pipe is meant
(
	exec 3<>"$dir/pipe" 4>"$dir/pipe" 3>&-
	exec "$postreeve" -d "$db" account list >&4 2>"$err"
)
[ $? -eq 74 ] && one_line
report $? 'standard output a pipe that nobody reads: 74, and no signal'
awk 'BEGIN {
	print "account,pattern,expires,note"
	for (i = 0; i < 3000; i++)
		printf "%%long,a-sender-of-some-length-%d@example.com,,\n", i
	for (i = 0; i < 1500; i++)
		printf "account-of-some-length-%d,a@example.com,,\n", i
}' >"$dir/long.csv"
good=$db
db=$dir/db/long
run init && run group add %long && run sender import "$dir/long.csv" --create-accounts
report $? 'a registry with more in it than a pipe holds'
lets_go "$db" account list
lets_go "$db" account list --json
lets_go "$db" sender list
lets_go "$db" sender list %long --json
lets_go "$db" sender export
lets_go "$db" group show %long
lets_go "$db" log
# shellcheck disable=SC2094 # the same pipe is meant
(
	exec 3<>"$dir/pipe" 4>"$dir/pipe" 3>&-
	exec "$postreeve" -d "$db" account list >&4 2>"$err"
)
[ $? -eq 74 ] && one_line && found 'Broken pipe' "$err"
report $? 'a long list to a pipe that nobody reads: 74, and why'
full='a long list to a pipe, with no room for what waits: 74'
limited=$(ulimit -f 128 && "$postreeve" -V 2>&1) || limited=
case $limited in postreeve*)
	{
		(
			ulimit -f 128
			"$postreeve" -d "$db" sender list 2>"$err"
			echo $? >"$dir/code"
		)
	} | cat >"$out"
	[ "$(cat "$dir/code")" -eq 74 ] && one_line && found 'File too large' "$err" && [ ! -s "$out" ]
	report $? "$full"
	;;
*) skip "$full" 'a sanitizer wants to write files' ;;
esac
db=$good
before=$(cksum <"$db")
limited=$(ulimit -f 0 && "$postreeve" -V 2>&1) || limited=
case $limited in postreeve*)
	(
		ulimit -f 0
		"$postreeve" -d "$db" account add full 2>&1
		echo $?
	) | cat >"$err"
	[ "$(sed -n '$p' "$err")" = 74 ] && [ "$(wc -l <"$err")" -eq 2 ] && [ "$(cksum <"$db")" = "$before" ]
	report $? 'no room for the change: 74'
	;;
*) skip 'no room for the change: 74' 'a sanitizer wants to write files' ;;
esac
gives 'and nothing was changed' 65 'no such account' account show full

# ---- two at once

pids=
for i in 1 2 3 4; do
	for j in 1 2 3 4 5; do
		"$postreeve" -d "$db" account add "p$i.$j" && "$postreeve" -d "$db" sender add "p$i.$j" "p$i.$j@example.com"
	done >/dev/null 2>"$dir/err.$i" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || echo failed >"$dir/err.0"
done
cat "$dir"/err.? >"$err"
run sender list --json
[ ! -s "$err" ] && [ "$(grep -c '"pattern": "p[1-4]' "$out")" -eq 20 ]
report $? 'four programs that write at once lose nothing'
pids=
for i in 1 2 3 4; do
	"$postreeve" -d "$dir/db/new" init >/dev/null 2>"$dir/err.$i" &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || echo failed >"$dir/err.0"
done
cat "$dir"/err.? >"$err"
[ ! -s "$err" ] && "$postreeve" -d "$dir/db/new" account add alice >"$out"
report $? 'four programs that make the registry at once make one'

# ---- the configuration

conf=$dir/postreeve.conf
user=$(id -un)
if [ "$user" = root ]; then # who is never the daemon's user
	user=nobody
	chmod 711 "$dir"
	chown -R nobody "${db%/*}"
fi
cat >"$conf" <<EOF
database = "$db"
user = "$user"
profile default { }
profile newsletter { max_recipients = 1000 }
EOF
"$postreeve" -c "$conf" account list >"$out" 2>"$err" && found '^alice ' "$out"
report $? 'without -d the configuration names the registry'
"$postreeve" -c "$conf" account add alice --profile newsletter >"$out" 2>"$err" &&
	run account show alice && grep -q '^profile *newsletter$' "$out"
report $? 'a profile that the configuration has'
"$postreeve" -c "$conf" account add alice --profile nope >"$out" 2>"$err"
[ $? -eq 64 ] && one_line && found 'default, newsletter' "$err"
report $? 'a profile that it has not: 64, and which there are'
"$postreeve" -c "$dir/none" account list >"$out" 2>"$err"
[ $? -eq 78 ] && one_line && grep -q "$dir/none" "$err"
report $? 'no configuration: 78'
echo 'frob = 1' >"$dir/bad.conf"
"$postreeve" -c "$dir/bad.conf" account list >"$out" 2>"$err"
[ $? -eq 78 ] && one_line && grep -q "$dir/bad.conf:1: " "$err"
report $? 'a bad configuration: 78, with file and line'

# ---- root becomes the owner of the directory

as_root='root leaves no file of its own'
if [ "$(id -u)" -ne 0 ]; then
	skip "$as_root" 'needs root'
	skip 'init makes the directory for the configured user' 'needs root'
	skip 'a user that there is not: 78' 'needs root'
	skip 'nowhere to make the directory: 69' 'needs root'
	skip 'something else above it: 69' 'needs root'
	skip "a directory that is not the configured user's: 78, and nothing is made there" 'needs root'
	skip 'a directory of nobody that has a name is told by number: 77' 'needs root'
	skip 'and root does what it can there' 'needs root'
	skip 'who is neither root nor the owner is told as whom to run it: 77' 'needs root'
else
	chmod 711 "$dir"
	mkdir -m 700 "$dir/theirs"
	chown nobody "$dir/theirs"
	db=$dir/theirs/registry
	run init && run account add alice && run sender add alice a@example.com && run account list &&
		[ -z "$(find "$dir/theirs" ! -user nobody)" ] && [ -f "$db" ] &&
		[ -z "$(find "$dir/theirs" -type f -group root)" ]
	report $? "$as_root"

	printf 'database = "%s/fresh/registry"\nuser = "nobody"\nauth_user = "nosuchuser"\n' "$dir" >"$conf"
	"$postreeve" -c "$conf" init >"$out" 2>"$err" &&
		[ "$(find "$dir/fresh" -user nobody -perm 700 -type d)" = "$dir/fresh" ] &&
		[ "$(find "$dir/fresh" -user nobody -perm 600 -name registry)" = "$dir/fresh/registry" ] &&
		"$postreeve" -c "$conf" init >"$out" 2>"$err" && grep -q already "$out"
	report $? 'init makes the directory for the configured user'

	# no_directory NAME CODE WORDS DATABASE USER: init makes none, and says why.
	no_directory() {
		printf 'database = "%s"\nuser = "%s"\nauth_user = "nosuchuser"\n' "$4" "$5" >"$conf"
		"$postreeve" -c "$conf" init >"$out" 2>"$err"
		[ $? -eq "$2" ] && one_line && found "$3" "$err" && [ ! -d "${4%/*}" ]
		report $? "$1"
	}
	no_directory 'a user that there is not: 78' 78 'no-such-user: there is no such user' "$dir/absent/registry" no-such-user
	no_directory 'nowhere to make the directory: 69' 69 'the directory above it does not exist' \
		"$dir/absent/below/registry" nobody
	no_directory 'something else above it: 69' 69 'there is no such directory' "$conf/below/registry" nobody

	mkdir -m 700 "$dir/roots"
	printf 'database = "%s/roots/registry"\nuser = "nobody"\nauth_user = "nosuchuser"\n' "$dir" >"$conf"
	"$postreeve" -c "$conf" init >"$out" 2>"$err"
	[ $? -eq 78 ] && one_line && found 'does not belong to the configured user, nobody' "$err" &&
		[ ! -e "$dir/roots/registry" ]
	report $? "a directory that is not the configured user's: 78, and nothing is made there"

	# The program must be where that user can reach it.
	cp "$postreeve" "$dir/program" && chmod 755 "$dir/program"
	setpriv --reuid=daemon --regid=daemon --clear-groups "$dir/program" -d "$db" account list \
		>"$out" 2>"$err"
	[ $? -eq 77 ] && one_line && found 'as root or as user nobody' "$err"
	report $? 'who is neither root nor the owner is told as whom to run it: 77'

	# Of a user who has been deleted.
	chown 54321:54322 "$dir/theirs" "$dir/theirs/"*
	setpriv --reuid=daemon --regid=daemon --clear-groups "$dir/program" -d "$db" account list \
		>"$out" 2>"$err"
	[ $? -eq 77 ] && one_line && found 'as root or as user 54321$' "$err"
	report $? 'a directory of nobody that has a name is told by number: 77'
	run account add bob && [ -z "$(find "$dir/theirs" ! -user 54321 -o ! -group 54322)" ]
	report $? 'and root does what it can there'
fi

finish
