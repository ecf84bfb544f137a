#include "policy/tally_part.h"

#include "policy/tally_leaf.h"

#include <assert.h>
#include <stdio.h>

/* There must be one. */
static struct multipart *innermost(struct tally *tally)
{
	assert(tally->boundaries.count > 0);
	return &tally->multiparts[tally->boundaries.count - 1];
}

struct multipart *part_around(struct tally *tally)
{
	return tally->boundaries.count > 0 ? innermost(tally) : NULL;
}

/* ---- numbers and faults ------------------------------------------------- */

/* Appends to a part number, the first len octets of which stand; gives its new length. */
static size_t number_append(char number[PART_NUMBER_MAX + 1], size_t len, const char *text)
{
	size_t more = strlen(text) + (len > 0);

	if (len + more + strlen("...") > PART_NUMBER_MAX) {
		if (len < 3 || strcmp(number + len - 3, "...") != 0)
			strcpy(number + len, "...");
		return strlen(number);
	}
	sprintf(number + len, "%s%s", len > 0 ? "." : "", text);
	return len + more;
}

void part_leaf_number(const struct tally *tally, char out[PART_NUMBER_MAX + 1])
{
	strcpy(out, tally->number);
	if (tally->leaf_kind == LEAF_PREAMBLE)
		number_append(out, tally->number_len, "preamble");
	else if (tally->leaf_kind == LEAF_EPILOGUE)
		number_append(out, tally->number_len, "epilogue");
	else if (tally->number_len == 0)
		strcpy(out, "1");
}

void part_fault(struct tally *tally, enum fault fault)
{
	if (tally->message.faults[fault].found)
		return;
	tally->message.faults[fault].found = true;
	tally->message.faults[fault].field = "";
	part_leaf_number(tally, tally->message.faults[fault].part);
}

void message_fault(struct tally *tally, enum fault fault, const char *field)
{
	if (tally->message.faults[fault].found)
		return;
	tally->message.faults[fault].found = true;
	tally->message.faults[fault].field = field;
	tally->message.faults[fault].part[0] = '\0';
}

void part_unclean(struct tally *tally, enum reason reason)
{
	if (tally->unclean == REASON_NONE)
		tally->unclean = reason;
	switch (reason) {
	case REASON_header_line:
	case REASON_header_octet:
	case REASON_header_size:
	case REASON_header_unended:
	case REASON_long_line:
	case REASON_near_delimiter:
	case REASON_space_before_colon:
		tally->unread = true;
		break;
	default:
		break;
	}
}

static void begin_part(struct tally *tally)
{
	tally->state = IN_HEADER;
	tally->before = AFTER_CRLF;
	tally->held = 0;
	tally->kept = tally->used = 0;
	tally->header_octets = tally->line_octets = 0;
	tally->in_field = tally->field_cut = tally->field_long = false;
	tally->located = false;
	tally->unclean = REASON_NONE;
	tally->unread = false;
	memset(tally->content, 0, sizeof tally->content);
	tally->leaf_kind = LEAF_OF_PART;
	if (++tally->parts > PARTS_MAX)
		part_fault(tally, FAULT_too_many_parts);
}

void part_first(struct tally *tally)
{
	tally->number[0] = '\0';
	tally->number_len = 0;
	tally->parts = 0;
	tally->boundaries.count = tally->boundaries.open = 0;
	begin_part(tally);
}

void part_next(struct tally *tally)
{
	struct multipart *parent = innermost(tally);
	char child[16];

	snprintf(child, sizeof child, "%u", ++parent->children);
	tally->number[parent->number_len] = '\0';
	tally->number_len = number_append(tally->number, parent->number_len, child);
	begin_part(tally);
}

/* ---- what a header makes of its part ------------------------------------ */

/* A content field as the rules want it. */
struct description {
	struct content_type type;
	struct disposition disposition;
	enum encoding encoding;
	bool typed, placed; /* there is a type, a disposition */
	bool multipart, message, text;
	bool cover;   /* in cover-letter position */
	bool located; /* it has a Content-Location, which some make a file name of */
};

static bool is_identity(enum encoding encoding)
{
	return encoding < ENCODING_BASE64;
}

static void describe(struct tally *tally, struct description *d)
{
	const struct span *content = tally->content;
	const struct multipart *parent = part_around(tally);

	memset(d, 0, sizeof *d);
	d->typed = content[CONTENT_TYPE].at != NULL;
	d->placed = content[CONTENT_DISPOSITION].at != NULL;
	if (d->typed)
		content_type_parse(content[CONTENT_TYPE], &d->type);
	if (d->placed)
		disposition_parse(content[CONTENT_DISPOSITION], &d->disposition);
	if (content[CONTENT_TRANSFER_ENCODING].at)
		d->encoding = encoding_parse(content[CONTENT_TRANSFER_ENCODING]);

	d->located = tally->located;

	/* RFC 2046 5.1.5: in a digest, what has no type is a message */
	d->multipart = span_is(d->type.type, "multipart");
	d->message = span_is(d->type.type, "message") || (!d->typed && parent && parent->digest);
	d->text = (!d->typed && !d->message) ||
	          (span_is(d->type.type, "text") &&
	           (span_is(d->type.subtype, "plain") || span_is(d->type.subtype, "html")));
	d->cover = !parent || (parent->cover && (parent->alternative || parent->children == 1));
}

/* What of the content fields makes the header unclean, and the faults that go with it. */
static void check_clean(struct tally *tally, const struct description *d)
{
	if (d->typed && d->type.type.len == 0)
		part_unclean(tally, REASON_type_syntax);
	if (d->type.has_boundary && !d->multipart)
		part_unclean(tally, REASON_stray_boundary);
	if (d->message && !is_identity(d->encoding)) {
		part_unclean(tally, REASON_message_encoding);
		part_fault(tally, FAULT_message_encoded);
	}
	if (d->message &&
	    (span_is(d->type.subtype, "partial") || span_is(d->type.subtype, "external-body")))
		part_fault(tally, FAULT_message_elsewhere);
}

/* Why a multipart cannot be opened, or REASON_NONE; and the fault that goes with it. */
static enum reason check_openable(struct tally *tally, const struct description *d)
{
	if (!is_identity(d->encoding)) {
		part_fault(tally, FAULT_multipart_encoded);
		return REASON_multipart_encoding;
	}
	if (tally->boundaries.count == DEPTH_MAX) {
		part_fault(tally, FAULT_too_deep);
		return REASON_depth;
	}
	if (tally->unclean == REASON_NONE && d->type.boundary.len > 0 &&
	    boundary_distinct(&tally->boundaries, d->type.boundary, d->type.boundary_stem))
		return REASON_NONE;
	part_fault(tally, FAULT_multipart_unopened);
	return tally->unclean != REASON_NONE ? tally->unclean : REASON_boundary;
}

static void open_multipart(struct tally *tally, const struct description *d)
{
	struct boundary *boundary = &tally->boundaries.at[tally->boundaries.count];
	struct multipart *multipart = &tally->multiparts[tally->boundaries.count];

	boundary->len = d->type.boundary.len;
	boundary->stem = d->type.boundary_stem;
	memcpy(boundary->text, d->type.boundary.at, boundary->len);
	tally->boundaries.count++;
	tally->boundaries.open++;

	multipart->children = 0;
	multipart->alternative = span_is(d->type.subtype, "alternative");
	multipart->digest = span_is(d->type.subtype, "digest");
	multipart->cover = d->cover;
	multipart->attachment = (d->placed && !d->disposition.inline_) || d->type.has_name ||
	                        d->disposition.has_name || d->disposition.malformed;
	multipart->octets = 0;
	multipart->number_len = tally->number_len;
	if (multipart->attachment)
		file_name(tally->content[CONTENT_DISPOSITION], tally->content[CONTENT_TYPE],
		          multipart->name);
}

/*
 * To some readers, a part that is opaque to us may be a multipart. If they may take an open boundary
 * for its own, then what cuts for us from here on does not for them, or belongs elsewhere: so that
 * multipart and all within it cut no more.
 */
static void close_possible(struct tally *tally, const struct description *d)
{
	struct boundaries *boundaries = &tally->boundaries;
	bool unknown = (d->multipart || d->type.type.len == 0) && d->type.has_boundary &&
	               d->type.boundary.len == 0;

	if (unknown || tally->unread)
		boundaries_close(boundaries, 0);
	else if (d->type.boundary.len > 0)
		boundaries_close(boundaries, boundaries_begun(boundaries, d->type.boundary));
}

/* Whether a leaf is body text, as far as its header tells; or why not. */
static enum reason judge_header(const struct description *d)
{
	if (!d->text)
		return REASON_type;
	if (d->placed && !d->disposition.inline_)
		return REASON_disposition;
	if (d->type.has_name || d->disposition.has_name || d->located)
		return REASON_file_name;
	if (d->type.malformed || d->disposition.malformed)
		return REASON_parameters;
	if (!d->cover)
		return REASON_position;
	if (d->encoding == ENCODING_UNKNOWN)
		return REASON_encoding;
	return REASON_body_text;
}

/* ---- from header to content ---------------------------------------------- */

void part_begin_content(struct tally *tally)
{
	enum reason opaque;
	struct description d;

	tally->state = IN_CONTENT;
	tally->before = AFTER_CRLF;
	tally->held = 0;
	describe(tally, &d);
	check_clean(tally, &d);
	opaque = tally->unclean;
	if (d.multipart) {
		opaque = check_openable(tally, &d);
		if (opaque == REASON_NONE) {
			open_multipart(tally, &d);
			leaf_begin(tally, LEAF_PREAMBLE, ENCODING_NONE, REASON_opaque,
			           REASON_preamble);
			return;
		}
	}
	if (opaque != REASON_NONE)
		close_possible(tally, &d);
	leaf_begin(tally, LEAF_OF_PART, d.encoding, judge_header(&d), opaque);
}

void part_begin_epilogue(struct tally *tally)
{
	tally->state = IN_CONTENT;
	tally->before = AFTER_CRLF;
	tally->held = 0;
	tally->number_len = innermost(tally)->number_len;
	tally->number[tally->number_len] = '\0';
	leaf_begin(tally, LEAF_EPILOGUE, ENCODING_NONE, REASON_opaque, REASON_epilogue);
}

static void end_multipart(struct tally *tally)
{
	struct boundaries *boundaries = &tally->boundaries;
	const struct multipart *multipart = innermost(tally);
	struct multipart *parent;

	tally->number_len = multipart->number_len;
	tally->number[tally->number_len] = '\0';
	if (multipart->attachment)
		leaf_of_multipart(tally, multipart);
	if (boundaries->at[boundaries->count - 1].len > 0)
		boundaries->open--;
	boundaries->count--;
	parent = part_around(tally);
	if (parent)
		parent->octets += multipart->octets;
}

void part_end_multiparts(struct tally *tally, size_t left)
{
	while (tally->boundaries.count > left)
		end_multipart(tally);
}
