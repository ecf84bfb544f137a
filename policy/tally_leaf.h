/*
 * Leaves: what the content of a part, a preamble or an epilogue adds up to. Within the tally alone.
 */
#ifndef POLICY_TALLY_LEAF_H
#define POLICY_TALLY_LEAF_H

#include "policy/tally.h"

/* why: as far as the header tells. opaque: what makes it so from the start, or REASON_NONE. */
void leaf_begin(struct tally *tally, enum leaf_kind kind, enum encoding encoding, enum reason why,
                enum reason opaque);

void leaf_add(struct tally *tally, const void *octets, size_t len);

/* The content is complete: it is weighed as an attachment, unless it is body text, and told. */
void leaf_end(struct tally *tally);

/* The innermost multipart is complete, and one attachment as a whole. */
void leaf_of_multipart(struct tally *tally, const struct multipart *multipart);

#endif
