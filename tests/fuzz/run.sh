#!/bin/sh
# run.sh PROGRAM: replays the kept inputs of a fuzz target; then, if FUZZ_SECONDS says for how long,
# fuzzes it, and goes on until it has made FUZZ_RUNS executions. What it finds is left in the build
# directory, beside the program.
set -u
: "${srcdir:=.}" "${builddir:=.}" "${FUZZ_SECONDS:=}" "${FUZZ_RUNS:=5000}"
[ "$FUZZ_SECONDS" != 0 ] || FUZZ_SECONDS= # which libFuzzer would take for "for ever"
program=$1
name=$(basename "$program" .fuzz)
corpus=$srcdir/tests/fuzz/corpus/$name
found=$builddir/tests/fuzz/$name.found
grown=$builddir/tests/fuzz/$name.grown

work=$(mktemp -d "${TMPDIR:-/tmp}/postreeve-fuzz.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export TMPDIR="$work"

# result NUMBER STATUS TEXT: a line of TAP, and what the program said if it failed.
failures=0
result() {
	if [ "$2" -eq 0 ]; then
		echo "ok $1 - $3"
	else
		echo "not ok $1 - $3"
		sed 's/^/# /' "$work/log"
		failures=1
	fi
}

if [ -n "$FUZZ_SECONDS" ]; then echo 1..2; else echo 1..1; fi

set -- "$corpus"/*
"$program" "$@" >"$work/log" 2>&1
result 1 $? "$# kept inputs hold"
[ -n "$FUZZ_SECONDS" ] || exit $failures

inputs() { # those that libFuzzer begins with, which are no news
	find "$grown" "$corpus" -type f | wc -l
}

# fuzz OPTION: goes on from what was learned; sets status, and adds to runs.
runs=0
fuzz() {
	known=$(inputs)
	"$program" "$1" -timeout=10 -max_len=1024 -print_final_stats=1 \
		-dict="$srcdir/tests/fuzz/$name.dict" -artifact_prefix="$found/" \
		"$grown" "$corpus" >"$work/log" 2>&1
	status=$?
	units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
	runs=$((runs + ${units:-0} - known))
}

mkdir -p "$found" "$grown"
fuzz -max_total_time="$FUZZ_SECONDS"
if [ $status -eq 0 ] && [ $runs -lt "$FUZZ_RUNS" ]; then # a slow machine
	fuzz -runs=$((FUZZ_RUNS - runs + $(inputs) + 1))
fi
if [ $status -eq 0 ] && [ $runs -lt "$FUZZ_RUNS" ]; then
	result 2 1 "$runs executions, not $FUZZ_RUNS"
elif [ $status -eq 0 ]; then
	result 2 0 "$runs executions hold"
else
	result 2 1 "a finding, kept in $found"
fi
exit $failures
