/*
 * The saslauthd protocol of Cyrus SASL, as its library speaks it for Sendmail and others: one
 * request a connection. Pure.
 */
#ifndef DB_AUTHD_SASLAUTHD_H
#define DB_AUTHD_SASLAUTHD_H

#include "db/authd/attempt.h"

#include <stddef.h>

/* Octets of a request that is looked at: four strings, of at most 1024 octets each. */
#define SASLAUTHD_STRING_MAX  1024
#define SASLAUTHD_REQUEST_MAX (4 * (2 + SASLAUTHD_STRING_MAX))

enum saslauthd_state {
	SASLAUTHD_MORE, /* it is not all there yet */
	SASLAUTHD_DONE, /* it is in *out; refused already if it is not of good form */
};

/*
 * Reads login, password, service and realm, each a length of 16 bits, the high octet first, and so
 * many octets. Cyrus SASL takes login and realm apart at the last '@' of what the client sent, and tells
 * the MTA the whole: that is the account's name here, too, or one account's password would do for
 * another's.
 */
enum saslauthd_state saslauthd_read(const char *octets, size_t len, struct attempt *out);

/* The answer to one that was judged, with its length. */
#define SASLAUTHD_ANSWER_MAX 8
size_t saslauthd_answer(char out[SASLAUTHD_ANSWER_MAX], const struct attempt *attempt);

#endif
