#include "policy/tally.h"

#include "policy/tally_body.h"
#include "policy/tally_fields.h"
#include "policy/tally_header.h"
#include "policy/tally_part.h"

static void feed(struct tally *tally, const void *octets, size_t len)
{
	const unsigned char *p = octets, *end = p + len;

	while (p < end) {
		if (tally->state == IN_HEADER && !tally->collecting)
			p = header_read(tally, p, end);
		else if (tally->structure)
			p = body_read(tally, p, end);
		else
			return;
	}
}

void tally_begin(struct tally *tally, const struct tally_listener *listener, bool structure)
{
	tally->listener = *listener;
	memset(&tally->message, 0, sizeof tally->message);
	tally->structure = structure;
	tally->fields_seen = 0;
	tally->senders = tally->recipients = 0;
	body_end_collecting(tally);
	part_first(tally);
}

void tally_octets(struct tally *tally, const unsigned char *octets, size_t len)
{
	tally->message.octets += len;
	feed(tally, octets, len);
}

static void feed_text(struct tally *tally, const char *text, size_t len)
{
	tally_octets(tally, (const unsigned char *)text, len);
}

/* A line end within a folded field is two octets on the wire, however it is told here. */
static uint64_t wire_octets(const char *value)
{
	uint64_t octets = 0;
	char before = '\0';

	for (; *value; before = *value++)
		octets += 1 + (*value == '\n' && before != '\r');
	return octets;
}

/* The value's lines, '\n' between them told as the CRLF that it was. */
static void feed_value(struct tally *tally, const char *value)
{
	const char *end = value + strlen(value), *lf;

	for (;;) {
		lf = memchr(value, '\n', (size_t)(end - value));
		if (!lf)
			break;
		feed_text(tally, value, (size_t)(lf - value) - (lf > value && lf[-1] == '\r'));
		feed_text(tally, "\r\n", 2);
		value = lf + 1;
		if (*value != ' ' && *value != '\t') {
			header_illegal_octet(tally);
			feed(tally, " ", 1); /* so that it stays in its field */
		}
	}
	feed_text(tally, value, (size_t)(end - value));
	feed_text(tally, "\r\n", 2);
}

void tally_field(struct tally *tally, const char *name, const char *value, bool leading_space)
{
	if (tally->state != IN_HEADER || tally->boundaries.count > 0)
		return;
	if (!field_name_good((struct span){name, strlen(name)})) {
		message_fault(tally, FAULT_header_line, "");
		part_unclean(tally, REASON_header_line);
		tally->message.octets += strlen(name) + 1 + !leading_space + wire_octets(value) + 2;
		return;
	}
	feed_text(tally, name, strlen(name));
	feed_text(tally, ": ", leading_space ? 1 : 2);
	feed_value(tally, value);
}

void tally_body(struct tally *tally, const unsigned char *octets, size_t len)
{
	if (tally->state == IN_HEADER && header_is_message(tally))
		header_end(tally, false);
	tally_octets(tally, octets, len);
}

void tally_stop(struct tally *tally)
{
	if (tally->state == IN_HEADER && header_is_message(tally))
		header_end(tally, false);
	tally->structure = false;
	tally->state = IN_CONTENT;
	body_end_collecting(tally);
}

const struct message *tally_so_far(const struct tally *tally)
{
	return &tally->message;
}

const struct message *tally_end(struct tally *tally)
{
	body_finish_line(tally);
	if (tally->state == IN_HEADER)
		header_finish(tally);
	if (tally->structure)
		body_finish(tally);
	fields_check_missing(tally);
	return &tally->message;
}
