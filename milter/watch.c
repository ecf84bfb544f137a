#include "milter/watch.h"

#include "milter/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	struct ip address;
	int64_t at; /* the last time */
};

struct account {
	int64_t over; /* when all that is counted here is too old to count */

	int64_t refused_first;
	uint64_t refused; /* since then */

	struct seen *seen; /* addresses that differ */
	size_t seen_count, seen_max;

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
	free(((struct account *)kept)->seen);
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

static void judge_count(struct watch *watch, struct account *account, enum threshold_id id,
                        const struct threshold *threshold, uint64_t count)
{
	if (account->suspended || !threshold_reached(threshold, count))
		return;
	account->suspended = true;
	threshold_show(id, threshold, account->reason);
	append_due(watch, account);
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

void watch_refusal(struct watch *watch, const char *name, const struct limits *limits, int64_t now)
{
	const struct threshold *threshold = &limits->threshold[THRESHOLD_REFUSALS];
	struct account *account;

	if (threshold->count == 0)
		return;
	pthread_mutex_lock(&watch->lock);
	account = account_of(watch, name, threshold, now);
	if (account) {
		if (account->refused == 0 ||
		    now - account->refused_first >= (int64_t)threshold->seconds * 1000) {
			account->refused = 0;
			account->refused_first = now;
		}
		account->refused++;
		judge_count(watch, account, THRESHOLD_REFUSALS, threshold, account->refused);
	}
	pthread_mutex_unlock(&watch->lock);
}

/* Those that are too old make room for others: no more are kept than are judged. */
static void forget_old(struct account *account, int64_t since)
{
	size_t kept = 0;

	for (size_t i = 0; i < account->seen_count; i++)
		if (account->seen[i].at > since)
			account->seen[kept++] = account->seen[i];
	account->seen_count = kept;
}

static void note_address(struct account *account, const struct ip *address, size_t most,
                         int64_t now)
{
	struct seen *seen = account->seen;

	for (size_t i = 0; i < account->seen_count; i++)
		if (memcmp(&seen[i].address, address, sizeof *address) == 0) {
			seen[i].at = now;
			return;
		}
	if (account->seen_count >= most)
		return; /* as many as suspend it are there already */
	if (account->seen_count == account->seen_max) {
		size_t max = account->seen_max ? 2 * account->seen_max : 4;

		seen = realloc(account->seen, max * sizeof *seen);
		if (!seen)
			return;
		account->seen = seen;
		account->seen_max = max;
	}
	seen[account->seen_count++] = (struct seen){*address, now};
}

void watch_address(struct watch *watch, const char *name, const struct limits *limits,
                   const struct ip *address, int64_t now)
{
	const struct threshold *threshold = &limits->threshold[THRESHOLD_ADDRESSES];
	struct account *account;

	if (threshold->count == 0)
		return;
	pthread_mutex_lock(&watch->lock);
	account = account_of(watch, name, threshold, now);
	if (account) {
		forget_old(account, now - (int64_t)threshold->seconds * 1000);
		note_address(account, address, threshold->count, now);
		judge_count(watch, account, THRESHOLD_ADDRESSES, threshold, account->seen_count);
	}
	pthread_mutex_unlock(&watch->lock);
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
		account->refused = 0;
		account->seen_count = 0;
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
