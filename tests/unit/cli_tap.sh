# Tests of postreeve(8) on a registry of their own, in TAP; sourced by the scripts beside it, which
# end with `finish'. To start a process takes longer than most of what is tested: what the shell can
# look for itself it does.
# shellcheck shell=sh disable=SC2034,SC2154
postreeve=$builddir/db/cli/postreeve
umask 022

dir=$(mktemp -d "${TMPDIR:-/tmp}/cli.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$dir/db" "$dir/wrote"
db=$dir/db/registry
out=$dir/out
err=$dir/wrote/0
me=$(id -un)
n=0
status=0

report() { # PASSED(0 or not) NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# out: /' "$out"
		sed 's/^/# err: /' "$err"
		status=1
	fi
	err=$dir/wrote/$n # each its own: see one_line
	: >"$err"
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

run() { # ARGUMENT...: on the test's registry
	"$postreeve" -d "$db" "$@" >"$out" 2>"$err"
}

# configure: standard input becomes the configuration $conf, behind the registry and a $user who may own
# it, who is never root.
configure() {
	conf=$dir/postreeve.conf
	user=$me
	if [ "$user" = root ]; then
		user=nobody
		chmod 711 "$dir"
		chown nobody "$dir/db"
	fi
	{
		printf 'database = "%s"\nuser = "%s"\nauth_database = "%s"\n' "$db" "$user" "$dir/auth/passwords"
		cat
	} >"$conf"
}

# Something is in $err, and it will be seen to in the end that it is one line that begins with the
# program's name, with not an octet that moves a terminal.
lines=
one_line() {
	lines="$lines $err"
	[ -s "$err" ]
}

# The last test, and the plan.
finish() {
	: >"$out"
	if [ -n "$lines" ]; then
		# shellcheck disable=SC2086 # names without spaces
		LC_ALL=C grep -lPzv '\Apostreeve: [^\x00-\x1f\x7f]{0,1187}\n\z' $lines >"$out"
		xargs -r cat <"$out" >"$err"
	fi
	[ ! -s "$out" ]
	report $? 'each complaint is one line, of harmless characters'
	echo "1..$n"
	exit $status
}

# found PATTERN FILE: as grep -q.
found() {
	case ${1#^} in
	*[][*.^$\\]*) grep -q -- "$1" "$2" ;;
	*)
		while IFS= read -r read_line || [ -n "$read_line" ]; do
			case $1 in
			^*) case $read_line in "${1#^}"*) return 0 ;; esac ;;
			*) case $read_line in *"$1"*) return 0 ;; esac ;;
			esac
		done <"$2"
		return 1
		;;
	esac
}

# gives NAME CODE PATTERN ARGUMENT...: that exit code; for 0 the pattern is found on standard output
# and nothing on standard error, else on standard error in one line and nothing on standard output.
gives() {
	name=$1 code=$2 pattern=$3
	shift 3
	run "$@"
	got=$?
	if [ "$code" -eq 0 ]; then
		[ $got -eq 0 ] && [ ! -s "$err" ] && found "$pattern" "$out"
	else
		[ $got -eq "$code" ] && [ ! -s "$out" ] && one_line && found "$pattern" "$err"
	fi
	report $? "$name"
}

# answers NAME CODE PATTERN ARGUMENT...: that exit code, with the pattern on standard output, and
# nothing on standard error.
answers() {
	name=$1 code=$2 pattern=$3
	shift 3
	run "$@"
	[ $? -eq "$code" ] && [ ! -s "$err" ] && found "$pattern" "$out"
	report $? "$name"
}

# prints NAME TEXT ARGUMENT...: standard output is exactly this, once times are all made one, and
# whoever runs the test is ME.
prints() {
	name=$1 text=$2
	shift 2
	run "$@" && [ ! -s "$err" ] &&
		[ "$(sed -e 's/20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z/TIME/g' \
			-e 's/"author": "'"$me"'"/"author": "ME"/' "$out")" = "$text" ]
	report $? "$name"
}

# lists NAME TEXT ARGUMENT...: the same for a table, whatever the width of its columns.
lists() {
	name=$1 text=$2
	shift 2
	run "$@" && [ ! -s "$err" ] &&
		[ "$(sed -e 's/20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z/TIME/g' \
			-e "s/ $me  *TIME / ME TIME /" -e 's/   */ /g' "$out")" = "$text" ]
	report $? "$name"
}

# lets_go DATABASE ARGUMENT...: while nobody reads what is printed, more than a pipe holds, the
# database's log can be emptied; and then all of it is read.
lets_go() {
	name="log is free while nobody reads: $(shift && echo "$*")" database=$1
	shift
	if ! command -v sqlite3 >/dev/null; then
		skip "$name" 'no sqlite3'
		return
	fi
	[ -p "$dir/slow" ] || mkfifo "$dir/slow"
	version=$(sqlite3 "$database" 'PRAGMA user_version')
	run "$@"
	"$postreeve" -d "$db" "$@" >"$dir/slow" 2>"$err" &
	{
		# Once there is an octet, the database is closed, or the walk stands still for good.
		dd bs=1 count=1 of="$dir/slowly" 2>/dev/null
		sqlite3 "$database" 'PRAGMA busy_timeout=1000' "PRAGMA user_version=$version" \
			'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/log"
		cat >>"$dir/slowly"
	} <"$dir/slow"
	wait $! && [ ! -s "$err" ] && [ "$(wc -c <"$out")" -gt 70000 ] && cmp -s "$out" "$dir/slowly" &&
		[ "$(sed -n '$p' "$dir/log")" = '0|0|0' ]
	report $? "$name"
}
