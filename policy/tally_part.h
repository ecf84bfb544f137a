/*
 * The parts of a message: which one the tally is in, and what its header makes of it. Within the
 * tally alone.
 */
#ifndef POLICY_TALLY_PART_H
#define POLICY_TALLY_PART_H

#include "policy/tally.h"

/* The message itself, before its header. */
void part_first(struct tally *tally);

/* Another child of the innermost multipart. */
void part_next(struct tally *tally);

/* What the leaf, or the next part, stands in; null if that is the message itself. */
struct multipart *part_around(struct tally *tally);

/* What the leaf that is read is called. */
void part_leaf_number(const struct tally *tally, char out[PART_NUMBER_MAX + 1]);

/* What makes the part's header unclean: the first reason is kept. */
void part_unclean(struct tally *tally, enum reason reason);

/* Notes a fault of the current part, the first of each. */
void part_fault(struct tally *tally, enum fault fault);

/* Notes a fault of the message's header. field is static; "" if it is about none. */
void message_fault(struct tally *tally, enum fault fault, const char *field);

/* The header is complete: opens a multipart and its preamble, or begins a leaf. */
void part_begin_content(struct tally *tally);

/* The epilogue of the innermost multipart, which its delimiter closed. */
void part_begin_epilogue(struct tally *tally);

/* Ends the innermost multiparts until so many are left. */
void part_end_multiparts(struct tally *tally, size_t left);

#endif
