/* What accounts have used of their quotas. */
#include "tests/unit/table.h"
#include "tests/unit/usage_case.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, usage_setup, usage_teardown)

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
	    TEST(of_a_crowd_just_as_many_get_through_as_may),
	    TEST(none_is_lost_or_won_by_what_is_given_back),
	};

	return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
