# Tests of one command each, in TAP; sourced by the scripts beside it, which print the plan and end with
# `exit $status'.
# shellcheck shell=sh disable=SC2034

n=0
status=0

# check NAME COMMAND...: passes if the command succeeds; shows what it wrote if not.
check() {
	n=$((n + 1))
	name=$1
	shift
	if wrote=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\n' "$wrote" | sed 's/^/# /'
		status=1
	fi
}
