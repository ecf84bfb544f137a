/*
 * The judge beside the oracle: both are asked about the same transactions under the same settings,
 * enumerated, and must say the same. What is enumerated is counted in the names of the tests.
 */
#include "policy/rules.h"
#include "tests/unit/oracle.h"
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

static int row_of(const char *name)
{
	for (int row = 0; row < ORACLE_RULES; row++)
		if (strcmp(oracle_rows[row].name, name) == 0)
			return row;
	fail_msg("no rule %s", name);
	return -1;
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

static struct oracle_transaction honest_transaction(void)
{
	return (struct oracle_transaction){
	    .who = WHO_LOGGED_IN,
	    .mechanism = "PLAIN",
	    .tls = true,
	    .port = 587,
	    .connections = {.n = 1},
	    .granted = true,
	    .recipients = 1,
	    .octets = {.n = 2000},
	    .attachment = 1000,
	};
}

/* Who sets the bounds: nobody, the profile, or the account over its profile. */
enum layer {
	LAYER_TABLE,
	LAYER_PROFILE,
	LAYER_ACCOUNT,
	LAYERS
};

static struct oracle_settings settings_of(enum layer layer)
{
	struct oracle_settings settings = {
	    .mechanisms = {"PLAIN", "LOGIN"},
	    .ports = {587, 465},
	};

	for (int row = 0; row < ORACLE_RULES; row++)
		settings.mode[row] = oracle_rows[row].mode;
	for (int bound = 0; bound < ORACLE_BOUNDS; bound++) {
		if (layer >= LAYER_PROFILE)
			settings.profile[bound] = 5000 + (uint64_t)bound;
		if (layer == LAYER_ACCOUNT) /* now less than the profile's, now more */
			settings.account[bound] = bound % 2 ? 3000 : 7000;
	}
	return settings;
}

/* ---- in policy's terms --------------------------------------------------- */

static enum rule_id id_of(int row)
{
	for (int id = 0; id < RULE_COUNT; id++)
		if (strcmp(rules[id].name, oracle_rows[row].name) == 0)
			return (enum rule_id)id;
	fail_msg("policy has no rule %s", oracle_rows[row].name);
	return RULE_COUNT;
}

static void set_mode(struct limits *limits, int row, enum oracle_mode mode)
{
	static const char *const names[] = {"enforce", "shadow", "off"};

	assert_true(limits_set_mode(limits, id_of(row), names[mode]));
}

static void set_lists(struct limits *limits, const struct oracle_settings *settings)
{
	static enum rule_id auth_mechanism = RULE_COUNT, tls_port = RULE_COUNT;
	char digits[ORACLE_LISTED][12];
	const char *ports[ORACLE_LISTED];
	size_t mechanisms = 0, count = 0;

	if (tls_port == RULE_COUNT) {
		auth_mechanism = id_of(row_of("auth_mechanism"));
		tls_port = id_of(row_of("tls_port"));
	}
	while (mechanisms < ORACLE_LISTED && settings->mechanisms[mechanisms])
		mechanisms++;
	for (; count < ORACLE_LISTED && settings->ports[count]; count++) {
		snprintf(digits[count], sizeof digits[count], "%u", settings->ports[count]);
		ports[count] = digits[count];
	}
	assert_true(limits_set_allow(limits, auth_mechanism, settings->mechanisms, mechanisms));
	assert_true(limits_set_allow(limits, tls_port, ports, count));
}

/* What the configuration and the registry would make of them. */
static void take_settings(const struct oracle_settings *settings, struct limits *limits)
{
	char text[24];

	limits_init(limits);
	for (int row = 0; row < ORACLE_RULES; row++)
		set_mode(limits, row, settings->mode[row]);
	for (int bound = 0; bound < ORACLE_BOUNDS; bound++) {
		if (settings->profile[bound]) {
			snprintf(text, sizeof text, "%" PRIu64, settings->profile[bound]);
			assert_true(
			    limits_set_bound(limits, bound_by_name(oracle_bounds[bound]), text));
		}
		if (settings->account[bound]) {
			snprintf(text, sizeof text, "%" PRIu64, settings->account[bound]);
			assert_true(limits_override(limits, oracle_bounds[bound], text));
		}
	}
}

static enum quota_id quota_of(int bound)
{
	for (int id = 0; id < QUOTA_COUNT; id++)
		if (strcmp(quotas[id].name, oracle_bounds[bound]) == 0)
			return (enum quota_id)id;
	fail_msg("policy has no quota %s", oracle_bounds[bound]);
	return QUOTA_COUNT;
}

static enum form form_of(enum oracle_path path)
{
	static const enum form forms[] = {
	    [PATH_GOOD] = FORM_OK,
	    [PATH_NULL] = FORM_NULL,
	    [PATH_BAD] = FORM_BAD,
	    [PATH_UNKNOWN] = FORM_UNKNOWN,
	};

	return forms[path];
}

static void take_client(const struct oracle_transaction *t, struct facts *facts)
{
	static struct ip loopback, outside;
	static const enum form greetings[] = {
	    [GREETED_WELL] = FORM_OK, [GREETED_BADLY] = FORM_BAD, [GREETED_NOT] = FORM_NONE};

	ip_parse("127.0.0.1", &loopback);
	ip_parse("192.0.2.7", &outside);
	facts->client = t->in_tls_exempt_network ? &loopback : &outside;
	facts->helo = greetings[t->greeting];
	facts->login = t->who == WHO_LOGGED_IN ? "alice" : "";
	facts->by_network = t->who == WHO_BY_NETWORK;
	facts->known |= t->who == WHO_UNKNOWN ? 0 : FACT_NETWORK;
	facts->mechanism = t->who == WHO_LOGGED_IN && t->mechanism ? t->mechanism : "";
	facts->tls = t->tls;
	facts->port = t->port;
	facts->known |= t->port ? FACT_PORT : 0;
}

static void take_account(const struct oracle_transaction *t, struct facts *facts)
{
	static enum quota_id ids[ORACLE_BOUNDS];
	static bool found;

	for (int bound = ORACLE_QUOTAS; !found && bound < ORACLE_BOUNDS; bound++)
		ids[bound] = quota_of(bound);
	found = true;
	facts->known |= t->account == ACCOUNT_UNKNOWN ? 0 : FACT_ACCOUNT;
	facts->stand_in = t->account == ACCOUNT_UNKNOWN;
	facts->registered = t->account == ACCOUNT_GOOD || t->account == ACCOUNT_SUSPENDED;
	facts->suspended = t->account == ACCOUNT_SUSPENDED;
	facts->connections = t->connections.n;
	facts->known |= t->connections.unknown ? 0 : FACT_CONNECTIONS;
	facts->known |= t->usage_unknown ? 0 : FACT_USAGE;
	for (int bound = ORACLE_QUOTAS; bound < ORACLE_BOUNDS; bound++) {
		facts->used[ids[bound]] = t->used[bound];
		facts->retry[ids[bound]] = t->retry[bound];
	}
}

/* Of the message the last fault of each rule: any will do. */
static void take_message(const struct oracle_transaction *t, struct facts *facts,
                         struct message *message)
{
	message->octets = t->octets.n;
	message->senders_unknown = t->header == FORM_NOT_PARSED;
	message->senders_unread = t->senders == SENDERS_UNREADABLE;
	message->largest.octets = t->attachment;
	message->faults[FAULT_too_many_addresses].found = t->header == FORM_HAS_FAULT;
	message->faults[FAULT_eight_bit].found = t->structure_fault;
	facts->message = message;
	facts->stranger = t->senders == SENDERS_STRANGER ? "eve@example.com" : "";
	facts->known |= t->octets.unknown ? 0 : FACT_MESSAGE_SIZE;
	facts->known |= t->header == FORM_NOT_READ ? 0 : FACT_HEADER;
	facts->known |= t->senders == SENDERS_NOT_LOOKED_UP ? 0 : FACT_SENDERS;
	facts->known |= t->structure_unknown ? 0 : FACT_STRUCTURE;
}

static void take_facts(enum oracle_stage stage, const struct oracle_transaction *t,
                       struct facts *facts)
{
	static struct message message;

	memset(facts, 0, sizeof *facts);
	take_client(t, facts);
	take_account(t, facts);
	facts->sender = form_of(t->sender);
	facts->granted = t->granted;
	facts->recipient = form_of(t->recipient);
	facts->recipients = t->recipients;
	if (stage == ORACLE_END) {
		take_message(t, facts, &message);
	} else {
		facts->declared_size = t->declared.n;
		facts->known |= t->declared.unknown ? 0 : FACT_DECLARED_SIZE;
	}
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

/* ---- what stands beside the rules ---------------------------------------- */

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
	asked = ORACLE_RULES;
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
		asked++;
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
	asked++;
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
	struct question question;
	struct limits limits;
	struct verdict verdict;
	struct facts facts;

	(void)state;
	begin(&question, ORACLE_END, LAYER_TABLE);
	take_settings(&question.settings, &limits);
	question.told.senders = SENDERS_UNREADABLE;
	take_facts(ORACLE_END, &question.told, &facts);
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_string_equal(verdict.finding.about, "a field that cannot be read");
	facts.stranger = stranger;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_ptr_equal(verdict.finding.about, stranger);

	question.told.senders = SENDERS_GRANTED;
	question.told.attachment = 4194305;
	take_facts(ORACLE_END, &question.told, &facts);
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_ptr_equal(verdict.finding.part, facts.message->largest.part);
	assert_ptr_equal(verdict.finding.about, facts.message->largest.name);
	asked = 3;
}

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
	    {"the_table_is_the_one_promised", the_table_is_the_one_promised},
	    {"what_is_read_of_two_rules", what_is_read_of_two_rules},
	    {"faults_two_at_a_time", faults_two_at_a_time},
	    {"what_a_finding_is_about", what_a_finding_is_about},
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
