/* What is counted, kept over restarts. */
#include "db/usage.h"
#include "tests/unit/keeper_life.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>

static void counts_survive_a_restart_exactly(void **state)
{
	struct place *place = *state;
	char name[32];
	struct life life;
	struct usage_count count;

	life = begin(place->path);
	assert_true(keeper_healthy(life.keeper));
	for (int i = 0; i < 3; i++)
		use(&life, "alice", MEASURE_MESSAGES, 1);
	use(&life, "alice", MEASURE_RECIPIENTS, 70);
	use(&life, "alice", MEASURE_OCTETS, 123456789);
	use(&life, "bob", MEASURE_OCTETS, UINT64_C(1) << 50);
	use(&life, "o'hara \" ; --", MEASURE_MESSAGES, 2);
	take(life.usage, "bob", MEASURE_MESSAGES, 1000, false);
	end(&life);

	/* more than a batch, on top of it */
	life = begin(place->path);
	for (int i = 0; i < 2 * USAGE_BATCH + 1; i++) {
		snprintf(name, sizeof name, "account%d", i);
		use(&life, name, MEASURE_MESSAGES, (uint64_t)i + 1);
	}
	use(&life, "alice", MEASURE_MESSAGES, 1);
	end(&life);

	life = begin(place->path);
	assert_true(keeper_healthy(life.keeper));
	assert_int_equal(keeper_lag(life.keeper), 0);
	count = peek(&life, "alice", MEASURE_MESSAGES);
	assert_int_equal(count.used[QUOTA_messages_per_minute], 4);
	assert_int_equal(count.used[QUOTA_messages_per_hour], 4);
	assert_int_equal(count.used[QUOTA_messages_per_day], 4);
	assert_in_range(count.retry[QUOTA_messages_per_hour], 3580, 3600);
	count = peek(&life, "alice", MEASURE_RECIPIENTS);
	assert_int_equal(count.used[QUOTA_recipients_per_day], 70);
	count = peek(&life, "alice", MEASURE_OCTETS);
	assert_int_equal(count.used[QUOTA_octets_per_hour], 123456789);
	count = peek(&life, "bob", MEASURE_OCTETS);
	assert_int_equal(count.used[QUOTA_octets_per_day], UINT64_C(1) << 50);
	assert_int_equal(peek(&life, "bob", MEASURE_MESSAGES).used[0], 0);
	assert_int_equal(peek(&life, "o'hara \" ; --", MEASURE_MESSAGES).used[0], 2);
	for (int i = 0; i < 2 * USAGE_BATCH + 1; i++) {
		snprintf(name, sizeof name, "account%d", i);
		count = peek(&life, name, MEASURE_MESSAGES);
		assert_int_equal(count.used[QUOTA_messages_per_day], i + 1);
	}
	end(&life);
}

struct moved {
	const char *name;
	int64_t by;                     /* later */
	uint64_t minute, hour, day;     /* of 9, 8 and 7 */
	uint64_t hour_retry, day_retry; /* seconds at most, and all but 20 of them */
};

/* As if the clock, or the file, were of another time. */
static void windows_never_last_longer_whatever_the_clock_says(void **state)
{
	static const struct moved rows[] = {
	    {"not at all", 0, 9, 8, 7, 3600, 86400},
	    {"half an hour back", -HOUR / 2, 0, 8, 7, 1800, 84600},
	    {"an hour back", -HOUR, 0, 0, 7, 3600, 82800},
	    {"a year back", -YEAR, 0, 0, 0, 3600, 86400},
	    {"a minute on", MINUTE, 9, 8, 7, 3600, 86400},
	    {"an hour on", HOUR, 9, 8, 7, 3600, 86400},
	    {"a year on", YEAR, 9, 8, 7, 3600, 86400},
	    {"ten thousand years on", 10000 * YEAR, 9, 8, 7, 3600, 86400},
	};
	struct place *place = *state;
	int64_t now = wall();
	struct life life;

	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t began = now + rows[i].by;

		put(place, rows[i].name, "messages_per_minute", began, began + MINUTE, 9);
		put(place, rows[i].name, "messages_per_hour", began, began + HOUR, 8);
		put(place, rows[i].name, "messages_per_day", began, began + DAY, 7);
	}
	/* what nobody wrote */
	put(place, "never began", "messages_per_hour", INT64_MIN, INT64_MAX, 5);
	put(place, "never ends", "messages_per_hour", now, INT64_MAX, 5);
	put(place, "never begins", "messages_per_hour", INT64_MAX, INT64_MAX, 5);
	put(place, "other", "letters_per_month", now, now + HOUR, 5);

	life = begin(place->path);
	assert_true(keeper_healthy(life.keeper));
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct moved *row = &rows[i];
		struct usage_count count = peek(&life, row->name, MEASURE_MESSAGES);
		uint64_t hour = count.retry[QUOTA_messages_per_hour];
		uint64_t day = count.retry[QUOTA_messages_per_day];

		assert_row(count.used[QUOTA_messages_per_minute] == row->minute, row->name);
		assert_row(count.used[QUOTA_messages_per_hour] == row->hour, row->name);
		assert_row(count.used[QUOTA_messages_per_day] == row->day, row->name);
		assert_row(hour <= row->hour_retry && hour + 20 > row->hour_retry, row->name);
		assert_row(day <= row->day_retry && day + 20 > row->day_retry, row->name);
	}
	assert_int_equal(peek(&life, "never began", MEASURE_MESSAGES).used[QUOTA_messages_per_hour],
	                 0);
	assert_int_equal(peek(&life, "never ends", MEASURE_MESSAGES).used[QUOTA_messages_per_hour],
	                 5);
	assert_int_equal(
	    peek(&life, "never begins", MEASURE_MESSAGES).used[QUOTA_messages_per_hour], 5);
	end(&life);
}

static bool is_of_now(const struct usage_store_row *row, void *arg)
{
	int64_t now = wall();

	assert_int_equal(row->used, 7);
	assert_int_equal(row->ends - row->began, DAY);
	assert_true(row->began <= now && row->began > now - HOUR);
	++*(int *)arg;
	return true;
}

/* Or it would begin at each start, for as long as the clock was wrong. */
static void what_began_in_the_future_begins_once(void **state)
{
	struct place *place = *state;
	char *path = usage_store_path(place->path);
	struct usage_store *store;
	struct life life;
	int rows = 0;

	put(place, "alice", "messages_per_day", wall() + YEAR, wall() + YEAR + DAY, 7);
	life = begin(place->path);
	end(&life);
	assert_status(place, usage_store_open(path, USAGE_STORE_READ, &store, &place->error),
	              REGISTRY_OK);
	assert_status(place, usage_store_walk(store, NULL, 0, is_of_now, &rows, &place->error),
	              REGISTRY_OK);
	assert_int_equal(rows, 1);
	usage_store_close(store);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(counts_survive_a_restart_exactly),
	    TEST(windows_never_last_longer_whatever_the_clock_says),
	    TEST(what_began_in_the_future_begins_once),
	};

	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
