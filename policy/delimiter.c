#include "policy/delimiter.h"

/* What stands behind a boundary: (""|"--") *WSP, or the beginning of that. */
static enum line_kind match_rest(const unsigned char *rest, size_t len, bool whole, bool *close)
{
	size_t dashes = 0, i;

	while (dashes < len && dashes < 2 && rest[dashes] == '-')
		dashes++;
	for (i = dashes; i < len && (rest[i] == ' ' || rest[i] == '\t'); i++)
		;
	if (dashes == 1)
		return !whole && len == 1 ? LINE_UNDECIDED : LINE_NEAR;
	if (i < len)
		return LINE_NEAR;
	*close = dashes == 2;
	return whole ? LINE_DELIMITER : LINE_UNDECIDED;
}

static enum line_kind match_one(const struct boundary *boundary, const unsigned char *text,
                                size_t len, bool whole, bool *close)
{
	size_t common = len < boundary->len ? len : boundary->len;

	if (strncasecmp((const char *)text, boundary->text, common) != 0)
		return LINE_OTHER;
	if (len < boundary->len)
		return whole ? LINE_OTHER : LINE_UNDECIDED;
	if (memcmp(text, boundary->text, common) != 0)
		return LINE_NEAR;
	return match_rest(text + common, len - common, whole, close);
}

enum line_kind delimiter_match(const struct boundaries *boundaries, const unsigned char *line,
                               size_t len, bool whole, struct delimiter *out)
{
	enum line_kind found = LINE_OTHER;

	for (size_t i = 0; i < len && i < 2; i++)
		if (line[i] != '-')
			return LINE_OTHER;
	if (len < 2)
		return whole ? LINE_OTHER : LINE_UNDECIDED;

	for (size_t i = boundaries->count; i-- > 0;) {
		const struct boundary *boundary = &boundaries->at[i];
		enum line_kind kind;
		bool close = false;

		if (boundary->len == 0)
			continue;
		kind = match_one(boundary, line + 2, len - 2, whole, &close);
		if (kind == LINE_DELIMITER)
			*out = (struct delimiter){i, close};
		if (kind == LINE_DELIMITER || kind == LINE_UNDECIDED)
			return kind;
		if (kind > found)
			found = kind;
	}
	return found;
}

static bool begins_with(struct span s, const char *text, size_t len)
{
	return len <= s.len && strncasecmp(s.at, text, len) == 0;
}

/* Whether a is b, or b with "--" behind it. */
static bool is_closed_form(struct span a, struct span b)
{
	if (a.len != b.len && (a.len != b.len + 2 || memcmp(a.at + b.len, "--", 2) != 0))
		return false;
	return memcmp(a.at, b.at, b.len) == 0;
}

bool boundary_distinct(const struct boundaries *boundaries, struct span boundary)
{
	for (size_t i = 0; i < boundaries->count; i++) {
		struct span open = {boundaries->at[i].text, boundaries->at[i].len};

		if (open.len > 0 &&
		    (is_closed_form(boundary, open) || is_closed_form(open, boundary)))
			return false;
	}
	return true;
}

size_t boundaries_begun(const struct boundaries *boundaries, struct span text)
{
	for (size_t i = 0; i < boundaries->count; i++) {
		struct span open = {boundaries->at[i].text, boundaries->at[i].len};

		if (open.len > 0 &&
		    (begins_with(text, open.at, open.len) || is_closed_form(open, text)))
			return i;
	}
	return boundaries->count;
}

void boundaries_close(struct boundaries *boundaries, size_t first)
{
	for (size_t i = first; i < boundaries->count; i++) {
		boundaries->open -= boundaries->at[i].len > 0;
		boundaries->at[i].len = 0;
	}
}
