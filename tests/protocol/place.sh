# A private directory, $dir, for a test with a daemon, whose process is $pid: sourced by daemon.sh and
# authd_start.sh. As root the daemon becomes a user without rights, to whom the directory is given; as
# an ordinary user it runs as that. POSIX sh.
# shellcheck shell=sh disable=SC2034

dir=""
pid=""

# Says why the test cannot go on, with what the daemon wrote.
bail_out() {
	[ ! -s "$dir/log" ] || sed 's/^/#   log: /' "$dir/log"
	echo "Bail out! $*"
	exit 99
}

cleanup() {
	if [ -n "$pid" ]; then
		kill -KILL "$pid" || true
		wait "$pid" || true
	fi 2>/dev/null
	[ -z "$dir" ] || rm -rf "$dir"
}

# place_make: $dir, and db and run in it, which are the daemon's $user's.
place_make() {
	trap cleanup EXIT
	trap 'exit 99' HUP INT TERM
	umask 022 # a configuration that others may write to is refused
	dir=$(mktemp -d "${TMPDIR:-/tmp}/postreeve-test.XXXXXX")
	mkdir -m 755 "$dir/db" "$dir/run"
	user=$(id -un)
	if [ "$(id -u)" -eq 0 ]; then
		user=nobody
		chown "$user" "$dir/db" "$dir/run"
	fi
	chmod 755 "$dir"
}
