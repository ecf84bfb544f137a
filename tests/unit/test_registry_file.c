/* The registry under a daemon that runs on: files that change beneath it. */
#include "tests/unit/registry_place.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_change_is_in_force_at_the_next_lookup(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	const char *pattern = "new@example.org";
	size_t changed;

	for (int i = 0; i < 50; i++) {
		assert_status(place,
		              registry_grant_add(registry, "alice", &pattern, 1, &never, &changed,
		                                 &place->error),
		              REGISTRY_OK);
		assert_status(place, look(place, "alice", pattern), REGISTRY_OK);
		assert_true(granted(place));
		assert_status(
		    place,
		    registry_grant_delete(registry, "alice", &pattern, 1, &changed, &place->error),
		    REGISTRY_OK);
		assert_status(place, look(place, "alice", pattern), REGISTRY_OK);
		assert_false(granted(place));
	}
	registry_close(registry);
}

/* After each, the daemon recovers by itself once the file is whole again. */
static void a_broken_file_is_never_an_unknown_account(void **state)
{
	static const struct {
		const char *breaks;
		enum registry_status status;
	} rows[] = {
	    {"rm -f db db-wal db-shm", REGISTRY_MISSING},
	    {"mv db elsewhere", REGISTRY_MISSING},
	    {": > db", REGISTRY_BAD},
	    {"rm db; : > db", REGISTRY_BAD},
	    {"truncate -s 100 db", REGISTRY_BAD},
	    {"truncate -s 4096 db", REGISTRY_BAD},
	    {"truncate -s 8192 db", REGISTRY_BAD},
	    {"yes garbage | head -c 20000 > db", REGISTRY_BAD},
	    {"yes garbage | head -c 20000 > g; mv g db", REGISTRY_BAD},
	    /* all but the first page */
	    {"tr '\\0-\\377' '\\252' < db | dd of=db bs=4096 skip=1 seek=1 conv=notrunc "
	     "2>/dev/null",
	     REGISTRY_BAD},
	    {"head -c 16384 /dev/zero | dd of=db bs=4096 seek=1 conv=notrunc 2>/dev/null",
	     REGISTRY_BAD},
	    {"chmod 0620 db", REGISTRY_INSECURE},
	    {"chmod 0602 db", REGISTRY_INSECURE},
	    {"mv db real; ln -s real db", REGISTRY_INSECURE},
	    {"rm db; mkdir db", REGISTRY_BAD},
	    {"rm db; mkfifo db", REGISTRY_BAD},
	    {"rm db; ln -s db db", REGISTRY_INSECURE},
	};
	struct place *place = *state;

	shell(place, "cp db whole");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_served(place);
		shell(place, "%s", rows[i].breaks);
		for (int again = 0; again < 3; again++) {
			enum registry_status got = look(place, "alice", "alice@example.com");

			if (got != rows[i].status)
				fail_msg("%s: %d: %s", rows[i].breaks, (int)got, place->error.text);
			assert_false(place->answer.known);
			assert_false(granted(place));
		}
		shell(place, "rm -rf db; cp whole db");
	}
	assert_served(place);
}

static void a_missing_table_is_no_unknown_account(void **state)
{
	struct place *place = *state;

	assert_served(place);
	sql(place, "ALTER TABLE sender_grant RENAME TO hidden");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_BAD);
	sql(place, "ALTER TABLE hidden RENAME TO sender_grant");
	assert_served(place);
}

static void a_newer_schema_is_noticed_at_the_next_lookup(void **state)
{
	struct place *place = *state;

	assert_served(place);
	sql(place, "ALTER TABLE account RENAME TO person; PRAGMA user_version = 1000");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_NEWER);
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_NEWER);
	sql(place, "ALTER TABLE person RENAME TO account; PRAGMA user_version = 2");
	assert_served(place);
}

static void an_insecure_directory_is_refused_at_opening(void **state)
{
	struct place *place = *state;

	shell(place, "chmod 0770 .");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_INSECURE);
	shell(place, "chmod 0702 .");
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_INSECURE);
	shell(place, "chmod 0700 .");
	assert_served(place);
}

static void a_closed_directory_is_denied(void **state)
{
	struct place *place = *state;

	/* Root is denied nothing: it asks as somebody else then. */
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	else
		assert_int_equal(chmod(place->directory, 0), 0);
	assert_status(place, look(place, "alice", "alice@example.com"), REGISTRY_DENIED);
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(chmod(place->directory, 0700), 0);
	assert_served(place);
}

/* alice2 is in the second registry alone, and it is larger: with it a stale index would show. */
static void make_second(struct place *place)
{
	struct place second = *place;
	struct registry *registry;

	snprintf(second.path, sizeof second.path, "%s/db2", place->directory);
	shell(place, "cp db db2");
	registry = place_open(&second);
	assert_status(&second, registry_account_add(registry, "alice2", NULL, &second.error),
	              REGISTRY_OK);
	registry_close(registry);
	sql(&second,
	    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
	    "INSERT INTO account (name, profile, created) "
	    "SELECT printf('filler%d', i), 'default', 0 FROM n");
}

static void a_file_moved_into_place_is_read_at_once(void **state)
{
	struct place *place = *state;

	make_second(place);
	shell(place, "cp db db1");
	for (int i = 0; i < 8; i++) {
		assert_known(place, "alice2", false);
		shell(place, "cp db2 new && mv new db");
		assert_known(place, "alice2", true);
		shell(place, "cp db1 new && mv new db");
	}
	assert_served(place);
}

static void a_file_copied_into_place_is_read_at_once(void **state)
{
	struct place *place = *state;

	make_second(place);
	shell(place, "cp db db1");
	for (int i = 0; i < 8; i++) {
		assert_known(place, "alice2", false);
		shell(place, "cat db2 > db");
		assert_known(place, "alice2", true);
		shell(place, "cat db1 > db");
	}
	assert_served(place);
}

static void the_file_alone_holds_every_change(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);

	/* The daemon has it open, so the last program to close it empties no log. */
	assert_served(place);
	assert_status(place, registry_account_add(registry, "carol", NULL, &place->error),
	              REGISTRY_OK);
	shell(place, "cp db copy; rm -f db-wal db-shm; mv copy db");
	registry_close(registry);
	assert_known(place, "carol", true);
}

static size_t open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void replacing_the_file_leaks_no_descriptor(void **state)
{
	struct place *place = *state;
	size_t before;

	assert_served(place);
	before = open_files();
	for (int i = 0; i < 20; i++) {
		shell(place, "cp db new && mv new db");
		assert_served(place);
	}
	assert_int_equal(open_files(), before);
}

#define test(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(a_change_is_in_force_at_the_next_lookup),
	    test(a_broken_file_is_never_an_unknown_account),
	    test(a_missing_table_is_no_unknown_account),
	    test(a_newer_schema_is_noticed_at_the_next_lookup),
	    test(an_insecure_directory_is_refused_at_opening),
	    test(a_closed_directory_is_denied),
	    test(a_file_moved_into_place_is_read_at_once),
	    test(a_file_copied_into_place_is_read_at_once),
	    test(the_file_alone_holds_every_change),
	    test(replacing_the_file_leaks_no_descriptor),
	};

	return cmocka_run_group_tests_name("registry, its file", tests, NULL, NULL);
}
