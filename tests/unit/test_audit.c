/* The audit trail and the log beneath it, read back from standard error. */
#include "db/cli/log_line.h"
#include "db/daemon/log.h"
#include "milter/audit.h"

#include "tests/unit/table.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static FILE *written;

static int catch_stderr(void **state)
{
	(void)state;
	written = tmpfile();
	return !written || dup2(fileno(written), STDERR_FILENO) < 0 || !log_start("test", true);
}

/* The line logged last, without the daemon's name and process number. */
static const char *last_line(void)
{
	static char line[2 * LOG_LINE_MAX];
	const char *text = NULL;

	log_flush();
	rewind(written);
	while (fgets(line, sizeof line, written))
		text = strstr(line, "]: ") + 3;
	assert_non_null(text);
	assert_non_null(strchr(text, '\n'));
	*strchr(text, '\n') = '\0';
	return text;
}

static const struct audit whole = {
    .queue_id = "4Xy1z2",
    .account = "alice",
    .sender = "<a@example.com>",
    .recipient = "",
    .client = "192.0.2.7",
    .port = 587,
};

static void log_finding(const struct audit *who, enum stage stage, const struct finding *finding,
                        bool shadow, const char *cause)
{
	struct limits limits;
	struct reply reply;

	limits_init(&limits);
	reply_format(finding, &limits, &reply);
	audit_finding(who, stage, finding, &reply, shadow, cause);
}

static void each_kind_of_verdict_has_its_line(void **state)
{
	struct finding over = {
	    .rule = RULE_max_recipients, .outcome = OUTCOME_OVER, .value = 101, .limit = 100};
	struct finding plain = {.rule = RULE_helo_name, .outcome = OUTCOME_OVER};
	struct finding unknown = {.rule = RULE_account_active, .outcome = OUTCOME_UNKNOWN};
	struct audit who = whole;

	(void)state;
	audit_pass(&whole, false, 3, 1234);
	assert_string_equal(last_line(), "4Xy1z2: pass account=alice sender=<a@example.com> "
	                                 "client=192.0.2.7 port=587 recipients=3 size=1234");
	audit_pass(&whole, true, 3, 0);
	assert_string_equal(last_line(), "4Xy1z2: exempt account=alice sender=<a@example.com> "
	                                 "client=192.0.2.7 port=587 recipients=3");

	who.recipient = "<b@example.net>";
	log_finding(&who, AT_RCPT, &over, false, "");
	assert_string_equal(
	    last_line(),
	    "4Xy1z2: reject rule=max_recipients stage=rcpt account=alice sender=<a@example.com> "
	    "recipient=<b@example.net> client=192.0.2.7 port=587 value=101 limit=100 "
	    "reply=\"452 4.5.3 Too many recipients: this is number 101 of the message, the limit "
	    "is 100 "
	    "[max_recipients]\"");

	who = whole;
	who.queue_id = who.account = "";
	who.port = 0;
	log_finding(&who, AT_MAIL, &plain, true, "");
	assert_string_equal(
	    last_line(),
	    "NOQUEUE: shadow rule=helo_name stage=mail account=\"\" "
	    "sender=<a@example.com> client=192.0.2.7 reply=\"501 5.5.2 Say HELO or EHLO "
	    "with a valid host name or IP address first [helo_name]\"");

	log_finding(&whole, AT_MAIL, &unknown, false, "the database is gone");
	assert_string_equal(
	    last_line(),
	    "4Xy1z2: tempfail rule=unavailable for=account_active stage=mail account=alice "
	    "sender=<a@example.com> client=192.0.2.7 port=587 reply=\"451 4.3.0 The policy service "
	    "could "
	    "not tell whether this may be sent: try again later [unavailable]\" "
	    "cause=\"the database is gone\"");
}

static void what_was_found_in_a_message_has_its_fields(void **state)
{
	static const struct {
		struct finding finding;
		const char *fields;
	} rows[] = {
	    {{RULE_header_form, OUTCOME_OVER, 0, 0, &faults[FAULT_field_twice], "", "From", NULL,
	      0},
	     "client=192.0.2.7 port=587 fault=field_twice about=From reply="},
	    {{RULE_header_form, OUTCOME_OVER, 0, 0, &faults[FAULT_from_missing], "", "", NULL, 0},
	     "port=587 fault=from_missing reply="},
	    {{RULE_header_from, OUTCOME_OVER, 0, 0, NULL, NULL, "\"e v\xc3\xa9\"@example.com", NULL,
	      0},
	     "port=587 about=\"\\\"e\\x20v\\xc3\\xa9\\\"@example.com\" reply="},
	    {{RULE_mime_form, OUTCOME_OVER, 0, 0, &faults[FAULT_near_delimiter], "2.1", "", NULL,
	      0},
	     "port=587 fault=near_delimiter part=2.1 reply="},
	    {{RULE_max_attachment_size, OUTCOME_OVER, 11, 10, NULL, "2", "my film.mp4", NULL, 0},
	     "port=587 value=11 limit=10 part=2 about=\"my\\x20film.mp4\" reply="},
	    {{RULE_max_attachment_size, OUTCOME_OVER, 11, 10, NULL, "2", "", NULL, 0},
	     "port=587 value=11 limit=10 part=2 reply="},
	    {{RULE_max_attachment_size, OUTCOME_UNKNOWN, 0, 0, NULL, NULL, NULL, NULL, 0},
	     "port=587 reply="},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		log_finding(&whole, AT_EOM, &rows[i].finding, false, "");
		assert_row(strstr(last_line(), rows[i].fields), rows[i].fields);
	}
}

/* HOSTILE input in any field: CR, LF, ESC, C1, bidi, %n, quotes, 10 KB. */
static void a_field_stays_one_printable_line(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"<a\r\nb@c>", "sender=\"<a\\x0d\\x0ab@c>\""},
	    {"<a\x1b[2J@c>", "sender=\"<a\\x1b[2J@c>\""},
	    {"<a\xc2\x9b@c>", "sender=\"<a\\xc2\\x9b@c>\""},
	    {"<a\xe2\x80\xae@c>", "sender=\"<a\\xe2\\x80\\xae@c>\""},
	    {"<%n%s@c>", "sender=<%n%s@c>"},
	    {"<\"a b\"@c>", "sender=\"<\\\"a\\x20b\\\"@c>\""},
	    {"<a\\@c>", "sender=\"<a\\\\@c>\""},
	    {"<x> account=root", "sender=\"<x>\\x20account=root\""},
	    {"\x7f", "sender=\"\\x7f\""},
	    {"", "sender=\"\""},
	};
	struct finding found = {
	    .rule = RULE_max_attachment_size,
	    .outcome = OUTCOME_OVER,
	    .value = UINT64_MAX,
	    .limit = UINT64_MAX,
	    .fault = &faults[FAULT_message_elsewhere],
	};
	struct audit who = whole;
	char *large = malloc(10240);
	const char *line;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		who.sender = rows[i].in;
		audit_pass(&who, false, 1, 1);
		assert_row(strstr(last_line(), rows[i].out), rows[i].out);
	}

	memset(large, '\x01', 10239);
	large[10239] = '\0';
	who.queue_id = who.account = who.sender = who.recipient = who.client = large;
	audit_pass(&who, false, 7, 9);
	line = last_line();
	assert_in_range(strlen(line), 5 * AUDIT_FIELD_MAX, LOG_LINE_MAX);
	assert_non_null(strstr(line, "...\" port=587 recipients=7 size=9"));

	who.recipient = "";
	found.part = found.about = large;
	log_finding(&who, AT_EOM, &found, false, "");
	line = last_line();
	assert_in_range(strlen(line), 6 * AUDIT_FIELD_MAX, LOG_LINE_MAX);
	assert_non_null(strstr(line, "...\" reply=\"552 5.3.4 "));
	free(large);
}

static void a_network_that_stands_for_an_account_is_said(void **state)
{
	struct audit who = whole;

	(void)state;
	who.by_network = true;
	audit_pass(&who, false, 1, 0);
	assert_non_null(strstr(last_line(), "account=alice by=network sender="));
	who.format = AUDIT_JSON;
	audit_pass(&who, false, 1, 0);
	assert_non_null(
	    strstr(last_line(), "\"account\": \"alice\", \"by\": \"network\", \"sender\""));
}

static void a_quota_has_its_fields(void **state)
{
	const struct finding finding = {.rule = RULE_message_rate,
	                                .outcome = OUTCOME_OVER,
	                                .value = 51,
	                                .limit = 50,
	                                .quota = &quotas[QUOTA_messages_per_hour],
	                                .retry = 1234};

	(void)state;
	log_finding(&whole, AT_MAIL, &finding, false, "");
	assert_non_null(strstr(last_line(), "port=587 value=51 limit=50 "
	                                    "quota=messages_per_hour retry=1234 reply="));
}

static void passes_are_logged_unless_the_configuration_says_no(void **state)
{
	struct finding plain = {.rule = RULE_helo_name, .outcome = OUTCOME_OVER};
	struct audit who = whole;

	(void)state;
	who.no_passes = true;
	who.queue_id = "quiet";
	log_finding(&who, AT_MAIL, &plain, true, "");
	audit_pass(&who, false, 1, 1);
	assert_memory_equal(last_line(), "quiet: shadow ", 14);
	audit_pass(&who, true, 1, 1);
	assert_memory_equal(last_line(), "quiet: exempt ", 14);
	log_finding(&who, AT_MAIL, &plain, false, "");
	assert_memory_equal(last_line(), "quiet: reject ", 14);
}

/* ---- JSON --------------------------------------------------------------- */

/* The last line as an object, which JSON's own reader took; to be let go of. */
static json_t *last_object(void)
{
	const char *line = last_line();
	json_error_t error;
	json_t *object;

	for (const char *s = line; *s; s++)
		assert_in_range(*s, ' ', '~');
	assert_true(strlen(line) < LOG_LINE_MAX);
	object = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	assert_true(json_is_object(object));
	return object;
}

static void json_has_the_same_fields_in_the_same_order(void **state)
{
	struct finding over = {
	    .rule = RULE_max_recipients, .outcome = OUTCOME_OVER, .value = 101, .limit = 100};
	struct finding unknown = {.rule = RULE_account_active, .outcome = OUTCOME_UNKNOWN};
	struct audit who = whole;

	(void)state;
	who.format = AUDIT_JSON;
	audit_pass(&who, false, 3, 1234);
	assert_string_equal(last_line(), "{\"queue_id\": \"4Xy1z2\", \"verdict\": \"pass\", "
	                                 "\"account\": \"alice\", \"sender\": "
	                                 "\"<a@example.com>\", \"client\": \"192.0.2.7\", "
	                                 "\"port\": 587, \"recipients\": 3, \"size\": 1234}");
	who.recipient = "<b@example.net>";
	log_finding(&who, AT_RCPT, &over, false, "");
	assert_string_equal(
	    last_line(),
	    "{\"queue_id\": \"4Xy1z2\", \"verdict\": \"reject\", \"rule\": \"max_recipients\", "
	    "\"stage\": \"rcpt\", \"account\": \"alice\", \"sender\": \"<a@example.com>\", "
	    "\"recipient\": \"<b@example.net>\", \"client\": \"192.0.2.7\", \"port\": 587, "
	    "\"value\": 101, \"limit\": 100, \"reply\": \"452 4.5.3 Too many recipients: this is "
	    "number 101 of the message, the limit is 100 [max_recipients]\"}");
	who.queue_id = who.recipient = "";
	log_finding(&who, AT_MAIL, &unknown, false, "the database is \"gone\"");
	assert_non_null(strstr(last_line(), "{\"queue_id\": \"NOQUEUE\", \"verdict\": "
	                                    "\"tempfail\", \"rule\": \"unavailable\", "
	                                    "\"for\": \"account_active\", "));
	assert_non_null(strstr(last_line(), "\"cause\": \"the database is \\\"gone\\\"\"}"));
}

static void a_json_value_is_text_whatever_is_in_it(void **state)
{
	static const struct {
		const char *in, *written, *read;
	} rows[] = {
	    {"<a\r\nb@c>", "\"<a\\u000d\\u000ab@c>\"", "<a\r\nb@c>"},
	    {"\x1b[2J\x7f", "\"\\u001b[2J\\u007f\"", "\x1b[2J\x7f"},
	    {"\xc2\x9b", "\"\\u009b\"", "\xc2\x9b"},
	    {"\xe2\x80\xae", "\"\\u202e\"", "\xe2\x80\xae"},
	    {"\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
	    {"\xff\xc3(", "\"\\\\xff\\\\xc3(\"", "\\xff\\xc3("},
	    {"\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"", "\\xed\\xa0\\x80"},
	    {"\xf4\x90\x80\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"", "\\xf4\\x90\\x80\\x80"},
	    {"\xc0\xaf", "\"\\\\xc0\\\\xaf\"", "\\xc0\\xaf"},
	    {"\", \"verdict\": \"pass", "\"\\\", \\\"verdict\\\": \\\"pass\"",
	     "\", \"verdict\": \"pass"},
	    {"a\\", "\"a\\\\\"", "a\\"},
	    {"", "\"\"", ""},
	};
	struct audit who = whole;

	(void)state;
	who.format = AUDIT_JSON;
	for (size_t i = 0; i < ROWS(rows); i++) {
		json_t *object;

		who.sender = rows[i].in;
		audit_pass(&who, false, 1, 1);
		assert_row(strstr(last_line(), rows[i].written), rows[i].written);
		object = last_object();
		assert_string_equal(json_string_value(json_object_get(object, "sender")),
		                    rows[i].read);
		json_decref(object);
	}
}

/* What does not fit is left out, and what is there is whole. */
static void a_json_line_is_bounded_and_whole(void **state)
{
	static const char *const units[] = {"\x01", "\xff", "a", "\"", "\xf0\x9f\x98\x80"};
	struct finding found = {
	    .rule = RULE_max_attachment_size,
	    .outcome = OUTCOME_OVER,
	    .value = UINT64_MAX,
	    .limit = UINT64_MAX,
	    .fault = &faults[FAULT_message_elsewhere],
	};
	struct audit who = whole;

	(void)state;
	who.format = AUDIT_JSON;
	for (size_t i = 0; i < ROWS(units); i++) {
		char large[10000] = "";
		json_t *object;

		for (size_t n = 0; n + strlen(units[i]) < sizeof large; n += strlen(units[i]))
			strcpy(large + n, units[i]);
		who.queue_id = who.account = who.sender = who.recipient = who.client = large;
		found.part = found.about = large;
		log_finding(&who, AT_EOM, &found, false, "");
		object = last_object();
		assert_string_equal(json_string_value(json_object_get(object, "verdict")),
		                    "reject");
		assert_non_null(
		    strstr(json_string_value(json_object_get(object, "sender")), "..."));
		assert_true(json_is_number(json_object_get(object, "limit")));
		json_decref(object);
	}
}

/* ---- and back ----------------------------------------------------------- */

/* What `postreeve report' reads is what was written, in either form. */
static void report_reads_what_was_written(void **state)
{
	static const char *const values[] = {
	    "alice",
	    "",
	    "a\r\nb",
	    "\"q\" \\ x=y",
	    "\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80",
	    "\x01\x7f",
	    "<x> account=root",
	    "{\"verdict\": \"pass\"}",
	};
	struct finding finding = {.rule = RULE_header_from, .outcome = OUTCOME_OVER};
	struct audit who = whole;
	struct log_line read;

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(values); i++) {
		const char *value = values[i / 2];

		who.format = i % 2 ? AUDIT_JSON : AUDIT_TEXT;
		who.account = who.sender = finding.about = value;
		log_finding(&who, AT_EOM, &finding, true, "");
		assert_int_equal(log_line_read(last_line(), &read), LOG_VERDICT);
		assert_string_equal(read.verdict, "shadow");
		assert_string_equal(read.rule, "header_from");
		assert_string_equal(read.subject, "");
		assert_string_equal(read.account, value);
		assert_string_equal(read.sender, value);
		assert_string_equal(read.about, value);
		assert_false(read.inexact);
		audit_pass(&who, i % 2, 1, 1);
		assert_int_equal(log_line_read(last_line(), &read), LOG_VERDICT);
		assert_string_equal(read.verdict, i % 2 ? "exempt" : "pass");
		assert_string_equal(read.account, value);
	}
}

static void report_knows_what_was_cut(void **state)
{
	struct finding finding = {.rule = RULE_account_active, .outcome = OUTCOME_UNKNOWN};
	struct audit who = whole;
	struct log_line read;
	char large[1000];

	(void)state;
	for (int i = 0; i < 6; i++) {
		static const char octets[] = {'a', '\x01', '\xff'};

		memset(large, octets[i / 2], sizeof large - 1);
		large[sizeof large - 1] = '\0';
		who.format = i % 2 ? AUDIT_JSON : AUDIT_TEXT;
		who.sender = large;
		log_finding(&who, AT_EOM, &finding, false, "none");
		assert_int_equal(log_line_read(last_line(), &read), LOG_VERDICT);
		assert_string_equal(read.rule, "unavailable");
		assert_string_equal(read.subject, "account_active");
		assert_true(read.inexact);
	}
}

/* Last, since it leaves the writer stuck. */
static void a_stuck_log_holds_nobody_up(void **state)
{
	struct timespec begin, end;
	int ends[2], before;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	before = dup(STDERR_FILENO);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0); /* which nobody reads */
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 20000; i++)
		audit_pass(&whole, false, 1, 1);
	log_flush();
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_in_range(end.tv_sec - begin.tv_sec, 0, 20); /* it would be for ever */
	assert_true(dup2(before, STDERR_FILENO) >= 0);     /* for cmocka to say how it went */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(each_kind_of_verdict_has_its_line, catch_stderr),
	    cmocka_unit_test(what_was_found_in_a_message_has_its_fields),
	    cmocka_unit_test(a_field_stays_one_printable_line),
	    cmocka_unit_test(a_network_that_stands_for_an_account_is_said),
	    cmocka_unit_test(a_quota_has_its_fields),
	    cmocka_unit_test(passes_are_logged_unless_the_configuration_says_no),
	    cmocka_unit_test(json_has_the_same_fields_in_the_same_order),
	    cmocka_unit_test(a_json_value_is_text_whatever_is_in_it),
	    cmocka_unit_test(a_json_line_is_bounded_and_whole),
	    cmocka_unit_test(report_reads_what_was_written),
	    cmocka_unit_test(report_knows_what_was_cut),
	    cmocka_unit_test(a_stuck_log_holds_nobody_up),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
