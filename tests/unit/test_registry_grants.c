/* Grants, groups and imports of the registry: who may use what, until when, and all or nothing. */
#include "tests/unit/registry_place.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is asked ------------------------------------------------------ */

/* Which of the three the account holds at that time; 3 for none. */
static size_t match(struct place *place, const char *account, int64_t now)
{
	static const char *const patterns[] = {"one@example.org", "@example.org", "@."};

	assert_status(place,
	              registry_lookup(place->reader, account, patterns, 3, now, &place->answer,
	                              &place->error),
	              REGISTRY_OK);
	return place->answer.match;
}

static void give(struct place *place, struct registry *registry, const char *holder,
                 const char *pattern, int64_t expires, const char *note,
                 enum registry_status wanted)
{
	const struct registry_terms terms = {expires, note};
	size_t changed;

	assert_status(
	    place,
	    registry_grant_add(registry, holder, &pattern, 1, &terms, &changed, &place->error),
	    wanted);
	assert_int_equal(changed, wanted == REGISTRY_OK ? 1 : 0);
}

static bool note_grant(const struct registry_grant *grant, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s %s %lld '%s' %s\n", grant->holder, grant->pattern,
	         (long long)(grant->expires ? grant->expires - NOW : 0), grant->note,
	         grant->author);
	return true;
}

static bool note_change(const struct registry_change *change, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 1024 - used, "%s %s [%s] [%s] [%s]\n", change->what, change->account,
	         change->item, change->before, change->after);
	return true;
}

static void assert_changes(struct place *place, struct registry *registry, const char *wanted)
{
	char got[1024] = "";

	assert_status(place, registry_change_walk_own(registry, note_change, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

/* ---- grants ------------------------------------------------------------- */

static void a_grant_is_over_at_the_second_that_it_names(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	give(place, registry, "alice", "one@example.org", NOW + 10, NULL, REGISTRY_OK);
	assert_int_equal(match(place, "alice", NOW + 9), 0);
	assert_int_equal(match(place, "alice", NOW + 10), 3);
	give(place, registry, "alice", "@.", 0, NULL, REGISTRY_OK);
	assert_int_equal(match(place, "alice", NOW + 9), 0);
	assert_int_equal(match(place, "alice", NOW + 10), 2);
	registry_close(registry);
}

static void giving_again_sets_the_end_and_leaves_a_note_that_is_not_given(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	const char *pattern = "@example.org";
	char got[512] = "";
	size_t changed;

	give(place, registry, "bob", pattern, NOW + 10, "for the fair", REGISTRY_OK);
	assert_changes(place, registry,
	               "sender add bob [@example.org] [] "
	               "[expires=2023-11-14T22:13:30Z note=for the fair]\n");
	give(place, registry, "bob", pattern, NOW + 10, NULL, REGISTRY_UNCHANGED);
	assert_changes(place, registry, "");
	give(place, registry, "bob", pattern, 0, NULL, REGISTRY_OK);
	assert_changes(
	    place, registry,
	    "sender change bob [@example.org] [expires=2023-11-14T22:13:30Z note=for the "
	    "fair] [note=for the fair]\n");
	give(place, registry, "bob", pattern, 0, "", REGISTRY_OK);
	assert_status(place, registry_grant_walk(registry, "bob", note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "bob @example.org 0 '' tester\nbob bob@example.com 0 '' tester\n");
	assert_status(place,
	              registry_grant_delete(registry, "bob", &pattern, 1, &changed, &place->error),
	              REGISTRY_OK);
	assert_changes(place, registry, "sender delete bob [@example.org] [] []\n");
	registry_close(registry);
}

static void who_else_holds_a_pattern_is_found_in_the_order_of_the_patterns(void **state)
{
	static const char *const patterns[] = {"@example.org", "one@example.org"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	char got[512] = "";

	give(place, registry, "bob", "one@example.org", NOW - 1, NULL, REGISTRY_OK);
	give(place, registry, "alice", "one@example.org", 0, NULL, REGISTRY_OK);
	give(place, registry, "bob", "@example.org", 0, NULL, REGISTRY_OK);
	assert_status(place,
	              registry_grant_find(registry, patterns, 2, note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "bob @example.org 0 '' tester\nalice one@example.org 0 '' tester\n"
	                         "bob one@example.org -1 '' tester\n");
	registry_close(registry);
}

/* ---- groups ------------------------------------------------------------- */

static void join(struct place *place, struct registry *registry, const char *account)
{
	size_t changed;

	assert_status(place,
	              registry_member_add(registry, "%team", &account, 1, &changed, &place->error),
	              REGISTRY_OK);
}

static void what_a_group_holds_its_members_may_use_and_nobody_else(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	const char *alice = "alice";
	size_t changed;

	assert_status(place, registry_group_add(registry, "%team", &place->error), REGISTRY_OK);
	assert_status(place, registry_group_add(registry, "%team", &place->error),
	              REGISTRY_UNCHANGED);
	give(place, registry, "%team", "@example.org", NOW + 10, NULL, REGISTRY_OK);
	join(place, registry, alice);
	assert_int_equal(match(place, "alice", NOW), 1);
	assert_int_equal(match(place, "alice", NOW + 10), 3);
	assert_int_equal(match(place, "bob", NOW), 3);
	/* A narrower grant of its own comes first, a wider one after it. */
	give(place, registry, "alice", "@.", 0, NULL, REGISTRY_OK);
	assert_int_equal(match(place, "alice", NOW), 1);
	give(place, registry, "alice", "one@example.org", 0, NULL, REGISTRY_OK);
	assert_int_equal(match(place, "alice", NOW), 0);
	/* Nobody logs in as a group. */
	assert_int_equal(match(place, "%team", NOW), 3);
	assert_false(place->answer.known);
	assert_status(place,
	              registry_member_delete(registry, "%team", &alice, 1, &changed, &place->error),
	              REGISTRY_OK);
	assert_status(place,
	              registry_member_delete(registry, "%team", &alice, 1, &changed, &place->error),
	              REGISTRY_UNCHANGED);
	registry_close(registry);
}

static void a_group_and_an_account_are_not_taken_for_each_other(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_error *error = &place->error;
	const char *team = "%team", *alice = "alice";
	size_t changed;

	assert_status(place, registry_group_add(registry, team, error), REGISTRY_OK);
	assert_status(place, registry_account_add(registry, team, NULL, error), REGISTRY_CONFLICT);
	assert_status(place, registry_group_add(registry, alice, error), REGISTRY_CONFLICT);
	assert_status(place, registry_account_suspend(registry, team, "x", error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_delete(registry, team, error), REGISTRY_UNCHANGED);
	assert_status(place, registry_group_delete(registry, alice, error), REGISTRY_UNCHANGED);
	assert_status(place, registry_member_add(registry, team, &team, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_member_add(registry, alice, &alice, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_network_add(registry, team, &alice, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	registry_close(registry);
	assert_served(place);
}

static void a_group_takes_its_grants_and_memberships_with_it(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, registry_group_add(registry, "%team", &place->error), REGISTRY_OK);
	give(place, registry, "%team", "@example.org", 0, NULL, REGISTRY_OK);
	join(place, registry, "alice");
	join(place, registry, "bob");
	assert_status(place, registry_group_delete(registry, "%team", &place->error), REGISTRY_OK);
	assert_changes(place, registry,
	               "sender delete %team [@example.org] [] []\ngroup leave %team [alice] [] []\n"
	               "group leave %team [bob] [] []\ngroup delete %team [] [] []\n");
	assert_int_equal(match(place, "alice", NOW), 3);
	registry_close(registry);
	assert_served(place);
}

/* ---- imports ------------------------------------------------------------ */

static enum registry_status import_one(struct place *place, struct registry_import *import,
                                       const char *holder, bool may_create, const char *pattern)
{
	return registry_import_grant(import, holder, may_create, pattern, &never, &place->error);
}

static void an_import_counts_what_it_did(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	struct registry_import *import;

	assert_status(place, registry_import_begin(registry, &import, &place->error), REGISTRY_OK);
	assert_status(place, import_one(place, import, "alice", false, "one@example.org"),
	              REGISTRY_OK);
	assert_status(place, import_one(place, import, "alice", false, "alice@example.com"),
	              REGISTRY_UNCHANGED);
	assert_status(place, import_one(place, import, "carol", true, "carol@example.org"),
	              REGISTRY_OK);
	assert_status(place, registry_import_end(import, true, &counts, &place->error),
	              REGISTRY_OK);
	assert_int_equal(counts.added, 2);
	assert_int_equal(counts.unchanged, 1);
	assert_int_equal(counts.accounts, 1);
	assert_int_equal(match(place, "alice", NOW), 0);
	assert_known(place, "carol", true);
	assert_changes(place, registry,
	               "sender add alice [one@example.org] [] []\n"
	               "account add carol [profile] [] [default]\n"
	               "sender add carol [carol@example.org] [] []\n");
	registry_close(registry);
}

static void an_import_that_is_not_ended_well_changed_nothing(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	struct registry_import *import;

	assert_status(place, registry_import_begin(registry, &import, &place->error), REGISTRY_OK);
	assert_status(place, import_one(place, import, "alice", false, "one@example.org"),
	              REGISTRY_OK);
	assert_status(place, import_one(place, import, "carol", false, "carol@example.org"),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_import_end(import, false, &counts, &place->error),
	              REGISTRY_OK);
	assert_int_equal(counts.added, 0);
	assert_int_equal(match(place, "alice", NOW), 3);
	assert_changes(place, registry, "");
	registry_close(registry);
	assert_served(place);
}

static void an_import_that_is_killed_changed_nothing(void **state)
{
	struct place *place = *state;
	int status, ready[2];
	char octet;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct registry_import *import;
		struct registry *registry = place_open(place);

		if (registry_import_begin(registry, &import, &place->error) != REGISTRY_OK ||
		    import_one(place, import, "alice", false, "one@example.org") != REGISTRY_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(match(place, "alice", NOW), 3);
	assert_served(place);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(a_grant_is_over_at_the_second_that_it_names),
	    test(giving_again_sets_the_end_and_leaves_a_note_that_is_not_given),
	    test(who_else_holds_a_pattern_is_found_in_the_order_of_the_patterns),
	    test(what_a_group_holds_its_members_may_use_and_nobody_else),
	    test(a_group_and_an_account_are_not_taken_for_each_other),
	    test(a_group_takes_its_grants_and_memberships_with_it),
	    test(an_import_counts_what_it_did),
	    test(an_import_that_is_not_ended_well_changed_nothing),
	    test(an_import_that_is_killed_changed_nothing),
	};

	return cmocka_run_group_tests_name("registry, grants", tests, NULL, NULL);
}
