/*
 * How many connections each account has open on this node. One table for all threads.
 */
#ifndef MILTER_CONNECTIONS_H
#define MILTER_CONNECTIONS_H

#include "policy/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connections;
struct connections_slot; /* one connection's place in the table */

/* Null when memory ran out. */
struct connections *connections_new(void);
void connections_free(struct connections *connections);

/*
 * Takes a place for one connection of the account, unless `limit` of them are open. *count is how
 * many are open, this one included, whether or not it got its place. Gives the place, to be handed
 * to connections_leave() exactly once; null without one: then *count is over the limit, or 0 when
 * memory ran out. Atomic: of any number of threads, just as many as fit get in.
 */
struct connections_slot *connections_enter(struct connections *connections, const char *account,
                                           uint64_t limit, uint64_t *count);

/* How many connections the account of this place has open. */
uint64_t connections_count(struct connections *connections, const struct connections_slot *slot);

/* Whether the place belongs to this account. */
bool connections_is_of(const struct connections_slot *slot, const char *account);

/* How many there are, and of how many accounts. */
struct connections_sum {
	uint64_t connections, accounts;
};
/* One of the accounts with the most. */
struct connections_top {
	uint64_t open;
	char account[ACCOUNT_NAME_MAX + 1];
};
/* Fills in at most max of those, the largest first; gives how many. Walks over all accounts. */
size_t connections_top(struct connections *connections, struct connections_top *out, size_t max,
                       struct connections_sum *sum);

/* Gives the place back. slot may be null. */
void connections_leave(struct connections *connections, struct connections_slot *slot);

#endif
