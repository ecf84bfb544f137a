#!/bin/sh
# Findings: check config and check database.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=cli_tap.sh
. "$srcdir/tests/unit/cli_tap.sh"
put=$builddir/tests/unit/put_usage

configure <<EOF
profile default { }
profile bulk { max_recipients = 1000 }
EOF

# finds NAME CODE PATTERN ARGUMENT...: that exit code, with the configuration; a line of the pattern on
# standard output; nothing on standard error; and the registry is as it was.
finds() {
	name=$1 code=$2 pattern=$3
	shift 3
	before=$({ cksum <"$db"; } 2>/dev/null)
	"$postreeve" -c "$conf" "$@" >"$out" 2>"$err"
	[ $? -eq "$code" ] && [ ! -s "$err" ] && found "$pattern" "$out" &&
		[ "$({ cksum <"$db"; } 2>/dev/null)" = "$before" ] && ! LC_ALL=C grep -q '[^ -~]' "$out"
	report $? "$name"
}

# silent PATTERN: what was found just now has no such line.
silent() {
	! grep -q -- "$1" "$out"
	report $? "and no line $1"
}

# ---- before there is a registry

finds 'check config without a registry: 1, and what to do' 1 '^problem: registry: .*postreeve init' check config
finds 'check database without a registry: 1' 1 '^problem: registry: .*postreeve init' check database
[ -z "$(ls "$dir/db")" ]
report $? 'and nothing was made'
sed 's|^database.*|database = "/nonexistent/registry"|' "$conf" >"$dir/none.conf"
"$postreeve" -c "$dir/none.conf" check database >"$out" 2>"$err"
[ $? -eq 1 ] && [ ! -s "$err" ] && grep -q '^problem: directory: /nonexistent does not exist: .*init' "$out"
report $? 'check database without a directory: 1'

# ---- all is right

"$postreeve" -c "$conf" init >"$out" 2>"$err" && run account add alice && run account add bob --profile bulk &&
	run account limit bob max_recipients=5
report $? 'a registry'
finds 'check config' 0 '^ok: configuration: .* loads, profiles: 2$' check config
for line in '^ok: profiles: .*accounts: 2$' '^ok: limits: .*limits: 1$'; do
	grep -q "$line" "$out"
	report $? "and $line"
done
silent '^problem'
finds 'check database' 0 '^ok: integrity: ' check database
for line in '^ok: directory: ' '^ok: files: ' '^ok: space: .* MiB' '^ok: registry: ' \
	'^ok: usage: nothing has been counted yet$'; do
	grep -q "$line" "$out"
	report $? "and $line"
done
silent '^problem'
[ "$(find "$dir/db" ! -type d)" = "$db" ]
report $? 'and nothing was made'
gives 'check database without the configuration' 0 '^ok: integrity: ' check database
finds 'check config in JSON' 0 '^{"check": "configuration", "ok": true, "text": ".* loads, profiles: 2"},$' \
	check config --json
head -n 1 "$out" | grep -qx '\[' && tail -n 1 "$out" | grep -qx ']' && [ "$(wc -l <"$out")" -eq 6 ]
report $? 'an array with a line for each'

# ---- the configuration

echo 'profile default { max_recipients = 0 }' >"$dir/bad.conf"
"$postreeve" -c "$dir/bad.conf" check config >"$out" 2>"$err"
[ $? -eq 1 ] && [ ! -s "$err" ] &&
	grep -q "^problem: configuration: $dir/bad.conf:1: max_recipients = '0': must be" "$out" &&
	[ "$(wc -l <"$out")" -eq 1 ]
report $? 'a configuration that does not load: 1, with file and line'
"$postreeve" -c "$dir/no.conf" check config --json >"$out" 2>"$err"
[ $? -eq 1 ] && [ ! -s "$err" ] && found '^{"check": "configuration", "ok": false, ' "$out"
report $? 'none at all: 1, in JSON'
"$postreeve" -c "$dir/no.conf" check database >"$out" 2>"$err"
[ $? -eq 78 ] && one_line
report $? 'check database with none: 78'
gives 'check config without the configuration: 64' 64 'leave -d out' check config
gives 'check alone: 64' 64 'check what' check
gives 'check of something else: 64' 64 'no command' check mail
gives 'check with arguments: 64' 64 'too many' check database x

for name in c1 c2 c3 c4 c5; do
	run account add $name --profile gone
done
finds 'a profile that is not there: 1, who is in it and what to do' 1 \
	'^problem: profiles: .*"gone".*(5: c1, c2, c3, \.\.\.) is answered 451: add it to .*account add' check config
silent 'ok: profiles'
run account add c1 --profile other
finds 'each such profile has a line' 1 '"other".*(1: c1)' check config
[ "$(grep -c '^problem: profiles' "$out")" -eq 2 ]
report $? 'and there are two'
for name in c1 c2 c3 c4 c5; do
	run account delete $name
done
finds 'and all is right again' 0 '^ok: profiles' check config

# ---- what only sqlite3(1) can make

if command -v sqlite3 >/dev/null; then
	sqlite3 "$db" "UPDATE account_limit SET value = '0'" >"$out" 2>"$err"
	finds 'a limit that cannot be read: 1, and what to do' 1 \
		'^problem: limits: bob has max_recipients=0, .*451.*account limit bob max_recipients=default' check config
	run account limit bob max_recipients=default
	finds 'and without it all is right again' 0 '^ok: limits: .*limits: 0$' check config
	sqlite3 "$db" "INSERT INTO sender_grant (account, pattern, created) VALUES (999, '@x.example', 0)" \
		>"$out" 2>"$err"
	finds 'a row that belongs to no account: 1, and what to do' 1 '^problem: integrity: .*restore a copy' \
		check database
	sqlite3 "$db" 'DELETE FROM sender_grant WHERE account = 999' >"$out" 2>"$err"
	cp "$db" "$dir/copy"
	sqlite3 "$db" 'PRAGMA user_version = 1000' >"$out" 2>"$err"
	finds 'a registry of a later version: 1, and what to do' 1 '^problem: registry: .*newer.*' check database
	cp "$dir/copy" "$db"
	finds 'and all is right again' 0 '^ok: integrity' check database
else
	for name in 'a limit that cannot be read: 1, and what to do' 'and without it all is right again' \
		'a row that belongs to no account: 1, and what to do' \
		'a registry of a later version: 1, and what to do' 'and all is right again'; do
		skip "$name" 'there is no sqlite3'
	done
fi

# ---- files

chmod 664 "$db"
finds 'a registry that others can write to: 1, and what to do' 1 \
	"^problem: files: $db can be written to by others (mode 0664): chmod go-w" check database
silent 'ok: files'
chmod 600 "$db"
chmod 777 "$dir/db"
finds 'a directory that others can write to: 1' 1 \
	"^problem: directory: $dir/db can be written to by others (mode 0777): chmod go-w" check database
chmod 755 "$dir/db"
mv "$db" "$dir/db/there" && ln -s there "$db"
finds 'a symbolic link: 1' 1 '^problem: files: .* is no regular file' check database
mv "$dir/db/there" "$db"

"$put" "$db" alice messages_per_hour 7 3600 >"$out" 2>"$err"
[ "$user" = "$me" ] || chown "$user" "$dir/db/usage.sqlite3"
finds 'counts' 0 '^ok: usage: .*/usage.sqlite3 can be read, windows of counting: 1$' check database
chmod 602 "$dir/db/usage.sqlite3"
finds 'counts that others can write to: 1' 1 '^problem: files: .*/usage.sqlite3 can be written' check database
chmod 600 "$dir/db/usage.sqlite3"
head -c 3000 "$dir/db/usage.sqlite3" >"$dir/cut" && cat "$dir/cut" >"$dir/db/usage.sqlite3"
finds 'counts that are cut off: 1, and what to do' 1 '^problem: usage: .*move it away' check database
rm -f "$dir/db"/usage.sqlite3*

head -c 5000 "$db" >"$dir/cut" && cp "$db" "$dir/copy" && cat "$dir/cut" >"$db"
finds 'a registry that is cut off: 1' 1 '^problem: ' check database
finds 'check config with it: 1' 1 '^problem: registry: ' check config
cat "$dir/copy" >"$db"
finds 'and with the copy all is right again' 0 '^ok: integrity' check database

if [ "$(id -u)" -eq 0 ]; then
	chown daemon "$db"
	finds "a registry that is somebody else's: 1, and what to do" 1 \
		"^problem: files: $db belongs to another user than nobody: chown nobody it" check database
	chown nobody "$db"
	chown daemon "$dir/db" "$db"
	finds "a directory that is not the configured user's: 1" 1 \
		"^problem: directory: $dir/db belongs to another user than nobody: chown" check database
	chown nobody "$dir/db" "$db"
	chown 54321 "$dir/db"
	chmod 711 "$dir"
	"$postreeve" -d "$db" check database >"$out" 2>"$err"
	[ $? -eq 1 ] && found "^problem: files: $db belongs to another user: chown it to 54321" "$out"
	report $? 'files that should be those of a user without a name: 1'
	chown nobody "$dir/db"
	sed 's|^user.*|user = "nosuchuser"|' "$conf" >"$dir/none.conf"
	"$postreeve" -c "$dir/none.conf" check database >"$out" 2>"$err"
	[ $? -eq 1 ] && found '^problem: directory: there is no user nosuchuser: ' "$out"
	report $? 'a user that is none: 1'
	finds 'and all is right again' 0 '^ok: files' check database
	[ -z "$(find "$dir/db" ! -user nobody)" ]
	report $? 'root leaves no file of its own'
else
	for name in "a registry that is somebody else's: 1, and what to do" \
		"a directory that is not the configured user's: 1" 'files that should be those of a user without a name: 1' \
		'a user that is none: 1' \
		'and all is right again' 'root leaves no file of its own'; do
		skip "$name" 'needs root'
	done
fi

finish
