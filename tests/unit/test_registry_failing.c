/*
 * The engine fails: each call into it in turn, in each way, under each thing that the registry does.
 * What failed says so by the status that fits, has changed nothing, and works the next time.
 */
#include "db/passwords.h"
#include "db/registry.h"
#include "tests/unit/registry_place.h"
#include "tests/unit/table.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- an engine that fails when it is told to ----------------------------- */

static struct {
	int left; /* calls until the one that fails; 0: none will */
	int code; /* it then gives */
	bool failed, tell;
} engine;

static bool fails(void)
{
	engine.tell = engine.left > 0 && --engine.left == 0;
	engine.failed |= engine.tell;
	return engine.tell;
}

/* In the engine's place, by the linker's --wrap. */
#define ENGINE(name, parameters, arguments)                                                        \
	int __real_##name parameters;                                                              \
	int __wrap_##name parameters;                                                              \
	int __wrap_##name parameters                                                               \
	{                                                                                          \
		return fails() ? engine.code : __real_##name arguments;                            \
	}
ENGINE(sqlite3_step, (sqlite3_stmt * s), (s))
ENGINE(sqlite3_bind_int64, (sqlite3_stmt * s, int i, sqlite3_int64 n), (s, i, n))
ENGINE(sqlite3_bind_text, (sqlite3_stmt * s, int i, const char *text, int len, void (*end)(void *)),
       (s, i, text, len, end))
ENGINE(sqlite3_prepare_v2,
       (sqlite3 * db, const char *sql, int len, sqlite3_stmt **out, const char **tail),
       (db, sql, len, out, tail))
ENGINE(sqlite3_prepare_v3,
       (sqlite3 * db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
        const char **tail),
       (db, sql, len, flags, out, tail))

int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*fn)(void *, int, char **, char **),
                        void *arg, char **error);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*fn)(void *, int, char **, char **),
                        void *arg, char **error);
/* Taking a change back works; and how much of an import is in memory makes it slow or fast alone. */
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*fn)(void *, int, char **, char **),
                        void *arg, char **error)
{
	bool spared = strcmp(sql, "ROLLBACK") == 0 || strncmp(sql, "PRAGMA cache_size=", 18) == 0;

	if (!spared && fails())
		return engine.code;
	return __real_sqlite3_exec(db, sql, fn, arg, error);
}

int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db)
{
	return engine.tell ? engine.code : __real_sqlite3_errcode(db);
}

int __real_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db)
{
	return engine.tell ? engine.code : __real_sqlite3_extended_errcode(db);
}

static const struct {
	int code;
	const char *name;
	enum registry_status status;
} ways[] = {
    {SQLITE_BUSY, "busy", REGISTRY_BUSY},
    {SQLITE_LOCKED, "locked", REGISTRY_BUSY},
    {SQLITE_NOMEM, "no memory", REGISTRY_NO_MEMORY},
    {SQLITE_IOERR_NOMEM, "no memory for I/O", REGISTRY_NO_MEMORY},
    {SQLITE_FULL, "full", REGISTRY_IO},
    {SQLITE_IOERR_WRITE, "I/O", REGISTRY_IO},
    {SQLITE_CORRUPT, "damaged", REGISTRY_BAD},
    {SQLITE_IOERR_SHORT_READ, "cut off", REGISTRY_BAD},
};

static void arm(size_t way, int nth)
{
	engine.code = ways[way].code;
	engine.left = nth;
	engine.failed = engine.tell = false;
}

/* Whether it failed meanwhile. */
static bool disarm(void)
{
	engine.left = 0;
	engine.tell = false;
	return engine.failed;
}

/* ---- what the registry does ---------------------------------------------- */

#define DO(name) static enum registry_status name(struct registry *r, struct registry_error *error)

static const char *const pattern[] = {"new@example.com", "@new.example"};
static const char *const old_pattern[] = {"alice@example.com"};
static const char *const account[] = {"alice"};
static const char *const network[] = {"192.0.2.0/24", "198.51.100.0/24"};
static const char *const old_network[] = {"203.0.113.0/24"};

DO(account_add)
{
	return registry_account_add(r, "dave", "bulk", error);
}
DO(account_delete)
{
	return registry_account_delete(r, "alice", error);
}
DO(account_suspend)
{
	return registry_account_suspend(r, "alice", "unpaid", error);
}
DO(account_resume)
{
	return registry_account_resume(r, "carol", error);
}
DO(group_add)
{
	return registry_group_add(r, "%new", error);
}
DO(group_delete)
{
	return registry_group_delete(r, "%staff", error);
}
DO(member_add)
{
	size_t changed;

	return registry_member_add(r, "%other", account, 1, &changed, error);
}
DO(member_delete)
{
	size_t changed;

	return registry_member_delete(r, "%staff", account, 1, &changed, error);
}
DO(grant_add)
{
	size_t changed;

	return registry_grant_add(r, "alice", pattern, 2, &never, &changed, error);
}
DO(grant_change)
{
	const struct registry_terms terms = {.expires = NOW + 60, .note = "for now"};
	size_t changed;

	return registry_grant_add(r, "alice", old_pattern, 1, &terms, &changed, error);
}
DO(grant_delete)
{
	size_t changed;

	return registry_grant_delete(r, "alice", old_pattern, 1, &changed, error);
}
DO(limit_set)
{
	static const struct registry_limit limits[] = {
	    {"max_recipients", "5"}, {"max_message_size", ""}, {"max_connections", "7"}};
	size_t changed;

	return registry_limit_set(r, "alice", limits, 3, &changed, error);
}
DO(network_add)
{
	size_t changed;

	return registry_network_add(r, "alice", network, 2, &changed, error);
}
DO(network_delete)
{
	size_t changed;

	return registry_network_delete(r, "alice", old_network, 1, &changed, error);
}

static enum registry_status no_password(bool suspended, void *arg, struct registry_error *error)
{
	(void)suspended, (void)arg, (void)error;
	return REGISTRY_OK;
}
DO(password_change)
{
	return registry_password_change(r, "alice", "account password", true, no_password, NULL,
	                                error);
}

/* As a program does: what fails in the middle is taken back as a whole. */
DO(import)
{
	const struct registry_terms terms = {.note = "imported"};
	struct registry_imported imported;
	struct registry_import *import;
	enum registry_status status = registry_import_begin(r, &import, error), end;
	struct registry_error again;

	if (status != REGISTRY_OK)
		return status;
	for (size_t i = 0; i < 2 && status == REGISTRY_OK; i++)
		status = registry_import_grant(import, i ? "erin" : "alice", true, pattern[i],
		                               &terms, error);
	end = registry_import_end(import, status == REGISTRY_OK, &imported,
	                          status == REGISTRY_OK ? error : &again);
	return status == REGISTRY_OK ? end : status;
}

/* Whatever is walked is counted. */
static size_t seen;
#define SEE(type)                                                                                  \
	static bool see_##type(const struct registry_##type *row, void *arg)                       \
	{                                                                                          \
		(void)row, (void)arg;                                                              \
		seen++;                                                                            \
		return true;                                                                       \
	}
SEE(account)
SEE(group)
SEE(member)
SEE(grant)
SEE(limit_row)
SEE(network)
SEE(change)
static bool see_problem(const char *problem, void *arg)
{
	(void)arg;
	fail_msg("%s", problem);
	return true;
}

DO(account_walk)
{
	return registry_account_walk(r, NULL, see_account, NULL, error);
}
DO(group_walk)
{
	return registry_group_walk(r, NULL, see_group, NULL, error);
}
DO(member_walk)
{
	return registry_member_walk(r, "%staff", NULL, see_member, NULL, error);
}
DO(grant_walk)
{
	return registry_grant_walk(r, "alice", see_grant, NULL, error);
}
DO(grant_find)
{
	return registry_grant_find(r, old_pattern, 1, see_grant, NULL, error);
}
DO(limit_walk)
{
	return registry_limit_walk(r, "alice", see_limit_row, NULL, error);
}
DO(network_walk)
{
	return registry_network_walk(r, "alice", see_network, NULL, error);
}
DO(change_walk)
{
	return registry_change_walk(r, "alice", 0, see_change, NULL, error);
}
DO(check)
{
	return registry_check(r, see_problem, NULL, error);
}

/* In an order in which each can be done once. */
static const struct {
	const char *name;
	enum registry_status (*run)(struct registry *r, struct registry_error *error);
	bool writes;
} deeds[] = {
#define READ(name)                                                                                 \
	{                                                                                          \
#name, name, false                                                                 \
	}
#define WRITE(name)                                                                                \
	{                                                                                          \
#name, name, true                                                                  \
	}
    READ(account_walk),    READ(group_walk),     READ(member_walk),     READ(grant_walk),
    READ(grant_find),      READ(limit_walk),     READ(network_walk),    READ(change_walk),
    READ(check),           WRITE(account_add),   WRITE(account_resume), WRITE(group_add),
    WRITE(member_add),     WRITE(member_delete), WRITE(grant_add),      WRITE(grant_change),
    WRITE(limit_set),      WRITE(network_add),   WRITE(network_delete), WRITE(password_change),
    WRITE(import),         WRITE(grant_delete),  WRITE(group_delete),   WRITE(account_suspend),
    WRITE(account_delete),
};

/* ---- the tests ----------------------------------------------------------- */

/* There is something of each kind. */
static void furnish(struct place *place, struct registry *r)
{
	static const struct registry_limit limits[] = {{"max_recipients", "9"},
	                                               {"max_message_size", "2048"}};
	struct registry_error *error = &place->error;
	size_t changed;

	assert_status(place, registry_account_add(r, "carol", NULL, error), REGISTRY_OK);
	assert_status(place, registry_account_suspend(r, "carol", "unpaid", error), REGISTRY_OK);
	assert_status(place, registry_group_add(r, "%staff", error), REGISTRY_OK);
	assert_status(place, registry_group_add(r, "%other", error), REGISTRY_OK);
	assert_status(place, registry_member_add(r, "%staff", account, 1, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_limit_set(r, "alice", limits, 2, &changed, error),
	              REGISTRY_OK);
	assert_status(place, registry_network_add(r, "alice", old_network, 1, &changed, error),
	              REGISTRY_OK);
}

/* A connection that looks on: its data_version moves when another one has committed. */
static int version(sqlite3 *onlooker)
{
	sqlite3_stmt *statement;
	int found;

	assert_int_equal(sqlite3_prepare_v2(onlooker, "PRAGMA data_version", -1, &statement, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	found = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return found;
}

/* With its nth call failing in that way. False: it makes fewer calls, and was done. */
static bool fail_once(struct place *place, struct registry *r, sqlite3 *onlooker, size_t deed,
                      size_t way, int nth)
{
	int before = version(onlooker);
	enum registry_status status;
	char name[80];

	snprintf(name, sizeof name, "%s, call %d: %s", deeds[deed].name, nth, ways[way].name);
	place->error.text[0] = '\0';
	arm(way, nth);
	status = deeds[deed].run(r, &place->error);
	if (!disarm()) {
		assert_row(status == REGISTRY_OK, name);
		assert_row((version(onlooker) != before) == deeds[deed].writes, name);
		return false;
	}
	if (status != ways[way].status)
		fail_msg("%s: %d: %s", name, status, place->error.text);
	assert_row(place->error.text[0] != '\0' && !strchr(place->error.text, '\n'), name);
	assert_row(version(onlooker) == before, name);
	return true;
}

static size_t failures;

static void what_fails_says_so_and_changes_nothing(void **state)
{
	struct place *place = *state;
	struct registry *registry = place_open(place);
	sqlite3 *onlooker;

	furnish(place, registry);
	assert_int_equal(sqlite3_open(place->path, &onlooker), SQLITE_OK);
	for (size_t deed = 0; deed < ROWS(deeds); deed++) {
		bool failed = true;

		for (int nth = 1; failed; nth++) {
			assert_row(nth < 1000, deeds[deed].name);
			for (size_t way = 0; way < ROWS(ways) && failed; way++) {
				failed = fail_once(place, registry, onlooker, deed, way, nth);
				failures += failed;
			}
		}
	}
	assert_int_equal(sqlite3_close(onlooker), SQLITE_OK);
	registry_close(registry);
	assert_true(failures > ROWS(deeds) * ROWS(ways));
}

/* To open is to look at what is there: it gives no handle where it could not. */
static void what_cannot_be_opened_is_not(void **state)
{
	struct place *place = *state;

	for (size_t way = 0; way < ROWS(ways); way++) {
		bool failed = true;

		for (int nth = 1; failed; nth++) {
			struct registry *registry = NULL;
			enum registry_status status;

			arm(way, nth);
			status = registry_open(place->path, 0, &registry, &place->error);
			failed = disarm();
			assert_row((status == REGISTRY_OK) == !failed, ways[way].name);
			assert_row(!failed || status == ways[way].status, ways[way].name);
			if (status == REGISTRY_OK)
				registry_close(registry);
		}
	}
	assert_served(place);
}

/* The daemon asks: it is told that it cannot be told, and is served the next time. */
static void what_cannot_be_looked_up_is_not_answered(void **state)
{
	static const char *const networks[] = {"203.0.113.0/24"};
	struct place *place = *state;
	struct registry *registry = place_open(place);
	char name[REGISTRY_ACCOUNT_MAX + 1];

	furnish(place, registry);
	registry_close(registry);
	for (size_t way = 0; way < ROWS(ways); way++) {
		for (int nth = 1; nth < 60; nth++) {
			enum registry_status status;

			arm(way, nth);
			status = nth % 2 ? look(place, "alice", "alice@example.com")
			                 : registry_network_lookup(place->reader, networks, 1, name,
			                                           &place->error);
			if (!disarm())
				assert_row(status == REGISTRY_OK, ways[way].name);
			else
				assert_row(status == ways[way].status, ways[way].name);
			assert_served(place);
		}
	}
}

/* ---- passwords ----------------------------------------------------------- */

#define DO_PASSWORD(name)                                                                          \
	static enum registry_status name(struct passwords *p, struct registry_error *error)

DO_PASSWORD(password_find)
{
	struct password password;
	enum registry_status status = passwords_find(p, "alice", &password, error);

	assert_true(status != REGISTRY_OK || strcmp(password.hash, "first") == 0);
	return status;
}
static bool see_password(const struct password_row *row, void *arg)
{
	(void)arg;
	assert_true(row->account[0] != '\0');
	return true;
}
DO_PASSWORD(password_walk)
{
	return passwords_walk(p, NULL, see_password, NULL, error);
}
DO_PASSWORD(password_walk_behind)
{
	return passwords_walk_behind(p, "a", see_password, NULL, error);
}
/* Damage is what it looks for: it tells it, and has not failed. */
static bool take_problem(const char *problem, void *found)
{
	snprintf(((struct registry_error *)found)->text, REGISTRY_ERROR_MAX, "%s", problem);
	((struct registry_error *)found)->status = REGISTRY_BAD;
	return true;
}
DO_PASSWORD(password_check)
{
	struct registry_error found = {.status = REGISTRY_OK};
	enum registry_status status = passwords_check(p, take_problem, &found, error);

	if (status == REGISTRY_OK && found.status != REGISTRY_OK)
		*error = found;
	return status == REGISTRY_OK ? found.status : status;
}
DO_PASSWORD(password_set)
{
	return passwords_set(p, "bob", "hash", NOW, error);
}
DO_PASSWORD(password_set_disabled)
{
	return passwords_set_disabled(p, "dave", "hash", NOW, error);
}
DO_PASSWORD(password_rehash)
{
	return passwords_rehash(p, "alice", "first", "second", error);
}
DO_PASSWORD(password_disable)
{
	return passwords_disable(p, "alice", true, error);
}
DO_PASSWORD(password_delete)
{
	return passwords_delete(p, "alice", error);
}

static const struct {
	const char *name;
	enum registry_status (*run)(struct passwords *p, struct registry_error *error);
	bool writes;
} password_deeds[] = {
    READ(password_find),    READ(password_walk),     READ(password_walk_behind),
    READ(password_check),   WRITE(password_set),     WRITE(password_set_disabled),
    WRITE(password_rehash), WRITE(password_disable), WRITE(password_delete),
};

static bool fail_password(struct place *place, struct passwords *p, sqlite3 *onlooker, size_t deed,
                          size_t way, int nth)
{
	int before = version(onlooker);
	enum registry_status status;
	char name[80];

	snprintf(name, sizeof name, "%s, call %d: %s", password_deeds[deed].name, nth,
	         ways[way].name);
	arm(way, nth);
	status = password_deeds[deed].run(p, &place->error);
	if (disarm()) {
		if (status != ways[way].status)
			fail_msg("%s: %d: %s", name, status, place->error.text);
		assert_row(version(onlooker) == before, name);
		return true;
	}
	assert_row(status == REGISTRY_OK, name);
	assert_row((version(onlooker) != before) == password_deeds[deed].writes, name);
	return false;
}

static void the_same_of_passwords(void **state)
{
	struct place *place = *state;
	struct passwords *passwords;
	sqlite3 *onlooker;
	char path[300];

	snprintf(path, sizeof path, "%s/pw", place->directory);
	assert_status(place, passwords_open(path, PASSWORDS_WRITE, 0, &passwords, &place->error),
	              REGISTRY_OK);
	assert_status(place, passwords_set(passwords, "alice", "first", NOW, &place->error),
	              REGISTRY_OK);
	assert_int_equal(sqlite3_open(path, &onlooker), SQLITE_OK);
	for (size_t deed = 0; deed < ROWS(password_deeds); deed++) {
		bool failed = true;

		for (int nth = 1; failed; nth++)
			for (size_t way = 0; way < ROWS(ways) && failed; way++)
				failed = fail_password(place, passwords, onlooker, deed, way, nth);
	}
	assert_int_equal(sqlite3_close(onlooker), SQLITE_OK);
	passwords_close(passwords);
}

/* But for the log that is kept where it can be: while somebody else is busy it is not begun. */
static void passwords_that_cannot_be_opened_are_not(void **state)
{
	struct place *place = *state;
	char path[300];

	snprintf(path, sizeof path, "%s/pw", place->directory);
	for (size_t way = 0; way < ROWS(ways); way++) {
		bool failed = true;

		for (int nth = 1; failed; nth++) {
			struct passwords *passwords = NULL;
			enum registry_status status;

			arm(way, nth);
			status =
			    passwords_open(path, PASSWORDS_WRITE, 0, &passwords, &place->error);
			failed = disarm();
			assert_row((status == REGISTRY_OK) == (passwords != NULL), ways[way].name);
			assert_row(failed || status == REGISTRY_OK, ways[way].name);
			assert_row(!failed || status == ways[way].status ||
			               (status == REGISTRY_OK && ways[way].status == REGISTRY_BUSY),
			           ways[way].name);
			passwords_close(passwords);
		}
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(what_fails_says_so_and_changes_nothing),   TEST(what_cannot_be_opened_is_not),
	    TEST(what_cannot_be_looked_up_is_not_answered), TEST(the_same_of_passwords),
	    TEST(passwords_that_cannot_be_opened_are_not),
	};

	return cmocka_run_group_tests_name("registry_failing", tests, NULL, NULL);
}
