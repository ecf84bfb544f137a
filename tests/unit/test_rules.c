/* The rule table, the judge and the replies. */
#include "tests/unit/offences.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>

static void honest_mail_passes_each_stage(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	for (int stage = AT_MAIL; stage <= AT_EOM; stage <<= 1) {
		facts.known = stage == AT_EOM ? FACTS_OF_EOM : FACTS_OF_MAIL;
		judge((enum stage)stage, &facts, &limits, &verdict);
		assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
		assert_int_equal(verdict.shadow_count, 0);
	}
}

static void limits_are_inclusive(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.connections = 10;
	facts.declared_size = 8388608;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.recipients = 100;
	judge(AT_RCPT, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.known = FACTS_OF_EOM;
	message.octets = 8388608;
	message.largest.octets = 4194304;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
}

static void each_offence_is_answered_by_its_rule(void **state)
{
	struct limits limits = all_enforced();

	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct facts facts = offending(i);
		struct verdict verdict;
		struct reply reply;
		char line[600];

		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.finding.outcome == offence->outcome, offence->name);
		assert_row(verdict.finding.rule == offence->rule, offence->name);
		reply_format(&verdict.finding, &limits, &reply);
		if (offence->outcome == OUTCOME_UNKNOWN) {
			assert_row(reply.code == 451, offence->name);
			assert_string_equal(reply.rule, "unavailable");
		}
		snprintf(line, sizeof line, "%u %s %s", reply.code, reply.enhanced, reply.text);
		if (offence->reply)
			assert_string_equal(line, offence->reply);
	}
}

static void shadow_notes_and_lets_pass(void **state)
{
	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct limits limits = all_enforced();
		struct facts facts = offending(i);
		struct verdict verdict;

		limits.mode[offence->rule] = MODE_SHADOW;
		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.shadow_count == 1, offence->name);
		assert_row(verdict.shadow[0].rule == offence->rule, offence->name);
		assert_row(verdict.shadow[0].outcome == offence->outcome, offence->name);
	}
}

static void off_is_not_judged(void **state)
{
	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct limits limits = all_enforced();
		struct facts facts = offending(i);
		struct verdict verdict;

		limits.mode[offence->rule] = MODE_OFF;
		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.finding.outcome == OUTCOME_OK ||
		               verdict.finding.rule != offence->rule,
		           offence->name);
		assert_row(verdict.shadow_count == 0, offence->name);
	}
}

/* Of two offences at one stage, the rule that stands first in the table answers. */
static void the_first_rule_of_the_table_answers(void **state)
{
	struct limits limits = all_enforced();
	int pairs = 0;

	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		for (int j = 0; j < OFFENCES; j++) {
			struct facts facts = offending(i);
			struct limits alone;
			struct verdict verdict;

			if (offences[i].stage != offences[j].stage ||
			    offences[i].rule >= offences[j].rule)
				continue;
			offend(&facts, j);

			/* The second may have undone the first: another sender, say. */
			limits_init(&alone);
			for (int id = 0; id < RULE_unavailable; id++)
				alone.mode[id] =
				    id == (int)offences[i].rule ? MODE_ENFORCE : MODE_OFF;
			judge(offences[i].stage, &facts, &alone, &verdict);
			if (verdict.finding.outcome == OUTCOME_OK)
				continue;

			judge(offences[i].stage, &facts, &limits, &verdict);
			assert_row(verdict.finding.rule == offences[i].rule, offences[i].name);
			pairs++;
		}
	}
	assert_true(pairs > OFFENCES);
}

static void without_an_account_nothing_that_needs_it_passes(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.known = FACTS_OF_EOM & ~(unsigned)FACT_ACCOUNT;
	for (int stage = AT_MAIL; stage <= AT_EOM; stage <<= 1) {
		judge((enum stage)stage, &facts, &limits, &verdict);
		assert_int_equal(verdict.finding.outcome, OUTCOME_UNKNOWN);
	}
}

static void null_sender_where_the_profile_allows_it(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(NULL_SENDER);
	struct verdict verdict;

	(void)state;
	limits.allow_null_sender = true;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);

	facts.registered = false; /* a login that is no account has nobody's profile */
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_sender_registered);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OVER);
}

static void a_sender_that_could_not_be_parsed_is_never_told_that_it_is_not_registered(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(UNKNOWN_SENDER);
	struct verdict verdict;

	(void)state;
	limits.mode[RULE_sender_syntax] = MODE_OFF;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_sender_registered);
	assert_int_equal(verdict.finding.outcome, OUTCOME_UNKNOWN);
}

static void tls_required_spares_its_networks(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(NO_TLS);
	struct verdict verdict;
	struct ip loopback;

	(void)state;
	assert_true(ip_parse("127.0.0.1", &loopback));
	facts.client = &loopback;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.client = NULL;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_tls_required);
}

static void mechanisms_in_any_case(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.mechanism = "plain";
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
}

/* What a reply may hold: RFC 5321 4.2. */
static void assert_sound(const struct finding *finding, const struct limits *limits)
{
	const char *name = rules[finding->rule].name;
	char tail[80];
	struct reply reply;

	reply_format(finding, limits, &reply);
	assert_row(reply.code >= 400 && reply.code < 600, name);
	assert_row((unsigned)(reply.enhanced[0] - '0') == reply.code / 100, name);
	for (const char *s = reply.text; *s; s++)
		assert_row(*s >= ' ' && *s <= '~' && *s != '{', name);
	snprintf(tail, sizeof tail, " [%s]", name);
	assert_row(strlen(reply.text) > strlen(tail), name);
	assert_string_equal(reply.text + strlen(reply.text) - strlen(tail), tail);
	assert_row(strlen(reply.text) < REPLY_TEXT_MAX, name);
}

/* With all that can be filled in as long as can be, and of octets that no reply may hold. */
static void every_reply_is_sound(void **state)
{
	char part[PART_NUMBER_MAX + 1], about[1000];
	struct limits limits;

	(void)state;
	limits_init(&limits);
	memset(part, '\x1b', sizeof part - 1);
	memset(about, '\xc2', sizeof about - 1);
	part[sizeof part - 1] = about[sizeof about - 1] = '\0';
	for (int id = 0; id < RULE_COUNT; id++) {
		struct finding finding = {
		    .rule = (enum rule_id)id,
		    .outcome = id == RULE_unavailable ? OUTCOME_UNKNOWN : OUTCOME_OVER,
		    .value = UINT64_MAX,
		    .limit = UINT64_MAX,
		    .part = part,
		    .about = about,
		};

		for (size_t i = 0; i < ALLOW_MAX && rules[id].allow.kind == ALLOW_MECHANISM; i++)
			memset(limits.allow[id].entry[i].mechanism, 'X', MECHANISM_MAX);
		limits.allow[id].count = rules[id].allow.kind == ALLOW_NONE ? 0 : ALLOW_MAX;
		assert_sound(&finding, &limits);
		for (size_t i = 0; i < FAULT_COUNT; i++) {
			finding.fault = &faults[i];
			if (faults[i].rule == finding.rule)
				assert_sound(&finding, &limits);
		}
	}
}

static void what_a_client_sent_is_told_in_printable_ascii_and_cut(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {"a.pdf", " (a.pdf)"},
	    {"a b%n{value}.pdf", " (a b%n{value}.pdf)"},
	    {"r\xc3\xa9sum\xc3\xa9", " (r?"
	                             "?sum?"
	                             "?)"},
	    {"a\r\n250 OK\t\x1b[2J\x7f", " (a?"
	                                 "?250 OK?"
	                                 "?[2J?)"},
	};
	char about[FILE_NAME_MAX + 10], expected[REPLY_TEXT_MAX];
	struct finding finding = {
	    RULE_max_attachment_size, OUTCOME_OVER, 2, 1, NULL, NULL, about, NULL, 0};
	struct limits limits;
	struct reply reply;

	(void)state;
	limits_init(&limits);
	for (size_t i = 0; i < ROWS(rows); i++) {
		strcpy(about, rows[i].in);
		snprintf(expected, sizeof expected,
		         "Attachment too big%s: 2 octets, the limit is 1 [max_attachment_size]",
		         rows[i].out);
		reply_format(&finding, &limits, &reply);
		assert_string_equal(reply.text, expected);
	}
	memset(about, 'x', sizeof about - 1);
	about[sizeof about - 1] = '\0';
	reply_format(&finding, &limits, &reply);
	assert_non_null(strstr(reply.text, "xxx...): 2 octets"));
}

static unsigned read_with(enum rule_id rule, enum rule_mode mode)
{
	struct limits limits;

	limits_init(&limits);
	for (int id = 0; id < RULE_unavailable; id++)
		limits.mode[id] = id == (int)rule ? mode : MODE_OFF;
	return limits_read(&limits);
}

static void only_what_a_rule_looks_at_is_read(void **state)
{
	const unsigned both = READS_HEADER | READS_BODY;

	(void)state;
	assert_int_equal(read_with(RULE_header_form, MODE_OFF), 0);
	assert_int_equal(read_with(RULE_max_recipients, MODE_ENFORCE), 0);
	assert_int_equal(read_with(RULE_header_form, MODE_ENFORCE), READS_HEADER);
	assert_int_equal(read_with(RULE_header_from, MODE_SHADOW), READS_HEADER);
	assert_int_equal(read_with(RULE_max_message_size, MODE_ENFORCE), both);
	assert_int_equal(read_with(RULE_mime_form, MODE_SHADOW), both);
	assert_int_equal(read_with(RULE_max_attachment_size, MODE_ENFORCE), both);
}

/*
 * The rest of a body need not be taken apart once the header is refused: milter/content.c. How
 * large it is, is counted all the same.
 */
static void rules_of_the_body_come_after_those_of_the_header(void **state)
{
	bool body = false;

	(void)state;
	for (int id = 0; id < RULE_unavailable; id++) {
		if (!(rules[id].stages & AT_EOM) || id == RULE_max_message_size ||
		    id == RULE_volume_rate)
			continue;
		body |= (rules[id].reads & READS_BODY) != 0;
		assert_row(((rules[id].reads & READS_BODY) != 0) == body, rules[id].name);
		assert_row((rules[id].reads & READS_HEADER) != 0, rules[id].name);
	}
	assert_true(body);
}

static void an_address_that_cannot_be_read_is_not_granted_though_header_form_is_off(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(UNREADABLE_SENDER);
	struct verdict verdict;

	(void)state;
	find_fault(FAULT_address_list, "From", "");
	limits.mode[RULE_header_form] = MODE_OFF;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_header_from);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OVER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(honest_mail_passes_each_stage),
	    cmocka_unit_test(limits_are_inclusive),
	    cmocka_unit_test(each_offence_is_answered_by_its_rule),
	    cmocka_unit_test(shadow_notes_and_lets_pass),
	    cmocka_unit_test(off_is_not_judged),
	    cmocka_unit_test(the_first_rule_of_the_table_answers),
	    cmocka_unit_test(without_an_account_nothing_that_needs_it_passes),
	    cmocka_unit_test(null_sender_where_the_profile_allows_it),
	    cmocka_unit_test(
		a_sender_that_could_not_be_parsed_is_never_told_that_it_is_not_registered),
	    cmocka_unit_test(tls_required_spares_its_networks),
	    cmocka_unit_test(mechanisms_in_any_case),
	    cmocka_unit_test(every_reply_is_sound),
	    cmocka_unit_test(what_a_client_sent_is_told_in_printable_ascii_and_cut),
	    cmocka_unit_test(only_what_a_rule_looks_at_is_read),
	    cmocka_unit_test(rules_of_the_body_come_after_those_of_the_header),
	    cmocka_unit_test(
		an_address_that_cannot_be_read_is_not_granted_though_header_form_is_off),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
