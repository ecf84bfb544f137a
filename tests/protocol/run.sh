#!/bin/sh
# Plays a session script against a postreeved of its own and prints TAP.
#   run.sh FILE.session
# The language of the scripts is told in README.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
script=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"

daemon_setup "$script"
daemon_start
cd "$dir"
code=0
"$session" "$socket" "$dir/log" "$script" >"$dir/tap" || code=$?
grep -v '^1\.\.' "$dir/tap" || true
[ "$code" -le 1 ] || exit "$code"
count=$(grep -Ec '^(not )?ok ' "$dir/tap" || true)
check_end $((count + 1))
echo "1..$((count + 1))"
