/* The check of the whole, registries of an older schema, and many that make one at once. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void the_first_schema_comes_up_with_its_data(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry;

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
	assert_grants(place, registry, NULL,
	              "alice @alice.example 0 '' 6 \n"
	              "alice alice@example.com 0 '' 5 \n"
	              "bob bob@example.com 0 '' 7 \n");
	assert_int_equal(number(place, "SELECT count(*) FROM change"), 0);
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
		return create(argv[2]);
	return cmocka_run_group_tests_name("registry schema", tests, NULL, NULL);
}
