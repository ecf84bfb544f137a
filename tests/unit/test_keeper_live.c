/* What is counted, kept by a keeper that goes its rounds: over kills, a clock that is set, and files
 * that are no good. */
#include "db/usage.h"
#include "tests/unit/keeper_life.h"
#include "tests/unit/table.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a clock that is set ------------------------------------------------ */

/* It is set right again before the next start, as by who mends a machine. */
static void a_clock_that_goes_on_a_year_deletes_nothing_that_counts(void **state)
{
	struct place *place = *state;
	struct life life = begin(place->path);

	use(&life, "alice", MEASURE_MESSAGES, 5);
	wait_for(written(place->path, "alice") == 5);
	later = YEAR / 1000;
	use(&life, "bob", MEASURE_MESSAGES, 6);
	wait_for(written(place->path, "bob") == 6);
	later = 0;
	end(&life);

	life = begin(place->path);
	assert_int_equal(peek(&life, "alice", MEASURE_MESSAGES).used[QUOTA_messages_per_day], 5);
	assert_int_equal(peek(&life, "bob", MEASURE_MESSAGES).used[QUOTA_messages_per_day], 6);
	end(&life);
}

struct step {
	const char *name, *directory;
	int64_t first, then, last; /* how much later the clock is, in milliseconds */
};

/* A round that writes, but nothing of the others. */
static void let_it_write(const struct place *place, struct life *life, uint64_t *number)
{
	use(life, "other", MEASURE_MESSAGES, 1);
	++*number;
	wait_for(written(place->path, "other") == *number);
}

/* A machine without a clock of its own starts in another year, until it has asked for the time. */
static void a_clock_that_is_set_ends_no_window_at_the_next_start(void **state)
{
	static const struct step steps[] = {
	    {"from another year to this", "0", -YEAR, 0, 0},
	    {"an hour back", "1", 0, -HOUR, -HOUR},
	    {"a year on", "2", 0, YEAR, YEAR},
	    {"a year on and back", "3", 0, YEAR, 0},
	};
	struct place *place = *state;

	for (size_t i = 0; i < ROWS(steps); i++) {
		const struct step *step = &steps[i];
		struct place inner = within(place, step->directory);
		struct usage_count count;
		struct life life;
		uint64_t number = 0;

		later = step->first / 1000;
		life = begin(inner.path);
		use(&life, "alice", MEASURE_MESSAGES, 5);
		let_it_write(&inner, &life, &number);
		later = step->then / 1000;
		let_it_write(&inner, &life, &number);
		later = step->last / 1000;
		let_it_write(&inner, &life, &number);
		end(&life);

		life = begin(inner.path);
		count = peek(&life, "alice", MEASURE_MESSAGES);
		assert_row(count.used[QUOTA_messages_per_day] == 5, step->name);
		assert_row(count.retry[QUOTA_messages_per_day] > 86400 - 60 &&
		               count.retry[QUOTA_messages_per_day] <= 86400,
		           step->name);
		end(&life);
	}
	later = 0;
}

/* ---- files that are no good --------------------------------------------- */

static void a_file_that_is_no_good_is_left_alone_until_it_is_gone(void **state)
{
	static const struct {
		const char *name, *make;
		bool file;
	} rows[] = {
	    {"garbage", "head -c 20000 /dev/zero | tr '\\0' x > usage.sqlite3", true},
	    {"directory", "mkdir -p usage.sqlite3/within", false},
	    {"registry", "cp ../db usage.sqlite3", true},
	    {"link", "ln -s ../db usage.sqlite3", false},
	};
	struct place *place = *state, inner[ROWS(rows)];
	struct life lives[ROWS(rows)];
	char before[64], after[64];

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct place counts;

		inner[i] = within(place, rows[i].name);
		counts = counts_of(&inner[i]);
		shell(&inner[i], "%s", rows[i].make);
		if (rows[i].file)
			fingerprint(&counts, before);
		lives[i] = begin(inner[i].path);
		assert_row(!keeper_healthy(lives[i].keeper), rows[i].name);
		use(&lives[i], "alice", MEASURE_MESSAGES, 3);
		if (rows[i].file) {
			fingerprint(&counts, after);
			assert_string_equal(before, after);
		}
	}
	/* tried again, it is as bad as ever; how long what is counted waits, is told */
	wait_for(keeper_lag(lives[ROWS(rows) - 1].keeper) > 600);
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_row(!keeper_healthy(lives[i].keeper), rows[i].name);
		assert_row(keeper_lag(lives[i].keeper) > 600, rows[i].name);
		shell(&inner[i], "mv usage.sqlite3 away");
	}
	for (size_t i = 0; i < ROWS(rows); i++) {
		wait_for(keeper_healthy(lives[i].keeper) && keeper_lag(lives[i].keeper) == 0);
		assert_int_equal(written(inner[i].path, "alice"), 3);
		end(&lives[i]);
	}
	assert_served(place); /* the registry that was linked to */
}

/* Each is added once, though all that follows is read again and again. */
static void what_is_read_before_the_damage_counts_once(void **state)
{
	struct place *place = *state, counts = counts_of(place);
	int64_t now = wall();
	struct life life;

	put(place, "alice", "messages_per_day", now, now + DAY, 5);
	put(place, "alice", "messages_per_hour", now, now + HOUR, 4);
	put(place, "carol", "messages_per_day", now, now + DAY, 7);
	sql(&counts, "INSERT INTO usage SELECT 'bob' || char(0) || 'by', quota, began, ends, used "
	             "FROM usage WHERE account = 'carol'");
	life = begin(place->path);
	assert_false(keeper_healthy(life.keeper));
	use(&life, "alice", MEASURE_MESSAGES, 1);
	use(&life, "carol", MEASURE_MESSAGES, 1);
	assert_true(keeper_lag(life.keeper) > 0); /* in the first millisecond, too */
	sql(&counts, "DELETE FROM usage WHERE account LIKE 'bob%'");
	wait_for(keeper_healthy(life.keeper) && keeper_lag(life.keeper) == 0);
	assert_int_equal(peek(&life, "alice", MEASURE_MESSAGES).used[QUOTA_messages_per_day], 6);
	assert_int_equal(peek(&life, "alice", MEASURE_MESSAGES).used[QUOTA_messages_per_hour], 5);
	assert_int_equal(peek(&life, "carol", MEASURE_MESSAGES).used[QUOTA_messages_per_day], 8);
	assert_int_equal(written(place->path, "alice"), 6);
	assert_int_equal(written(place->path, "carol"), 8);
	end(&life);
}

/* Who moves it away while it is used gets a new one: nothing is written into the void. */
static void a_file_that_is_moved_away_is_made_anew(void **state)
{
	struct place *place = *state;
	struct life life = begin(place->path);

	use(&life, "alice", MEASURE_MESSAGES, 1);
	use(&life, "bob", MEASURE_MESSAGES, 3);
	wait_for(written(place->path, "bob") == 3);
	shell(place, "mkdir away && mv usage.sqlite3* away/");
	use(&life, "alice", MEASURE_MESSAGES, 1);
	end(&life);
	assert_int_equal(written(place->path, "alice"), 2);
	assert_int_equal(written(place->path, "bob"), 3);
}

/* At the end of a failure, which may be the end of the keeper too. */
static void what_waited_is_written_with_what_is_new(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct life life = begin(place->path);
	char *path = usage_store_path(place->path);
	struct usage_store *lock;

	assert_status(place, usage_store_open(path, USAGE_STORE_WRITE, &lock, error), REGISTRY_OK);
	assert_status(place, usage_store_begin(lock, error), REGISTRY_OK);
	use(&life, "alice", MEASURE_MESSAGES, 1);
	wait_for(!keeper_healthy(life.keeper));
	use(&life, "alice", MEASURE_MESSAGES, 1);
	use(&life, "bob", MEASURE_MESSAGES, 1);
	assert_int_equal(usage_store_end(lock, REGISTRY_IO, 0, error), REGISTRY_IO);
	usage_store_close(lock);
	free(path);
	end(&life);
	assert_int_equal(written(place->path, "alice"), 2);
	assert_int_equal(written(place->path, "bob"), 1);
}

/* ---- kills -------------------------------------------------------------- */

#define LOSS_MS  1100 /* half a second between two writings, and what the disk takes */
#define CHILDREN 4
#define COUNTS   20000

/* What a child tells: when it had counted so many. */
struct told {
	atomic_int count;
	_Atomic int64_t at[COUNTS];
};

static void count_until_killed(const char *database, struct told *told, int most)
{
	struct life life = begin(database);

	for (int i = 0; i < most; i++) {
		use(&life, "alice", MEASURE_MESSAGES, 1);
		atomic_store(&told->at[i], keeper_now());
		atomic_store(&told->count, i + 1);
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
	}
	for (;;)
		pause();
}

static void killed(pid_t child)
{
	int status;

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void who_is_killed_loses_about_a_second(void **state)
{
	static const char *const names[CHILDREN] = {"0", "1", "2", "3"};
	struct place *place = *state, inner[CHILDREN];
	size_t size = CHILDREN * sizeof(struct told);
	struct told *told =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[CHILDREN];

	assert_true(told != MAP_FAILED);
	for (int i = 0; i < CHILDREN; i++) {
		inner[i] = within(place, names[i]);
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			count_until_killed(inner[i].path, &told[i], i == 0 ? 100 : COUNTS);
			_exit(1);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		int64_t kill_at;
		uint64_t used, due = 0, counted;
		struct life life;

		if (i == 0)
			/* the first has all of it on the disk before it dies */
			wait_for(written(inner[0].path, "alice") == 100);
		else
			wait_for(atomic_load(&told[i].count) > 0 &&
			         keeper_now() - atomic_load(&told[i].at[0]) >= LOSS_MS + 70 * i);
		kill_at = keeper_now();
		killed(children[i]);
		counted = (uint64_t)atomic_load(&told[i].count);
		while (due < counted &&
		       (i == 0 || atomic_load(&told[i].at[due]) <= kill_at - LOSS_MS))
			due++;
		life = begin(inner[i].path);
		assert_true(keeper_healthy(life.keeper));
		used = peek(&life, "alice", MEASURE_MESSAGES).used[QUOTA_messages_per_day];
		assert_true(due > 0);
		/* it may have counted one that it did not tell */
		assert_in_range(used, due, counted + 1);
		end(&life);
	}
	munmap(told, size);
}

/* ---- suspensions -------------------------------------------------------- */

struct found {
	char reason[64], who[64], what[64];
	bool suspended;
	int changes;
};

static bool find_account(const struct registry_account *account, void *arg)
{
	struct found *found = arg;

	found->suspended = account->suspended;
	snprintf(found->reason, sizeof found->reason, "%s", account->reason);
	return true;
}

static bool find_change(const struct registry_change *change, void *arg)
{
	struct found *found = arg;

	if (change->time <= NOW)
		return true;
	assert_true(change->time + 60 > time(NULL) && change->time <= time(NULL));
	snprintf(found->who, sizeof found->who, "%s", change->who);
	snprintf(found->what, sizeof found->what, "%s", change->what);
	found->changes++;
	return true;
}

static struct found find(struct place *place, const char *account)
{
	struct registry *registry = place_open(place);
	struct found found = {.changes = 0};

	assert_status(place,
	              registry_account_walk(registry, account, find_account, &found, &place->error),
	              REGISTRY_OK);
	assert_status(
	    place, registry_change_walk(registry, account, 0, find_change, &found, &place->error),
	    REGISTRY_OK);
	registry_close(registry);
	return found;
}

/* Counts one, until it is written: a round of the keeper has begun since, and suspends next. */
static void round_begins(struct place *place, struct life *life, uint64_t number)
{
	use(life, "ticks", MEASURE_MESSAGES, 1);
	wait_for(written(place->path, "ticks") == number);
}

static void a_suspension_reaches_the_registry_once_it_can(void **state)
{
	struct place *place = *state;
	struct registry *other = place_open(place);
	struct life life = begin(place->path);
	struct registry_import *lock;
	struct registry_imported imported;
	struct limits limits;
	struct found found;

	limits_init(&limits);
	assert_true(limits_set_threshold(&limits, THRESHOLD_REFUSALS, "2 refusals in 600s"));
	assert_status(place, registry_import_begin(other, &lock, &place->error), REGISTRY_OK);
	for (int i = 0; i < 5; i++) {
		watch_refusal(life.watch, "alice", &limits, keeper_now());
		watch_refusal(life.watch, "deleted", &limits, keeper_now());
		watch_refusal(life.watch, "bob", &limits, keeper_now());
	}
	/* two rounds: the first has tried, in vain, when the second begins; and counts do not wait */
	round_begins(place, &life, 1);
	round_begins(place, &life, 2);
	assert_true(watch_suspends(life.watch, "alice"));
	assert_true(keeper_healthy(life.keeper));
	assert_status(place, registry_import_end(lock, false, &imported, &place->error),
	              REGISTRY_OK);
	registry_close(other);

	/* so too of one that was deleted, and one that is suspended already */
	wait_for(!watch_suspends(life.watch, "alice") && !watch_suspends(life.watch, "deleted") &&
	         !watch_suspends(life.watch, "bob"));
	found = find(place, "alice");
	assert_true(found.suspended);
	assert_string_equal(found.reason, "2 refusals in 10m");
	assert_string_equal(found.who, "postreeved");
	assert_string_equal(found.what, "account suspend");
	assert_int_equal(found.changes, 1);
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OK);
	assert_true(place->answer.suspended);
	assert_known(place, "deleted", false);
	found = find(place, "bob");
	assert_int_equal(found.changes, 0);
	assert_string_equal(found.reason, "unpaid");
	end(&life);
}

static void one_that_is_due_at_the_end_is_written_before_it(void **state)
{
	struct place *place = *state;
	struct life life = begin(place->path);
	struct limits limits;

	limits_init(&limits);
	assert_true(limits_set_threshold(&limits, THRESHOLD_REFUSALS, "1 refusals in 60s"));
	watch_refusal(life.watch, "alice", &limits, keeper_now());
	end(&life);
	assert_true(find(place, "alice").suspended);
	keeper_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_file_that_is_no_good_is_left_alone_until_it_is_gone),
	    TEST(what_is_read_before_the_damage_counts_once),
	    TEST(a_file_that_is_moved_away_is_made_anew),
	    TEST(what_waited_is_written_with_what_is_new),
	    TEST(a_clock_that_goes_on_a_year_deletes_nothing_that_counts),
	    TEST(a_clock_that_is_set_ends_no_window_at_the_next_start),
	    TEST(who_is_killed_loses_about_a_second),
	    TEST(a_suspension_reaches_the_registry_once_it_can),
	    TEST(one_that_is_due_at_the_end_is_written_before_it),
	};

	return cmocka_run_group_tests_name("keeper, live", tests, NULL, NULL);
}
