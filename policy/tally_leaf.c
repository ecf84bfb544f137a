#include "policy/tally_leaf.h"

#include "policy/tally_part.h"

#include <stdio.h>

const struct reason_words reasons[REASON_COUNT] = {
#define REASON(name, text) [REASON_##name] = {#name, text},
#include "policy/reasons.def"
#undef REASON
};

void leaf_begin(struct tally *tally, enum leaf_kind kind, enum encoding encoding, enum reason why,
                enum reason opaque)
{
	tally->leaf_kind = kind;
	tally->encoding = encoding;
	tally->why = opaque == REASON_NONE ? why : REASON_opaque;
	tally->opaque = opaque;
	tally->near = false;
	counter_init(&tally->counter, encoding);
	tally->watched = tally->why == REASON_body_text;
	if (tally->watched)
		embedded_init(&tally->embedded, encoding);
}

void leaf_add(struct tally *tally, const void *octets, size_t len)
{
	if (len == 0)
		return;
	counter_add(&tally->counter, octets, len);
	if (tally->watched)
		embedded_add(&tally->embedded, octets, len);
}

static void weigh(struct tally *tally, const char *number, const char *name, uint64_t octets)
{
	struct message *message = &tally->message;

	if (octets <= message->largest.octets)
		return;
	message->largest.octets = octets;
	strcpy(message->largest.part, number);
	if (name)
		strcpy(message->largest.name, name);
	else
		file_name(tally->content[CONTENT_DISPOSITION], tally->content[CONTENT_TYPE],
		          message->largest.name);
}

/* "type/subtype" in lower case, as much of it as there is room for. */
static void type_text(const struct tally *tally, char out[MEDIA_TYPE_MAX + 1])
{
	struct content_type type;
	size_t n = 0;

	if (tally->content[CONTENT_TYPE].at) {
		content_type_parse(tally->content[CONTENT_TYPE], &type);
		if (type.type.len > 0)
			n = (size_t)snprintf(out, MEDIA_TYPE_MAX + 1, "%.*s/%.*s",
			                     (int)type.type.len, type.type.at,
			                     (int)type.subtype.len, type.subtype.at);
	}
	if (n > MEDIA_TYPE_MAX) {
		n = MEDIA_TYPE_MAX;
		strcpy(out + n - 3, "...");
	}
	out[n] = '\0';
	while (n-- > 0)
		out[n] = (char)to_lower((unsigned char)out[n]);
}

static void tell_leaf(const struct tally *tally, const char *number, enum reason why,
                      uint64_t counted)
{
	char type[MEDIA_TYPE_MAX + 1] = "", name[FILE_NAME_MAX + 1] = "";
	struct leaf leaf = {
	    .part = number,
	    .type = type,
	    .name = name,
	    .encoding = tally->encoding,
	    .raw = tally->counter.raw,
	    .counted = counted,
	    .why = why,
	    .opaque = tally->opaque,
	};

	if (!tally->listener.leaf)
		return;
	if (tally->leaf_kind == LEAF_OF_PART) {
		type_text(tally, type);
		file_name(tally->content[CONTENT_DISPOSITION], tally->content[CONTENT_TYPE], name);
	}
	tally->listener.leaf(tally->listener.arg, &leaf);
}

/* What was found while the leaf was read; gives why it counts as it does, and how many octets. */
static enum reason judge_content(struct tally *tally, uint64_t *octets)
{
	bool decoded;

	*octets = counter_octets(&tally->counter, &decoded);
	if (counter_eight_bit(&tally->counter))
		part_fault(tally, FAULT_eight_bit);
	if (tally->near) {
		part_fault(tally, FAULT_near_delimiter);
		if (tally->opaque == REASON_NONE)
			tally->opaque = REASON_near_delimiter;
	}
	if (tally->opaque != REASON_NONE) {
		*octets = tally->counter.raw;
		if (tally->leaf_kind == LEAF_OF_PART && tally->unclean != REASON_NONE)
			*octets += tally->header_octets;
		return REASON_opaque;
	}
	if (tally->why == REASON_body_text && !decoded)
		return REASON_encoding;
	if (tally->why == REASON_body_text && embedded_found(&tally->embedded))
		return REASON_embedded;
	return tally->why;
}

void leaf_end(struct tally *tally)
{
	struct multipart *parent = part_around(tally);
	bool of_part = tally->leaf_kind == LEAF_OF_PART;
	char number[PART_NUMBER_MAX + 1];
	uint64_t octets;
	enum reason why = judge_content(tally, &octets);

	if (!of_part && octets == 0)
		return;
	if (parent)
		parent->octets += octets;
	part_leaf_number(tally, number);
	if (why != REASON_body_text)
		weigh(tally, number, of_part ? NULL : "", octets);
	tell_leaf(tally, number, why, octets);
}

void leaf_of_multipart(struct tally *tally, const struct multipart *multipart)
{
	const char *number = multipart->number_len > 0 ? tally->number : "message";
	struct leaf leaf = {
	    .part = number,
	    .type = "",
	    .name = multipart->name,
	    .counted = multipart->octets,
	    .why = REASON_whole,
	    .opaque = REASON_NONE,
	};

	weigh(tally, number, multipart->name, multipart->octets);
	if (tally->listener.leaf)
		tally->listener.leaf(tally->listener.arg, &leaf);
}
