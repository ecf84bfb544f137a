#include "db/cli/log_line.h"

#include <ctype.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TAG "postreeved"

static const char lower[] = "abcdefghijklmnopqrstuvwxyz_";
static const char decimal[] = "0123456789";

/* What of a line is kept. */
static const struct {
	const char *key;
	size_t offset, max;
} values[] = {
    {"rule", offsetof(struct log_line, rule), LOG_WORD_MAX},
    {"for", offsetof(struct log_line, subject), LOG_WORD_MAX},
    {"account", offsetof(struct log_line, account), LOG_VALUE_MAX},
    {"sender", offsetof(struct log_line, sender), LOG_VALUE_MAX},
    {"about", offsetof(struct log_line, about), LOG_VALUE_MAX},
};
#define VALUE_COUNT (sizeof values / sizeof *values)

static char *room_for(struct log_line *out, size_t value)
{
	return (char *)out + values[value].offset;
}

static bool is_verdict(const char *word)
{
	static const char *const words[] = {"pass", "exempt", "reject", "tempfail", "shadow"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* A value that the log has cut ends so. One that really does is taken for cut. */
static bool is_cut(const char *value)
{
	size_t len = strlen(value);

	return len >= 3 && strcmp(value + len - 3, "...") == 0;
}

/* ---- what syslog puts before it ----------------------------------------- */

/* "Nov 25 23:18:32 " or "2026-11-25T23:18:32.123+01:00 "; gives what follows, or null. */
static const char *skip_time(const char *s)
{
	static const char classic[] = "Aaa _9 99:99:99 ", iso[] = "9999-99-99T99:99:99";
	const char *form = isdigit((unsigned char)*s) ? iso : classic;

	for (; *form; form++, s++) {
		bool good = *form == 'A'   ? isupper((unsigned char)*s) != 0
		            : *form == 'a' ? islower((unsigned char)*s) != 0
		            : *form == '9' ? isdigit((unsigned char)*s) != 0
		            : *form == '_' ? *s == ' ' || isdigit((unsigned char)*s)
		                           : *s == *form;

		if (!good)
			return NULL;
	}
	if (s[-1] != ' ') {
		s += strcspn(s, " ");
		s += *s == ' ';
	}
	return s;
}

/* "postreeved[812]: ", or null. */
static const char *skip_tag(const char *s)
{
	if (strncmp(s, TAG, strlen(TAG)) != 0)
		return NULL;
	s += strlen(TAG);
	if (*s == '[') {
		s += 1 + strspn(s + 1, decimal);
		if (*s++ != ']')
			return NULL;
	}
	return strncmp(s, ": ", 2) == 0 ? s + 2 : NULL;
}

/*
 * What the program itself wrote; null if it was another program. Between the time and the program
 * stand a host, a facility, or neither. What another program wrote is not looked into: it may quote
 * anything.
 */
static const char *skip_prefix(const char *line)
{
	const char *s = skip_time(line);

	if (!s)
		return skip_tag(line) ? skip_tag(line) : line;
	for (int words = 0; words <= 2; words++) {
		const char *rest = skip_tag(s);
		size_t len = strcspn(s, " ");

		if (rest)
			return rest;
		if (len == 0 || s[len] == '\0' || s[len - 1] == ':' || memchr(s, '[', len))
			return NULL;
		s += len + 1;
	}
	return NULL;
}

/* ---- text --------------------------------------------------------------- */

static bool put(char *out, size_t *len, size_t max, char c)
{
	if (c == '\0' || *len == max)
		return false;
	out[(*len)++] = c;
	out[*len] = '\0';
	return true;
}

/* After a backslash: the octet, and *s behind it; '\0' if it is none. */
static char unescape(const char **s)
{
	char hex[3] = "";

	if (**s == '"' || **s == '\\')
		return *(*s)++;
	if (**s != 'x' || !isxdigit((unsigned char)(*s)[1]) || !isxdigit((unsigned char)(*s)[2]))
		return '\0';
	memcpy(hex, *s + 1, 2);
	*s += 3;
	return (char)strtoul(hex, NULL, 16);
}

/* A word, or a text in quotes, to out, if that is not null; gives what follows, or null. */
static const char *read_value(const char *s, char *out, size_t max)
{
	char scratch[4096];
	bool quoted = *s == '"';
	size_t len = 0;

	if (!out) {
		out = scratch;
		max = sizeof scratch - 1;
	}
	out[0] = '\0';
	for (s += quoted; *s != (quoted ? '"' : ' ') && *s != '\0';) {
		char c = *s++;

		if (c < ' ' || c > '~' || (!quoted && (c == '"' || c == '\\')))
			return NULL;
		if (c == '\\')
			c = unescape(&s);
		if (!put(out, &len, max, c))
			return NULL;
	}
	if (quoted)
		return *s == '"' ? s + 1 : NULL;
	return len > 0 ? s : NULL;
}

/* " key=value", kept if it is to be; gives what follows, or null. */
static const char *read_field(const char *s, struct log_line *out)
{
	const char *key = s + 1;
	size_t len = *s == ' ' ? strspn(key, lower) : 0;
	char *room = NULL;
	size_t max = 0;

	if (len == 0 || key[len] != '=')
		return NULL;
	for (size_t i = 0; i < VALUE_COUNT; i++) {
		if (strlen(values[i].key) != len || memcmp(values[i].key, key, len) != 0)
			continue;
		room = room_for(out, i);
		max = values[i].max;
		if (room[0] != '\0')
			return NULL; /* a second time */
	}
	s = read_value(key + len + 1, room, max);
	if (s && room && is_cut(room))
		out->inexact = true;
	return s;
}

static enum log_form read_text(const char *s, struct log_line *out)
{
	size_t len = strcspn(s, " ");

	if (len < 2 || s[len] == '\0' || s[len - 1] != ':')
		return LOG_OTHER;
	s += len + 1;
	len = strspn(s, lower);
	if (len > LOG_WORD_MAX || (s[len] != ' ' && s[len] != '\0'))
		return LOG_OTHER;
	memcpy(out->verdict, s, len);
	out->verdict[len] = '\0';
	if (!is_verdict(out->verdict))
		return LOG_OTHER;
	for (s += len; *s;) {
		s = read_field(s, out);
		if (!s)
			return LOG_BROKEN;
	}
	return LOG_VERDICT;
}

/* ---- JSON --------------------------------------------------------------- */

/* A string of the object, if it has one and there is room for it. */
static bool take(const json_t *object, const char *key, char *out, size_t max)
{
	const json_t *value = json_object_get(object, key);
	size_t len = json_string_length(value);

	if (!value)
		return true;
	if (!json_is_string(value) || len > max)
		return false;
	memcpy(out, json_string_value(value), len + 1);
	return true;
}

static enum log_form read_object(const json_t *object, struct log_line *out)
{
	if (!json_is_string(json_object_get(object, "verdict")) ||
	    !json_is_string(json_object_get(object, "queue_id")))
		return LOG_OTHER;
	if (!take(object, "verdict", out->verdict, LOG_WORD_MAX) || !is_verdict(out->verdict))
		return LOG_BROKEN;
	for (size_t i = 0; i < VALUE_COUNT; i++) {
		if (!take(object, values[i].key, room_for(out, i), values[i].max))
			return LOG_BROKEN;
		/* \xHH stands for an octet that is no UTF-8, or for itself: nobody can tell. */
		if (is_cut(room_for(out, i)) || strstr(room_for(out, i), "\\x"))
			out->inexact = true;
	}
	return LOG_VERDICT;
}

static enum log_form read_json(const char *text, struct log_line *out)
{
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
	enum log_form form = json_is_object(object) ? read_object(object, out) : LOG_BROKEN;

	json_decref(object);
	return form;
}

enum log_form log_line_read(const char *line, struct log_line *out)
{
	const char *text = skip_prefix(line);

	memset(out, 0, sizeof *out);
	if (!text)
		return LOG_OTHER;
	return *text == '{' ? read_json(text, out) : read_text(text, out);
}
