/*
 * A secret of this process, and what is made with it: digests that nobody else can make, foresee or
 * take apart. Beside db/hash.c, the one place that knows OpenSSL. Any number of threads may be here.
 */
#ifndef DB_AUTHD_SEAL_H
#define DB_AUTHD_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#define SEAL_LEN 32 /* octets: HMAC-SHA-256 */

struct seal {
	unsigned char octets[SEAL_LEN];
};

/* Random octets. False if the system has none. */
bool seal_random(void *out, size_t len);

/* Makes the secret; once, before anything else here. False as above. */
bool seal_start(void);

/* Of octets; of a text. What is sealed for one purpose says nothing of another. False: no memory. */
bool seal_make(char purpose, const void *octets, size_t len, struct seal *out);
bool seal_text(char purpose, const char *text, struct seal *out);

/* In a time that says nothing of them. */
bool seal_is(const struct seal *a, const struct seal *b);

#endif
