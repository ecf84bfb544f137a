#!/bin/sh
# postreeve backup: a copy that is whole, also while others change the registry.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

db=$dir/db/registry
copy=$dir/copy
run init && run account add alice --profile bulk && run group add %sales && run group join %sales alice &&
	run sender add alice alice@example.com --note 'a note' && run sender add %sales @sales.example
report $? 'a registry'

# content DATABASE: all that is asked of it.
content() {
	for of in account sender group log; do
		list=list
		[ $of != log ] || list=
		"$postreeve" -d "$1" $of $list --json || return
	done
}

gives 'a backup' 0 'the registry is in it' backup "$copy"
content "$db" >"$dir/wanted" && content "$copy" >"$dir/got" && [ -s "$dir/wanted" ] && cmp "$dir/wanted" "$dir/got"
report $? 'has all that was there'
rm -f "$copy-wal" "$copy-shm"
run backup "$copy" && [ "$(find "$dir" -name 'copy*' -perm 600)" = "$copy" ] &&
	[ -z "$(find "$dir/db" -name '*.backup.*')" ]
report $? 'it is private, and nothing is left beside it or the registry'
prints 'in JSON' "{\"file\": \"$copy\"}" backup "$copy" --json

# ---- while others are at it

if command -v sqlite3 >/dev/null; then
	mkfifo "$dir/hold"
	sqlite3 "$db" <"$dir/hold" >/dev/null 2>&1 &
	exec 5>"$dir/hold"
	echo "BEGIN IMMEDIATE; DELETE FROM sender_grant; SELECT 1;" >&5
	sleep 0.5
	run account add zoe
	[ $? -eq 75 ] && run backup "$copy" && "$postreeve" -d "$copy" sender list >"$out" && found '@sales.example' "$out"
	report $? 'a change that is not ended holds it up no more than it is in it'
	echo "ROLLBACK;" >&5
	exec 5>&-
	wait
else
	skip 'a change that is not ended' 'no sqlite3'
fi

: >"$dir/go"
while [ -e "$dir/go" ]; do
	"$postreeve" -d "$db" sender add alice @one.example @two.example
	"$postreeve" -d "$db" sender delete alice @one.example @two.example
done >/dev/null 2>&1 &
bad=0 with=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	run backup "$copy.$i" && "$postreeve" -d "$copy.$i" check database >"$out" 2>&1 || bad=$((bad + 1))
	"$postreeve" -d "$copy.$i" sender list alice >"$out"
	case $(grep -cE '@(one|two)\.example' "$out") in
	0) ;;
	2) with=$((with + 1)) ;;
	*) bad=$((bad + 1)) ;;
	esac
done
rm "$dir/go"
wait
echo "# $with of 12 backups have what came and went"
[ "$bad" -eq 0 ]
report $? 'changes go on: each backup is one moment'

# ---- while it is interrupted

echo old >"$copy"
bad=0
for delay in 0.005 0.01 0.02 0.03 0.05; do
	timeout -s INT "$delay" "$postreeve" -d "$db" backup "$copy" >"$out" 2>&1
	[ "$(cat "$copy")" = old ] || "$postreeve" -d "$copy" check database >"$out" 2>&1 || bad=$((bad + 1))
	[ -z "$(find "$dir" -name '*.backup.*' -o -name 'copy.??????')" ] || bad=$((bad + 1))
done
[ "$bad" -eq 0 ]
report $? 'what is there is whole or as it was, and nothing is left behind'

# ---- what cannot be

echo old >"$copy"
db=$dir/db/none
run backup "$copy"
[ $? -eq 69 ] && [ "$(cat "$copy")" = old ]
report $? 'no registry: 69, and the file is as it was'
db=$dir/db/registry
gives 'no such directory: 73' 73 'No such file' backup "$dir/none/copy"
gives 'a directory: 73' 73 'not a regular file' backup "$dir"
gives 'no name: 64' 64 "cannot be a file's name" backup ''
gives 'no argument: 64' 64 'backup' backup

# ---- root, of a registry that is not its own

if [ "$me" = root ]; then
	db=$dir/db/daemons
	configure </dev/null
	mkdir -m 700 "$dir/private"
	"$postreeve" -c "$conf" init >"$out" 2>"$err" && "$postreeve" -c "$conf" account add alice >"$out" 2>"$err" &&
		"$postreeve" -c "$conf" backup "$dir/private/copy" >"$out" 2>"$err" &&
		[ "$(stat -c '%U %a' "$dir/private/copy")" = 'root 600' ] &&
		"$postreeve" -d "$dir/private/copy" account list >"$out" 2>"$err" && found alice "$out" &&
		[ -z "$(find "$dir/db" -name '*.backup.*' -o -user root -name 'daemons*')" ]
	report $? 'the copy belongs to root, and the registry stays whose it was'
else
	skip 'root, of a registry that is not its own' 'not root'
fi

finish
