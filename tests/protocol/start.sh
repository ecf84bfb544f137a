#!/bin/sh
# How postreeved starts, and when it must not: exit statuses of sysexits.h and what it says.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"

daemon_setup /dev/null
number=0
path=$dir/run/milter.sock

result() {
	number=$((number + 1))
	if [ "$1" = ok ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		sed 's/^/# /' "$dir/out"
	fi
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# exits STATUS PATTERN NAME ARGUMENT...: the daemon, run with these arguments, says the pattern.
exits() {
	expected=$1 pattern=$2 name=$3 outcome="not ok" status=0
	shift 3
	timeout 20 "$daemon" "$@" >"$dir/out" 2>&1 </dev/null || status=$?
	echo "exit status $status, expected $expected" >>"$dir/out"
	if [ "$status" -eq "$expected" ] && grep -Eq -e "$pattern" "$dir/out"; then
		outcome=ok
	fi
	result "$outcome" "$name"
}

# with KEY VALUE: the configuration with this setting instead of its own, in $dir/other.conf.
with() {
	{
		echo "$1 = \"$2\""
		grep -v "^$1 " "$CONF"
	} >"$dir/other.conf"
}

answers() {
	if "$session" "$socket" && [ -S "$path" ]; then
		result ok "$1"
	else
		result no "$1"
	fi
}

exits 0 '^postreeve [0-9]' '-V tells the version' -V
exits 0 'usage: postreeved' '-h tells the usage' -h
exits 64 'usage: postreeved' 'an unknown option: 64' -x
exits 64 'usage: postreeved' 'a stray argument: 64' -f stray
exits 0 ': ok$' '-n with a good configuration: 0' -n -c "$CONF"
printf 'profile default {\n\tmax_recipients = none\n}\n' >"$dir/bad.conf"
exits 78 "bad.conf:2: max_recipients = 'none'" '-n with a bad one: 78, file and line' -n -c "$dir/bad.conf"
exits 78 "bad.conf:2: max_recipients = 'none'" 'a start with a bad one: 78, file and line' -f -c "$dir/bad.conf"
exits 78 'cannot be read' 'a configuration that is not there: 78' -c "$dir/none.conf"

with user no-such-user
exits 78 "no user 'no-such-user'" 'a user that does not exist: 78' -f -c "$dir/other.conf"
with user root
exits 78 'user other than root' 'root as the user: 78' -f -c "$dir/other.conf"
if [ "$(id -u)" -eq 0 ]; then
	skip 'neither root nor the user: 77' 'not as root'
else
	with user daemon
	exits 77 'as root or as the user' 'neither root nor the user: 77' -f -c "$dir/other.conf"
fi

echo precious >"$path"
exits 78 'no socket stands there' 'a file in the place of the socket: 78' -f -c "$CONF"
if [ "$(cat "$path")" = precious ]; then
	result ok 'and it is left alone'
else
	result no 'and it is left alone'
fi
rm "$path"
ln -s "$dir/run/elsewhere" "$path"
exits 78 'no socket stands there' 'a symbolic link in the place of the socket: 78' -f -c "$CONF"
rm "$path"
with socket "local:$dir/none/milter.sock"
exits 78 'make it first' 'no directory for the socket: 78' -f -c "$dir/other.conf"
chmod o+w "$dir/run"
exits 78 'chmod o-w' 'a directory for the socket that anybody may write to: 78' -f -c "$CONF"
chmod o-w "$dir/run"

chmod g+w "$CONF"
exits 78 "conf: others may write to it: chmod go-w $CONF" 'a configuration that others may write to: 78' -f -c "$CONF"
chmod g-w "$CONF"
chmod o+w "$dir"
exits 78 "others may write to it: chmod go-w $dir\$" 'a directory of it that others may write to: 78' -f -c "$CONF"
chmod o-w "$dir"
mkdir -m 777 "$dir/control"
with control_socket "$dir/control/socket"
exits 78 "others may write to it: chmod o-w $dir/control\$" \
	'a directory for the control socket that anybody may write to: 78' -f -c "$dir/other.conf"
if [ "$(id -u)" -eq 0 ]; then
	for file in "$CONF" "$DATABASE" "$dir/db"; do
		owner=$(stat -c %U "$file")
		chown daemon "$file"
		exits 78 "$file: belongs to another user [(]uid [0-9]*[)]: chown $owner $file\$" \
			"somebody else's ${file##*/}: 78" -f -c "$CONF"
		chown "$owner" "$file"
	done
else
	for file in postreeve.conf postreeve.sqlite3 db; do
		skip "somebody else's $file: 78" 'not root'
	done
fi

chmod g+w "$dir/db"
exits 78 'chmod go-w' 'a directory of the database that others may write to: 78' -f -c "$CONF"
chmod g-w "$dir/db"
if command -v sqlite3 >"$dir/out"; then
	# The checkpoint when it closes would leave files of root's behind: as root, give them back.
	sqlite3 "$DATABASE" 'PRAGMA user_version=1000' >"$dir/out"
	[ "$(id -u)" -ne 0 ] || chown "$user" "$dir"/db/*
	exits 78 'newer' 'a registry of a newer schema: 78' -f -c "$CONF"
	sqlite3 "$DATABASE" 'PRAGMA user_version=2' >"$dir/out"
	[ "$(id -u)" -ne 0 ] || chown "$user" "$dir"/db/*
else
	skip 'a registry of a newer schema: 78' 'no sqlite3'
fi

if [ "$(id -u)" -eq 0 ]; then
	daemon_start
	kill -KILL "$pid"
	wait "$pid" 2>"$dir/out" || true
	pid=
	chown daemon "$path"
	exits 78 'belongs to another user' "somebody else's socket: 78" -f -c "$CONF"
	rm "$path"
else
	skip "somebody else's socket: 78" 'not root'
fi

# Closed standard descriptors: the socket must not become one of them.
name='in the background, without standard descriptors, the first process exits with 0'
status=0
timeout 20 "$daemon" -c "$CONF" <&- >&- 2>&- || status=$?
echo "exit status $status" >"$dir/out"
if [ "$status" -eq 0 ]; then result ok "$name"; else result no "$name"; fi
answers 'and then the daemon answers'
exits 78 'another program serves there' 'a second daemon on the same socket: 78' -f -c "$CONF"
answers 'and the first still answers'

# It is no child of ours: found by its configuration, which no other daemon has. There are two; the
# master is the one whose parent is none of them.
found=" "
for process in /proc/[0-9]*; do
	if [ "$(cat "$process/comm" 2>/dev/null)" = postreeved ] &&
		grep -qzF -- "$CONF" "$process/cmdline"; then
		found="$found${process#/proc/} "
	fi
done
for process in $found; do
	parent=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
	case $found in
	*" $parent "*) ;;
	*) pid=$process ;;
	esac
done
[ -n "$pid" ] || bail_out 'the daemon in the background is not found'
kill -TERM "$pid"
waited=0
while kill -0 "$pid" 2>"$dir/out" && [ "$waited" -lt 200 ]; do
	waited=$((waited + 1))
	sleep 0.1
done
if kill -0 "$pid" 2>"$dir/out"; then
	result no 'SIGTERM stops it'
else
	pid=
	result ok 'SIGTERM stops it'
fi
if [ -e "$path" ]; then result no 'and the socket is gone'; else result ok 'and the socket is gone'; fi
echo "1..$number"
