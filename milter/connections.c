#include "config.h"

#include "milter/connections.h"

#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Accounts with open connections, in a balanced tree (tsearch(3)); those with none are not in it,
 * so it is never larger than the number of connections. All places of an account are the one node.
 */
struct connections_slot {
	uint64_t open;
	char account[];
};

#define CONNECTIONS_TOP_MAX 16 /* accounts that connections_top() tells */

struct connections {
	pthread_mutex_t lock;
	void *tree;
};

static int compare(const void *a, const void *b)
{
	const struct connections_slot *x = a, *y = b;

	return strcmp(x->account, y->account);
}

struct connections *connections_new(void)
{
	struct connections *connections = calloc(1, sizeof *connections);

	if (connections && pthread_mutex_init(&connections->lock, NULL) != 0) {
		free(connections);
		return NULL;
	}
	return connections;
}

void connections_free(struct connections *connections)
{
	if (!connections)
		return;
	while (connections->tree) {
		struct connections_slot *slot = *(struct connections_slot **)connections->tree;

		tdelete(slot, &connections->tree, compare);
		free(slot);
	}
	pthread_mutex_destroy(&connections->lock);
	free(connections);
}

/* The account's node, with no connection open if it is new; null when memory ran out. */
static struct connections_slot *find_or_add(struct connections *connections, const char *account)
{
	size_t size = strlen(account) + 1;
	struct connections_slot *fresh = malloc(sizeof *fresh + size);
	struct connections_slot **node;

	if (!fresh)
		return NULL;
	fresh->open = 0;
	memcpy(fresh->account, account, size);
	node = tsearch(fresh, &connections->tree, compare);
	if (!node || *node != fresh)
		free(fresh);
	return node ? *node : NULL;
}

static void drop_if_empty(struct connections *connections, struct connections_slot *slot)
{
	if (slot->open > 0)
		return;
	tdelete(slot, &connections->tree, compare);
	free(slot);
}

struct connections_slot *connections_enter(struct connections *connections, const char *account,
                                           uint64_t limit, uint64_t *count)
{
	struct connections_slot *slot;

	*count = 0;
	pthread_mutex_lock(&connections->lock);
	slot = find_or_add(connections, account);
	if (slot) {
		*count = slot->open + 1;
		if (*count <= limit) {
			slot->open++;
		} else {
			drop_if_empty(connections, slot);
			slot = NULL;
		}
	}
	pthread_mutex_unlock(&connections->lock);
	return slot;
}

uint64_t connections_count(struct connections *connections, const struct connections_slot *slot)
{
	uint64_t open;

	pthread_mutex_lock(&connections->lock);
	open = slot->open;
	pthread_mutex_unlock(&connections->lock);
	return open;
}

bool connections_is_of(const struct connections_slot *slot, const char *account)
{
	return strcmp(slot->account, account) == 0;
}

/* What a walk over the tree gathers. */
struct ranking {
	const struct connections_slot **slots; /* the largest first */
	size_t count, max;
	struct connections_sum sum;
};

static void rank(const void *node, VISIT visit, void *arg)
{
	const struct connections_slot *slot = *(const struct connections_slot *const *)node;
	struct ranking *ranking = arg;
	size_t at = ranking->count;

	if (visit != postorder && visit != leaf)
		return;
	ranking->sum.accounts++;
	ranking->sum.connections += slot->open;
	while (at > 0 && ranking->slots[at - 1]->open < slot->open)
		at--;
	if (at == ranking->max)
		return;
	if (ranking->count < ranking->max)
		ranking->count++;
	memmove(&ranking->slots[at + 1], &ranking->slots[at],
	        (ranking->count - at - 1) * sizeof *ranking->slots);
	ranking->slots[at] = slot;
}

size_t connections_top(struct connections *connections, struct connections_top *out, size_t max,
                       struct connections_sum *sum)
{
	const struct connections_slot *slots[CONNECTIONS_TOP_MAX];
	struct ranking ranking = {
	    .slots = slots,
	    .max = max < CONNECTIONS_TOP_MAX ? max : CONNECTIONS_TOP_MAX,
	};

	pthread_mutex_lock(&connections->lock);
	twalk_r(connections->tree, rank, &ranking);
	for (size_t i = 0; i < ranking.count; i++) {
		out[i].open = slots[i]->open;
		snprintf(out[i].account, sizeof out[i].account, "%s", slots[i]->account);
	}
	pthread_mutex_unlock(&connections->lock);
	*sum = ranking.sum;
	return ranking.count;
}

void connections_leave(struct connections *connections, struct connections_slot *slot)
{
	if (!slot)
		return;
	pthread_mutex_lock(&connections->lock);
	slot->open--;
	drop_if_empty(connections, slot);
	pthread_mutex_unlock(&connections->lock);
}
