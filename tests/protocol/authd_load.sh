#!/bin/sh
# postreeve-authd under load: a thousand idle connections, AUTHs given up by the ten thousand, a flood
# of logins; and that no failure can be told from another by its time.
# shellcheck disable=SC2016,SC2317,SC3045 # awk's dollars; functions that check calls
set -u
: "${srcdir:=.}" "${AUTHD_ABORTS:=100000}" "${AUTHD_TRIES:=300}"
# shellcheck source-path=SCRIPTDIR source=authd_start.sh
. "$srcdir/tests/protocol/authd_start.sh"

authd_setup
# A sanitizer that keeps what was freed would be measured for the daemon.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
export ASAN_OPTIONS
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -H -n)"
authd_start

memory() { # KiB that are the daemon's own
	awk '/^RssAnon:/ { print $2 }' "/proc/$pid/status"
}

# ---- idle connections ----------------------------------------------------------------------------

mkfifo "$dir/idle" "$dir/held"
client idle "$socket" 1000 <"$dir/idle" >"$dir/held" &
idle=$!
exec 3>"$dir/idle"
read -r held <"$dir/held"
check 'a thousand idle connections' [ "$held" = idle ]
check 'others are served meanwhile' succeeds alice secret
check 'and refused' fails alice wrong
client idle "$socket" 1100 <"$dir/idle" >"$dir/more" 2>&1 &
more=$!
wait "$more"
check 'but there are never more than 2048' logged 'too many connections at once'
check 'and then there is room again' succeeds alice secret
exec 3>&-
wait "$idle"

# ---- AUTHs that are given up ---------------------------------------------------------------------

client abort "$socket" 5000 >/dev/null
before=$(memory)
gives_up() { client abort "$socket" "$AUTHD_ABORTS"; }
check "$AUTHD_ABORTS AUTHs that are given up" gives_up
after=$(memory)
echo "# memory: $before KiB before, $after KiB after"
check 'take no memory' [ "$after" -le $((before + 2048)) ] # 48 octets of each take more, beyond what the idle ones left

# ---- times ---------------------------------------------------------------------------------------

tells_nothing() { client timing "$socket" "$AUTHD_TRIES" alice:wrong nobody:wrong carol:carols; }
check 'the times of failures differ by less than 5 %' tells_nothing
echo "$wrote" | sed 's/^/# /'

# ---- a flood -------------------------------------------------------------------------------------

authd_stop
check 'it ends well' ended_well
sed -i 's/^auth_cost.*/auth_cost = 17/' "$conf"
passwords set slow slow 17
authd_start
succeeds alice secret >/dev/null
client flood "$socket" 300 slow wrong >"$dir/flood" &
flood=$!
check 'a flood of logins is more than fits in' logged 'unavailable account=slow .* cause="too many logins at once'
is_fast() {
	client login "$socket" alice secret 192.0.2.7 20 >"$dir/answer" || return
	sort -k 2 -n "$dir/answer" | awk '
		$1 != "OK" { wrong = 1 }
		NR == 10 { median = $2 }
		END { print median " ms"; exit wrong || NR != 20 || median > 20 }'
}
check 'in a flood of logins, those that are known are served at once' is_fast
echo "# $wrote in the flood"
wait "$flood"
echo "# $(cat "$dir/flood")"
check 'what does not fit into the queue is unavailable, and not wrong' \
	grep -Eq '^OK=0 FAIL=[0-9]+ CLOSED=[1-9][0-9]+$' "$dir/flood"
check 'and then a new login is judged again' succeeds slow slow
authd_stop
check 'it ends well again' ended_well
echo "1..$n"
exit $status
