/*
 * A message through the tally in all the ways it may come, held against tally_model.c. The README
 * says what is held true, and what the input is.
 */
#define _GNU_SOURCE /* memmem() */
#include "policy/rules.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/cpu.h"
#include "tests/fuzz/tally_model.h"
#include "tests/unit/milter_header.h"

#include <string.h>

#define CONTROL_OCTETS 4 /* of the input, before the message */

/* What the tally told. */
struct told {
	struct message message;
	size_t leaf_count;
	struct told_leaf {
		char part[PART_NUMBER_MAX + 1], type[MEDIA_TYPE_MAX + 1], name[FILE_NAME_MAX + 1];
		enum encoding encoding;
		enum reason why, opaque;
		uint64_t raw, counted;
	} leaves[MODEL_LEAVES_MAX];
	size_t senders;
	uint64_t sender_hash; /* of their fields and keys, in their order */
};

struct input {
	unsigned char message[MODEL_MESSAGE_MAX];
	size_t len;
	uint32_t seed;
	size_t most;  /* octets of a chunk */
	bool repeats; /* a line is repeated: then octet by octet takes too long */
};

static struct tally tally;
static struct told whole, other;
static struct model model;
static struct input input;

/* ---- what is told -------------------------------------------------------- */

static void hash(uint64_t *h, const char *s)
{
	do
		*h = (*h ^ (unsigned char)*s) * UINT64_C(0x100000001b3); /* FNV-1a */
	while (*s++);
}

static void hear_sender(void *arg, const char *field, const struct mailbox *mailbox)
{
	struct told *told = arg;

	told->senders++;
	hash(&told->sender_hash, field);
	hash(&told->sender_hash, mailbox->key);
}

static void hear_leaf(void *arg, const struct leaf *leaf)
{
	struct told *told = arg;
	struct told_leaf *to = &told->leaves[told->leaf_count++];

	CHECK(told->leaf_count <= MODEL_LEAVES_MAX);
	CHECK(strlen(leaf->part) < sizeof to->part && strlen(leaf->type) < sizeof to->type &&
	      strlen(leaf->name) < sizeof to->name);
	memset(to, 0, sizeof *to);
	strcpy(to->part, leaf->part);
	strcpy(to->type, leaf->type);
	strcpy(to->name, leaf->name);
	to->encoding = leaf->encoding;
	to->why = leaf->why;
	to->opaque = leaf->opaque;
	to->raw = leaf->raw;
	to->counted = leaf->counted;
}

static void check_same(const struct told *a, const struct told *b, const char *way)
{
	CHECK_NOTE(memcmp(&a->message, &b->message, sizeof a->message) == 0, way);
	CHECK_NOTE(a->leaf_count == b->leaf_count, way);
	CHECK_NOTE(memcmp(a->leaves, b->leaves, a->leaf_count * sizeof *a->leaves) == 0, way);
	CHECK_NOTE(a->senders == b->senders && a->sender_hash == b->sender_hash, way);
}

/* Of what does not depend on the structure: octets, senders, the form of the header. */
static void check_same_header(const struct told *a, const struct told *b, const char *way)
{
	CHECK_NOTE(!differs_in_header(&a->message, &b->message), way);
	CHECK_NOTE(a->senders == b->senders && a->sender_hash == b->sender_hash, way);
}

/* ---- chunks -------------------------------------------------------------- */

typedef void take_chunk(struct tally *, const unsigned char *, size_t);

/* From a block of its own size, so that a sanitizer sees what is read behind it. */
static void give(take_chunk *take, const unsigned char *octets, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);

	CHECK(copy);
	memcpy(copy, octets, len);
	take(&tally, copy, len);
	free(copy);
}

/* In chunks of 0 to input.most octets; most: instead of that. */
static void give_chunks(take_chunk *take, const unsigned char *octets, size_t len, size_t most)
{
	uint32_t state = input.seed;

	while (len > 0) {
		size_t chunk = most;

		if (most == 0) {
			state = state * 1664525 + 1013904223;
			chunk = (state >> 16) % (input.most + 1);
		}
		if (chunk > len)
			chunk = len;
		if (chunk == 1)
			take(&tally, octets, 1);
		else
			give(take, octets, chunk);
		octets += chunk;
		len -= chunk;
	}
}

/* ---- the ways ------------------------------------------------------------ */

enum way {
	WHOLE,
	CHUNKS,
	OCTETS,
	MILTER,            /* the header in fields, the body in chunks */
	MILTER_NO_SPACE,   /* likewise, without leading spaces */
	MILTER_STOPPED,    /* told somewhere in the body that only octets are counted */
	WITHOUT_STRUCTURE, /* nobody asked for the parts */
	WAYS
};
static const char *const way_names[] = {"whole",
                                        "in chunks",
                                        "octet by octet",
                                        "milter",
                                        "milter without leading space",
                                        "milter, stopped",
                                        "without structure"};

static void feed(enum way way, size_t header)
{
	const unsigned char *s = input.message;
	size_t len = input.len, first;

	if (way >= MILTER) {
		milter_header_tell(&tally, s, header, way != MILTER_NO_SPACE);
		s += header, len -= header;
		first = way == MILTER_STOPPED ? input.seed % (len + 1) : 0;
		give_chunks(tally_body, s, first, input.most);
		if (way == MILTER_STOPPED)
			tally_stop(&tally);
		give_chunks(tally_body, s + first, len - first, 0);
	} else if (way == WHOLE) {
		give(tally_octets, s, len);
	} else {
		give_chunks(tally_octets, s, len, way == OCTETS ? 1 : 0);
	}
}

struct run {
	enum way way;
	size_t header;
	struct told *told;
};

static void run_once(void *arg)
{
	const struct run *run = arg;
	struct told *told = run->told;
	const struct tally_listener listener = {hear_sender, hear_leaf, told};

	told->leaf_count = told->senders = told->sender_hash = 0;
	tally_begin(&tally, &listener, run->way != WITHOUT_STRUCTURE);
	feed(run->way, run->header);
	told->message = *tally_end(&tally);
}

static void run(enum way way, size_t header, struct told *told)
{
	check_cpu(run_once, &(struct run){way, header, told}, way_names[way]);
	CHECK(!told->message.senders_unknown);
}

static void run_all(void)
{
	size_t header = milter_header(input.message, input.len);
	bool usual = header && milter_header_has_usual_spaces(input.message, header);

	memset(&tally, 0xa5, sizeof tally); /* what it does not set shows */
	run(WHOLE, header, &whole);
	for (enum way way = CHUNKS; way < WAYS; way++) {
		if (way >= MILTER && !header)
			break;
		if ((way == MILTER_NO_SPACE && !usual) || (way == OCTETS && input.repeats))
			continue;
		run(way, header, &other);
		if (way < MILTER_STOPPED)
			check_same(&whole, &other, way_names[way]);
		else
			check_same_header(&whole, &other, way_names[way]);
	}
}

/* ---- against the model --------------------------------------------------- */

/* A number that is too long for the tally is cut and ends in "...". */
static bool same_number(const char *told, const char *number)
{
	size_t len = strlen(told);

	if (strlen(number) <= PART_NUMBER_MAX - 3)
		return strcmp(told, number) == 0;
	if (len < 3 || strcmp(told + len - 3, "...") != 0)
		return strcmp(told, number) == 0;
	return strncmp(told, number, len - 3) == 0;
}

/* The reason that was told is one of those that hold; none, only if there is none. */
static bool is_among(enum reason reason, enum reason none, uint32_t bits)
{
	return reason == none ? bits == 0 : (bits >> reason & 1) != 0;
}

static void show_leaf(size_t i)
{
	const struct told_leaf *told = &whole.leaves[i];
	const struct model_leaf *leaf = &model.leaves[i];

	if (i < whole.leaf_count)
		fprintf(stderr, "tally: %s <%s> %s raw %ju counted %ju %s %s\n", told->part,
		        told->name, encoding_names[told->encoding], (uintmax_t)told->raw,
		        (uintmax_t)told->counted, reasons[told->why].name,
		        told->opaque == REASON_NONE ? "-" : reasons[told->opaque].name);
	if (i < model.leaf_count)
		fprintf(stderr, "model: %s <%s> %s raw %ju counted %ju why %#x opaque %#x\n",
		        leaf->part, leaf->name, encoding_names[leaf->encoding],
		        (uintmax_t)leaf->raw, (uintmax_t)leaf->counted, leaf->why, leaf->opaque);
}

static bool same_leaf(const struct told_leaf *told, const struct model_leaf *leaf)
{
	return same_number(told->part, leaf->part) && strcmp(told->name, leaf->name) == 0 &&
	       told->encoding == leaf->encoding && told->raw == leaf->raw &&
	       told->counted == leaf->counted && is_among(told->why, REASON_body_text, leaf->why) &&
	       is_among(told->opaque, REASON_NONE, leaf->opaque);
}

static void check_leaves(void)
{
	for (size_t i = 0; i < whole.leaf_count || i < model.leaf_count; i++) {
		bool same = i < whole.leaf_count && i < model.leaf_count &&
		            same_leaf(&whole.leaves[i], &model.leaves[i]);

		if (!same)
			show_leaf(i);
		CHECK(same);
	}
}

static void check_largest(void)
{
	const struct message *message = &whole.message;
	const struct model_leaf *largest = NULL;

	for (size_t i = 0; i < model.leaf_count; i++)
		if (model.leaves[i].why &&
		    model.leaves[i].counted > (largest ? largest->counted : 0))
			largest = &model.leaves[i];
	CHECK(message->largest.octets == (largest ? largest->counted : 0));
	if (!largest)
		return;
	CHECK_NOTE(same_number(message->largest.part, largest->part), message->largest.part);
	CHECK_NOTE(strcmp(message->largest.name, largest->name) == 0, message->largest.name);
}

static void check_model(void)
{
	const struct message *message = &whole.message;

	if (!model_read(&model, input.message, input.len))
		return;
	CHECK(message->octets == model.octets);
	check_leaves();
	check_largest();
	for (int i = 0; i < FAULT_COUNT; i++)
		CHECK_NOTE(message->faults[i].found == model.faults[i], faults[i].name);
	CHECK(message->senders_unread == model.senders_unread);
	CHECK(whole.senders == model.senders);
	if (model.multiparts == 0)
		CHECK(whole.leaf_count == 1);
}

/* What must be so whatever the model says. */
static void check_sums(void)
{
	const struct message *message = &whole.message;
	uint64_t sum = 0;

	for (size_t i = 0; i < whole.leaf_count; i++) {
		const struct told_leaf *leaf = &whole.leaves[i];

		if (leaf->why == REASON_whole) {
			CHECK(leaf->counted <= sum);
			continue;
		}
		CHECK(leaf->counted <= leaf->raw || leaf->opaque != REASON_NONE);
		CHECK((leaf->why == REASON_opaque) == (leaf->opaque != REASON_NONE));
		sum += leaf->counted;
	}
	CHECK(sum <= message->octets);
	CHECK(message->largest.octets <= message->octets);
	CHECK(message->octets >= input.len && message->octets <= input.len + 2);
}

/* ---- the input ----------------------------------------------------------- */

static void append(const uint8_t *octets, size_t len)
{
	if (len > sizeof input.message - input.len)
		len = sizeof input.message - input.len;
	memcpy(input.message + input.len, octets, len);
	input.len += len;
}

/*
 * How often a line of the message stands: for bounds that no short input reaches. That takes long,
 * so a sum must be right, which in a mutant it seldom is.
 */
static size_t repetitions(const uint8_t *data, size_t size)
{
	size_t root = data[3] & 0x7f;
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return data[3] & 0x80 && sum % 256 == 0 ? 1 + root * root : 1;
}

static size_t line_length(const uint8_t *s, size_t len)
{
	const uint8_t *crlf = memmem(s, len, "\r\n", 2);

	return crlf ? (size_t)(crlf - s) + 2 : len;
}

static void read_input(const uint8_t *data, size_t size)
{
	size_t line = data[2], times = repetitions(data, size);
	const uint8_t *s = data + CONTROL_OCTETS;
	size_t left = size - CONTROL_OCTETS;

	input.seed = data[0] * UINT32_C(2654435761);
	input.most = 1 + data[1];
	input.len = 0;
	input.repeats = times > 1;
	for (size_t i = 0; left > 0; i++) {
		size_t len = line_length(s, left);

		for (size_t n = i == line ? times : 1; n > 0; n--)
			append(s, len);
		s += len;
		left -= len;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < CONTROL_OCTETS)
		return 0;
	read_input(data, size);
	run_all();
	check_sums();
	check_model();
	return 0;
}
