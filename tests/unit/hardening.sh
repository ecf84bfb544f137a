#!/bin/sh
# What the compiler and the linker do for the programs that are installed, read from these.
# shellcheck disable=SC2317 # functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

command -v readelf >/dev/null || { echo '1..0 # SKIP there is no readelf'; exit 0; }

# configured FLAG: whether this build's compiler knows the flag, and was given it.
configured() {
	sed -n 's/^\(HARDEN_\)*\(CFLAGS\|CPPFLAGS\|LDFLAGS\) = //p' "$builddir/Makefile" | grep -q -e "$1"
}
configured -fsanitize= &&
	{ echo '1..0 # SKIP a sanitizer takes the place of what is looked for'; exit 0; }

# has PATTERN COMMAND...: whether a line that the command writes has the pattern.
has() {
	pattern=$1
	shift
	"$@" >"$dir/found" && grep -q -E -e "$pattern" "$dir/found"
}
has_none() {
	! has "$@" && [ -s "$dir/found" ]
}
# Every object of the libraries: those of the programs' own get the same flags.
objects_are_marked() {
	for library in "$builddir"/policy/libpolicy.a "$builddir"/db/lib*.a "$builddir"/milter/libsession.a; do
		readelf -n "$library" >"$dir/notes" 2>&1 || return
		[ "$(grep -c '^File:' "$dir/notes")" -eq "$(grep -cE 'IBT|BTI' "$dir/notes")" ] ||
			{ echo "$library"; return 1; }
	done
}

# flagged FLAG NAME COMMAND...: a test, if this build was given the flag.
flagged() {
	if configured "$1"; then
		shift
		check "$@"
	else
		n=$((n + 1))
		echo "ok $n - $2 # SKIP built without $1"
	fi
}

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM

for program in milter/postreeved db/authd/postreeve-authd db/cli/postreeve; do
	file=$builddir/$program called=${program##*/}
	flagged -pie "$called: can be loaded anywhere" has 'Type: *DYN' readelf -hW "$file"
	check "$called: is a program, and no library" has ' INTERP ' readelf -lW "$file"
	flagged relro "$called: what was relocated is read-only" has ' GNU_RELRO ' readelf -lW "$file"
	flagged -z,now "$called: everything is resolved at the start" \
		has '(BIND_NOW|FLAGS.* NOW)' readelf -dW "$file"
	check "$called: the stack cannot be executed" has ' GNU_STACK .* RW ' readelf -lW "$file"
	check "$called: nothing is both writable and executable" has_none ' LOAD .* RWE ' readelf -lW "$file"
	check "$called: looks for libraries where the system does" \
		has_none '(RPATH|RUNPATH)' readelf -dW "$file"
	check "$called: its code is not rewritten" has_none 'TEXTREL' readelf -dW "$file"
	flagged -fstack-protector "$called: the stack is protected" \
		has '__stack_chk_fail' readelf --dyn-syms -W "$file"
	flagged -D_FORTIFY_SOURCE "$called: calls that copy know the size of their target" \
		has '__[a-z]+_chk(@|$)' readelf --dyn-syms -W "$file"
done
flagged '-fcf-protection\|-mbranch-protection' 'code is entered where it begins' objects_are_marked
echo "1..$n"
exit $status
