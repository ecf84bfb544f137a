/* Limits and networks of accounts, who changed what, the check, and an older schema. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool note_change(const struct registry_change *change, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 2048 - used, "%s %s [%s] [%s] [%s] by %s\n", change->what,
	         change->account, change->item, change->before, change->after, change->who);
	return true;
}

static void assert_changes(struct place *place, struct registry *registry, const char *wanted)
{
	char got[2048] = "";

	assert_status(place, registry_change_walk_own(registry, note_change, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

/* ---- limits ------------------------------------------------------------- */

static void set_limit(struct place *place, struct registry *registry, const char *name,
                      const char *value, enum registry_status wanted)
{
	struct registry_limit limit;
	size_t changed;

	strcpy(limit.name, name);
	strcpy(limit.value, value);
	assert_status(place,
	              registry_limit_set(registry, "alice", &limit, 1, &changed, &place->error),
	              wanted);
}

static void limits_come_with_the_lookup_and_go_when_taken_away(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	set_limit(place, registry, "max_recipients", "5", REGISTRY_OK);
	set_limit(place, registry, "max_recipients", "5", REGISTRY_UNCHANGED);
	assert_changes(place, registry, "");
	set_limit(place, registry, "max_recipients", "6", REGISTRY_OK);
	assert_changes(place, registry, "limit set alice [max_recipients] [5] [6] by tester\n");
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 1);
	assert_string_equal(place->answer.limits[0].name, "max_recipients");
	assert_string_equal(place->answer.limits[0].value, "6");
	set_limit(place, registry, "max_recipients", "", REGISTRY_OK);
	set_limit(place, registry, "max_recipients", "", REGISTRY_UNCHANGED);
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 0);
	registry_close(registry);
}

static void limits_that_do_not_fit_are_damage_and_never_cut(void **state)
{
	struct place *place = *state;

	sql(place, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 24) "
	           "INSERT INTO account_limit SELECT 1, 'l' || i, '1' FROM n");
	assert_served(place);
	assert_int_equal(place->answer.limit_count, REGISTRY_LIMITS_MAX);
	sql(place, "INSERT INTO account_limit VALUES (1, 'one more', '1')");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
	assert_false(place->answer.known);
	sql(place, "DELETE FROM account_limit; INSERT INTO account_limit VALUES "
	           "(1, printf('%.33c', 'x'), '1')");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
	sql(place, "DELETE FROM account_limit; INSERT INTO account_limit VALUES "
	           "(1, 'x', printf('%.25c', '1'))");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
}

/* ---- networks ----------------------------------------------------------- */

static void the_first_network_that_stands_for_an_account_answers(void **state)
{
	static const char *const asked[] = {"192.0.2.7/32", "192.0.2.0/24", "0.0.0.0/0"};
	static const char *const wide[] = {"0.0.0.0/0"}, *const narrow[] = {"192.0.2.0/24"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_error *error = &place->error;
	char account[REGISTRY_ACCOUNT_MAX + 1];
	size_t changed;

	assert_status(place, registry_network_lookup(place->reader, asked, 3, account, error),
	              REGISTRY_OK);
	assert_string_equal(account, "");
	assert_status(place, registry_network_add(registry, "bob", wide, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "alice", narrow, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "alice", narrow, 1, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_status(place, registry_network_add(registry, "bob", narrow, 1, &changed, error),
	              REGISTRY_CONFLICT);
	assert_non_null(strstr(error->text, "alice"));
	assert_status(place, registry_network_lookup(place->reader, asked, 3, account, error),
	              REGISTRY_OK);
	assert_string_equal(account, "alice");
	assert_status(place, registry_network_lookup(place->reader, asked, 1, account, error),
	              REGISTRY_OK);
	assert_string_equal(account, "");
	assert_status(place, registry_network_delete(registry, "bob", narrow, 1, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_status(place, registry_network_delete(registry, "alice", narrow, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_lookup(place->reader, asked, 3, account, error),
	              REGISTRY_OK);
	assert_string_equal(account, "bob");
	registry_close(registry);
}

/* ---- changes ------------------------------------------------------------ */

static void an_account_takes_all_of_its_own_with_it_and_each_is_written_down(void **state)
{
	static const char *const network[] = {"192.0.2.0/24"}, *const alice[] = {"alice"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_error *error = &place->error;
	size_t changed;

	set_limit(place, registry, "max_recipients", "5", REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "alice", network, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_group_add(registry, "%team", error), REGISTRY_OK);
	assert_status(place, registry_member_add(registry, "%team", alice, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_account_delete(registry, "alice", error), REGISTRY_OK);
	assert_changes(place, registry,
	               "sender delete alice [@alice.example] [] [] by tester\n"
	               "sender delete alice [alice@example.com] [] [] by tester\n"
	               "limit set alice [max_recipients] [5] [] by tester\n"
	               "network delete alice [192.0.2.0/24] [] [] by tester\n"
	               "group leave %team [alice] [] [] by tester\n"
	               "account delete alice [] [bulk] [] by tester\n");
	assert_known(place, "alice", false);
	registry_close(registry);
}

static void suspending_is_written_down_with_its_reasons(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, registry_account_suspend(registry, "bob", "spam", &place->error),
	              REGISTRY_OK);
	assert_changes(place, registry, "account suspend bob [] [unpaid] [spam] by tester\n");
	assert_status(place, registry_account_resume(registry, "bob", &place->error), REGISTRY_OK);
	assert_changes(place, registry, "account resume bob [] [spam] [] by tester\n");
	registry_close(registry);
}

static void changes_are_told_by_account_and_time_and_by_whose_they_are(void **state)
{
	struct place *place = *state;
	struct registry *mine = place_open(place), *theirs = place_open(place);
	char got[2048] = "";

	registry_as(mine, "me", NOW + 5);
	registry_as(theirs, "them", NOW + 6);
	assert_status(place, registry_account_add(mine, "carol", NULL, &place->error), REGISTRY_OK);
	assert_status(place, registry_account_add(theirs, "dave", NULL, &place->error),
	              REGISTRY_OK);
	assert_changes(place, mine, "account add carol [profile] [] [default] by me\n");
	assert_changes(place, theirs, "account add dave [profile] [] [default] by them\n");
	assert_status(place,
	              registry_change_walk(mine, NULL, NOW + 6, note_change, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "account add dave [profile] [] [default] by them\n");
	got[0] = '\0';
	assert_status(place, registry_change_walk(mine, "bob", 0, note_change, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "account add bob [profile] [] [default] by tester\n"
	                         "account suspend bob [] [] [unpaid] by tester\n"
	                         "sender add bob [bob@example.com] [] [] by tester\n");
	registry_close(mine);
	registry_close(theirs);
}

/* ---- the whole ---------------------------------------------------------- */

static bool note_problem(const char *problem, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s\n", problem);
	return true;
}

static void check_problems(struct place *place, char out[512])
{
	struct registry *registry = place_open(place);

	out[0] = '\0';
	assert_status(place, registry_check(registry, note_problem, out, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
}

static void a_check_tells_what_is_broken(void **state)
{
	struct place *place = *state;
	char got[512];

	check_problems(place, got);
	assert_string_equal(got, "");
	sql(place,
	    "PRAGMA foreign_keys = OFF; INSERT INTO sender_grant (account, pattern, created) "
	    "VALUES (999, '@lost.example', 0)");
	check_problems(place, got);
	assert_non_null(strstr(got, "sender_grant"));
}

static void a_registry_of_the_first_schema_is_brought_up_with_all_that_is_in_it(void **state)
{
	struct place *place = *state;

	sql(place, "DROP TABLE membership; DROP TABLE account_limit; DROP TABLE network; "
	           "DROP TABLE change; ALTER TABLE account DROP COLUMN is_group; "
	           "ALTER TABLE sender_grant DROP COLUMN expires; "
	           "ALTER TABLE sender_grant DROP COLUMN note; "
	           "ALTER TABLE sender_grant DROP COLUMN author; PRAGMA user_version = 1");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_OLDER);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_UNCHANGED);
	assert_served(place);
	assert_status(place, look(place, "bob", "bob@example.com"), REGISTRY_OK);
	assert_true(place->answer.suspended);
	assert_true(granted(place));
}

#define AT_ONCE 8

static void many_may_make_it_at_once(void **state)
{
	struct place *place = *state;
	pid_t children[AT_ONCE];

	shell(place, "rm -f \"$db\"*");
	for (int i = 0; i < AT_ONCE; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			enum registry_status status = registry_create(place->path, &place->error);

			if (status > REGISTRY_UNCHANGED)
				fprintf(stderr, "# %s\n", place->error.text);
			_exit(status > REGISTRY_UNCHANGED);
		}
	}
	for (int i = 0; i < AT_ONCE; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(limits_come_with_the_lookup_and_go_when_taken_away),
	    test(limits_that_do_not_fit_are_damage_and_never_cut),
	    test(the_first_network_that_stands_for_an_account_answers),
	    test(an_account_takes_all_of_its_own_with_it_and_each_is_written_down),
	    test(suspending_is_written_down_with_its_reasons),
	    test(changes_are_told_by_account_and_time_and_by_whose_they_are),
	    test(a_check_tells_what_is_broken),
	    test(a_registry_of_the_first_schema_is_brought_up_with_all_that_is_in_it),
	    test(many_may_make_it_at_once),
	};

	return cmocka_run_group_tests_name("registry, changes", tests, NULL, NULL);
}
