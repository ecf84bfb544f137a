#!/bin/sh
# The manual pages and the sample configuration say what the programs do: every rule with its stage,
# mode, limit, list and reply, every key, option and command, and nothing that is not there.
# shellcheck disable=SC2016,SC2317 # awk's dollars; functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"

truth=$builddir/tests/unit/print_rules
postreeve=$builddir/db/cli/postreeve
postreeved=$builddir/milter/postreeved
sample=$srcdir/contrib/postreeve.conf
conf_page=$srcdir/db/config/postreeve.conf.5
cli_page=$srcdir/db/cli/postreeve.8
daemon_page=$srcdir/milter/postreeved.8
authd=$builddir/db/authd/postreeve-authd
authd_page=$srcdir/db/authd/postreeve-authd.8

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"

# same: whether $dir/expected and $dir/found have the same lines, and some.
same() {
	[ -s "$dir/expected" ] && diff "$dir/expected" "$dir/found"
}

# ---- what is compiled ----------------------------------------------------------------------------

# name, stages, mode, default, least, most, list, reply
"$truth" >"$dir/table" || exit 99
: >"$dir/empty.conf"
"$truth" "$dir/empty.conf" >"$dir/defaults" || exit 99
database=$(sed -n 's/^database //p' "$dir/defaults")
# name, rule, default, least, most
"$truth" --quotas >"$dir/quotas" || exit 99
# key, words, least, most
"$truth" --thresholds >"$dir/thresholds" || exit 99
{
	cut -f 1 "$dir/table" "$dir/quotas" "$dir/thresholds"
	sed -n 's/.*CFG_[A-Z_]*("\([a-z_]*\)".*/\1/p' "$srcdir/db/config/parse.c"
} | sort -u >"$dir/keys"

# from_table AWK: what the program makes of the table's lines.
from_table() {
	awk -F '\t' "$1" "$dir/table"
}

# gives_defaults FILE: whether a configuration comes to what an empty one does. The documents say
# /var, whatever this build was configured with.
gives_defaults() {
	sed "s|/var/lib/postreeve\([/-]\)|${database%/*}\1|" "$1" >"$dir/default.conf"
	cp "$dir/defaults" "$dir/expected"
	"$truth" "$dir/default.conf" >"$dir/found" && same
}

# ---- the sample configuration --------------------------------------------------------------------

# What is commented out, and is a setting, has no space behind its '#'.
sed 's/^\([[:space:]]*\)#\([a-z]\)/\1\2/' "$sample" >"$dir/all.conf"

# Keys that are none do not load.
sample_has_every_key() {
	sed 's/#.*//' "$dir/all.conf" >"$dir/settings"
	missing=$(grep -vx unavailable "$dir/keys" | while read -r key; do
		grep -qw "$key" "$dir/settings" || echo "$key"
	done)
	[ -z "$missing" ] || { echo "missing: $missing"; return 1; }
}

sample_has_every_rule() {
	from_table '$3 != "-" {
		printf "rule %s { mode = %s%s } # %s: %s\n", $1, $3,
			$7 == "-" ? "" : " allow = " $7, $2, $8
	}' >"$dir/expected"
	sed -n '/^rule /{ s/  */ /g; p; }' "$dir/all.conf" >"$dir/found"
	same && grep -q "$(from_table '$3 == "-" { print $1 ".*: " $8 }')" "$sample"
}

# ---- postreeve.conf(5) ---------------------------------------------------------------------------

page_has_every_key() {
	sed -n 's/^\.It Ic \([a-z_]*\).*/\1/p' "$conf_page" | sort -u >"$dir/found"
	cp "$dir/keys" "$dir/expected"
	same
}

page_has_the_table() {
	from_table '{ print ".It Ic " $1 " Ta " $2 " Ta " $3 " Ta " $4 " Ta " $8 }' >"$dir/expected"
	grep '^\.It Ic .* Ta .* Ta .* Ta .* Ta ' "$conf_page" >"$dir/found"
	same
}

page_explains_every_rule() {
	cut -f 1 "$dir/table" >"$dir/expected"
	sed -n 's/^\.It Ic \([a-z_]*\)$/\1/p' "$conf_page" >"$dir/found"
	same
}

page_has_the_ranges() {
	{
		from_table '$4 != "-" { print $1 ": " $5 " to " $6 ", default " $4 "." }'
		awk -F '\t' '{ print $1 ": " $4 " to " $5 ", default " $3 "." }' "$dir/quotas"
		awk -F '\t' '{ print $1 ": " $3 " to " $4 " " $2 ", default never." }' "$dir/thresholds"
	} | sort >"$dir/expected"
	awk '/^\.It Ic [a-z_]+ No = / { key = $3; getline; if (/^[0-9]/) print key ": " $0 }' \
		"$conf_page" | sort >"$dir/found"
	same
}

page_has_the_lists() {
	from_table '$7 != "-" { print ".It Ic " $1 ": " $7 }' >"$dir/expected"
	sed 's/\\(dq/"/g' "$conf_page" |
		awk -F ' Ta ' 'NF == 3 && /^\.It Ic / { print $1 ": " $3 }' >"$dir/found"
	same
}

# Each under the rule that refuses it.
page_has_every_fault() {
	"$truth" --faults | awk -F '\t' '{ print $2 ": " $1 ": " $3 }' | sort >"$dir/expected"
	awk '/^\.It Ic [a-z_]*$/ { rule = $3 }
		/^\.It Cm [a-z_]+ Ta / { name = $3; sub(/.* Ta /, ""); print rule ": " name ": " $0 }' \
		"$conf_page" | sort >"$dir/found"
	same
}

# Every key that the audit writes.
page_has_every_field() {
	sed -n 's/.*line_[a-z]*(&*line, "\([a-z]*\)".*/\1/p' "$srcdir/milter/audit.c" | sort -u |
		while read -r field; do
			grep -qE "(^\.Cm $field( |\$)|[ ]$field=)" "$daemon_page" || echo "missing: $field"
			echo "$field"
		done >"$dir/found"
	grep -qx about "$dir/found" && ! grep missing "$dir/found"
}

# The first example is the defaults.
awk -v to="$dir/example" '
	/^\.Ed/ { inside = 0 }
	inside { print >(to "." count ".conf") }
	/^\.Bd -literal/ { inside = 1; count++ }
' "$conf_page"

examples_load() {
	[ -f "$dir/example.1.conf" ] || return
	for example in "$dir"/example.*.conf; do
		"$truth" "$example" >"$dir/example" || return
	done
}

# ---- the programs --------------------------------------------------------------------------------

# options PROGRAM PAGE
options() {
	"$1" --help | grep -oE '(^|[^A-Za-z-])--?[A-Za-z][a-z-]*' | sed 's/^[^-]*//' |
		sort -u >"$dir/expected"
	grep '^\.It ' "$2" | grep -oE 'Fl [A-Za-z-]+' | sed 's/^Fl /-/' | sort -u >"$dir/found"
	same
}

commands() {
	"$postreeve" --help | sed -n 's/^  \([a-z]\)/\1/p' | tr '[:upper:]' '[:lower:]' >"$dir/expected"
	sed -n -e '/^\.Sh OUTPUT/q' -e '/^\.It Ic /{
		s/^\.It Ic //
		s/ Ns | Ns Cm /|/
		s/ Cm / /g
		s/ Ar / /g
		s/ Fl -/ --/g
		s/ Oo / [/g
		s/ Oc/]/g
		s/^\(.*\) Op \(.*\)$/\1 [\2]/
		:again
		s/^\(.*\) Op \([^[]*\) \[/\1 [\2] [/
		t again
		s/ \.\.\./.../
		p
	}' "$cli_page" >"$dir/found"
	same
}

# Every reason why a login is refused, and every key of a line about one.
authd_page_has_every_word() {
	{
		sed -n 's/.*line_[a-z]*(&*line, "\([a-z]*\)".*/ \1=/p' "$srcdir/db/authd/audit.c"
		grep -o '\[REASON_[A-Z]*\] = "[a-z]*"' "$srcdir/db/authd/attempt.c" |
			sed 's/.*"\(.*\)"/^\\.It Cm \1$/'
	} >"$dir/expected"
	[ "$(wc -l <"$dir/expected")" -ge 13 ] || return
	while read -r word; do
		grep -q -- "$word" "$authd_page" || { echo "missing: $word"; return 1; }
	done <"$dir/expected"
}

built_pages_have_the_paths() {
	path=$("$postreeve" --help | sed -n 's/.*read this configuration instead of //p')
	for page in "$builddir/db/man/postreeve.8" "$builddir/milter/man/postreeved.8"; do
		grep -F "$path" "$page" && grep -F "$database" "$page" || return
	done
	grep -F "$path" "$builddir/db/man/postreeve-authd.8" &&
		grep -F "${database%/*}-auth/" "$builddir/db/man/postreeve-authd.8"
}

lint() {
	mandoc -T lint -W all "$@" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc\.db' \
		>"$dir/found"
	! grep . "$dir/found"
}

echo 1..20
check 'the sample configuration loads as it stands' "$postreeved" -n -c "$sample"
check 'the sample with all that is commented out gives the defaults' gives_defaults "$dir/all.conf"
check 'the sample has every key' sample_has_every_key
check 'the sample has every rule with its mode, list, stages and reply' sample_has_every_rule
check 'postreeve.conf(5) has every key, and no others' page_has_every_key
check 'postreeve.conf(5) has the stages, mode, limit and reply of every rule' page_has_the_table
check 'postreeve.conf(5) explains every rule' page_explains_every_rule
check 'postreeve.conf(5) has the range and the default of every limit' page_has_the_ranges
check 'postreeve.conf(5) has the default of every list' page_has_the_lists
check 'postreeve.conf(5) has every fault under its rule, and no others' page_has_every_fault
check 'postreeve.conf(5) shows as defaults what they are' gives_defaults "$dir/example.1.conf"
check 'the examples of postreeve.conf(5) load' examples_load
check 'postreeved(8) has every option, and no others' options "$postreeved" "$daemon_page"
check 'postreeved(8) has every field of the log' page_has_every_field
check 'postreeve-authd(8) has every option, and no others' options "$authd" "$authd_page"
check 'postreeve-authd(8) has every word of the log' authd_page_has_every_word
check 'postreeve(8) has every option, and no others' options "$postreeve" "$cli_page"
check 'postreeve(8) has every command with its arguments, and no others' commands
check 'the pages to be installed have the paths of this build' built_pages_have_the_paths
if command -v mandoc >/dev/null; then
	check 'mandoc finds no fault with the pages' lint "$conf_page" "$cli_page" "$daemon_page" \
		"$authd_page"
else
	echo 'ok 20 # SKIP there is no mandoc'
fi
exit $status
