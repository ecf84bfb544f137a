/* Imports that are killed: all of one is there, or nothing. */
#include "tests/unit/registry_place.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 20000 /* grants that another process imports */

/* Tells when it has come so far: to the `middle', where it stays, or to the `end'. */
static int import_many(const char *until, const char *path)
{
	bool end = strcmp(until, "end") == 0;
	struct registry_imported counts;
	struct registry_import *import;
	struct registry_error error;
	struct registry *registry;

	if (registry_open(path, REGISTRY_WAIT_MS, &registry, &error) != REGISTRY_OK)
		return 1;
	registry_as(registry, "mortal", NOW);
	if (registry_import_begin(registry, &import, &error) != REGISTRY_OK)
		return 1;
	for (int i = 0; i < MANY; i++) {
		char holder[32], pattern[64];

		snprintf(holder, sizeof holder, "account%d", i * 7919 % 1000);
		snprintf(pattern, sizeof pattern, "sender%d@example.com", i);
		if (registry_import_grant(import, holder, true, pattern, &never, &error) !=
		    REGISTRY_OK)
			return 1;
		if (!end && i == MANY / 2) {
			if (write(STDOUT_FILENO, "r", 1) != 1)
				return 1;
			for (;;)
				pause();
		}
	}
	if (write(STDOUT_FILENO, "r", 1) != 1 ||
	    registry_import_end(import, true, &counts, &error) != REGISTRY_OK)
		return 1;
	registry_close(registry);
	return 0;
}

/* Kills it so long after it has told. */
static void kill_import(struct place *place, const char *until, long microseconds)
{
	struct timespec wait = {.tv_nsec = microseconds * 1000};
	pid_t child = another_process(until, place->path);

	nanosleep(&wait, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static bool tell(const char *problem, void *arg)
{
	(void)arg;
	fail_msg("%s", problem);
	return true;
}

static void assert_sound(struct place *place)
{
	struct registry *registry = place_open(place);

	assert_status(place, registry_check(registry, tell, NULL, &place->error), REGISTRY_OK);
	registry_close(registry);
}

static void an_import_that_is_killed_leaves_nothing(void **state)
{
	struct place *place = *state;

	kill_import(place, "middle", 0);
	assert_served(place);
	assert_known(place, "account0", false);
	assert_sound(place);
	assert_as_it_was(place);
}

static void an_import_that_is_killed_at_its_end_is_there_or_not(void **state)
{
	struct place *place = *state;

	for (long wait = 0; wait < 100000; wait += wait < 20000 ? 2000 : 20000) {
		int64_t grants;

		kill_import(place, "end", wait);
		assert_served(place);
		assert_sound(place);
		grants = number(place, "SELECT count(*) FROM sender_grant");
		if (grants == 3) {
			assert_as_it_was(place);
			continue;
		}
		assert_int_equal(grants, 3 + MANY);
		assert_int_equal(number(place, "SELECT count(*) FROM account"), 2 + 1000);
		assert_int_equal(number(place, "SELECT count(*) FROM change"), 6 + 1000 + MANY);
		assert_known(place, "account0", true);
		sql(place, "PRAGMA foreign_keys = ON; DELETE FROM account WHERE name GLOB "
		           "'account*'; DELETE FROM change WHERE who = 'mortal'");
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    test(an_import_that_is_killed_leaves_nothing),
	    test(an_import_that_is_killed_at_its_end_is_there_or_not),
	};

	if (argc == 3)
		return import_many(argv[1], argv[2]);
	return cmocka_run_group_tests_name("import, live", tests, NULL, NULL);
}
