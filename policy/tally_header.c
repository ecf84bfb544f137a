#include "policy/tally_header.h"

#include "policy/tally_body.h"
#include "policy/tally_fields.h"
#include "policy/tally_part.h"

bool header_is_message(const struct tally *tally)
{
	return tally->number_len == 0;
}

/* To some readers a line ends there, and behind it could be a field that says who sends. */
void header_illegal_octet(struct tally *tally)
{
	message_fault(tally, FAULT_illegal_octet, "");
	part_unclean(tally, REASON_header_octet);
	tally->message.senders_unread = true;
}

static void finish_field(struct tally *tally)
{
	struct span field = {tally->header + tally->kept, tally->used - tally->kept};
	const char *colon = memchr(field.at, ':', field.len);
	const char *end = NULL; /* of what is kept */

	if (tally->in_field && colon) {
		struct span name = {field.at, (size_t)(colon - field.at)};
		struct span value = {colon + 1, field.len - name.len - 1};

		end = field_complete(tally, name, value);
	}
	if (end)
		tally->kept = (size_t)(end - tally->header);
	tally->used = tally->kept;
	tally->in_field = tally->field_cut = tally->field_long = false;
}

static void append(struct tally *tally, const void *octets, size_t len)
{
	size_t room = sizeof tally->header - tally->used;

	if (len > room) {
		len = room;
		tally->field_cut = true;
		part_unclean(tally, REASON_header_size);
	}
	memcpy(tally->header + tally->used, octets, len);
	tally->used += len;
}

/* The first octet of a line tells whether it continues the field before it. */
static void begin_line(struct tally *tally, unsigned char first)
{
	if (!is_space(first))
		finish_field(tally);
	else if (tally->in_field)
		append(tally, "\n", 1);
	tally->line_start = tally->used;
}

void header_end(struct tally *tally, bool at_empty_line)
{
	finish_field(tally);
	if (header_is_message(tally) && !at_empty_line) {
		tally->message.octets += 2;
		tally->header_octets += 2;
	}
	if (tally->structure)
		part_begin_content(tally);
	else
		tally->state = IN_CONTENT;
}

/* From the line on that is read, this is no header. */
static void leave(struct tally *tally, enum reason reason)
{
	part_unclean(tally, reason);
	if (tally->in_field)
		tally->used = tally->line_start - 1; /* the '\n' of a continuation goes too */
	header_end(tally, false);
	tally->before = MID_LINE;
}

/* Near-delimiters were not looked for in the line that proved to be content. */
static void feed_line(struct tally *tally, struct span line)
{
	const unsigned char *octets = (const unsigned char *)line.at;

	body_feed(tally, octets, octets + line.len);
}

/* As leave(), with the line so far. */
static void spoil(struct tally *tally, enum reason reason)
{
	struct span line = {tally->header + tally->line_start, tally->used - tally->line_start};

	leave(tally, reason);
	feed_line(tally, line);
}

static bool only_space(struct span line)
{
	return span_trim(line).len == 0;
}

/* Whether there is an octet that no header may hold; stray: one that some take for a line end. */
static bool check_octets(struct span line, bool *stray)
{
	bool bad = false;

	*stray = false;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];

		*stray |= c == '\r' || c == '\n';
		bad |= c == '\0' || c == '\v' || c == '\f';
	}
	return !bad && !*stray;
}

static bool starts_field(struct span line)
{
	const char *colon = memchr(line.at, ':', line.len);

	return colon && field_name_good((struct span){line.at, (size_t)(colon - line.at)});
}

/* A line of the header is complete, or what there is of the last one. */
static void end_line(struct tally *tally)
{
	struct span line = {tally->header + tally->line_start, tally->used - tally->line_start};
	uint64_t octets = tally->line_octets;
	bool ended = false, stray;

	tally->line_octets = 0;
	if (tally->field_cut) { /* of the message's header, and unclean already */
		tally->header_octets += octets;
		if (!tally->in_field && !starts_field(line))
			tally->message.senders_unread = true; /* it might be one of theirs */
		tally->in_field |= starts_field(line);
		return;
	}
	if (line.len >= 2 && memcmp(line.at + line.len - 2, "\r\n", 2) == 0) {
		line.len -= 2;
		ended = true;
	}
	if (ended && line.len == 0) {
		tally->header_octets += octets;
		header_end(tally, true);
		return;
	}
	if (!check_octets(line, &stray)) {
		if (stray && !header_is_message(tally)) {
			spoil(tally, REASON_header_octet);
			return;
		}
		if (header_is_message(tally) && (stray || memchr(line.at, '\0', line.len)))
			header_illegal_octet(tally);
		part_unclean(tally, REASON_header_octet);
	}
	if (is_space((unsigned char)line.at[0]) ? !tally->in_field : !starts_field(line)) {
		if (header_is_message(tally))
			message_fault(tally, FAULT_header_line, "");
		spoil(tally, REASON_header_line);
		return;
	}
	if (only_space(line))
		part_unclean(tally, REASON_header_fold);
	tally->in_field = true;
	tally->field_long |= line.len > LINE_LIMIT;
	tally->used = tally->line_start + line.len;
	tally->header_octets += octets;
}

/* The header is full in mid-line. What there is of the field may tell that it is a multipart. */
static void spoil_field(struct tally *tally)
{
	struct span line = {tally->header + tally->line_start, tally->used - tally->line_start};

	part_unclean(tally, REASON_header_size);
	tally->in_field |= starts_field(line);
	finish_field(tally);
	leave(tally, REASON_header_size);
	feed_line(tally, line);
}

/* The bound on a part's header; the message's own has none but what is kept of it. */
static bool is_too_big(const struct tally *tally, size_t more)
{
	return !header_is_message(tally) &&
	       tally->header_octets + tally->line_octets + more > HEADER_MAX;
}

const unsigned char *header_read(struct tally *tally, const unsigned char *p,
                                 const unsigned char *end)
{
	const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
	size_t len = (size_t)((lf ? lf + 1 : end) - p);

	if (tally->line_octets == 0) {
		if (*p == '-' && tally->boundaries.open > 0) {
			tally->collecting = true;
			return p;
		}
		begin_line(tally, *p);
	}
	if (is_too_big(tally, len)) {
		size_t room = HEADER_MAX - (size_t)(tally->header_octets + tally->line_octets);

		append(tally, p, room);
		spoil_field(tally);
		return p + room;
	}
	append(tally, p, len);
	tally->line_octets += len;
	if (lf)
		end_line(tally);
	return p + len;
}

bool header_take_line(struct tally *tally, const unsigned char *octets, size_t len)
{
	begin_line(tally, octets[0]);
	if (is_too_big(tally, len)) {
		leave(tally, REASON_header_size);
		return false;
	}
	append(tally, octets, len);
	tally->line_octets = len;
	return true;
}

void header_give_up(struct tally *tally, enum reason reason)
{
	finish_field(tally);
	leave(tally, reason);
}

void header_finish(struct tally *tally)
{
	if (tally->line_octets > 0)
		end_line(tally);
	if (tally->state == IN_HEADER)
		header_end(tally, false);
}
