/* Many grants in one transaction: all of them or none, whatever happens. */
#include "db/writer.h"
#include "tests/unit/registry_place.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const char *holder, *pattern;
	bool may_create;
	struct registry_terms terms;
};

static struct registry_import *begin(struct place *place, struct registry *registry)
{
	struct registry_import *import;

	assert_status(place, registry_import_begin(registry, &import, &place->error), REGISTRY_OK);
	assert_non_null(import);
	return import;
}

static enum registry_status put(struct place *place, struct registry_import *import,
                                const struct row *row)
{
	return registry_import_grant(import, row->holder, row->may_create, row->pattern,
	                             &row->terms, &place->error);
}

static void assert_counts(const struct registry_imported *counts, uint64_t added, uint64_t changed,
                          uint64_t unchanged, uint64_t accounts)
{
	assert_int_equal(counts->added, added);
	assert_int_equal(counts->changed, changed);
	assert_int_equal(counts->unchanged, unchanged);
	assert_int_equal(counts->accounts, accounts);
}

/* ---- what is imported --------------------------------------------------- */

static void an_import_counts_what_it_does(void **state)
{
	static const struct {
		struct row row;
		enum registry_status status;
	} rows[] = {
	    {{"carol", "c@y", true, {0, NULL}}, REGISTRY_OK},
	    {{"alice", "alice@example.com", false, {0, NULL}}, REGISTRY_UNCHANGED},
	    {{"carol", "c@y", true, {NOW + 1, NULL}}, REGISTRY_OK},
	    {{"bob", "bob@example.com", true, {0, "note"}}, REGISTRY_OK},
	    {{"carol", "@y", false, {0, "why"}}, REGISTRY_OK},
	    {{"%sales", "c@y", false, {0, NULL}}, REGISTRY_OK},
	    {{"carol", "@y", true, {0, NULL}}, REGISTRY_UNCHANGED},
	    {{"dave", "d@y", true, {0, NULL}}, REGISTRY_OK},
	};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	struct registry_import *import;

	assert_status(place, registry_group_add(registry, "%sales", &place->error), REGISTRY_OK);
	import = begin(place, registry);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_status(place, put(place, import, &rows[i].row), rows[i].status);
	/* Nobody sees any of it yet. */
	assert_known(place, "carol", false);
	assert_status(place, registry_import_end(import, true, &counts, &place->error),
	              REGISTRY_OK);
	assert_counts(&counts, 4, 2, 2, 2);
	assert_own(place, registry,
	           "account add|carol|profile||default\n"
	           "sender add|carol|c@y||\n"
	           "sender change|carol|c@y||expires=2023-11-14T22:13:21Z\n"
	           "sender change|bob|bob@example.com||note=note\n"
	           "sender add|carol|@y||note=why\n"
	           "sender add|%sales|c@y||\n"
	           "account add|dave|profile||default\n"
	           "sender add|dave|d@y||\n");
	assert_status(place, look(place, "carol", "c@y"), REGISTRY_OK);
	assert_true(granted(place));
	assert_string_equal(place->answer.profile, "default");
	assert_int_equal(number(place, "SELECT created FROM account WHERE name = 'carol'"), NOW);
	assert_served(place);

	/* The same again. */
	import = begin(place, registry);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (i != 0 && i != 2)
			assert_status(place, put(place, import, &rows[i].row), REGISTRY_UNCHANGED);
	assert_status(place, registry_import_end(import, true, &counts, &place->error),
	              REGISTRY_UNCHANGED);
	assert_counts(&counts, 0, 0, 6, 0);
	assert_own(place, registry, "");
	registry_close(registry);
}

static void an_import_of_nothing_changes_nothing(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	char before[64], after[64];

	fingerprint(place, before);
	assert_status(place,
	              registry_import_end(begin(place, registry), true, &counts, &place->error),
	              REGISTRY_UNCHANGED);
	assert_counts(&counts, 0, 0, 0, 0);
	assert_status(place,
	              registry_import_end(begin(place, registry), false, &counts, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
	fingerprint(place, after);
	assert_string_equal(before, after);
}

static void an_import_is_taken_back_when_asked_to(void **state)
{
	static const struct row carol = {"carol", "c@y", true, {0, NULL}};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_import *import = begin(place, registry);
	struct registry_imported counts;

	assert_status(place, put(place, import, &carol), REGISTRY_OK);
	assert_status(place, registry_import_end(import, false, &counts, &place->error),
	              REGISTRY_OK);
	assert_counts(&counts, 0, 0, 0, 0);
	assert_own(place, registry, "");
	assert_as_it_was(place);
	/* The handle is good for more. */
	assert_status(place, registry_account_add(registry, "carol", NULL, &place->error),
	              REGISTRY_OK);
	registry_close(registry);
}

/* Longer than any that the program takes: what was before is written down as it was. */
static void a_long_note_is_kept_and_told_whole(void **state)
{
	char note[3001];
	const struct row rows[] = {
	    {"bob", "x@y", false, {NOW, note}},
	    {"bob", "x@y", false, {NOW, "short"}},
	    {"bob", "x@y", false, {NOW, note}},
	};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_import *import = begin(place, registry);
	struct registry_imported counts;

	memset(note, 'n', sizeof note - 1);
	note[sizeof note - 1] = '\0';
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_status(place, put(place, import, &rows[i]), REGISTRY_OK);
	assert_status(place, put(place, import, &rows[0]), REGISTRY_UNCHANGED);
	assert_status(place, registry_import_end(import, true, &counts, &place->error),
	              REGISTRY_OK);
	assert_counts(&counts, 1, 2, 1, 0);
	assert_int_equal(
	    number(place, "SELECT length(note) FROM sender_grant WHERE pattern = 'x@y'"), 3000);
	assert_int_equal(number(place, "SELECT count(*) FROM change WHERE item = 'x@y' "
	                               "AND 3034 IN (length(before), length(after))"),
	                 3);
	registry_close(registry);
}

/* Else whoever imports once, and stays, would keep hundreds of MiB. */
static void an_import_gives_its_cache_back(void **state)
{
	static const struct row bad = {"nobody", "c@y", false, {0, NULL}};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	struct registry_import *import;
	int64_t before, now;

	assert_status(place,
	              handle_number(&registry->handle, "PRAGMA cache_size", &before, &place->error),
	              REGISTRY_OK);
	for (int commit = 0; commit < 2; commit++) {
		import = begin(place, registry);
		put(place, import, &bad);
		registry_import_end(import, commit != 0, &counts, &place->error);
		assert_status(
		    place,
		    handle_number(&registry->handle, "PRAGMA cache_size", &now, &place->error),
		    REGISTRY_OK);
		assert_int_equal(now, before);
	}
	registry_close(registry);
}

/* ---- what goes wrong ---------------------------------------------------- */

/* A row that is refused, between two good ones; with the import ended this way or that. */
static void refused(struct place *place, const struct row *bad, enum registry_status wanted,
                    bool commit)
{
	static const struct row first = {"carol", "c@y", true, {0, NULL}};
	static const struct row last = {"bob", "b@y", true, {0, NULL}};
	struct registry *registry = place_open(place);
	struct registry_import *import = begin(place, registry);
	struct registry_imported counts;

	assert_status(place, put(place, import, &first), REGISTRY_OK);
	assert_status(place, put(place, import, bad), wanted);
	put(place, import, &last);
	assert_status(place, registry_import_end(import, commit, &counts, &place->error),
	              commit ? wanted : REGISTRY_OK);
	assert_counts(&counts, 0, 0, 0, 0);
	assert_own(place, registry, "");
	assert_as_it_was(place);
	registry_close(registry);
}

static void a_bad_row_in_the_middle_and_nothing_is_kept(void **state)
{
	static const struct row unknown = {"eve", "e@y", false, {0, NULL}};
	static const struct row group = {"%none", "e@y", false, {0, NULL}};
	struct place *place = *state;

	for (int commit = 0; commit < 2; commit++) {
		refused(place, &unknown, REGISTRY_NOT_FOUND, commit);
		refused(place, &group, REGISTRY_NOT_FOUND, commit);
	}
}

static void a_row_that_is_too_long_and_nothing_is_kept(void **state)
{
	struct place *place = *state;
	struct row row = {"alice", NULL, true, {0, NULL}};
	char *pattern = malloc(200001);

	assert_non_null(pattern);
	memset(pattern, 'p', 200000);
	pattern[200000] = '\0';
	row.pattern = pattern;
	for (int commit = 0; commit < 2; commit++)
		refused(place, &row, REGISTRY_BAD, commit);
	free(pattern);
}

static void a_missing_group_is_called_a_group(void **state)
{
	static const struct row group = {"%none", "e@y", false, {0, NULL}};
	static const struct row account = {"eve", "e@y", false, {0, NULL}};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	struct registry_imported counts;
	struct registry_import *import = begin(place, registry);

	assert_status(place, put(place, import, &group), REGISTRY_NOT_FOUND);
	assert_non_null(strstr(place->error.text, "no such group"));
	registry_import_end(import, false, &counts, &place->error);
	import = begin(place, registry);
	assert_status(place, put(place, import, &account), REGISTRY_NOT_FOUND);
	assert_non_null(strstr(place->error.text, "no such account"));
	registry_import_end(import, false, &counts, &place->error);
	registry_close(registry);
}

static void an_import_waits_for_its_turn(void **state)
{
	static const struct row carol = {"carol", "c@y", true, {0, NULL}};
	struct place *place = *state;
	struct registry *registry = place_open(place), *other;
	struct registry_import *import = begin(place, registry), *second = (void *)1;
	struct registry_imported counts;

	assert_status(place, registry_open(place->path, 50, &other, &place->error), REGISTRY_OK);
	assert_status(place, put(place, import, &carol), REGISTRY_OK);
	assert_status(place, registry_import_begin(other, &second, &place->error), REGISTRY_BUSY);
	assert_null(second);
	assert_status(place, registry_account_add(other, "eve", NULL, &place->error),
	              REGISTRY_BUSY);
	/* Lookups go on. */
	assert_served(place);
	assert_status(place, registry_import_end(import, true, &counts, &place->error),
	              REGISTRY_OK);
	registry_as(other, "tester", NOW);
	assert_status(place, registry_account_add(other, "eve", NULL, &place->error), REGISTRY_OK);
	registry_close(other);
	registry_close(registry);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(an_import_counts_what_it_does),
	    test(an_import_of_nothing_changes_nothing),
	    test(an_import_is_taken_back_when_asked_to),
	    test(a_long_note_is_kept_and_told_whole),
	    test(an_import_gives_its_cache_back),
	    test(a_bad_row_in_the_middle_and_nothing_is_kept),
	    test(a_row_that_is_too_long_and_nothing_is_kept),
	    test(a_missing_group_is_called_a_group),
	    test(an_import_waits_for_its_turn),
	};

	return cmocka_run_group_tests_name("registry import", tests, NULL, NULL);
}
