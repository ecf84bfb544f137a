/*
 * The fields of a header, one by one. Within the tally alone.
 */
#ifndef POLICY_TALLY_FIELDS_H
#define POLICY_TALLY_FIELDS_H

#include "policy/tally.h"

/* RFC 5322 3.6.8: printable ASCII without ':'; white space behind it is obsolete, but read. */
bool field_name_good(struct span name);

/*
 * A field is complete, '\n' alone where it was folded. Gives the end of what must stay where it is
 * while its part is read, which the first of each content field must; null if nothing must.
 */
const char *field_complete(struct tally *tally, struct span name, struct span value);

/* The message's header must have had them. */
void fields_check_missing(struct tally *tally);

#endif
