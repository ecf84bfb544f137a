#!/bin/sh
# Several MTA processes at one daemon at the same time, while accounts change: the other tests say one
# thing after another. What ThreadSanitizer has to see, it sees here.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source-path=SCRIPTDIR source=daemon.sh
. "$here/daemon.sh"

processes=4 # each has one connection of an account at a time, and the limit is 10
daemon_setup /dev/null
daemon_start
cd "$dir"

players=""
for n in $(seq "$processes"); do
	"$session" "$socket" log "$here/clients.txt" >"tap.$n" &
	players="$players $!"
done
changes=ok
for n in $(seq 20); do
	{
		postreeve account add "new$n" && postreeve sender add "new$n" "new$n@example.com" &&
			postreeve account suspend "new$n" --reason 'a test' &&
			postreeve account delete "new$n"
	} >changes 2>&1 || { changes="not ok"; break; }
done

number=0
for player in $players; do
	number=$((number + 1))
	if wait "$player"; then
		echo "ok $number - MTA $number gets the answers that it would get alone"
	else
		echo "not ok $number - MTA $number gets the answers that it would get alone"
		grep '^# ' "tap.$number" | grep -v '^#   log: ' || true
	fi
done
echo "$changes $((number + 1)) - accounts are changed meanwhile"
[ "$changes" = ok ] || sed 's/^/# /' changes
check_end $((number + 2))
echo "1..$((number + 2))"
