/*
 * The header of a message in memory as a milter gets it: field by field. For tests of any kind; ends
 * the program if memory runs out.
 */
#ifndef TESTS_UNIT_MILTER_HEADER_H
#define TESTS_UNIT_MILTER_HEADER_H

#include "policy/tally.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a line begins like a field (RFC 5322 2.2), white space in front of the colon included. */
bool begins_field(const char *line, size_t len);

/*
 * The length of the header with its empty line, if it is one that a milter could be given: nothing
 * but fields, without NUL and bare LF; and no CR before a CRLF where a field is folded, which a
 * milter is not shown. Else 0.
 */
size_t milter_header(const unsigned char *octets, size_t len);

/* Without leading spaces one space behind the colon is taken for granted: whether all fields have it. */
bool milter_header_has_usual_spaces(const unsigned char *octets, size_t header);

/* Tells the fields of such a header. */
void milter_header_tell(struct tally *tally, const unsigned char *octets, size_t header,
                        bool leading_space);

/*
 * What does not depend on the structure is told without looking at it, too: what differs, or null.
 */
const char *differs_in_header(const struct message *a, const struct message *b);

#endif
