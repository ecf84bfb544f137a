# A postreeve-authd of its own for a test: sourced by the scripts beside it. POSIX sh.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=../unit/tap.sh
. "$srcdir/tests/unit/tap.sh"
# shellcheck source-path=SCRIPTDIR source=place.sh
. "$srcdir/tests/protocol/place.sh"

command -v python3 >/dev/null || { echo '1..0 # SKIP there is no python3'; exit 0; }

daemon=$builddir/db/authd/postreeve-authd
passwords_program=$builddir/tests/protocol/passwords

# passwords COMMAND NAME...: as the daemon's user.
passwords() {
	command=$1
	shift
	as_user "$passwords_program" "$passwords" "$command" "$@"
}

as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
	else
		"$@"
	fi
}

# authd_setup: the directory, the passwords and the configuration, with cheap hashes and as many
# failures as a test may want. Accounts:
#   alice  secret        carol  carols, disabled
#   bob    hunter2       dave   with a hash that is none
authd_setup() {
	place_make
	chmod 700 "$dir/db"
	passwords=$dir/db/passwords.sqlite3
	socket=$dir/run/auth.sock
	mux=$dir/run/mux
	conf=$dir/postreeve.conf
	{
		printf 'auth_database = "%s"\nauth_user = "%s"\n' "$passwords" "$user"
		printf 'auth_dovecot_socket = "%s"\nauth_saslauthd_socket = "%s"\n' "$socket" "$mux"
		printf 'auth_cost = 10\nauth_failures_account = 1000000\nauth_failures_client = 1000000\n'
	} >"$conf"
	{
		passwords set alice secret 10 && passwords set bob hunter2 10 &&
			passwords set carol carols 10 && passwords disable carol &&
			passwords hash dave '$scrypt$ln=10,r=8,p=1$short'
	} >"$dir/log" 2>&1 || bail_out "the passwords could not be made"
}

# Starts the daemon and waits until it answers, at most 20 s.
authd_start() {
	"$daemon" -f -c "$conf" >"$dir/log" 2>&1 &
	pid=$!
	waited=0
	until grep -q ': started: ' "$dir/log"; do
		kill -0 "$pid" 2>/dev/null || bail_out "the daemon did not start"
		[ "$waited" -lt 400 ] || bail_out "the daemon does not answer"
		waited=$((waited + 1))
		sleep 0.05
	done
}

# Stops the daemon, waiting at most 10 s. Gives its exit status in $ended.
authd_stop() {
	kill -TERM "$pid" 2>/dev/null || true
	waited=0
	while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 200 ]; do
		waited=$((waited + 1))
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null || true
	ended=0
	wait "$pid" || ended=$?
	pid=
}

client() {
	python3 "$srcdir/tests/protocol/authd_client.py" "$@"
}

# logs_in WORD LEAST MOST NAME PASSWORD...: whether `client login' says this word, in so many
# milliseconds.
logs_in() {
	word=$1 least=$2 most=$3
	shift 3
	client login "$socket" "$@" >"$dir/answer" || return
	awk -v word="$word" -v least="$least" -v most="$most" '
		$1 != word || $2 < least || $2 > most { wrong = 1 }
		END { exit wrong || NR == 0 }' "$dir/answer" || { cat "$dir/answer"; return 1; }
}
succeeds() { logs_in OK 0 10000 "$@"; }
fails() { logs_in FAIL 1990 10000 "$@"; }
is_unavailable() { logs_in CLOSED 0 9000 "$@"; }

# logged EXPRESSION: whether a line of the log matches, within five seconds.
logged() {
	for _ in $(seq 50); do
		! grep -Eq "$1" "$dir/log" || return 0
		sleep 0.1
	done
	tail -n 30 "$dir/log"
	return 1
}

# ended_well: whether the daemon ended as it should, and no sanitizer complained.
ended_well() {
	[ "$ended" -eq 0 ] && ! grep -Eq 'Sanitizer|runtime error:' "$dir/log" && return
	echo "exit status $ended"
	tail -n 60 "$dir/log"
	return 1
}

# ends_with STATUS: whether another daemon, of this configuration, ends with it.
ends_with() {
	other=0
	"$daemon" -f -c "$conf" || other=$?
	[ "$other" -eq "$1" ] || { echo "exit status $other"; return 1; }
}
