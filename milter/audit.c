#include "milter/audit.h"

#include "milter/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct line {
	size_t len;
	char text[LOG_LINE_MAX];
};

/* What does not fit is dropped: the bounds of the fields see to it that all of them do. */
static void append(struct line *line, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof line->text - line->len)
		return;
	memcpy(line->text + line->len, text, n + 1);
	line->len += n;
}

static bool is_plain(const char *value)
{
	for (; *value; value++)
		if (*value <= ' ' || *value > '~' || *value == '"' || *value == '\\')
			return false;
	return true;
}

/* Appends the value so that it is printable, in quotes if need be; spaces are for our own texts. */
static void append_value(struct line *line, const char *value, bool spaces)
{
	char out[AUDIT_FIELD_MAX + sizeof "\\xHH...\""];
	bool quote = *value == '\0' || !is_plain(value);
	size_t n = 0;

	if (quote)
		out[n++] = '"';
	for (; *value && n < AUDIT_FIELD_MAX; value++) {
		unsigned char c = (unsigned char)*value;

		if (c < ' ' || c > '~' || (c == ' ' && !spaces))
			n += (size_t)sprintf(out + n, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			n += (size_t)sprintf(out + n, "\\%c", c);
		else
			out[n++] = (char)c;
	}
	if (*value)
		n += (size_t)sprintf(out + n, "...");
	if (quote)
		out[n++] = '"';
	out[n] = '\0';
	append(line, out);
}

static void field(struct line *line, const char *key, const char *value)
{
	append(line, " ");
	append(line, key);
	append(line, "=");
	append_value(line, value, false);
}

static void text_field(struct line *line, const char *key, const char *value)
{
	append(line, " ");
	append(line, key);
	append(line, "=");
	append_value(line, value, true);
}

static void field_number(struct line *line, const char *key, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, value);
	field(line, key, digits);
}

static void begin(struct line *line, const struct audit *who, const char *word)
{
	line->len = 0;
	append_value(line, who->queue_id[0] ? who->queue_id : "NOQUEUE", false);
	append(line, ": ");
	append(line, word);
}

static void append_who(struct line *line, const struct audit *who)
{
	field(line, "account", who->account);
	if (who->by_network)
		field(line, "by", "network");
	field(line, "sender", who->sender);
	if (who->recipient[0])
		field(line, "recipient", who->recipient);
	field(line, "client", who->client);
	if (who->port)
		field_number(line, "port", who->port);
}

/* What was found: numbers, and what they or the fault are about. */
static void append_found(struct line *line, const struct finding *finding)
{
	if (rules[finding->rule].bound.kind != BOUND_NONE) {
		field_number(line, "value", finding->value);
		field_number(line, "limit", finding->limit);
	}
	if (finding->fault)
		field(line, "fault", finding->fault->name);
	if (finding->part && finding->part[0])
		field(line, "part", finding->part);
	if (finding->about && finding->about[0])
		field(line, "about", finding->about);
}

static const char *stage_name(enum stage stage)
{
	switch (stage) {
	case AT_MAIL:
		return "mail";
	case AT_RCPT:
		return "rcpt";
	case AT_EOM:
		break;
	}
	return "eom";
}

void audit_finding(const struct audit *who, enum stage stage, const struct finding *finding,
                   const struct reply *reply, bool shadow, const char *cause)
{
	bool unknown = finding->outcome == OUTCOME_UNKNOWN;
	struct line line;
	char answer[sizeof reply->text + 32];
	int priority = LOG_NOTICE;

	if (unknown && !shadow)
		priority = LOG_ERR;
	snprintf(answer, sizeof answer, "%u %s %s", reply->code, reply->enhanced, reply->text);

	begin(&line, who, shadow ? "shadow" : unknown ? "tempfail" : "reject");
	field(&line, "rule", reply->rule);
	if (unknown && finding->rule != RULE_unavailable)
		field(&line, "for", rules[finding->rule].name);
	field(&line, "stage", stage_name(stage));
	append_who(&line, who);
	if (!unknown)
		append_found(&line, finding);
	text_field(&line, "reply", answer);
	if (unknown)
		text_field(&line, "cause", cause);
	log_line(priority, "%s", line.text);
}

void audit_pass(const struct audit *who, bool exempt, uint64_t recipients, uint64_t size)
{
	struct line line;

	begin(&line, who, exempt ? "exempt" : "pass");
	append_who(&line, who);
	field_number(&line, "recipients", recipients);
	if (size > 0)
		field_number(&line, "size", size);
	log_line(LOG_INFO, "%s", line.text);
}
