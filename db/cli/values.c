#include "db/cli/values.h"

#include "db/cli/output.h"
#include "db/cli/when.h"

#include <string.h>
#include <sysexits.h>

static int refuse(char problem[PROBLEM_MAX], const char *value, const char *what)
{
	char quoted[SHOWN_MAX];

	snprintf(problem, PROBLEM_MAX, "\"%s\" %s", shown(quoted, value), what);
	return EX_USAGE;
}

/* What could not be shown as it is could be taken for something else: it is refused throughout. */

int value_holder(const char *name, char problem[PROBLEM_MAX])
{
	if ((account_name_form(name) == FORM_OK || group_name_form(name) == FORM_OK) &&
	    text_plain(name))
		return EX_OK;
	return refuse(problem, name,
	              "cannot be the name of an account or group: give 1 to 255 octets of UTF-8 "
	              "without white space and control characters, not beginning with '-'; "
	              "before a group's, '%'");
}

int value_group(const char *name, char problem[PROBLEM_MAX])
{
	if (group_name_form(name) == FORM_OK && text_plain(name))
		return EX_OK;
	return refuse(problem, name,
	              "cannot be a group's name: give '%' and behind it 1 to 255 octets of UTF-8 "
	              "without white space and control characters: %sales");
}

int value_pattern(const char *text, char out[MAILBOX_KEY_MAX + 1], char problem[PROBLEM_MAX])
{
	enum form form = pattern_parse(text, out);

	if (form == FORM_UNKNOWN)
		return complain(EX_OSERR, "out of memory");
	/* `*@' would be a mailbox, and looks like a wildcard. */
	if (form == FORM_OK && text_plain(out) && strncmp(out, "*@", 2) != 0)
		return EX_OK;
	return refuse(problem, text,
	              "cannot be a sender: give user@example.com, @example.com for all of a "
	              "domain, @.example.com for all of its subdomains, or @. for any");
}

int value_expires(const char *text, int64_t now, int64_t *out, char problem[PROBLEM_MAX])
{
	*out = 0;
	if (!*text || strcmp(text, "never") == 0)
		return EX_OK;
	switch (when_parse(text, now, out)) {
	case WHEN_OK:
		return EX_OK;
	case WHEN_PAST:
		return refuse(problem, text, "is in the past: give a time to come, or never");
	case WHEN_BAD:
		break;
	}
	return refuse(problem, text,
	              "is no time: give 2027-01-31, 2027-01-31T12:00:00Z (UTC), or +90d from now "
	              "(s, m, h, d, w, y)");
}

int value_since(const char *text, int64_t now, int64_t *out, char problem[PROBLEM_MAX])
{
	if (when_parse_since(text, now, out))
		return EX_OK;
	return refuse(problem, text,
	              "is no time: give 2027-01-31, 2027-01-31T12:00:00Z (UTC), or 90d for 90 days "
	              "ago (s, m, h, d, w, y)");
}

int value_note(const char *text, char problem[PROBLEM_MAX])
{
	if (strlen(text) <= NOTE_MAX && text_plain(text))
		return EX_OK;
	return refuse(problem, text,
	              "cannot be a note: give at most 500 octets of UTF-8 without line ends and "
	              "other control characters");
}
