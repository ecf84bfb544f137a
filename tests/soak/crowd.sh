#!/bin/sh
# A thousand clients over 64 connections, and some that do not keep to the protocol, while the
# configuration is loaded anew every second, the registry changes ten times a second and is replaced by
# a copy every five: no wrong verdict, no lost session, of a quota just as much is used as it allows, and
# the daemon is afterwards as large as before. Prints TAP.
#   CROWD_SECONDS (60)
# shellcheck disable=SC2016 # awk's
set -eu

here=$(cd "$(dirname "$0")/../protocol" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=../protocol/daemon.sh
. "$here/daemon.sh"

seconds=${CROWD_SECONDS:-60}
quota=500
# configuration RECIPIENTS: of the profile that changes. Renamed into place, as editors do.
configuration() {
	{
		cat "$dir/base.conf"
		echo "profile small { max_recipients = $1 }"
	} >"$CONF.new"
	mv "$CONF.new" "$CONF"
}

# As the manual has it, of a restored copy.
replace() {
	sqlite3 "$DATABASE" ".backup '$dir/copy'"
	[ "$(id -u)" -ne 0 ] || chown "$user" "$dir/copy"
	chmod 600 "$dir/copy"
	rm -f "$DATABASE" "$DATABASE-wal" "$DATABASE-shm"
	mv "$dir/copy" "$DATABASE"
}

# What an administrator does, ten times a second until the file $dir/done is there.
change() {
	turn=0
	while [ ! -e "$dir/done" ]; do
		turn=$((turn + 1))
		client=c$((turn % 100 * 10 + 2))
		postreeve sender delete "$client" "$client@example.com"
		postreeve sender add "$client" "$client@example.com" --note "turn $turn"
		[ $((turn % 50)) -ne 0 ] || replace
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
# How large the worker is: resident KiB, descriptors, threads.
size() {
	awk '/^VmRSS/ { print $2 }' "/proc/$worker/status"
	for of in fd task; do
		set -- "/proc/$worker/$of/"*
		echo $#
	done
}

daemon_start
worker=$(daemon_worker)
change >"$dir/changes" 2>&1 &
changer=$!
reload >"$dir/reload.out" 2>&1 &
reloader=$!
# Once all kinds of things have happened: the allocator keeps what it had from the system.
"$builddir/tests/soak/crowd" "$socket" 30 >"$dir/first.out" 2>&1 || bail_out "$(cat "$dir/first.out")"
sleep 2
size >"$dir/before"
status=0
"$builddir/tests/soak/crowd" "$socket" "$seconds" >"$dir/crowd.out" 2>&1 || status=$?
: >"$dir/done"
changed=0
wait "$changer" || changed=$?
reloaded=0
wait "$reloader" || reloaded=$?
sed 's/^/# /' "$dir/crowd.out"

check 'every verdict is right and no session is lost' \
	[ "$status" -eq 0 ]
check 'few are told to come back while the registry is replaced' \
	awk -F '[ ,:]+' '/^told/ { told = $5 } /accepted/ { all += $2 + $4 } END { exit !(told <= all / 100) }' "$dir/crowd.out"
check 'each kind of client was there' \
	awk -F '[ ,]+' '/^strangers|^suspended/ { good += $4 > 20 } /^honest|^small|^changing/ { good += $2 > 20 }
	END { exit good != 5 }' "$dir/crowd.out"
check "of a quota of $quota messages just as many were accepted" \
	awk -v quota="$quota" '/^limited/ { all += $2 } END { exit all != quota }' "$dir/first.out" "$dir/crowd.out"
check 'the registry was changed all the while' \
	[ "$changed" -eq 0 -a "$(cat "$dir/turns")" -ge "$seconds" ]
check 'the configuration was loaded anew all the while' \
	[ "$reloaded" -eq 0 -a "$(grep -c 'configuration is reloaded' "$dir/log")" -ge $((seconds * 8 / 10)) ]
transactions=$(awk -F '[ ,:]+' '/accepted/ { all += $2 + $4 } END { print all }' "$dir/crowd.out")
sleep 2
size >"$dir/after"
paste -d ' ' "$dir/before" "$dir/after" >"$dir/sizes"
echo "# KiB, descriptors, threads: $(tr '\n' ';' <"$dir/sizes") after $transactions transactions"
check 'memory has grown by less than 1 MiB for 100,000 transactions' \
	awk -v n="$transactions" 'NR == 1 { exit !($2 - $1 < 1024 * (1 + n / 100000)) }' "$dir/sizes"
# Those of connections are gone, and those of files that were replaced; as many copies of the registry
# are open as were asked at the same time since the last of these.
check 'descriptors are fewer than there were connections, and threads no more than before' \
	awk 'NR == 2 && $2 >= 64 { exit 1 } NR == 3 && $2 > $1 { exit 1 }' "$dir/sizes"
echo "# $(cat "$dir/turns") times two changes, $(cat "$dir/reloads") reloads"
check_end $((number + 1))
echo "1..$((number + 1))"
