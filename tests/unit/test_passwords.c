/* The file of passwords. */
#include "db/passwords.h"

#include "tests/unit/registry_place.h"
#include "tests/unit/table.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HASH_A "$6$saltstring$a"
#define HASH_B "$6$saltstring$b"

/* The file itself, as a place of its own for sql() and number(). */
static struct place file(const struct place *place)
{
	struct place out = *place;

	snprintf(out.path, sizeof out.path, "%s/pw", place->directory);
	return out;
}

static struct passwords *open_file(struct place *place, enum passwords_use use,
                                   enum registry_status wanted)
{
	struct passwords *passwords = NULL;

	assert_status(place, passwords_open(file(place).path, use, 100, &passwords, &place->error),
	              wanted);
	assert_true(!passwords == (wanted != REGISTRY_OK));
	/* What the registry's errors advise is wrong here. */
	if (wanted != REGISTRY_OK &&
	    (strstr(place->error.text, " registry") || strstr(place->error.text, "postreeve init")))
		fail_msg("%s", place->error.text);
	return passwords;
}

static void assert_password(struct place *place, struct passwords *passwords, const char *account,
                            const char *hash, bool disabled, int64_t changed)
{
	struct password found;

	assert_status(place, passwords_find(passwords, account, &found, &place->error),
	              REGISTRY_OK);
	assert_string_equal(found.hash, hash);
	assert_int_equal(found.disabled, disabled);
	assert_int_equal(found.changed, changed);
}

static void assert_none(struct place *place, struct passwords *passwords, const char *account)
{
	struct password found;

	assert_status(place, passwords_find(passwords, account, &found, &place->error),
	              REGISTRY_NOT_FOUND);
}

static void who_only_reads_or_changes_makes_none(void **state)
{
	struct place *place = *state;
	struct passwords *passwords;

	open_file(place, PASSWORDS_READ, REGISTRY_MISSING);
	assert_non_null(strstr(place->error.text, "account password"));
	open_file(place, PASSWORDS_CHANGE, REGISTRY_MISSING);
	shell(place, "! test -e pw");
	/* Of a making that was cut off there is nothing to read either. */
	shell(place, "touch pw; chmod 600 pw");
	open_file(place, PASSWORDS_READ, REGISTRY_MISSING);
	open_file(place, PASSWORDS_CHANGE, REGISTRY_MISSING);
	passwords_close(open_file(place, PASSWORDS_WRITE, REGISTRY_OK));
	passwords_close(open_file(place, PASSWORDS_READ, REGISTRY_OK));
	passwords = open_file(place, PASSWORDS_CHANGE, REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, &place->error),
	              REGISTRY_OK);
	passwords_close(passwords);
	passwords_close(NULL);
}

static void without_a_directory_there_is_none(void **state)
{
	struct place *place = *state;
	struct passwords *passwords;

	assert_status(
	    place, passwords_open("/nonexistent/pw", PASSWORDS_WRITE, 0, &passwords, &place->error),
	    REGISTRY_MISSING);
	assert_null(passwords);
}

static void others_may_neither_read_nor_write_it(void **state)
{
	static const char *const rows[] = {
	    "chmod 620 pw", "chmod 602 pw", "chmod 640 pw",        "chmod 604 pw",
	    "chmod 770 .",  "chmod 707 .",  "mv pw o; ln -s o pw",
	};
	struct place *place = *state;
	mode_t before = umask(0);
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);

	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, &place->error),
	              REGISTRY_OK);
	umask(before);
	shell(place, "for f in pw*; do test $(stat -c %%a $f) = 600 || exit; done");
	passwords_close(passwords);
	for (size_t i = 0; i < ROWS(rows); i++) {
		shell(place, "%s", rows[i]);
		open_file(place, PASSWORDS_WRITE, REGISTRY_INSECURE);
		open_file(place, PASSWORDS_READ, REGISTRY_INSECURE);
		shell(place, "chmod 700 .; test ! -e o || mv o pw; chmod 600 pw");
	}
	passwords_close(open_file(place, PASSWORDS_READ, REGISTRY_OK));
}

static void a_password_is_found_as_it_was_set(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	struct passwords *reader = open_file(place, PASSWORDS_READ, REGISTRY_OK);
	static const char odd[] = "al'ice\"; DROP TABLE password";

	assert_none(place, reader, "alice");
	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, error), REGISTRY_OK);
	assert_status(place, passwords_set(passwords, odd, HASH_B, NOW + 1, error), REGISTRY_OK);
	assert_password(place, reader, "alice", HASH_A, false, NOW);
	assert_password(place, reader, odd, HASH_B, false, NOW + 1);
	assert_none(place, reader, "Alice");
	assert_none(place, reader, "alice ");
	assert_none(place, reader, "al%");
	assert_none(place, reader, "");

	assert_status(place, passwords_set(passwords, "alice", HASH_B, NOW + 2, error),
	              REGISTRY_OK);
	assert_password(place, reader, "alice", HASH_B, false, NOW + 2);
	assert_status(place, passwords_delete(passwords, "alice", error), REGISTRY_OK);
	assert_int_equal(passwords_delete(passwords, "alice", error), REGISTRY_UNCHANGED);
	assert_none(place, reader, "alice");
	/* Who reads cannot write. */
	assert_int_not_equal(passwords_set(reader, "bob", HASH_A, NOW, error), REGISTRY_OK);
	assert_none(place, passwords, "bob");
	passwords_close(reader);
	passwords_close(passwords);
}

static void what_is_no_hash_or_name_is_not_set(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	char longest[PASSWORD_HASH_MAX + 1];

	memset(longest, 'x', sizeof longest);
	longest[PASSWORD_HASH_MAX] = '\0';
	assert_status(place, passwords_set(passwords, "a", longest, NOW, error), REGISTRY_CONFLICT);
	assert_status(place, passwords_set(passwords, "a", "", NOW, error), REGISTRY_CONFLICT);
	assert_status(place, passwords_set(passwords, "", HASH_A, NOW, error), REGISTRY_CONFLICT);
	assert_status(place, passwords_set(passwords, longest, HASH_A, NOW, error),
	              REGISTRY_CONFLICT);
	longest[PASSWORD_HASH_MAX - 1] = '\0';
	assert_status(place, passwords_set(passwords, "a", longest, NOW, error), REGISTRY_OK);
	assert_password(place, passwords, "a", longest, false, NOW);
	passwords_close(passwords);
}

static void a_disabled_one_stays_so_whatever_is_set(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);

	assert_status(place, passwords_disable(passwords, "alice", true, error),
	              REGISTRY_NOT_FOUND);
	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, error), REGISTRY_OK);
	assert_int_equal(passwords_disable(passwords, "alice", false, error), REGISTRY_UNCHANGED);
	assert_status(place, passwords_disable(passwords, "alice", true, error), REGISTRY_OK);
	assert_int_equal(passwords_disable(passwords, "alice", true, error), REGISTRY_UNCHANGED);
	assert_password(place, passwords, "alice", HASH_A, true, NOW);
	assert_status(place, passwords_set(passwords, "alice", HASH_B, NOW + 1, error),
	              REGISTRY_OK);
	assert_password(place, passwords, "alice", HASH_B, true, NOW + 1);
	assert_status(place, passwords_disable(passwords, "alice", false, error), REGISTRY_OK);
	assert_password(place, passwords, "alice", HASH_B, false, NOW + 1);

	assert_status(place, passwords_set_disabled(passwords, "bob", HASH_A, NOW, error),
	              REGISTRY_OK);
	assert_password(place, passwords, "bob", HASH_A, true, NOW);
	assert_status(place, passwords_set_disabled(passwords, "alice", HASH_A, NOW, error),
	              REGISTRY_OK);
	assert_password(place, passwords, "alice", HASH_A, true, NOW);
	passwords_close(passwords);
}

static void it_is_hashed_anew_only_if_it_is_still_the_same(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);

	assert_int_equal(passwords_rehash(passwords, "alice", HASH_A, HASH_B, error),
	                 REGISTRY_UNCHANGED);
	assert_none(place, passwords, "alice");
	assert_status(place, passwords_set_disabled(passwords, "alice", HASH_A, NOW, error),
	              REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "bob", HASH_A, NOW, error), REGISTRY_OK);
	assert_int_equal(passwords_rehash(passwords, "alice", HASH_B, "new", error),
	                 REGISTRY_UNCHANGED);
	assert_password(place, passwords, "alice", HASH_A, true, NOW);
	assert_status(place, passwords_rehash(passwords, "alice", HASH_A, HASH_B, error),
	              REGISTRY_OK);
	/* It is no change of the password. */
	assert_password(place, passwords, "alice", HASH_B, true, NOW);
	assert_password(place, passwords, "bob", HASH_A, false, NOW);
	passwords_close(passwords);
}

struct seen {
	size_t most;
	char text[512]; /* ACCOUNT of each, with a space behind */
};

static bool see(const struct password_row *row, void *arg)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof seen->text - len, "%s%s ", row->account,
	         row->disabled ? "-" : "");
	return --seen->most > 0;
}

static void all_are_walked_in_order(void **state)
{
	static const char *const accounts[] = {"carol", "alice", "Bob", "\xc3\xa9", "bob"};
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	struct seen seen = {.most = 100}, two = {.most = 2}, one = {.most = 100},
		    none = {.most = 100}, behind = {.most = 100};

	for (size_t i = 0; i < ROWS(accounts); i++)
		assert_status(place, passwords_set(passwords, accounts[i], HASH_A, NOW, error),
		              REGISTRY_OK);
	assert_status(place, passwords_disable(passwords, "bob", true, error), REGISTRY_OK);
	assert_status(place, passwords_walk(passwords, NULL, see, &seen, error), REGISTRY_OK);
	assert_string_equal(seen.text, "Bob alice bob- carol \xc3\xa9 ");
	assert_status(place, passwords_walk(passwords, NULL, see, &two, error), REGISTRY_OK);
	assert_string_equal(two.text, "Bob alice ");
	assert_status(place, passwords_walk(passwords, "bob", see, &one, error), REGISTRY_OK);
	assert_string_equal(one.text, "bob- ");
	assert_status(place, passwords_walk(passwords, "dave", see, &none, error), REGISTRY_OK);
	assert_string_equal(none.text, "");
	assert_status(place, passwords_walk_behind(passwords, "alice", see, &behind, error),
	              REGISTRY_OK);
	assert_string_equal(behind.text, "bob- carol \xc3\xa9 ");
	passwords_close(passwords);
}

static void what_is_not_a_file_of_passwords_is_left_alone(void **state)
{
	static const char *const rows[] = {
	    "echo garbage that is longer than nothing >pw",
	    "head -c 100000 /dev/urandom >pw",
	    "cp \"$db\" pw", /* the registry */
	    "mkdir -m 700 pw",
	    "mkfifo -m 600 pw",
	};
	struct place *place = *state;

	/* What it is, and what is in it; who read a pipe would wait for ever. */
	shell(place, "echo \"stat -c '%%F %%s' pw; test ! -f pw || cksum pw\" >look");
	for (size_t i = 0; i < ROWS(rows); i++) {
		shell(place, "%s; test ! -f pw || chmod 600 pw; sh look >before", rows[i]);
		open_file(place, PASSWORDS_WRITE, REGISTRY_BAD);
		open_file(place, PASSWORDS_READ, REGISTRY_BAD);
		shell(place, "sh look >after; cmp before after && rm -r pw");
	}
}

static void a_newer_one_is_left_alone(void **state)
{
	struct place *place = *state;

	passwords_close(open_file(place, PASSWORDS_WRITE, REGISTRY_OK));
	shell(place, "printf '\\0\\0\\0\\143' | dd of=pw bs=1 seek=60 conv=notrunc 2>/dev/null; "
	             "cksum pw >before");
	open_file(place, PASSWORDS_WRITE, REGISTRY_NEWER);
	open_file(place, PASSWORDS_READ, REGISTRY_NEWER);
	shell(place, "cksum pw >after; cmp before after");
}

static bool tell(const char *problem, void *arg)
{
	(void)problem;
	++*(size_t *)arg;
	return true;
}

static void damage_is_neither_a_wrong_password_nor_none(void **state)
{
	struct place *place = *state, pw = file(place);
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	struct password found;
	size_t problems = 0;

	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, error), REGISTRY_OK);
	assert_status(place, passwords_check(passwords, tell, &problems, error), REGISTRY_OK);
	assert_int_equal(problems, 0);
	sql(&pw, "DROP TABLE password");
	assert_status(place, passwords_find(passwords, "alice", &found, error), REGISTRY_BAD);
	assert_null(strstr(error->text, " registry"));
	assert_status(place, passwords_set(passwords, "alice", HASH_B, NOW, error), REGISTRY_BAD);
	assert_status(place, passwords_delete(passwords, "alice", error), REGISTRY_BAD);
	passwords_close(passwords);

	/* A page is overwritten. */
	shell(place, "rm -f pw*");
	passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, error), REGISTRY_OK);
	passwords_close(passwords);
	shell(place, "test $(stat -c %%s pw) -ge 8192 && tr '\\0' '\\377' </dev/zero | "
	             "dd of=pw bs=4096 seek=1 count=1 iflag=fullblock conv=notrunc 2>/dev/null");
	passwords = open_file(place, PASSWORDS_READ, REGISTRY_OK);
	assert_status(place, passwords_find(passwords, "alice", &found, error), REGISTRY_BAD);
	assert_int_equal(passwords_check(passwords, tell, &problems, error), REGISTRY_OK);
	assert_true(problems > 0);
	passwords_close(passwords);
}

static void a_file_that_was_moved_away_is_not_there(void **state)
{
	static const char *const rows[] = {
	    "mv pw away",
	    "mv pw away; cp away pw",
	    "mv pw away; ln -s away pw",
	    "mv pw away; mkdir pw",
	};
	struct place *place = *state;

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);

		assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, &place->error),
		              REGISTRY_OK);
		assert_row(passwords_there(passwords), rows[i]);
		shell(place, "%s", rows[i]);
		assert_row(!passwords_there(passwords), rows[i]);
		passwords_close(passwords);
		shell(place, "rm -rf pw* away*");
	}
}

/* SQLite's log stays behind under the old name, where the next file would be taken to have it. */
static void what_is_moved_away_takes_its_log_along(void **state)
{
	struct place *place = *state;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK), *next;

	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, &place->error),
	              REGISTRY_OK);
	shell(place, "test -s pw-wal && mv pw away");
	passwords_close(passwords);
	next = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	assert_none(place, next, "alice");
	passwords_close(next);
	shell(place, "mv away pw");
	next = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	assert_password(place, next, "alice", HASH_A, false, NOW);
	passwords_close(next);
}

static void what_was_replaced_is_gone_from_the_file(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);

	assert_status(place, passwords_set(passwords, "alice", "$6$first", NOW, error),
	              REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "bob", "$6$second", NOW, error), REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "alice", "$6$third", NOW, error),
	              REGISTRY_OK);
	assert_status(place, passwords_delete(passwords, "bob", error), REGISTRY_OK);
	passwords_close(passwords);
	shell(place, "grep -q third pw && ! grep -q -e first -e second pw*");
}

/* `test write PATH': what another program holds while it is writing. */
static int write_for_ever(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE; INSERT INTO password VALUES ('other', 'x', 0, 0)",
	                 NULL, NULL, NULL) != SQLITE_OK ||
	    write(STDOUT_FILENO, "", 1) != 1)
		return 1;
	pause();
	return 0;
}

static void who_reads_does_not_wait_for_who_writes(void **state)
{
	struct place *place = *state;
	struct registry_error *error = &place->error;
	struct passwords *passwords = open_file(place, PASSWORDS_WRITE, REGISTRY_OK);
	struct passwords *reader = open_file(place, PASSWORDS_READ, REGISTRY_OK);
	pid_t writer;
	int status;

	assert_status(place, passwords_set(passwords, "alice", HASH_A, NOW, error), REGISTRY_OK);
	writer = another_process("write", file(place).path);
	assert_password(place, reader, "alice", HASH_A, false, NOW);
	assert_none(place, reader, "other");
	passwords_close(open_file(place, PASSWORDS_READ, REGISTRY_OK));
	assert_status(place, passwords_set(passwords, "alice", HASH_B, NOW, error), REGISTRY_BUSY);
	assert_status(place, passwords_rehash(passwords, "alice", HASH_A, HASH_B, error),
	              REGISTRY_BUSY);
	passwords_close(open_file(place, PASSWORDS_WRITE, REGISTRY_OK));
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_status(place, passwords_set(passwords, "alice", HASH_B, NOW, error), REGISTRY_OK);
	assert_password(place, reader, "alice", HASH_B, false, NOW);
	assert_none(place, reader, "other");
	passwords_close(reader);
	passwords_close(passwords);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(who_only_reads_or_changes_makes_none),
	    TEST(without_a_directory_there_is_none),
	    TEST(others_may_neither_read_nor_write_it),
	    TEST(a_password_is_found_as_it_was_set),
	    TEST(what_is_no_hash_or_name_is_not_set),
	    TEST(a_disabled_one_stays_so_whatever_is_set),
	    TEST(it_is_hashed_anew_only_if_it_is_still_the_same),
	    TEST(all_are_walked_in_order),
	    TEST(what_is_not_a_file_of_passwords_is_left_alone),
	    TEST(a_newer_one_is_left_alone),
	    TEST(damage_is_neither_a_wrong_password_nor_none),
	    TEST(a_file_that_was_moved_away_is_not_there),
	    TEST(what_is_moved_away_takes_its_log_along),
	    TEST(what_was_replaced_is_gone_from_the_file),
	    TEST(who_reads_does_not_wait_for_who_writes),
	};

	if (argc == 3)
		return write_for_ever(argv[2]);
	return cmocka_run_group_tests_name("passwords", tests, NULL, NULL);
}
