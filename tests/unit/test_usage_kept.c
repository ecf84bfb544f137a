/* What is collected of the usage to be kept, what is restored of it, and what is forgotten. */
#include "db/daemon/table.h"
#include "tests/unit/table.h"
#include "tests/unit/usage_case.h"

#include <stdio.h>

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, usage_setup, usage_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(only_what_changed_is_collected_and_once),
	    TEST(all_that_lives_is_collected_once_more),
	    TEST(more_than_a_batch_is_collected_in_several),
	    TEST(a_restored_window_goes_on_where_it_was),
	    TEST(one_that_ended_is_not_restored),
	    TEST(one_that_began_in_the_future_begins_now),
	    TEST(it_is_added_to_what_was_counted_since),
	    TEST(only_what_is_over_is_forgotten),
	};

	return cmocka_run_group_tests_name("usage, kept", tests, NULL, NULL);
}
