#include "config.h"

#include "db/authd/cache.h"

#include "db/authd/attempt.h"
#include "db/authd/seal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Accounts whose seals lead to one set share it, and the oldest login makes way. */
#define WAYS 8
#define SETS (CACHE_ACCOUNTS / WAYS)

struct entry {
	struct seal account, credential;
	int64_t until; /* 0: there is none */
};

struct cache {
	pthread_mutex_t lock;
	struct entry sets[SETS][WAYS];
};

struct cache *cache_new(void)
{
	struct cache *cache = calloc(1, sizeof *cache);

	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void cache_free(struct cache *cache)
{
	free(cache);
}

/* The account and the hash end in '\0', which neither holds: no two credentials are one text. */
static bool seal_credential(const struct credential *credential, struct entry *out)
{
	char text[ACCOUNT_NAME_MAX + 1 + PASSWORD_HASH_MAX + PASSWORD_MAX];
	size_t account = strlen(credential->account) + 1, hash = strlen(credential->hash) + 1;
	bool ok = account <= ACCOUNT_NAME_MAX + 1 && hash <= PASSWORD_HASH_MAX &&
	          credential->password_len <= PASSWORD_MAX;

	if (!ok)
		return false;
	memcpy(text, credential->account, account);
	memcpy(text + account, credential->hash, hash);
	memcpy(text + account + hash, credential->password, credential->password_len);
	ok = seal_text('a', credential->account, &out->account) &&
	     seal_make('c', text, account + hash + credential->password_len, &out->credential);
	explicit_bzero(text, sizeof text);
	return ok;
}

static struct entry *set_of(struct cache *cache, const struct seal *account)
{
	uint32_t number;

	memcpy(&number, account->octets, sizeof number);
	return cache->sets[number % SETS];
}

void cache_put(struct cache *cache, const struct credential *credential, int64_t now)
{
	struct entry fresh, *set, *place;

	if (!seal_credential(credential, &fresh))
		return;
	fresh.until = now + CACHE_MS;
	set = set_of(cache, &fresh.account);
	place = set;
	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < WAYS; i++) {
		if (set[i].until > 0 && seal_is(&set[i].account, &fresh.account)) {
			place = &set[i];
			break;
		}
		if (set[i].until < place->until)
			place = &set[i];
	}
	*place = fresh;
	pthread_mutex_unlock(&cache->lock);
}

bool cache_has(struct cache *cache, const struct credential *credential, int64_t now)
{
	struct entry wanted, *set;
	bool has = false;

	if (!seal_credential(credential, &wanted))
		return false;
	set = set_of(cache, &wanted.account);
	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < WAYS && !has; i++)
		has = set[i].until > now && seal_is(&set[i].account, &wanted.account) &&
		      seal_is(&set[i].credential, &wanted.credential);
	pthread_mutex_unlock(&cache->lock);
	return has;
}
