/* Grants with their terms, limits, and networks: what the registry keeps and what it answers. */
#include "tests/unit/registry_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum registry_status give(struct place *place, struct registry *registry, const char *holder,
                                 const char *pattern, int64_t expires, const char *note)
{
	const struct registry_terms terms = {.expires = expires, .note = note};
	size_t changed;
	enum registry_status status =
	    registry_grant_add(registry, holder, &pattern, 1, &terms, &changed, &place->error);

	assert_int_equal(changed, status == REGISTRY_OK ? 1 : 0);
	return status;
}

static bool note_grant(const struct registry_grant *grant, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 1024 - used, "%s %s %lld '%s' %lld %s\n", grant->holder,
	         grant->pattern, (long long)grant->expires, grant->note, (long long)grant->created,
	         grant->author);
	return true;
}

static void assert_grants(struct place *place, struct registry *registry, const char *holder,
                          const char *wanted)
{
	char got[1024] = "";

	assert_status(place, registry_grant_walk(registry, holder, note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

/* ---- when a grant is over ----------------------------------------------- */

static void a_grant_is_over_at_its_end(void **state)
{
	static const struct {
		int64_t expires;
		bool live;
	} rows[] = {{0, true},         {NOW + 1, true}, {NOW, false},         {NOW - 1, false},
	            {INT64_MAX, true}, {1, false},      {253402300800, true}, /* the year 10000 */
	            {INT64_MIN, false}};
	struct place *place = *state;
	struct registry *registry = place_open(place);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_status(place, give(place, registry, "alice", "x@y", rows[i].expires, NULL),
		              REGISTRY_OK);
		assert_status(place, look(place, "alice", "x@y"), REGISTRY_OK);
		if (granted(place) != rows[i].live)
			fail_msg("row %zu", i);
	}
	registry_close(registry);
}

static void a_grant_that_is_over_hides_no_other(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, give(place, registry, "alice", "a@y", NOW, NULL), REGISTRY_OK);
	assert_status(place, give(place, registry, "alice", "@y", NOW + 1, NULL), REGISTRY_OK);
	assert_status(place, look(place, "alice", "a@y"), REGISTRY_OK);
	assert_int_equal(place->answer.match, 1);
	/* It is still listed: who it was given to is asked for long after. */
	assert_grants(place, registry, "alice",
	              "alice @alice.example 0 '' 1700000000 tester\n"
	              "alice @y 1700000001 '' 1700000000 tester\n"
	              "alice a@y 1700000000 '' 1700000000 tester\n"
	              "alice alice@example.com 0 '' 1700000000 tester\n");
	registry_close(registry);
}

/* ---- terms -------------------------------------------------------------- */

static void terms_are_set_changed_and_left(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, give(place, registry, "bob", "x@y", NOW + 1, "one"), REGISTRY_OK);
	assert_own(place, registry, "sender add|bob|x@y||expires=2023-11-14T22:13:21Z note=one\n");
	assert_status(place, give(place, registry, "bob", "x@y", NOW + 1, "one"),
	              REGISTRY_UNCHANGED);
	assert_own(place, registry, "");
	registry_as(registry, "another", NOW + 5);
	assert_status(place, give(place, registry, "bob", "x@y", NOW + 2, "one"), REGISTRY_OK);
	assert_own(place, registry,
	           "sender change|bob|x@y|expires=2023-11-14T22:13:21Z note=one|"
	           "expires=2023-11-14T22:13:22Z note=one\n");
	assert_grants(place, registry, "bob",
	              "bob bob@example.com 0 '' 1700000000 tester\n"
	              "bob x@y 1700000002 'one' 1700000005 another\n");
	assert_status(place, give(place, registry, "bob", "x@y", 0, "one"), REGISTRY_OK);
	assert_own(place, registry,
	           "sender change|bob|x@y|expires=2023-11-14T22:13:22Z note=one|note=one\n");
	assert_status(place, give(place, registry, "bob", "x@y", 0, "two"), REGISTRY_OK);
	assert_own(place, registry, "sender change|bob|x@y|note=one|note=two\n");
	registry_close(registry);
}

static void a_null_note_keeps_and_an_empty_one_clears(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	assert_status(place, give(place, registry, "bob", "x@y", 0, "kept"), REGISTRY_OK);
	assert_status(place, give(place, registry, "bob", "x@y", 0, NULL), REGISTRY_UNCHANGED);
	assert_status(place, give(place, registry, "bob", "x@y", NOW, NULL), REGISTRY_OK);
	assert_grants(place, registry, "bob",
	              "bob bob@example.com 0 '' 1700000000 tester\n"
	              "bob x@y 1700000000 'kept' 1700000000 tester\n");
	assert_status(place, give(place, registry, "bob", "x@y", NOW, ""), REGISTRY_OK);
	assert_own(place, registry,
	           "sender change|bob|x@y|expires=2023-11-14T22:13:20Z note=kept|"
	           "expires=2023-11-14T22:13:20Z\n");
	assert_status(place, give(place, registry, "bob", "x@y", NOW, ""), REGISTRY_UNCHANGED);
	assert_status(place, give(place, registry, "bob", "x@y", NOW, NULL), REGISTRY_UNCHANGED);
	registry_close(registry);
}

/* What the program writes of the terms, and what SQL does, are the same words. */
static void terms_are_written_down_alike(void **state)
{
	static const struct registry_terms rows[] = {
	    {0, ""},
	    {0, "note"},
	    {NOW, ""},
	    {NOW, "note"},
	    {0, " spaces "},
	    {NOW, " spaces "},
	    {1, "early"},
	    {253402300799, "the end of 9999"},
	    {0, "it's 50% of \"all\", a = b | c"},
	    {0, "\xc3\xa9t\xc3\xa9"},
	};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	const char *pattern = "x@y";
	size_t changed;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_status(place,
		              give(place, registry, "bob", "x@y", rows[i].expires, rows[i].note),
		              REGISTRY_OK);
		assert_status(
		    place,
		    registry_grant_delete(registry, "bob", &pattern, 1, &changed, &place->error),
		    REGISTRY_OK);
		if (number(place, "SELECT count(*) FROM change AS a, change AS b "
		                  "WHERE a.id = (SELECT max(id) - 1 FROM change) "
		                  "AND b.id = (SELECT max(id) FROM change) "
		                  "AND a.after = b.before AND b.what = 'sender delete'") != 1)
			fail_msg("row %zu", i);
	}
	registry_close(registry);
}

static void a_long_note_is_kept_whole(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	const char *pattern = "x@y";
	char note[1001];
	size_t changed;

	memset(note, 'n', sizeof note - 1);
	note[sizeof note - 1] = '\0';
	assert_status(place, give(place, registry, "bob", "x@y", NOW, note), REGISTRY_OK);
	assert_status(place, give(place, registry, "bob", "x@y", NOW, note), REGISTRY_UNCHANGED);
	assert_int_equal(
	    number(place, "SELECT length(note) FROM sender_grant WHERE pattern = 'x@y'"), 1000);
	assert_status(place,
	              registry_grant_delete(registry, "bob", &pattern, 1, &changed, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
}

/* ---- patterns ----------------------------------------------------------- */

static void the_first_pattern_in_the_callers_order_matches(void **state)
{
	static const char *const held[] = {"c@y", "a@y", "b@y"};
	static const struct {
		const char *patterns[4];
		size_t count, match;
	} rows[] = {
	    {{"a@y", "b@y", "c@y"}, 3, 0},
	    {{"no@y", "c@y", "a@y"}, 3, 1},
	    {{"no@y", "nor@y", "b@y", "a@y"}, 4, 2},
	    {{"no@y", "nor@y", "A@y"}, 3, 3},
	    {{"no@y"}, 1, 1},
	    {{""}, 1, 1},
	    {{NULL}, 0, 0},
	};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(place,
	              registry_grant_add(registry, "bob", held, 3, &never, &changed, &place->error),
	              REGISTRY_OK);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_status(place,
		              registry_lookup(place->reader, "bob", rows[i].patterns, rows[i].count,
		                              NOW, &place->answer, &place->error),
		              REGISTRY_OK);
		assert_int_equal(place->answer.match, rows[i].match);
	}
	registry_close(registry);
}

static void find_asks_in_the_callers_order(void **state)
{
	static const char *const patterns[] = {"z@y", "no@y", "alice@example.com"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	char got[1024] = "";

	assert_status(place, give(place, registry, "bob", "z@y", 1, "over"), REGISTRY_OK);
	assert_status(place, registry_group_add(registry, "%all", &place->error), REGISTRY_OK);
	assert_status(place, give(place, registry, "%all", "z@y", 0, NULL), REGISTRY_OK);
	assert_status(place,
	              registry_grant_find(registry, patterns, 3, note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "%all z@y 0 '' 1700000000 tester\n"
	                         "bob z@y 1 'over' 1700000000 tester\n"
	                         "alice alice@example.com 0 '' 1700000000 tester\n");
	got[0] = '\0';
	assert_status(place,
	              registry_grant_find(registry, patterns, 0, note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, "");
	registry_close(registry);
}

static bool stop(const struct registry_grant *grant, void *arg)
{
	(void)grant;
	++*(int *)arg;
	return false;
}

static void find_stops_when_told_to(void **state)
{
	static const char *const patterns[] = {"alice@example.com", "bob@example.com"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	int calls = 0;

	assert_status(place,
	              registry_grant_find(registry, patterns, 2, stop, &calls, &place->error),
	              REGISTRY_OK);
	assert_int_equal(calls, 1);
	/* The snapshot is let go: a change goes through. */
	assert_status(place, registry_account_add(registry, "eve", NULL, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
}

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
	    test(a_grant_is_over_at_its_end),
	    test(a_grant_that_is_over_hides_no_other),
	    test(terms_are_set_changed_and_left),
	    test(a_null_note_keeps_and_an_empty_one_clears),
	    test(terms_are_written_down_alike),
	    test(a_long_note_is_kept_whole),
	    test(the_first_pattern_in_the_callers_order_matches),
	    test(find_asks_in_the_callers_order),
	    test(find_stops_when_told_to),
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

	return cmocka_run_group_tests_name("registry grants", tests, NULL, NULL);
}
