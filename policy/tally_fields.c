#include "policy/tally_fields.h"

#include "policy/address_list.h"
#include "policy/tally_header.h"
#include "policy/tally_part.h"

/* The fields of a message that RFC 5322 3.6 limits, or that hold addresses. */
static const struct row {
	const char *name;
	bool once;
	enum {
		NO_ADDRESSES,
		SENDER,
		SENDERS,
		RECIPIENTS
	} holds; /* SENDER: one mailbox alone */
} rows[] = {
    {"From", true, SENDERS},
    {"Date", true, NO_ADDRESSES},
    {"Sender", true, SENDER},
    {"Reply-To", true, RECIPIENTS},
    {"To", true, RECIPIENTS},
    {"Cc", true, RECIPIENTS},
    {"Bcc", true, RECIPIENTS},
    {"Message-ID", true, NO_ADDRESSES},
    {"In-Reply-To", true, NO_ADDRESSES},
    {"References", true, NO_ADDRESSES},
    {"Subject", true, NO_ADDRESSES},
    {">From", false, SENDERS}, /* to c-client (UW IMAP, PHP) a From field */
    {"Resent-From", false, SENDERS},
    {"Resent-Sender", false, SENDER},
    {"Resent-To", false, RECIPIENTS},
    {"Resent-Cc", false, RECIPIENTS},
    {"Resent-Bcc", false, RECIPIENTS},
};
#define ROW_COUNT (sizeof rows / sizeof *rows)
enum {
	ROW_FROM,
	ROW_DATE
}; /* their places in the table */

static const char *const content_names[CONTENT_FIELDS] = {
    [CONTENT_TYPE] = "Content-Type",
    [CONTENT_TRANSFER_ENCODING] = "Content-Transfer-Encoding",
    [CONTENT_DISPOSITION] = "Content-Disposition",
};

bool field_name_good(struct span name)
{
	size_t i = 0;

	while (i < name.len && name.at[i] > ' ' && name.at[i] < 0x7f && name.at[i] != ':')
		i++;
	for (size_t space = i; space < name.len; space++)
		if (name.at[space] != ' ' && name.at[space] != '\t')
			return false;
	return i > 0;
}

/* ---- addresses ---------------------------------------------------------- */

static void unreadable(struct tally *tally, enum fault fault, const struct row *row)
{
	message_fault(tally, fault, row->name);
	if (row->holds == SENDER || row->holds == SENDERS)
		tally->message.senders_unread = true;
}

static void read_recipients(struct tally *tally, const struct row *row, struct span value)
{
	struct address_list list;
	struct mailbox mailbox;
	enum form form;

	address_list_begin(&list, value, ADDRESSES_OF_RECIPIENTS);
	while ((form = address_list_next(&list, &mailbox)) == FORM_OK)
		if (++tally->recipients > RECIPIENTS_MAX)
			return;
	if (form == FORM_BAD)
		unreadable(tally, FAULT_address_list, row);
	else if (form == FORM_UNKNOWN)
		tally->message.senders_unknown = true;
}

static void read_senders(struct tally *tally, const struct row *row, struct span value)
{
	struct address_list list;
	struct mailbox mailbox;
	size_t count = 0;
	enum form form;

	address_list_begin(&list, value, ADDRESSES_OF_SENDERS);
	while ((form = address_list_next(&list, &mailbox)) == FORM_OK) {
		if (++tally->senders > SENDERS_MAX) {
			unreadable(tally, FAULT_too_many_addresses, row);
			return;
		}
		count++;
		if (tally->listener.sender)
			tally->listener.sender(tally->listener.arg, row->name, &mailbox);
	}
	if (form == FORM_BAD || (row->holds == SENDER && count > 1))
		unreadable(tally, FAULT_address_list, row);
	else if (form == FORM_UNKNOWN)
		tally->message.senders_unknown = true;
}

/*
 * Nothing rests on who the recipients of an overlong field are; who sends must be known whole, and
 * Postfix cuts what is longer.
 */
static void read_addresses(struct tally *tally, const struct row *row, struct span value)
{
	bool too_long = tally->field_cut || value.len > ADDRESS_FIELD_MAX;

	if (row->holds == RECIPIENTS && !too_long && tally->recipients <= RECIPIENTS_MAX)
		read_recipients(tally, row, value);
	else if (row->holds == SENDER || row->holds == SENDERS) {
		if (too_long || tally->field_long)
			unreadable(tally, FAULT_field_too_long, row);
		else
			read_senders(tally, row, value);
	}
}

/* ---- fields ------------------------------------------------------------- */

static void message_field(struct tally *tally, struct span name, struct span value)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!span_is(name, rows[i].name))
			continue;
		if (rows[i].once && (tally->fields_seen & 1U << i))
			message_fault(tally, FAULT_field_twice, rows[i].name);
		tally->fields_seen |= 1U << i;
		read_addresses(tally, &rows[i], value);
		return;
	}
}

/* Gives the end of what must be kept. */
static const char *content_field(struct tally *tally, int id, struct span value)
{
	struct span *first = &tally->content[id];

	if (tally->field_long)
		part_unclean(tally, REASON_long_line);
	if (header_is_message(tally) && value.len > MESSAGE_CONTENT_MAX) {
		part_unclean(tally, REASON_header_size);
		value.len = MESSAGE_CONTENT_MAX;
	}
	if (!first->at) {
		*first = value;
		return value.at + value.len;
	}
	if (first->len != value.len || memcmp(first->at, value.at, value.len) != 0) {
		part_unclean(tally, REASON_field_twice);
		tally->unread |= id == CONTENT_TYPE;
		if (id != CONTENT_DISPOSITION)
			part_fault(tally, FAULT_content_twice);
	}
	return NULL;
}

const char *field_complete(struct tally *tally, struct span name, struct span value)
{
	struct span trimmed = span_trim(name);

	bool space = trimmed.len < name.len;

	/* Postfix takes it away from the message's header, not from those of parts. */
	if (space && !header_is_message(tally))
		part_unclean(tally, REASON_space_before_colon);
	tally->located |= span_is(trimmed, "Content-Location");
	for (int id = 0; id < CONTENT_FIELDS; id++) {
		if (!span_is(trimmed, content_names[id]))
			continue;
		if (space)
			part_unclean(tally, REASON_space_before_colon);
		return content_field(tally, id, value);
	}
	if (header_is_message(tally))
		message_field(tally, trimmed, value);
	return NULL;
}

void fields_check_missing(struct tally *tally)
{
	if (!(tally->fields_seen & 1U << ROW_FROM))
		message_fault(tally, FAULT_from_missing, "");
	if (!(tally->fields_seen & 1U << ROW_DATE))
		message_fault(tally, FAULT_date_missing, "");
}
