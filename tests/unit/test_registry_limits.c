/* Limits and networks of accounts: what the registry keeps and what it answers. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <string.h>

/* ---- limits ------------------------------------------------------------- */

static enum registry_status limit(struct place *place, struct registry *registry, const char *name,
                                  const char *value)
{
	struct registry_limit row;
	size_t changed;
	enum registry_status status;

	snprintf(row.name, sizeof row.name, "%s", name);
	snprintf(row.value, sizeof row.value, "%s", value);
	status = registry_limit_set(registry, "alice", &row, 1, &changed, &place->error);
	assert_int_equal(changed, status == REGISTRY_OK ? 1 : 0);
	return status;
}

static bool note_limit(const struct registry_limit_row *row, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 256 - used, "%s %s=%s ", row->account, row->name, row->value);
	return true;
}

static void assert_limits(struct place *place, struct registry *registry, const char *account,
                          const char *wanted)
{
	char got[256] = "";

	assert_status(place, registry_limit_walk(registry, account, note_limit, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

static void a_limit_is_set_changed_and_removed(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, limit(place, registry, "rate", ""), REGISTRY_UNCHANGED);
	assert_status(place, limit(place, registry, "rate", "10/h"), REGISTRY_OK);
	assert_own(place, registry, "limit set|alice|rate||10/h\n");
	assert_status(place, limit(place, registry, "rate", "10/h"), REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	assert_status(place, limit(place, registry, "rate", "20/h"), REGISTRY_OK);
	assert_own(place, registry, "limit set|alice|rate|10/h|20/h\n");
	assert_status(place, limit(place, registry, "burst", "5"), REGISTRY_OK);
	assert_limits(place, registry, NULL, "alice burst=5 alice rate=20/h ");
	assert_limits(place, registry, "bob", "");
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 2);
	assert_string_equal(place->answer.limits[0].name, "burst");
	assert_string_equal(place->answer.limits[0].value, "5");
	assert_string_equal(place->answer.limits[1].name, "rate");
	assert_string_equal(place->answer.limits[1].value, "20/h");
	assert_status(place, limit(place, registry, "rate", ""), REGISTRY_OK);
	assert_own(place, registry, "limit set|alice|rate|20/h|\n");
	assert_status(place, limit(place, registry, "rate", ""), REGISTRY_UNCHANGED);
	assert_status(place, limit(place, registry, "burst", ""), REGISTRY_OK);
	assert_limits(place, registry, "alice", "");
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 0);
	registry_close(registry);
}

static void limits_are_of_accounts(void **state)
{
	static const struct registry_limit rate = {"rate", "1"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	char got[256] = "";
	size_t changed = 7;

	assert_status(place, registry_group_add(registry, "%all", error), REGISTRY_OK);
	assert_status(place, registry_limit_set(registry, "%all", &rate, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_int_equal(changed, 0);
	assert_status(place, registry_limit_set(registry, "eve", &rate, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_limit_walk(registry, "eve", note_limit, got, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_limit_walk(registry, "%all", note_limit, got, error),
	              REGISTRY_NOT_FOUND);
	registry_close(registry);
}

static void as_many_limits_as_there_may_be_are_answered(void **state)
{
	struct registry_limit limits[REGISTRY_LIMITS_MAX];
	struct place *place = *state;
	struct registry *registry = place_open(place);
	size_t changed;

	for (size_t i = 0; i < REGISTRY_LIMITS_MAX; i++) {
		snprintf(limits[i].name, sizeof limits[i].name, "%02zu%030d", i, 0);
		snprintf(limits[i].value, sizeof limits[i].value, "%024zu", i);
	}
	assert_status(place,
	              registry_limit_set(registry, "alice", limits, REGISTRY_LIMITS_MAX, &changed,
	                                 &place->error),
	              REGISTRY_OK);
	assert_int_equal(changed, REGISTRY_LIMITS_MAX);
	assert_served(place);
	assert_int_equal(place->answer.limit_count, REGISTRY_LIMITS_MAX);
	for (size_t i = 0; i < REGISTRY_LIMITS_MAX; i++) {
		assert_string_equal(place->answer.limits[i].name, limits[i].name);
		assert_string_equal(place->answer.limits[i].value, limits[i].value);
	}
	registry_close(registry);
}

static void limits_that_do_not_fit_are_damage(void **state)
{
	static const char *const damages[] = {
	    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 25) "
	    "INSERT INTO account_limit SELECT id, 'l' || i, '1' FROM account, n "
	    "WHERE name = 'alice'",
	    "INSERT INTO account_limit SELECT id, printf('%.33c', 'x'), '1' FROM account "
	    "WHERE name = 'alice'",
	    "INSERT INTO account_limit SELECT id, 'x', printf('%.25c', '1') FROM account "
	    "WHERE name = 'alice'",
	    "INSERT INTO account_limit SELECT id, 'x', '1' || char(0) || '2' FROM account "
	    "WHERE name = 'alice'",
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		sql(place, damages[i]);
		assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
		assert_false(place->answer.known);
		assert_int_equal(place->answer.limit_count, 0);
		assert_false(granted(place));
		assert_known(place, "bob", true);
		sql(place, "DELETE FROM account_limit");
		assert_served(place);
	}
}

/* What cannot be answered is not taken. */
static void a_limit_too_many_is_not_taken(void **state)
{
	struct registry_limit limits[REGISTRY_LIMITS_MAX + 1];
	struct place *place = *state;
	struct registry *registry = place_open(place);
	size_t changed;

	for (size_t i = 0; i <= REGISTRY_LIMITS_MAX; i++) {
		snprintf(limits[i].name, sizeof limits[i].name, "l%zu", i);
		strcpy(limits[i].value, "1");
	}
	assert_status(place,
	              registry_limit_set(registry, "alice", limits, REGISTRY_LIMITS_MAX + 1,
	                                 &changed, &place->error),
	              REGISTRY_CONFLICT);
	assert_int_equal(changed, 0);
	assert_served(place);
	assert_int_equal(place->answer.limit_count, 0);
	/* What goes makes room for what comes, in whatever order they are given. */
	assert_status(place,
	              registry_limit_set(registry, "alice", limits, REGISTRY_LIMITS_MAX, &changed,
	                                 &place->error),
	              REGISTRY_OK);
	limits[0] = limits[REGISTRY_LIMITS_MAX];
	strcpy(limits[1].value, "");
	assert_status(place,
	              registry_limit_set(registry, "alice", limits, 1, &changed, &place->error),
	              REGISTRY_CONFLICT);
	assert_status(place,
	              registry_limit_set(registry, "alice", limits, 2, &changed, &place->error),
	              REGISTRY_OK);
	assert_int_equal(changed, 2);
	/* Where there are too many already, they can be taken away. */
	sql(place, "INSERT INTO account_limit SELECT id, 'm' || n.value, '1' FROM account, "
	           "(SELECT 1 AS value UNION SELECT 2) AS n WHERE name = 'alice'");
	strcpy(limits[2].value, "");
	assert_status(place,
	              registry_limit_set(registry, "alice", &limits[2], 1, &changed, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
}

/* ---- networks ----------------------------------------------------------- */

static bool note_network(const struct registry_network *row, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 256 - used, "%s=%s ", row->network, row->account);
	return true;
}

static void assert_networks(struct place *place, struct registry *registry, const char *account,
                            const char *wanted)
{
	char got[256] = "";

	assert_status(place,
	              registry_network_walk(registry, account, note_network, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

static void a_network_stands_for_one_account(void **state)
{
	static const char *const networks[] = {"10.0.0.0/8", "192.0.2.1/32"};
	static const char *const mixed[] = {"2001:db8::/32", "10.0.0.0/8"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(place, registry_network_add(registry, "alice", networks, 2, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 2);
	assert_own(place, registry,
	           "network add|alice|10.0.0.0/8||\nnetwork add|alice|192.0.2.1/32||\n");
	assert_status(place, registry_network_add(registry, "alice", networks, 2, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	/* The first of them would do; it is none of them then. */
	assert_status(place, registry_network_add(registry, "bob", mixed, 2, &changed, error),
	              REGISTRY_CONFLICT);
	assert_int_equal(changed, 0);
	assert_own(place, registry, "");
	assert_non_null(strstr(error->text, "alice"));
	assert_networks(place, registry, NULL, "10.0.0.0/8=alice 192.0.2.1/32=alice ");
	assert_networks(place, registry, "bob", "");
	assert_status(place, registry_network_delete(registry, "bob", networks, 2, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_status(place,
	              registry_network_delete(registry, "alice", networks, 1, &changed, error),
	              REGISTRY_OK);
	assert_own(place, registry, "network delete|alice|10.0.0.0/8||\n");
	assert_status(place,
	              registry_network_delete(registry, "alice", networks, 1, &changed, error),
	              REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	assert_status(place, registry_network_add(registry, "bob", mixed, 2, &changed, error),
	              REGISTRY_OK);
	assert_networks(place, registry, NULL,
	                "192.0.2.1/32=alice 10.0.0.0/8=bob 2001:db8::/32=bob ");
	registry_close(registry);
}

static void networks_are_of_accounts(void **state)
{
	static const char *const network[] = {"10.0.0.0/8"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	char got[256] = "";
	size_t changed;

	assert_status(place, registry_group_add(registry, "%all", error), REGISTRY_OK);
	assert_status(place, registry_network_add(registry, "%all", network, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_network_add(registry, "eve", network, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_network_delete(registry, "eve", network, 1, &changed, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, registry_network_walk(registry, "eve", note_network, got, error),
	              REGISTRY_NOT_FOUND);
	registry_close(registry);
}

static void assert_stands(struct place *place, const char *const *networks, size_t count,
                          const char *wanted)
{
	char account[REGISTRY_ACCOUNT_MAX + 1] = "untouched";

	assert_status(
	    place, registry_network_lookup(place->reader, networks, count, account, &place->error),
	    REGISTRY_OK);
	assert_string_equal(account, wanted);
}

static void the_first_network_that_stands_for_one_is_answered(void **state)
{
	static const char *const alice[] = {"10.0.0.0/8"};
	static const char *const bob[] = {"10.1.0.0/16"};
	static const char *const narrow[] = {"10.1.2.3/32", "10.1.0.0/16", "10.0.0.0/8"};
	static const char *const wide[] = {"10.0.0.0/8", "10.1.0.0/16"};
	static const char *const none[] = {"10.1.2.3/32", "", "10.0.0.0"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	size_t changed;

	assert_stands(place, narrow, 3, "");
	assert_status(place,
	              registry_network_add(registry, "alice", alice, 1, &changed, &place->error),
	              REGISTRY_OK);
	assert_stands(place, narrow, 3, "alice");
	assert_status(place, registry_network_add(registry, "bob", bob, 1, &changed, &place->error),
	              REGISTRY_OK);
	assert_stands(place, narrow, 3, "bob");
	assert_stands(place, wide, 2, "alice");
	assert_stands(place, none, 3, "");
	assert_stands(place, NULL, 0, "");
	assert_status(place, registry_account_delete(registry, "bob", &place->error), REGISTRY_OK);
	assert_stands(place, narrow, 3, "alice");
	assert_stands(place, bob, 1, "");
	registry_close(registry);
}

static void a_name_that_does_not_fit_is_damage(void **state)
{
	static const char *const network[] = {"10.0.0.0/8"};
	struct place *place = *state;
	char account[REGISTRY_ACCOUNT_MAX + 1] = "untouched";

	sql(place, "UPDATE account SET name = printf('%.255c', 'x') WHERE name = 'bob'; "
	           "INSERT INTO network SELECT '10.0.0.0/8', id FROM account WHERE length(name) = "
	           "255");
	assert_status(place,
	              registry_network_lookup(place->reader, network, 1, account, &place->error),
	              REGISTRY_OK);
	assert_int_equal(strlen(account), REGISTRY_ACCOUNT_MAX);
	sql(place, "UPDATE account SET name = name || 'x' WHERE length(name) = 255");
	assert_status(place,
	              registry_network_lookup(place->reader, network, 1, account, &place->error),
	              REGISTRY_BAD);
	assert_string_equal(account, "");
	assert_served(place);
}

static void a_network_of_a_registry_that_is_not_there(void **state)
{
	static const char *const network[] = {"10.0.0.0/8"};
	struct place *place = *state;
	char account[REGISTRY_ACCOUNT_MAX + 1] = "untouched";

	shell(place, "rm -f db*");
	assert_status(place,
	              registry_network_lookup(place->reader, network, 1, account, &place->error),
	              REGISTRY_MISSING);
	assert_string_equal(account, "");
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(a_limit_is_set_changed_and_removed),
	    test(limits_are_of_accounts),
	    test(as_many_limits_as_there_may_be_are_answered),
	    test(limits_that_do_not_fit_are_damage),
	    test(a_limit_too_many_is_not_taken),
	    test(a_network_stands_for_one_account),
	    test(networks_are_of_accounts),
	    test(the_first_network_that_stands_for_one_is_answered),
	    test(a_name_that_does_not_fit_is_damage),
	    test(a_network_of_a_registry_that_is_not_there),
	};

	return cmocka_run_group_tests_name("registry limits", tests, NULL, NULL);
}
