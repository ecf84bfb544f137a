/*
 * What accounts have used of their quotas, on the disk: a file of its own beside the registry, for
 * who looks at the registry does so anew whenever that file changes, and this one always does.
 *
 * Errors are as in registry.h. One thread a store.
 */
#ifndef DB_USAGE_H
#define DB_USAGE_H

#include "db/registry.h"

struct usage_store;

/* The file that belongs to this registry, to be freed. Null when memory ran out. */
char *usage_store_path(const char *database);

enum usage_store_use {
	USAGE_STORE_READ,  /* REGISTRY_MISSING if there is none */
	USAGE_STORE_WRITE, /* it is made if there is none */
};
enum registry_status usage_store_open(const char *path, enum usage_store_use use,
                                      struct usage_store **out, struct registry_error *error);
void usage_store_close(struct usage_store *store); /* may be null */

/* Whether the file is still the one that was opened: it can be moved away, or replaced. */
bool usage_store_there(const struct usage_store *store);
/*
 * Closes one that is not. All that was written goes with the file: what SQLite's log beside it still
 * held would be taken for part of the one that has its name now.
 */
void usage_store_leave(struct usage_store *store);

/*
 * Claims the counts of a registry for the calling process and those that it forks, until the last of
 * them has ended: two daemons would let each account send twice. REGISTRY_BUSY if another one has
 * them still after so many milliseconds. What cannot be told, as without a directory, is no claim
 * of another's.
 */
enum registry_status usage_store_claim(const char *database, int wait_ms,
                                       struct registry_error *error);

/* One window of counting. Times are in milliseconds since the epoch. */
struct usage_store_row {
	const char *account;
	const char *quota; /* its name in the configuration */
	int64_t began, ends;
	uint64_t used; /* larger ones are kept as 2^63 - 1 */
};
typedef bool usage_store_fn(const struct usage_store_row *row, void *arg);

/*
 * Calls fn for each window of the account, or of all when it is null, that has not ended; the
 * strings live until it returns, and a false return stops the walk.
 */
enum registry_status usage_store_walk(struct usage_store *store, const char *account, int64_t now,
                                      usage_store_fn *fn, void *arg, struct registry_error *error);

/* Between the two: one transaction, on the disk at its end, which deletes what has ended. */
enum registry_status usage_store_begin(struct usage_store *store, struct registry_error *error);
enum registry_status usage_store_put(struct usage_store *store, const struct usage_store_row *row,
                                     struct registry_error *error);
enum registry_status usage_store_end(struct usage_store *store, enum registry_status status,
                                     int64_t now, struct registry_error *error);

#endif
