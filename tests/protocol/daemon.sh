# A postreeved of its own for a test: sourced by the scripts beside it, and by those
# of tests/bench, with their own directory in $here. POSIX sh.
# shellcheck shell=sh disable=SC2034,SC2154
# shellcheck source-path=SCRIPTDIR source=place.sh
. "$here/place.sh"

daemon=${builddir:=.}/milter/postreeved
session=$builddir/tests/protocol/session
cli=$builddir/db/cli/postreeve

# daemon_setup FILE: the directory, the configuration (the lines between `config' and `end' in FILE)
# and a registry with accounts:
#   alice   alice@example.com, anything at alice.example
#   bob     bob@example.com
#   carol   carol@example.com, suspended
daemon_setup() {
	place_make
	mkdir -m 755 "$dir/bin"

	CONF=$dir/postreeve.conf
	DATABASE=$dir/db/postreeve.sqlite3
	export CONF DATABASE
	sed -n '/^config$/,/^end$/ { /^config$/d; /^end$/d; p; }' "$1" >"$dir/conf.in"
	printf 'database = "%s"\nuser = "%s"\n' "$DATABASE" "$user" >>"$dir/conf.in"
	# Never those of the system.
	grep -q '^[[:space:]]*auth_database' "$dir/conf.in" ||
		echo "auth_database = \"$dir/auth/passwords\"" >>"$dir/conf.in"
	grep -q '^[[:space:]]*socket' "$dir/conf.in" ||
		echo "socket = \"local:$dir/run/milter.sock\"" >>"$dir/conf.in"
	configure_port 0

	# So that scripts can say `postreeve account list'.
	printf '#!/bin/sh\nexec "%s" -c "%s" "$@"\n' "$cli" "$CONF" >"$dir/bin/postreeve"
	chmod 755 "$dir/bin/postreeve"
	PATH=$dir/bin:$PATH
	cp "$here/tsan.supp" "$dir"
	TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}suppressions=$dir/tsan.supp:report_thread_leaks=0"
	export TSAN_OPTIONS
	{
		postreeve init &&
			postreeve sender import - --create-accounts <<-END &&
				account,pattern,expires,note
				alice,alice@example.com,,
				alice,@alice.example,,
				bob,bob@example.com,,
				carol,carol@example.com,,
			END
			postreeve account suspend carol --reason 'a test'
	} >"$dir/log" 2>&1 || bail_out "the registry could not be made"
}

# configure_port N: writes the configuration; a port @PORT@ in it becomes another one for each N.
configure_port() {
	sed "s/@PORT@/$((20000 + ($$ * 7 + $1 * 1009) % 12000))/" "$dir/conf.in" >"$CONF"
	socket=$(sed -n 's/^[[:space:]]*socket[[:space:]]*=[[:space:]]*"\(.*\)".*/\1/p' "$CONF")
}

# Starts the daemon and waits until it answers, at most 20 s. A port may be in use: try others.
daemon_start() {
	for try in 1 2 3 4 5; do
		"$daemon" -f -c "$CONF" >"$dir/log" 2>&1 &
		pid=$!
		export pid # for scripts that send signals
		waited=0
		while kill -0 "$pid" 2>/dev/null; do
			if "$session" "$socket"; then
				return
			fi
			[ "$waited" -lt 400 ] || bail_out "the daemon does not answer"
			waited=$((waited + 1))
			sleep 0.05
		done
		grep -q @PORT@ "$dir/conf.in" || bail_out "the daemon did not start"
		configure_port "$try"
	done
	bail_out "the daemon did not start"
}

# daemon_worker: the process in which the milter runs, a child of $pid.
daemon_worker() {
	grep -l "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status 2>/dev/null | sed 's/[^0-9]//g'
}

# Stops the daemon, waiting at most 40 s. Gives its exit status in $status.
daemon_stop() {
	kill -TERM "$pid" 2>/dev/null || true
	daemon_wait
}

# The same, of a daemon that stops already.
daemon_wait() {
	waited=0
	while kill -0 "$pid" 2>/dev/null; do
		if [ "$waited" -ge 800 ]; then
			echo "# the daemon does not stop"
			kill -KILL "$pid"
			break
		fi
		waited=$((waited + 1))
		sleep 0.05
	done
	status=0
	wait "$pid" || status=$?
	pid=
}

number=0

# check NAME COMMAND...: a test that passes if the command, which is run in this shell, succeeds.
check() {
	number=$((number + 1))
	name=$1
	shift
	if "$@" >"$dir/check.out" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$dir/check.out"
		tail -n 30 "$dir/log" | sed 's/^/#   log: /'
	fi
}

# check_end N [DEATHS]: the last test of each script, as number N. So many workers were killed by it.
check_end() {
	daemon_stop
	deaths=$(grep -Ec ': worker [0-9]+ (died|ended)' "$dir/log" || true)
	if [ "$status" -ne 0 ]; then
		echo "not ok $1 - the daemon ends with exit status 0"
		echo "# it was $status"
		tail -n 60 "$dir/log" | sed 's/^/#   log: /'
	elif grep -Eq 'Sanitizer|runtime error:' "$dir/log"; then
		echo "not ok $1 - no sanitizer complains"
		grep -E -A 40 'Sanitizer|runtime error:' "$dir/log" | sed 's/^/#   log: /'
	elif [ "$deaths" -ne "${2:-0}" ]; then
		echo "not ok $1 - no worker dies by itself"
		tail -n 60 "$dir/log" | sed 's/^/#   log: /'
	else
		echo "ok $1 - the daemon ends with exit status 0 and no sanitizer complains"
	fi
}
