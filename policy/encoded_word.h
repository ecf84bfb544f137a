/*
 * Encoded words (RFC 2047) and extended parameter values (RFC 2231), to UTF-8. For eyes alone: no
 * verdict rests on a charset. UTF-8, US-ASCII and ISO 8859-1 are read; an octet above 127 of any
 * other charset, and what is no UTF-8, becomes '?'.
 */
#ifndef POLICY_ENCODED_WORD_H
#define POLICY_ENCODED_WORD_H

#include "policy/octets.h"

/* A bounded text under construction; what does not fit is left out, and `full` says so. */
struct text {
	char *at; /* '\0' after len octets, always */
	size_t len, size;
	bool full;
};

/*
 * Whether the span holds what any reader takes for an encoded word: "=?charset?B or Q?...?=", well
 * formed or not.
 */
bool encoded_word_in(struct span s);

/*
 * Whether an encoded word in the span decodes to a NUL, a CR or an LF: what no display name can
 * honestly hold. A "=?" that begins no well-formed one does so, too: readers differ in what they
 * make of it, and in where it ends.
 */
bool encoded_word_breaks_lines(struct span s);

/*
 * Appends the span, unfolded, with its encoded words decoded; malformed ones stand as they are.
 * What is appended is UTF-8 without control characters, cut between characters.
 */
void encoded_word_decode(struct span s, struct text *out);

/* Appends octets of the named charset, as UTF-8. */
void charset_decode(struct span charset, const unsigned char *octets, size_t len, struct text *out);

#endif
