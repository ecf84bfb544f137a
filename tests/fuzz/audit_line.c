#include "tests/fuzz/audit_line.h"

#include "tests/fuzz/check.h"

#include <string.h>

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

/* What follows a value: a word without quotes, or a text in quotes with its escapes. */
static const char *skip_value(const char *s, const char *line)
{
	if (*s != '"') {
		const char *word = s;

		while (*s > ' ' && *s <= '~' && *s != '"' && *s != '\\')
			s++;
		CHECK_NOTE(s > word, line);
		return s;
	}
	for (s++; *s != '"'; s++) {
		CHECK_NOTE(*s >= ' ' && *s <= '~', line);
		if (*s != '\\')
			continue;
		s++;
		if (*s == 'x') {
			CHECK_NOTE(strspn(s + 1, "0123456789abcdef") >= 2, line);
			s += 2;
		} else {
			CHECK_NOTE(*s == '"' || *s == '\\', line);
		}
	}
	return s + 1;
}

/* What follows " key=value", or null if that is not what stands there. */
static const char *skip_field(const char *s, const char *key, const char *line)
{
	size_t len = strlen(key);

	if (*s != ' ' || strncmp(s + 1, key, len) != 0 || s[1 + len] != '=')
		return NULL;
	return skip_value(s + 1 + len + 1, line);
}

/* What follows "QUEUE-ID: ". A queue ID that is one word ends at the colon that a space follows. */
static const char *skip_queue_id(const char *line)
{
	const char *s = line + strcspn(line, " ") - 1;

	if (line[0] == '"')
		s = skip_value(line, line);
	else
		CHECK_NOTE(s > line && skip_value(line, line) == s + 1, line);
	CHECK_NOTE(strncmp(s, ": ", 2) == 0, line);
	return s + 2;
}

void audit_line_read(const char *line, struct audit_line *out)
{
	static const char *const keys[] = {"rule",   "for",       "stage",  "account",    "by",
	                                   "sender", "recipient", "client", "port",       "value",
	                                   "limit",  "quota",     "retry",  "fault",      "part",
	                                   "about",  "reply",     "cause",  "recipients", "size"};
	const char *s = skip_queue_id(line);
	int len = (int)strspn(s, lower);

	memset(out, 0, sizeof *out);
	snprintf(out->word, sizeof out->word, "%.*s", len, s);
	s += len;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *next = skip_field(s, keys[i], line);
		const char *value = s + strlen(" =") + strlen(keys[i]);

		if (!next)
			continue;
		len = (int)(next - value);
		if (strcmp(keys[i], "account") == 0)
			snprintf(out->account, sizeof out->account, "%.*s", len, value);
		else if (strcmp(keys[i], "recipients") == 0)
			out->recipients = strtoull(value, NULL, 10);
		else if (strcmp(keys[i], "size") == 0)
			out->size = strtoull(value, NULL, 10);
		s = next;
	}
	CHECK_NOTE(*s == '\0', line);
}
