#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154
# Living with the gate, through Postfix: grants, groups, limits, quotas, suspension, shadow, reload,
# status, the log, and clients without a login. Each test starts the daemon as it needs it.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "${srcdir:-.}/tests/e2e/lib.sh"

mta_service plain 2525
mta_service relay 2525 mynetworks=127.0.0.0/8
start_mta alice bob carol dave erin frank grace heidi ivan judy

run_postreeve ()
{
	"$postreeve" -c "$gate_etc" "$@"
}

# exits STATUS COMMAND...
exits ()
{
	local expected=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" -eq "$expected" ] || {
		echo "exit status $status, expected $expected: $*"
		return 1
	}
}

# mail ACCOUNT SENDER PATTERN: MAIL on a connection of its own gets that reply.
mail ()
{
	local status=0
	greet m plain "$1"
	ask m "MAIL FROM:<$2>" "$3" || status=$?
	smtp_close m
	return "$status"
}

# sends ACCOUNT SUBJECT: a message as ACCOUNT@example.com; its reply is in $reply.
sends ()
{
	greet s plain "$1"
	submit s "$1@example.com" somebody@example.net "$2" || :
	smtp_close s
}

# ---- grants and groups ---------------------------------------------------------------------------

test_grants_of_a_domain_its_subdomains_and_of_anything_add_up ()
{
	daemon
	mail alice news@a.example.org '553 5.7.1 '
	run_postreeve sender add alice @.example.org
	mail alice news@a.example.org '250 '
	mail alice news@a.b.example.org '250 '
	mail alice news@example.org '553 5.7.1 '
	exits 0 run_postreeve explain alice news@a.example.org
	exits 1 run_postreeve explain alice news@example.org
	run_postreeve sender add alice @.
	mail alice news@example.org '250 '
	exits 0 run_postreeve explain alice news@example.org
	run_postreeve sender delete alice @. @.example.org
	mail alice news@a.example.org '553 5.7.1 '
}

test_a_grant_ends_when_it_expires ()
{
	daemon
	run_postreeve sender add alice temp@example.org --expires +3s --note 'for the fair'
	mail alice temp@example.org '250 '
	within 10 mail alice temp@example.org '553 5.7.1 '
	exits 1 run_postreeve explain alice temp@example.org >"$dir/explained"
	grep -q 'expired' "$dir/explained"
}

test_a_tag_is_covered_where_the_profile_says_so ()
{
	daemon 'profile tagged { allow_tagged_sender = yes }'
	mail alice alice+news@example.com '553 5.7.1 '
	exits 1 run_postreeve explain alice alice+news@example.com
	run_postreeve account add alice --profile tagged
	mail alice alice+news@example.com '250 '
	exits 0 run_postreeve explain alice alice+news@example.com
	run_postreeve account add alice --profile default
}

test_a_group_lends_its_grants_to_its_members ()
{
	daemon
	run_postreeve group add %sales
	run_postreeve sender add %sales sales@example.com
	mail alice sales@example.com '553 5.7.1 '
	run_postreeve group join %sales alice bob
	mail alice sales@example.com '250 '
	mail bob sales@example.com '250 '
	mail carol sales@example.com '553 5.7.1 '
	exits 0 run_postreeve explain bob sales@example.com
	run_postreeve group leave %sales bob
	mail bob sales@example.com '553 5.7.1 '
	run_postreeve group delete %sales
	mail alice sales@example.com '553 5.7.1 '
}

test_what_is_imported_counts_at_once_and_one_bad_line_changes_nothing ()
{
	daemon
	printf '%s\n' account,pattern,expires,note 'carol,import@example.org,,"a, b"' \
		'dave,import@example.org,+90d,' >"$dir/good.csv"
	{ cat "$dir/good.csv"; echo 'carol,not a pattern,,'; } | sed 's/import@/bad@/' >"$dir/bad.csv"
	exits 65 run_postreeve sender import - <"$dir/bad.csv" 2>"$dir/errors"
	grep -q ':4: ' "$dir/errors"
	mail carol bad@example.org '553 5.7.1 '
	run_postreeve sender import - <"$dir/good.csv"
	mail carol import@example.org '250 '
	mail dave import@example.org '250 '
	run_postreeve sender export | grep -q '^carol,import@example.org,,"a, b"'
	run_postreeve log carol | grep -q import@example.org
}

# ---- limits and quotas ---------------------------------------------------------------------------

test_an_account_has_limits_of_its_own_and_show_tells_where_each_is_from ()
{
	daemon 'profile few { max_recipients = 3 }'
	run_postreeve account add dave --profile few
	run_postreeve account limit dave max_recipients=1 messages_per_day=1000
	greet d plain dave
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	ask d 'RCPT TO:<a@example.net>' '250 '
	ask d 'RCPT TO:<b@example.net>' '452 4.5.3 *number 2 *limit is 1 '
	run_postreeve account show dave | grep -Eq 'max_recipients +1 .*account'
	run_postreeve account limit dave max_recipients=default messages_per_day=default
	ask d RSET '250 '
	ask d 'MAIL FROM:<dave@example.com>' '250 '
	ask d 'RCPT TO:<a@example.net>' '250 '
	ask d 'RCPT TO:<b@example.net>' '250 '
	run_postreeve account show dave | grep -Eq 'max_recipients +3 .*few'
	exits 64 run_postreeve account limit dave max_recipients=0
	exits 64 run_postreeve account limit dave max_nonsense=1
	run_postreeve account add dave --profile default
}

test_a_profile_that_is_gone_from_the_configuration_gets_451_and_check_finds_it ()
{
	daemon 'profile gone { max_recipients = 3 }'
	run_postreeve account add dave --profile gone
	exits 0 run_postreeve check config
	gate_configure
	kill -HUP "$gate_pid"
	logged 'configuration is reloaded'
	mail dave dave@example.com '451 4.3.0 '
	logged "profile 'gone'"
	exits 1 run_postreeve check config >"$dir/findings"
	grep -q gone "$dir/findings"
	run_postreeve account add dave --profile default
	exits 0 run_postreeve check config
	exits 0 run_postreeve check database
}

test_a_quota_of_messages_counts_what_was_accepted_and_survives_a_restart ()
{
	daemon 'profile slow { messages_per_hour = 3 }'
	run_postreeve account add erin --profile slow
	sends erin quota-1
	greet e plain erin
	ask e 'MAIL FROM:<erin@example.com>' '250 ' # abandoned: not counted
	ask e RSET '250 '
	ask e 'MAIL FROM:<nobody@example.com>' '553 ' # refused: not counted
	smtp_close e
	sends erin quota-2
	sends erin quota-3
	mail erin erin@example.com '450 4.7.1 *3 messages per hour: try again in *\[message_rate]'
	arrived quota-3 1
	logged 'reject .*rule=message_rate .*account=erin .*value=4 limit=3 .*quota=messages_per_hour'
	within 5 eval 'run_postreeve usage erin | grep -Eq "messages_per_hour +3 +3 "'
	gate_stop
	gate_start
	mail erin erin@example.com '450 4.7.1 *\[message_rate]'
	run_postreeve account add erin --profile default
}

test_quotas_of_recipients_and_octets ()
{
	local name
	daemon 'profile narrow { recipients_per_day = 3 }
		profile small { octets_per_day = 10K }'
	run_postreeve account add frank --profile narrow
	run_postreeve account add grace --profile small
	greet f plain frank
	ask f 'MAIL FROM:<frank@example.com>' '250 '
	ask f 'RCPT TO:<a@example.net>' '250 '
	ask f 'RCPT TO:<b@example.net>' '250 '
	ask f RSET '250 '
	ask f 'MAIL FROM:<frank@example.com>' '250 '
	for name in a b c; do
		ask f "RCPT TO:<$name@example.net>" '250 '
	done
	ask f 'RCPT TO:<d@example.net>' '450 4.7.1 *3 recipients per day: try again in *\[recipient_rate]'
	smtp_message narrow >"$dir/narrow"
	smtp_data f "$dir/narrow"
	expect '250 '
	arrived narrow 3

	greet g plain grace
	smtp_message first 6000 >"$dir/first"
	offer g grace@example.com somebody@example.net "$dir/first"
	smtp_message second 6000 >"$dir/second"
	offer g grace@example.com somebody@example.net "$dir/second" || :
	expect '450 4.7.1 *10240 octets per day: try again in *\[volume_rate]'
	smtp_message third 3000 >"$dir/third"
	offer g grace@example.com somebody@example.net "$dir/third"
	arrived third 1
	not_delivered second
	run_postreeve account add frank --profile default
	run_postreeve account add grace --profile default
}

test_while_usage_cannot_be_kept_only_accounts_with_a_quota_wait ()
{
	local usage
	usage=$(dirname "$gate_db")/usage.sqlite3
	rm -f "$usage"*
	mkdir "$usage"
	daemon 'profile slow { messages_per_hour = 3 }'
	run_postreeve account add erin --profile slow
	mail erin erin@example.com '451 4.3.0 '
	sends alice no-quota
	expect '250 '
	logged 'usage cannot be kept'
	rmdir "$usage"
	within 10 mail erin erin@example.com '250 '
	gate_stop
	rm -f "$usage"*
	mkdir "$usage"
	gate_configure 'on_usage_failure = pass
		profile slow { messages_per_hour = 3 }'
	gate_start
	mail erin erin@example.com '250 '
	rmdir "$usage"
	run_postreeve account add erin --profile default
}

test_a_full_disk_holds_up_accounts_with_a_quota_alone_and_passes ()
{
	local db
	db=$(dirname "$gate_db")
	mount -t tmpfs -o size=600k,mode=0750,uid="$(id -u "$gate_user")",gid="$(id -g "$gate_user")" \
		postreeve-test "$db" || { echo 'no tmpfs can be mounted'; return 0; }
	trap 'gate_stop; umount -l "$(dirname "$gate_db")"' EXIT
	run_postreeve init
	run_postreeve account add alice
	run_postreeve sender add alice alice@example.com
	run_postreeve account add erin
	run_postreeve account limit erin messages_per_hour=1000
	run_postreeve sender add erin erin@example.com
	gate_configure
	gate_start
	sends erin before-full
	expect '250 '
	within 5 eval 'run_postreeve usage erin | grep -Eq "messages_per_hour +1 +1000 "'
	cat /dev/zero >"$db/filler" 2>/dev/null || :
	sends erin while-filling # whose count cannot be written
	within 5 mail erin erin@example.com '451 4.3.0 '
	logged 'usage cannot be kept.*No space left on device'
	sends alice no-quota-on-a-full-disk
	expect '250 '
	exits 74 run_postreeve sender add alice more@example.com 2>"$dir/errors"
	rm "$db/filler"
	within 10 mail erin erin@example.com '250 '
	logged 'usage is kept again'
	mail alice more@example.com '553 '
	gate_stop
}

# ---- a hijacked account --------------------------------------------------------------------------

test_an_account_that_is_refused_too_often_suspends_itself_until_it_is_resumed ()
{
	local number
	daemon 'profile watched { suspend_after = "3 refusals in 10m" }'
	run_postreeve account add heidi --profile watched
	greet h plain heidi
	for number in 1 2 3; do
		ask h "MAIL FROM:<victim$number@example.com>" '553 5.7.1 '
	done
	ask h 'MAIL FROM:<heidi@example.com>' '525 5.7.13 '
	logged 'account suspended: account=heidi reason="3 refusals in 10m'
	within 5 eval 'run_postreeve account show heidi | grep -q "3 refusals in 10m"'
	run_postreeve log heidi | grep -q 'postreeved .*account suspend'
	mail heidi heidi@example.com '525 5.7.13 '
	run_postreeve account resume heidi
	mail heidi heidi@example.com '250 '
	mail heidi victim@example.com '553 5.7.1 '
	mail heidi heidi@example.com '250 '
	run_postreeve account add heidi --profile default
}

# ---- shadow --------------------------------------------------------------------------------------

test_a_profile_in_shadow_lets_pass_and_the_report_proposes_the_grants ()
{
	daemon 'profile trial { shadow = yes }'
	run_postreeve account add ivan --profile trial
	greet i plain ivan
	smtp_author=shared
	submit i shared@example.com somebody@example.net shadow
	smtp_close i
	arrived shadow 1
	logged 'shadow .*rule=sender_registered .*account=ivan .*reply="553 5.7.1 '
	logged 'shadow .*rule=header_from .*account=ivan'
	within 5 eval 'run_postreeve report --shadow "$gate_log" | grep -Eq "sender_registered +.*ivan +1"'
	rm -f "$dir/proposed.csv"
	run_postreeve report --shadow --grants "$dir/proposed.csv" "$gate_log"
	grep -q '^ivan,shared@example.com,' "$dir/proposed.csv"
	run_postreeve account add ivan --profile default
	mail ivan shared@example.com '553 5.7.1 '
	grep -E '^(account|ivan),' "$dir/proposed.csv" | run_postreeve sender import -
	mail ivan shared@example.com '250 '
}

# ---- reload, status, log -------------------------------------------------------------------------

test_a_reload_changes_new_sessions_and_no_open_one_and_a_bad_file_changes_nothing ()
{
	daemon 'profile default { max_recipients = 1 }'
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	ask a 'RCPT TO:<a@example.net>' '250 '
	gate_configure 'profile default { max_recipients = 2 }'
	kill -HUP "$gate_pid"
	logged 'configuration is reloaded'
	ask a 'RCPT TO:<b@example.net>' '452 4.5.3 *limit is 1 '
	smtp_message reload >"$dir/reload"
	smtp_data a "$dir/reload"
	expect '250 '
	greet b plain bob
	ask b 'MAIL FROM:<bob@example.com>' '250 '
	ask b 'RCPT TO:<a@example.net>' '250 '
	ask b 'RCPT TO:<b@example.net>' '250 '
	ask b 'RCPT TO:<c@example.net>' '452 4.5.3 *limit is 2 '
	gate_configure 'profile default { max_recipients = none }'
	kill -HUP "$gate_pid"
	logged "postreeve.conf:[0-9]+: max_recipients = 'none'"
	greet c plain carol
	ask c 'MAIL FROM:<carol@example.com>' '250 '
	ask c 'RCPT TO:<a@example.net>' '250 '
	ask c 'RCPT TO:<b@example.net>' '250 '
	arrived reload 1
	gate_configure
}

test_a_worker_that_dies_is_replaced ()
{
	local worker
	daemon
	within 10 run_postreeve status # it serves; one that dies before, is not replaced
	worker=$(pgrep -P "$gate_pid")
	kill -KILL "$worker"
	logged "worker .*signal 9"
	within 10 eval 'sends alice worker; [[ $reply == 250* ]]'
	[ "$(pgrep -P "$gate_pid")" != "$worker" ]
}

test_status_tells_connections_and_verdicts ()
{
	daemon
	greet a plain alice
	ask a 'MAIL FROM:<alice@example.com>' '250 '
	mail bob eve@example.com '553 '
	run_postreeve status --json >"$dir/status.json"
	python3 - "$dir/status.json" <<-'END'
		import json, sys
		status = json.load(open(sys.argv[1]))
		text = json.dumps(status)
		assert status['version'], text
		assert any(v['rule'] == 'sender_registered' and v['outcome'] == 'reject' and v['count'] == 1
		           for v in status['verdicts']), text
		assert 'alice' in text, text
	END
	run_postreeve status --prometheus | grep -Eq '^postreeve_verdicts_total\{.*rule="sender_registered".*\} 1$'
	fails eval 'run_postreeve status --prometheus | grep alice'
	run_postreeve status --prometheus --accounts | grep -q alice
	gate_stop
	exits 69 run_postreeve status 2>"$dir/errors"
	[ "$(wc -l <"$dir/errors")" -eq 1 ]
	gate_start
}

test_the_log_in_json_and_without_passes ()
{
	local before
	before=$(wc -l <"$gate_log")
	daemon 'log_format = json
		log_passes = no'
	sends alice json
	mail alice eve@example.com '553 '
	within 5 eval 'tail -n "+$((before + 1))" "$gate_log" | grep -q "\"rule\": *\"sender_registered\""'
	tail -n "+$((before + 1))" "$gate_log" | sed -n 's/^postreeved\[[0-9]*\]: \({.*\)/\1/p' >"$dir/json"
	python3 - "$dir/json" <<-'END'
		import json, sys
		lines = [json.loads(line) for line in open(sys.argv[1])]
		assert [l['rule'] for l in lines if l['verdict'] == 'reject'] == ['sender_registered'], lines
		assert not [l for l in lines if l['verdict'] == 'pass'], lines
	END
}

# ---- clients without a login ---------------------------------------------------------------------

test_a_client_without_a_login_is_judged_as_the_account_of_its_network ()
{
	daemon
	smtp_open p "${mta_port[relay]}"
	ask p 'EHLO printer.example.com' '250'
	ask p 'MAIL FROM:<judy@example.com>' '530 5.7.0 '
	run_postreeve account network judy add 127.0.0.0/24
	ask p 'MAIL FROM:<judy@example.com>' '250 '
	ask p RSET '250 '
	ask p 'MAIL FROM:<alice@example.com>' '553 5.7.1 '
	smtp_author=judy
	submit p judy@example.com somebody@example.net printer
	arrived printer 1
	logged 'pass account=judy by=network '
	exits 65 run_postreeve account network alice add 127.0.0.0/24
	# The longest prefix decides.
	run_postreeve account network alice add 127.0.0.1/32
	ask p 'MAIL FROM:<alice@example.com>' '250 '
	ask p RSET '250 '
	run_postreeve account network alice delete 127.0.0.1/32
	run_postreeve account network judy delete 127.0.0.0/24
	ask p 'MAIL FROM:<judy@example.com>' '530 5.7.0 '
}

run_tests
