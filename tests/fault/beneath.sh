#!/bin/sh
# Memory that runs out, disks that fail, and kill -9: of the libraries in one process, and of each verb
# of postreeve(8). A part of all faults, another one each time; README says how to try them all.
# Prints TAP.
#   FAULT_EVERY (each part's own)   each so manieth fault is tried
#   FAULT_KILLS (300)               of verbs, at any time
#   FAULT_PARTS (library cli)       the second has a process for each fault: slow under sanitizers
set -u
builddir=$(cd "${builddir:-.}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/postreeve-fault.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
chmod 711 "$work"
number=0
status=0

# part EVERY PROGRAM MODE: its tests are numbered on.
part() {
	case " ${FAULT_PARTS:-library cli} " in
	*" $2 "*) ;;
	*) return ;;
	esac
	began=$(date +%s) got=0
	FAULT_EVERY=${FAULT_EVERY:-$1} "$builddir/tests/fault/$2" "$3" >"$work/out" 2>"$work/err" || got=$?
	awk -v n="$number" '
		/^1\.\./ { next }
		/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) }
		{ print }' "$work/out"
	number=$((number + $(grep -Ec '^(not )?ok ' "$work/out")))
	[ "$got" -eq 0 ] || status=1
	if ! grep -q '^1\.\.' "$work/out"; then
		number=$((number + 1))
		echo "not ok $number - $2 $3 comes to its end: exit status $got"
		status=1
	fi
	sed 's/^/# /' "$work/err"
	echo "# $2 $3: $(($(date +%s) - began)) s"
}

part 30 library memory
part 12 library calls
part 300 cli memory
part 60 cli calls
part 8 cli kill
part 1 cli random
echo "1..$number"
exit $status
