# Whether a process is in its sandbox: sourced by scripts beside it. POSIX sh.
# shellcheck shell=sh

# is_sandboxed PID...: there is such a process, and every thread of each runs under a filter that no
# program it starts gets rid of. (What the filters forbid: tests/unit/test_sandbox.c.)
is_sandboxed() {
	[ $# -gt 0 ] || return
	if ! grep -q '^Seccomp:' /proc/self/status; then
		echo 'this kernel has no seccomp'
		return
	fi
	for process; do
		for thread in /proc/"$process"/task/*/status; do
			state=$(awk '/^(Seccomp|NoNewPrivs):/ { print $1 $2 }' "$thread") || return
			case $state in
			*NoNewPrivs:1*Seccomp:2*) ;;
			*) echo "$thread: $state"; return 1 ;;
			esac
		done
	done
}
