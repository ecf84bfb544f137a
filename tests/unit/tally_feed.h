/*
 * A message through the tally in every way it may come: whole, octet by octet, in random chunks; at
 * once, or as a milter gets it. What came out is told as text.
 */
#ifndef TESTS_UNIT_TALLY_FEED_H
#define TESTS_UNIT_TALLY_FEED_H

#include "policy/tally.h"

#include <stdbool.h>
#include <stddef.h>

struct account_of_message {
	struct message message;
	enum reason why, opaque; /* of the leaf that is the largest attachment; else REASON_NONE */
	unsigned ways;           /* in which it was fed */
	bool as_milter;          /* and as a milter gets it, too */
};

/*
 * Feeds the message in all ways, and fails the test that calls if they do not all come to the same.
 * As a milter gets it only if its header can come that way: all of its lines are fields.
 */
void tally_feed(const char *name, const unsigned char *octets, size_t len,
                struct account_of_message *out);

/* The names of the faults that were found, with a space behind each; static. */
const char *tally_faults(const struct message *message);

#endif
