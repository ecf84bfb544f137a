/* The daemon's handles, and the one question that it asks. */
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

struct reader {
	struct handle handle;
	sqlite3_stmt *version, *account, *grant;
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
	sqlite3_finalize(reader->version);
	sqlite3_finalize(reader->account);
	sqlite3_finalize(reader->grant);
	reader->version = reader->account = reader->grant = NULL;
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
	static const char *const sql[] = {
	    "PRAGMA user_version",
	    "SELECT id, profile, suspended IS NOT NULL FROM account WHERE name = ?1",
	    "SELECT 1 FROM sender_grant WHERE account = ?1 AND pattern = ?2",
	};
	sqlite3_stmt **const statement[] = {&reader->version, &reader->account, &reader->grant};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		if (sqlite3_prepare_v3(reader->handle.db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       statement[i], NULL) != SQLITE_OK)
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

static enum registry_status find_grant(struct reader *reader, int64_t account,
                                       const char *const *patterns, size_t count,
                                       struct registry_answer *out, struct registry_error *error)
{
	for (size_t i = 0; i < count && !out->granted; i++) {
		sqlite3_reset(reader->grant);
		if (sqlite3_bind_int64(reader->grant, 1, account) != SQLITE_OK ||
		    sqlite3_bind_text(reader->grant, 2, patterns[i], -1, SQLITE_STATIC) !=
		        SQLITE_OK)
			return handle_fail(&reader->handle, error);
		switch (sqlite3_step(reader->grant)) {
		case SQLITE_ROW:
			out->granted = true;
			break;
		case SQLITE_DONE:
			break;
		default:
			return handle_fail(&reader->handle, error);
		}
	}
	return REGISTRY_OK;
}

/* The first statement is left standing on its row: while it does, all read one snapshot. */
static enum registry_status find(struct reader *reader, const char *account,
                                 const char *const *patterns, size_t count,
                                 struct registry_answer *out, struct registry_error *error)
{
	enum registry_status status;
	const char *profile;

	if (sqlite3_step(reader->version) != SQLITE_ROW)
		return handle_fail(&reader->handle, error);
	status = schema_judge(&reader->handle, sqlite3_column_int64(reader->version, 0), error);
	if (status != REGISTRY_OK)
		return status;
	if (sqlite3_bind_text(reader->account, 1, account, -1, SQLITE_STATIC) != SQLITE_OK)
		return handle_fail(&reader->handle, error);
	switch (sqlite3_step(reader->account)) {
	case SQLITE_ROW:
		break;
	case SQLITE_DONE:
		return REGISTRY_OK;
	default:
		return handle_fail(&reader->handle, error);
	}
	status = handle_text(&reader->handle, reader->account, 1, &profile, error);
	if (status != REGISTRY_OK)
		return status;
	if (strlen(profile) > REGISTRY_PROFILE_MAX)
		return fail(error, REGISTRY_BAD, "%s: damaged: a profile's name is too long",
		            reader->handle.path);
	out->known = true;
	strcpy(out->profile, profile);
	out->suspended = sqlite3_column_int(reader->account, 2) != 0;
	return find_grant(reader, sqlite3_column_int64(reader->account, 0), patterns, count, out,
	                  error);
}

/* Of the statements, those that were not stepped take it too. */
static void reader_reset(struct reader *reader)
{
	sqlite3_reset(reader->grant);
	sqlite3_reset(reader->account);
	sqlite3_reset(reader->version);
}

enum registry_status registry_lookup(struct registry_reader *pool, const char *account,
                                     const char *const *patterns, size_t count,
                                     struct registry_answer *out, struct registry_error *error)
{
	enum registry_status status = REGISTRY_OK;
	struct reader *reader = NULL;
	bool moved = true;

	for (int tries = 0; tries < 3 && moved; tries++) {
		memset(out, 0, sizeof *out);
		moved = false;
		status = take(pool, &reader, error);
		if (status != REGISTRY_OK)
			return status;
		if (!reader->handle.db)
			status = reader_open(pool, reader, &moved, error);
		if (status == REGISTRY_OK) {
			status = find(reader, account, patterns, count, out, error);
			reader_reset(reader);
		}
		/*
		 * After an error nothing of the handle is trusted; the next lookup opens another.
		 */
		if (status != REGISTRY_OK) {
			memset(out, 0, sizeof *out);
			reader_close(reader);
		}
		give_back(pool, reader);
	}
	return status;
}
