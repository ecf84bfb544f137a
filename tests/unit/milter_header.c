#include "tests/unit/milter_header.h"

#include "policy/rules.h"

#include <stdlib.h>
#include <string.h>

/* By memchr(): for memmem() the thread sanitizer looks at all that is behind, line after line. */
static size_t line_length(const unsigned char *s, size_t len)
{
	const unsigned char *lf, *end = s + len;

	for (const unsigned char *at = s; (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1)
		if (lf > s && lf[-1] == '\r')
			return (size_t)(lf - s) - 1;
	return len;
}

static bool is_folded(unsigned char first)
{
	return first == ' ' || first == '\t';
}

bool begins_field(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && line[i] > ' ' && line[i] < 0x7f && line[i] != ':')
		i++;
	if (i == 0)
		return false;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < len && line[i] == ':';
}

size_t milter_header(const unsigned char *octets, size_t len)
{
	size_t at = 0;

	for (;;) {
		const unsigned char *s = octets + at;
		size_t line = line_length(s, len - at);
		bool folded = line > 0 && is_folded(*s);

		if (at + line == len)
			return 0;
		if (line == 0)
			return at + 2;
		if (folded ? at == 0 || s[-3] == '\r' : !begins_field((const char *)s, line))
			return 0;
		if (memchr(s, '\0', line) || memchr(s, '\n', line))
			return 0;
		at += line + 2;
	}
}

bool milter_header_has_usual_spaces(const unsigned char *octets, size_t header)
{
	for (size_t at = 0; at < header - 2; at += line_length(octets + at, header - at) + 2) {
		const unsigned char *colon = memchr(octets + at, ':', header - at);

		if (!is_folded(octets[at]) && colon[1] != ' ')
			return false;
	}
	return true;
}

/* One field: "name: value", '\n' where it was folded. Gives where the next is. */
static size_t tell_field(struct tally *tally, const unsigned char *s, size_t len,
                         bool leading_space)
{
	size_t at = 0, n = 0;
	char *field, *colon;

	do
		at += line_length(s + at, len - at) + 2;
	while (is_folded(s[at]));
	field = malloc(at);
	if (!field)
		abort();
	for (size_t i = 0; i < at - 2; i++)
		if (!(s[i] == '\r' && s[i + 1] == '\n'))
			field[n++] = (char)s[i];
	field[n] = '\0';
	colon = strchr(field, ':');
	*colon++ = '\0';
	tally_field(tally, field, colon + (leading_space ? 0 : 1), leading_space);
	free(field);
	return at;
}

void milter_header_tell(struct tally *tally, const unsigned char *octets, size_t header,
                        bool leading_space)
{
	for (size_t at = 0; at < header - 2;)
		at += tell_field(tally, octets + at, header - at, leading_space);
}

const char *differs_in_header(const struct message *a, const struct message *b)
{
	if (a->octets != b->octets)
		return "octets";
	if (a->senders_unread != b->senders_unread)
		return "unread senders";
	for (int i = 0; i < FAULT_COUNT; i++)
		if (faults[i].rule == RULE_header_form && a->faults[i].found != b->faults[i].found)
			return faults[i].name;
	return NULL;
}
