/*
 * Passwords: how they are hashed, judged and made. The one doorway to libcrypt, and but
 * for authd/seal.h to OpenSSL.
 *
 * New hashes are scrypt (RFC 7914) as PHC strings; crypt(3) has others that are judged too. A
 * password is 1 to PASSWORD_MAX octets, no '\0' among them, compared as it is given. Nothing is kept
 * between calls: any number of threads may be here at once. What a call needs of memory goes with it,
 * cleansed.
 */
#ifndef DB_HASH_H
#define DB_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_MAX      1024 /* octets */
#define PASSWORD_HASH_MAX 512  /* octets of a hash, '\0' and all */

/* N = 2^cost with r = 8 and p = 1, which takes 2^cost KiB of memory. */
#define HASH_COST_MIN 10
#define HASH_COST_MAX 20

/*
 * "$scrypt$ln=15,r=8,p=1$SALT$HASH", with a salt of its own. False without memory or randomness, and
 * for what is no password or cost.
 */
bool hash_make(const char *password, size_t len, unsigned cost, char out[PASSWORD_HASH_MAX]);

enum hash_verdict {
	HASH_MATCHES,
	HASH_DIFFERS,
	HASH_BAD,    /* the hash is malformed, of no scheme that is known, or would take too long */
	HASH_FAILED, /* no memory: it could not be told */
};
/* In a time that says nothing of the password. */
enum hash_verdict hash_verify(const char *hash, const char *password, size_t len);

/* One that hash_verify() can judge, in seconds at most, and with no more than 1 GiB of memory. */
bool hash_is_good(const char *hash);

/* Whether what hash_make() gives at this cost is better: of another scheme, or a lower cost. */
bool hash_is_outdated(const char *hash, unsigned cost);

/* A new password of 24 letters and digits, none of which looks like another. False as above. */
#define PASSWORD_GENERATED 25 /* octets, '\0' and all */
bool hash_generate(char out[PASSWORD_GENERATED]);

#endif
