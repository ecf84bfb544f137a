/* Who changed what. */
#include "tests/unit/registry_place.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool note_change(const struct registry_change *change, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 2048 - used, "%lld %s|%s|%s|%s|%s|%s\n", (long long)change->time - NOW,
	         change->who, change->what, change->account, change->item, change->before,
	         change->after);
	return true;
}

static void assert_changes(struct place *place, struct registry *registry, const char *account,
                           int64_t since, const char *wanted)
{
	char got[2048] = "";

	assert_status(
	    place, registry_change_walk(registry, account, since, note_change, got, &place->error),
	    REGISTRY_OK);
	assert_string_equal(got, wanted);
}

/* ---- what is written down ----------------------------------------------- */

static void who_and_when_are_of_the_handle(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);

	registry_as(registry, "root", NOW + 1);
	assert_status(place, registry_account_add(registry, "carol", NULL, error), REGISTRY_OK);
	registry_as(registry, "it's \"me\", \xc3\xa9", NOW - 5);
	assert_status(place, registry_account_add(registry, "dave", "bulk", error), REGISTRY_OK);
	assert_changes(place, registry, "carol", 0, "1 root|account add|carol|profile||default\n");
	assert_changes(place, registry, "dave", 0,
	               "-5 it's \"me\", \xc3\xa9|account add|dave|profile||bulk\n");
	registry_close(registry);
}

struct password {
	enum registry_status status; /* that is given */
	bool called, suspended;
};

static enum registry_status change_password(bool suspended, void *arg, struct registry_error *error)
{
	struct password *password = arg;

	password->called = true;
	password->suspended = suspended;
	error->status = password->status;
	snprintf(error->text, sizeof error->text, "cannot");
	return password->status;
}

static void a_password_that_is_kept_elsewhere_is_written_down_if_it_was_changed(void **state)
{
	static const struct {
		const char *account;
		bool known;
		enum registry_status status, wanted;
		bool called, suspended;
		const char *own;
	} rows[] = {
	    {"alice", true, REGISTRY_OK, REGISTRY_OK, true, false, "password set|alice|||\n"},
	    {"bob", true, REGISTRY_OK, REGISTRY_OK, true, true, "password set|bob|||\n"},
	    {"nobody", true, REGISTRY_OK, REGISTRY_NOT_FOUND, false, false, ""},
	    {"nobody", false, REGISTRY_OK, REGISTRY_OK, true, false, "password set|nobody|||\n"},
	    {"%group", true, REGISTRY_OK, REGISTRY_NOT_FOUND, false, false, ""},
	    {"alice", true, REGISTRY_UNCHANGED, REGISTRY_UNCHANGED, true, false, ""},
	    {"alice", true, REGISTRY_BUSY, REGISTRY_BUSY, true, false, ""},
	};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);

	assert_status(place, registry_group_add(registry, "%group", error), REGISTRY_OK);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct password password = {.status = rows[i].status};

		assert_status(place,
		              registry_password_change(registry, rows[i].account, "password set",
		                                       rows[i].known, change_password, &password,
		                                       error),
		              rows[i].wanted);
		assert_int_equal(password.called, rows[i].called);
		assert_int_equal(password.suspended, rows[i].suspended);
		assert_own(place, registry, rows[i].own);
	}
	registry_close(registry);
}

/* Each verb: what it writes down; and again, when it changes nothing and writes nothing. */
static void each_verb_of_accounts_writes_down_what_it_changed(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	int64_t rows;

#define changes(call, wanted)                                                                      \
	do {                                                                                       \
		assert_status(place, call, REGISTRY_OK);                                           \
		assert_own(place, registry, wanted);                                               \
		rows = number(place, "SELECT count(*) FROM change");                               \
		assert_status(place, call, REGISTRY_UNCHANGED);                                    \
		assert_own(place, registry, "");                                                   \
		assert_int_equal(number(place, "SELECT count(*) FROM change"), rows);              \
	} while (0)
	changes(registry_account_add(registry, "eve", "small", error),
	        "account add|eve|profile||small\n");
	changes(registry_account_add(registry, "eve", "large", error),
	        "account move|eve|profile|small|large\n");
	changes(registry_account_suspend(registry, "eve", "spam", error),
	        "account suspend|eve|||spam\n");
	changes(registry_account_suspend(registry, "eve", "more spam", error),
	        "account suspend|eve||spam|more spam\n");
	changes(registry_account_resume(registry, "eve", error),
	        "account resume|eve||more spam|\n");
	changes(registry_account_delete(registry, "eve", error), "account delete|eve||large|\n");
	/* A suspension without a reason is one. */
	changes(registry_account_suspend(registry, "alice", "", error),
	        "account suspend|alice|||\n");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OK);
	assert_true(place->answer.suspended);
	changes(registry_account_resume(registry, "alice", error), "account resume|alice|||\n");
#undef changes
	assert_served(place);
	registry_close(registry);
}

static void what_fails_is_not_written_down(void **state)
{
	static const char *const pattern[] = {"x@y"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(place, registry_account_suspend(registry, "eve", "x", error),
	              REGISTRY_NOT_FOUND);
	assert_status(place,
	              registry_grant_add(registry, "eve", pattern, 1, &never, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_grant_delete(registry, "eve", pattern, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_changes(place, registry, "eve", 0, "");
	assert_int_equal(number(place, "SELECT count(*) FROM change"), 6);
	registry_close(registry);
}

/* ---- walking ------------------------------------------------------------ */

static void changes_are_walked_by_account_and_time(void **state)
{
	static const char *const alice[] = {"alice"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;

	registry_as(registry, "me", NOW + 1);
	assert_status(place, registry_group_add(registry, "%sales", error), REGISTRY_OK);
	registry_as(registry, "me", NOW + 2);
	assert_status(place, registry_member_add(registry, "%sales", alice, 1, &changed, error),
	              REGISTRY_OK);
	registry_as(registry, "me", NOW + 3);
	assert_status(place,
	              registry_grant_add(registry, "%sales", alice, 1, &never, &changed, error),
	              REGISTRY_OK);
	registry_as(registry, "me", NOW + 4);
	assert_status(place, registry_account_delete(registry, "bob", error), REGISTRY_OK);
	assert_changes(place, registry, NULL, NOW + 1,
	               "1 me|group add|%sales|||\n"
	               "2 me|group join|%sales|alice||\n"
	               "3 me|sender add|%sales|alice||\n"
	               "4 me|sender delete|bob|bob@example.com||\n"
	               "4 me|account delete|bob||default|\n");
	assert_changes(place, registry, NULL, NOW + 3,
	               "3 me|sender add|%sales|alice||\n"
	               "4 me|sender delete|bob|bob@example.com||\n"
	               "4 me|account delete|bob||default|\n");
	assert_changes(place, registry, NULL, NOW + 5, "");
	/* Joining is the account's as well; a grant that looks like its name is not. */
	assert_changes(place, registry, "alice", NOW + 1, "2 me|group join|%sales|alice||\n");
	assert_changes(place, registry, "%sales", 0,
	               "1 me|group add|%sales|||\n"
	               "2 me|group join|%sales|alice||\n"
	               "3 me|sender add|%sales|alice||\n");
	/* One that is gone. */
	assert_changes(place, registry, "bob", 0,
	               "0 tester|account add|bob|profile||default\n"
	               "0 tester|account suspend|bob|||unpaid\n"
	               "0 tester|sender add|bob|bob@example.com||\n"
	               "4 me|sender delete|bob|bob@example.com||\n"
	               "4 me|account delete|bob||default|\n");
	assert_changes(place, registry, "nobody", 0, "");
	registry_close(registry);
}

static bool stop(const struct registry_change *change, void *arg)
{
	(void)change;
	++*(int *)arg;
	return false;
}

static void a_walk_stops_when_told_to(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	int calls = 0;

	assert_status(place, registry_change_walk(registry, NULL, 0, stop, &calls, &place->error),
	              REGISTRY_OK);
	assert_int_equal(calls, 1);
	registry_close(registry);
}

static void own_changes_are_the_last_ones_of_the_handle(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *mine = place_open(place), *theirs = place_open(place);

	assert_own(place, mine, "");
	assert_status(place, registry_account_add(mine, "carol", NULL, error), REGISTRY_OK);
	assert_status(place, registry_account_add(theirs, "dave", NULL, error), REGISTRY_OK);
	assert_own(place, mine, "account add|carol|profile||default\n");
	assert_own(place, theirs, "account add|dave|profile||default\n");
	assert_status(place, registry_account_add(mine, "erin", NULL, error), REGISTRY_OK);
	assert_own(place, mine, "account add|erin|profile||default\n");
	assert_own(place, theirs, "account add|dave|profile||default\n");
	assert_status(place, registry_account_add(mine, "erin", NULL, error), REGISTRY_UNCHANGED);
	assert_own(place, mine, "");
	assert_status(place, registry_account_delete(theirs, "alice", error), REGISTRY_OK);
	assert_own(place, mine, "");
	registry_close(mine);
	registry_close(theirs);
}

/* One that could not even begin is the last one, too. */
static void own_changes_are_none_after_one_that_failed(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *mine, *theirs = place_open(place);
	struct registry_imported counts;
	struct registry_import *import;

	assert_status(place, registry_open(place->path, 20, &mine, error), REGISTRY_OK);
	assert_status(place, registry_account_add(mine, "carol", NULL, error), REGISTRY_OK);
	assert_own(place, mine, "account add|carol|profile||default\n");
	assert_status(place, registry_import_begin(theirs, &import, error), REGISTRY_OK);
	assert_status(place, registry_account_add(mine, "dave", NULL, error), REGISTRY_BUSY);
	assert_own(place, mine, "");
	assert_status(place, registry_import_end(import, false, &counts, error), REGISTRY_OK);
	assert_status(place, registry_account_add(mine, "dave", NULL, error), REGISTRY_OK);
	assert_status(place, registry_account_suspend(mine, "nobody", "x", error),
	              REGISTRY_NOT_FOUND);
	assert_own(place, mine, "");
	registry_close(mine);
	registry_close(theirs);
}

/*
 * Changes and changes, until it is killed, or its time is over. Who waits for a lock only looks for
 * it now and then: it is given a chance.
 */
static const struct timespec pause_time = {.tv_nsec = 2000000};

static int write_on(const char *path)
{
	struct registry_error error;
	struct registry *registry;

	if (registry_open(path, REGISTRY_WAIT_MS, &registry, &error) != REGISTRY_OK)
		return 1;
	registry_as(registry, "other", NOW);
	alarm(60);
	for (int i = 0;; i++) {
		if (registry_account_suspend(registry, "bob", i % 2 ? "one" : "two", &error) !=
		        REGISTRY_OK ||
		    (i == 0 && write(STDOUT_FILENO, "r", 1) != 1))
			return 1;
		nanosleep(&pause_time, NULL);
	}
}

static void own_changes_are_no_other_process_s(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	pid_t child = another_process("write", place->path);
	char name[16], wanted[64];
	int status;

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "n%d", i);
		snprintf(wanted, sizeof wanted, "account add|n%d|profile||default\n", i);
		assert_status(place, registry_account_add(registry, name, NULL, &place->error),
		              REGISTRY_OK);
		nanosleep(&pause_time, NULL);
		assert_own(place, registry, wanted);
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(number(place, "SELECT count(*) FROM change WHERE who = 'other'") > 1);
	registry_close(registry);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    test(who_and_when_are_of_the_handle),
	    test(a_password_that_is_kept_elsewhere_is_written_down_if_it_was_changed),
	    test(each_verb_of_accounts_writes_down_what_it_changed),
	    test(what_fails_is_not_written_down),
	    test(changes_are_walked_by_account_and_time),
	    test(a_walk_stops_when_told_to),
	    test(own_changes_are_the_last_ones_of_the_handle),
	    test(own_changes_are_none_after_one_that_failed),
	    test(own_changes_are_no_other_process_s),
	};

	if (argc == 3)
		return write_on(argv[2]);
	return cmocka_run_group_tests_name("registry changes", tests, NULL, NULL);
}
