#include "config.h"

#include "db/authd/verify.h"

#include "db/authd/cache.h"
#include "db/authd/clock.h"
#include "db/authd/failures.h"
#include "db/authd/seal.h"
#include "db/daemon/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READ_WAIT_MS  200
#define WRITE_WAIT_MS 1000

struct verify {
	const char *path;
	const struct settings *settings;
	struct cache *cache;
	struct failures *accounts, *clients;
};

struct verify *verify_new(const char *path, const struct settings *settings)
{
	struct verify *verify = calloc(1, sizeof *verify);

	if (!verify)
		return NULL;
	*verify = (struct verify){path, settings, cache_new(), failures_new(), failures_new()};
	if (verify->cache && verify->accounts && verify->clients)
		return verify;
	verify_free(verify);
	return NULL;
}

void verify_free(struct verify *verify)
{
	cache_free(verify->cache);
	failures_free(verify->accounts);
	failures_free(verify->clients);
	free(verify);
}

void verifier_begin(struct verifier *verifier, struct verify *verify)
{
	*verifier = (struct verifier){.verify = verify};
}

void verifier_end(struct verifier *verifier)
{
	passwords_close(verifier->reads);
	passwords_close(verifier->writes);
}

/* ---- limits ------------------------------------------------------------- */

/* Whether that is the end of it: too many failed before, or that could not be told. */
static bool stop_at_limit(const struct verify *verify, struct attempt *attempt)
{
	char client[FAILURES_CLIENT_MAX];
	int64_t now = clock_ms() / 1000;
	uint32_t of_account = failures_count(verify->accounts, attempt->account, now),
		 of_client = 0;

	failures_client(attempt->client, client);
	if (client[0])
		of_client = failures_count(verify->clients, client, now);
	if (of_account == FAILURES_UNKNOWN || of_client == FAILURES_UNKNOWN)
		attempt_unavailable(attempt, "out of memory");
	else if (of_account >= verify->settings->failures_account ||
	         of_client >= verify->settings->failures_client)
		attempt_refuse(attempt, REASON_LIMIT);
	return attempt->verdict != VERDICT_OPEN;
}

/* Names that are no accounts are not counted: anybody can think of more than there is room for. */
static void count_failure(const struct verify *verify, const struct attempt *attempt, bool known)
{
	char client[FAILURES_CLIENT_MAX];
	int64_t now = clock_ms() / 1000;

	failures_client(attempt->client, client);
	if (known)
		failures_add(verify->accounts, attempt->account, now);
	if (client[0])
		failures_add(verify->clients, client, now);
}

/* ---- the quick look ----------------------------------------------------- */

static struct credential credential_of(const struct attempt *attempt, const char *hash)
{
	return (struct credential){attempt->account, hash, attempt->password,
	                           attempt->password_len};
}

/* The passwords, of the file that stands there now. Null, with the error told, if they are not. */
static struct passwords *passwords_of(const struct verify *verify, struct passwords **handle,
                                      enum passwords_use use, struct registry_error *error)
{
	if (*handle && !passwords_there(*handle)) {
		passwords_close(*handle);
		*handle = NULL;
	}
	if (!*handle && passwords_open(verify->path, use,
	                               use == PASSWORDS_CHANGE ? WRITE_WAIT_MS : READ_WAIT_MS,
	                               handle, error) != REGISTRY_OK)
		*handle = NULL;
	return *handle;
}

bool verify_look(struct verifier *verifier, struct attempt *attempt, struct found *found)
{
	const struct verify *verify = verifier->verify;
	struct credential credential = credential_of(attempt, found->stored.hash);
	struct registry_error error;
	struct passwords *passwords =
	    passwords_of(verify, &verifier->reads, PASSWORDS_READ, &error);
	enum registry_status status =
	    passwords ? passwords_find(passwords, attempt->account, &found->stored, &error)
		      : error.status;

	if (!passwords || (status != REGISTRY_OK && status != REGISTRY_NOT_FOUND)) {
		attempt_unavailable(attempt, error.text);
		/* Whatever is wrong with it, the next one has a fresh look. */
		passwords_close(verifier->reads);
		verifier->reads = NULL;
		return false;
	}
	found->known = status == REGISTRY_OK;
	if (found->known && !found->stored.disabled &&
	    cache_has(verify->cache, &credential, clock_ms())) {
		attempt->verdict = VERDICT_LOGIN;
		return false;
	}
	return !stop_at_limit(verify, attempt);
}

/* ---- the derivation ----------------------------------------------------- */

/* A hash of the configured cost that no password is known for. Null: no memory. */
static const char *dummy_of(struct verifier *verifier)
{
	unsigned cost = verifier->verify->settings->cost;
	char password[32];

	if (verifier->dummy_cost == cost)
		return verifier->dummy;
	verifier->dummy_cost = 0;
	if (!seal_random(password, sizeof password))
		return NULL;
	for (size_t i = 0; i < sizeof password; i++)
		password[i] |= 1; /* it may hold no '\0' */
	if (!hash_make(password, sizeof password, cost, verifier->dummy))
		return NULL;
	verifier->dummy_cost = cost;
	return verifier->dummy;
}

/* At the cost of now, if the stored hash is of a lower one. That it cannot be is no harm. */
static void rehash(struct verifier *verifier, const struct attempt *attempt,
                   struct password *stored)
{
	const struct verify *verify = verifier->verify;
	unsigned cost = verify->settings->cost;
	char fresh[PASSWORD_HASH_MAX];
	struct registry_error error = {.text = "out of memory"};
	struct passwords *passwords;

	if (!hash_is_outdated(stored->hash, cost))
		return;
	passwords = passwords_of(verify, &verifier->writes, PASSWORDS_CHANGE, &error);
	if (passwords && hash_make(attempt->password, attempt->password_len, cost, fresh)) {
		switch (
		    passwords_rehash(passwords, attempt->account, stored->hash, fresh, &error)) {
		case REGISTRY_OK:
			memcpy(stored->hash, fresh, sizeof fresh);
			return;
		case REGISTRY_UNCHANGED:
		case REGISTRY_NOT_FOUND:
			return; /* it was changed meanwhile */
		default:
			break;
		}
	}
	log_line(LOG_WARNING, "a hash stays at its old cost until the next login: %s", error.text);
	passwords_close(verifier->writes);
	verifier->writes = NULL;
}

static void judge(struct verifier *verifier, struct attempt *attempt, const struct found *found,
                  enum hash_verdict hash)
{
	struct password stored = found->stored;
	struct credential credential = credential_of(attempt, stored.hash);

	if (hash == HASH_FAILED)
		attempt_unavailable(attempt, "out of memory: raise the limit, or lower auth_cost");
	else if (!found->known)
		attempt_refuse(attempt, REASON_UNKNOWN);
	else if (stored.disabled)
		attempt_refuse(attempt, REASON_DISABLED);
	else if (hash == HASH_BAD)
		attempt_refuse(attempt, REASON_HASH);
	else if (hash != HASH_MATCHES)
		attempt_refuse(attempt, REASON_PASSWORD);
	else
		attempt->verdict = VERDICT_LOGIN;

	if (attempt->verdict == VERDICT_REFUSED)
		count_failure(verifier->verify, attempt, found->known);
	if (attempt->verdict != VERDICT_LOGIN)
		return;
	rehash(verifier, attempt, &stored);
	cache_put(verifier->verify->cache, &credential, clock_ms());
}

void verify_derive(struct verifier *verifier, struct attempt *attempt, const struct found *found)
{
	bool real = found->known && !found->stored.disabled && hash_is_good(found->stored.hash);
	const char *hash = real ? found->stored.hash : dummy_of(verifier);
	enum hash_verdict verdict = HASH_FAILED;

	/* Others may have failed while this one waited. */
	if (stop_at_limit(verifier->verify, attempt))
		return;
	if (hash)
		verdict = hash_verify(hash, attempt->password, attempt->password_len);
	if (!real && verdict != HASH_FAILED)
		verdict = HASH_BAD;
	judge(verifier, attempt, found, verdict);
}
