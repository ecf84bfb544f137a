#include "tests/unit/oracle_case.h"

#include "tests/unit/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int row_of(const char *name)
{
	for (int row = 0; row < ORACLE_RULES; row++)
		if (strcmp(oracle_rows[row].name, name) == 0)
			return row;
	fail_msg("no rule %s", name);
	return -1;
}

struct oracle_transaction honest_transaction(void)
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

struct oracle_settings settings_of(enum layer layer)
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

void set_mode(struct limits *limits, int row, enum oracle_mode mode)
{
	static const char *const names[] = {"enforce", "shadow", "off"};

	assert_true(limits_set_mode(limits, id_of(row), names[mode]));
}

void set_lists(struct limits *limits, const struct oracle_settings *settings)
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
void take_settings(const struct oracle_settings *settings, struct limits *limits)
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

void take_facts(enum oracle_stage stage, const struct oracle_transaction *t, struct facts *facts)
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
