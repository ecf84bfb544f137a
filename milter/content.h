/*
 * The message of one transaction as it comes: its tally, and whether the account may use the
 * addresses that its header says it is from.
 */
#ifndef MILTER_CONTENT_H
#define MILTER_CONTENT_H

#include "db/registry.h"
#include "milter/stats.h"
#include "policy/rules.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known of its transaction before it. Borrowed, all of it, as long as the content lives. */
struct envelope {
	struct registry_reader *registry;
	struct stats *stats;
	bool bodies; /* the body comes by; the header does, or there is nothing to look at */
	const struct limits *limits;
	bool account_known;
	const char *account; /* its name; "" if it is not registered: then nothing is granted */
	const char *granted; /* a mailbox key that is known to be granted, or "" */
	char *cause;         /* REGISTRY_ERROR_MAX octets: gets why a lookup failed */
};

struct content;

/* Some 120 KiB. Null when memory ran out. */
struct content *content_new(const struct envelope *envelope);
void content_free(struct content *content); /* takes null */

/* As tally_field() and tally_body(). */
void content_header(struct content *content, const char *name, const char *value,
                    bool leading_space);
void content_body(struct content *content, const unsigned char *octets, size_t len);

/* The message is over: adds what is known of it to *facts, which borrow from the content. */
void content_end(struct content *content, struct facts *facts);

#endif
