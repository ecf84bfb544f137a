/*
 * The passwords of accounts, as hashes: a file of its own in a directory of its own, which belongs to
 * another user than the registry does. The daemon that speaks with the MTA's clients reads it; the
 * policy gate cannot.
 *
 * Errors are as in registry.h. One thread a handle.
 */
#ifndef DB_PASSWORDS_H
#define DB_PASSWORDS_H

#include "db/hash.h"
#include "db/registry.h"

struct passwords;

enum passwords_use {
	PASSWORDS_READ,   /* REGISTRY_MISSING if there is none */
	PASSWORDS_CHANGE, /* the same */
	PASSWORDS_WRITE,  /* it is made if there is none; the directory must be there */
};
/*
 * wait_ms: how long another program that is writing is waited for. REGISTRY_INSECURE if others could
 * read the file, or write to it or its directory.
 */
enum registry_status passwords_open(const char *path, enum passwords_use use, int wait_ms,
                                    struct passwords **out, struct registry_error *error);
void passwords_close(struct passwords *passwords); /* may be null */

/* Whether the file is still the one that was opened: moved away or replaced, open it anew. */
bool passwords_there(const struct passwords *passwords);

struct password {
	char hash[PASSWORD_HASH_MAX]; /* as it was set; see hash_is_good() */
	bool disabled;                /* none may log in with it */
	int64_t changed;              /* by whoever has it or gave it: seconds since the epoch */
};
/* REGISTRY_NOT_FOUND: the account has none. */
enum registry_status passwords_find(struct passwords *passwords, const char *account,
                                    struct password *out, struct registry_error *error);

/*
 * Each is one transaction, on the disk when REGISTRY_OK is returned. An account name is 1 to
 * REGISTRY_ACCOUNT_MAX octets.
 */

/* One that is there stays disabled if it was; a new one is not. */
enum registry_status passwords_set(struct passwords *passwords, const char *account,
                                   const char *hash, int64_t now, struct registry_error *error);
/* The same for a new one that is disabled from the beginning; so is one that is there. */
enum registry_status passwords_set_disabled(struct passwords *passwords, const char *account,
                                            const char *hash, int64_t now,
                                            struct registry_error *error);
/* Another hash of the same password: only if it is the old one still; else REGISTRY_UNCHANGED. */
enum registry_status passwords_rehash(struct passwords *passwords, const char *account,
                                      const char *old, const char *fresh,
                                      struct registry_error *error);
/* REGISTRY_UNCHANGED if it is so already, REGISTRY_NOT_FOUND if there is none. */
enum registry_status passwords_disable(struct passwords *passwords, const char *account,
                                       bool disabled, struct registry_error *error);
enum registry_status passwords_delete(struct passwords *passwords, const char *account,
                                      struct registry_error *error);

struct password_row {
	const char *account;
	const char *hash;
	bool disabled;
	int64_t changed; /* seconds since the epoch */
};
typedef bool passwords_fn(const struct password_row *row, void *arg);

/*
 * The password of one account, if it has one, or all of them by account when it is null. The strings
 * live until fn returns, and a false return stops the walk.
 */
enum registry_status passwords_walk(struct passwords *passwords, const char *account,
                                    passwords_fn *fn, void *arg, struct registry_error *error);
/* The same of all accounts behind one in that order. */
enum registry_status passwords_walk_behind(struct passwords *passwords, const char *account,
                                           passwords_fn *fn, void *arg,
                                           struct registry_error *error);

/* Looks for damage, and tells each; REGISTRY_OK whether or not there is any. */
enum registry_status passwords_check(struct passwords *passwords, registry_problem_fn *fn,
                                     void *arg, struct registry_error *error);

#endif
