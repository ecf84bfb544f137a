/*
 * The parts of a message: which part the tally is in, what its header makes of it, and what its
 * content adds up to. Within the tally alone.
 */
#ifndef POLICY_PART_H
#define POLICY_PART_H

#include "policy/tally.h"

/* The message itself, before its header. */
void part_first(struct tally *tally);

/* Another child of the innermost multipart. */
void part_next(struct tally *tally);

/* What makes the part's header unclean: the first reason is kept. */
void part_unclean(struct tally *tally, enum reason reason);

/* Notes a fault of the current part, or, with a field, of the message's header. */
void part_fault(struct tally *tally, enum fault fault, const char *field);

/* The header is complete: opens a multipart and its preamble, or begins a leaf. */
void part_begin_content(struct tally *tally);

/* The epilogue of the innermost multipart, which its delimiter closed. */
void part_begin_epilogue(struct tally *tally);

void part_add(struct tally *tally, const void *octets, size_t len);

/* The content ends: its leaf is judged. */
void part_end_content(struct tally *tally);

/* Ends the innermost multiparts until so many are left. */
void part_end_multiparts(struct tally *tally, size_t left);

#endif
