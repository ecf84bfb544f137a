/* What accounts have used of their quotas. */
#include "milter/usage.h"

#include "milter/table.h"
#include "tests/unit/table.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  INT64_C(123456789) /* of the clock */

static uint64_t limits[QUOTA_COUNT];

static int setup(void **state)
{
	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		limits[quota] = BOUND_UNLIMITED;
	*state = usage_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	usage_free(*state);
	return 0;
}

/* Whether it may be: the callers judge what is counted, and what is over is not held. */
static bool take(struct usage *usage, struct usage_hold *hold, const char *account,
                 enum measure measure, uint64_t amount, int64_t now, struct usage_count *count)
{
	uint64_t before = hold->held[measure];
	bool fits = true;

	assert_true(usage_take(usage, hold, account, measure, amount, limits, now, count));
	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		if (quotas[quota].measure == measure && count->used[quota] > limits[quota])
			fits = false;
	assert_int_equal(hold->held[measure], fits ? before + amount : before);
	return fits;
}

/* What stands in the windows of a measure, without anything being taken. */
static struct usage_count peek(struct usage *usage, const char *account, enum measure measure,
                               int64_t now)
{
	struct usage_hold hold = {0};
	struct usage_count count = {0};

	take(usage, &hold, account, measure, 0, now, &count);
	usage_release(usage, &hold);
	return count;
}

static void use(struct usage *usage, const char *account, enum measure measure, uint64_t amount,
                int64_t now)
{
	struct usage_hold hold = {0};
	struct usage_count count;

	assert_true(take(usage, &hold, account, measure, amount, now, &count));
	usage_commit(usage, &hold, now);
}

/* ---- one transaction ---------------------------------------------------- */

static void what_is_taken_counts_until_it_is_given_back(void **state)
{
	struct usage *usage = *state;
	struct usage_hold a = {0}, b = {0};
	struct usage_count count;

	limits[QUOTA_messages_per_hour] = 2;
	assert_true(take(usage, &a, "alice", MEASURE_MESSAGES, 1, START, &count));
	assert_int_equal(count.used[QUOTA_messages_per_minute], 1);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 1);
	assert_true(take(usage, &b, "alice", MEASURE_MESSAGES, 1, START, &count));
	assert_int_equal(count.used[QUOTA_messages_per_day], 2);
	assert_false(take(usage, &b, "alice", MEASURE_MESSAGES, 1, START, &count));
	assert_int_equal(count.used[QUOTA_messages_per_hour], 3);

	/* it is nobody else's, and of no other measure */
	assert_int_equal(peek(usage, "Alice", MEASURE_MESSAGES, START).used[0], 0);
	assert_int_equal(peek(usage, "alice", MEASURE_OCTETS, START).used[QUOTA_octets_per_hour],
	                 0);

	usage_release(usage, &a);
	assert_true(take(usage, &a, "alice", MEASURE_MESSAGES, 1, START, &count));
	usage_commit(usage, &a, START);
	usage_release(usage, &b);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START).used[0], 1);
}

static void what_is_refused_takes_nothing_of_any_window(void **state)
{
	struct usage *usage = *state;
	struct usage_hold hold = {0};
	struct usage_count count;

	limits[QUOTA_recipients_per_minute] = 10;
	limits[QUOTA_recipients_per_day] = 5;
	assert_false(take(usage, &hold, "alice", MEASURE_RECIPIENTS, 6, START, &count));
	assert_int_equal(count.used[QUOTA_recipients_per_minute], 6);
	usage_commit(usage, &hold, START);
	count = peek(usage, "alice", MEASURE_RECIPIENTS, START);
	assert_int_equal(count.used[QUOTA_recipients_per_minute], 0);
	assert_int_equal(count.used[QUOTA_recipients_per_day], 0);
	assert_int_equal(usage_changed(usage), 0);
}

static void to_end_it_again_does_nothing(void **state)
{
	struct usage *usage = *state;
	struct usage_hold hold = {0}, none = {0};
	struct usage_count count;

	usage_commit(usage, &hold, START);
	usage_release(usage, &hold);
	usage_keep(usage, &hold, MEASURE_OCTETS, 0);
	assert_int_equal(usage_changed(usage), 0);

	take(usage, &hold, "alice", MEASURE_MESSAGES, 3, START, &count);
	take(usage, &hold, "alice", MEASURE_OCTETS, 1000, START, &count);
	usage_commit(usage, &hold, START);
	assert_memory_equal(&hold, &none, sizeof hold);
	usage_commit(usage, &hold, START);
	usage_release(usage, &hold);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START).used[0], 3);

	take(usage, &hold, "alice", MEASURE_MESSAGES, 4, START, &count);
	usage_release(usage, &hold);
	assert_memory_equal(&hold, &none, sizeof hold);
	usage_release(usage, &hold);
	usage_commit(usage, &hold, START);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START).used[0], 3);
	assert_int_equal(peek(usage, "alice", MEASURE_OCTETS, START).used[QUOTA_octets_per_day],
	                 1000);
}

static void what_is_not_kept_is_given_back(void **state)
{
	struct usage *usage = *state;
	struct usage_hold a = {0}, b = {0};
	struct usage_count count;

	limits[QUOTA_octets_per_hour] = 10000;
	assert_true(take(usage, &a, "alice", MEASURE_OCTETS, 9000, START, &count));
	assert_false(take(usage, &b, "alice", MEASURE_OCTETS, 5000, START, &count));
	usage_keep(usage, &a, MEASURE_OCTETS, 9001); /* more than there is: nothing */
	assert_int_equal(a.held[MEASURE_OCTETS], 9000);
	usage_keep(usage, &a, MEASURE_OCTETS, 4000);
	assert_int_equal(a.held[MEASURE_OCTETS], 4000);
	assert_true(take(usage, &b, "alice", MEASURE_OCTETS, 6000, START, &count));
	usage_keep(usage, &b, MEASURE_OCTETS, 0);
	usage_commit(usage, &a, START);
	usage_commit(usage, &b, START);
	count = peek(usage, "alice", MEASURE_OCTETS, START);
	assert_int_equal(count.used[QUOTA_octets_per_hour], 4000);
}

static void without_a_limit_it_is_only_counted(void **state)
{
	struct usage *usage = *state;

	for (int i = 0; i < 1000; i++)
		use(usage, "alice", MEASURE_RECIPIENTS, 1000000000, START);
	assert_int_equal(
	    peek(usage, "alice", MEASURE_RECIPIENTS, START).used[QUOTA_recipients_per_minute],
	    UINT64_C(1000000000000));
}

static void sums_stop_at_what_a_number_holds(void **state)
{
	struct usage *usage = *state;
	struct usage_hold a = {0}, b = {0};
	struct usage_count count;

	limits[QUOTA_octets_per_hour] = UINT64_MAX - 1;
	assert_true(take(usage, &a, "alice", MEASURE_OCTETS, UINT64_MAX - 1, START, &count));
	assert_false(take(usage, &b, "alice", MEASURE_OCTETS, 2, START, &count));
	assert_true(count.used[QUOTA_octets_per_hour] == UINT64_MAX);
	assert_false(take(usage, &b, "alice", MEASURE_OCTETS, UINT64_MAX, START, &count));
	assert_true(count.used[QUOTA_octets_per_hour] == UINT64_MAX);
	usage_commit(usage, &a, START);
	assert_false(take(usage, &b, "alice", MEASURE_OCTETS, 1000, START, &count));
	assert_true(count.used[QUOTA_octets_per_day] == UINT64_MAX);

	/* with no limit: what two hold is no small sum of the two, and giving back takes no more */
	limits[QUOTA_octets_per_hour] = BOUND_UNLIMITED;
	assert_true(
	    usage_take(usage, &a, "bob", MEASURE_OCTETS, UINT64_MAX - 5, limits, START, &count));
	usage_release(usage, &b);
	assert_true(usage_take(usage, &b, "bob", MEASURE_OCTETS, 100, limits, START, &count));
	assert_true(count.used[QUOTA_octets_per_hour] == UINT64_MAX);
	usage_release(usage, &b);
	assert_true(peek(usage, "bob", MEASURE_OCTETS, START).used[QUOTA_octets_per_hour] ==
	            UINT64_MAX - 5);
	usage_commit(usage, &a, START);
	use(usage, "bob", MEASURE_OCTETS, 3, START);
	assert_true(peek(usage, "bob", MEASURE_OCTETS, START).used[QUOTA_octets_per_hour] ==
	            UINT64_MAX - 2);
}

/* ---- windows ------------------------------------------------------------ */

static void a_window_ends_to_the_millisecond(void **state)
{
	struct usage *usage = *state;
	struct usage_count count;

	limits[QUOTA_messages_per_minute] = 1;
	use(usage, "alice", MEASURE_MESSAGES, 1, START);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START + MINUTE - 1).used[0], 1);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + MINUTE);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 0);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 1);

	/* the next one begins with what it counts, not where this one ended */
	use(usage, "alice", MEASURE_MESSAGES, 1, START + MINUTE + 700);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START + 2 * MINUTE + 699).used[0],
	                 1);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + 2 * MINUTE + 700);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 0);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 2);
	assert_int_equal(
	    peek(usage, "alice", MEASURE_MESSAGES, START + HOUR - 1).used[QUOTA_messages_per_hour],
	    2);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + HOUR);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 0);
	assert_int_equal(count.used[QUOTA_messages_per_day], 2);
	assert_int_equal(
	    peek(usage, "alice", MEASURE_MESSAGES, START + DAY).used[QUOTA_messages_per_day], 0);
}

static void retry_is_in_whole_seconds_and_never_too_early(void **state)
{
	static const struct {
		const char *name;
		int64_t after; /* the begin */
		uint64_t minute, hour;
	} rows[] = {
	    {"by a thread that looked at the clock before", -5, 60, 3600},
	    {"at once", 0, 60, 3600},
	    {"a millisecond later", 1, 60, 3600},
	    {"all but a second", 999, 60, 3600},
	    {"a second", 1000, 59, 3599},
	    {"a second before", MINUTE - 1000, 1, 3541},
	    {"over a second before", MINUTE - 1001, 2, 3542},
	    {"a millisecond before", MINUTE - 1, 1, 3541},
	    {"when it is over", MINUTE, 60, 3540},
	};
	struct usage *usage = *state;

	use(usage, "alice", MEASURE_MESSAGES, 1, START);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct usage_count count =
		    peek(usage, "alice", MEASURE_MESSAGES, START + rows[i].after);

		assert_row(count.retry[QUOTA_messages_per_minute] == rows[i].minute, rows[i].name);
		assert_row(count.retry[QUOTA_messages_per_hour] == rows[i].hour, rows[i].name);
	}
}

static void what_is_held_counts_in_the_window_of_its_end(void **state)
{
	struct usage *usage = *state;
	struct usage_hold hold = {0}, other = {0};
	struct usage_count count;

	limits[QUOTA_messages_per_minute] = 5;
	use(usage, "alice", MEASURE_MESSAGES, 2, START);
	assert_true(take(usage, &hold, "alice", MEASURE_MESSAGES, 3, START + MINUTE - 1, &count));

	/* the window ends: the two are gone, what is held is not */
	assert_false(take(usage, &other, "alice", MEASURE_MESSAGES, 3, START + MINUTE, &count));
	assert_int_equal(count.used[QUOTA_messages_per_minute], 6);
	assert_int_equal(count.retry[QUOTA_messages_per_minute], 60);
	assert_true(take(usage, &other, "alice", MEASURE_MESSAGES, 2, START + MINUTE, &count));
	usage_commit(usage, &hold, START + MINUTE + 10);
	usage_release(usage, &other);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + 2 * MINUTE + 9);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 3);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 5);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START + 2 * MINUTE + 10).used[0],
	                 0);
}

/* ---- keeping ------------------------------------------------------------ */

struct collected {
	size_t rows;
	uint64_t used; /* of all rows */
	uint64_t of[QUOTA_COUNT];
	int64_t age[QUOTA_COUNT];
	char account[16]; /* of the last */
};

static void collect_row(const struct usage_window *window, void *arg)
{
	struct collected *out = arg;

	out->rows++;
	out->used += window->used;
	out->of[window->quota] += window->used;
	out->age[window->quota] = window->age;
	snprintf(out->account, sizeof out->account, "%s", window->account);
}

static void only_what_changed_is_collected_and_once(void **state)
{
	struct usage *usage = *state;
	struct collected out = {0};

	assert_int_equal(usage_collect(usage, START, collect_row, &out), 0);
	use(usage, "alice", MEASURE_MESSAGES, 2, START);
	use(usage, "bob", MEASURE_OCTETS, 7, START + 5);
	use(usage, "alice", MEASURE_MESSAGES, 1, START + 6);
	assert_int_equal(usage_changed(usage), START);
	assert_int_equal(usage_collect(usage, START + 10, collect_row, &out), 2);
	assert_int_equal(out.rows, 5);
	assert_int_equal(out.of[QUOTA_messages_per_day], 3);
	assert_int_equal(out.age[QUOTA_messages_per_day], 10);
	assert_int_equal(out.of[QUOTA_octets_per_hour], 7);
	assert_int_equal(out.age[QUOTA_octets_per_hour], 5);
	assert_int_equal(usage_changed(usage), 0);
	assert_int_equal(usage_collect(usage, START + 10, collect_row, &out), 0);

	/* and again when it changes again, without a window that is over */
	out = (struct collected){0};
	use(usage, "alice", MEASURE_MESSAGES, 1, START + 20);
	assert_int_equal(usage_changed(usage), START + 20);
	assert_int_equal(usage_collect(usage, START + MINUTE, collect_row, &out), 1);
	assert_int_equal(out.rows, 2);
	assert_string_equal(out.account, "alice");
	assert_int_equal(out.of[QUOTA_messages_per_hour], 4);
	assert_int_equal(out.of[QUOTA_messages_per_minute], 0);
}

static void all_that_lives_is_collected_once_more(void **state)
{
	struct usage *usage = *state;
	struct collected out = {0};
	struct usage_hold hold = {0};
	struct usage_count count;

	use(usage, "carol", MEASURE_MESSAGES, 4, START - DAY);
	use(usage, "alice", MEASURE_MESSAGES, 2, START);
	usage_collect(usage, START, collect_row, &out);
	use(usage, "bob", MEASURE_OCTETS, 7, START + 5);
	assert_true(take(usage, &hold, "dave", MEASURE_MESSAGES, 1, START, &count));
	usage_recollect(usage, START + MINUTE);
	usage_recollect(usage, START + MINUTE);
	assert_int_equal(usage_changed(usage), START + 5);

	/* alice's that is not over, bob's, none of who only holds, and none that ended */
	out = (struct collected){0};
	assert_int_equal(usage_collect(usage, START + MINUTE, collect_row, &out), 2);
	assert_int_equal(out.rows, 4);
	assert_int_equal(out.of[QUOTA_messages_per_day], 2);
	assert_int_equal(out.age[QUOTA_messages_per_day], MINUTE);
	assert_int_equal(out.of[QUOTA_messages_per_minute], 0);
	assert_int_equal(out.of[QUOTA_octets_per_day], 7);
	assert_int_equal(usage_collect(usage, START + MINUTE, collect_row, &out), 0);
	usage_release(usage, &hold);
}

static void more_than_a_batch_is_collected_in_several(void **state)
{
	struct usage *usage = *state;
	struct collected out = {0};
	char name[32];

	for (int i = 0; i < 2 * USAGE_BATCH + 500; i++) {
		snprintf(name, sizeof name, "account%d", i);
		use(usage, name, MEASURE_OCTETS, (uint64_t)i, START + i);
	}
	/* (the first of them used no octet at all) */
	assert_int_equal(usage_collect(usage, START + 5000, collect_row, &out), USAGE_BATCH);
	assert_int_equal(out.rows, 2 * USAGE_BATCH);
	assert_in_range(usage_changed(usage), START + 1, START + 1 + USAGE_BATCH);

	/* what changes meanwhile comes last, be it new or collected before */
	use(usage, "account1", MEASURE_OCTETS, 0, START + 5000);
	use(usage, "account1", MEASURE_OCTETS, 1, START + 5000);
	use(usage, "account2400", MEASURE_OCTETS, 1, START + 5000);
	assert_int_equal(usage_collect(usage, START + 5000, collect_row, &out), USAGE_BATCH);
	assert_int_equal(usage_collect(usage, START + 5000, collect_row, &out), 500);
	assert_string_equal(out.account, "account1");
	assert_int_equal(usage_collect(usage, START + 5000, collect_row, &out), 0);
	assert_int_equal(usage_changed(usage), 0);
	assert_int_equal(out.rows, 2 * (2 * USAGE_BATCH + 500));
	/* 0 + 1 + ... + 2499, the one more of account2400, and account1's 2 once more */
	assert_int_equal(out.of[QUOTA_octets_per_day], 2499 * 2500 / 2 + 1 + 2);
	use(usage, "bob", MEASURE_OCTETS, 1, START + 5001);
	assert_int_equal(usage_changed(usage), START + 5001);
}

static void restored(struct usage *usage, enum quota_id quota, int64_t age, uint64_t used,
                     int64_t now)
{
	const struct usage_window window = {"alice", quota, age, used};

	assert_true(usage_restore(usage, &window, now));
}

static void a_restored_window_goes_on_where_it_was(void **state)
{
	struct usage *usage = *state;
	struct usage_count count;

	restored(usage, QUOTA_messages_per_minute, MINUTE - 1, 7, START);
	restored(usage, QUOTA_messages_per_hour, MINUTE, 8, START);
	/* the clock began at the boot, which may be less than a day ago */
	restored(usage, QUOTA_messages_per_day, DAY - 1, 9, START % HOUR);
	count = peek(usage, "alice", MEASURE_MESSAGES, START);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 7);
	assert_int_equal(count.retry[QUOTA_messages_per_minute], 1);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 8);
	assert_int_equal(count.retry[QUOTA_messages_per_hour], 3540);
	assert_int_equal(
	    peek(usage, "alice", MEASURE_MESSAGES, START % HOUR).used[QUOTA_messages_per_day], 9);
	assert_int_equal(
	    peek(usage, "alice", MEASURE_MESSAGES, START % HOUR + 1).used[QUOTA_messages_per_day],
	    0);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + 1);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 0);
	/* it is on the disk already */
	assert_int_equal(usage_changed(usage), 0);
}

static void one_that_ended_is_not_restored(void **state)
{
	static const int64_t ages[] = {MINUTE, MINUTE + 1, DAY, INT64_MAX};
	struct usage *usage = *state;

	for (size_t i = 0; i < ROWS(ages); i++)
		restored(usage, QUOTA_messages_per_minute, ages[i], 7, START);
	assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START).used[0], 0);
}

/* When a clock was wrong. It may last one window from now, and must not begin anew each time. */
static void one_that_began_in_the_future_begins_now(void **state)
{
	static const int64_t ages[] = {-1, -HOUR, -365 * DAY, -INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < ROWS(ages); i++) {
		struct usage *usage = usage_new();
		struct collected out = {0};

		restored(usage, QUOTA_messages_per_hour, ages[i], 7, START);
		assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START + HOUR - 1)
		                     .used[QUOTA_messages_per_hour],
		                 7);
		assert_int_equal(peek(usage, "alice", MEASURE_MESSAGES, START + HOUR)
		                     .used[QUOTA_messages_per_hour],
		                 0);
		assert_int_equal(usage_changed(usage), START);
		assert_int_equal(usage_collect(usage, START + 3, collect_row, &out), 1);
		assert_int_equal(out.rows, 1);
		assert_int_equal(out.age[QUOTA_messages_per_hour], 3);
		usage_free(usage);
	}
	(void)state;
}

static void it_is_added_to_what_was_counted_since(void **state)
{
	struct usage *usage = *state;
	struct usage_count count;
	struct usage_hold hold = {0};
	struct collected out = {0};

	use(usage, "alice", MEASURE_MESSAGES, 2, START);
	take(usage, &hold, "alice", MEASURE_MESSAGES, 4, START, &count);
	restored(usage, QUOTA_messages_per_hour, 30 * MINUTE, 10, START + 5 * MINUTE);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + 5 * MINUTE);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 16);
	assert_int_equal(count.retry[QUOTA_messages_per_hour], 30 * 60);
	assert_int_equal(count.used[QUOTA_messages_per_day], 6);
	usage_release(usage, &hold);

	/* one that began later does not prolong it */
	restored(usage, QUOTA_messages_per_hour, MINUTE, 1, START + 5 * MINUTE);
	count = peek(usage, "alice", MEASURE_MESSAGES, START + 5 * MINUTE);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 13);
	assert_int_equal(count.retry[QUOTA_messages_per_hour], 30 * 60);

	/* the sum is what is written */
	assert_int_equal(usage_collect(usage, START + 5 * MINUTE, collect_row, &out), 1);
	assert_int_equal(out.of[QUOTA_messages_per_hour], 13);
	assert_int_equal(out.age[QUOTA_messages_per_hour], 30 * MINUTE);

	restored(usage, QUOTA_messages_per_day, 0, UINT64_MAX, START);
	assert_true(peek(usage, "alice", MEASURE_MESSAGES, START).used[QUOTA_messages_per_day] ==
	            UINT64_MAX);
}

/* ---- forgetting --------------------------------------------------------- */

static void sweep_all(struct usage *usage, int64_t now)
{
	for (int i = 0; i < TABLE_SWEEPS; i++)
		usage_sweep(usage, now);
}

static void only_what_is_over_is_forgotten(void **state)
{
	struct usage *usage = *state;
	struct usage_hold hold = {0}, refused = {0};
	struct usage_count count;
	struct collected out = {0};

	/* one that holds something, one that was refused, one that is not written, one that lives */
	take(usage, &hold, "holds", MEASURE_MESSAGES, 1, START, &count);
	limits[QUOTA_messages_per_minute] = 1;
	assert_false(take(usage, &refused, "refused", MEASURE_MESSAGES, 2, START, &count));
	use(usage, "lives", MEASURE_MESSAGES, 1, START + 1);
	usage_collect(usage, START + 1, collect_row, &out);
	use(usage, "unwritten", MEASURE_MESSAGES, 1, START);
	sweep_all(usage, START + DAY);
	assert_int_equal(
	    peek(usage, "lives", MEASURE_MESSAGES, START + DAY).used[QUOTA_messages_per_day], 1);
	assert_int_equal(
	    peek(usage, "unwritten", MEASURE_MESSAGES, START).used[QUOTA_messages_per_day], 1);
	usage_commit(usage, &hold, START + 1);
	usage_release(usage, &refused);
	assert_int_equal(peek(usage, "holds", MEASURE_MESSAGES, START + 1).used[0], 1);

	/* and when all of it is over, asked at a time when it was not, it is gone */
	usage_collect(usage, START + 1, collect_row, &out);
	sweep_all(usage, START + DAY + 1);
	assert_int_equal(peek(usage, "lives", MEASURE_MESSAGES, START + 1).used[0], 0);
	assert_int_equal(peek(usage, "holds", MEASURE_MESSAGES, START + 1).used[0], 0);
	assert_int_equal(peek(usage, "unwritten", MEASURE_MESSAGES, START).used[0], 0);
}

/* ---- a crowd ------------------------------------------------------------ */

#define THREADS 64
#define TRIES   200
#define LIMIT   5000 /* fewer than there are tries */

static struct usage *shared;
static atomic_uint_fast64_t committed, accepted;
static pthread_barrier_t together;

static bool try(struct usage_hold *hold)
{
	struct usage_count count;

	usage_take(shared, hold, "alice", MEASURE_MESSAGES, 1, limits, START, &count);
	return count.used[QUOTA_messages_per_hour] <= LIMIT;
}

static void *take_all(void *unused)
{
	struct usage_hold hold = {0};
	uint64_t mine = 0;

	(void)unused;
	pthread_barrier_wait(&together);
	for (int i = 0; i < TRIES; i++)
		mine += try(&hold);
	atomic_fetch_add(&accepted, mine);
	pthread_barrier_wait(&together);
	if (mine % 2) {
		usage_commit(shared, &hold, START);
		atomic_fetch_add(&committed, mine);
	} else {
		usage_release(shared, &hold);
	}
	return NULL;
}

/* Goes on until the limit is used up; and as many tries more must be in vain. */
static void *commit_or_release(void *arg)
{
	unsigned random = (unsigned)(uintptr_t)arg;

	pthread_barrier_wait(&together);
	for (int vain = 0; vain < TRIES;) {
		struct usage_hold hold = {0};

		if (try(&hold)) {
			if (rand_r(&random) % 3 == 0) {
				usage_release(shared, &hold);
			} else {
				usage_commit(shared, &hold, START);
				atomic_fetch_add(&committed, 1);
			}
			continue;
		}
		usage_release(shared, &hold);
		if (atomic_load(&committed) >= LIMIT)
			vain++;
		else
			sched_yield();
	}
	return NULL;
}

static void crowd(void *(*run)(void *))
{
	pthread_t threads[THREADS];

	atomic_store(&committed, 0);
	atomic_store(&accepted, 0);
	assert_int_equal(pthread_barrier_init(&together, NULL, THREADS), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&together);
}

static void of_a_crowd_just_as_many_get_through_as_may(void **state)
{
	shared = *state;
	limits[QUOTA_messages_per_hour] = LIMIT;
	crowd(take_all);
	assert_int_equal(atomic_load(&accepted), LIMIT);
	assert_int_equal(
	    peek(shared, "alice", MEASURE_MESSAGES, START).used[QUOTA_messages_per_hour],
	    atomic_load(&committed));
}

static void none_is_lost_or_won_by_what_is_given_back(void **state)
{
	struct usage_hold hold = {0};

	shared = *state;
	limits[QUOTA_messages_per_hour] = LIMIT;
	crowd(commit_or_release);
	assert_int_equal(atomic_load(&committed), LIMIT);
	assert_int_equal(
	    peek(shared, "alice", MEASURE_MESSAGES, START).used[QUOTA_messages_per_hour], LIMIT);
	assert_false(try(&hold));
	usage_release(shared, &hold);
	assert_true(usage_changed(shared) == START);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_is_taken_counts_until_it_is_given_back),
	    TEST(what_is_refused_takes_nothing_of_any_window),
	    TEST(to_end_it_again_does_nothing),
	    TEST(what_is_not_kept_is_given_back),
	    TEST(without_a_limit_it_is_only_counted),
	    TEST(sums_stop_at_what_a_number_holds),
	    TEST(a_window_ends_to_the_millisecond),
	    TEST(retry_is_in_whole_seconds_and_never_too_early),
	    TEST(what_is_held_counts_in_the_window_of_its_end),
	    TEST(only_what_changed_is_collected_and_once),
	    TEST(all_that_lives_is_collected_once_more),
	    TEST(more_than_a_batch_is_collected_in_several),
	    TEST(a_restored_window_goes_on_where_it_was),
	    TEST(one_that_ended_is_not_restored),
	    TEST(one_that_began_in_the_future_begins_now),
	    TEST(it_is_added_to_what_was_counted_since),
	    TEST(only_what_is_over_is_forgotten),
	    TEST(of_a_crowd_just_as_many_get_through_as_may),
	    TEST(none_is_lost_or_won_by_what_is_given_back),
	};

	return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
