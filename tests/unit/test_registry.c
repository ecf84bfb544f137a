/* The registry: making it, changing it, and what a lookup answers. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making it ---------------------------------------------------------- */

static void create_makes_a_private_wal_database(void **state)
{
	struct place *place = *state;
	struct stat st;

	umask(0);
	shell(place, "rm -f db*");
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	umask(077);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	/* The format versions that say WAL: octets 18 and 19 of the file. */
	shell(place, "test \"$(od -An -tu1 -j18 -N2 db | tr -d ' ')\" = 22");
}

static void create_twice_changes_nothing(void **state)
{
	struct place *place = *state;
	char before[64], after[64];

	fingerprint(place, before);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_UNCHANGED);
	fingerprint(place, after);
	assert_string_equal(before, after);
	assert_served(place);
}

static void create_fills_an_empty_file(void **state)
{
	struct place *place = *state;

	shell(place, "rm -f db*; : > db");
	assert_status(place, look(place, "alice", "a@b"), REGISTRY_BAD);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	assert_status(place, look(place, "alice", "a@b"), REGISTRY_OK);
	assert_false(place->answer.known);
}

static void create_wants_the_directory(void **state)
{
	struct place *place = *state;
	char path[512];

	snprintf(path, sizeof path, "%s/no/db", place->directory);
	assert_status(place, registry_create(path, &place->error), REGISTRY_MISSING);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void create_wants_a_private_directory(void **state)
{
	struct place *place = *state;

	shell(place, "rm -f db*; chmod 0777 .");
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_INSECURE);
	assert_int_not_equal(access(place->path, F_OK), 0);
}

static void create_brings_up_an_older_registry(void **state)
{
	struct place *place = *state;

	/* Of our application, and of the version before the first. */
	sql(place, "DROP TABLE sender_grant; DROP TABLE membership; DROP TABLE account_limit; "
	           "DROP TABLE network; DROP TABLE change; DROP TABLE account; "
	           "PRAGMA user_version = 0");
	assert_status(place, look(place, "alice", "a@b"), REGISTRY_OLDER);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	assert_status(place, look(place, "alice", "a@b"), REGISTRY_OK);
}

/* Whatever is tried, the file stays as it is to the last octet. */
static void assert_untouched(struct place *place, enum registry_status wanted)
{
	struct registry *registry;
	char before[64], after[64];

	fingerprint(place, before);
	assert_status(place, registry_open(place->path, REGISTRY_WAIT_MS, &registry, &place->error),
	              wanted);
	assert_null(registry);
	assert_status(place, registry_create(place->path, &place->error), wanted);
	assert_status(place, look(place, "alice", "alice@example.com"), wanted);
	assert_false(place->answer.known);
	assert_false(granted(place));
	fingerprint(place, after);
	assert_string_equal(before, after);
}

static void a_newer_registry_is_never_written(void **state)
{
	struct place *place = *state;

	sql(place, "PRAGMA user_version = 1000");
	assert_untouched(place, REGISTRY_NEWER);
}

static void a_newer_registry_is_not_written_by_who_has_it_open(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	size_t changed;
	const char *pattern = "x@example.com";
	char before[64], after[64];

	sql(place, "PRAGMA user_version = 1000; PRAGMA wal_checkpoint(TRUNCATE)");
	fingerprint(place, before);
	assert_status(place, registry_account_add(registry, "eve", NULL, &place->error),
	              REGISTRY_NEWER);
	assert_status(
	    place,
	    registry_grant_add(registry, "alice", &pattern, 1, &never, &changed, &place->error),
	    REGISTRY_NEWER);
	registry_close(registry);
	fingerprint(place, after);
	assert_string_equal(before, after);
}

static void another_database_is_never_written(void **state)
{
	struct place *place = *state;

	shell(place, "rm -f db*");
	sql(place, "CREATE TABLE account (name TEXT); INSERT INTO account VALUES ('alice')");
	assert_untouched(place, REGISTRY_BAD);
}

static void a_text_file_is_never_written(void **state)
{
	struct place *place = *state;

	shell(place, "rm -f db*; yes 'not a database' | head -c 10000 > db");
	assert_untouched(place, REGISTRY_BAD);
}

static void a_name_with_a_meaning_to_sqlite_is_a_file(void **state)
{
	struct place *place = *state;
	char back[4096];

	assert_non_null(getcwd(back, sizeof back));
	assert_int_equal(chdir(place->directory), 0);
	assert_status(place, registry_create(":memory:", &place->error), REGISTRY_OK);
	assert_status(place, registry_create("file:db2?mode=memory", &place->error), REGISTRY_OK);
	assert_int_equal(access("./:memory:", F_OK), 0);
	assert_int_equal(access("./file:db2?mode=memory", F_OK), 0);
	assert_int_equal(chdir(back), 0);
}

/* ---- changing it -------------------------------------------------------- */

static bool note_account(const struct registry_account *account, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s/%s/%d/%s/%lld/%llu ", account->name, account->profile,
	         account->suspended, account->reason, (long long)account->created,
	         (unsigned long long)account->grants);
	return true;
}

static void assert_accounts(struct place *place, const char *name, const char *wanted)
{
	struct registry *registry = place_open(place);
	char got[512] = "";

	assert_status(place,
	              registry_account_walk(registry, name, note_account, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
	registry_close(registry);
}

static void accounts_are_listed_by_name(void **state)
{
	assert_accounts(*state, NULL,
	                "alice/bulk/0//1700000000/2 bob/default/1/unpaid/1700000000/1 ");
	assert_accounts(*state, "bob", "bob/default/1/unpaid/1700000000/1 ");
}

static void grants_are_listed_by_account_and_pattern(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_grants(place, registry, NULL,
	              "alice @alice.example 0 '' 1700000000 tester\n"
	              "alice alice@example.com 0 '' 1700000000 tester\n"
	              "bob bob@example.com 0 '' 1700000000 tester\n");
	assert_grants(place, registry, "bob", "bob bob@example.com 0 '' 1700000000 tester\n");
	registry_close(registry);
}

static bool stop(const struct registry_account *account, void *arg)
{
	assert_string_equal(account->name, "alice");
	(*(int *)arg)++;
	return false;
}

static void a_walk_stops_when_told_to(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	int calls = 0;

	assert_status(place, registry_account_walk(registry, NULL, stop, &calls, &place->error),
	              REGISTRY_OK);
	assert_int_equal(calls, 1);
	registry_close(registry);
}

static void an_account_is_added_once(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);

	assert_status(place, registry_account_add(registry, "alice", NULL, error),
	              REGISTRY_UNCHANGED);
	assert_status(place, registry_account_add(registry, "alice", "bulk", error),
	              REGISTRY_UNCHANGED);
	assert_accounts(place, "alice", "alice/bulk/0//1700000000/2 ");
	assert_status(place, registry_account_add(registry, "alice", "small", error), REGISTRY_OK);
	assert_accounts(place, "alice", "alice/small/0//1700000000/2 ");
	registry_close(registry);
}

static void an_account_takes_its_grants_with_it(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);

	assert_status(place, registry_account_delete(registry, "alice", error), REGISTRY_OK);
	assert_status(place, registry_account_delete(registry, "alice", error), REGISTRY_UNCHANGED);
	assert_grants(place, registry, NULL, "bob bob@example.com 0 '' 1700000000 tester\n");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OK);
	assert_false(place->answer.known);
	/* Its name may come back, its grants may not. */
	assert_status(place, registry_account_add(registry, "alice", NULL, error), REGISTRY_OK);
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OK);
	assert_true(place->answer.known);
	assert_false(granted(place));
	registry_close(registry);
}

static void suspending_and_resuming_again_change_nothing(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);

	assert_status(place, registry_account_suspend(registry, "bob", "unpaid", error),
	              REGISTRY_UNCHANGED);
	assert_status(place, registry_account_suspend(registry, "bob", "spam", error), REGISTRY_OK);
	assert_accounts(place, "bob", "bob/default/1/spam/1700000000/1 ");
	assert_status(place, registry_account_resume(registry, "bob", error), REGISTRY_OK);
	assert_status(place, registry_account_resume(registry, "bob", error), REGISTRY_UNCHANGED);
	assert_accounts(place, "bob", "bob/default/0//1700000000/1 ");
	registry_close(registry);
}

static void a_grant_given_twice_counts_once(void **state)
{
	static const char *const patterns[] = {"a@example.org", "alice@example.com",
	                                       "a@example.org"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_error *error = &place->error;
	size_t changed;

	assert_status(place,
	              registry_grant_add(registry, "alice", patterns, 3, &never, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 1);
	assert_status(place,
	              registry_grant_add(registry, "alice", patterns, 3, &never, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_int_equal(changed, 0);
	assert_status(place, registry_grant_delete(registry, "alice", patterns, 3, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 2);
	assert_status(place, registry_grant_delete(registry, "alice", patterns, 3, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_grants(place, registry, "alice", "alice @alice.example 0 '' 1700000000 tester\n");
	registry_close(registry);
}

static void an_unknown_account_is_not_found(void **state)
{
	static const char *const patterns[] = {"a@example.org"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	char nothing[GRANTS_TEXT] = "";
	size_t changed = 7;

	assert_status(place, registry_account_suspend(registry, "eve", "x", error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_resume(registry, "eve", error), REGISTRY_NOT_FOUND);
	assert_status(place,
	              registry_grant_add(registry, "eve", patterns, 1, &never, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(changed, 0);
	assert_status(place, registry_grant_delete(registry, "eve", patterns, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_walk(registry, "eve", note_account, nothing, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_grant_walk(registry, "eve", note_grant, nothing, error),
	              REGISTRY_NOT_FOUND);
	assert_string_equal(nothing, "");
	registry_close(registry);
}

static void names_are_never_taken_for_sql(void **state)
{
	static const char *const names[] = {"'; DROP TABLE account; --", "%", "_____", "*",
	                                    "ALICE"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_status(place, look(place, names[i], "alice@example.com"), REGISTRY_OK);
		assert_false(place->answer.known);
		assert_status(place, look(place, "alice", names[i]), REGISTRY_OK);
		assert_false(granted(place));
		assert_status(place, registry_account_add(registry, names[i], NULL, error),
		              REGISTRY_OK);
		assert_status(
		    place,
		    registry_grant_add(registry, names[i], &names[i], 1, &never, &changed, error),
		    REGISTRY_OK);
		assert_status(place, look(place, names[i], names[i]), REGISTRY_OK);
		assert_true(granted(place));
		assert_status(place, registry_account_delete(registry, names[i], error),
		              REGISTRY_OK);
	}
	registry_close(registry);
	assert_served(place);
}

/* ---- what a lookup answers ---------------------------------------------- */

static void a_lookup_tells_profile_suspension_and_grant(void **state)
{
	static const struct {
		const char *account, *address;
		struct registry_answer answer;
	} rows[] = {
	    {"alice", "alice@example.com", {.known = true, .profile = "bulk", .match = 0}},
	    {"alice", "any@alice.example", {.known = true, .profile = "bulk", .match = 1}},
	    {"alice", "bob@example.com", {.known = true, .profile = "bulk", .match = 2}},
	    {"alice", "any@sub.alice.example", {.known = true, .profile = "bulk", .match = 2}},
	    {"bob",
	     "bob@example.com",
	     {.known = true, .suspended = true, .profile = "default", .match = 0}},
	    {"eve", "alice@example.com", {.known = false, .match = 2}},
	    {"", "alice@example.com", {.known = false, .match = 2}},
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_status(place, look(place, rows[i].account, rows[i].address), REGISTRY_OK);
		assert_int_equal(place->answer.known, rows[i].answer.known);
		assert_int_equal(place->answer.suspended, rows[i].answer.suspended);
		assert_int_equal(place->answer.match, rows[i].answer.match);
		assert_string_equal(place->answer.profile, rows[i].answer.profile);
	}
}

static void a_lookup_without_patterns_grants_nothing(void **state)
{
	struct place *place = *state;

	assert_status(
	    place,
	    registry_lookup(place->reader, "alice", NULL, 0, NOW, &place->answer, &place->error),
	    REGISTRY_OK);
	assert_true(place->answer.known);
	assert_int_equal(place->answer.match, 0); /* of none: not below the count */
}

static void a_profile_is_never_cut_short(void **state)
{
	struct place *place = *state;

	sql(place, "UPDATE account SET profile = printf('%.64c', 'x') WHERE name = 'alice'");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OK);
	assert_int_equal(strlen(place->answer.profile), REGISTRY_PROFILE_MAX);
	sql(place, "UPDATE account SET profile = printf('%.65c', 'x') WHERE name = 'alice'");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
	assert_false(place->answer.known);
	sql(place, "UPDATE account SET profile = 'a' || char(0) || 'b' WHERE name = 'alice'");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
	sql(place, "UPDATE account SET profile = 'bulk' WHERE name = 'alice'");
	assert_served(place);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(create_makes_a_private_wal_database),
	    test(create_twice_changes_nothing),
	    test(create_fills_an_empty_file),
	    test(create_wants_the_directory),
	    test(create_wants_a_private_directory),
	    test(create_brings_up_an_older_registry),
	    test(a_newer_registry_is_never_written),
	    test(a_newer_registry_is_not_written_by_who_has_it_open),
	    test(another_database_is_never_written),
	    test(a_text_file_is_never_written),
	    test(a_name_with_a_meaning_to_sqlite_is_a_file),
	    test(accounts_are_listed_by_name),
	    test(grants_are_listed_by_account_and_pattern),
	    test(a_walk_stops_when_told_to),
	    test(an_account_is_added_once),
	    test(an_account_takes_its_grants_with_it),
	    test(suspending_and_resuming_again_change_nothing),
	    test(a_grant_given_twice_counts_once),
	    test(an_unknown_account_is_not_found),
	    test(names_are_never_taken_for_sql),
	    test(a_lookup_tells_profile_suspension_and_grant),
	    test(a_lookup_without_patterns_grants_nothing),
	    test(a_profile_is_never_cut_short),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
