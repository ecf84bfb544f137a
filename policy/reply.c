#include "policy/rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FOREIGN_MAX 128 /* octets told of what a client sent */

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

/* How long, in whole units, and never less than it is. */
static void append_retry(struct reply *reply, uint64_t seconds)
{
	static const struct {
		uint64_t from, seconds; /* from so many on, in such units */
		const char *name;
	} units[] = {{7200, 3600, "hour"}, {120, 60, "minute"}, {0, 1, "second"}};
	size_t i = 0;
	uint64_t number;

	while (seconds < units[i].from)
		i++;
	number = (seconds + units[i].seconds - 1) / units[i].seconds;
	append_number(reply, number);
	append(reply, " ");
	append(reply, units[i].name);
	if (number != 1)
		append(reply, "s");
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

/* What a client sent, fit to be told. */
static void append_foreign(struct reply *reply, const char *text)
{
	char plain[FOREIGN_MAX + sizeof "..."];
	size_t n = 0;

	for (; *text && n < FOREIGN_MAX; text++)
		plain[n++] = *text >= ' ' && *text <= '~' ? *text : '?';
	strcpy(plain + n, *text ? "..." : "");
	append(reply, plain);
}

/* " (part 2, report.pdf)", or as much of it as there is. */
static void append_about(struct reply *reply, const struct finding *finding)
{
	bool part = finding->part && finding->part[0];
	bool about = finding->about && finding->about[0];

	if (!part && !about)
		return;
	append(reply, " (");
	if (part) {
		append(reply, "part ");
		append_foreign(reply, finding->part);
	}
	if (part && about)
		append(reply, ", ");
	if (about)
		append_foreign(reply, finding->about);
	append(reply, ")");
}

void reply_format(const struct finding *finding, const struct limits *limits, struct reply *out)
{
	enum rule_id id = finding->outcome == OUTCOME_UNKNOWN ? RULE_unavailable : finding->rule;
	const struct rule *rule = &rules[id];
	const char *s = rule->text;

	assert(finding->outcome != OUTCOME_OK);
	out->code = rule->code;
	out->enhanced = rule->enhanced;
	out->rule = rule->name;
	out->text[0] = '\0';

	while (*s) {
		char plain[2] = {*s, '\0'};
		size_t skip = 7; /* all but the plain ones */

		if (strncmp(s, "{value}", 7) == 0)
			append_number(out, finding->value);
		else if (strncmp(s, "{limit}", 7) == 0)
			append_number(out, finding->limit);
		else if (strncmp(s, "{quota}", 7) == 0)
			append(out, finding->quota ? finding->quota->what : "");
		else if (strncmp(s, "{retry}", 7) == 0)
			append_retry(out, finding->retry);
		else if (strncmp(s, "{allow}", 7) == 0)
			append_allow(out, rule->allow.kind, &limits->allow[id]);
		else if (strncmp(s, "{fault}", 7) == 0)
			append(out, finding->fault ? finding->fault->what : "");
		else if (strncmp(s, "{about}", 7) == 0)
			append_about(out, finding);
		else {
			append(out, plain);
			skip = 1;
		}
		s += skip;
	}
	append(out, " [");
	append(out, rule->name);
	append(out, "]");
}
