#include "milter/audit.h"

#include "db/daemon/line.h"
#include "db/daemon/log.h"

#include <stdio.h>

static const char *queue_id(const struct audit *who)
{
	return who->queue_id[0] ? who->queue_id : "NOQUEUE";
}

static void append_who(struct line *line, const struct audit *who)
{
	line_word(line, "account", who->account);
	if (who->by_network)
		line_word(line, "by", "network");
	line_word(line, "sender", who->sender);
	if (who->recipient[0])
		line_word(line, "recipient", who->recipient);
	line_word(line, "client", who->client);
	if (who->port)
		line_number(line, "port", who->port);
}

/* What was found: numbers, and what they or the fault are about. */
static void append_found(struct line *line, const struct finding *finding)
{
	if (finding->quota || rules[finding->rule].bound.kind != BOUND_NONE) {
		line_number(line, "value", finding->value);
		line_number(line, "limit", finding->limit);
	}
	if (finding->quota) {
		line_word(line, "quota", finding->quota->name);
		line_number(line, "retry", finding->retry);
	}
	if (finding->fault)
		line_word(line, "fault", finding->fault->name);
	if (finding->part && finding->part[0])
		line_word(line, "part", finding->part);
	if (finding->about && finding->about[0])
		line_word(line, "about", finding->about);
}

static void write_down(int priority, const struct audit *who, const struct line *line)
{
	char text[LOG_LINE_MAX];

	line_write(line, who->format, text);
	log_line(priority, "%s", text);
}

const char *audit_stage(enum stage stage)
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

	line_begin(&line, queue_id(who), shadow ? "shadow" : unknown ? "tempfail" : "reject");
	line_word(&line, "rule", reply->rule);
	if (unknown && finding->rule != RULE_unavailable)
		line_word(&line, "for", rules[finding->rule].name);
	line_word(&line, "stage", audit_stage(stage));
	append_who(&line, who);
	if (!unknown)
		append_found(&line, finding);
	line_text(&line, "reply", answer);
	if (unknown)
		line_text(&line, "cause", cause);
	write_down(priority, who, &line);
}

void audit_pass(const struct audit *who, bool exempt, uint64_t recipients, uint64_t size)
{
	struct line line;

	if (who->no_passes && !exempt)
		return;
	line_begin(&line, queue_id(who), exempt ? "exempt" : "pass");
	append_who(&line, who);
	line_number(&line, "recipients", recipients);
	if (size > 0)
		line_number(&line, "size", size);
	write_down(LOG_INFO, who, &line);
}
