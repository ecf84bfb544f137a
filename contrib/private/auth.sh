# shellcheck shell=bash disable=SC2034,SC2154
# A private postreeve-authd, which checks the passwords that the private MTA is given. Source it after
# gate.sh, with $postreeve_authd set to the program:
#
#   auth_make DIR              after mta_make DIR, before gate_make: the place for the socket
#   auth_password NAME PASSWORD
#   auth_start                 returns when it serves; process_kill "$auth_pidfile" stops it
#
# The log is $auth_log. It runs as `bin', a user that every Debian has; a real installation gives it one
# of its own. The MTA's script has said in $mta_auth_settings how it asks, on $mta_auth_socket, and in
# $mta_group who may.

auth_user=bin

auth_make ()
{
	auth_log=$1/postreeve-authd.log auth_pidfile=$1/postreeve-authd.pid
	install -d -o "$auth_user" -g "$mta_group" -m 2750 "$(dirname "$mta_auth_socket")"
	: >"$auth_log"
}

auth_password ()
{
	printf '%s\n' "$2" | "$postreeve" -c "$gate_etc" account password "$1" --password-stdin
}

auth_start ()
{
	process_start "$auth_log" "$auth_pidfile" "$mta_auth_socket" "$postreeve_authd" -f -c "$gate_etc"
}
