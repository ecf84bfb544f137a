#include "tests/fault/place.h"

#include "db/passwords.h"
#include "db/usage.h"
#include "tests/fuzz/check.h"

#include <grp.h>
#include <pwd.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

static const char conf_text[] = "log_format = \"text\"\n"
				"auth_cost = 10\n"
				"exempt_networks = {\"192.0.2.25/32\"}\n"
				"profile default { max_recipients = 10 }\n"
				"profile bulk { messages_per_day = 100 }\n"
				"rule header_from { mode = shadow }\n";

struct place place;

char place_hash[PASSWORD_HASH_MAX];

static void put(const char *path, const char *octets, size_t len)
{
	FILE *stream = fopen(path, "wb");

	CHECK_NOTE(stream && fwrite(octets, 1, len, stream) == len, path);
	CHECK(fclose(stream) == 0);
}

void place_file(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static size_t get(const char *path, char *out)
{
	FILE *stream = fopen(path, "rb");
	size_t len;

	CHECK_NOTE(stream, path);
	len = fread(out, 1, FILE_MAX, stream);
	CHECK(len < FILE_MAX);
	out[len] = '\0';
	fclose(stream);
	return len;
}

const char *place_read(const char *name)
{
	static char text[FILE_MAX];

	get(name, text);
	return text;
}

/* ---- what is there in the beginning ------------------------------------- */

#define GOOD(call) CHECK_NOTE((call) == REGISTRY_OK, error.text)

static void fill_registry(void)
{
	static const char *const accounts[] = {"alice", "bob", "carol"};
	static const char *const alice[] = {"alice@example.com", "@alice.example"};
	static const char *const bob[] = {"bob@example.com"};
	static const char *const sales[] = {"sales@example.com", "@.sales.example"};
	static const char *const networks[] = {"192.0.2.128/25"};
	static const struct registry_limit limits[] = {{"max_recipients", "3"}};
	const struct registry_terms never = {.note = "a test"}, soon = {.expires = PLACE_NOW + 1};
	struct registry_error error;
	struct registry *registry;
	size_t changed;

	GOOD(registry_create(place.database, &error));
	GOOD(registry_open(place.database, REGISTRY_WAIT_MS, &registry, &error));
	registry_as(registry, "tester", PLACE_NOW);
	GOOD(registry_account_add(registry, "alice", "bulk", &error));
	GOOD(registry_account_add(registry, "bob", NULL, &error));
	GOOD(registry_account_add(registry, "carol", NULL, &error));
	GOOD(registry_account_suspend(registry, "carol", "unpaid", &error));
	GOOD(registry_group_add(registry, "%sales", &error));
	GOOD(registry_group_add(registry, "%empty", &error));
	GOOD(registry_member_add(registry, "%sales", accounts, 2, &changed, &error));
	GOOD(registry_grant_add(registry, "alice", alice, 2, &never, &changed, &error));
	GOOD(registry_grant_add(registry, "bob", bob, 1, &never, &changed, &error));
	GOOD(registry_grant_add(registry, "carol", bob, 1, &soon, &changed, &error));
	GOOD(registry_grant_add(registry, "%sales", sales, 2, &never, &changed, &error));
	GOOD(registry_limit_set(registry, "bob", limits, 1, &changed, &error));
	GOOD(registry_network_add(registry, "alice", networks, 1, &changed, &error));
	registry_close(registry);
}

static void fill_usage(void)
{
	const struct usage_store_row row = {"alice", "messages_per_day", PLACE_NOW * INT64_C(1000),
	                                    INT64_C(1) << 60, 42};
	struct registry_error error;
	struct usage_store *store;

	GOOD(usage_store_open(place.usage, USAGE_STORE_WRITE, &store, &error));
	GOOD(usage_store_begin(store, &error));
	GOOD(usage_store_put(store, &row, &error));
	GOOD(usage_store_end(store, REGISTRY_OK, PLACE_NOW * INT64_C(1000), &error));
	usage_store_close(store);
}

static void fill_passwords(void)
{
	static const char *const accounts[] = {"alice", "carol"};
	struct passwords *passwords;
	struct registry_error error;

	CHECK(hash_make("secret", strlen("secret"), 10, place_hash));
	GOOD(
	    passwords_open(place.passwords, PASSWORDS_WRITE, REGISTRY_WAIT_MS, &passwords, &error));
	for (size_t i = 0; i < 2; i++)
		GOOD(passwords_set(passwords, accounts[i], place_hash, PLACE_NOW, &error));
	GOOD(passwords_disable(passwords, "carol", true, &error));
	passwords_close(passwords);
}

/* As the first version of the programs made it. */
static void fill_old(void)
{
	static const char sql[] =
	    "PRAGMA journal_mode=WAL;"
	    "CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
	    " profile TEXT NOT NULL, suspended TEXT, created INTEGER NOT NULL) STRICT;"
	    "CREATE TABLE sender_grant (account INTEGER NOT NULL REFERENCES account ON DELETE "
	    "CASCADE,"
	    " pattern TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, pattern))"
	    " STRICT, WITHOUT ROWID;"
	    "INSERT INTO account VALUES (1, 'alice', 'default', NULL, 1700000000);"
	    "INSERT INTO sender_grant VALUES (1, 'alice@example.com', 1700000000);"
	    "PRAGMA application_id=1349670501; PRAGMA user_version=1;";
	sqlite3 *db;

	CHECK(sqlite3_open(place.database, &db) == SQLITE_OK);
	CHECK_NOTE(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	CHECK(sqlite3_close(db) == SQLITE_OK);
}

/* ---- back to that ------------------------------------------------------- */

/* The files of each base, as they were made; no octets where there is none. */
#define FILES 3
static struct {
	char *octets;
	size_t len;
} kept[BASES][FILES];

static const char *file_name(int file)
{
	const char *const names[FILES] = {place.database, place.usage, place.passwords};

	return names[file];
}

static void remove_databases(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char path[PLACE_MAX + 48];

	for (int file = 0; file < FILES; file++)
		for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
			snprintf(path, sizeof path, "%s%s", file_name(file), suffixes[i]);
			unlink(path);
		}
}

static void keep(enum place_base base)
{
	for (int file = 0; file < FILES; file++) {
		char *octets = malloc(FILE_MAX);

		CHECK(octets);
		if (access(file_name(file), F_OK) == 0) {
			kept[base][file].len = get(file_name(file), octets);
			kept[base][file].octets = realloc(octets, kept[base][file].len);
		} else {
			free(octets);
		}
	}
	remove_databases();
}

void place_restore(enum place_base base)
{
	remove_databases();
	for (int file = 0; file < FILES; file++)
		if (kept[base][file].octets)
			put(file_name(file), kept[base][file].octets, kept[base][file].len);
}

/* ---- the place itself --------------------------------------------------- */

static pid_t maker;

static void remove_place(void)
{
	char command[PLACE_MAX + 16];

	if (getpid() != maker)
		return;
	snprintf(command, sizeof command, "rm -rf '%s'", place.directory);
	CHECK(chdir("/") == 0 && system(command) == 0);
}

static void become_nobody(void)
{
	const struct passwd *nobody = getpwnam("nobody");

	CHECK(nobody && chown(place.directory, nobody->pw_uid, nobody->pw_gid) == 0);
	CHECK(setgroups(0, NULL) == 0 && setgid(nobody->pw_gid) == 0 &&
	      setuid(nobody->pw_uid) == 0);
}

static void write_configuration(void)
{
	const struct passwd *me = getpwuid(geteuid());
	char text[4096];

	CHECK(me);
	snprintf(text, sizeof text,
	         "socket = \"local:%s/milter.sock\"\ndatabase = \"%s\"\nuser = \"%s\"\n"
	         "auth_database = \"%s\"\nauth_user = \"%s\"\n%s",
	         place.directory, place.database, me->pw_name, place.passwords, me->pw_name,
	         conf_text);
	place_file("conf", text);
}

void place_make(void)
{
	const char *tmp = getenv("TMPDIR");
	size_t size = sizeof place.directory;

	umask(022);
	CHECK(snprintf(place.directory, size, "%s/fault.XXXXXX", tmp ? tmp : "/tmp") < 400);
	CHECK(mkdtemp(place.directory));
	if (geteuid() == 0)
		become_nobody();
	CHECK(chdir(place.directory) == 0);
	maker = getpid();
	atexit(remove_place);
	umask(077);
	snprintf(place.database, sizeof place.database, "%s/db", place.directory);
	snprintf(place.usage, sizeof place.usage, "%s/usage.sqlite3", place.directory);
	snprintf(place.passwords, sizeof place.passwords, "%s/passwords", place.directory);
	write_configuration();
	keep(BASE_NONE);
	fill_old();
	keep(BASE_OLD);
	fill_registry();
	fill_usage();
	fill_passwords();
	keep(BASE_FULL);
}
