#include "tests/unit/registry_place.h"

#include <dirent.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void assert_status_(struct place *place, enum registry_status got, enum registry_status wanted,
                    const char *call, int line)
{
	if (got != wanted)
		fail_msg("line %d: %s gave %d, not %d (%s)", line, call, (int)got, (int)wanted,
		         got > REGISTRY_UNCHANGED ? place->error.text : "");
	if (wanted > REGISTRY_UNCHANGED) {
		assert_int_equal(place->error.status, wanted);
		assert_true(strlen(place->error.text) > 0);
		assert_null(strchr(place->error.text, '\n'));
	}
}

const struct registry_terms never = {.expires = 0};

bool granted(const struct place *place)
{
	return place->answer.known && place->answer.match < 2;
}

struct registry *place_open(struct place *place)
{
	struct registry *registry;

	assert_status(place, registry_open(place->path, REGISTRY_WAIT_MS, &registry, &place->error),
	              REGISTRY_OK);
	registry_as(registry, "tester", NOW);
	return registry;
}

static void fill(struct place *place)
{
	static const char *const alice[] = {"alice@example.com", "@alice.example"};
	static const char *const bob[] = {"bob@example.com"};
	struct registry_error *error = &place->error;
	struct registry *registry = place_open(place);
	size_t changed;

	assert_status(place, registry_account_add(registry, "alice", "bulk", error), REGISTRY_OK);
	assert_status(place, registry_account_add(registry, "bob", NULL, error), REGISTRY_OK);
	assert_status(place, registry_account_suspend(registry, "bob", "unpaid", error),
	              REGISTRY_OK);
	assert_status(place,
	              registry_grant_add(registry, "alice", alice, 2, &never, &changed, error),
	              REGISTRY_OK);
	assert_int_equal(changed, 2);
	assert_status(place, registry_grant_add(registry, "bob", bob, 1, &never, &changed, error),
	              REGISTRY_OK);
	registry_close(registry);
}

/* In memory, if there is such a place: what is kept is synced thousands of times. */
static const char *temporary(void)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp)
		return tmp;
	return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	assert_non_null(place);
	umask(077);
	snprintf(place->directory, sizeof place->directory, "%s/registry.XXXXXX", temporary());
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof place->path, "%s/db", place->directory);
	place->reader = registry_reader_new(place->path);
	assert_non_null(place->reader);
	assert_status(place, registry_create(place->path, &place->error), REGISTRY_OK);
	fill(place);
	*state = place;
	return 0;
}

/* With all that is in it. No child does this, as each test does it: to start three takes longer than most
 * tests. */
static void remove_directory(const char *path)
{
	struct dirent *entry;
	DIR *directory;

	assert_int_equal(chmod(path, 0700), 0);
	directory = opendir(path);
	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		char inner[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		if (unlink(inner) != 0)
			remove_directory(inner);
	}
	closedir(directory);
	assert_int_equal(rmdir(path), 0);
}

int place_teardown(void **state)
{
	struct place *place = *state;

	registry_reader_free(place->reader);
	remove_directory(place->directory);
	free(place);
	return 0;
}

void shell(const struct place *place, const char *format, ...)
{
	char command[4096];
	va_list args;
	int used = snprintf(command, sizeof command, "cd '%s' || exit; db='%s'; ", place->directory,
	                    place->path);

	va_start(args, format);
	used += vsnprintf(command + used, sizeof command - (size_t)used, format, args);
	va_end(args);
	assert_true(used > 0 && (size_t)used < sizeof command);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

void sql(const struct place *place, const char *statements)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, statements, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", statements, message);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int64_t number(const struct place *place, const char *query)
{
	sqlite3_stmt *statement;
	sqlite3 *db;
	int64_t out;

	assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		fail_msg("%s: %s", query, sqlite3_errmsg(db));
	out = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return out;
}

void fingerprint(const struct place *place, char out[64])
{
	char command[512];
	FILE *stream;

	snprintf(command, sizeof command, "cksum < '%s'", place->path);
	stream = popen(command, "r");
	assert_non_null(stream);
	assert_non_null(fgets(out, 64, stream));
	assert_int_equal(pclose(stream), 0);
}

pid_t another_process(const char *work, const char *path)
{
	int ends[2];
	pid_t child;
	char octet;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/proc/self/exe", "test", work, path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &octet, 1), 1);
	close(ends[0]);
	return child;
}

enum registry_status look(struct place *place, const char *account, const char *address)
{
	const char *at = strchr(address, '@');
	const char *patterns[] = {address, at};

	return registry_lookup(place->reader, account, patterns, 2, NOW, &place->answer,
	                       &place->error);
}

void assert_served_(struct place *place, int line)
{
	assert_status_(place, look(place, "alice", "alice@example.com"), REGISTRY_OK, "look", line);
	if (!place->answer.known || place->answer.suspended || !granted(place) ||
	    strcmp(place->answer.profile, "bulk") != 0)
		fail_msg("line %d: alice is not served", line);
}

void assert_known(struct place *place, const char *account, bool known)
{
	assert_status(place, look(place, account, "a@b"), REGISTRY_OK);
	assert_int_equal(place->answer.known, known);
}

void assert_as_it_was(struct place *place)
{
	assert_int_equal(number(place, "SELECT count(*) FROM account"), 2);
	assert_int_equal(number(place, "SELECT count(*) FROM sender_grant"), 3);
	assert_int_equal(number(place, "SELECT count(*) FROM change"), 6);
	assert_served(place);
}

bool note_grant(const struct registry_grant *grant, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, GRANTS_TEXT - used, "%s %s %lld '%s' %lld %s\n", grant->holder,
	         grant->pattern, (long long)grant->expires, grant->note, (long long)grant->created,
	         grant->author);
	return true;
}

void assert_grants(struct place *place, struct registry *registry, const char *holder,
                   const char *wanted)
{
	char got[GRANTS_TEXT] = "";

	assert_status(place, registry_grant_walk(registry, holder, note_grant, got, &place->error),
	              REGISTRY_OK);
	assert_string_equal(got, wanted);
}

static bool note_change(const struct registry_change *change, void *arg)
{
	char *out = arg;
	size_t used = strlen(out);

	snprintf(out + used, 4096 - used, "%s|%s|%s|%s|%s\n", change->what, change->account,
	         change->item, change->before, change->after);
	return true;
}

void assert_own_(struct place *place, struct registry *registry, const char *wanted, int line)
{
	char got[4096] = "";

	assert_status(place, registry_change_walk_own(registry, note_change, got, &place->error),
	              REGISTRY_OK);
	if (strcmp(got, wanted) != 0)
		fail_msg("line %d: the change was written down as\n%snot as\n%s", line, got,
		         wanted);
}
