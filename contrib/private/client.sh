# shellcheck shell=bash disable=SC2034,SC2154
# An SMTP client for scripts: several connections at once, each under a name, a command at a time.
# For what swaks cannot do. Plain text only. Source it from bash.
#
#   smtp_open NAME PORT          connect to PORT of this machine; the greeting is in $reply
#   smtp NAME COMMAND            send the line COMMAND, wait for its reply
#   smtp_login NAME ACCOUNT      AUTH PLAIN with the password $smtp_password, after EHLO
#   smtp_data NAME FILE          DATA, the octets of FILE, and the dot that ends it
#   smtp_close NAME              hang up
#
# Each leaves the reply, its lines separated by newlines, in $reply (empty if the server hung up), and
# succeeds when it begins with 2 or 3.

declare -A smtp_fd=()
smtp_password=secret
smtp_author=alice # the account that smtp_message writes for: the last one to log in
smtp_patience=60 # seconds for a line; a server that is slower has failed

smtp_open ()
{
	local fd
	reply=
	exec {fd}<>"/dev/tcp/127.0.0.1/$2" || return
	smtp_fd[$1]=$fd
	smtp_reply "$1"
}

smtp_reply ()
{
	local line
	reply=
	while IFS= read -r -t "$smtp_patience" -u "${smtp_fd[$1]}" line; do
		reply+=${reply:+$'\n'}${line%$'\r'}
		[[ $line == [0-9][0-9][0-9]-* ]] || break
	done
	[[ $reply == [23]* ]]
}

# In a process of its own, since to write to who has hung up is deadly (SIGPIPE).
smtp_send ()
{
	(printf '%s\r\n' "$2" >&"${smtp_fd[$1]}") 2>/dev/null
}

smtp ()
{
	smtp_send "$1" "$2"
	smtp_reply "$1"
}

smtp_login ()
{
	smtp_author=$2
	smtp "$1" 'EHLO client.example.com' &&
		smtp "$1" "AUTH PLAIN $(printf '\0%s\0%s' "$2" "$smtp_password" | base64 -w 0)"
}

# FILE has CRLF line ends, ends with one, and no line of it begins with a dot.
smtp_data ()
{
	smtp "$1" DATA || return
	(cat -- "$2" >&"${smtp_fd[$1]}") 2>/dev/null
	smtp "$1" .
}

smtp_close ()
{
	local fd=${smtp_fd[$1]}
	exec {fd}>&-
	unset "smtp_fd[$1]"
}

# smtp_message SUBJECT [OCTETS]: a message on standard output, of exactly OCTETS if given, from who
# logged in last.
smtp_message ()
{
	local head
	printf -v head '%s\r\n' "From: <$smtp_author@example.com>" 'To: somebody@example.net' \
		'Date: Mon, 05 Jan 2026 10:00:00 +0000' 'Message-ID: <1@client.example.com>' \
		"Subject: $1" '' 'Hello.'
	printf %s "$head"
	[ $# -lt 2 ] || smtp_padding $(($2 - ${#head}))
}

# smtp_film SUBJECT OCTETS: likewise, with a file of so many octets, film.mp4, in base64.
smtp_film ()
{
	printf '%s\r\n' "From: <$smtp_author@example.com>" 'To: somebody@example.net' \
		'Date: Mon, 05 Jan 2026 10:00:00 +0000' "Subject: $1" 'MIME-Version: 1.0' \
		'Content-Type: multipart/mixed; boundary=b' '' '--b' '' 'The film.' '--b' \
		'Content-Type: video/mp4' 'Content-Transfer-Encoding: base64' \
		'Content-Disposition: attachment; filename="film.mp4"' ''
	head -c "$2" /dev/urandom | base64 | sed 's/$/\r/'
	printf '%s\r\n' '--b--'
}

# Lines of 78 octets with their ends, then one of what is left; a line end is two octets at least.
smtp_padding ()
{
	local line lines=$(($1 / 78)) rest=$(($1 % 78))
	if [ "$rest" -lt 2 ]; then
		lines=$((lines - 1)) rest=$((rest + 78))
	fi
	printf -v line %077d 0
	yes "${line:1}"$'\r' | head -c $((lines * 78))
	printf '%s\r\n' "${line:0:rest-2}"
}
