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

/* The outermost multipart that "--" and its boundary, in any letter case, stand there of. */
static size_t begun_delimiter(size_t at)
{
	size_t i = 0;

	if (!has(at, (struct span){"--", 2}))
		return reading.open;
	for (; i < reading.open; i++) {
		struct span boundary = reading.boundaries[i];

		if (boundary.len > 0 && reading.end - at - 2 >= boundary.len &&
		    strncasecmp(reading.text + at + 2, boundary.at, boundary.len) == 0)
			break;
	}
	return i;
}

bool begins_like_delimiter(size_t at)
{
	return begun_delimiter(at) < reading.open;
}

/* If it does: some take it for one, so that multipart and all within it cut no more. */
static bool close_near(size_t at)
{
	size_t first = begun_delimiter(at);

	for (size_t i = first; i < reading.open; i++)
		reading.boundaries[i].len = 0;
	return first < reading.open;
}

bool is_delimiter(size_t at, size_t *index, bool *close)
{
	size_t stop = line_end(at);

	if (!has(at, (struct span){"--", 2}))
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
