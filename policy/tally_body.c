#include "policy/tally_body.h"

#include "policy/tally_header.h"
#include "policy/tally_leaf.h"
#include "policy/tally_part.h"

/*
 * Two readers take turns: of content, which runs to the next line that begins with "--"; and of such
 * a line, also in a header, which is collected until it is clear whether it is a delimiter. The CRLF
 * before a line of content is held back meanwhile: if a delimiter follows, it is no content.
 */

#define BLOCK 64 /* octets that are looked at without a branch: compilers make vectors of it */

/* Whether "-", or "--" where that much is there, begins a line at p, of whatever line end. */
static bool is_dash_line(const unsigned char *p, const unsigned char *end)
{
	return *p == '-' && (p[-1] == '\r' || p[-1] == '\n') && (p + 1 == end || p[1] == '-');
}

/* The first such place behind p; end if there is none. */
static const unsigned char *next_dash_line(const unsigned char *p, const unsigned char *end)
{
	for (p++; p < end; p += BLOCK) {
		const unsigned char *stop = end - p > BLOCK ? p + BLOCK : end;
		unsigned char found = stop == end;

		for (int i = 0; i < BLOCK && stop != end; i++)
			found |= (unsigned char)((p[i] == '-') & (p[i + 1] == '-') &
			                         ((p[i - 1] == '\r') | (p[i - 1] == '\n')));
		for (const unsigned char *q = p; found && q < stop; q++)
			if (is_dash_line(q, end))
				return q;
	}
	return end;
}

static void release_held(struct tally *tally)
{
	leaf_add(tally, "\r\n", tally->held);
	tally->held = 0;
}

static const unsigned char *read_lines(struct tally *tally, const unsigned char *p,
                                       const unsigned char *end)
{
	const unsigned char *stop;

	if (tally->boundaries.open == 0) {
		release_held(tally);
		leaf_add(tally, p, (size_t)(end - p));
		return end;
	}
	if (tally->before == AFTER_CR) {
		if (*p == '\n') {
			tally->held = 2;
			tally->before = AFTER_CRLF;
			return p + 1;
		}
		release_held(tally);
		tally->before = AFTER_BARE;
	}
	if (tally->before != MID_LINE && *p == '-') {
		tally->collecting = true;
		return p;
	}
	release_held(tally);
	stop = next_dash_line(p, end);
	tally->before = MID_LINE;
	if (stop[-1] == '\n') {
		bool crlf = stop - p >= 2 && stop[-2] == '\r';

		tally->held = crlf ? 2 : 0;
		tally->before = crlf ? AFTER_CRLF : AFTER_BARE;
	} else if (stop[-1] == '\r') {
		tally->held = 1;
		tally->before = AFTER_CR;
	}
	leaf_add(tally, p, (size_t)(stop - p) - tally->held);
	return stop;
}

/* ---- delimiters --------------------------------------------------------- */

void body_end_collecting(struct tally *tally)
{
	tally->collecting = tally->collected_cr = false;
	tally->line_len = 0;
	tally->line_tail = 0;
}

/*
 * False if it is none any more: a header that runs into it, which some readers read on, closed what
 * it is a delimiter of.
 */
static bool cut(struct tally *tally, const struct delimiter *delimiter)
{
	struct boundary *boundary = &tally->boundaries.at[delimiter->index];

	if (tally->state == IN_HEADER)
		header_give_up(tally, REASON_header_unended);
	if (boundary->len == 0)
		return false;
	body_end_collecting(tally);
	leaf_end(tally);
	part_end_multiparts(tally, delimiter->index + 1);
	if (delimiter->close) {
		boundaries_close(&tally->boundaries, delimiter->index);
		part_begin_epilogue(tally);
	} else {
		part_next(tally);
	}
	return true;
}

/* The white space that was not kept: what is near a delimiter counts raw, tab or space alike. */
static void add_spaces(struct tally *tally, uint64_t count)
{
	static const char spaces[] = "                                ";
	const size_t most = sizeof spaces - 1;

	for (; count > most; count -= most)
		leaf_add(tally, spaces, most);
	leaf_add(tally, spaces, (size_t)count);
}

/*
 * To some readers what is near a delimiter is one: then what cuts for us from here on is content to
 * them. So that multipart and all within it cut no more.
 */
static void close_near(struct tally *tally)
{
	struct span text = {(const char *)tally->line + 2, tally->line_len - 2};

	boundaries_close(&tally->boundaries, boundaries_begun(&tally->boundaries, text));
}

/* The line is no delimiter: what was collected goes where it belongs. */
static void reject(struct tally *tally, bool near)
{
	size_t cr = tally->collected_cr ? 1 : 0;

	if (near)
		close_near(tally);
	if (tally->state == IN_HEADER && near)
		header_give_up(tally, REASON_near_delimiter);
	tally->line[tally->line_len] = '\r';
	if (tally->state == IN_HEADER &&
	    header_take_line(tally, tally->line, tally->line_len + cr)) {
		body_end_collecting(tally);
		return;
	}
	tally->near |= near;
	release_held(tally);
	leaf_add(tally, tally->line, tally->line_len);
	add_spaces(tally, tally->line_tail);
	tally->held = cr;
	tally->before = cr ? AFTER_CR : MID_LINE;
	body_end_collecting(tally);
}

/*
 * Decides on the line that was collected: it ends here, or a stray CR or LF follows. Gives whether
 * it was a delimiter.
 */
static bool conclude(struct tally *tally, bool whole)
{
	struct delimiter delimiter;
	enum line_kind kind;

	tally->line[tally->line_len] = '\n';
	kind = delimiter_match(&tally->boundaries, tally->line, tally->line_len + !whole, whole,
	                       &delimiter);
	if (kind == LINE_DELIMITER && tally->before == AFTER_BARE)
		kind = LINE_NEAR;
	if (kind == LINE_DELIMITER && cut(tally, &delimiter))
		return true;
	reject(tally, kind == LINE_NEAR);
	return false;
}

static const unsigned char *collect(struct tally *tally, const unsigned char *p,
                                    const unsigned char *end)
{
	for (; p < end; p++) {
		enum line_kind kind;

		if (tally->collected_cr || *p == '\n') {
			bool whole = tally->collected_cr && *p == '\n';

			return conclude(tally, whole) ? p + 1 : p;
		}
		if (*p == '\r') {
			tally->collected_cr = true;
			continue;
		}
		if (tally->line_len == DELIMITER_LINE_MAX) {
			if ((*p != ' ' && *p != '\t') ||
			    tally->line_len + tally->line_tail == LINE_LIMIT) {
				reject(tally, true);
				return p;
			}
			tally->line_tail++;
			continue;
		}
		tally->line[tally->line_len++] = *p;
		if (tally->line_len > 3 && tally->line_len < DELIMITER_LINE_MAX)
			continue; /* most are told by their first octets */
		kind =
		    delimiter_match(&tally->boundaries, tally->line, tally->line_len, false, NULL);
		if (kind != LINE_UNDECIDED) {
			reject(tally, kind != LINE_OTHER);
			return p + 1;
		}
	}
	return p;
}

const unsigned char *body_read(struct tally *tally, const unsigned char *p,
                               const unsigned char *end)
{
	return tally->collecting ? collect(tally, p, end) : read_lines(tally, p, end);
}

void body_feed(struct tally *tally, const unsigned char *p, const unsigned char *end)
{
	while (p < end)
		p = body_read(tally, p, end);
}

void body_finish_line(struct tally *tally)
{
	if (tally->collecting)
		conclude(tally, !tally->collected_cr);
}

void body_finish(struct tally *tally)
{
	body_finish_line(tally); /* of what proved to be no header */
	release_held(tally);
	leaf_end(tally);
	part_end_multiparts(tally, 0);
}
