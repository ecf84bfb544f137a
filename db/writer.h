/*
 * The handle of the administrator's programs, its transactions, and what they write down of
 * themselves. Internal to db's library.
 */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/handle.h"

struct registry {
	struct handle handle;
	char *path;
	int wait_ms;     /* how long a lock is waited for */
	const char *who; /* makes the changes; borrowed */
	int64_t now;     /* and when */
	/* Rows of `change' that the last change made: those behind the first id, up to the last. */
	int64_t behind, last;
};

/* Every change runs between the two. */
enum registry_status writer_begin(struct registry *registry, struct registry_error *error);
/* Commits for REGISTRY_OK, takes back for anything else; gives what became of it. */
enum registry_status writer_end(struct registry *registry, enum registry_status status,
                                struct registry_error *error);

/* A row of `change'. */
#define NOTE_SQL                                                                                   \
	"INSERT INTO change (time, who, what, account, item, before, after) "                      \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
enum registry_status writer_note(struct registry *registry, const char *what, const char *account,
                                 const char *item, const char *before, const char *after,
                                 struct registry_error *error);

/* What a holder is to be. */
enum holder_kind {
	HOLDER_ACCOUNT,
	HOLDER_GROUP,
	HOLDER_ANY,
};

/* The id of an account or group, or REGISTRY_NOT_FOUND. */
enum registry_status writer_holder(struct registry *registry, enum holder_kind kind,
                                   const char *name, int64_t *id, struct registry_error *error);
enum registry_status writer_no_holder(const char *name, struct registry_error *error);

/* Looks at the holder, if its name is not null, and walks, all in one snapshot. */
enum registry_status writer_walk_of(struct registry *registry, enum holder_kind kind,
                                    const char *name, handle_row_fn *fn, void *arg,
                                    struct registry_error *error, const char *sql);

/*
 * A change of many things of one holder: fn for each of them, all in one transaction. What fn gives
 * for one that is so already is REGISTRY_UNCHANGED.
 */
typedef enum registry_status writer_each_fn(struct registry *registry, int64_t holder,
                                            const char *name, size_t i, void *arg,
                                            struct registry_error *error);
enum registry_status writer_each(struct registry *registry, enum holder_kind kind, const char *name,
                                 size_t count, writer_each_fn *fn, void *arg, size_t *changed,
                                 struct registry_error *error);

#endif
