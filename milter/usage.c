#include "milter/usage.h"

#include "db/daemon/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct window {
	bool open;
	int64_t began;
	uint64_t used;
};

struct account {
	struct window window[QUOTA_COUNT];
	uint64_t held[MEASURE_COUNT]; /* by all transactions */
	uint64_t holds;               /* transactions that hold something, or may */
	struct account *next;         /* of those that changed, the oldest first */
	bool changed;
};

struct usage {
	pthread_mutex_t lock;
	struct table *table;
	struct account *first, **last; /* that changed */
	int64_t changed;               /* when the first of them did */
};

struct usage *usage_new(void)
{
	struct usage *usage = calloc(1, sizeof *usage);

	if (!usage)
		return NULL;
	usage->last = &usage->first;
	usage->table = table_new(sizeof(struct account));
	if (!usage->table || pthread_mutex_init(&usage->lock, NULL) != 0) {
		table_free(usage->table, NULL);
		free(usage);
		return NULL;
	}
	return usage;
}

void usage_free(struct usage *usage)
{
	if (!usage)
		return;
	pthread_mutex_destroy(&usage->lock);
	table_free(usage->table, NULL);
	free(usage);
}

static int64_t length(int quota)
{
	return (int64_t)quotas[quota].seconds * 1000;
}

static bool is_live(const struct window *window, int quota, int64_t now)
{
	return window->open && now - window->began < length(quota);
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ---- taking ------------------------------------------------------------- */

/* What the window would count, and when it ends, were this in it. */
static void measure(const struct account *account, int quota, uint64_t amount, int64_t now,
                    struct usage_count *out)
{
	const struct window *window = &account->window[quota];
	bool live = is_live(window, quota, now);
	/* Another thread may have begun it later than this one looked at the clock. */
	int64_t left =
	    live && window->began < now ? window->began + length(quota) - now : length(quota);

	out->used[quota] =
	    add(add(live ? window->used : 0, account->held[quotas[quota].measure]), amount);
	out->retry[quota] = (uint64_t)(left + 999) / 1000;
}

bool usage_take(struct usage *usage, struct usage_hold *hold, const char *name, enum measure what,
                uint64_t amount, const uint64_t limit[QUOTA_COUNT], int64_t now,
                struct usage_count *out)
{
	struct account *account = hold->account;
	bool fits = true;

	pthread_mutex_lock(&usage->lock);
	if (!account) {
		account = table_add(usage->table, name);
		if (account)
			account->holds++;
		hold->account = account;
	}
	if (account) {
		for (int quota = 0; quota < QUOTA_COUNT; quota++) {
			if (quotas[quota].measure != what)
				continue;
			measure(account, quota, amount, now, out);
			if (limit[quota] != BOUND_UNLIMITED && out->used[quota] > limit[quota])
				fits = false;
		}
		/* Sums that would be too large are not held: then they are none of ours to give back. */
		if (fits && amount <= UINT64_MAX - account->held[what]) {
			account->held[what] += amount;
			hold->held[what] += amount;
		}
	}
	pthread_mutex_unlock(&usage->lock);
	return account != NULL;
}

void usage_keep(struct usage *usage, struct usage_hold *hold, enum measure what, uint64_t amount)
{
	struct account *account = hold->account;

	if (!account || hold->held[what] <= amount)
		return;
	pthread_mutex_lock(&usage->lock);
	account->held[what] -= hold->held[what] - amount;
	hold->held[what] = amount;
	pthread_mutex_unlock(&usage->lock);
}

/* ---- what becomes of it ------------------------------------------------- */

static void note_change(struct usage *usage, struct account *account, int64_t now)
{
	if (account->changed)
		return;
	if (!usage->first)
		usage->changed = now;
	account->changed = true;
	account->next = NULL;
	*usage->last = account;
	usage->last = &account->next;
}

static void use(struct account *account, int quota, uint64_t amount, int64_t now)
{
	struct window *window = &account->window[quota];

	if (!is_live(window, quota, now))
		*window = (struct window){.open = true, .began = now};
	window->used = add(window->used, amount);
}

static void end_hold(struct usage *usage, struct usage_hold *hold, bool used, int64_t now)
{
	struct account *account = hold->account;

	if (!account)
		return;
	pthread_mutex_lock(&usage->lock);
	for (int quota = 0; quota < QUOTA_COUNT; quota++) {
		uint64_t amount = hold->held[quotas[quota].measure];

		if (!used || amount == 0)
			continue;
		use(account, quota, amount, now);
		note_change(usage, account, now);
	}
	for (int what = 0; what < MEASURE_COUNT; what++)
		account->held[what] -= hold->held[what];
	account->holds--;
	pthread_mutex_unlock(&usage->lock);
	memset(hold, 0, sizeof *hold);
}

void usage_commit(struct usage *usage, struct usage_hold *hold, int64_t now)
{
	end_hold(usage, hold, true, now);
}

void usage_release(struct usage *usage, struct usage_hold *hold)
{
	end_hold(usage, hold, false, 0);
}

/* ---- keeping ------------------------------------------------------------ */

bool usage_restore(struct usage *usage, const struct usage_window *restored, int64_t now)
{
	int quota = (int)restored->quota;
	/*
	 * What began in the future began when a clock was wrong: it lasts no longer for that. That
	 * it begins now is written down, lest it begin at each start.
	 */
	int64_t age = restored->age < 0 ? 0 : restored->age;
	struct account *account;

	if (age >= length(quota))
		return true;
	pthread_mutex_lock(&usage->lock);
	account = table_add(usage->table, restored->account);
	if (account) {
		struct window *window = &account->window[quota];

		use(account, quota, restored->used, now);
		if (window->began > now - age)
			window->began = now - age;
		if (restored->age < 0)
			note_change(usage, account, now);
	}
	pthread_mutex_unlock(&usage->lock);
	return account != NULL;
}

size_t usage_collect(struct usage *usage, int64_t now, usage_collect_fn *fn, void *arg)
{
	size_t count = 0;

	pthread_mutex_lock(&usage->lock);
	for (; usage->first && count < USAGE_BATCH; count++) {
		struct account *account = usage->first;

		usage->first = account->next;
		account->changed = false;
		for (int quota = 0; quota < QUOTA_COUNT; quota++) {
			const struct window *window = &account->window[quota];
			const struct usage_window row = {table_name(account), (enum quota_id)quota,
			                                 now - window->began, window->used};

			if (is_live(window, quota, now))
				fn(&row, arg);
		}
	}
	if (!usage->first)
		usage->last = &usage->first;
	pthread_mutex_unlock(&usage->lock);
	return count;
}

int64_t usage_changed(struct usage *usage)
{
	int64_t changed;

	pthread_mutex_lock(&usage->lock);
	changed = usage->first ? usage->changed : 0;
	pthread_mutex_unlock(&usage->lock);
	return changed;
}

static bool has_window(const struct account *account, int64_t now)
{
	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		if (is_live(&account->window[quota], quota, now))
			return true;
	return false;
}

static bool is_needed(void *kept, void *arg)
{
	const struct account *account = kept;

	return account->holds > 0 || account->changed || has_window(account, *(int64_t *)arg);
}

struct recollection {
	struct usage *usage;
	int64_t now;
};

static bool recollect(void *kept, void *arg)
{
	struct recollection *recollection = arg;

	if (has_window(kept, recollection->now))
		note_change(recollection->usage, kept, recollection->now);
	return is_needed(kept, &recollection->now);
}

/* Bit by bit, as it is swept: takers wait for none of it long. */
void usage_recollect(struct usage *usage, int64_t now)
{
	struct recollection recollection = {usage, now};

	for (int i = 0; i < TABLE_SWEEPS; i++) {
		pthread_mutex_lock(&usage->lock);
		table_sweep(usage->table, recollect, &recollection, NULL);
		pthread_mutex_unlock(&usage->lock);
	}
}

void usage_sweep(struct usage *usage, int64_t now)
{
	pthread_mutex_lock(&usage->lock);
	table_sweep(usage->table, is_needed, &now, NULL);
	pthread_mutex_unlock(&usage->lock);
}
