/*
 * Content and the delimiters that cut it. Within the tally alone.
 */
#ifndef POLICY_TALLY_BODY_H
#define POLICY_TALLY_BODY_H

#include "policy/tally.h"

/* Reads content, or a line that is being collected; gives what comes then. */
const unsigned char *body_read(struct tally *tally, const unsigned char *p,
                               const unsigned char *end);

/* Reads all of it as content. No delimiter is in it, though what is near one may be. */
void body_feed(struct tally *tally, const unsigned char *p, const unsigned char *end);

/* Nothing is being collected any more. */
void body_end_collecting(struct tally *tally);

/* No more comes: a line that is being collected ends; and then the content. */
void body_finish_line(struct tally *tally);
void body_finish(struct tally *tally);

#endif
