/* Grants with their terms: what the registry keeps and what it answers. */
#include "tests/unit/registry_place.h"

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

/* What is written down as a grant is given, changed and taken away are the same words. */
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
	char got[GRANTS_TEXT] = "";

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
	};

	return cmocka_run_group_tests_name("registry grants", tests, NULL, NULL);
}
