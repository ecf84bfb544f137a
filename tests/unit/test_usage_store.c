/* The file of counts. */
#include "db/usage.h"

#include "tests/unit/registry_place.h"
#include "tests/unit/table.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define T INT64_C(1700000000000)

static struct usage_store *open_store(struct place *place, enum usage_store_use use,
                                      enum registry_status wanted)
{
	struct usage_store *store = NULL;
	char *path = usage_store_path(place->path);

	assert_non_null(path);
	assert_status(place, usage_store_open(path, use, &store, &place->error), wanted);
	assert_true(!store == (wanted != REGISTRY_OK));
	free(path);
	return store;
}

static void put(struct place *place, struct usage_store *store, const char *account,
                const char *quota, int64_t ends, uint64_t used, int64_t now)
{
	const struct usage_store_row row = {account, quota, ends - 60000, ends, used};

	assert_status(place, usage_store_begin(store, &place->error), REGISTRY_OK);
	assert_status(
	    place,
	    usage_store_end(store, usage_store_put(store, &row, &place->error), now, &place->error),
	    REGISTRY_OK);
}

struct seen {
	size_t count, most;
	uint64_t used;
	char text[4096]; /* ACCOUNT/QUOTA=USED of each, with a space behind */
};

static bool see(const struct usage_store_row *row, void *arg)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	seen->count++;
	seen->used = row->used;
	snprintf(seen->text + len, sizeof seen->text - len, "%s/%s=%llu ", row->account, row->quota,
	         (unsigned long long)row->used);
	return seen->most == 0 || seen->count < seen->most;
}

static struct seen walk(struct place *place, struct usage_store *store, const char *account,
                        int64_t now, size_t most)
{
	struct seen seen = {.most = most};

	assert_status(place, usage_store_walk(store, account, now, see, &seen, &place->error),
	              REGISTRY_OK);
	return seen;
}

static void it_lies_beside_the_registry(void **state)
{
	static const char *const rows[][2] = {
	    {"/var/lib/postreeve/db", "/var/lib/postreeve/usage.sqlite3"},
	    {"db", "./usage.sqlite3"},
	    {"a/b", "./a/usage.sqlite3"},
	    {"/db", "/usage.sqlite3"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *path = usage_store_path(rows[i][0]);

		assert_non_null(path);
		assert_string_equal(path, rows[i][1]);
		free(path);
	}
}

static void who_only_reads_makes_none(void **state)
{
	struct place *place = *state;

	open_store(place, USAGE_STORE_READ, REGISTRY_MISSING);
	shell(place, "! test -e usage.sqlite3");
	usage_store_close(NULL);
}

static void others_may_neither_read_nor_write_it(void **state)
{
	struct place *place = *state;
	mode_t before = umask(0);
	struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);

	put(place, store, "alice", "messages_per_hour", T, 1, T - 1);
	umask(before);
	shell(place, "for f in usage.sqlite3*; do test $(stat -c %%a $f) = 600 || exit; done");
	usage_store_close(store);
	shell(place, "chmod 620 usage.sqlite3");
	open_store(place, USAGE_STORE_WRITE, REGISTRY_INSECURE);
	shell(place, "chmod 600 usage.sqlite3; chmod 770 .");
	open_store(place, USAGE_STORE_WRITE, REGISTRY_INSECURE);
	open_store(place, USAGE_STORE_READ, REGISTRY_INSECURE);
	shell(place, "chmod 700 .; mv usage.sqlite3 other; ln -s other usage.sqlite3");
	open_store(place, USAGE_STORE_WRITE, REGISTRY_INSECURE);
	shell(place, "rm usage.sqlite3; mv other usage.sqlite3");
	usage_store_close(open_store(place, USAGE_STORE_READ, REGISTRY_OK));
}

static void it_gives_back_what_was_put_until_it_ends(void **state)
{
	struct place *place = *state;
	struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);
	struct seen seen;

	put(place, store, "bob", "octets_per_day", T + 5, 1, T);
	put(place, store, "alice", "octets_per_day", T + 5, 2, T);
	put(place, store, "alice", "messages_per_hour", T + 6, 3, T);
	put(place, store, "alice", "messages_per_hour", T + 7, 4, T);
	put(place, store, "al'ice\"; DROP TABLE usage", "messages_per_hour", T + 7, UINT64_MAX, T);

	seen = walk(place, store, "alice", T, 0);
	assert_string_equal(seen.text, "alice/messages_per_hour=4 alice/octets_per_day=2 ");
	assert_int_equal(walk(place, store, "alice", T + 5, 0).count, 1);
	assert_int_equal(walk(place, store, "alice", T + 6, 0).count, 1);
	assert_int_equal(walk(place, store, "alice", T + 7, 0).count, 0);
	assert_int_equal(walk(place, store, "Alice", T, 0).count, 0);
	assert_int_equal(walk(place, store, NULL, T, 0).count, 4);
	assert_int_equal(walk(place, store, NULL, T, 2).count, 2);
	assert_true(walk(place, store, "al'ice\"; DROP TABLE usage", T, 0).used == INT64_MAX);
	usage_store_close(store);

	store = open_store(place, USAGE_STORE_READ, REGISTRY_OK);
	assert_int_equal(walk(place, store, NULL, T, 0).count, 4);
	assert_true(usage_store_begin(store, &place->error) != REGISTRY_OK ||
	            usage_store_end(store, REGISTRY_OK, T + 100, &place->error) != REGISTRY_OK);
	assert_int_equal(walk(place, store, NULL, T, 0).count, 4);
	usage_store_close(store);
}

static void a_writing_deletes_what_has_ended_and_nothing_else(void **state)
{
	struct place *place = *state;
	struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);
	const struct usage_store_row row = {"alice", "octets_per_day", T, T + 10, 1};

	put(place, store, "ended", "messages_per_hour", T, 1, T - 1);
	put(place, store, "live", "messages_per_hour", T + 1, 1, T - 1);
	assert_int_equal(walk(place, store, NULL, 0, 0).count, 2);
	/* What fails changes nothing. */
	assert_status(place, usage_store_begin(store, &place->error), REGISTRY_OK);
	assert_status(place, usage_store_put(store, &row, &place->error), REGISTRY_OK);
	assert_int_equal(usage_store_end(store, REGISTRY_IO, T, &place->error), REGISTRY_IO);
	assert_int_equal(walk(place, store, NULL, 0, 0).count, 2);
	put(place, store, "alice", "messages_per_hour", T + 10, 1, T);
	assert_string_equal(walk(place, store, NULL, 0, 0).text,
	                    "alice/messages_per_hour=1 live/messages_per_hour=1 ");
	usage_store_close(store);
}

static void what_is_not_a_file_of_counts_is_left_alone(void **state)
{
	static const char *const rows[] = {
	    "echo garbage that is longer than nothing >usage.sqlite3",
	    "head -c 100000 /dev/urandom >usage.sqlite3",
	    "cp \"$db\" usage.sqlite3", /* the registry itself */
	    "mkdir usage.sqlite3",
	    "mkfifo usage.sqlite3",
	};
	struct place *place = *state;

	/* What it is, and what is in it; who read a pipe would wait for ever. */
	shell(place, "echo \"stat -c '%%F %%s' usage.sqlite3; test ! -f usage.sqlite3 || "
	             "cksum usage.sqlite3\" >look");
	for (size_t i = 0; i < ROWS(rows); i++) {
		shell(place, "%s; sh look >before", rows[i]);
		open_store(place, USAGE_STORE_WRITE, REGISTRY_BAD);
		open_store(place, USAGE_STORE_READ, REGISTRY_BAD);
		shell(place, "sh look >after; cmp before after && rm -r usage.sqlite3");
	}
	/* Who finds one of another version may be the older program. */
	usage_store_close(open_store(place, USAGE_STORE_WRITE, REGISTRY_OK));
	shell(place, "printf '\\0\\0\\0\\143' | dd of=usage.sqlite3 bs=1 seek=60 conv=notrunc "
	             "2>/dev/null");
	open_store(place, USAGE_STORE_WRITE, REGISTRY_BAD);
	assert_non_null(strstr(place->error.text, "version"));
	/* An empty one is what is left of a start that was cut off. */
	shell(place, "rm usage.sqlite3; touch usage.sqlite3; chmod 600 usage.sqlite3");
	usage_store_close(open_store(place, USAGE_STORE_WRITE, REGISTRY_OK));
}

static void a_file_that_was_moved_away_is_not_there(void **state)
{
	static const char *const rows[] = {
	    "mv usage.sqlite3 away",
	    "mv usage.sqlite3 away; cp away usage.sqlite3",
	    "mv usage.sqlite3 away; ln -s away usage.sqlite3",
	    "mv usage.sqlite3 away; mkdir usage.sqlite3",
	};
	struct place *place = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);

		put(place, store, "alice", "messages_per_hour", T, 1, T - 1);
		assert_row(usage_store_there(store), rows[i]);
		shell(place, "%s", rows[i]);
		assert_row(!usage_store_there(store), rows[i]);
		usage_store_close(store);
		shell(place, "rm -rf usage.sqlite3* away*");
	}
}

/* No backup has counts: what is wrong with the registry is put right in another way. */
static void what_is_damaged_is_to_be_moved_away(void **state)
{
	struct place *place = *state, other = *place;
	struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);
	const struct usage_store_row row = {"alice", "octets_per_day", T, T + 10, 1};

	snprintf(other.path, sizeof other.path, "%s/usage.sqlite3", place->directory);
	sql(&other, "DROP TABLE usage");
	assert_status(place, usage_store_begin(store, &place->error), REGISTRY_OK);
	assert_status(place, usage_store_put(store, &row, &place->error), REGISTRY_BAD);
	assert_non_null(strstr(place->error.text, "move it away"));
	assert_status(place, usage_store_end(store, REGISTRY_OK, T, &place->error), REGISTRY_BAD);
	assert_non_null(strstr(place->error.text, "move it away"));
	usage_store_close(store);
}

/* SQLite's log stays behind under the old name, where the next file would be taken to have it. */
static void what_is_moved_away_takes_its_log_along(void **state)
{
	struct place *place = *state, away = *place;
	struct usage_store *store = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK), *next;

	put(place, store, "alice", "messages_per_hour", T, 7, T - 1);
	shell(place, "test -s usage.sqlite3-wal && mv usage.sqlite3 away");
	usage_store_leave(store);
	next = open_store(place, USAGE_STORE_WRITE, REGISTRY_OK);
	assert_int_equal(walk(place, next, NULL, 0, 0).count, 0);
	put(place, next, "bob", "messages_per_hour", T, 1, T - 1);
	usage_store_close(next);
	snprintf(away.path, sizeof away.path, "%s/away", place->directory);
	assert_int_equal(number(&away, "SELECT used FROM usage WHERE account = 'alice'"), 7);
	assert_int_equal(number(&away, "SELECT count(*) FROM usage"), 1);
}

static void a_claim_lasts_as_long_as_who_has_it(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	int ends[2], status;
	pid_t child;
	char octet;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		octet = usage_store_claim(place->path, 0, error) == REGISTRY_OK ? 'y' : 'n';
		if (write(ends[1], &octet, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &octet, 1), 1);
	assert_int_equal(octet, 'y');
	assert_status(place, usage_store_claim(place->path, 100, error), REGISTRY_BUSY);
	assert_non_null(strstr(error->text, "another postreeved"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_status(place, usage_store_claim(place->path, 0, error), REGISTRY_OK);
	assert_status(place, usage_store_claim("/nonexistent/db", 0, error), REGISTRY_OK);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_lies_beside_the_registry),
	    TEST(who_only_reads_makes_none),
	    TEST(others_may_neither_read_nor_write_it),
	    TEST(it_gives_back_what_was_put_until_it_ends),
	    TEST(a_writing_deletes_what_has_ended_and_nothing_else),
	    TEST(what_is_not_a_file_of_counts_is_left_alone),
	    TEST(a_file_that_was_moved_away_is_not_there),
	    TEST(what_is_damaged_is_to_be_moved_away),
	    TEST(what_is_moved_away_takes_its_log_along),
	    TEST(a_claim_lasts_as_long_as_who_has_it),
	};

	return cmocka_run_group_tests_name("usage_store", tests, NULL, NULL);
}
