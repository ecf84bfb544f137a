/* The registry under a daemon that runs on: other writers, and threads. */
#include "tests/unit/registry_place.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- other writers ------------------------------------------------------ */

static sqlite3 *raw(struct place *place, const char *statements)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void lookups_do_not_wait_for_a_writer(void **state)
{
	static const char *const locks[] = {"BEGIN IMMEDIATE; DELETE FROM account",
	                                    "BEGIN EXCLUSIVE; DELETE FROM account"};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof locks / sizeof *locks; i++) {
		sqlite3 *writer = raw(place, locks[i]);
		double start = seconds();

		for (int n = 0; n < 200; n++)
			assert_served(place);
		/* One wait of the shortest kind at each would be 10 s. */
		assert_true(seconds() - start < 5);
		sqlite3_close(writer);
	}
}

static void the_programs_give_up_on_a_writer_in_time(void **state)
{
	struct place *place = *state;
	const char *build = getenv("builddir");
	char here[4096];
	sqlite3 *writer = raw(place, "BEGIN IMMEDIATE");
	double start = seconds();

	if (!build)
		build = getcwd(here, sizeof here);
	shell(place,
	      "'%s/db/cli/postreeve' -d \"$db\" account add carol 2>message; test $? -eq 75 "
	      "&& grep -q 'try again' message",
	      build);
	assert_true(seconds() - start >= 4);
	sqlite3_close(writer);
	assert_known(place, "carol", false);
}

static void who_locks_readers_out_is_not_waited_for_long(void **state)
{
	struct place *place = *state;
	sqlite3 *writer = raw(place, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; "
	                             "DELETE FROM account WHERE name = 'bob'; COMMIT");
	double start = seconds();

	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BUSY);
	assert_true(seconds() - start < 2);
	sqlite3_close(writer);
	assert_served(place);
}

static void another_journal_mode_is_served_and_set_right(void **state)
{
	struct place *place = *state;
	struct registry *registry;

	sql(place, "PRAGMA journal_mode = DELETE");
	assert_served(place);
	registry = place_open(place);
	assert_served(place);
	registry_close(registry);
	shell(place, "test \"$(od -An -tu1 -j18 -N2 db | tr -d ' ')\" = 22");
	assert_served(place);
}

/* In the old journal mode, somebody holds a lock for so long: nobody can switch it meanwhile. */
struct holder {
	sqlite3 *db;
	int ms;
};

static void *hold(void *arg)
{
	const struct holder *holder = arg;
	struct timespec wait = {holder->ms / 1000, holder->ms % 1000 * 1000000L};

	nanosleep(&wait, NULL);
	sqlite3_close(holder->db);
	return NULL;
}

static pthread_t hold_journal(struct place *place, const char *lock, struct holder *holder)
{
	pthread_t thread;

	sql(place, "PRAGMA journal_mode = DELETE");
	holder->db = raw(place, lock);
	assert_int_equal(pthread_create(&thread, NULL, hold, holder), 0);
	return thread;
}

static const char *const journal_locks[] = {"BEGIN; SELECT count(*) FROM account",
                                            "BEGIN IMMEDIATE"};

static void switching_the_journal_mode_waits_its_turn(void **state)
{
	struct place *place = *state;
	struct holder holder = {.ms = 500};
	struct registry *registry;

	for (size_t i = 0; i < sizeof journal_locks / sizeof *journal_locks; i++) {
		pthread_t thread = hold_journal(place, journal_locks[i], &holder);
		double start = seconds();

		assert_status(place, registry_create(place->path, &place->error),
		              REGISTRY_UNCHANGED);
		assert_true(seconds() - start >= 0.4);
		assert_int_equal(pthread_join(thread, NULL), 0);

		thread = hold_journal(place, journal_locks[i], &holder);
		start = seconds();
		assert_status(
		    place, registry_open(place->path, REGISTRY_WAIT_MS, &registry, &place->error),
		    REGISTRY_OK);
		assert_true(seconds() - start >= 0.4);
		assert_int_equal(pthread_join(thread, NULL), 0);
		registry_close(registry);
	}
	shell(place, "test \"$(od -An -tu1 -j18 -N2 db | tr -d ' ')\" = 22");
	assert_served(place);
}

/* As long as a change would, and no longer. */
static void switching_the_journal_mode_gives_up_in_time(void **state)
{
	struct place *place = *state;
	struct holder holder = {.ms = 2500};
	struct registry *registry;

	for (size_t i = 0; i < sizeof journal_locks / sizeof *journal_locks; i++) {
		pthread_t thread = hold_journal(place, journal_locks[i], &holder);
		double start = seconds();

		assert_status(place, registry_open(place->path, 200, &registry, &place->error),
		              REGISTRY_BUSY);
		assert_null(registry);
		assert_in_range((int)((seconds() - start) * 1000), 190, 1500);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	registry_close(place_open(place));
	assert_served(place);
}

/* Commits carol, leaves dave uncommitted with much of it in the log already, says so, and waits. */
static int half_write(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(
		db,
		"PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 5;"
		"INSERT INTO account (name, profile, created) VALUES ('carol', 'x', 0);"
		"BEGIN; INSERT INTO account (name, profile, created) VALUES ('dave', 'x', 0);"
		"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n "
		"WHERE i < 20000) INSERT INTO account (name, profile, created) "
		"SELECT printf('filler%d', i), 'default', 0 FROM n",
		NULL, NULL, NULL) != SQLITE_OK ||
	    write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static void a_killed_writer_leaves_whole_transactions(void **state)
{
	struct place *place = *state;
	int status;
	pid_t child = another_process("half-write", place->path);

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	shell(place, "test -s db-wal");
	/* The first to come is a reader, then a writer. */
	assert_known(place, "carol", true);
	assert_known(place, "dave", false);
	registry_close(place_open(place));
	assert_known(place, "carol", true);
	assert_known(place, "dave", false);
	assert_served(place);
}

/* ---- threads ------------------------------------------------------------ */

#define THREADS 24 /* more than there are handles */

struct crowd {
	struct place *place;
	atomic_bool stop;
	atomic_ulong served, busy, wrong;
};

/* alice holds one of the two at any time: a lookup that sees neither mixed two states. */
static void *ask(void *arg)
{
	static const char *const either[] = {"here@example.org", "there@example.org"};
	struct crowd *crowd = arg;
	struct registry_answer answer;
	struct registry_error error;

	while (!atomic_load(&crowd->stop)) {
		enum registry_status status =
		    registry_lookup(crowd->place->reader, "alice", either, 2, NOW, &answer, &error);

		if (status == REGISTRY_BUSY)
			atomic_fetch_add(&crowd->busy, 1);
		else if (status != REGISTRY_OK || !answer.known || answer.match == 2 ||
		         strcmp(answer.profile, "bulk") != 0)
			atomic_fetch_add(&crowd->wrong, 1);
		else
			atomic_fetch_add(&crowd->served, 1);
	}
	return NULL;
}

static void give_here(struct place *place)
{
	const char *here = "here@example.org";
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(
	    place, registry_grant_add(registry, "alice", &here, 1, &never, &changed, &place->error),
	    REGISTRY_OK);
	registry_close(registry);
}

static void start_crowd(struct crowd *crowd, pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, crowd), 0);
}

/* Busy is an honest answer, but must stay the exception. */
static void end_crowd(struct crowd *crowd, const pthread_t *threads)
{
	atomic_store(&crowd->stop, true);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&crowd->wrong), 0);
	assert_true(atomic_load(&crowd->served) > 100 * atomic_load(&crowd->busy));
}

static int move_to_and_fro(const char *path)
{
	static const char *const statements[] = {
	    "UPDATE sender_grant SET pattern = 'there@example.org' WHERE pattern = "
	    "'here@example.org'",
	    "UPDATE sender_grant SET pattern = 'here@example.org' WHERE pattern = "
	    "'there@example.org'",
	    "PRAGMA wal_checkpoint(TRUNCATE)",
	};
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		return 1;
	sqlite3_busy_timeout(db, 10000);
	if (write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	for (int i = 0; i < 600; i++)
		if (sqlite3_exec(db, statements[i % 3], NULL, NULL, NULL) != SQLITE_OK)
			return 1;
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}

static void many_threads_see_one_state_each_while_another_process_writes(void **state)
{
	struct place *place = *state;
	struct crowd crowd = {.place = place};
	pthread_t threads[THREADS];
	int status;
	pid_t child;

	give_here(place);
	child = another_process("move", place->path);
	start_crowd(&crowd, threads);
	assert_int_equal(waitpid(child, &status, 0), child);
	end_crowd(&crowd, threads);
	assert_int_equal(status, 0);
}

static void many_threads_live_through_replacements(void **state)
{
	struct place *place = *state;
	struct crowd crowd = {.place = place};
	pthread_t threads[THREADS];

	give_here(place);
	start_crowd(&crowd, threads);
	for (int i = 0; i < 40; i++)
		shell(place, "cp db new && mv new db");
	end_crowd(&crowd, threads);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    test(lookups_do_not_wait_for_a_writer),
	    test(the_programs_give_up_on_a_writer_in_time),
	    test(who_locks_readers_out_is_not_waited_for_long),
	    test(another_journal_mode_is_served_and_set_right),
	    test(switching_the_journal_mode_waits_its_turn),
	    test(switching_the_journal_mode_gives_up_in_time),
	    test(a_killed_writer_leaves_whole_transactions),
	    test(many_threads_see_one_state_each_while_another_process_writes),
	    test(many_threads_live_through_replacements),
	};

	if (argc == 3)
		return strcmp(argv[1], "move") == 0 ? move_to_and_fro(argv[2])
		                                    : half_write(argv[2]);
	return cmocka_run_group_tests_name("registry, live", tests, NULL, NULL);
}
