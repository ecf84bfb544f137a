# The table of the benchmarks. POSIX sh.
# shellcheck shell=sh

# Prints the median of the numbers in column $2 of file $1.
median() {
	awk -v column="$2" '{ print $column }' "$1" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

table_head() {
	printf '%-66s %10s %12s\n' "$1" measured goal
}

# row WHAT MEASURED [RELATION GOAL]: RELATION is <= or >=; without, the figure is only told.
row() {
	verdict=''
	if [ $# -eq 4 ]; then
		verdict=$(awk -v a="$2" -v relation="$3" -v b="$4" \
			'BEGIN { print (relation == "<=" ? a <= b : a >= b) ? "met" : "missed" }')
	fi
	printf '%-66s %10s %12s  %s\n' "$1" "$2" "${3-} ${4-}" "$verdict"
}

left_out() {
	printf '%-66s %s\n' "$1" "left out: $2"
}

# ratio FILE FILE COLUMN: of their medians.
ratio() {
	awk -v a="$(median "$1" "$3")" -v b="$(median "$2" "$3")" 'BEGIN { printf "%.2f", a / b }'
}
