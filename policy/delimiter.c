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

/* Whether the line is a delimiter to those who take the stem for the boundary. */
static enum line_kind match_stem(const struct boundary *boundary, const unsigned char *text,
                                 size_t len, bool whole)
{
	enum line_kind kind;
	bool close;

	if (boundary->stem == 0 || len < boundary->stem ||
	    strncasecmp((const char *)text, boundary->text, boundary->stem) != 0)
		return LINE_OTHER;
	kind = match_rest(text + boundary->stem, len - boundary->stem, whole, &close);
	if (kind == LINE_DELIMITER)
		return LINE_NEAR;
	return kind == LINE_UNDECIDED ? LINE_UNDECIDED : LINE_OTHER;
}

static enum line_kind match_one(const struct boundary *boundary, const unsigned char *text,
                                size_t len, bool whole, bool *close)
{
	size_t common = len < boundary->len ? len : boundary->len;
	enum line_kind stem;

	if (len > 0 && to_lower(text[0]) != to_lower((unsigned char)boundary->text[0]))
		return LINE_OTHER; /* most, without a call */
	stem = match_stem(boundary, text, len, whole);
	if (stem != LINE_OTHER)
		return stem;
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

/* Whether one is the other, or that with "--" behind it. */
static bool collide(struct span a, struct span b)
{
	struct span shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;

	if (shorter.len == 0 || memcmp(shorter.at, longer.at, shorter.len) != 0)
		return false;
	return longer.len == shorter.len ||
	       (longer.len == shorter.len + 2 && memcmp(longer.at + shorter.len, "--", 2) == 0);
}

bool boundary_distinct(const struct boundaries *boundaries, struct span boundary, size_t stem)
{
	for (size_t i = 0; i < boundaries->count; i++) {
		const struct boundary *other = &boundaries->at[i];
		struct span open = {other->text, other->len};

		if (open.len > 0 &&
		    (collide(boundary, open) || collide((struct span){boundary.at, stem}, open) ||
		     collide(boundary, (struct span){open.at, other->stem})))
			return false;
	}
	return true;
}

size_t boundaries_begun(const struct boundaries *boundaries, struct span text)
{
	for (size_t i = 0; i < boundaries->count; i++) {
		const struct boundary *other = &boundaries->at[i];
		struct span open = {other->text, other->len};
		size_t least = other->stem > 0 ? other->stem : other->len;

		if (open.len > 0 && (begins_with(text, open.at, least) || collide(open, text)))
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
