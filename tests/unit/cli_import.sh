#!/bin/sh
# sender import and export: CSV and JSON, all or nothing, and what one writes the other reads.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"

file=$dir/senders
head='account,pattern,expires,note'

csv() { # TEXT: what printf makes of it, behind the header, is the file
	# shellcheck disable=SC2059 # the format is what is meant
	printf "$head\n$1" >"$file"
}

run init && run account add alice && run group add %sales
report $? 'a registry'

# ---- what is imported

csv 'alice,A@Example.com,,\n%%sales,@sales.example.com,2099-01-31,\042for x, y, and \042\042z\042\042\042\n'
gives 'CSV' 0 ': 2 added, 0 changed, 0 already there, 0 accounts created$' sender import "$file"
lists 'all of it is there' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
%sales @sales.example.com TIME ME TIME for x, y, and "z"
alice a@example.com - ME TIME -' sender list
gives 'the same again changes nothing' 0 ': 0 added, 0 changed, 2 already there, 0 accounts' sender import "$file"
csv 'alice,a@example.com,+30d,\n%%sales,@sales.example.com,,\n'
prints 'another end or note is a change' \
	'{"file": "'"$file"'", "added": 0, "changed": 2, "unchanged": 0, "accounts_created": 0}' \
	sender import "$file" --json
lists 'as an empty note is' 'HOLDER SENDER EXPIRES GIVEN BY CREATED NOTE
%sales @sales.example.com - ME TIME -' sender list %sales
csv 'bob,b@example.com,,\ncarol,c@example.com,,\nbob,@b.example.com,,\n'
gives 'accounts are made if that is wanted' 0 ': 3 added, 0 changed, 0 already there, 2 accounts created$' \
	sender import "$file" --create-accounts
gives 'in the default profile' 0 '^profile  *default$' account show carol
csv 'dave,d@example.com,,\ndave,D@Example.com,,\n'
gives 'twice the same in one file' 0 ': 1 added, 0 changed, 1 already there, 1 accounts' \
	sender import "$file" --create-accounts
printf '[{"account": "alice", "pattern": "j@example.com", "expires": "2099-01-31T01:02:03Z", "note": "\\u00e9"},\n {"account": "%%sales", "pattern": "j@example.com"}]' >"$file"
gives 'JSON' 0 ': 2 added' sender import "$file"
gives 'with its end and note' 0 'j@example.com *2099-01-31T01:02:03Z .* é$' sender list alice
printf '\357\273\277%s\r\nalice,crlf@example.com,,\r\n\r\n' "$head" >"$file"
gives 'as Windows programs write it' 0 ': 1 added' sender import "$file"
printf '%s\nalice,pipe@example.com,,' "$head" | "$postreeve" -d "$db" sender import - >"$out" 2>"$err" &&
	found '^-: 1 added' "$out"
report $? 'from standard input'
csv ''
gives 'nothing but the header' 0 ': 0 added, 0 changed, 0 already' sender import "$file"

# ---- what is wrong: file, line, and nothing is changed

run sender list --json
cp "$out" "$dir/before"
unchanged() {
	"$postreeve" -d "$db" sender list --json | cmp -s - "$dir/before" &&
		"$postreeve" -d "$db" account list --json | grep -c . | grep -qx 6
}

# bad NAME LINE PATTERN TEXT: rows that are refused, behind one that is not.
bad() {
	csv "alice,good@example.com,,\n$4alice,good2@example.com,,\n"
	run sender import "$file" --create-accounts
	[ $? -eq 65 ] && [ ! -s "$out" ] && one_line && grep -q "senders:$2: .*$3" "$err" && unchanged
	report $? "$1: 65"
}
long=$(printf '%0501d' 0)
bad 'no name' 3 'account or group' ',a@example.com,,\n'
bad 'not a name' 3 'account or group' 'a b,a@example.com,,\n'
bad 'a name that would move a terminal' 3 'x1b' 'a\033[31m,a@example.com,,\n'
bad 'a line end in a name' 3 'account or group' '\042a\nb\042,a@example.com,,\n'
bad 'a group that is not there' 3 'group add' '%%nobody,a@example.com,,\n'
bad 'no pattern' 3 'cannot be a sender' 'alice,,,\n'
bad 'not a pattern' 3 'cannot be a sender' 'alice,example.com,,\n'
bad 'what looks like a wildcard' 3 'cannot be a sender' 'alice,*@example.com,,\n'
bad 'a blank around a pattern' 3 'cannot be a sender' 'alice, a@example.com,,\n'
bad 'not a time' 3 'is no time' 'alice,a@example.com,tomorrow,\n'
bad 'a time in the past' 3 'in the past' 'alice,a@example.com,2020-01-31,\n'
bad 'a note that is too long' 3 'cannot be a note' "alice,a@example.com,,$long\n"
bad 'a line end in a note' 3 'cannot be a note' 'alice,a@example.com,,\042a\nb\042\n'
bad 'a note that is no UTF-8' 3 'cannot be a note' 'alice,a@example.com,,caf\351\n'
bad 'too few fields' 3 '3 fields where 4' 'alice,a@example.com,\n'
bad 'too many fields' 3 '5 fields where 4' 'alice,a@example.com,,x,y\n'
bad 'a stray quotation mark' 3 'quotation mark' 'alice,a@example.com,,x\042y\n'
bad 'a quotation mark that is never closed' 4 'never closed' '\nalice,a@example.com,,\042x\n\n'
bad 'the line where a row begins' 6 'cannot be a sender' 'alice,a1@example.com,,\n\n\nalice,\042x\ny\042,,\n'
csv 'alice,good@example.com,,\nnobody,a@example.com,,\n'
run sender import "$file"
[ $? -eq 65 ] && one_line && grep -q 'senders:3: "nobody" is no registered account.*--create-accounts' "$err" && unchanged
report $? 'an account that is not there, and what to do: 65'
echo 'alice,a@example.com,,' >"$file"
gives 'no header: 65' 65 "senders:1: .*$head" sender import "$file"
: >"$file"
gives 'an empty file: 65' 65 "senders:1: .*$head" sender import "$file"
printf '%s\nalice,a\0b@example.com,,\n' "$head" >"$file"
gives 'an octet NUL: 65' 65 'senders:2: .*NUL' sender import "$file"
{
	echo "$head"
	printf 'alice,a@example.com,,"'
	head -c 100000 /dev/zero | tr '\0' x
} >"$file"
gives 'a row without end: 65' 65 'senders:2: .*65536' sender import "$file"
printf '[{"account": "alice", "pattern": "good@example.com"},\n\n{"account": "alice",\n"pattern": "x"}]' >"$file"
gives 'JSON, the line where an object begins: 65' 65 'senders:3: .*cannot be a sender' sender import "$file"
printf '[{"account": "alice", "pattern": "good@example.com"},\n{"account": "alice", "sender": "x@example.com"}]' >"$file"
gives 'JSON, an unknown key: 65' 65 'senders:2: .*"sender"' sender import "$file"
printf '[{"account": "alice", "pattern": "good@example.com"},\n{"account": "alice", "patt' >"$file"
gives 'JSON that is cut off: 65' 65 'senders:2: .*ends within' sender import "$file"
echo '{"account": "alice", "pattern": "a@example.com"}' >"$file"
gives 'JSON that is no array: 65' 65 'senders:1: ' sender import "$file"
gives 'a file that is not there: 66' 66 'No such file' sender import "$dir/none"
gives 'a directory: 74' 74 'cannot be read' sender import "$dir"
gives 'no file: 64' 64 'sender import FILE' sender import
unchanged
report $? 'all of that changed nothing'
{
	echo "$head"
	awk 'BEGIN { for (i = 0; i < 20000; i++) print "new" i ",u" i "@example.com,," }'
	echo 'alice,bad,,'
} >"$file"
run sender import "$file" --create-accounts
[ $? -eq 65 ] && one_line && found 'senders:20002: ' "$err" && unchanged
report $? 'the last of many rows undoes them all'

# ---- interrupted, and two at once

mkfifo "$dir/fifo"
"$postreeve" -d "$db" sender import "$dir/fifo" --create-accounts >"$out" 2>"$err" &
pid=$!
exec 9>"$dir/fifo"
head -n 20001 "$file" >&9
kill -INT $pid 2>/dev/null
# A shell lets what it runs in the background ignore the interrupt.
kill -TERM $pid 2>/dev/null
wait $pid
got=$?
exec 9>&-
[ $got -gt 128 ] && unchanged
report $? 'an import that is interrupted changes nothing'

sed -i '$d' "$file"
sed 's/^new/other/' "$file" >"$dir/other"
"$postreeve" -d "$db" sender import "$file" --create-accounts >"$dir/out1" 2>"$dir/err1" &
pid=$!
run sender import "$dir/other" --create-accounts
got2=$?
wait $pid
got1=$?
cat "$dir/err1" >>"$err"
case $got1.$got2 in 0.0 | 75.0 | 0.75) good=0 ;; *) good=1 ;; esac
count=$("$postreeve" -d "$db" sender list --json | grep -c '"account": "\(new\|other\)')
case $got1.$got2.$count in 0.0.40000 | 75.0.20000 | 0.75.20000) ;; *) good=1 ;; esac
report $good 'two at once: both succeed, or one is to try again'

# ---- what is exported

db=$dir/db/second
run init && run group add %küche && run account add 'a,"b"' && run account add zoë &&
	run sender add 'a,"b"' '"x,\"y"@example.com' @example.com --note 'commas, "quotes" and '"'these'" &&
	run sender add zoë zoë@bücher.example --note '=1+1' --expires 2099-12-31T23:59:59Z &&
	run sender add zoë @. --note '  blanks  ' && run sender add %küche @.example.com --note 'é ✓ \n'
report $? 'a registry of awkward names and notes'
prints 'export as CSV' "$head"'
%küche,@.example.com,,é ✓ \n
"a,""b""","""x,\""y""@example.com",,"commas, ""quotes"" and '"'these'"'"
"a,""b""",@example.com,,"commas, ""quotes"" and '"'these'"'"
zoë,@.,,  blanks  
zoë,zoë@xn--bcher-kva.example,TIME,=1+1' sender export
run sender export --json && grep -q '^{"account": "zo\\u00EB", "pattern": "@.", "expires": null, "note": "  blanks  "},$' "$out"
report $? 'export as JSON'
terms() { # what there is, without who and when
	"$postreeve" -d "$db" sender list --json | sed 's/, "author":.*//'
}
terms >"$dir/terms"
for form in csv json; do
	flag=
	[ $form = csv ] || flag=--json
	db=$dir/db/second
	# shellcheck disable=SC2086 # may be none
	run sender export "$dir/export.$form" $flag
	report $? "export to a file: $form"
	db=$dir/db/copy.$form
	run init && run group add %küche && run sender import "$dir/export.$form" --create-accounts &&
		terms | cmp - "$dir/terms"
	report $? "what is exported is imported as the same: $form"
	# shellcheck disable=SC2086 # may be none
	run sender export $flag && cmp "$out" "$dir/export.$form"
	report $? "and exported as the same: $form"
done
db=$dir/db/second
[ "$(find "$dir/export.csv" -perm 600)" = "$dir/export.csv" ]
report $? 'the file is private'
echo old >"$dir/export.csv"
gives 'a file that is there is replaced' 0 'senders are written' sender export "$dir/export.csv"
[ "$(wc -l <"$dir/export.csv")" -eq 6 ] && [ "$(find "$dir" -name 'export.csv*' | wc -l)" -eq 1 ]
report $? 'as a whole'
echo old >"$dir/export.csv"
db=$dir/db/none
run sender export "$dir/export.csv"
[ $? -eq 69 ] && [ "$(cat "$dir/export.csv")" = old ] && [ "$(find "$dir" -name 'export.csv*' | wc -l)" -eq 1 ]
report $? 'and in case of an error left as it was: 69'
db=$dir/db/second
gives 'no such directory: 73' 73 'No such file' sender export "$dir/none/export"
gives 'a name that is too long: 64' 64 "cannot be a file's name" sender export "/$(printf '%04090d' 0)"
gives 'no name: 64' 64 '' sender export ''
gives 'a directory: 73' 73 'not a regular file' sender export "$dir"
ln -s export.csv "$dir/link"
gives 'a link: 73' 73 'not a regular file' sender export "$dir/link"
gives 'a device: 73' 73 'not a regular file' sender export /dev/null
[ -c /dev/null ]
report $? 'which is still one'
if [ -w /dev/full ]; then
	"$postreeve" -d "$db" sender export >/dev/full 2>"$err"
	[ $? -eq 74 ] && one_line
	report $? 'standard output on a full disk: 74'
else
	skip 'standard output on a full disk: 74' 'no /dev/full'
fi

# ---- root

if [ "$(id -u)" -eq 0 ]; then
	chmod 711 "$dir"
	chown -R nobody "$dir/db"
	mkdir -m 700 "$dir/roots"
	run sender export "$dir/roots/export" && [ -O "$dir/roots/export" ] &&
		run sender import "$dir/roots/export" && [ -z "$(find "$dir/db" -type f ! -user nobody)" ]
	report $? "root's own files, and a registry that is somebody else's"
else
	skip "root's own files, and a registry that is somebody else's" 'not as root'
fi

# ---- on a terminal

if command -v script >/dev/null; then
	{
		echo "$head"
		awk 'BEGIN { for (i = 0; i < 60000; i++) print "new" i % 10 ",u" i "@example.com,," }'
	} >"$file"
	script -qec "'$postreeve' -d '$db' sender import '$file' --create-accounts" /dev/null </dev/null >"$out" 2>"$err" &&
		tr '\r' '\n' <"$out" >"$dir/lines" && grep -q '^\[=* *\] *[0-9]*%, [0-9]* rows$' "$dir/lines" &&
		found 'senders: 60000 added' "$out"
	report $? 'a bar tells how far it is'
	script -qec "'$postreeve' -d '$db' sender import '$file' --json" /dev/null </dev/null >"$out" 2>"$err" &&
		! found '%' "$out"
	report $? 'but not with --json'
else
	skip 'a bar tells how far it is' 'no script(1)'
	skip 'but not with --json' 'no script(1)'
fi

finish
