#!/bin/sh
# A thousand clients over 64 connections, while the configuration is loaded anew every second and the
# registry changes ten times a second: no wrong verdict, no lost session, and of a quota just as much
# is used as it allows. Prints TAP.
#   CROWD_SECONDS (60)
set -eu

here=$(cd "$(dirname "$0")/../protocol" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=../protocol/daemon.sh
. "$here/daemon.sh"

seconds=${CROWD_SECONDS:-60}
quota=500
number=0

result() {
	number=$((number + 1))
	if "$@" >"$dir/result" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$dir/result" "$dir/crowd.out"
	fi
}

# configuration RECIPIENTS: of the profile that changes. Renamed into place, as editors do.
configuration() {
	{
		cat "$dir/base.conf"
		echo "profile small { max_recipients = $1 }"
	} >"$CONF.new"
	mv "$CONF.new" "$CONF"
}

# What an administrator does, ten times a second until the file $dir/done is there.
change() {
	turn=0
	while [ ! -e "$dir/done" ]; do
		turn=$((turn + 1))
		client=c$((turn % 100 * 10 + 2))
		postreeve sender delete "$client" "$client@example.com"
		postreeve sender add "$client" "$client@example.com" --note "turn $turn"
		sleep 0.05
	done
	echo "$turn" >"$dir/turns"
}

reload() {
	turn=0
	while [ ! -e "$dir/done" ]; do
		turn=$((turn + 1))
		configuration $((2 + turn % 2))
		kill -HUP "$pid"
		sleep 1
	done
	echo "$turn" >"$dir/reloads"
}

daemon_setup /dev/null
cp "$CONF" "$dir/base.conf"
{
	echo "profile default { max_connections = 64 max_recipients = 10 }"
	echo "profile limited { messages_per_day = $quota }"
} >>"$dir/base.conf"
configuration 2
{
	echo account,pattern,expires,note
	i=0
	while [ "$i" -lt 1000 ]; do
		echo "c$i,c$i@example.com,,"
		i=$((i + 1))
	done
} >"$dir/clients.csv"
{
	postreeve sender import "$dir/clients.csv" --create-accounts
	postreeve account add limited --profile limited
	postreeve sender add limited limited@example.com
	i=0
	while [ "$i" -lt 100 ]; do
		postreeve account suspend "c$((i * 10 + 1))" --reason 'a test'
		postreeve account add "c$((i * 10 + 3))" --profile small
		i=$((i + 1))
	done
} >"$dir/log" 2>&1 || bail_out 'the registry could not be made'
daemon_start

change >"$dir/changes" 2>&1 &
changer=$!
reload >"$dir/reload.out" 2>&1 &
reloader=$!
status=0
"$builddir/tests/soak/crowd" "$socket" "$seconds" >"$dir/crowd.out" 2>&1 || status=$?
: >"$dir/done"
changed=0
wait "$changer" || changed=$?
reloaded=0
wait "$reloader" || reloaded=$?
sed 's/^/# /' "$dir/crowd.out"

name='every verdict is right and no session is lost'
result [ "$status" -eq 0 ]
name='each kind of client was there'
result awk -F '[ ,]+' '/^strangers|^suspended/ { good += $4 > 20 } /^honest|^small|^changing/ { good += $2 > 20 }
	END { exit good != 5 }' "$dir/crowd.out"
name="of a quota of $quota messages just as many were accepted"
result grep -q "^limited: $quota accepted" "$dir/crowd.out"
name='the registry was changed all the while'
result [ "$changed" -eq 0 -a "$(cat "$dir/turns")" -ge $((seconds * 5)) ]
name='the configuration was loaded anew all the while'
result [ "$reloaded" -eq 0 -a "$(grep -c 'configuration is reloaded' "$dir/log")" -ge $((seconds * 8 / 10)) ]
echo "# $(cat "$dir/turns") times two changes, $(cat "$dir/reloads") reloads"
check_end $((number + 1))
echo "1..$((number + 1))"
