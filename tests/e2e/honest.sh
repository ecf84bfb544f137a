#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Honest mail of the common kinds passes with the default configuration, and arrives as it was sent.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

messages=${srcdir:-.}/tests/messages/honest

mta_service plain 2525
start_all alice bob

# The account may send as everybody whom the message says it is from.
grant ()
{
	local -a patterns
	mapfile -t patterns < <("$postreeve" -c "$gate_etc" scan --json "$1" |
		grep -o '"address": "[^"]*"' | cut -d '"' -f 4)
	[ "${#patterns[@]}" -gt 0 ] &&
		"$postreeve" -c "$gate_etc" sender add alice "${patterns[@]}" >"$dir/grant.log"
}

# wire FILE: as a client sends it: CRLF, and dots doubled (RFC 5321 4.5.2).
wire ()
{
	sed 's/^\./../; s/$/\r/' "$1"
}

# arrived_for FILE: where it arrived.
arrived_for ()
{
	grep -lrsx "Delivered-To: $(basename "$1" .eml)@example.net" "$mta_mailbox/new"
}

# arrives_whole FILE: with only Postfix's own fields before it.
arrives_whole ()
{
	local arrived size
	size=$(stat -c %s "$1")
	within 20 arrived_for "$1" >"$dir/arrived" || return
	arrived=$(cat "$dir/arrived")
	tail -c "$size" "$arrived" | cmp - "$1" &&
		head -c "-$size" "$arrived" >"$dir/front" &&
		fails grep -Ev $'^(Return-Path|X-Original-To|Delivered-To|Received): |^\t' "$dir/front"
}

test_each_is_accepted_and_arrives_octet_for_octet ()
{
	local file count=0
	greet alice plain alice
	for file in "$messages"/*.eml; do
		grant "$file"
		wire "$file" >"$dir/wire"
		offer alice alice@example.com "$(basename "$file" .eml)@example.net" "$dir/wire" || :
		echo "${file##*/}"
		expect '250 '
	done
	for file in "$messages"/*.eml; do
		echo "${file##*/}"
		arrives_whole "$file"
		count=$((count + 1))
	done
	[ "$count" -ge 25 ]
}

# Which shows that it was the grants that let them pass. A connection for each: Postfix makes a client wait
# that gets many refusals.
test_without_its_grants_each_is_refused ()
{
	local file
	for file in "$messages"/*.eml; do
		wire "$file" >"$dir/wire"
		greet bob plain bob
		offer bob bob@example.com somebody@example.net "$dir/wire" || :
		smtp_close bob
		expect '550 5.7.1 *\[header_from]'
	done
}

test_nothing_is_lost ()
{
	all_is_delivered
}

run_tests
