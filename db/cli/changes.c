/* What a command changed, told to the log of the system too: it outlives the registry. */
#include "db/cli/cli.h"
#include "db/cli/output.h"

#include <string.h>
#include <syslog.h>

#define LINES_MOST 100  /* of one command; an import may have a million */
#define VALUE_MAX  1200 /* octets of one value: what comes to more is cut */

/* Between quotation marks, whatever is in it. */
static const char *quoted(char out[VALUE_MAX], const char *text)
{
	char safe[VALUE_MAX / 2 - 4];
	size_t used = 0;

	text_safe(safe, sizeof safe, text);
	out[used++] = '"';
	for (const char *at = safe; *at; at++) {
		if (*at == '"' || *at == '\\')
			out[used++] = '\\';
		out[used++] = *at;
	}
	out[used++] = '"';
	out[used] = '\0';
	return out;
}

/* Without them, where nobody needs them. */
static const char *value(char out[VALUE_MAX], const char *text)
{
	if (!*text || strpbrk(text, " =\"\\") || !text_plain(text))
		return quoted(out, text);
	return text_safe(out, VALUE_MAX, text);
}

static bool tell(const struct registry_change *change, void *arg)
{
	char what[VALUE_MAX], account[VALUE_MAX], item[VALUE_MAX];
	char before[VALUE_MAX], after[VALUE_MAX], who[VALUE_MAX];
	size_t *count = arg;

	if (++*count <= LINES_MOST)
		syslog(LOG_NOTICE, "change: what=%s account=%s item=%s before=%s after=%s by=%s",
		       quoted(what, change->what), value(account, change->account),
		       value(item, change->item), quoted(before, change->before),
		       quoted(after, change->after), value(who, change->who));
	return true;
}

void changes_tell(struct registry *registry)
{
	struct registry_error error;
	size_t count = 0;

	openlog("postreeve", LOG_PID, LOG_MAIL);
	if (registry_change_walk_own(registry, tell, &count, &error) != REGISTRY_OK)
		syslog(LOG_WARNING, "change: what was changed cannot be told: %s", error.text);
	else if (count > LINES_MOST)
		syslog(LOG_NOTICE, "change: and %zu more: see `postreeve log'", count - LINES_MOST);
	closelog();
}
