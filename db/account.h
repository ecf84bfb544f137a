/*
 * What accounts and groups have in common. Internal to db's library.
 */
#ifndef DB_ACCOUNT_H
#define DB_ACCOUNT_H

#include "db/writer.h"

/* Deletes one with all that is its own; what names the change. REGISTRY_UNCHANGED without one. */
enum registry_status account_remove(struct registry *registry, enum holder_kind kind,
                                    const char *name, const char *what,
                                    struct registry_error *error);

/* The terms of a grant in words, as `change' has them: "expires=2027-01-31T00:00:00Z note=...". */
#define TERMS_SQL                                                                                  \
	"coalesce('expires=' || strftime('%Y-%m-%dT%H:%M:%SZ', expires, 'unixepoch') "             \
	"|| CASE note WHEN '' THEN '' ELSE ' ' END, '') "                                          \
	"|| CASE note WHEN '' THEN '' ELSE 'note=' || note END"

#endif
