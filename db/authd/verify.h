/*
 * Judges attempts, in two steps: a quick look at what is stored and what is known already, which is
 * the end of it for a client that logged in a moment ago; and a key derivation, which takes tenths
 * of a second, and its memory.
 */
#ifndef DB_AUTHD_VERIFY_H
#define DB_AUTHD_VERIFY_H

#include "db/authd/attempt.h"
#include "db/authd/settings.h"
#include "db/passwords.h"

#include <stdbool.h>

/* What all threads share. */
struct verify;

/* path, of the passwords, and settings are borrowed. Null: no memory. */
struct verify *verify_new(const char *path, const struct settings *settings);
void verify_free(struct verify *verify);

/* One thread's own. */
struct verifier {
	struct verify *verify;
	struct passwords *reads, *writes; /* null until they are needed */
	unsigned dummy_cost;              /* 0: there is none yet */
	char dummy[PASSWORD_HASH_MAX];    /* a hash that no password is known for */
};

void verifier_begin(struct verifier *verifier, struct verify *verify);
void verifier_end(struct verifier *verifier);

/* What the first step found, for the second. */
struct found {
	bool known;
	struct password stored;
};

/* True if the second step is needed; else the attempt has its verdict. */
bool verify_look(struct verifier *verifier, struct attempt *attempt, struct found *found);
void verify_derive(struct verifier *verifier, struct attempt *attempt, const struct found *found);

#endif
