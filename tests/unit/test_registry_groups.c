/* Groups and their members, and what goes with an account or a group that is deleted. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const alice[] = {"alice"};
static const char *const both[] = {"alice", "bob"};

/* A registry with a group whose members are the accounts. */
static struct registry *with_group(struct place *place, const char *const *accounts, size_t count)
{
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(place, registry_group_add(registry, "%sales", &place->error), REGISTRY_OK);
	if (count > 0)
		assert_status(place,
		              registry_member_add(registry, "%sales", accounts, count, &changed,
		                                  &place->error),
		              REGISTRY_OK);
	return registry;
}

static void give(struct place *place, struct registry *registry, const char *holder,
                 const char *pattern, int64_t expires)
{
	const struct registry_terms terms = {.expires = expires};
	size_t changed;

	assert_status(
	    place,
	    registry_grant_add(registry, holder, &pattern, 1, &terms, &changed, &place->error),
	    REGISTRY_OK);
}

static void assert_match(struct place *place, const char *account, const char *address,
                         size_t match)
{
	assert_status(place, look(place, account, address), REGISTRY_OK);
	assert_true(place->answer.known);
	assert_int_equal(place->answer.match, match);
}

/* ---- what members may use ----------------------------------------------- */

static void members_may_use_what_the_group_holds(void **state)
{
	struct place *place = *state;
	struct registry *registry = with_group(place, alice, 1);
	size_t changed;

	give(place, registry, "%sales", "sales@example.com", 0);
	assert_match(place, "alice", "sales@example.com", 0);
	assert_match(place, "bob", "sales@example.com", 2);
	assert_served(place);
	assert_status(place,
	              registry_member_delete(registry, "%sales", alice, 1, &changed, &place->error),
	              REGISTRY_OK);
	assert_match(place, "alice", "sales@example.com", 2);
	assert_served(place);
	registry_close(registry);
}

static void a_groups_grant_ends_as_any(void **state)
{
	struct place *place = *state;
	struct registry *registry = with_group(place, alice, 1);

	give(place, registry, "%sales", "sales@example.com", NOW);
	assert_match(place, "alice", "sales@example.com", 2);
	give(place, registry, "%sales", "sales@example.com", NOW + 1);
	assert_match(place, "alice", "sales@example.com", 0);
	/* An own one that is over does not hide the group's. */
	give(place, registry, "alice", "sales@example.com", NOW - 1);
	assert_match(place, "alice", "sales@example.com", 0);
	/* Nor the other way round. */
	give(place, registry, "alice", "sales@example.com", 0);
	give(place, registry, "%sales", "sales@example.com", NOW - 1);
	assert_match(place, "alice", "sales@example.com", 0);
	registry_close(registry);
}

static void one_of_many_groups_is_enough(void **state)
{
	struct place *place = *state;
	struct registry *registry = with_group(place, both, 2);
	char group[32];
	size_t changed;

	for (int i = 0; i < 20; i++) {
		snprintf(group, sizeof group, "%%g%d", i);
		assert_status(place, registry_group_add(registry, group, &place->error),
		              REGISTRY_OK);
		assert_status(
		    place, registry_member_add(registry, group, alice, 1, &changed, &place->error),
		    REGISTRY_OK);
		/* Over in all of them but the last. */
		give(place, registry, group, "x@y", i < 19 ? NOW : 0);
	}
	assert_match(place, "alice", "x@y", 0);
	assert_match(place, "bob", "x@y", 2);
	assert_status(place, registry_group_delete(registry, "%g19", &place->error), REGISTRY_OK);
	assert_match(place, "alice", "x@y", 2);
	registry_close(registry);
}

/* The caller's order goes over whose the grant is. */
static void the_order_of_patterns_goes_over_groups(void **state)
{
	struct place *place = *state;
	struct registry *registry = with_group(place, alice, 1);

	give(place, registry, "alice", "@y", 0);
	give(place, registry, "%sales", "x@y", 0);
	assert_match(place, "alice", "x@y", 0);
	give(place, registry, "alice", "z@w", 0);
	give(place, registry, "%sales", "@w", 0);
	assert_match(place, "alice", "z@w", 0);
	registry_close(registry);
}

static void a_groups_name_is_no_account(void **state)
{
	static const char *const network[] = {"10.0.0.0/8"};
	struct place *place = *state;
	struct registry *registry = with_group(place, alice, 1);
	char account[REGISTRY_ACCOUNT_MAX + 1];

	give(place, registry, "%sales", "sales@example.com", 0);
	assert_status(place, look(place, "%sales", "sales@example.com"), REGISTRY_OK);
	assert_false(place->answer.known);
	assert_int_equal(place->answer.match, 2);
	assert_string_equal(place->answer.profile, "");
	assert_status(place,
	              registry_network_lookup(place->reader, network, 1, account, &place->error),
	              REGISTRY_OK);
	assert_string_equal(account, "");
	registry_close(registry);
}

/* ---- the verbs ---------------------------------------------------------- */

static void accounts_and_groups_share_their_names(void **state)
{
	static const char *const group[] = {"%sales"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = with_group(place, NULL, 0);
	size_t changed;

	assert_status(place, registry_group_add(registry, "alice", error), REGISTRY_CONFLICT);
	assert_own(place, registry, "");
	assert_served(place);
	assert_status(place, registry_account_add(registry, "%sales", NULL, error),
	              REGISTRY_CONFLICT);
	assert_status(place, registry_account_add(registry, "%sales", "bulk", error),
	              REGISTRY_CONFLICT);
	assert_own(place, registry, "");
	/* What one verb calls a group is none for the verbs of accounts, and the other way round.
	 */
	assert_status(place, registry_account_suspend(registry, "%sales", "x", error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_resume(registry, "%sales", error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_delete(registry, "%sales", error),
	              REGISTRY_UNCHANGED);
	assert_status(place, registry_group_delete(registry, "alice", error), REGISTRY_UNCHANGED);
	assert_status(place, registry_member_add(registry, "alice", both, 2, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_member_delete(registry, "alice", both, 2, &changed, error),
	              REGISTRY_NOT_FOUND);
	/* A group in itself. */
	assert_status(place, registry_member_add(registry, "%sales", group, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(number(place, "SELECT count(*) FROM membership"), 0);
	assert_served(place);
	registry_close(registry);
}

static void verbs_of_groups_may_be_repeated(void **state)
{
	static const char *const pattern[] = {"sales@example.com"};
	static const char *const twice[] = {"bob", "bob", "alice"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;
	int64_t rows;

	assert_status(place, registry_group_add(registry, "%sales", error), REGISTRY_OK);
	assert_own(place, registry, "group add|%sales|||\n");
	assert_status(place, registry_member_add(registry, "%sales", alice, 1, &changed, error),
	              REGISTRY_OK);
	assert_own(place, registry, "group join|%sales|alice||\n");
	assert_status(place, registry_member_add(registry, "%sales", twice, 3, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 1);
	assert_own(place, registry, "group join|%sales|bob||\n");
	give(place, registry, "%sales", pattern[0], 0);
	rows = number(place, "SELECT count(*) FROM change");

	assert_status(place, registry_group_add(registry, "%sales", error), REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	assert_status(place, registry_member_add(registry, "%sales", both, 2, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_int_equal(changed, 0);
	assert_status(place, registry_member_add(registry, "%sales", NULL, 0, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_status(place,
	              registry_grant_add(registry, "%sales", pattern, 1, &never, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_int_equal(number(place, "SELECT count(*) FROM change"), rows);

	assert_status(place, registry_member_delete(registry, "%sales", twice, 3, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 2);
	assert_own(place, registry, "group leave|%sales|bob||\ngroup leave|%sales|alice||\n");
	assert_status(place, registry_grant_delete(registry, "%sales", pattern, 1, &changed, error),
	              REGISTRY_OK);
	assert_own(place, registry, "sender delete|%sales|sales@example.com||\n");
	assert_status(place, registry_group_delete(registry, "%sales", error), REGISTRY_OK);
	assert_own(place, registry, "group delete|%sales|||\n");
	rows = number(place, "SELECT count(*) FROM change");

	assert_status(place, registry_group_delete(registry, "%sales", error), REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	assert_status(place, registry_member_delete(registry, "%sales", both, 2, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(number(place, "SELECT count(*) FROM change"), rows);
	registry_close(registry);
}

static void one_unknown_member_and_none_is_changed(void **state)
{
	static const char *const some[] = {"alice", "eve", "bob"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = with_group(place, NULL, 0);
	size_t changed = 7;

	assert_status(place, registry_member_add(registry, "%sales", some, 3, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(changed, 0);
	assert_non_null(strstr(error->text, "eve"));
	assert_int_equal(number(place, "SELECT count(*) FROM membership"), 0);
	assert_int_equal(number(place, "SELECT count(*) FROM change WHERE what = 'group join'"), 0);
	assert_status(place, registry_member_add(registry, "%sales", both, 2, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_member_delete(registry, "%sales", some, 3, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(changed, 0);
	assert_int_equal(number(place, "SELECT count(*) FROM membership"), 2);
	assert_status(place, registry_member_add(registry, "%none", both, 2, &changed, error),
	              REGISTRY_NOT_FOUND);
	registry_close(registry);
}

/* ---- walking ------------------------------------------------------------ */

static bool note_group(const struct registry_group *group, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s/%lld/%llu/%llu ", group->name,
	         (long long)group->created, (unsigned long long)group->grants,
	         (unsigned long long)group->members);
	return true;
}

static bool note_member(const struct registry_member *member, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s:%s ", member->group, member->account);
	return true;
}

static bool note_account(const struct registry_account *account, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 512 - used, "%s ", account->name);
	return true;
}

static void assert_members(struct place *place, struct registry *registry, const char *group,
                           const char *account, const char *wanted)
{
	char got[512] = "";

	assert_status(
	    place, registry_member_walk(registry, group, account, note_member, got, &place->error),
	    REGISTRY_OK);
	assert_string_equal(got, wanted);
}

static void groups_and_members_are_listed_by_name(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = with_group(place, both, 2);
	char got[512] = "";
	size_t changed;

	assert_status(place, registry_group_add(registry, "%all", error), REGISTRY_OK);
	assert_status(place, registry_member_add(registry, "%all", alice, 1, &changed, error),
	              REGISTRY_OK);
	give(place, registry, "%sales", "x@y", NOW);
	assert_status(place, registry_group_walk(registry, NULL, note_group, got, error),
	              REGISTRY_OK);
	assert_string_equal(got, "%all/1700000000/0/1 %sales/1700000000/1/2 ");
	got[0] = '\0';
	assert_status(place, registry_group_walk(registry, "%all", note_group, got, error),
	              REGISTRY_OK);
	assert_string_equal(got, "%all/1700000000/0/1 ");
	got[0] = '\0';
	assert_status(place, registry_group_walk(registry, "alice", note_group, got, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_account_walk(registry, "%all", note_account, got, error),
	              REGISTRY_NOT_FOUND);
	assert_string_equal(got, "");
	assert_status(place, registry_account_walk(registry, NULL, note_account, got, error),
	              REGISTRY_OK);
	assert_string_equal(got, "alice bob ");

	assert_members(place, registry, NULL, NULL, "%all:alice %sales:alice %sales:bob ");
	assert_members(place, registry, "%sales", NULL, "%sales:alice %sales:bob ");
	assert_members(place, registry, NULL, "alice", "%all:alice %sales:alice ");
	assert_members(place, registry, NULL, "bob", "%sales:bob ");
	got[0] = '\0';
	assert_status(place, registry_member_walk(registry, "%no", NULL, note_member, got, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_member_walk(registry, NULL, "eve", note_member, got, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_member_walk(registry, "alice", NULL, note_member, got, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_member_walk(registry, NULL, "%all", note_member, got, error),
	              REGISTRY_NOT_FOUND);
	assert_string_equal(got, "");
	registry_close(registry);
}

/* ---- deleting ----------------------------------------------------------- */

/* Rows that belong to nobody. */
static int64_t strays(struct place *place)
{
	return number(
	    place,
	    "SELECT (SELECT count(*) FROM sender_grant WHERE account NOT IN (SELECT id FROM "
	    "account)) "
	    "+ (SELECT count(*) FROM account_limit WHERE account NOT IN (SELECT id FROM account)) "
	    "+ (SELECT count(*) FROM network WHERE account NOT IN (SELECT id FROM account)) "
	    "+ (SELECT count(*) FROM membership WHERE account NOT IN (SELECT id FROM account) "
	    "OR in_group NOT IN (SELECT id FROM account))");
}

static void an_account_goes_with_all_that_is_its_own(void **state)
{
	static const struct registry_limit limits[] = {{"rate", "10/h"}, {"burst", "5"}};
	static const char *const networks[] = {"192.0.2.1/32", "10.0.0.0/8"};
	static const char *const pattern[] = {"x@y"};
	static const struct registry_terms terms = {NOW + 1, "why"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = with_group(place, both, 2);
	char account[REGISTRY_ACCOUNT_MAX + 1];
	size_t changed;

	assert_status(place, registry_group_add(registry, "%all", error), REGISTRY_OK);
	assert_status(place, registry_member_add(registry, "%all", alice, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_limit_set(registry, "alice", limits, 2, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "alice", networks, 2, &changed, error),
	              REGISTRY_OK);
	assert_status(place,
	              registry_grant_add(registry, "alice", pattern, 1, &terms, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_account_suspend(registry, "alice", "gone", error),
	              REGISTRY_OK);
	give(place, registry, "%sales", "sales@example.com", 0);

	registry_as(registry, "remover", NOW + 9);
	assert_status(place, registry_account_delete(registry, "alice", error), REGISTRY_OK);
	assert_own(place, registry,
	           "sender delete|alice|@alice.example||\n"
	           "sender delete|alice|alice@example.com||\n"
	           "sender delete|alice|x@y|expires=2023-11-14T22:13:21Z note=why|\n"
	           "limit set|alice|burst|5|\n"
	           "limit set|alice|rate|10/h|\n"
	           "network delete|alice|10.0.0.0/8||\n"
	           "network delete|alice|192.0.2.1/32||\n"
	           "group leave|%all|alice||\n"
	           "group leave|%sales|alice||\n"
	           "account delete|alice||bulk|\n");
	assert_int_equal(number(place, "SELECT count(*) FROM change WHERE who = 'remover' AND "
	                               "time = 1700000009"),
	                 10);
	assert_int_equal(strays(place), 0);
	assert_members(place, registry, NULL, NULL, "%sales:bob ");
	assert_match(place, "bob", "sales@example.com", 0);
	assert_match(place, "bob", "bob@example.com", 0);
	/* Nothing of it comes back with the name. */
	assert_status(place, registry_account_add(registry, "alice", NULL, error), REGISTRY_OK);
	assert_match(place, "alice", "sales@example.com", 2);
	assert_match(place, "alice", "alice@example.com", 2);
	assert_false(place->answer.suspended);
	assert_int_equal(place->answer.limit_count, 0);
	assert_status(place, registry_network_lookup(place->reader, networks, 2, account, error),
	              REGISTRY_OK);
	assert_string_equal(account, "");
	registry_close(registry);
}

static void a_group_goes_with_all_that_is_its_own(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = with_group(place, both, 2);

	give(place, registry, "%sales", "sales@example.com", NOW + 1);
	give(place, registry, "%sales", "@sales.example", 0);
	assert_status(place, registry_group_delete(registry, "%sales", error), REGISTRY_OK);
	assert_own(place, registry,
	           "sender delete|%sales|@sales.example||\n"
	           "sender delete|%sales|sales@example.com|expires=2023-11-14T22:13:21Z|\n"
	           "group leave|%sales|alice||\n"
	           "group leave|%sales|bob||\n"
	           "group delete|%sales|||\n");
	assert_int_equal(strays(place), 0);
	assert_match(place, "alice", "sales@example.com", 2);
	assert_served(place);
	/* The name is free for either. */
	assert_status(place, registry_account_add(registry, "%sales", NULL, error), REGISTRY_OK);
	assert_match(place, "%sales", "sales@example.com", 2);
	assert_members(place, registry, NULL, NULL, "");
	registry_close(registry);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(members_may_use_what_the_group_holds),
	    test(a_groups_grant_ends_as_any),
	    test(one_of_many_groups_is_enough),
	    test(the_order_of_patterns_goes_over_groups),
	    test(a_groups_name_is_no_account),
	    test(accounts_and_groups_share_their_names),
	    test(verbs_of_groups_may_be_repeated),
	    test(one_unknown_member_and_none_is_changed),
	    test(groups_and_members_are_listed_by_name),
	    test(an_account_goes_with_all_that_is_its_own),
	    test(a_group_goes_with_all_that_is_its_own),
	};

	return cmocka_run_group_tests_name("registry groups", tests, NULL, NULL);
}
