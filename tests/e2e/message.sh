#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# What is in the body of a message, through Postfix: its MIME form and its attachments.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
start_all alice

test_mime_that_readers_take_apart_differently_gets_554 ()
{
	local bad='554 5.6.0 Mail programs would take this message apart differently: '
	local mixed='Content-Type: multipart/mixed; boundary=b'
	gets "$bad*looks like a boundary*\[mime_form]" "$from" "$mixed" '' \
		'--b' '' 'Hello.' '--b x' 'Content-Type: image/png' '' 'x' '--b--'
	logged 'reject rule=mime_form stage=eom .* fault=near_delimiter part=1 reply="554 5.6.0 '
	gets "$bad*boundary*is unclear*\[mime_form]" "$from" "$mixed; boundary=c" '' \
		'--b' '' 'Hello.' '--b--'
	gets "$bad*given twice, and differs*\[mime_form]" "$from" "$mixed" 'Content-Type: text/plain' \
		'' '--b' '' 'Hello.' '--b--'
	gets "$bad*given twice, and differs*\[mime_form]" "$from" 'Content-Type: text/plain' \
		'Content-Type: text/html' '' 'Hello.'
	gets "$bad*given twice, and differs*\[mime_form]" "$from" "$mixed" '' '--b' \
		'Content-Transfer-Encoding: base64' 'Content-Transfer-Encoding: 7bit' '' 'SGVsbG8u' '--b--'
	gets "$bad*not accepted*\[mime_form]" "$from" \
		'Content-Type: message/partial; id=a; number=1; total=2' '' 'Hello.'
	gets "$bad*not accepted*\[mime_form]" "$from" "$mixed" '' '--b' \
		'Content-Type: message/external-body; access-type=URL; URL="http://example.com/"' '' '' '--b--'
	gets "$bad*a multipart has an encoding*\[mime_form]" "$from" "$mixed" \
		'Content-Transfer-Encoding: base64' '' 'LS1iDQoNCkhlbGxvLg0KLS1iLS0='
	gets "$bad*message has an encoding*\[mime_form]" "$from" "$mixed" '' '--b' \
		'Content-Type: message/rfc822' 'Content-Transfer-Encoding: base64' '' 'SGVsbG8u' '--b--'
	gets "$bad*boundary*is unclear*\[mime_form]" "$from" 'Content-Type: multipart/mixed' '' 'Hello.'
	gets "$bad*boundary*is unclear*\[mime_form]" "$from" \
		'Content-Type: multipart/mixed; boundary=b; boundary=c' '' '--b' '' 'Hello.' '--b--'
	gets "$bad*octets above 127*\[mime_form]" "$from" "$mixed" '' \
		'--b' 'Content-Transfer-Encoding: 7bit' '' 'Grüße' '--b--'
}

# nested DEPTH: the lines of so many multiparts in each other.
nested ()
{
	local i
	for ((i = 1; i <= $1; i++)); do
		printf '%s\n' "Content-Type: multipart/mixed; boundary=b$i." '' "--b$i."
	done
	printf '%s\n' '' 'Hello.'
}

test_a_hundred_multiparts_in_each_other_pass_and_one_more_gets_554 ()
{
	local -a lines
	mapfile -t lines < <(nested 100)
	gets '250 ' "$from" 'Subject: deep' "${lines[@]}"
	arrived deep 1
	mapfile -t lines < <(nested 101)
	gets '554 5.6.0 *too deep*\[mime_form]' "$from" "${lines[@]}"
}

# ---- its attachments -----------------------------------------------------------------------------

too_big='552 5.3.4 Attachment too big (part 2, film.mp4): 4194305 octets, the limit is 4194304 \[max_attachment_size]'

test_an_attachment_of_exactly_the_limit_passes_and_one_octet_more_gets_552_with_its_name ()
{
	smtp_film film 4194304 >"$dir/message"
	alice_sends "$dir/message"
	expect '250 '
	arrived film 1
	smtp_film refused 4194305 >"$dir/message"
	alice_sends "$dir/message"
	expect "$too_big"
	logged 'reject rule=max_attachment_size stage=eom account=alice .* value=4194305 limit=4194304 part=2 about=film.mp4 reply="552 5.3.4 '
}

test_two_attachments_pass_where_each_is_within_its_limit_but_not_over_that_of_the_message ()
{
	smtp_film films 2900000 >"$dir/one"
	sed '$d' "$dir/one" >"$dir/message" # the end delimiter
	sed '1,/^The film/d' "$dir/one" >>"$dir/message"
	alice_sends "$dir/message"
	expect '250 '
	arrived films 1
	smtp_film refused 4194304 >"$dir/one"
	sed '$d' "$dir/one" >"$dir/message"
	sed '1,/^The film/d' "$dir/one" >>"$dir/message"
	alice_sends "$dir/message"
	expect '552 5.3.4 '
}

test_bare_line_feeds_that_postfix_makes_line_ends_change_no_figure ()
{
	smtp_film bare 4194304 | sed '/^[A-Za-z0-9+/=]*\r$/s/\r$//' >"$dir/message"
	alice_sends "$dir/message"
	expect '250 '
	arrived bare 1
	smtp_film refused 4194305 | sed '/^[A-Za-z0-9+/=]*\r$/s/\r$//' >"$dir/message"
	alice_sends "$dir/message"
	expect "$too_big"
}

# ---- as chunks, and what became of them ----------------------------------------------------------

# alice_chunks FILE: as alice_sends, by BDAT, in chunks that end in mid-line.
alice_chunks ()
{
	local size cut
	size=$(stat -c %s "$1") cut=$((size / 2 + 1))
	greet alice $service alice
	smtp alice 'MAIL FROM:<alice@example.com>'
	smtp alice 'RCPT TO:<somebody@example.net>'
	smtp_send alice "BDAT $cut"
	head -c "$cut" "$1" >&"${smtp_fd[alice]}"
	smtp_reply alice
	smtp_send alice "BDAT $((size - cut)) LAST"
	tail -c +$((cut + 1)) "$1" >&"${smtp_fd[alice]}"
	if smtp_reply alice; then
		echo "${reply##* }" >>"$dir/accepted"
	fi
	smtp_close alice
}

test_in_chunks_a_message_is_judged_as_in_data ()
{
	local name
	mkdir "$dir/chunks"
	smtp_film refused 4194305 >"$dir/chunks/big"
	message 'From: ceo@example.com' '' 'Hello.' >"$dir/chunks/forged"
	message "$from" "$from" '' 'Hello.' >"$dir/chunks/twice"
	message "$from" 'Content-Type: multipart/mixed; boundary=b' '' '--b' '' 'Hello.' '--bb' '' '--b--' \
		>"$dir/chunks/near"
	sed '/^[A-Za-z0-9+/=]*\r$/s/\r$//' "$dir/chunks/big" >"$dir/chunks/bare"
	for name in big bare forged twice near; do
		alice_sends "$dir/chunks/$name"
		[[ $reply == 55* ]]
		echo "$reply" >"$dir/said"
		alice_chunks "$dir/chunks/$name"
		echo "$reply" | diff "$dir/said" -
	done
	smtp_film chunks 4194304 >"$dir/message"
	alice_chunks "$dir/message"
	expect '250 '
	arrived chunks 1
}

test_what_was_accepted_is_delivered_and_what_was_refused_is_nowhere ()
{
	all_is_delivered
}

run_tests
