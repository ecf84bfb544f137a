#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# The registry goes missing, breaks, is replaced or locked under the running daemon: what cannot be
# told is 451, never a pass and never for good, and the daemon recovers by itself.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
start_all alice

registry_away ()
{
	mkdir "$dir/away"
	mv "$gate_db"* "$dir/away"
}

registry_back ()
{
	rm -f "$gate_db"*
	mv "$dir/away/"* "${gate_db%/*}"
	rmdir "$dir/away"
}

# A file in the place of the registry, as the daemon's user would have made it.
registry_is ()
{
	install -o "$gate_user" -g "$gate_user" -m 0600 "$1" "$gate_db"
}

# gets_451_until_it_is_back NAME: on an open connection and on a new one.
gets_451_until_it_is_back ()
{
	ask "$1" 'MAIL FROM:<alice@example.com>' '451 4.3.0 *\[unavailable]'
	greet new plain alice
	ask new 'MAIL FROM:<alice@example.com>' '451 4.3.0 *\[unavailable]'
	registry_back
	ask "$1" 'MAIL FROM:<alice@example.com>' '250 '
	ask new 'MAIL FROM:<alice@example.com>' '250 '
	logged 'tempfail rule=unavailable for=[a-z_]* stage=mail account=alice .*cause="'
}

test_a_missing_registry_gets_451 ()
{
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a RSET '250 '
	registry_away
	gets_451_until_it_is_back a
}

test_a_missing_directory_gets_451 ()
{
	greet a plain alice
	mv "${gate_db%/*}" "$dir/away"
	ask a 'MAIL FROM:<alice@example.com>' '451 4.3.0 '
	mv "$dir/away" "${gate_db%/*}"
	ask a 'MAIL FROM:<alice@example.com>' '250 '
}

test_a_file_that_is_no_database_gets_451 ()
{
	greet a plain alice
	registry_away
	head -c 100000 /dev/urandom >"$dir/noise"
	registry_is "$dir/noise"
	gets_451_until_it_is_back a
}

test_an_empty_file_gets_451 ()
{
	greet a plain alice
	registry_away
	registry_is /dev/null
	gets_451_until_it_is_back a
}

test_a_truncated_database_gets_451 ()
{
	greet a plain alice
	sqlite3 "$gate_db" 'PRAGMA wal_checkpoint(TRUNCATE)'
	head -c 5000 "$gate_db" >"$dir/short"
	registry_away
	registry_is "$dir/short"
	gets_451_until_it_is_back a
}

test_a_newer_schema_gets_451_while_it_runs ()
{
	local version
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a RSET '250 '
	version=$(sqlite3 "$gate_db" 'PRAGMA user_version')
	sqlite3 "$gate_db" "PRAGMA user_version=$((version + 1))"
	ask a 'MAIL FROM:<alice@example.com>' '451 4.3.0 '
	sqlite3 "$gate_db" "PRAGMA user_version=$version"
	ask a 'MAIL FROM:<alice@example.com>' '250 '
}

test_a_registry_that_replaces_another_is_used_from_the_next_mail_on ()
{
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a RSET '250 '
	"$postreeve" -d "$dir/db/new.sqlite3" init
	"$postreeve" -d "$dir/db/new.sqlite3" account add alice
	registry_away
	mv "$dir/db/new.sqlite3" "$gate_db"
	ask a 'MAIL FROM:<alice@example.com>' '553 5.7.1 '
	registry_back
	ask a 'MAIL FROM:<alice@example.com>' '250 '
}

test_a_writer_that_holds_the_lock_does_not_stop_verdicts ()
{
	lock "$gate_db"
	greet a plain alice
	submit a alice@example.com bob@example.net locked
	unlock
	arrived locked 1
}

run_tests
