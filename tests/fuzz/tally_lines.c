#include "tests/fuzz/tally_inner.h"

#include <string.h>
#include <strings.h>

size_t line_end(size_t at)
{
	while (at < reading.end &&
	       !(reading.text[at] == '\r' && at + 1 < reading.end && reading.text[at + 1] == '\n'))
		at++;
	return at;
}

size_t next_line(size_t at)
{
	at = line_end(at);
	return at < reading.end ? at + 2 : reading.end;
}

static bool has(size_t at, struct span s)
{
	return reading.end - at >= s.len && memcmp(reading.text + at, s.at, s.len) == 0;
}

/* In any letter case. */
static bool has_like(size_t at, const char *text, size_t len)
{
	return reading.end - at >= len && strncasecmp(reading.text + at, text, len) == 0;
}

/* Whether nothing but "--", if that, and white space stand from `at` on to the end of the line. */
static bool ends_delimiter(size_t at)
{
	size_t stop = line_end(at);

	if (has(at, (struct span){"--", 2}))
		at += 2;
	while (at < stop && (reading.text[at] == ' ' || reading.text[at] == '\t'))
		at++;
	return at == stop;
}

/* Whether an open boundary, or its stem as a delimiter, stands behind "--" there. */
bool begins_like_delimiter(size_t at)
{
	if (!has(at, (struct span){"--", 2}))
		return false;
	for (size_t i = 0; i < reading.open; i++) {
		struct span boundary = reading.boundaries[i];
		size_t stem = reading.stems[i];

		if (boundary.len == 0)
			continue;
		if (has_like(at + 2, boundary.at, boundary.len) ||
		    (stem > 0 && has_like(at + 2, boundary.at, stem) &&
		     ends_delimiter(at + 2 + stem)))
			return true;
	}
	return false;
}

/*
 * If it does: some take it for one, so that multipart and all within it cut no more. It is the
 * outermost whose boundary, or stem if it has one, stands there.
 */
static bool close_near(size_t at)
{
	bool close = false;

	if (!begins_like_delimiter(at))
		return false;
	for (size_t i = 0; i < reading.open; i++) {
		struct span *boundary = &reading.boundaries[i];
		size_t least = reading.stems[i] ? reading.stems[i] : boundary->len;

		close |= boundary->len > 0 && has_like(at + 2, boundary->at, least);
		if (close)
			boundary->len = 0;
	}
	return true;
}

bool is_delimiter(size_t at, size_t *index, bool *close)
{
	size_t stop = line_end(at);

	if (!has(at, (struct span){"--", 2}) || stop - at > LINE_LIMIT)
		return false;
	while (stop > at && (reading.text[stop - 1] == ' ' || reading.text[stop - 1] == '\t'))
		stop--;
	for (*index = 0; *index < reading.open; ++*index) {
		struct span boundary = reading.boundaries[*index];

		if (boundary.len == 0 || !has(at + 2, boundary))
			continue;
		*close = at + 2 + boundary.len + 2 == stop && has(stop - 2, (struct span){"--", 2});
		if (*close || at + 2 + boundary.len == stop)
			return true;
	}
	return false;
}

size_t content_end(size_t at, bool *near)
{
	size_t line = at, index;
	bool close;

	*near = false;
	while (line < reading.end && !is_delimiter(line, &index, &close)) {
		size_t stop = line_end(line);

		*near |= close_near(line);
		for (size_t i = line; i < stop; i++)
			if (reading.text[i] == '\r' || reading.text[i] == '\n')
				*near |= close_near(i + 1);
		line = next_line(line);
	}
	return line;
}
