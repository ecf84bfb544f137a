#include "config.h"

#include "db/authd/audit.h"

#include "db/authd/clock.h"
#include "db/daemon/line.h"

#include <stdbool.h>

#define UNAVAILABLE_MS 1000

static bool is_due(void)
{
	static int64_t last = -UNAVAILABLE_MS;
	int64_t now = clock_ms();

	if (now - last < UNAVAILABLE_MS)
		return false;
	last = now;
	return true;
}

void audit_attempt(const struct attempt *attempt)
{
	static const struct {
		const char *word;
		int priority;
	} kinds[] = {
	    [VERDICT_LOGIN] = {"login", LOG_INFO},
	    [VERDICT_REFUSED] = {"refused", LOG_NOTICE},
	    [VERDICT_UNAVAILABLE] = {"unavailable", LOG_ERR},
	};
	char text[LOG_LINE_MAX];
	struct line line;

	if (attempt->verdict == VERDICT_UNAVAILABLE && !is_due())
		return;
	line_begin(&line, NULL, kinds[attempt->verdict].word);
	line_word(&line, "account", attempt->account);
	line_word(&line, "client", attempt->client[0] ? attempt->client : "unknown");
	line_word(&line, "mechanism", attempt->mechanism);
	line_word(&line, "service", attempt->service);
	if (attempt->verdict == VERDICT_REFUSED)
		line_word(&line, "reason", attempt_reason(attempt->reason));
	if (attempt->verdict == VERDICT_UNAVAILABLE)
		line_text(&line, "cause", attempt->cause);
	line_write(&line, AUDIT_TEXT, text);
	log_line(kinds[attempt->verdict].priority, "%s", text);
}
