#!/bin/sh
# The systemd units: how much of the machine is left open to the daemons, by systemd's own measure,
# which goes from 0 to 10.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

systemd-analyze security --help 2>/dev/null | grep -q -e --offline ||
	{ echo '1..0 # SKIP there is no systemd-analyze that looks at files'; exit 0; }

# is_closed UNIT: whether its exposure is at most 1.5.
is_closed() {
	systemd-analyze security --offline=true --no-pager --threshold=15 \
		"$builddir/contrib/systemd/$1.service" 2>&1
}
# understood UNIT: no line of it is unknown to this systemd.
understood() {
	! systemd-analyze verify --man=no "$builddir/contrib/systemd/$1.service" 2>&1 |
		grep -F "$1.service:" | grep -v 'is not executable'
}

for unit in postreeved postreeve-authd; do
	check "$unit: systemd knows every setting" understood $unit
	check "$unit: the exposure is at most 1.5" is_closed $unit
done
echo "1..$n"
exit $status
