#include "tests/unit/tally_feed.h"

#include "policy/rules.h"
#include "tests/unit/chunks.h"
#include "tests/unit/milter_header.h"
#include "tests/unit/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What the tally said, as text. */
struct record {
	FILE *stream;
	char *text;
	size_t len;
	struct account_of_message *account;
	uint64_t largest;
};

static struct tally tally;

static void hear_sender(void *arg, const char *field, const struct mailbox *mailbox)
{
	struct record *record = arg;

	fprintf(record->stream, "%s %s\n", field, mailbox->key);
}

static void hear_leaf(void *arg, const struct leaf *leaf)
{
	struct record *record = arg;

	fprintf(record->stream, "%s <%s> <%s> %s raw %" PRIu64 " counted %" PRIu64 " %s %s\n",
	        leaf->part, leaf->type, leaf->name, encoding_names[leaf->encoding], leaf->raw,
	        leaf->counted, reasons[leaf->why].name,
	        leaf->opaque == REASON_NONE ? "-" : reasons[leaf->opaque].name);
	if (leaf->why != REASON_body_text && leaf->counted > record->largest) {
		record->largest = leaf->counted;
		record->account->why = leaf->why;
		record->account->opaque = leaf->opaque;
	}
}

static void begin(struct record *record, struct account_of_message *account, bool structure)
{
	const struct tally_listener listener = {hear_sender, hear_leaf, record};

	*record = (struct record){.account = account};
	account->why = account->opaque = REASON_NONE;
	record->stream = open_memstream(&record->text, &record->len);
	assert_non_null(record->stream);
	memset(&tally, 0xa5, sizeof tally); /* what it does not set shows */
	tally_begin(&tally, &listener, structure);
}

static void end(struct record *record)
{
	const struct message *message = tally_end(&tally);

	fprintf(record->stream, "octets %" PRIu64 "\n", message->octets);
	for (int i = 0; i < FAULT_COUNT; i++)
		if (message->faults[i].found)
			fprintf(record->stream, "fault %s <%s> <%s>\n", faults[i].name,
			        message->faults[i].field, message->faults[i].part);
	fprintf(record->stream, "unknown %d unread %d\n", message->senders_unknown,
	        message->senders_unread);
	fprintf(record->stream, "largest %" PRIu64 " <%s> <%s>\n", message->largest.octets,
	        message->largest.part, message->largest.name);
	assert_int_equal(fclose(record->stream), 0);
	record->account->message = *message;
}

/* ---- chunks ------------------------------------------------------------- */

typedef void take_chunk(struct tally *, const unsigned char *, size_t);

/* From a block of its own size, so that a sanitizer sees what is read past it. */
static void give(take_chunk *take, const unsigned char *octets, size_t len)
{
	unsigned char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, octets, len);
	take(&tally, copy, len);
	free(copy);
}

static void give_octets(void *arg, const unsigned char *octets, size_t len)
{
	(void)arg;
	give(tally_octets, octets, len);
}

static void give_body(void *arg, const unsigned char *octets, size_t len)
{
	(void)arg;
	give(tally_body, octets, len);
}

/* ---- all ways ----------------------------------------------------------- */

struct fed {
	const char *name;
	const unsigned char *octets;
	size_t len;
	size_t header; /* its octets if a milter can be given it, else 0 */
	char *text;    /* of the first way */
	struct account_of_message *out;
};

static void compare(struct fed *fed, struct record *record, const char *way, unsigned most)
{
	fed->out->ways++;
	if (!fed->text) {
		fed->text = record->text;
		return;
	}
	if (strcmp(fed->text, record->text) != 0)
		fail_msg("%s: whole:\n%s\n%s, chunks of at most %u:\n%s", fed->name, fed->text, way,
		         most, record->text);
	free(record->text);
}

static void feed_at_once(struct fed *fed, unsigned most)
{
	struct record record;

	begin(&record, fed->out, true);
	if (most > 0)
		feed_chunks(fed->octets, fed->len, most, give_octets, NULL);
	else
		give_octets(NULL, fed->octets, fed->len);
	end(&record);
	compare(fed, &record, "at once", most);
}

static void feed_as_milter(struct fed *fed, bool leading_space, unsigned most)
{
	const unsigned char *body = fed->octets + fed->header;
	size_t len = fed->len - fed->header;
	struct record record;

	if (!leading_space && !milter_header_has_usual_spaces(fed->octets, fed->header))
		return;
	begin(&record, fed->out, true);
	milter_header_tell(&tally, fed->octets, fed->header, leading_space);
	if (most > 0)
		feed_chunks(body, len, most, give_body, NULL);
	else
		give_body(NULL, body, len);
	end(&record);
	compare(fed, &record, leading_space ? "as a milter" : "as an old milter", most);
}

/* Without looking at the structure, and having stopped that somewhere in the body. */
static void feed_without_structure(struct fed *fed)
{
	const unsigned char *body = fed->octets + fed->header;
	size_t len = fed->len - fed->header;
	struct account_of_message account;

	for (int stop = 0; stop < 2; stop++) {
		size_t first = stop ? random_below((unsigned)len + 1) : 0;
		struct record record;
		const char *what;

		begin(&record, &account, stop);
		milter_header_tell(&tally, fed->octets, fed->header, true);
		give_body(NULL, body, first);
		if (stop)
			tally_stop(&tally);
		feed_chunks(body + first, len - first, 1000, give_body, NULL);
		end(&record);
		free(record.text);
		fed->out->ways++;

		what = differs_in_header(&fed->out->message, &account.message);
		if (what)
			fail_msg("%s: %s %s", fed->name, what, stop ? "stopped" : "not looked at");
	}
}

#define SMALL (1 << 20) /* octets; more take too long in chunks of a few */

void tally_feed(const char *name, const unsigned char *octets, size_t len,
                struct account_of_message *out)
{
	static const unsigned chunks[] = {0, 1, 3, 40, 700, 70000};
	struct fed fed = {.name = name, .octets = octets, .len = len, .out = out};

	fed.header = milter_header(octets, len);
	*out = (struct account_of_message){.as_milter = fed.header > 0};
	for (size_t i = 0; i < ROWS(chunks); i++) {
		if (len > SMALL && chunks[i] > 0 && chunks[i] < 40)
			continue;
		feed_at_once(&fed, chunks[i]);
		if (fed.header == 0)
			continue;
		feed_as_milter(&fed, true, chunks[i]);
		feed_as_milter(&fed, false, chunks[i]);
	}
	if (fed.header > 0)
		feed_without_structure(&fed);
	free(fed.text);
}

const char *tally_faults(const struct message *message)
{
	static char text[1024];
	size_t n = 0;

	text[0] = '\0';
	for (int i = 0; i < FAULT_COUNT; i++)
		if (message->faults[i].found)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s ", faults[i].name);
	return text;
}
