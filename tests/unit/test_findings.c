/*
 * What stands beside the rules' answers: the table that is promised, what of a message is read, and
 * what a finding is said to be about.
 */
#include "tests/unit/oracle_case.h"
#include "tests/unit/table.h"

#include <string.h>

static void the_table_is_the_one_promised(void **state)
{
	static const unsigned stages[] = {AT_MAIL, AT_RCPT, AT_EOM};
	struct limits limits;

	(void)state;
	limits_init(&limits);
	assert_int_equal(RULE_unavailable, ORACLE_RULES);
	for (int row = 0; row < ORACLE_RULES; row++) {
		const char *name = oracle_rows[row].name;
		unsigned at = 0;

		for (int stage = 0; stage < ORACLE_STAGES; stage++)
			at |= oracle_rows[row].at[stage] ? stages[stage] : 0;
		assert_row(strcmp(rules[row].name, name) == 0, name);
		assert_row(rules[row].stages == at, name);
		assert_row((int)limits.mode[row] == (int)oracle_rows[row].mode, name);
	}
}

/* All but so many rules are off: what is asked for is what these look at, whatever they do then. */
static void what_is_read_of_two_rules(void **state)
{
	static const unsigned reads[] = {
	    [ORACLE_READS_NOTHING] = 0,
	    [ORACLE_READS_HEADER] = READS_HEADER,
	    [ORACLE_READS_ALL] = READS_HEADER | READS_BODY,
	};

	(void)state;
	for (int i = 0; i < ORACLE_RULES * ORACLE_RULES * ORACLE_MODES * ORACLE_MODES; i++) {
		int a = i % ORACLE_RULES, b = i / ORACLE_RULES % ORACLE_RULES;
		int modes = i / (ORACLE_RULES * ORACLE_RULES);
		struct oracle_settings settings = settings_of(LAYER_TABLE);
		struct limits limits;
		unsigned expected = 0;

		for (int row = 0; row < ORACLE_RULES; row++)
			settings.mode[row] = ORACLE_OFF;
		settings.mode[a] = (enum oracle_mode)(modes % ORACLE_MODES);
		settings.mode[b] = (enum oracle_mode)(modes / ORACLE_MODES);
		for (int row = 0; row < ORACLE_RULES; row++)
			if (settings.mode[row] != ORACLE_OFF)
				expected |= reads[oracle_reads(row)];
		take_settings(&settings, &limits);
		assert_row(limits_read(&limits) == expected, oracle_rows[a].name);
	}
}

/* The first of a rule's faults is told, with what it is about. */
static void check_told(const struct message *message, const struct limits *limits, int fault)
{
	const struct oracle_fault *expected = &oracle_faults[fault];
	struct facts facts = {
	    .known = FACT_ACCOUNT | FACT_MESSAGE_SIZE | FACT_HEADER | FACT_SENDERS |
	             FACT_STRUCTURE | FACT_USAGE,
	    .login = "alice",
	    .message = message,
	    .stranger = "",
	};
	struct verdict verdict;

	judge(AT_EOM, &facts, limits, &verdict);
	assert_row(verdict.finding.outcome == OUTCOME_OVER, expected->name);
	assert_row(strcmp(rules[verdict.finding.rule].name, expected->rule) == 0, expected->name);
	assert_row(strcmp(verdict.finding.fault->name, expected->name) == 0, expected->name);
	assert_row(verdict.finding.part == message->faults[fault].part, expected->name);
	assert_row(verdict.finding.about == message->faults[fault].field, expected->name);
}

static void faults_two_at_a_time(void **state)
{
	struct limits limits;

	(void)state;
	assert_int_equal(FAULT_COUNT, ORACLE_FAULTS);
	limits_init(&limits);
	for (int a = 0; a < ORACLE_FAULTS; a++) {
		for (int b = a; b < ORACLE_FAULTS; b++) {
			struct message message = {.octets = 1};

			assert_string_equal(faults[a].name, oracle_faults[a].name);
			message.faults[a].found = message.faults[b].found = true;
			message.faults[a].field = message.faults[b].field = "a field";
			check_told(&message, &limits, a);
		}
	}
}

/* What the log and the reply say a finding is about. */
static void what_a_finding_is_about(void **state)
{
	static const char stranger[] = "eve@example.com";
	const struct oracle_settings settings = settings_of(LAYER_TABLE);
	struct oracle_transaction transaction = honest_transaction();
	struct limits limits;
	struct verdict verdict;
	struct facts facts;

	(void)state;
	take_settings(&settings, &limits);
	transaction.senders = SENDERS_UNREADABLE;
	take_facts(ORACLE_END, &transaction, &facts);
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_string_equal(verdict.finding.about, "a field that cannot be read");
	facts.stranger = stranger;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_ptr_equal(verdict.finding.about, stranger);

	transaction.senders = SENDERS_GRANTED;
	transaction.attachment = 4194305;
	take_facts(ORACLE_END, &transaction, &facts);
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_ptr_equal(verdict.finding.part, facts.message->largest.part);
	assert_ptr_equal(verdict.finding.about, facts.message->largest.name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_is_the_one_promised),
	    cmocka_unit_test(what_is_read_of_two_rules),
	    cmocka_unit_test(faults_two_at_a_time),
	    cmocka_unit_test(what_a_finding_is_about),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
