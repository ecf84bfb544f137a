/*
 * Logins of the last minute, so that a client that logs in again costs no key derivation.
 *
 * Of each account the last credential that was right is kept, as a seal over the account, the hash
 * it was right for and the password: one that differs in any of them is not found. Who asks brings
 * the hash that is stored now, so a password that was changed is not found either. Bounded; any
 * number of threads may be here.
 */
#ifndef DB_AUTHD_CACHE_H
#define DB_AUTHD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_ACCOUNTS 10000
#define CACHE_MS       60000

struct cache;

struct cache *cache_new(void); /* null: no memory */
void cache_free(struct cache *cache);

struct credential {
	const char *account, *hash;
	const char *password;
	size_t password_len;
};

/* now in milliseconds, of a clock that never goes back. */
void cache_put(struct cache *cache, const struct credential *credential, int64_t now);
bool cache_has(struct cache *cache, const struct credential *credential, int64_t now);

#endif
