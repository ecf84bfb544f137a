#include "policy/rules.h"

#include <string.h>
#include <strings.h>

const char *const mode_names[] = {
    [MODE_ENFORCE] = "enforce",
    [MODE_SHADOW] = "shadow",
    [MODE_OFF] = "off",
};

/* What each rule's function is given and gives: see struct rule. */
#define RULE_FUNCTION(name)                                                                        \
	static enum outcome rule_##name(const struct facts *f, const struct limits *l,             \
	                                struct finding *out)

static enum outcome over_if(bool refused)
{
	return refused ? OUTCOME_OVER : OUTCOME_OK;
}

static enum outcome measure(struct finding *out, uint64_t value, uint64_t limit)
{
	out->value = value;
	out->limit = limit;
	return over_if(value > limit);
}

static enum outcome path_outcome(enum form form)
{
	if (form == FORM_UNKNOWN)
		return OUTCOME_UNKNOWN;
	return over_if(form != FORM_OK && form != FORM_NULL);
}

RULE_FUNCTION(helo_name)
{
	(void)l, (void)out;
	return over_if(f->helo != FORM_OK);
}

RULE_FUNCTION(auth_required)
{
	(void)l, (void)out;
	if (f->login[0] != '\0' || f->by_network)
		return OUTCOME_OK;
	return f->known & FACT_NETWORK ? OUTCOME_OVER : OUTCOME_UNKNOWN;
}

RULE_FUNCTION(auth_mechanism)
{
	const struct allow *allow = &l->allow[RULE_auth_mechanism];

	(void)out;
	if (f->login[0] == '\0' || f->by_network)
		return OUTCOME_OK; /* nobody logged in: for auth_required to say */
	if (f->mechanism[0] == '\0')
		return OUTCOME_UNKNOWN;
	for (size_t i = 0; i < allow->count; i++)
		if (strcasecmp(f->mechanism, allow->entry[i].mechanism) == 0)
			return OUTCOME_OK;
	return OUTCOME_OVER;
}

RULE_FUNCTION(tls_required)
{
	const struct allow *allow = &l->allow[RULE_tls_required];

	(void)out;
	if (f->tls)
		return OUTCOME_OK;
	for (size_t i = 0; i < allow->count; i++)
		if (networks_hold(&allow->entry[i].network, 1, f->client))
			return OUTCOME_OK;
	return OUTCOME_OVER;
}

RULE_FUNCTION(tls_port)
{
	const struct allow *allow = &l->allow[RULE_tls_port];

	(void)out;
	if (!f->tls)
		return OUTCOME_OK;
	if (!(f->known & FACT_PORT))
		return OUTCOME_UNKNOWN;
	for (size_t i = 0; i < allow->count; i++)
		if (f->port == allow->entry[i].port)
			return OUTCOME_OK;
	return OUTCOME_OVER;
}

RULE_FUNCTION(account_active)
{
	(void)l, (void)out;
	return over_if(f->suspended);
}

RULE_FUNCTION(max_connections)
{
	return measure(out, f->connections, l->bound[RULE_max_connections]);
}

RULE_FUNCTION(sender_syntax)
{
	(void)l, (void)out;
	return path_outcome(f->sender);
}

RULE_FUNCTION(sender_registered)
{
	(void)out;
	if (f->sender == FORM_UNKNOWN)
		return OUTCOME_UNKNOWN;
	if (f->sender == FORM_NULL)
		return over_if(!f->registered || !l->allow_null_sender);
	return over_if(!f->granted);
}

/* What came counts once it is there: the caller leaves the declared size out at end of message. */
RULE_FUNCTION(max_message_size)
{
	uint64_t limit = l->bound[RULE_max_message_size];

	if (f->known & FACT_MESSAGE_SIZE)
		return measure(out, f->message->octets, limit);
	if (f->known & FACT_DECLARED_SIZE)
		return measure(out, f->declared_size, limit);
	return OUTCOME_UNKNOWN;
}

/*
 * Of the rule's quotas that are used up, the one that takes longest to come back: a client that
 * tries again then is not refused by another.
 */
static enum outcome rate(const struct facts *f, const struct limits *l, enum rule_id rule,
                         struct finding *out)
{
	enum outcome outcome = OUTCOME_OK;

	for (int id = 0; id < QUOTA_COUNT; id++) {
		uint64_t limit = l->bound[BOUND_OF_QUOTA(id)];

		if (quotas[id].rule != rule || limit == BOUND_UNLIMITED)
			continue;
		if (!(f->known & FACT_USAGE))
			return OUTCOME_UNKNOWN;
		if (f->used[id] <= limit || (out->quota && f->retry[id] <= out->retry))
			continue;
		outcome = measure(out, f->used[id], limit);
		out->quota = &quotas[id];
		out->retry = f->retry[id];
	}
	return outcome;
}

RULE_FUNCTION(message_rate)
{
	return rate(f, l, RULE_message_rate, out);
}

RULE_FUNCTION(recipient_rate)
{
	return rate(f, l, RULE_recipient_rate, out);
}

RULE_FUNCTION(volume_rate)
{
	return rate(f, l, RULE_volume_rate, out);
}

RULE_FUNCTION(recipient_syntax)
{
	(void)l, (void)out;
	return path_outcome(f->recipient);
}

RULE_FUNCTION(max_recipients)
{
	return measure(out, f->recipients, l->bound[RULE_max_recipients]);
}

/* The first fault of those that the rule refuses. */
static enum outcome first_fault(const struct message *message, enum rule_id rule,
                                struct finding *out)
{
	for (int id = 0; id < FAULT_COUNT; id++) {
		if (!message->faults[id].found || faults[id].rule != rule)
			continue;
		out->fault = &faults[id];
		out->part = message->faults[id].part;
		out->about = message->faults[id].field;
		return OUTCOME_OVER;
	}
	return OUTCOME_OK;
}

RULE_FUNCTION(header_form)
{
	(void)l;
	if (f->message->senders_unknown)
		return OUTCOME_UNKNOWN;
	return first_fault(f->message, RULE_header_form, out);
}

/* An address that cannot be read cannot be granted either, whatever mode header_form is in. */
RULE_FUNCTION(header_from)
{
	const struct message *message = f->message;

	(void)l;
	if (f->stranger[0]) {
		out->about = f->stranger;
		return OUTCOME_OVER;
	}
	if (message->senders_unknown)
		return OUTCOME_UNKNOWN;
	if (message->senders_unread)
		out->about = "a field that cannot be read";
	return over_if(message->senders_unread);
}

RULE_FUNCTION(mime_form)
{
	(void)l;
	return first_fault(f->message, RULE_mime_form, out);
}

RULE_FUNCTION(max_attachment_size)
{
	out->part = f->message->largest.part;
	out->about = f->message->largest.name;
	return measure(out, f->message->largest.octets, l->bound[RULE_max_attachment_size]);
}

#define NO_BOUND                                                                                   \
	{                                                                                          \
		BOUND_NONE, 0, 0, 0                                                                \
	}
#define COUNT(preset, least, most)                                                                 \
	{                                                                                          \
		BOUND_COUNT, preset, least, most                                                   \
	}
#define OCTETS(preset, least, most)                                                                \
	{                                                                                          \
		BOUND_OCTETS, preset, least, most                                                  \
	}
#define UNLIMITED BOUND_UNLIMITED
#define NO_LIST                                                                                    \
	{                                                                                          \
		ALLOW_NONE, NULL                                                                   \
	}
#define MECHANISMS(preset)                                                                         \
	{                                                                                          \
		ALLOW_MECHANISM, preset                                                            \
	}
#define PORTS(preset)                                                                              \
	{                                                                                          \
		ALLOW_PORT, preset                                                                 \
	}
#define NETWORKS(preset)                                                                           \
	{                                                                                          \
		ALLOW_NETWORK, preset                                                              \
	}

const struct rule rules[RULE_COUNT] = {
#define RULE(name, ...) [RULE_##name] = {#name, __VA_ARGS__, rule_##name},
#include "policy/rules.def"
#undef RULE
    /* What a missing fact is answered with; never judged itself. */
    [RULE_unavailable] =
	{"unavailable", 0, 0, 0, MODE_ENFORCE, NO_BOUND, NO_LIST, 451, "4.3.0",
         "The policy service could not tell whether this may be sent: try again later", NULL},
};

const struct quota quotas[QUOTA_COUNT] = {
#define QUOTA(name, rule, measure, ...)                                                            \
	[QUOTA_##name] = {#name, RULE_##rule, MEASURE_##measure, __VA_ARGS__},
#include "policy/quotas.def"
#undef QUOTA
};

const struct fault_row faults[FAULT_COUNT] = {
#define FAULT(name, rule, what) [FAULT_##name] = {#name, RULE_##rule, what},
#include "policy/faults.def"
#undef FAULT
};

unsigned limits_read(const struct limits *limits)
{
	unsigned reads = 0;

	for (int id = 0; id < RULE_unavailable; id++)
		if (limits->mode[id] != MODE_OFF)
			reads |= rules[id].reads;
	return reads;
}

bool patterns_cover(const struct patterns *patterns, size_t match, const struct limits *limits)
{
	return match < patterns->tagged || (match < patterns->count && limits->allow_tagged_sender);
}

void judge(enum stage stage, const struct facts *facts, const struct limits *limits,
           struct verdict *out)
{
	out->finding = (struct finding){.outcome = OUTCOME_OK};
	out->shadow_count = 0;

	for (int id = 0; id < RULE_unavailable; id++) {
		const struct rule *rule = &rules[id];
		struct finding finding = {.rule = (enum rule_id)id};

		if (!(rule->stages & stage) || limits->mode[id] == MODE_OFF)
			continue;
		finding.outcome = (rule->needs & ~facts->known)
		                      ? OUTCOME_UNKNOWN
		                      : rule->judge(facts, limits, &finding);
		if (finding.outcome == OUTCOME_OK)
			continue;
		if (limits->mode[id] == MODE_SHADOW) {
			out->shadow[out->shadow_count++] = finding;
			continue;
		}
		out->finding = finding;
		return;
	}
	if (facts->stand_in)
		out->finding =
		    (struct finding){.rule = RULE_unavailable, .outcome = OUTCOME_UNKNOWN};
}
