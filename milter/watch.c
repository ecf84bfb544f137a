#include "milter/watch.h"

#include "db/daemon/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	struct ip address; /* where events are told apart by it */
	int64_t at;        /* the last time */
};

/* What counts against one threshold; the oldest need not be first. */
struct events {
	struct seen *seen;
	size_t count, max;
};

struct account {
	int64_t over; /* when all that is counted here is too old to count */
	struct events events[THRESHOLD_COUNT];

	bool suspended; /* and this stands in no registry yet */
	char reason[THRESHOLD_TEXT_MAX];
	struct account *next; /* of those that are due, the oldest first */
};

struct watch {
	pthread_mutex_t lock;
	struct table *table;
	struct account *first, **last; /* that are due */
};

struct watch *watch_new(void)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		return NULL;
	watch->last = &watch->first;
	watch->table = table_new(sizeof(struct account));
	if (!watch->table || pthread_mutex_init(&watch->lock, NULL) != 0) {
		table_free(watch->table, NULL);
		free(watch);
		return NULL;
	}
	return watch;
}

static void drop(void *kept)
{
	const struct account *account = kept;

	for (int id = 0; id < THRESHOLD_COUNT; id++)
		free(account->events[id].seen);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_destroy(&watch->lock);
	table_free(watch->table, drop);
	free(watch);
}

/* ---- counting ----------------------------------------------------------- */

static void append_due(struct watch *watch, struct account *account)
{
	account->next = NULL;
	*watch->last = account;
	watch->last = &account->next;
}

/* The account's entry, which is needed as long as the threshold looks back. */
static struct account *account_of(struct watch *watch, const char *name,
                                  const struct threshold *threshold, int64_t now)
{
	struct account *account = table_add(watch->table, name);
	int64_t over = now + (int64_t)threshold->seconds * 1000;

	if (account && account->over < over)
		account->over = over;
	return account;
}

/* Those that are too old make room for others: no more are kept than are judged. */
static void forget_old(struct events *events, int64_t since)
{
	size_t kept = 0;

	for (size_t i = 0; i < events->count; i++)
		if (events->seen[i].at > since)
			events->seen[kept++] = events->seen[i];
	events->count = kept;
}

/* Gives the event of that address, if there is one already. */
static struct seen *find_seen(const struct events *events, const struct ip *address)
{
	for (size_t i = 0; i < events->count; i++)
		if (memcmp(&events->seen[i].address, address, sizeof *address) == 0)
			return &events->seen[i];
	return NULL;
}

static void append_seen(struct events *events, const struct seen *event)
{
	if (events->count == events->max) {
		size_t max = events->max ? 2 * events->max : 4;
		struct seen *seen = realloc(events->seen, max * sizeof *seen);

		if (!seen)
			return;
		events->seen = seen;
		events->max = max;
	}
	events->seen[events->count++] = *event;
}

/* Each event counts for as long as the threshold says: its time slides. */
static void count_event(struct watch *watch, enum threshold_id id, const char *name,
                        const struct limits *limits, const struct ip *address, int64_t now)
{
	const struct threshold *threshold = &limits->threshold[id];
	struct seen event = {.at = now}, *seen = NULL;
	struct account *account;
	struct events *events;

	if (threshold->count == 0)
		return;
	pthread_mutex_lock(&watch->lock);
	account = account_of(watch, name, threshold, now);
	if (account) {
		events = &account->events[id];
		forget_old(events, now - (int64_t)threshold->seconds * 1000);
		if (address) {
			event.address = *address;
			seen = find_seen(events, address);
		}
		if (seen)
			seen->at = now;
		else if (events->count < threshold->count)
			append_seen(events, &event);
		if (!account->suspended && threshold_reached(threshold, events->count)) {
			account->suspended = true;
			threshold_show(id, threshold, account->reason);
			append_due(watch, account);
		}
	}
	pthread_mutex_unlock(&watch->lock);
}

void watch_refusal(struct watch *watch, const char *name, const struct limits *limits, int64_t now)
{
	count_event(watch, THRESHOLD_REFUSALS, name, limits, NULL, now);
}

void watch_address(struct watch *watch, const char *name, const struct limits *limits,
                   const struct ip *address, int64_t now)
{
	count_event(watch, THRESHOLD_ADDRESSES, name, limits, address, now);
}

bool watch_suspends(struct watch *watch, const char *name)
{
	const struct account *account;
	bool suspended;

	pthread_mutex_lock(&watch->lock);
	account = table_find(watch->table, name);
	suspended = account && account->suspended;
	pthread_mutex_unlock(&watch->lock);
	return suspended;
}

/* ---- writing it down ---------------------------------------------------- */

bool watch_due(struct watch *watch, struct watch_suspension *out)
{
	struct account *account;

	pthread_mutex_lock(&watch->lock);
	account = watch->first;
	if (account) {
		watch->first = account->next;
		if (!watch->first)
			watch->last = &watch->first;
		strcpy(out->account, table_name(account));
		strcpy(out->reason, account->reason);
	}
	pthread_mutex_unlock(&watch->lock);
	return account != NULL;
}

void watch_settle(struct watch *watch, const char *name, bool written)
{
	struct account *account;

	pthread_mutex_lock(&watch->lock);
	account = table_find(watch->table, name);
	if (account && !account->suspended)
		account = NULL; /* nothing of it is due */
	if (account && written) {
		account->suspended = false;
		for (int id = 0; id < THRESHOLD_COUNT; id++)
			account->events[id].count = 0;
	} else if (account) {
		append_due(watch, account);
	}
	pthread_mutex_unlock(&watch->lock);
}

static bool is_needed(void *kept, void *arg)
{
	const struct account *account = kept;

	return account->suspended || account->over > *(int64_t *)arg;
}

void watch_sweep(struct watch *watch, int64_t now)
{
	pthread_mutex_lock(&watch->lock);
	table_sweep(watch->table, is_needed, &now, drop);
	pthread_mutex_unlock(&watch->lock);
}
