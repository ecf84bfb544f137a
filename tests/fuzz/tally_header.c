#include "policy/address_list.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/tally_inner.h"
#include "tests/unit/milter_header.h"

#include <string.h>
#include <strings.h>

/* ---- the message's header ------------------------------------------------ */

static void read_addresses(const char *name, struct span value, bool is_long)
{
	static const char *const recipients[] = {"To",        "Cc",        "Bcc",       "Reply-To",
	                                         "Resent-To", "Resent-Cc", "Resent-Bcc"};
	static const char *const senders[] = {"From", ">From", "Resent-From", "Sender",
	                                      "Resent-Sender"};
	const size_t single = 3; /* from there on, one mailbox alone */
	struct address_list list;
	struct mailbox mailbox;
	bool sends = false, sends_alone = false, receives = false;
	size_t count = 0;
	enum form form;

	for (size_t i = 0; i < sizeof recipients / sizeof *recipients; i++)
		receives |= strcasecmp(name, recipients[i]) == 0;
	for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
		if (strcasecmp(name, senders[i]) == 0)
			sends = true, sends_alone = i >= single;
	if (!sends && !receives)
		return;
	if (sends && is_long) {
		reading.model->faults[FAULT_field_too_long] = reading.model->senders_unread = true;
		return;
	}
	address_list_begin(&list, value, sends ? ADDRESSES_OF_SENDERS : ADDRESSES_OF_RECIPIENTS);
	while ((form = address_list_next(&list, &mailbox)) == FORM_OK) {
		count++;
		if (sends && ++reading.model->senders > SENDERS_MAX) {
			reading.model->faults[FAULT_too_many_addresses] =
			    reading.model->senders_unread = true;
			reading.model->senders--;
			return;
		}
	}
	if (form == FORM_BAD || (sends_alone && count > 1)) {
		reading.model->faults[FAULT_address_list] = true;
		reading.model->senders_unread |= sends;
	}
}

static void read_message_field(const char *name, struct span value, bool is_long)
{
	static const char *const once[] = {"From",        "Date",       "Sender", "Reply-To",
	                                   "To",          "Cc",         "Bcc",    "Message-ID",
	                                   "In-Reply-To", "References", "Subject"};

	for (unsigned i = 0; i < sizeof once / sizeof *once; i++) {
		if (strcasecmp(name, once[i]) != 0)
			continue;
		reading.model->faults[FAULT_field_twice] |= reading.fields_seen >> i & 1;
		reading.fields_seen |= 1U << i;
	}
	read_addresses(name, value, is_long);
}

/* ---- any header ---------------------------------------------------------- */

static void read_content_field(struct header *header, int id, struct span value, bool of_message)
{
	if (of_message && value.len > MESSAGE_CONTENT_MAX) {
		header->unclean |= REASON_BIT(header_size);
		value.len = MESSAGE_CONTENT_MAX;
	}
	if (!header->value[id]) {
		header->value[id] = malloc(value.len + 1);
		CHECK(header->value[id]);
		memcpy(header->value[id], value.at, value.len);
		header->value_len[id] = value.len;
	} else if (header->value_len[id] != value.len ||
	           memcmp(header->value[id], value.at, value.len) != 0) {
		header->unclean |= REASON_BIT(field_twice);
		header->type_twice |= id == CONTENT_TYPE;
		if (id != CONTENT_DISPOSITION)
			reading.model->faults[FAULT_content_twice] = true;
	}
}

/* A field with '\n' alone where it was folded. */
static void read_field(struct header *header, const char *field, size_t len, bool of_message,
                       bool is_long)
{
	static const char *const names[CONTENT_FIELDS] = {
	    "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"};
	const char *colon = memchr(field, ':', len);
	size_t name_len = (size_t)(colon - field);
	struct span value = {colon + 1, len - name_len - 1};
	char *name = strndup(field, name_len);
	bool space;

	CHECK(name);
	while (name_len > 0 && (name[name_len - 1] == ' ' || name[name_len - 1] == '\t'))
		name[--name_len] = '\0';
	space = field + name_len < colon;
	if (space && !of_message)
		header->unclean |= REASON_BIT(space_before_colon);
	header->located |= strcasecmp(name, "Content-Location") == 0;
	for (int id = 0; id < CONTENT_FIELDS; id++) {
		if (strcasecmp(name, names[id]) != 0)
			continue;
		if (space)
			header->unclean |= REASON_BIT(space_before_colon);
		if (is_long)
			header->unclean |= REASON_BIT(long_line);
		read_content_field(header, id, value, of_message);
	}
	if (of_message)
		read_message_field(name, value, is_long);
	free(name);
}

static bool is_blank(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && (line[i] == ' ' || line[i] == '\t' || line[i] == '\n'))
		i++;
	return i == len;
}

/*
 * A line of a header, without its CRLF. Whether it is one: what is none ends the header, and is the
 * first line of content. That makes no difference in size, for the part counts as a whole then.
 */
static bool judge_line(struct header *header, const char *line, size_t len, bool in_field,
                       bool of_message)
{
	bool stray = memchr(line, '\r', len) || memchr(line, '\n', len);
	bool nul = memchr(line, '\0', len);

	if (stray || nul || memchr(line, '\v', len) || memchr(line, '\f', len))
		header->unclean |= REASON_BIT(header_octet);
	if (of_message && (stray || nul))
		reading.model->faults[FAULT_illegal_octet] = reading.model->senders_unread = true;
	if (stray && !of_message)
		return false;
	if (is_space((unsigned char)line[0]) ? !in_field : !begins_field(line, len)) {
		header->unclean |= REASON_BIT(header_line);
		if (of_message)
			reading.model->faults[FAULT_header_line] = true;
		return false;
	}
	if (is_blank(line, len))
		header->unclean |= REASON_BIT(header_fold);
	return true;
}

size_t read_header(struct header *header, size_t at, bool of_message)
{
	static char field[2 * MODEL_MESSAGE_MAX]; /* a bare LF and the '\n' of its fold both stay */
	size_t len = 0, index;
	bool close, good, full, blank = false, is_long = false;

	*header = (struct header){.begin = at};
	while (at < reading.end && !blank && !is_delimiter(at, &index, &close)) {
		size_t stop = line_end(at), next = next_line(at);
		const char *lf = of_message ? memchr(reading.text + at, '\n', stop - at) : NULL;

		if (lf) /* some end a line here: what is behind it might be a From field */
			stop = next = (size_t)(lf - reading.text) + 1;
		blank = stop == at && next > stop;
		if (begins_like_delimiter(at)) {
			header->unclean |= REASON_BIT(near_delimiter);
			reading.model->faults[FAULT_near_delimiter] = true;
			break;
		}
		good =
		    blank || judge_line(header, reading.text + at, stop - at, len > 0, of_message);
		full = !of_message && next - header->begin > HEADER_MAX;
		if (full) { /* as much of it as there is room for may tell of a multipart */
			header->unclean |= REASON_BIT(header_size);
			stop = header->begin + HEADER_MAX;
			good = !memchr(reading.text + at, '\n', stop - at) &&
			       (is_space((unsigned char)reading.text[at])
			            ? len > 0
			            : begins_field(reading.text + at, stop - at));
		}
		if (!good)
			break;
		if (len > 0 && (blank || !is_space((unsigned char)reading.text[at]))) {
			read_field(header, field, len, of_message, is_long);
			len = 0;
			is_long = false;
		} else if (len > 0) {
			field[len++] = '\n';
		}
		memcpy(field + len, reading.text + at, stop - at);
		len += stop - at;
		if (full)
			break;
		is_long |= stop - at > LINE_LIMIT;
		at = next;
	}
	if (len > 0)
		read_field(header, field, len, of_message, is_long);
	if (!blank && at < reading.end && is_delimiter(at, &index, &close))
		header->unclean |= REASON_BIT(header_unended);
	header->octets = at - header->begin;
	if (of_message && !blank)
		header->octets += 2;
	return at;
}
