/* Accounts that may have been hijacked. */
#include "milter/watch.h"

#include "db/daemon/table.h"
#include "tests/unit/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define START  INT64_C(123456789) /* of the clock */

static struct limits limits;

static void set(enum threshold_id id, const char *text)
{
	assert_true(limits_set_threshold(&limits, id, text));
}

static int setup(void **state)
{
	limits_init(&limits);
	set(THRESHOLD_REFUSALS, "never");
	set(THRESHOLD_ADDRESSES, "never");
	*state = watch_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	watch_free(*state);
	return 0;
}

/* 203.0.113.0 and so on. */
static struct ip address(unsigned number)
{
	struct ip ip;

	assert_true(ip_parse("203.0.113.0", &ip));
	ip.octet[14] = (unsigned char)(number / 256);
	ip.octet[15] = (unsigned char)number;
	return ip;
}

static void came_from(struct watch *watch, const char *account, unsigned number, int64_t now)
{
	const struct ip ip = address(number);

	watch_address(watch, account, &limits, &ip, now);
}

static void refused(struct watch *watch, const char *account, int times, int64_t now)
{
	for (int i = 0; i < times; i++)
		watch_refusal(watch, account, &limits, now);
}

static void assert_due(struct watch *watch, const char *account, const char *reason)
{
	struct watch_suspension due;

	assert_true(watch_due(watch, &due));
	assert_string_equal(due.account, account);
	assert_string_equal(due.reason, reason);
}

static void assert_none_due(struct watch *watch)
{
	struct watch_suspension due;

	assert_false(watch_due(watch, &due));
}

/* ---- refusals ----------------------------------------------------------- */

static void as_many_refusals_as_it_says_suspend(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "5 refusals in 600s");
	refused(watch, "alice", 4, START);
	refused(watch, "Alice", 4, START);
	assert_false(watch_suspends(watch, "alice"));
	assert_none_due(watch);
	refused(watch, "alice", 1, START + 1);
	assert_true(watch_suspends(watch, "alice"));
	assert_false(watch_suspends(watch, "Alice"));
	assert_false(watch_suspends(watch, "bob"));
	assert_due(watch, "alice", "5 refusals in 10m");
	assert_none_due(watch);
}

static void each_counts_for_as_long_as_it_says(void **state)
{
	static const struct {
		const char *name;
		int64_t at[4];
		bool suspended;
	} rows[] = {
	    {"at once", {0, 0, 0, -1}, true},
	    {"up to the last millisecond", {0, 0, 9999, -1}, true},
	    {"and not after it", {0, 0, 10000, -1}, false},
	    {"across any moment", {0, 9000, 10001, 11000}, true},
	    {"the last of them", {0, 9000, 10000, 18999}, true},
	    {"too far apart for ever", {0, 6000, 12000, 18000}, false},
	};

	set(THRESHOLD_REFUSALS, "3 refusals in 10s");
	for (size_t i = 0; i < ROWS(rows); i++) {
		for (int n = 0; n < 4 && rows[i].at[n] >= 0; n++)
			refused(*state, rows[i].name, 1, START + rows[i].at[n]);
		assert_row(watch_suspends(*state, rows[i].name) == rows[i].suspended, rows[i].name);
	}
}

/* ---- addresses ---------------------------------------------------------- */

static void addresses_that_differ_suspend(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_ADDRESSES, "3 client addresses in 1h");
	for (int i = 0; i < 100; i++)
		came_from(watch, "alice", (unsigned)i % 2, START + i);
	came_from(watch, "bob", 3, START);
	assert_false(watch_suspends(watch, "alice"));
	came_from(watch, "alice", 2, START + 100);
	assert_true(watch_suspends(watch, "alice"));
	assert_due(watch, "alice", "3 client addresses in 1h");
	assert_none_due(watch);
}

static void their_time_slides(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_ADDRESSES, "3 client addresses in 10s");
	/* each counts from the last time that it was seen */
	came_from(watch, "alice", 1, START);
	came_from(watch, "alice", 2, START + 4 * SECOND);
	came_from(watch, "alice", 1, START + 8 * SECOND);
	came_from(watch, "alice", 3, START + 14 * SECOND); /* the second is just too old */
	assert_false(watch_suspends(watch, "alice"));
	came_from(watch, "alice", 4, START + 18 * SECOND); /* and so is the first */
	assert_false(watch_suspends(watch, "alice"));
	came_from(watch, "alice", 5, START + 24 * SECOND - 1);
	assert_true(watch_suspends(watch, "alice"));

	/* one at a time, for ever, is nothing */
	for (unsigned i = 0; i < 1000; i++)
		came_from(watch, "bob", i, START + i * 5 * SECOND);
	assert_false(watch_suspends(watch, "bob"));
}

static void as_many_as_may_be_said_are_told_apart(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_ADDRESSES, "1000 client addresses in 30d");
	for (unsigned i = 0; i < 999; i++)
		came_from(watch, "alice", i, START);
	for (unsigned i = 0; i < 999; i++)
		came_from(watch, "alice", i, START + 1);
	assert_false(watch_suspends(watch, "alice"));
	came_from(watch, "alice", 999, START + 1);
	assert_true(watch_suspends(watch, "alice"));
	came_from(watch, "alice", 1000, START + 1); /* no more are kept than that */
	assert_due(watch, "alice", "1000 client addresses in 30d");
}

static void less_suspends_once_less_is_said(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_ADDRESSES, "10 client addresses in 1h");
	set(THRESHOLD_REFUSALS, "10 refusals in 1h");
	for (unsigned i = 0; i < 9; i++)
		came_from(watch, "alice", i, START);
	refused(watch, "bob", 9, START);
	set(THRESHOLD_ADDRESSES, "3 client addresses in 1h");
	set(THRESHOLD_REFUSALS, "3 refusals in 1h");
	came_from(watch, "alice", 0, START + 1);
	refused(watch, "bob", 1, START + 1);
	assert_due(watch, "alice", "3 client addresses in 1h");
	assert_due(watch, "bob", "3 refusals in 1h");
}

static void never_is_never(void **state)
{
	struct watch *watch = *state;

	for (unsigned i = 0; i < 10000; i++) {
		refused(watch, "alice", 1, START);
		came_from(watch, "alice", i, START);
	}
	assert_false(watch_suspends(watch, "alice"));
	assert_none_due(watch);

	/* nor was anything kept */
	set(THRESHOLD_REFUSALS, "2 refusals in 1h");
	set(THRESHOLD_ADDRESSES, "2 client addresses in 1h");
	refused(watch, "alice", 1, START);
	came_from(watch, "alice", 0, START);
	assert_false(watch_suspends(watch, "alice"));
}

/* ---- until it is written ------------------------------------------------ */

static void to_settle_what_is_not_due_does_nothing(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "3 refusals in 1h");
	watch_settle(watch, "nobody", false);
	watch_settle(watch, "nobody", true);
	refused(watch, "alice", 2, START);
	watch_settle(watch, "alice", false);
	watch_settle(watch, "alice", true);
	assert_none_due(watch);
	refused(watch, "alice", 1, START);
	assert_due(watch, "alice", "3 refusals in 1h");
}

static void one_is_due_once_whatever_comes_after(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "2 refusals in 1h");
	set(THRESHOLD_ADDRESSES, "2 client addresses in 1h");
	refused(watch, "alice", 50, START);
	for (unsigned i = 0; i < 50; i++)
		came_from(watch, "alice", i, START);
	assert_due(watch, "alice", "2 refusals in 1h");
	assert_none_due(watch);
	refused(watch, "alice", 50, START);
	assert_none_due(watch);
	assert_true(watch_suspends(watch, "alice"));
}

static void those_that_are_due_come_in_order_and_failures_last(void **state)
{
	static const char *const names[] = {"a", "b", "c"};
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "1 refusals in 60s");
	for (size_t i = 0; i < ROWS(names); i++)
		refused(watch, names[i], 1, START);
	assert_due(watch, "a", "1 refusals in 1m");
	watch_settle(watch, "a", false);
	refused(watch, "d", 1, START);
	for (int i = 0; i < 3; i++) {
		assert_due(watch, "b", "1 refusals in 1m");
		watch_settle(watch, "b", false);
		assert_due(watch, "c", "1 refusals in 1m");
		watch_settle(watch, "c", false);
		assert_due(watch, "a", "1 refusals in 1m");
		watch_settle(watch, "a", false);
		assert_due(watch, "d", "1 refusals in 1m");
		watch_settle(watch, "d", false);
		assert_true(watch_suspends(watch, "a"));
	}
	for (int i = 0; i < 4; i++) {
		struct watch_suspension due;

		assert_true(watch_due(watch, &due));
		watch_settle(watch, due.account, true);
		assert_false(watch_suspends(watch, due.account));
	}
	assert_none_due(watch);
	/* the last one left the list as it should */
	refused(watch, "e", 1, START);
	assert_due(watch, "e", "1 refusals in 1m");
	assert_none_due(watch);
}

static void counting_begins_anew_once_it_is_written(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "3 refusals in 1h");
	set(THRESHOLD_ADDRESSES, "3 client addresses in 1h");
	for (int round = 0; round < 3; round++) {
		refused(watch, "alice", 2, START + round);
		came_from(watch, "alice", 1, START + round);
		came_from(watch, "alice", 2, START + round);
		assert_false(watch_suspends(watch, "alice"));
		if (round % 2)
			came_from(watch, "alice", 3, START + round);
		else
			refused(watch, "alice", 1, START + round);
		assert_due(watch, "alice",
		           round % 2 ? "3 client addresses in 1h" : "3 refusals in 1h");
		refused(watch, "alice", 1, START + round); /* of before it stands there */
		assert_true(watch_suspends(watch, "alice"));
		watch_settle(watch, "alice", true);
		assert_false(watch_suspends(watch, "alice"));
		assert_none_due(watch);
	}
	watch_settle(watch, "nobody", true);
	watch_settle(watch, "nobody", false);
	assert_none_due(watch);
}

/* ---- forgetting --------------------------------------------------------- */

static void sweep_all(struct watch *watch, int64_t now)
{
	for (int i = 0; i < TABLE_SWEEPS; i++)
		watch_sweep(watch, now);
}

static void only_what_is_too_old_is_forgotten(void **state)
{
	struct watch *watch = *state;

	set(THRESHOLD_REFUSALS, "2 refusals in 10s");
	set(THRESHOLD_ADDRESSES, "2 client addresses in 60s");
	refused(watch, "alice", 1, START);
	came_from(watch, "bob", 1, START);
	refused(watch, "bob", 1, START); /* the longer of the two counts */
	refused(watch, "carol", 2, START);
	sweep_all(watch, START + 10 * SECOND - 1);
	refused(watch, "alice", 1, START + 10 * SECOND - 1);
	assert_true(watch_suspends(watch, "alice"));
	sweep_all(watch, START + 60 * SECOND - 1);
	came_from(watch, "bob", 2, START + 60 * SECOND - 1);
	assert_true(watch_suspends(watch, "bob"));

	/* never one that is not written, due or being written */
	assert_due(watch, "carol", "2 refusals in 10s");
	sweep_all(watch, START + 1000000 * SECOND);
	assert_true(watch_suspends(watch, "carol"));
	assert_due(watch, "alice", "2 refusals in 10s");
	assert_due(watch, "bob", "2 client addresses in 1m");
	watch_settle(watch, "carol", false);
	assert_due(watch, "carol", "2 refusals in 10s");
	watch_settle(watch, "carol", true);
	sweep_all(watch, START + 1000000 * SECOND);
	watch_settle(watch, "carol", false); /* nobody any more */
	assert_none_due(watch);

	/* asked as of then, what was forgotten counts no more */
	refused(watch, "dave", 1, START);
	sweep_all(watch, START + 10 * SECOND);
	refused(watch, "dave", 1, START + 1);
	assert_false(watch_suspends(watch, "dave"));
}

/* ---- a crowd ------------------------------------------------------------ */

#define THREADS 16
#define ROUNDS  2000

static struct watch *shared;
static atomic_bool over;

static void *refuse(void *arg)
{
	char name[16];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "a%d", i % 50);
		watch_refusal(shared, name, &limits, START);
		came_from(shared, name, (unsigned)(uintptr_t)arg % 4, START + i);
		watch_suspends(shared, name);
		watch_sweep(shared, START + i);
	}
	return NULL;
}

static void *write_down(void *out)
{
	struct watch_suspension due;
	bool last;
	unsigned count = 0;

	do {
		last = atomic_load(&over);
		while (watch_due(shared, &due)) {
			bool written = count++ % 3 != 0;

			watch_settle(shared, due.account, written);
			*(unsigned *)out += written;
		}
	} while (!last);
	return NULL;
}

static void of_a_crowd_each_refusal_counts_once_at_most(void **state)
{
	pthread_t threads[THREADS], writer;
	unsigned written = 0;

	shared = *state;
	atomic_store(&over, false);
	set(THRESHOLD_REFUSALS, "10 refusals in 1h");
	set(THRESHOLD_ADDRESSES, "5 client addresses in 1h");
	assert_int_equal(pthread_create(&writer, NULL, write_down, &written), 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, refuse, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&over, true);
	pthread_join(writer, NULL);
	assert_in_range(written, 50, THREADS * ROUNDS / 10);
	for (int i = 0; i < 50; i++) {
		char name[16];

		snprintf(name, sizeof name, "a%d", i);
		assert_false(watch_suspends(shared, name));
	}
	assert_none_due(shared);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(as_many_refusals_as_it_says_suspend),
	    TEST(each_counts_for_as_long_as_it_says),
	    TEST(addresses_that_differ_suspend),
	    TEST(their_time_slides),
	    TEST(as_many_as_may_be_said_are_told_apart),
	    TEST(less_suspends_once_less_is_said),
	    TEST(never_is_never),
	    TEST(to_settle_what_is_not_due_does_nothing),
	    TEST(one_is_due_once_whatever_comes_after),
	    TEST(those_that_are_due_come_in_order_and_failures_last),
	    TEST(counting_begins_anew_once_it_is_written),
	    TEST(only_what_is_too_old_is_forgotten),
	    TEST(of_a_crowd_each_refusal_counts_once_at_most),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
