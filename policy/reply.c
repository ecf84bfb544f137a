#include "policy/rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Appends, and never past the end: a text that did not fit is cut, which the unit tests rule out.
 */
static void append(struct reply *reply, const char *text)
{
	size_t len = strlen(reply->text);

	snprintf(reply->text + len, sizeof reply->text - len, "%s", text);
}

static void append_number(struct reply *reply, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, number);
	append(reply, digits);
}

static void append_allow(struct reply *reply, enum allow_kind kind, const struct allow *allow)
{
	for (size_t i = 0; i < allow->count; i++) {
		if (i > 0)
			append(reply, " or ");
		if (kind == ALLOW_MECHANISM)
			append(reply, allow->entry[i].mechanism);
		else if (kind == ALLOW_PORT)
			append_number(reply, allow->entry[i].port);
	}
}

void reply_format(const struct finding *finding, const struct limits *limits, struct reply *out)
{
	enum rule_id id = finding->outcome == OUTCOME_UNKNOWN ? RULE_unavailable : finding->rule;
	const struct rule *rule = &rules[id];

	assert(finding->outcome != OUTCOME_OK);
	out->code = rule->code;
	out->enhanced = rule->enhanced;
	out->rule = rule->name;
	out->text[0] = '\0';

	for (const char *s = rule->text; *s;) {
		char plain[2] = {*s, '\0'};

		if (strncmp(s, "{value}", 7) == 0) {
			append_number(out, finding->value);
			s += 7;
		} else if (strncmp(s, "{limit}", 7) == 0) {
			append_number(out, finding->limit);
			s += 7;
		} else if (strncmp(s, "{allow}", 7) == 0) {
			append_allow(out, rule->allow.kind, &limits->allow[id]);
			s += 7;
		} else {
			append(out, plain);
			s++;
		}
	}
	append(out, " [");
	append(out, rule->name);
	append(out, "]");
}
