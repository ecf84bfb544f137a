/*
 * What accounts have used of their quotas' windows. One table for all threads.
 *
 * A window begins with the first thing that it counts, and lasts as long as its quota says. What a
 * transaction is about to use is taken first: that counts against the limits at once, so that of
 * any number of threads just as many get through as the limit allows; and it is used once the
 * message is accepted, or given back.
 *
 * Times are in milliseconds of a clock that nobody sets (CLOCK_BOOTTIME).
 */
#ifndef MILTER_USAGE_H
#define MILTER_USAGE_H

#include "policy/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct usage;

/* Null when memory ran out. */
struct usage *usage_new(void);
void usage_free(struct usage *usage); /* when nothing is held; usage may be null */

/* What one transaction has taken. All zero while it has nothing. */
struct usage_hold {
	void *account;
	uint64_t held[MEASURE_COUNT];
};

/* The windows as a rule is to judge them: of each quota. */
struct usage_count {
	uint64_t used[QUOTA_COUNT];  /* with this in it */
	uint64_t retry[QUOTA_COUNT]; /* seconds until the window ends, at least 1 */
};

/*
 * Takes an amount, unless one of the limits of that measure would be passed by it; *out is filled
 * for the quotas of the measure either way. limit: BOUND_UNLIMITED where there is none. False when
 * memory ran out.
 */
bool usage_take(struct usage *usage, struct usage_hold *hold, const char *account,
                enum measure measure, uint64_t amount, const uint64_t limit[QUOTA_COUNT],
                int64_t now, struct usage_count *out);

/* Gives back what is held of this measure beyond the amount. */
void usage_keep(struct usage *usage, struct usage_hold *hold, enum measure measure,
                uint64_t amount);

/* What is held is used; or is given back. Nothing is held then, so that once more does nothing. */
void usage_commit(struct usage *usage, struct usage_hold *hold, int64_t now);
void usage_release(struct usage *usage, struct usage_hold *hold);

/* ---- for who keeps it over a restart ---- */

struct usage_window {
	const char *account; /* the table's, until the next sweep */
	enum quota_id quota;
	int64_t age; /* milliseconds since it began */
	uint64_t used;
};

/* A window of before the start, added to what was counted since. False when memory ran out. */
bool usage_restore(struct usage *usage, const struct usage_window *window, int64_t now);

/*
 * The windows that changed since they were last collected, those of USAGE_BATCH accounts at most:
 * calls fn, under the lock. Gives how many accounts that was. Not before those collected last are
 * written.
 */
#define USAGE_BATCH 1000
typedef void usage_collect_fn(const struct usage_window *window, void *arg);
size_t usage_collect(struct usage *usage, int64_t now, usage_collect_fn *fn, void *arg);

/*
 * Has all windows that have not ended collected once more. For a file that has none of them, or
 * says of them when they began by a clock that was set since.
 */
void usage_recollect(struct usage *usage, int64_t now);

/* When the oldest change was made that is not collected; 0 if there is none. */
int64_t usage_changed(struct usage *usage);

/* Forgets some of what is over: see table_sweep(). */
void usage_sweep(struct usage *usage, int64_t now);

#endif
