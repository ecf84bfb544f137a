# shellcheck shell=bash disable=SC2034,SC2154
# What the provider's users meet, row by row, played through the private Postfix with the accounts of
# the quickstart; sourced by it, after its siblings. play_rows prints the table and counts in
# $rows_count and $rows_bad.

rows_count=0 rows_bad=0
rows_accepted='250 .*(queued as|Message accepted for delivery)' # Postfix, Sendmail

# The table's columns: verdict, row, what was sent, the reply (wrapped).
print_row ()
{
	local line
	local -a lines
	mapfile -t lines < <(fold -s -w 64 <<<"$4")
	printf '%-4s %-34s %-44s %s\n' "$1" "$2" "$3" "${lines[0]}"
	for line in "${lines[@]:1}"; do
		printf '%85s%s\n' '' "$line"
	done
}

# row ROW SENT PROMISE: whether a line of $reply begins with what PROMISE matches (grep -E).
row ()
{
	local line
	rows_count=$((rows_count + 1))
	if line=$(grep -m 1 -E -- "^($3)" <<<"$reply"); then
		print_row ok "$1" "$2" "$line"
		return
	fi
	rows_bad=$((rows_bad + 1))
	print_row NOT "$1" "$2" "${reply:-nothing: the server hung up}"
	print_row '' '' '' "promised: $3"
}

# ask_row ROW NAME COMMAND PROMISE: the command on an open connection of client.sh.
ask_row ()
{
	smtp "$2" "$3"
	row "$1" "$3" "$4"
}

# swaks_row ROW SENT PROMISE OPTION...: one session of swaks; $reply is all that the server said.
swaks_row ()
{
	local name=$1 sent=$2 promise=$3
	shift 3
	reply=$(swaks --server 127.0.0.1 --ehlo client.example.com --from alice@example.com \
		--to somebody@example.net --auth-password "$smtp_password" "$@" 2>&1 |
		sed -n 's/^<[-~*][ *]  *//p')
	row "$name" "$sent" "$promise"
}

# A row about what was found, rather than about a reply.
found_row ()
{
	reply=$3
	row "$1" "$2" "$4"
}

# delivered SUBJECT COUNT: waits until that many copies have arrived; prints how many have.
delivered ()
{
	local try count
	for ((try = 0; try < 200; try++)); do
		count=$(grep -lrs "^Subject: $1\$" "$mta_mailbox/new" | wc -l)
		[ "$count" -lt "$2" ] || break
		sleep 0.1
	done
	echo "$count"
}

# Runs in the background from the beginning, since it takes 30 seconds.
start_idle ()
{
	(
		smtp_open idle "${mta_port[plain]}"
		smtp idle 'EHLO client.example.com'
		began=$EPOCHSECONDS
		smtp_reply idle
		printf '%s\n' "$reply" "after $((EPOCHSECONDS - began)) seconds" >"$dir/idle"
	) &
	idle_pid=$!
}

play_hello ()
{
	smtp_open h "${mta_port[plain]}"
	ask_row 'HELO' h 'HELO client.example.com' '250 '
	ask_row 'EHLO announces its extensions' h 'EHLO client.example.com' '250-.*'
	row 'AUTH announced, these two alone' 'EHLO client.example.com' \
		'250[- ]AUTH LOGIN PLAIN$'
	row 'SIZE announced' 'EHLO client.example.com' '250[- ]SIZE 8388608$'
	ask_row 'EHLO without a name' h EHLO '501 '
	smtp_login h alice
	ask_row 'EHLO with a bad name' h 'EHLO -bad-name' 250
	ask_row '  is refused at MAIL' h 'MAIL FROM:<alice@example.com>' '501 5\.5\.2 .*\[helo_name\]$'
	smtp h 'EHLO client.example.com'
	ask_row '  and a corrected one is not' h 'MAIL FROM:<alice@example.com>' '250 '
	smtp_close h
}

play_auth ()
{
	local port=${mta_port[plain]}
	swaks_row 'AUTH LOGIN' 'AUTH LOGIN alice' '235 ' -p "$port" --auth LOGIN --auth-user alice -q AUTH
	swaks_row 'AUTH PLAIN' 'AUTH PLAIN alice' '235 ' -p "$port" --auth PLAIN --auth-user alice -q AUTH
	swaks_row 'AUTH with a wrong password' 'AUTH PLAIN alice' '535 ' -p "$port" --auth PLAIN \
		--auth-user alice --auth-password wrong
	# Which Sendmail reports as xtext, and Postfix as it is.
	swaks_row '  and a login with signs in it' 'AUTH PLAIN dave+x=1, a message' "$rows_accepted" -p "$port" \
		--auth PLAIN --auth-user dave+x=1 --from dave@example.com --header 'Subject: signs'
	smtp_open a "$port"
	smtp a 'EHLO client.example.com'
	ask_row 'AUTH by another mechanism' a 'AUTH CRAM-MD5' '5[0-9][0-9] '
	ask_row 'MAIL before AUTH' a 'MAIL FROM:<alice@example.com>' '530 5\.7\.0 .*\[auth_required\]$'
	ask_row 'RCPT before AUTH' a 'RCPT TO:<somebody@example.net>' '503 '
	ask_row 'DATA before AUTH' a DATA '503 '
	smtp_close a
}

play_tls ()
{
	smtp_open s "${mta_port[submission]}"
	smtp s 'EHLO client.example.com'
	row 'STARTTLS on the submission port' 'EHLO client.example.com' '250[- ]STARTTLS$'
	smtp_close s
	swaks_row '  and mail goes through it' 'STARTTLS, AUTH, a message' "$rows_accepted" --tls \
		-p "${mta_port[submission]}" --auth PLAIN --auth-user alice --header 'Subject: tls'
	smtp_open p "${mta_port[plain]}"
	smtp p 'EHLO client.example.com'
	if grep -q STARTTLS <<<"$reply"; then
		found_row 'STARTTLS on no other port' 'EHLO client.example.com' announced 'not announced'
	else
		found_row 'STARTTLS on no other port' 'EHLO client.example.com' 'not announced' 'not announced'
	fi
	ask_row '  where it is refused' p STARTTLS '50[0-9] '
	smtp_close p
}

play_mail ()
{
	local recipient='RCPT TO:<somebody@example.net>'
	smtp_open m "${mta_port[plain]}"
	smtp_login m bob
	ask_row 'MAIL, an address of the account' m 'MAIL FROM:<bob@example.com>' '250 '
	smtp m RSET
	ask_row 'MAIL, in a domain of the account' m 'MAIL FROM:<any@lists.example.com>' '250 '
	smtp m RSET
	ask_row 'MAIL, an address of another' m 'MAIL FROM:<alice@example.com>' \
		'553 5\.7\.1 .*\[sender_registered\]$'
	# Sendmail itself refuses these.
	ask_row 'MAIL, malformed' m 'MAIL FROM:<bob@example..com>' '(501 5\.1\.7|553 5\.1\.2) '
	ask_row 'MAIL without angle brackets' m 'MAIL FROM:bob@example.com' '501 5\.1\.7 '
	ask_row 'SIZE= over 8 MiB' m 'MAIL FROM:<bob@example.com> SIZE=8388609' '552 5\.(3\.4|2\.3) '
	ask_row 'SIZE= of 8 MiB' m 'MAIL FROM:<bob@example.com> SIZE=8388608' '250 '
	ask_row 'RCPT' m "$recipient" '250 '
	ask_row 'RCPT, malformed' m 'RCPT TO:<somebody@example..net>' '(501 5\.1\.3|553 5\.1\.2) '
	ask_row 'RCPT without angle brackets' m 'RCPT TO:somebody@example.net' '501 5\.1\.3 '
	ask_row 'RCPT, two in one command' m 'RCPT TO:<one@example.net>,<two@example.net>' '501 5\.1\.3 '
	ask_row 'NOOP' m NOOP '250 '
	ask_row 'HELP' m HELP '2[15][04] '
	ask_row 'RSET' m RSET '250 '
	ask_row '  after which there is no sender' m "$recipient" '503 '
	ask_row 'QUIT' m QUIT '221 '
	smtp_close m
}

# Recipients FROM to TO are given; $reply is the last reply.
give_recipients ()
{
	local number
	for ((number = $2; number <= $3; number++)); do
		smtp "$1" "RCPT TO:<r$number@example.net>" || break
	done
}

play_messages ()
{
	swaks_row 'DATA, ended by a dot' 'a message' "$rows_accepted" -p "${mta_port[plain]}" \
		--auth PLAIN --auth-user alice --header 'Subject: simple'
	found_row '  is delivered' '' "to $(delivered simple 1) recipient" 'to 1 '

	smtp_open r "${mta_port[plain]}"
	smtp_login r alice
	smtp r 'MAIL FROM:<alice@example.com>'
	give_recipients r 1 60
	smtp r RSET
	smtp r 'MAIL FROM:<alice@example.com>'
	give_recipients r 1 100
	row '100 recipients, after 60 and RSET' 'RCPT TO:<r1...r100@example.net>' '250 '
	ask_row 'the 101st' r 'RCPT TO:<r101@example.net>' '452 4\.5\.3 .*\[max_recipients\]$'
	smtp_message hundred >"$dir/hundred"
	smtp_data r "$dir/hundred"
	row '  and the message goes' 'DATA' "$rows_accepted"
	found_row '  to the hundred' '' "to $(delivered hundred 100) recipients" 'to 100 '
	smtp_close r

	smtp_message big 8388609 >"$dir/big"
	swaks_row 'a message of 8 MiB and an octet' 'a message of 8388609 octets' '552 5\.(3\.4|2\.3) ' \
		-p "${mta_port[plain]}" --auth PLAIN --auth-user alice --data "@$dir/big"
	smtp_message full 8388608 >"$dir/full"
	smtp_open f "${mta_port[plain]}"
	smtp_login f alice
	smtp f 'MAIL FROM:<alice@example.com>'
	smtp f 'RCPT TO:<somebody@example.net>'
	smtp_data f "$dir/full"
	row 'a message of 8 MiB' 'a message of 8388608 octets' "$rows_accepted"
	smtp_close f
	rm "$dir/big" "$dir/full"
}

# content_row ROW SENT PROMISE SUBJECT OPTION...: one message of alice's.
content_row ()
{
	local name=$1 sent=$2 promise=$3 subject=$4
	shift 4
	swaks_row "$name" "$sent" "$promise" -p "${mta_port[plain]}" --auth PLAIN --auth-user alice \
		--header "Subject: $subject" "$@"
}

play_content ()
{
	local smtp_author=alice
	content_row 'From of another account' 'From: bob@example.com' \
		'550 5\.7\.1 .*\(bob@example\.com\).*\[header_from\]$' forged --header 'From: bob@example.com'
	content_row 'Sender of another account' 'Sender: bob@example.com' \
		'550 5\.7\.1 .*\(bob@example\.com\).*\[header_from\]$' forged \
		--add-header 'Sender: bob@example.com'
	content_row 'two From fields' 'From:, and From: again' '554 5\.6\.0 .*\(From\) \[header_form\]$' \
		forged --add-header 'From: alice@example.com'
	content_row 'a multipart without its boundary' 'Content-Type: multipart/mixed' \
		'554 5\.6\.0 .*\[mime_form\]$' forged --header 'Content-Type: multipart/mixed'

	smtp_film forged 4194305 >"$dir/attached"
	content_row 'an attachment of an octet more' 'a file of 4194305 octets, in base64' \
		'552 5\.3\.4 .*film\.mp4\): 4194305 octets, the limit is 4194304 \[max_attachment_size\]$' \
		forged --data "@$dir/attached"
	smtp_film attached 4194304 >"$dir/attached"
	content_row 'an attachment of 4 MiB' 'a file of 4194304 octets, in base64' "$rows_accepted" \
		attached --data "@$dir/attached"
	rm "$dir/attached"
	found_row '  what was accepted is delivered' '' "to $(delivered attached 1) recipient" 'to 1 '
	# Nothing waits for what must not come: this stands behind a later message that has arrived.
	found_row '  what was refused is not' '' "to $(delivered forged 0) recipients" 'to 0 '
}

play_connections ()
{
	local number
	for number in {1..10}; do
		smtp_open "c$number" "${mta_port[plain]}" && smtp_login "c$number" alice &&
			smtp "c$number" 'MAIL FROM:<alice@example.com>' || break
	done
	row '10 connections of one account' 'MAIL FROM:<alice@example.com>' '250 '
	smtp_open c11 "${mta_port[plain]}"
	smtp_login c11 alice
	ask_row 'the 11th' c11 'MAIL FROM:<alice@example.com>' '421 4\.7\.0 .*\[max_connections\]$'
	smtp_open other "${mta_port[plain]}"
	smtp_login other bob
	ask_row '  while another account is free' other 'MAIL FROM:<bob@example.com>' '250 '
	smtp c1 QUIT
	for number in {1..50}; do # its end reaches the gate a moment later
		smtp_open again "${mta_port[plain]}" && smtp_login again alice &&
			smtp again 'MAIL FROM:<alice@example.com>' && break
		sleep 0.1
	done
	row '  and so is it, after one closes' 'MAIL FROM:<alice@example.com>' '250 '
	for number in {2..11}; do
		smtp_close "c$number"
	done
}

play_idle ()
{
	wait "$idle_pid"
	idle_pid=
	reply=$(sed -n 1p "$dir/idle")
	row 'idle: the server hangs up' 'EHLO, then nothing' '421 |$' # Sendmail without a word
	found_row '  after 30 seconds' '' "$(sed -n 2p "$dir/idle")" 'after (29|3[0-3]) seconds'
}

play_rows ()
{
	print_row '' 'ROW' 'SENT' 'REPLY'
	print_row '----' '---' '----' '-----'
	play_hello
	play_auth
	play_tls
	play_mail
	play_messages
	play_content
	play_connections
	play_idle
}
