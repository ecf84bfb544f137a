/*
 * The judge beside the oracle: both are asked about the same transactions under the same settings,
 * enumerated, and must say the same. What is enumerated is counted in the names of the tests.
 */
#include "policy/rules.h"
#include "tests/unit/oracle_case.h"
#include "tests/unit/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is tried ------------------------------------------------------- */

static void use_up(struct oracle_transaction *t, int first, int count, uint64_t a, uint64_t b,
                   uint64_t c)
{
	const uint64_t retry[] = {a, b, c};

	for (int i = 0; i < count; i++) {
		t->used[first + i] = UINT64_MAX;
		t->retry[first + i] = retry[i];
	}
}

/* The kth number about a limit. */
static uint64_t about(uint64_t limit, int k)
{
	const uint64_t more = limit == UINT64_MAX ? limit : limit + 1;
	const uint64_t twice = limit > UINT64_MAX / 2 ? UINT64_MAX : 2 * limit;
	const uint64_t numbers[] = {0, 1, limit - 1, limit, more, twice, UINT64_MAX};

	return numbers[k];
}

#define NUMBERS(rule, count, bound)                                                                \
	STATE(rule, count = about(oracle_bound(s, bound), 0))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 1))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 2))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 3))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 4))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 5))                                      \
	STATE(rule, count = about(oracle_bound(s, bound), 6))

static const struct {
	const char *rule, *change;
} states[] = {
#define STATE(rule, ...) {#rule, #__VA_ARGS__},
#include "tests/unit/judge_states.def"
#undef STATE
};
#define STATES ((int)ROWS(states))

/* Counting from a place in the file of states gives each its own case. */
enum {
	FIRST_CASE = __COUNTER__ + 1
};
static void change(int state, struct oracle_transaction *t, struct oracle_settings *s)
{
	switch (state + FIRST_CASE) {
#define STATE(rule, ...)                                                                           \
	case __COUNTER__:                                                                          \
		__VA_ARGS__;                                                                       \
		break;
#include "tests/unit/judge_states.def"
#undef STATE
	}
}

/* By rule: its states, and how many there are. */
static struct {
	int rule[ROWS(states)];
	int of[ORACLE_RULES][ROWS(states)];
	int count[ORACLE_RULES];
} tried;

static int learn_states(void **state)
{
	(void)state;
	for (int i = 0; i < STATES; i++) {
		int rule = row_of(states[i].rule);

		tried.rule[i] = rule;
		tried.of[rule][tried.count[rule]++] = i;
	}
	return 0;
}

/* ---- the two side by side ------------------------------------------------ */

/* What both are asked. */
struct question {
	enum oracle_stage stage;
	struct oracle_transaction told;
	struct oracle_settings settings;
	const char *about[3]; /* the changes, for who reads of a failure */
};

static void differ(const struct question *question, const char *what)
{
	static const char *const modes = "esx";
	char text[ORACLE_RULES + 1] = "";

	for (int row = 0; row < ORACLE_RULES; row++)
		text[row] = modes[question->settings.mode[row]];
	fail_msg("%s: at stage %d, modes %s, with %s; %s; %s", what, question->stage, text,
	         question->about[0] ? question->about[0] : "-",
	         question->about[1] ? question->about[1] : "-",
	         question->about[2] ? question->about[2] : "-");
}

#define agree(condition, question)                                                                 \
	do {                                                                                       \
		if (!(condition))                                                                  \
			differ((question), #condition);                                            \
	} while (0)

static const char *name_of(const struct oracle_finding *finding)
{
	return finding->rule == ORACLE_UNAVAILABLE ? "unavailable"
	                                           : oracle_rows[finding->rule].name;
}

static void compare(const struct question *question, const struct finding *got,
                    const struct oracle_finding *expected)
{
	agree(strcmp(rules[got->rule].name, name_of(expected)) == 0, question);
	agree(got->outcome == (expected->unknown ? OUTCOME_UNKNOWN : OUTCOME_OVER), question);
	if (expected->unknown)
		return;
	agree(!expected->counts || got->value == expected->value, question);
	agree(!expected->counts || got->limit == expected->limit, question);
	agree((got->quota != NULL) == (expected->quota >= 0), question);
	if (!got->quota)
		return;
	agree(strcmp(got->quota->name, oracle_bounds[expected->quota]) == 0, question);
	agree(got->retry == question->told.retry[expected->quota], question);
}

static void compare_reply(const struct question *question, const struct finding *finding,
                          const struct limits *limits, const struct oracle_finding *expected)
{
	const struct oracle_row *row = &oracle_rows[expected->unknown ? 0 : expected->rule];
	const char *name = expected->unknown ? "unavailable" : row->name;
	struct reply reply;
	char tail[64];

	reply_format(finding, limits, &reply);
	snprintf(tail, sizeof tail, " [%s]", name);
	agree(strlen(reply.text) > strlen(tail), question);
	agree(strcmp(reply.text + strlen(reply.text) - strlen(tail), tail) == 0, question);
	agree(strcmp(reply.rule, name) == 0, question);
	agree(reply.code == (expected->unknown ? 451 : row->code), question);
	agree(strcmp(reply.enhanced, expected->unknown ? "4.3.0" : row->enhanced) == 0, question);
}

/* The limits are those of the settings but for what states change: lists, and null senders. */
static void ask(const struct question *question, struct limits *limits, bool replies)
{
	static const enum stage stages[] = {AT_MAIL, AT_RCPT, AT_EOM};
	struct oracle_answer expected;
	struct verdict got;
	struct facts facts;

	limits->allow_null_sender = question->settings.null_sender;
	take_facts(question->stage, &question->told, &facts);
	oracle_judge(question->stage, &question->told, &question->settings, &expected);
	judge(stages[question->stage], &facts, limits, &got);

	agree((got.finding.outcome == OUTCOME_OK) == (expected.answer.rule == ORACLE_PASS),
	      question);
	agree(got.shadow_count == expected.noted, question);
	for (size_t i = 0; i < expected.noted; i++) {
		compare(question, &got.shadow[i], &expected.notes[i]);
		if (replies)
			compare_reply(question, &got.shadow[i], limits, &expected.notes[i]);
	}
	if (expected.answer.rule == ORACLE_PASS)
		return;
	compare(question, &got.finding, &expected.answer);
	if (replies)
		compare_reply(question, &got.finding, limits, &expected.answer);
}

/* ---- what is enumerated -------------------------------------------------- */

static uint64_t asked;

#define TITLE_MAX 80 /* octets of a test's */

static void begin(struct question *question, enum oracle_stage stage, enum layer layer)
{
	question->stage = stage;
	question->told = honest_transaction();
	question->settings = settings_of(layer);
	memset(question->about, 0, sizeof question->about);
}

/* The modes of all other rules: three of one kind, and those of the table. */
#define OTHERS (ORACLE_MODES + 1)

static void set_modes(struct oracle_settings *settings, int others)
{
	for (int row = 0; row < ORACLE_RULES; row++)
		settings->mode[row] =
		    others < ORACLE_MODES ? (enum oracle_mode)others : oracle_rows[row].mode;
}

/* So many rules' states, each in every one, under the modes that base and limits have. */
static void combine(const struct question *base, struct limits *limits, const int *rows, int left,
                    bool replies)
{
	int depth = 0;

	if (left == 0) {
		struct limits own;

		/* of all the states the lists are changed by few: those pay for a copy */
		asked++;
		if (memcmp(base->settings.mechanisms, settings_of(LAYER_TABLE).mechanisms,
		           sizeof base->settings.mechanisms) == 0 &&
		    memcmp(base->settings.ports, settings_of(LAYER_TABLE).ports,
		           sizeof base->settings.ports) == 0) {
			ask(base, limits, replies);
			return;
		}
		own = *limits;
		set_lists(&own, &base->settings);
		ask(base, &own, replies);
		return;
	}
	while (depth < 2 && base->about[depth])
		depth++;
	for (int i = 0; i < tried.count[*rows]; i++) {
		struct question question = *base;
		int state = tried.of[*rows][i];

		question.about[depth] = states[state].change;
		change(state, &question.told, &question.settings);
		combine(&question, limits, rows + 1, left - 1, replies);
	}
}

static bool all_at(const int *rows, int count, int stage)
{
	for (int i = 0; i < count; i++)
		if (!oracle_rows[rows[i]].at[stage])
			return false;
	return true;
}

/* The rules of a stage taken so many at a time, each in each mode. */
static void in_each_mode(enum oracle_stage stage, enum layer layer, const int *rows, int count,
                         int others, bool replies)
{
	int ways = 1;

	for (int i = 0; i < count; i++)
		ways *= ORACLE_MODES;
	for (int way = 0; way < ways; way++) {
		struct question question;
		struct limits limits;

		begin(&question, stage, layer);
		set_modes(&question.settings, others);
		for (int i = 0, left = way; i < count; i++, left /= ORACLE_MODES)
			question.settings.mode[rows[i]] = (enum oracle_mode)(left % ORACLE_MODES);
		take_settings(&question.settings, &limits);
		combine(&question, &limits, rows, count, replies);
	}
}

static void each_rule_alone(void **state)
{
	(void)state;
	for (int stage = 0; stage < ORACLE_STAGES; stage++)
		for (int layer = 0; layer < LAYERS; layer++)
			for (int others = 0; others < OTHERS; others++)
				for (int row = 0; row < ORACLE_RULES; row++)
					if (all_at(&row, 1, stage))
						in_each_mode((enum oracle_stage)stage,
						             (enum layer)layer, &row, 1, others,
						             true);
}

static void pairs_of(enum oracle_stage stage, enum layer layer, int others)
{
	for (int a = 0; a < ORACLE_RULES; a++) {
		for (int b = a + 1; b < ORACLE_RULES; b++) {
			const int rows[] = {a, b};

			if (all_at(rows, 2, stage))
				in_each_mode(stage, layer, rows, 2, others, false);
		}
	}
}

static void all_rules_two_at_a_time(void **state)
{
	(void)state;
	for (int stage = 0; stage < ORACLE_STAGES; stage++)
		for (int layer = 0; layer < LAYERS; layer++)
			for (int others = 0; others < OTHERS; others++)
				pairs_of((enum oracle_stage)stage, (enum layer)layer, others);
}

/* Where all others are enforced: what any of them says is told before or after. */
static void all_rules_three_at_a_time(void **state)
{
	(void)state;
	for (int stage = 0; stage < ORACLE_STAGES; stage++) {
		for (int a = 0; a < ORACLE_RULES; a++) {
			for (int b = a + 1; b < ORACLE_RULES; b++) {
				for (int c = b + 1; c < ORACLE_RULES; c++) {
					const int rows[] = {a, b, c};

					if (all_at(rows, 3, stage))
						in_each_mode((enum oracle_stage)stage,
						             LAYER_PROFILE, rows, 3, ORACLE_ENFORCE,
						             false);
				}
			}
		}
	}
}

/* Each rule of the stage, in table order. */
static int rows_at(enum oracle_stage stage, int rows[ORACLE_RULES])
{
	int count = 0;

	for (int row = 0; row < ORACLE_RULES; row++)
		if (oracle_rows[row].at[stage])
			rows[count++] = row;
	return count;
}

/* A state of the rule that it refuses, and no other does if that can be. */
static void offend_against(struct question *question, int row)
{
	static const char *const offences[][2] = {
	    {"helo_name", "t->greeting = GREETED_NOT"},
	    {"auth_required", "t->who = WHO_NOBODY"},
	    {"auth_mechanism", "t->mechanism = \"CRAM-MD5\""},
	    {"tls_required", "t->tls = false"},
	    {"tls_port", "t->port = 25"},
	    {"account_active", "t->account = ACCOUNT_SUSPENDED"},
	    {"sender_syntax", "t->sender = PATH_BAD"},
	    {"sender_registered", "t->granted = false"},
	    {"recipient_syntax", "t->recipient = PATH_BAD"},
	    {"header_form", "t->header = FORM_HAS_FAULT"},
	    {"header_from", "t->senders = SENDERS_STRANGER"},
	    {"mime_form", "t->structure_fault = true"},
	};

	for (size_t i = 0; i < ROWS(offences); i++) {
		if (strcmp(offences[i][0], oracle_rows[row].name) != 0)
			continue;
		for (int s = 0; s < STATES; s++)
			if (tried.rule[s] == row && strcmp(states[s].change, offences[i][1]) == 0) {
				change(s, &question->told, &question->settings);
				return;
			}
		fail_msg("no such state: %s", offences[i][1]);
	}
	change(tried.of[row][4], &question->told, &question->settings); /* one over its number */
}

/* Every set of offences, where all rules are enforced. */
static void every_set_of_offences(void **state)
{
	int rows[ORACLE_RULES];

	(void)state;
	for (int stage = 0; stage < ORACLE_STAGES; stage++) {
		int count = rows_at((enum oracle_stage)stage, rows);
		struct question base;
		struct limits limits;

		begin(&base, (enum oracle_stage)stage, LAYER_PROFILE);
		set_modes(&base.settings, ORACLE_ENFORCE);
		take_settings(&base.settings, &limits);
		for (int set = 0; set < 1 << count; set++) {
			struct question question = base;

			for (int i = 0; i < count; i++)
				if (set & 1 << i)
					offend_against(&question, rows[i]);
			ask(&question, &limits, true);
			asked++;
		}
	}
}

/* Every way to set the modes of all rules of a stage, under a transaction that offends at all. */
static void every_setting_of_modes(void **state)
{
	int rows[ORACLE_RULES];

	(void)state;
	for (int stage = 0; stage < ORACLE_STAGES; stage++) {
		int count = rows_at((enum oracle_stage)stage, rows), ways = 1;
		struct question question;
		struct limits limits;

		begin(&question, (enum oracle_stage)stage, LAYER_PROFILE);
		for (int i = 0; i < count; i++) {
			ways *= ORACLE_MODES;
			offend_against(&question, rows[i]);
		}
		take_settings(&question.settings, &limits);
		for (int way = 0; way < ways; way++) {
			for (int i = 0, left = way; i < count; i++, left /= ORACLE_MODES) {
				question.settings.mode[rows[i]] =
				    (enum oracle_mode)(left % ORACLE_MODES);
				set_mode(&limits, rows[i], question.settings.mode[rows[i]]);
			}
			ask(&question, &limits, false);
			asked++;
		}
	}
}

/* ---- grants --------------------------------------------------------------- */

/* The addresses that a pattern covers, told by hand: with tags, where they are allowed. */
struct grant_case {
	const char *pattern, *sender;
	bool plain,
	    tagged; /* whether it is covered, where tags are not allowed and where they are */
};
static const struct grant_case grants[] = {
    {"a@example.com", "<a@example.com>", true, true},
    {"a@example.com", "<A@EXAMPLE.com>", true, true},
    {"a@example.com", "<\"a\"@example.com>", true, true},
    {"a@example.com", "<a+t@example.com>", false, true},
    {"a@example.com", "<a+t+u@example.com>", false, true},
    {"a@example.com", "<a+@example.com>", false, true},
    {"a@example.com", "<\"a+t\"@example.com>", false, true},
    {"a+t@example.com", "<a+t@example.com>", true, true},
    {"a+t@example.com", "<a@example.com>", false, false},
    {"a+t@example.com", "<a+u@example.com>", false, false},
    {"a+t@example.com", "<a+t+u@example.com>", false, false},
    {"a@example.com", "<+t@example.com>", false, false},
    {"a@example.com", "<b+a@example.com>", false, false},
    {"a@example.com", "<aa@example.com>", false, false},
    {"a@example.com", "<a@sub.example.com>", false, false},
    {"a@example.com", "<a+t@sub.example.com>", false, false},
    {"a@example.com", "<a@example.org>", false, false},
    {"@example.com", "<a@example.com>", true, true},
    {"@example.com", "<a+t@example.com>", true, true},
    {"@example.com", "<a@sub.example.com>", false, false},
    {"@example.com", "<a@anexample.com>", false, false},
    {"@.example.com", "<a@sub.example.com>", true, true},
    {"@.example.com", "<a@very.sub.example.com>", true, true},
    {"@.example.com", "<a+t@sub.example.com>", true, true},
    {"@.example.com", "<a@example.com>", false, false},
    {"@.example.com", "<a@anexample.com>", false, false},
    {"@.", "<a@example.com>", true, true},
    {"@.", "<a+t@sub.example.com>", true, true},
};

/* As the registry does: the first of the sender's patterns that there is a grant on. */
static bool is_granted(const char *pattern, const char *sender, const struct limits *limits)
{
	char canonical[MAILBOX_KEY_MAX + 1];
	struct patterns patterns;
	struct mailbox mailbox;
	size_t match = 0;

	assert_int_equal(pattern_parse(pattern, canonical), FORM_OK);
	assert_int_equal(reverse_path_parse(sender, false, &mailbox), FORM_OK);
	mailbox_patterns(&mailbox, &patterns);
	while (match < patterns.count && strcmp(patterns.at[match], canonical) != 0)
		match++;
	return patterns_cover(&patterns, match, limits);
}

/* Each grant and sender, tags allowed or not, in each mode of the rule that asks. */
static void grants_tagged_and_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(grants) * 2 * ORACLE_MODES; i++) {
		const struct grant_case *grant = &grants[i % ROWS(grants)];
		bool tags = i / ROWS(grants) % 2;
		struct question question;
		struct limits limits;
		bool got;

		begin(&question, ORACLE_MAIL, LAYER_TABLE);
		question.settings.mode[row_of("sender_registered")] =
		    (enum oracle_mode)(i / ROWS(grants) / 2);
		question.about[0] = grant->pattern;
		question.about[1] = grant->sender;
		question.told.granted = tags ? grant->tagged : grant->plain;
		take_settings(&question.settings, &limits);
		limits.allow_tagged_sender = tags;
		got = is_granted(grant->pattern, grant->sender, &limits);
		agree(got == question.told.granted, &question);
		ask(&question, &limits, true);
		asked++;
	}
}

/* ---- the tests ----------------------------------------------------------- */

static int count_from_nothing(void **state)
{
	(void)state;
	asked = 0;
	return 0;
}

/* Behind the name of the test, which cmocka reads only when the test has run. */
static int tell_how_many(void **state)
{
	char *name = *state;

	assert_true(asked > 0);
	snprintf(name + strlen(name), TITLE_MAX - strlen(name), ": %" PRIu64 " questions", asked);
	return 0;
}

int main(void)
{
	static struct {
		char name[TITLE_MAX];
		CMUnitTestFunction function;
	} rows[] = {
	    {"each_rule_alone_in_each_mode", each_rule_alone},
	    {"all_rules_two_at_a_time", all_rules_two_at_a_time},
	    {"all_rules_three_at_a_time", all_rules_three_at_a_time},
	    {"every_set_of_offences", every_set_of_offences},
	    {"every_setting_of_modes", every_setting_of_modes},
	    {"grants_tagged_and_not", grants_tagged_and_not},
	};
	struct CMUnitTest tests[ROWS(rows)];

	for (size_t i = 0; i < ROWS(rows); i++)
		tests[i] = (struct CMUnitTest){rows[i].name, rows[i].function, count_from_nothing,
		                               tell_how_many, rows[i].name};
	return cmocka_run_group_tests_name("judge", tests, learn_states, NULL);
}
