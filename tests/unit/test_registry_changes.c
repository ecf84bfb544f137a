/* Who changed what, the check of the whole, and registries of an older schema. */
#include "tests/unit/registry_place.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
 * SQLite does not live through fork(), so the other process is this program once more, as
 * `test_registry_changes WORK PATH'. It says when it begins.
 */
static pid_t another_process(const char *work, const char *path)
{
	int ends[2];
	pid_t child;
	char octet;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/proc/self/exe", "test_registry_changes", work, path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &octet, 1), 1);
	close(ends[0]);
	return child;
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

/* ---- the whole ---------------------------------------------------------- */

static bool note_problem(const char *problem, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 2048 - used, "%s\n", problem);
	return true;
}

static void assert_problems(struct place *place, const char *wanted)
{
	struct registry *registry = place_open(place);
	char got[2048] = "";

	assert_status(place, registry_check(registry, note_problem, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
	registry_close(registry);
}

/* Something in each table. */
static void fill(struct place *place)
{
	static const struct registry_limit limit[] = {{"rate", "1"}};
	static const char *const network[] = {"10.0.0.0/8"}, *const bob[] = {"bob"};
	struct registry *registry = place_open(place);
	struct registry_error *error = &place->error;
	size_t changed;

	assert_status(place, registry_group_add(registry, "%sales", error), REGISTRY_OK);
	assert_status(place, registry_member_add(registry, "%sales", bob, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_limit_set(registry, "bob", limit, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "bob", network, 1, &changed, error),
	              REGISTRY_OK);
	registry_close(registry);
}

static void a_sound_registry_has_no_problems(void **state)
{
	struct place *place = *state;

	assert_problems(place, "");
	fill(place);
	assert_problems(place, "");
}

static void a_check_finds_what_an_account_left_behind(void **state)
{
	struct place *place = *state;

	fill(place);
	sql(place, "PRAGMA foreign_keys = OFF; DELETE FROM account WHERE name = 'bob'");
	assert_problems(place, "a row of network names an account that is not there\n"
	                       "a row of account_limit names an account that is not there\n"
	                       "a row of membership names an account that is not there\n"
	                       "a row of sender_grant names an account that is not there\n");
	/* Whoever else is in there is served on. */
	assert_served(place);
}

static void a_check_finds_members_that_cannot_be(void **state)
{
	struct place *place = *state;

	fill(place);
	sql(place, "UPDATE account SET is_group = 1 WHERE name = 'bob'");
	assert_problems(place, "a member of %sales is a group: bob\n");
}

static void a_check_finds_a_broken_index(void **state)
{
	struct place *place = *state;
	struct registry *registry;
	char got[2048] = "";

	fill(place);
	sql(place, "CREATE INDEX other ON account (profile); PRAGMA writable_schema = ON; "
	           "UPDATE sqlite_schema SET sql = 'CREATE INDEX other ON account (name)' "
	           "WHERE name = 'other'");
	registry = place_open(place);
	assert_status(place, registry_check(registry, note_problem, got, &place->error),
	              REGISTRY_OK);
	assert_non_null(strstr(got, "other"));
	registry_close(registry);
}

static bool stop_problem(const char *problem, void *arg)
{
	(void)problem;
	++*(int *)arg;
	return false;
}

static void a_check_stops_when_told_to(void **state)
{
	struct place *place = *state;
	struct registry *registry;
	int calls = 0;

	fill(place);
	sql(place, "PRAGMA foreign_keys = OFF; DELETE FROM account WHERE name = 'bob'; "
	           "UPDATE account SET is_group = 0 WHERE name = '%sales'; "
	           "INSERT INTO membership SELECT id, id FROM account WHERE name = 'alice'");
	registry = place_open(place);
	assert_status(place, registry_check(registry, stop_problem, &calls, &place->error),
	              REGISTRY_OK);
	assert_int_equal(calls, 1);
	registry_close(registry);
}

/* ---- the first schema --------------------------------------------------- */

/* As the first version made it. */
static void make_first(struct place *place, const char *more)
{
	shell(place, "rm -f db*");
	sql(place, "PRAGMA journal_mode = WAL;"
	           "CREATE TABLE account ("
	           "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	           "  name TEXT NOT NULL UNIQUE,"
	           "  profile TEXT NOT NULL,"
	           "  suspended TEXT,"
	           "  created INTEGER NOT NULL"
	           ") STRICT;"
	           "CREATE TABLE sender_grant ("
	           "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	           "  pattern TEXT NOT NULL,"
	           "  created INTEGER NOT NULL,"
	           "  PRIMARY KEY (account, pattern)"
	           ") STRICT, WITHOUT ROWID;"
	           "PRAGMA application_id = 0x50725665; PRAGMA user_version = 1");
	sql(place, more);
}

#define FIRST_DATA                                                                                 \
	"INSERT INTO account (name, profile, suspended, created) VALUES "                          \
	"('gone', 'x', NULL, 1), ('alice', 'bulk', NULL, 2), ('bob', 'default', 'unpaid', 3), "    \
	"('last', 'x', NULL, 4); "                                                                 \
	"DELETE FROM account WHERE name IN ('gone', 'last'); "                                     \
	"INSERT INTO sender_grant SELECT id, 'alice@example.com', 5 FROM account "                 \
	"WHERE name = 'alice'; "                                                                   \
	"INSERT INTO sender_grant SELECT id, '@alice.example', 6 FROM account "                    \
	"WHERE name = 'alice'; "                                                                   \
	"INSERT INTO sender_grant SELECT id, 'bob@example.com', 7 FROM account "                   \
	"WHERE name = 'bob'"

static bool note_grant(const struct registry_grant *grant, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s %s %lld '%s' %lld '%s'\n", grant->holder,
	         grant->pattern, (long long)grant->expires, grant->note, (long long)grant->created,
	         grant->author);
	return true;
}

static void the_first_schema_comes_up_with_its_data(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry;
	char got[512] = "";

	make_first(place, FIRST_DATA);
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OLDER);
	assert_status(place, registry_open(place->path, REGISTRY_WAIT_MS, &registry, error),
	              REGISTRY_OLDER);
	assert_int_equal(number(place, "PRAGMA user_version"), 1);
	assert_status(place, registry_create(place->path, error), REGISTRY_OK);
	/* The reader that saw the old one goes on with it. */
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 0);
	assert_status(place, look(place, "bob", "bob@example.com"), REGISTRY_OK);
	assert_true(place->answer.suspended);
	assert_true(granted(place));
	assert_known(place, "gone", false);
	assert_status(place, registry_create(place->path, error), REGISTRY_UNCHANGED);

	registry = place_open(place);
	assert_status(place, registry_grant_walk(registry, NULL, note_grant, got, error),
	              REGISTRY_OK);
	assert_string_equal(got, "alice @alice.example 0 '' 6 ''\n"
	                         "alice alice@example.com 0 '' 5 ''\n"
	                         "bob bob@example.com 0 '' 7 ''\n");
	assert_changes(place, registry, NULL, 0, "");
	/* No number of an account comes again. */
	assert_status(place, registry_account_add(registry, "new", NULL, error), REGISTRY_OK);
	assert_int_equal(number(place, "SELECT id FROM account WHERE name = 'new'"), 5);
	assert_status(place, registry_account_delete(registry, "alice", error), REGISTRY_OK);
	assert_own(place, registry,
	           "sender delete|alice|@alice.example||\n"
	           "sender delete|alice|alice@example.com||\n"
	           "account delete|alice||bulk|\n");
	registry_close(registry);
	assert_problems(place, "");
}

/* It is the same as one that was made anew. */
static void the_first_schema_comes_up_to_what_is_made_now(void **state)
{
	struct place *place = *state;
	char attach[600];

	shell(place, "rm -f db*");
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	shell(place, "mv db made");
	make_first(place, "");
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	snprintf(attach, sizeof attach,
	         "ATTACH '%s/made' AS made; CREATE TABLE judged AS "
	         "SELECT name, sql FROM main.sqlite_schema WHERE name <> 'judged' EXCEPT "
	         "SELECT name, sql FROM made.sqlite_schema",
	         place->directory);
	sql(place, attach);
	assert_int_equal(number(place, "SELECT count(*) FROM judged"), 0);
	assert_int_equal(number(place, "PRAGMA user_version"), 2);
	assert_int_equal(number(place, "PRAGMA application_id"), 0x50725665);
}

/* ---- many at once ------------------------------------------------------- */

static int create(const char *path)
{
	struct registry_error error;
	enum registry_status status;

	if (write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	status = registry_create(path, &error);
	if (status > REGISTRY_UNCHANGED)
		fprintf(stderr, "# %s\n", error.text);
	return status == REGISTRY_OK ? 0 : status == REGISTRY_UNCHANGED ? 2 : 1;
}

/* One of them makes it, or each a step; the others find it made. */
static void create_at_once(struct place *place)
{
	pid_t children[8];
	int made = 0;

	for (size_t i = 0; i < 8; i++)
		children[i] = another_process("create", place->path);
	for (size_t i = 0; i < 8; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_not_equal(WEXITSTATUS(status), 1);
		made += WEXITSTATUS(status) == 0;
	}
	assert_true(made >= 1);
}

static void many_make_it_at_once(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 5; i++) {
		shell(place, "rm -f db*");
		create_at_once(place);
		assert_known(place, "alice", false);
	}
}

static void many_bring_it_up_at_once(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 5; i++) {
		make_first(place, "PRAGMA journal_mode = DELETE; " FIRST_DATA);
		create_at_once(place);
		assert_served(place);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    test(who_and_when_are_of_the_handle),
	    test(each_verb_of_accounts_writes_down_what_it_changed),
	    test(what_fails_is_not_written_down),
	    test(changes_are_walked_by_account_and_time),
	    test(a_walk_stops_when_told_to),
	    test(own_changes_are_the_last_ones_of_the_handle),
	    test(own_changes_are_none_after_one_that_failed),
	    test(own_changes_are_no_other_process_s),
	    test(a_sound_registry_has_no_problems),
	    test(a_check_finds_what_an_account_left_behind),
	    test(a_check_finds_members_that_cannot_be),
	    test(a_check_finds_a_broken_index),
	    test(a_check_stops_when_told_to),
	    test(the_first_schema_comes_up_with_its_data),
	    test(the_first_schema_comes_up_to_what_is_made_now),
	    test(many_make_it_at_once),
	    test(many_bring_it_up_at_once),
	};

	if (argc == 3)
		return strcmp(argv[1], "create") == 0 ? create(argv[2]) : write_on(argv[2]);
	return cmocka_run_group_tests_name("registry changes", tests, NULL, NULL);
}
