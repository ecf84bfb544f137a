#include "tests/fuzz/check.h"
#include "tests/fuzz/tally_inner.h"

#include <string.h>
#include <strings.h>

/* A part, or the message itself. */
struct entity {
	char number[MODEL_NUMBER_MAX + 1];
	struct header header;
	struct content_type type;
	struct disposition disposition;
	enum encoding encoding;
	bool digest, alternative; /* its children are in one */
	bool cover;
	unsigned children;
	uint64_t octets; /* of the leaves of a multipart */
};

struct reading reading;

/* ---- what a header says -------------------------------------------------- */

static struct span content_value(const struct entity *entity, int id)
{
	return (struct span){entity->header.value[id], entity->header.value_len[id]};
}

static bool is_identity(enum encoding encoding)
{
	return encoding != ENCODING_BASE64 && encoding != ENCODING_QUOTED_PRINTABLE &&
	       encoding != ENCODING_UNKNOWN;
}

static bool is_multipart(const struct entity *entity)
{
	return span_is(entity->type.type, "multipart");
}

static bool is_typed(const struct entity *entity)
{
	return entity->header.value[CONTENT_TYPE];
}

static void read_description(struct entity *entity, const struct entity *parent)
{
	const struct content_type *type = &entity->type;
	uint32_t *unclean = &entity->header.unclean;
	bool message;

	if (is_typed(entity))
		content_type_parse(content_value(entity, CONTENT_TYPE), &entity->type);
	if (entity->header.value[CONTENT_DISPOSITION])
		disposition_parse(content_value(entity, CONTENT_DISPOSITION), &entity->disposition);
	if (entity->header.value[CONTENT_TRANSFER_ENCODING])
		entity->encoding = encoding_parse(content_value(entity, CONTENT_TRANSFER_ENCODING));
	entity->alternative = is_multipart(entity) && span_is(type->subtype, "alternative");
	entity->digest = is_multipart(entity) && span_is(type->subtype, "digest");
	entity->cover =
	    !parent || (parent->cover && (parent->children == 1 || parent->alternative));

	if (is_typed(entity) && type->type.len == 0)
		*unclean |= REASON_BIT(type_syntax);
	if (!is_multipart(entity) && type->has_boundary)
		*unclean |= REASON_BIT(stray_boundary);
	message = is_typed(entity) ? span_is(type->type, "message") : parent && parent->digest;
	if (message && !is_identity(entity->encoding)) {
		*unclean |= REASON_BIT(message_encoding);
		reading.model->faults[FAULT_message_encoded] = true;
	}
	if (message &&
	    (span_is(type->subtype, "partial") || span_is(type->subtype, "external-body")))
		reading.model->faults[FAULT_message_elsewhere] = true;
}

/* One boundary is the other, or that and "--". */
static bool collide(struct span a, struct span b)
{
	return a.len >= b.len && memcmp(a.at, b.at, b.len) == 0 &&
	       (a.len == b.len || (a.len == b.len + 2 && memcmp(a.at + b.len, "--", 2) == 0));
}

static bool meet(struct span a, struct span b)
{
	return a.len > 0 && b.len > 0 && (collide(a, b) || collide(b, a));
}

/* In any letter case; a boundary that cuts no more is empty, and nothing begins with it. */
static bool begins_with(struct span s, struct span open)
{
	return open.len > 0 && open.len <= s.len && strncasecmp(s.at, open.at, open.len) == 0;
}

/*
 * To some readers a part that is opaque may be a multipart, with an open boundary for its own: then
 * that one, and all within it, cut no more.
 */
static void close_possible(const struct entity *entity)
{
	const uint32_t hidden = REASON_BIT(header_line) | REASON_BIT(header_octet) |
	                        REASON_BIT(header_size) | REASON_BIT(near_delimiter) |
	                        REASON_BIT(header_unended) | REASON_BIT(long_line) |
	                        REASON_BIT(space_before_colon);
	struct span boundary = entity->type.boundary, *open = reading.boundaries;
	bool unknown = (is_multipart(entity) || entity->type.type.len == 0) &&
	               entity->type.has_boundary && boundary.len == 0;
	bool close = unknown || entity->header.type_twice || (entity->header.unclean & hidden);

	for (size_t i = 0; i < reading.open; i++) {
		size_t stem = reading.stems[i];

		close |= begins_with(boundary, open[i]) ||
		         (open[i].len > 0 && stem > 0 &&
		          begins_with(boundary, (struct span){open[i].at, stem})) ||
		         (boundary.len > 0 && open[i].len > 0 && collide(open[i], boundary));
		if (close)
			open[i].len = 0;
	}
}

/* Why the multipart cannot be opened. The fault is told by the most exact of its names. */
static uint32_t unopened(const struct entity *entity)
{
	struct span boundary = entity->type.boundary;
	bool usable = boundary.len >= 1 && boundary.len <= BOUNDARY_MAX;
	uint32_t why = entity->header.unclean;

	for (size_t i = 0; i < reading.open && usable; i++) {
		struct span other = reading.boundaries[i];

		struct span stem = {boundary.at, entity->type.boundary_stem};
		struct span other_stem = {other.at, reading.stems[i]};

		usable = other.len == 0 || !(meet(boundary, other) || meet(stem, other) ||
		                             meet(boundary, other_stem));
	}
	if (!usable)
		why |= REASON_BIT(boundary);
	if (reading.open == DEPTH_MAX)
		why |= REASON_BIT(depth);
	if (!is_identity(entity->encoding))
		why |= REASON_BIT(multipart_encoding);
	if (why & REASON_BIT(multipart_encoding))
		reading.model->faults[FAULT_multipart_encoded] = true;
	else if (why & REASON_BIT(depth))
		reading.model->faults[FAULT_too_deep] = true;
	else if (why)
		reading.model->faults[FAULT_multipart_unopened] = true;
	return why;
}

/* Why the leaf is no body text, as far as its header tells. */
static uint32_t no_body_text(const struct entity *entity, const struct entity *parent)
{
	const struct content_type *type = &entity->type;
	const struct disposition *disposition = &entity->disposition;
	bool plain = span_is(type->type, "text") &&
	             (span_is(type->subtype, "plain") || span_is(type->subtype, "html"));
	uint32_t why = 0;

	if (is_typed(entity) ? !plain : parent && parent->digest)
		why |= REASON_BIT(type);
	if (entity->header.value[CONTENT_DISPOSITION] && !disposition->inline_)
		why |= REASON_BIT(disposition);
	if (type->has_name || disposition->has_name || entity->header.located)
		why |= REASON_BIT(file_name);
	if (type->malformed || disposition->malformed)
		why |= REASON_BIT(parameters);
	if (!entity->cover)
		why |= REASON_BIT(position);
	return why;
}

/* ---- leaves -------------------------------------------------------------- */

static struct model_leaf *add_leaf(const char *part, const char *suffix)
{
	struct model_leaf *leaf = &reading.model->leaves[reading.model->leaf_count++];

	CHECK(reading.model->leaf_count <= MODEL_LEAVES_MAX);
	*leaf = (struct model_leaf){0};
	snprintf(leaf->part, sizeof leaf->part, "%s%s%s", part, *part && *suffix ? "." : "",
	         suffix);
	return leaf;
}

static void name_leaf(struct model_leaf *leaf, const struct entity *entity)
{
	file_name(content_value(entity, CONTENT_DISPOSITION), content_value(entity, CONTENT_TYPE),
	          leaf->name);
}

/* The content from `at` on, to where the next delimiter stands, which it gives. */
static size_t take_content(size_t at, struct span *content, bool *near)
{
	size_t stop = content_end(at, near);
	bool cut = stop < reading.end && stop > at;

	*content = (struct span){reading.text + at, stop - at - (cut ? 2 : 0)};
	reading.model->faults[FAULT_near_delimiter] |= *near;
	return stop;
}

/* The preamble, or the epilogue. */
static size_t read_aside(struct entity *multipart, size_t at, const char *suffix, uint32_t opaque)
{
	struct span content;
	bool near;
	size_t stop = take_content(at, &content, &near);
	struct model_leaf *leaf;

	if (content.len == 0)
		return stop;
	leaf = add_leaf(multipart->number, suffix);
	leaf->raw = leaf->counted = content.len;
	leaf->why = REASON_BIT(opaque);
	leaf->opaque = opaque | (near ? REASON_BIT(near_delimiter) : 0);
	multipart->octets += content.len;
	return stop;
}

static size_t read_leaf(struct entity *entity, struct entity *parent, size_t at, uint32_t opaque)
{
	struct model_leaf *leaf = add_leaf(parent ? entity->number : "1", "");
	struct span content;
	struct decoded decoded;
	bool near;
	size_t stop = take_content(at, &content, &near);

	name_leaf(leaf, entity);
	leaf->encoding = entity->encoding;
	leaf->raw = leaf->counted = content.len;
	leaf->opaque = opaque | (near ? REASON_BIT(near_delimiter) : 0);
	content_decode(content, entity->encoding, &decoded);
	reading.model->faults[FAULT_eight_bit] |= decoded.eight_bit;
	if (leaf->opaque) {
		leaf->why = REASON_BIT(opaque);
		if (entity->header.unclean)
			leaf->counted += entity->header.octets;
	} else {
		leaf->why = no_body_text(entity, parent);
		if (!decoded.known)
			leaf->why |= REASON_BIT(encoding);
		else if (decoded.embedded)
			leaf->why |= REASON_BIT(embedded);
		leaf->counted = decoded.octets;
	}
	if (parent)
		parent->octets += leaf->counted;
	return stop;
}

/* ---- the tree ------------------------------------------------------------ */

static size_t read_entity(struct entity *parent, size_t at);

static size_t read_multipart(struct entity *entity, struct entity *parent, size_t at)
{
	size_t mine = reading.open, index;
	bool close = false;

	reading.model->multiparts++;
	reading.stems[reading.open] = entity->type.boundary_stem;
	reading.boundaries[reading.open++] = entity->type.boundary;
	at = read_aside(entity, at, "preamble", REASON_BIT(preamble));
	while (at < reading.end && is_delimiter(at, &index, &close) && index == mine && !close) {
		entity->children++;
		at = read_entity(entity, next_line(at));
	}
	reading.open--;
	if (at < reading.end && close && index == mine)
		at = read_aside(entity, next_line(at), "epilogue", REASON_BIT(epilogue));
	if ((entity->header.value[CONTENT_DISPOSITION] && !entity->disposition.inline_) ||
	    entity->disposition.has_name || entity->disposition.malformed ||
	    entity->type.has_name) {
		struct model_leaf *whole = add_leaf(parent ? entity->number : "message", "");

		name_leaf(whole, entity);
		whole->counted = entity->octets;
		whole->why = REASON_BIT(whole);
	}
	if (parent)
		parent->octets += entity->octets;
	return at;
}

/* Reads the part that begins at `at`; gives where the delimiter stands that ends it. */
static size_t read_entity(struct entity *parent, size_t at)
{
	struct entity entity = {.children = 0};
	uint32_t opaque;

	if (parent)
		snprintf(entity.number, sizeof entity.number, "%.600s%s%u", parent->number,
		         *parent->number ? "." : "", parent->children);
	if (++reading.parts > PARTS_MAX)
		reading.model->faults[FAULT_too_many_parts] = true;
	at = read_header(&entity.header, at, !parent);
	read_description(&entity, parent);
	opaque = is_multipart(&entity) ? unopened(&entity) : entity.header.unclean;
	if (!parent)
		reading.model->octets = entity.header.octets + (reading.end - at);
	if (opaque)
		close_possible(&entity);
	if (is_multipart(&entity) && !opaque)
		at = read_multipart(&entity, parent, at);
	else
		at = read_leaf(&entity, parent, at, opaque);
	for (int id = 0; id < CONTENT_FIELDS; id++)
		free(entity.header.value[id]);
	return at;
}

bool model_read(struct model *model, const unsigned char *octets, size_t len)
{
	size_t header = 0;

	CHECK(len <= MODEL_MESSAGE_MAX);
	reading = (struct reading){.model = model, .text = (const char *)octets, .end = len};
	while (header < len && line_end(header) != header)
		header = next_line(header);
	if (header > MODEL_HEADER_MAX)
		return false;
	memset(model, 0, offsetof(struct model, leaves));
	read_entity(NULL, 0);
	model->faults[FAULT_from_missing] = !(reading.fields_seen & 1);
	model->faults[FAULT_date_missing] = !(reading.fields_seen & 2);
	return true;
}
