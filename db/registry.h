/*
 * The registry: which accounts and groups there are, which sender addresses each may use, which
 * limits are theirs, which networks stand for them, and who changed what.
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
	REGISTRY_NOT_FOUND, /* no such account or group */
	REGISTRY_CONFLICT,  /* what was asked for is somebody else's, or more than there may be */
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

#define REGISTRY_ACCOUNT_MAX     255 /* octets of an account's or a group's name */
#define REGISTRY_PROFILE_MAX     64  /* octets of a profile's name */
#define REGISTRY_LIMITS_MAX      24  /* limits of one account */
#define REGISTRY_LIMIT_NAME_MAX  32  /* octets */
#define REGISTRY_LIMIT_VALUE_MAX 24  /* octets */

/* A limit that an account has of its own; what name and value mean, the callers know. */
struct registry_limit {
	char name[REGISTRY_LIMIT_NAME_MAX + 1];
	char value[REGISTRY_LIMIT_VALUE_MAX + 1];
};

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
	size_t match; /* the first of the patterns that it, or a group it is in, holds a live grant
	                 on: an index; the count if there is none */
	size_t limit_count;
	struct registry_limit limits[REGISTRY_LIMITS_MAX];
};

/*
 * One consistent look: the account, its own limits, and which of the count canonical patterns it
 * holds. A grant is live while it has no end, or one after now (seconds since the epoch). An
 * account that does not exist, or a group, is REGISTRY_OK with known = false; for anything but
 * REGISTRY_OK out says nothing. Notices a database that was replaced or overwritten, and one of
 * another schema. Thread-safe; waits for tenths of a second at most.
 */
enum registry_status registry_lookup(struct registry_reader *reader, const char *account,
                                     const char *const *patterns, size_t count, int64_t now,
                                     struct registry_answer *out, struct registry_error *error);

/*
 * The account that the first of these canonical networks stands for which stands for any; "" if
 * none does. As registry_lookup() in all else.
 */
enum registry_status registry_network_lookup(struct registry_reader *reader,
                                             const char *const *networks, size_t count,
                                             char account[REGISTRY_ACCOUNT_MAX + 1],
                                             struct registry_error *error);

/* ---- what the administrator's programs ask and change: one thread ------- */

struct registry;

/*
 * Makes the database, or brings an older one to this schema; REGISTRY_UNCHANGED if there is nothing
 * to do. The directory must exist. A file that is empty is taken for a new one; one that holds
 * anything but a registry is left as it is.
 */
enum registry_status registry_create(const char *path, struct registry_error *error);

/* wait_ms: how long a change waits for another program that is changing something. */
#define REGISTRY_WAIT_MS 5000
enum registry_status registry_open(const char *path, int wait_ms, struct registry **out,
                                   struct registry_error *error);
void registry_close(struct registry *registry);

/*
 * Copies all of it, as it is at one moment, into a file that is there and empty, and is not yet on
 * the disk. Others go on meanwhile.
 */
enum registry_status registry_backup(struct registry *registry, const char *path,
                                     struct registry_error *error);

/* Who makes the changes that follow, and when (seconds since the epoch). who is borrowed. */
void registry_as(struct registry *registry, const char *who, int64_t now);

/*
 * Each change is one transaction, on the disk when REGISTRY_OK is returned; what it changed is
 * written down with it. Adding what is there and deleting what is not give REGISTRY_UNCHANGED.
 * Where many things are given, it is all of them or none, and *changed is how many rows that was.
 *
 * The walks call a function for each row; the strings live until it returns, and a false return
 * stops the walk.
 */

/* ---- accounts ---- */

struct registry_account {
	const char *name;
	const char *profile;
	bool suspended;
	const char *reason; /* of the suspension, "" if not suspended */
	int64_t created;    /* seconds since the epoch */
	uint64_t grants;    /* how many it holds itself */
};
typedef bool registry_account_fn(const struct registry_account *account, void *arg);

/* An account that exists keeps its profile, unless profile is given (not null) and another. */
enum registry_status registry_account_add(struct registry *registry, const char *name,
                                          const char *profile, struct registry_error *error);
/* All that is its own goes with it. */
enum registry_status registry_account_delete(struct registry *registry, const char *name,
                                             struct registry_error *error);
enum registry_status registry_account_suspend(struct registry *registry, const char *name,
                                              const char *reason, struct registry_error *error);
enum registry_status registry_account_resume(struct registry *registry, const char *name,
                                             struct registry_error *error);
/*
 * Writes down a change of the account's password, which is kept elsewhere and not in the registry:
 * `what' names it. fn makes it, within the transaction; for anything but REGISTRY_OK nothing is
 * written down, and that is given back. REGISTRY_NOT_FOUND if the account is to be known and is not.
 */
typedef enum registry_status registry_password_fn(bool suspended, void *arg,
                                                  struct registry_error *error);
enum registry_status registry_password_change(struct registry *registry, const char *name,
                                              const char *what, bool known,
                                              registry_password_fn *fn, void *arg,
                                              struct registry_error *error);
/* One account by name (REGISTRY_NOT_FOUND), or all of them by name order when name is null. */
enum registry_status registry_account_walk(struct registry *registry, const char *name,
                                           registry_account_fn *fn, void *arg,
                                           struct registry_error *error);

/* ---- groups: what they hold, all of their members may use ---- */

struct registry_group {
	const char *name;
	int64_t created;
	uint64_t grants, members;
};
typedef bool registry_group_fn(const struct registry_group *group, void *arg);

struct registry_member {
	const char *group;
	const char *account;
};
typedef bool registry_member_fn(const struct registry_member *member, void *arg);

/* Accounts and groups share their names: one that is the other already is REGISTRY_CONFLICT. */
enum registry_status registry_group_add(struct registry *registry, const char *name,
                                        struct registry_error *error);
enum registry_status registry_group_delete(struct registry *registry, const char *name,
                                           struct registry_error *error);
enum registry_status registry_group_walk(struct registry *registry, const char *name,
                                         registry_group_fn *fn, void *arg,
                                         struct registry_error *error);
enum registry_status registry_member_add(struct registry *registry, const char *group,
                                         const char *const *accounts, size_t count, size_t *changed,
                                         struct registry_error *error);
enum registry_status registry_member_delete(struct registry *registry, const char *group,
                                            const char *const *accounts, size_t count,
                                            size_t *changed, struct registry_error *error);
/* Of one group, of one account, or all; each is REGISTRY_NOT_FOUND if it is given and not there. */
enum registry_status registry_member_walk(struct registry *registry, const char *group,
                                          const char *account, registry_member_fn *fn, void *arg,
                                          struct registry_error *error);

/* ---- grants: a holder is an account or a group ---- */

struct registry_terms {
	int64_t expires;  /* seconds since the epoch; 0: never */
	const char *note; /* null: the one that is there stays, or none */
};
struct registry_grant {
	const char *holder;
	const char *pattern; /* canonical */
	int64_t expires;     /* seconds since the epoch; 0: never */
	const char *note;
	int64_t created;
	const char *author; /* who gave it */
};
typedef bool registry_grant_fn(const struct registry_grant *grant, void *arg);

/* One that is there gets these terms; with the same terms already it is unchanged. */
enum registry_status registry_grant_add(struct registry *registry, const char *holder,
                                        const char *const *patterns, size_t count,
                                        const struct registry_terms *terms, size_t *changed,
                                        struct registry_error *error);
enum registry_status registry_grant_delete(struct registry *registry, const char *holder,
                                           const char *const *patterns, size_t count,
                                           size_t *changed, struct registry_error *error);
/* The grants of one holder (REGISTRY_NOT_FOUND), or of all when it is null, in order. */
enum registry_status registry_grant_walk(struct registry *registry, const char *holder,
                                         registry_grant_fn *fn, void *arg,
                                         struct registry_error *error);
/* All grants on one of the patterns, in their order, of whatever holder, ended or not. */
enum registry_status registry_grant_find(struct registry *registry, const char *const *patterns,
                                         size_t count, registry_grant_fn *fn, void *arg,
                                         struct registry_error *error);

/* Many grants in one transaction. */
struct registry_import;
struct registry_imported {
	uint64_t added, changed, unchanged, accounts;
};
enum registry_status registry_import_begin(struct registry *registry, struct registry_import **out,
                                           struct registry_error *error);
/*
 * One of them. may_create: a holder that is not there becomes an account. After an error the import
 * can only be ended, and ends with that error: nothing of it is kept.
 */
enum registry_status registry_import_grant(struct registry_import *import, const char *holder,
                                           bool may_create, const char *pattern,
                                           const struct registry_terms *terms,
                                           struct registry_error *error);
/* Ends it, and frees import: all of it is on the disk, or with commit = false nothing. */
enum registry_status registry_import_end(struct registry_import *import, bool commit,
                                         struct registry_imported *out,
                                         struct registry_error *error);

/* ---- limits of an account's own ---- */

struct registry_limit_row {
	const char *account, *name, *value;
};
typedef bool registry_limit_fn(const struct registry_limit_row *limit, void *arg);

/* A value "" takes the limit away. REGISTRY_CONFLICT: there would be too many of them. */
enum registry_status registry_limit_set(struct registry *registry, const char *account,
                                        const struct registry_limit *limits, size_t count,
                                        size_t *changed, struct registry_error *error);
enum registry_status registry_limit_walk(struct registry *registry, const char *account,
                                         registry_limit_fn *fn, void *arg,
                                         struct registry_error *error);

/* ---- networks that stand for an account, in canonical text ---- */

struct registry_network {
	const char *network, *account;
};
typedef bool registry_network_fn(const struct registry_network *network, void *arg);

/* REGISTRY_CONFLICT where one stands for another account. */
enum registry_status registry_network_add(struct registry *registry, const char *account,
                                          const char *const *networks, size_t count,
                                          size_t *changed, struct registry_error *error);
enum registry_status registry_network_delete(struct registry *registry, const char *account,
                                             const char *const *networks, size_t count,
                                             size_t *changed, struct registry_error *error);
enum registry_status registry_network_walk(struct registry *registry, const char *account,
                                           registry_network_fn *fn, void *arg,
                                           struct registry_error *error);

/* ---- who changed what ---- */

struct registry_change {
	int64_t time; /* seconds since the epoch */
	const char *who;
	const char *what;    /* "sender add" */
	const char *account; /* or group */
	const char *item;    /* the pattern, network, limit or member that it is about, or "" */
	const char *before, *after;
};
typedef bool registry_change_fn(const struct registry_change *change, void *arg);

/*
 * From a time on, the oldest first; of one account or group, that may be gone by now, or of all
 * when it is null.
 */
enum registry_status registry_change_walk(struct registry *registry, const char *account,
                                          int64_t since, registry_change_fn *fn, void *arg,
                                          struct registry_error *error);
/* Those that were made through this handle. */
enum registry_status registry_change_walk_own(struct registry *registry, registry_change_fn *fn,
                                              void *arg, struct registry_error *error);

/* ---- the whole ---- */

/* Looks for damage, and tells each; REGISTRY_OK whether or not there is any. */
typedef bool registry_problem_fn(const char *problem, void *arg);
enum registry_status registry_check(struct registry *registry, registry_problem_fn *fn, void *arg,
                                    struct registry_error *error);

#endif
