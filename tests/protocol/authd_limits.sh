#!/bin/sh
# postreeve-authd, and connections that end without an answer; what it cannot take over while it runs;
# and starts that are none.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}"
# shellcheck source-path=SCRIPTDIR source=authd_start.sh
. "$srcdir/tests/protocol/authd_start.sh"

authd_setup
authd_start

# ---- connections ---------------------------------------------------------------------------------

client wait "$mux" >"$dir/kept" &
kept=$!

# saslauthd's request in hexadecimal.
hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
answers() {
	wanted=$1
	shift
	answer=$(client saslauthd "$mux" "$@")
	[ "$answer" = "$wanted" ] || { echo "$answer"; return 1; }
}
alice=0005$(hex alice) rest=$(hex secret)0004$(hex smtp)0000
check 'a request that comes in pieces' answers 00024f4b 00 05 "$(hex al)" "$(hex ice)0006" "$rest"
check 'what comes behind a request is not looked at' answers 00024e4f "${alice}0005$(hex wrong)0004$(hex smtp)0000" ffff ffff
many=$(head -c 5000 /dev/zero | od -An -v -tx1 | tr -d ' \n')
check 'nor where it comes with it' answers 00024f4b "${alice}0006$rest$many"
check 'who does not read the answers is closed' client unread "$socket"
check 'and others are served' succeeds alice secret
wait "$kept"
check 'who says nothing to saslauthd is closed after ten seconds' grep -Eqx '(9|1[0-3])' "$dir/kept"

# ---- SIGHUP --------------------------------------------------------------------------------------

cp "$conf" "$dir/good"
sed "s|/mux\"|/other\"|; s|^auth_user.*|auth_user = \"daemon\"|" "$dir/good" >"$conf"
kill -HUP "$pid"
check 'what cannot be changed by a signal is told' \
	logged 'changed, but as before until a restart: auth_user, auth_saslauthd_socket$'
check 'and is as before' answers 00024f4b "${alice}0006$rest"
if [ "$(id -u)" -eq 0 ]; then
	chmod 600 "$conf"
	kill -HUP "$pid"
	check 'a file that the daemon may not read is told' \
		logged "is not reloaded, the old one stays in force: .*: the daemon's user must be able to read it$"
	chmod 644 "$conf"
else
	check 'SKIP not root' true
fi
rm "$conf"
kill -HUP "$pid"
check 'so is one that is gone' logged 'is not reloaded, the old one stays in force: .*No such file or directory$'
check 'and it goes on' succeeds alice secret
cp "$dir/good" "$conf"

# ---- the end -------------------------------------------------------------------------------------

client login "$socket" alice wrong 192.0.2.41 >"$dir/last" &
last=$!
check 'one is about to be answered' logged 'client=192.0.2.41'
kill -TERM "$pid"
check 'told to stop, it waits for that' logged 'stopping: 1 logins are open$'
authd_stop
check 'told once more, it ends' ended_well
wait "$last"
check 'and that is not answered' grep -q '^CLOSED' "$dir/last"
check 'which the log says' logged 'stopped: 1 logins were cut off$'

# ---- descriptors ---------------------------------------------------------------------------------

printf '#!/bin/sh\nulimit -n 64\nexec "%s" "$@"\n' "$(cd "${daemon%/*}" && pwd)/${daemon##*/}" >"$dir/few"
chmod 755 "$dir/few"
all=$daemon
daemon=$dir/few
authd_start
daemon=$all
mkfifo "$dir/idle"
client idle "$socket" 70 <"$dir/idle" >"$dir/held" 2>&1 &
idle=$!
exec 3>"$dir/idle"
check 'more connections than descriptors are told' logged 'connections cannot be taken: raise LimitNOFILE'
exec 3>&-
kill "$idle" 2>/dev/null
wait "$idle" 2>/dev/null
check 'and once there are some, it serves' succeeds alice secret
authd_stop
check 'and ends well' ended_well

# ---- starts --------------------------------------------------------------------------------------

# refuses NAME STATUS WORDS SED: with what sed makes of the configuration.
refuses() {
	sed "$4" "$dir/good" >"$conf"
	check "$1" says "$2" "$3"
	cp "$dir/good" "$conf"
}
says() {
	ends_with "$1" 2>"$dir/errors"
	cat "$dir/errors"
	[ "$other" -eq "$1" ] && grep -q "^postreeve-authd: .*$2" "$dir/errors"
}
refuses 'nothing to serve: 78' 78 'there is nothing to serve' 's/_socket = .*/_socket = ""/'
refuses 'a user that there is not: 78' 78 "there is no user 'no-such-user'" 's/^auth_user.*/auth_user = "no-such-user"/'
refuses 'root as the user: 78' 78 'root' 's/^auth_user.*/auth_user = "root"/'
refuses 'a configuration that is wrong: 78' 78 "$conf:1" '1s/^/auth_cost = no\n/'
refuses 'a directory where none can listen: 69' 69 'cannot listen on /proc/none.sock' \
	's|^auth_dovecot_socket.*|auth_dovecot_socket = "/proc/none.sock"|'
refuses 'no directory: 78' 78 'make it first' 's|/run/auth.sock|/none/auth.sock|'
busy() {
	python3 -c 'import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(0)
one = socket.socket(socket.AF_UNIX)
one.connect(sys.argv[1])
print("busy", flush=True)
time.sleep(20)' "$socket" >"$dir/busy" &
	pid=$!
	waited=0
	until [ -s "$dir/busy" ] || [ "$waited" -ge 100 ]; do
		waited=$((waited + 1))
		sleep 0.05
	done
	says 78 'another program serves there'
	got=$?
	kill "$pid"
	wait "$pid" 2>/dev/null
	pid=
	rm -f "$socket"
	return "$got"
}
check 'somebody who has no time to answer at its socket: 78' busy
checks() {
	"$daemon" -n -c "$conf" | grep ': ok$'
}
check 'it checks the configuration alone' checks
authd_start
check 'after all this it starts' succeeds alice secret
authd_stop
check 'and ends well' ended_well
echo "1..$n"
exit "$status"
