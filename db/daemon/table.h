/*
 * A table from account names to what is kept of each, for types that have a lock of their own.
 */
#ifndef DB_DAEMON_TABLE_H
#define DB_DAEMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct table;

/* size: octets of what is kept of each name. Null when memory ran out. */
struct table *table_new(size_t size);

/* drop is called with all that is kept. */
typedef void table_drop_fn(void *kept);
void table_free(struct table *table, table_drop_fn *drop); /* both may be null */

/* What is kept of the name; null if nothing is. */
void *table_find(const struct table *table, const char *name);
/* The same, all octets zero if it is new; null when memory ran out. It stays where it is. */
void *table_add(struct table *table, const char *name);
const char *table_name(const void *kept);

/*
 * Asks of some of the names whether they are still needed, and drops those that are not: of all of
 * them within TABLE_SWEEPS calls, whose time is therefore bounded by their number.
 */
#define TABLE_SWEEPS 1024
typedef bool table_needed_fn(void *kept, void *arg); /* may change what is kept */
void table_sweep(struct table *table, table_needed_fn *needed, void *arg, table_drop_fn *drop);

#endif
