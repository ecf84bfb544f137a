/*
 * The handle of the administrator's programs, and its transactions. Internal to db's library.
 */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/handle.h"

struct registry {
	struct handle handle;
	char *path;
};

/* Every change runs between the two. */
enum registry_status writer_begin(struct registry *registry, struct registry_error *error);
/* Commits for REGISTRY_OK, takes back for anything else; gives what became of it. */
enum registry_status writer_end(struct registry *registry, enum registry_status status,
                                struct registry_error *error);

enum registry_status writer_no_account(const char *name, struct registry_error *error);
/* The id of an account, or REGISTRY_NOT_FOUND. */
enum registry_status writer_account(struct registry *registry, const char *name, int64_t *id,
                                    struct registry_error *error);

#endif
