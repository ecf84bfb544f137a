/* The daemon's handles, and what it asks. */
#include "db/error.h"
#include "db/file.h"
#include "db/handle.h"
#include "db/schema.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* libmilter runs few callbacks at once, and each has its handle for microseconds. */
#define READERS_MAX 16
/* How long a lookup waits for a handle, in milliseconds: a callback must not block. */
#define WAIT_MS 100

enum statement {
	VERSION,
	ACCOUNT,
	GRANT,
	GROUP_GRANT,
	LIMIT,
	ANY_NETWORK,
	NETWORK,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [VERSION] = "PRAGMA user_version",
    [ACCOUNT] = "SELECT id, profile, suspended IS NOT NULL,"
		" EXISTS (SELECT 1 FROM membership WHERE account = id),"
		" EXISTS (SELECT 1 FROM account_limit WHERE account = id) "
		"FROM account WHERE name = ?1 AND NOT is_group",
    [GRANT] = "SELECT 1 FROM sender_grant WHERE account = ?1 AND pattern = ?2 "
	      "AND (expires IS NULL OR expires > ?3)",
    [GROUP_GRANT] = "SELECT 1 FROM membership AS m "
		    "CROSS JOIN sender_grant AS g ON g.account = m.in_group "
		    "WHERE m.account = ?1 AND g.pattern = ?2 "
		    "AND (g.expires IS NULL OR g.expires > ?3) LIMIT 1",
    [LIMIT] = "SELECT name, value FROM account_limit WHERE account = ?1",
    [ANY_NETWORK] = "SELECT 1 FROM network LIMIT 1",
    [NETWORK] = "SELECT a.name FROM network AS n CROSS JOIN account AS a ON a.id = n.account "
		"WHERE n.network = ?1",
};

struct reader {
	struct handle handle;
	sqlite3_stmt *statement[STATEMENTS];
};

/*
 * All open handles are of one file, as `file` saw it. When a look shows that the file was replaced,
 * or written to, all of them are closed before the first new one is opened:
 *   - A handle in WAL mode trusts its cache, and the index of the log that all handles of a process
 *     share, as long as no SQLite writes. What cp(1) puts into the file would not be noticed.
 *   - A new handle on a new file of the old name would cut short the old -shm, which old handles
 *     have mapped: they would die of SIGBUS.
 * The programs' changes go into the file as well, so each of them has the handles opened anew.
 */
struct registry_reader {
	pthread_mutex_t lock; /* over all below but path, and what is not idle */
	pthread_cond_t given_back;
	struct file_look file;
	size_t idle_count;
	struct reader *idle[READERS_MAX]; /* last in, first out: its cache is the warmest */
	struct reader reader[READERS_MAX];
	char *path;
};

struct registry_reader *registry_reader_new(const char *path)
{
	struct registry_reader *pool = calloc(1, sizeof *pool);
	pthread_condattr_t attributes;
	bool ready = false;

	if (!pool)
		return NULL;
	pool->path = file_path(path);
	if (!pool->path || pthread_condattr_init(&attributes) != 0)
		goto out;
	/* A step of the wall clock must not make the wait longer. */
	if (pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	    pthread_cond_init(&pool->given_back, &attributes) == 0) {
		ready = pthread_mutex_init(&pool->lock, NULL) == 0;
		if (!ready)
			pthread_cond_destroy(&pool->given_back);
	}
	pthread_condattr_destroy(&attributes);
	while (pool->idle_count < READERS_MAX) {
		pool->idle[pool->idle_count] = &pool->reader[pool->idle_count];
		pool->idle_count++;
	}
out:
	if (!ready) {
		free(pool->path);
		free(pool);
		pool = NULL;
	}
	return pool;
}

static void reader_close(struct reader *reader)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(reader->statement[i]);
		reader->statement[i] = NULL;
	}
	handle_close(&reader->handle);
}

void registry_reader_free(struct registry_reader *pool)
{
	if (!pool)
		return;
	assert(pool->idle_count == READERS_MAX);
	for (size_t i = 0; i < READERS_MAX; i++)
		reader_close(&pool->reader[i]);
	pthread_cond_destroy(&pool->given_back);
	pthread_mutex_destroy(&pool->lock);
	free(pool->path);
	free(pool);
}

/* A reader of the file that is there now; whether it is open, it says itself. */
static enum registry_status take(struct registry_reader *pool, struct reader **out,
                                 struct registry_error *error)
{
	enum registry_status status;
	struct timespec until;
	struct file_look now;
	int waited = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		/* Under the lock: a look from before somebody else's would undo it. */
		status = file_look(pool->path, false, &now, error);
		if (status != REGISTRY_OK)
			break;
		if (!file_unchanged(&now, &pool->file) && pool->idle_count == READERS_MAX) {
			for (size_t i = 0; i < READERS_MAX; i++)
				reader_close(&pool->reader[i]);
			pool->file = now;
		}
		if (file_unchanged(&now, &pool->file) && pool->idle_count > 0) {
			*out = pool->idle[--pool->idle_count];
			break;
		}
		if (waited != 0) {
			status = fail(error, REGISTRY_BUSY, "%s: all handles are in use: try again",
			              pool->path);
			break;
		}
		waited = pthread_cond_timedwait(&pool->given_back, &pool->lock, &until);
	}
	pthread_mutex_unlock(&pool->lock);
	return status;
}

static void give_back(struct registry_reader *pool, struct reader *reader)
{
	pthread_mutex_lock(&pool->lock);
	pool->idle[pool->idle_count++] = reader;
	pthread_cond_broadcast(&pool->given_back);
	pthread_mutex_unlock(&pool->lock);
}

static enum registry_status reader_prepare(struct reader *reader, struct registry_error *error)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(reader->handle.db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &reader->statement[i], NULL) != SQLITE_OK)
			return handle_fail(&reader->handle, error);
	return REGISTRY_OK;
}

/* *moved: another file had come to the name meanwhile, and neither of them may be meant. */
static enum registry_status reader_open(const struct registry_reader *pool, struct reader *reader,
                                        bool *moved, struct registry_error *error)
{
	struct file_look now;
	enum registry_status status = file_secure(pool->path, error);

	if (status == REGISTRY_OK)
		status = handle_open(&reader->handle, pool->path, HANDLE_READ, error);
	if (status == REGISTRY_OK)
		status = schema_check(&reader->handle, error);
	if (status == REGISTRY_OK)
		status = reader_prepare(reader, error);
	/* Nobody changes pool->file while a reader is out. */
	*moved = file_look(pool->path, false, &now, error) != REGISTRY_OK ||
	         !file_same(&now, &pool->file);
	if (status == REGISTRY_OK && *moved)
		status = fail(error, REGISTRY_BUSY, "%s: is being replaced: try again", pool->path);
	return status;
}

/* What a lookup asks, and where the answer goes. */
struct question {
	const char *account;
	const char *const *keys; /* patterns, or networks */
	size_t count;
	int64_t now;
	struct registry_answer *answer;
	char *name; /* of the account that a network stands for */
};
typedef enum registry_status find_fn(struct reader *reader, const struct question *question,
                                     struct registry_error *error);

/* Whether the account, or a group of it, holds a live grant on the pattern. */
static enum registry_status holds(struct reader *reader, enum statement statement, int64_t account,
                                  const char *pattern, int64_t now, bool *out,
                                  struct registry_error *error)
{
	sqlite3_stmt *row = reader->statement[statement];
	enum registry_status status =
	    handle_find_again(&reader->handle, row, error, "iti", account, pattern, now);

	sqlite3_reset(row);
	*out = status == REGISTRY_OK;
	return status == REGISTRY_UNCHANGED ? REGISTRY_OK : status;
}

static enum registry_status find_grant(struct reader *reader, int64_t account, bool in_groups,
                                       const struct question *question,
                                       struct registry_error *error)
{
	enum registry_status status = REGISTRY_OK;
	bool found = false;
	size_t i;

	for (i = 0; i < question->count; i++) {
		status =
		    holds(reader, GRANT, account, question->keys[i], question->now, &found, error);
		if (status == REGISTRY_OK && !found && in_groups)
			status = holds(reader, GROUP_GRANT, account, question->keys[i],
			               question->now, &found, error);
		if (status != REGISTRY_OK || found)
			break;
	}
	question->answer->match = i;
	return status;
}

static enum registry_status damaged(const struct reader *reader, const char *what,
                                    struct registry_error *error)
{
	return fail(error, REGISTRY_BAD, "%s: damaged: %s", reader->handle.path, what);
}

static enum registry_status find_limits(struct reader *reader, int64_t account,
                                        struct registry_answer *out, struct registry_error *error)
{
	sqlite3_stmt *row = reader->statement[LIMIT];
	const struct handle *handle = &reader->handle;
	const char *name, *value;
	enum registry_status status = handle_find_again(handle, row, error, "i", account);
	int rc = SQLITE_ROW;

	while (status == REGISTRY_OK && rc == SQLITE_ROW) {
		struct registry_limit *limit = &out->limits[out->limit_count++];

		status = handle_columns(handle, row, error, "tt", &name, &value);
		if (status != REGISTRY_OK)
			return status;
		if (strlen(name) > REGISTRY_LIMIT_NAME_MAX ||
		    strlen(value) > REGISTRY_LIMIT_VALUE_MAX)
			return damaged(reader, "a limit is too long", error);
		strcpy(limit->name, name);
		strcpy(limit->value, value);
		rc = sqlite3_step(row);
		if (rc == SQLITE_ROW && out->limit_count == REGISTRY_LIMITS_MAX)
			return damaged(reader, "an account has too many limits", error);
	}
	if (status == REGISTRY_OK && rc != SQLITE_DONE)
		return handle_fail(handle, error);
	return status == REGISTRY_UNCHANGED ? REGISTRY_OK : status;
}

static enum registry_status find_account(struct reader *reader, const struct question *question,
                                         struct registry_error *error)
{
	sqlite3_stmt *row = reader->statement[ACCOUNT];
	struct registry_answer *out = question->answer;
	int64_t id, suspended, in_groups, has_limits;
	const char *profile;
	enum registry_status status =
	    handle_find_again(&reader->handle, row, error, "t", question->account);

	if (status == REGISTRY_UNCHANGED)
		return REGISTRY_OK;
	if (status == REGISTRY_OK)
		status = handle_columns(&reader->handle, row, error, "itiii", &id, &profile,
		                        &suspended, &in_groups, &has_limits);
	if (status != REGISTRY_OK)
		return status;
	if (strlen(profile) > REGISTRY_PROFILE_MAX)
		return damaged(reader, "a profile's name is too long", error);
	out->known = true;
	strcpy(out->profile, profile);
	out->suspended = suspended != 0;
	status = find_grant(reader, id, in_groups != 0, question, error);
	if (status == REGISTRY_OK && has_limits)
		status = find_limits(reader, id, out, error);
	return status;
}

static enum registry_status find_network(struct reader *reader, const struct question *question,
                                         struct registry_error *error)
{
	sqlite3_stmt *row = reader->statement[NETWORK];
	const struct handle *handle = &reader->handle;
	const char *name;
	enum registry_status status =
	    handle_find_again(handle, reader->statement[ANY_NETWORK], error, "");

	if (status == REGISTRY_UNCHANGED)
		return REGISTRY_OK; /* as on most machines, and then not each is asked for */
	for (size_t i = 0; i < question->count && status == REGISTRY_OK; i++) {
		status = handle_find_again(handle, row, error, "t", question->keys[i]);
		if (status == REGISTRY_UNCHANGED) {
			sqlite3_reset(row);
			status = REGISTRY_OK;
			continue;
		}
		if (status == REGISTRY_OK)
			status = handle_columns(handle, row, error, "t", &name);
		if (status == REGISTRY_OK && strlen(name) > REGISTRY_ACCOUNT_MAX)
			return damaged(reader, "an account's name is too long", error);
		if (status == REGISTRY_OK)
			strcpy(question->name, name);
		break;
	}
	return status;
}

/* The first statement is left standing on its row: while it does, all read one snapshot. */
static enum registry_status find(struct reader *reader, find_fn *fn,
                                 const struct question *question, struct registry_error *error)
{
	sqlite3_stmt *version = reader->statement[VERSION];
	enum registry_status status = REGISTRY_OK;

	if (sqlite3_step(version) != SQLITE_ROW)
		status = handle_fail(&reader->handle, error);
	if (status == REGISTRY_OK)
		status = schema_judge(&reader->handle, sqlite3_column_int64(version, 0), error);
	if (status == REGISTRY_OK)
		status = fn(reader, question, error);
	/* Those that were not stepped take it too; the first one last. */
	for (size_t i = STATEMENTS; i-- > 0;)
		sqlite3_reset(reader->statement[i]);
	return status;
}

static void forget(const struct question *question)
{
	if (question->answer) {
		memset(question->answer, 0, sizeof *question->answer);
		question->answer->match = question->count;
	}
	if (question->name)
		question->name[0] = '\0';
}

static enum registry_status ask(struct registry_reader *pool, find_fn *fn,
                                const struct question *question, struct registry_error *error)
{
	enum registry_status status = REGISTRY_OK;
	struct reader *reader = NULL;
	bool moved = true;

	for (int tries = 0; tries < 3 && moved; tries++) {
		forget(question);
		moved = false;
		status = take(pool, &reader, error);
		if (status != REGISTRY_OK)
			return status;
		if (!reader->handle.db)
			status = reader_open(pool, reader, &moved, error);
		if (status == REGISTRY_OK)
			status = find(reader, fn, question, error);
		/*
		 * After an error nothing of the handle is trusted; the next lookup opens another.
		 */
		if (status != REGISTRY_OK) {
			forget(question);
			reader_close(reader);
		}
		give_back(pool, reader);
	}
	return status;
}

enum registry_status registry_lookup(struct registry_reader *pool, const char *account,
                                     const char *const *patterns, size_t count, int64_t now,
                                     struct registry_answer *out, struct registry_error *error)
{
	const struct question question = {
	    .account = account, .keys = patterns, .count = count, .now = now, .answer = out};

	return ask(pool, find_account, &question, error);
}

enum registry_status registry_network_lookup(struct registry_reader *pool,
                                             const char *const *networks, size_t count,
                                             char account[REGISTRY_ACCOUNT_MAX + 1],
                                             struct registry_error *error)
{
	const struct question question = {.keys = networks, .count = count, .name = account};

	return ask(pool, find_network, &question, error);
}
