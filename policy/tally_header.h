/*
 * A header, line by line: the message's own, or a part's. Within the tally alone.
 */
#ifndef POLICY_TALLY_HEADER_H
#define POLICY_TALLY_HEADER_H

#include "policy/tally.h"

/* Whether the header that is read, or was last, is the message's. */
bool header_is_message(const struct tally *tally);

/* Reads up to the end of a line at most, and gives what comes then. */
const unsigned char *header_read(struct tally *tally, const unsigned char *p,
                                 const unsigned char *end);

/*
 * Takes the beginning of a line, len octets, at most DELIMITER_LINE_MAX + 1. False if the header
 * had no room for them: then it is over, and they are content.
 */
bool header_take_line(struct tally *tally, const unsigned char *octets, size_t len);

/* The header is over: at an empty line, or before what cannot be its next line. */
void header_end(struct tally *tally, bool at_empty_line);

/* From here on, where a line begins, this is no header but content: unclean for that reason. */
void header_give_up(struct tally *tally, enum reason reason);

/* A NUL, or a CR or LF that ends no line, is in the message's header. */
void header_illegal_octet(struct tally *tally);

/* No more comes. */
void header_finish(struct tally *tally);

#endif
