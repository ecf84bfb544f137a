#!/bin/sh
# Plays miltertest.lua: the same socket, seen by a peer that others wrote (Debian: miltertest).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
if ! command -v miltertest >/dev/null 2>&1; then
	echo "1..0 # SKIP miltertest is not installed"
	exit 0
fi
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"

daemon_setup /dev/null
daemon_start
cd "$dir"
echo 1..2
# miltertest calls a UNIX-domain socket unix:, libmilter local:
if miltertest -D "socket=unix:${socket#local:}" -s "$here/miltertest.lua" >"$dir/out" 2>&1; then
	echo "ok 1 - miltertest's transactions are answered as they should be"
else
	echo "not ok 1 - miltertest's transactions are answered as they should be"
	sed 's/^/#   /' "$dir/out"
fi
check_end 2
