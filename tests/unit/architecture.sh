#!/bin/sh
# The direction of the house: milter -> {policy, db}, db's programs -> {policy, db}; policy, db's
# library and what the daemons share know neither each other nor milter; one external library, one
# doorway.
set -u
: "${srcdir:=.}" "${builddir:=.}"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

# none COMMAND...: whether it prints nothing.
none() {
	found=$("$@")
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# includes PATTERN PATH...: the lines of these files that include what the pattern names, and an
# error if there is no such file.
includes() {
	pattern=$1
	shift
	grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$@" 2>&1
}

policy_symbols() {
	symbols=$(nm -u "$builddir/policy/libpolicy.a" | sed -n 's/^ *U //p')
	case $symbols in
	*idn2_lookup_u8*) ;;
	*) echo "nm shows nothing of the library" ;;
	esac
	echo "$symbols" | grep -E "^($impure)$"
}
impure='(sqlite3_|smfi_|cfg_|json_|EVP_|RAND_|pthread_|clock_).*|time|gettimeofday|getenv|socket|connect|f?open|read|write|v?f?printf|syslog|malloc|calloc|realloc|exit|fork'

cd "$srcdir" || exit 99
wire=$(echo milter/*.[ch] | tr ' ' '\n' | grep -vE '^milter/(callbacks|main|worker)\.c$')
not_loop=$(find policy db milter -name '*.[ch]' | grep -vE '^db/authd/(connection|server)\.c$')
not_sandbox=$(find policy db milter -name '*.[ch]' | grep -vxF db/daemon/sandbox.c)
not_hash=$(find policy db milter -name '*.[ch]' | grep -vE '^db/(hash|authd/seal)\.c$')
not_config=$(find policy db milter -name '*.[ch]' | grep -vE '^db/config/((checks|config|parse)\.c|parse\.h)$')

check 'policy includes nothing of db or milter' \
	none includes '(db|milter)/' policy/*.[ch] policy/*.def
check 'policy includes no system interface' \
	none includes '(pthread|time|sys/|unistd|fcntl|syslog|sqlite3|confuse|libmilter/)' policy/*.[ch]
check "db's library includes nothing of policy, milter or db's programs" \
	none includes '(policy|milter|db/cli|db/config)/' db/*.[ch]
check 'what the daemons share includes nothing else of the house' \
	none includes '(policy|milter|db/[a-z]+\.h|db/cli|db/config)/?' db/daemon/*.[ch]
check 'sqlite3.h is included in db alone' \
	none includes 'sqlite3\.h' policy/*.[ch] milter/*.[ch] db/*/*.[ch]
check "db's programs include nothing of milter" \
	none includes '(lib)?milter/' db/*/*.[ch]
# shellcheck disable=SC2086 # lists of file names without white space
{
	check 'libmilter is included by callbacks.c, main.c and worker.c alone' none includes 'libmilter/' $wire
	check 'libconfuse is known to checks.c, config.c and parse.c alone' \
		none includes '(confuse|db/config/parse)\.h' $not_config
	check 'libevent is known to connection.c and server.c alone' none includes '(event2/|event\.h)' $not_loop
	check 'libseccomp is known to sandbox.c alone' none includes 'seccomp\.h' $not_sandbox
	check 'OpenSSL and libcrypt are known to hash.c and seal.c alone' none includes '(openssl/|crypt\.h)' $not_hash
}
check 'policy calls no clock, thread, file, allocator or other library' none policy_symbols
echo "1..$n"
exit $status
