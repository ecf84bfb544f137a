/*
 * The registry: which accounts there are and which sender addresses each may use.
 *
 * It stores and finds the canonical keys its callers made with policy; it never judges. No type or
 * code of the engine beneath (SQLite) shows here, so that another engine can take its place.
 *
 * Every function that can fail gives an enum registry_status and, when that is not REGISTRY_OK, one
 * line in *error that says what is wrong and what to do. Nothing here exits or writes to a log.
 */
#ifndef DB_REGISTRY_H
#define DB_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum registry_status {
	REGISTRY_OK,
	REGISTRY_UNCHANGED, /* what was asked for is so already: nothing was written */
	REGISTRY_NOT_FOUND, /* no such account */
	REGISTRY_MISSING,   /* no database file, or no directory */
	REGISTRY_BUSY,      /* somebody else is writing, or all handles are in use: try again */
	REGISTRY_DENIED,    /* the file system or its modes forbid */
	REGISTRY_INSECURE,  /* others could write to the database or its directory; or it is a link
	                     */
	REGISTRY_BAD,       /* not a registry, or damaged */
	REGISTRY_OLDER,     /* of an older schema: `postreeve init` brings it up */
	REGISTRY_NEWER,     /* of a newer schema: these programs are too old for it */
	REGISTRY_IO,        /* disk full, read-only, or an I/O error */
	REGISTRY_NO_MEMORY,
};

#define REGISTRY_ERROR_MAX 512
struct registry_error {
	enum registry_status status;
	char text[REGISTRY_ERROR_MAX]; /* one line, no '\n' */
};

#define REGISTRY_PROFILE_MAX 64 /* octets of a profile's name */

/* ---- what the daemon asks: many threads, never waits for a writer ------- */

/* A pool of handles that read one database. It is looked for at each lookup: it may come later. */
struct registry_reader;

/* Null only when memory ran out. path is copied. */
struct registry_reader *registry_reader_new(const char *path);
void registry_reader_free(struct registry_reader *reader);

struct registry_answer {
	bool known;                             /* there is such an account */
	bool suspended;                         /* it is suspended */
	char profile[REGISTRY_PROFILE_MAX + 1]; /* its profile */
	bool granted; /* it holds a live grant on at least one of the patterns */
};

/*
 * One consistent look: the account, and whether it holds any of the count canonical patterns.
 * An account that does not exist is REGISTRY_OK with known = false; for anything but REGISTRY_OK
 * out says nothing. Notices a database that was replaced or overwritten, and one of another schema.
 * Thread-safe; waits for tenths of a second at most.
 */
enum registry_status registry_lookup(struct registry_reader *reader, const char *account,
                                     const char *const *patterns, size_t count,
                                     struct registry_answer *out, struct registry_error *error);

/* ---- what the administrator's programs ask and change: one thread ------- */

struct registry;

/*
 * Makes the database, or brings an older one to this schema; REGISTRY_UNCHANGED if there is nothing
 * to do. The directory must exist. A file that is empty is taken for a new one; one that holds
 * anything but a registry is left as it is.
 */
enum registry_status registry_create(const char *path, struct registry_error *error);

enum registry_status registry_open(const char *path, struct registry **out,
                                   struct registry_error *error);
void registry_close(struct registry *registry);

struct registry_account {
	const char *name;
	const char *profile;
	bool suspended;
	const char *reason; /* of the suspension, "" if not suspended */
	int64_t created;    /* seconds since the epoch */
	uint64_t grants;    /* how many it holds */
};

struct registry_grant {
	const char *account;
	const char *pattern; /* canonical */
	int64_t created;     /* seconds since the epoch */
};

/* Called for each row; the strings live until it returns. A false return stops the walk. */
typedef bool registry_account_fn(const struct registry_account *account, void *arg);
typedef bool registry_grant_fn(const struct registry_grant *grant, void *arg);

/*
 * Each change is one transaction, on the disk when REGISTRY_OK is returned. now is in seconds since
 * the epoch. Adding what is there and deleting what is not give REGISTRY_UNCHANGED.
 */

/* An account that exists keeps its profile, unless profile is given (not null) and another. */
enum registry_status registry_account_add(struct registry *registry, const char *name,
                                          const char *profile, int64_t now,
                                          struct registry_error *error);
/* Its grants go with it. */
enum registry_status registry_account_delete(struct registry *registry, const char *name,
                                             struct registry_error *error);
enum registry_status registry_account_suspend(struct registry *registry, const char *name,
                                              const char *reason, struct registry_error *error);
enum registry_status registry_account_resume(struct registry *registry, const char *name,
                                             struct registry_error *error);
/* One account by name (REGISTRY_NOT_FOUND), or all of them by name order when name is null. */
enum registry_status registry_account_walk(struct registry *registry, const char *name,
                                           registry_account_fn *fn, void *arg,
                                           struct registry_error *error);

/* All of the patterns or none. *changed is how many rows that was. */
enum registry_status registry_grant_add(struct registry *registry, const char *account,
                                        const char *const *patterns, size_t count, int64_t now,
                                        size_t *changed, struct registry_error *error);
enum registry_status registry_grant_delete(struct registry *registry, const char *account,
                                           const char *const *patterns, size_t count,
                                           size_t *changed, struct registry_error *error);
/* The grants of one account (REGISTRY_NOT_FOUND), or of all when account is null, in order. */
enum registry_status registry_grant_walk(struct registry *registry, const char *account,
                                         registry_grant_fn *fn, void *arg,
                                         struct registry_error *error);

#endif
