#include "db/usage.h"

#include "db/error.h"
#include "db/file.h"
#include "db/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define APPLICATION_ID 0x50725573 /* "PrUs" */
#define VERSION        1
#define NAME           "usage.sqlite3"

/* Nobody else writes here: who holds a lock for long is no program of ours. */
#define BUSY_MS 200

#define CLAIM_LOOK_MS 50 /* between two looks whether a claim was let go */

struct usage_store {
	struct handle handle;
	char *path;
	struct file_look look; /* at what was opened */
	sqlite3_stmt *put;
};

char *usage_store_path(const char *database)
{
	char *path = file_path(database), directory[PATH_MAX], *out = NULL;
	size_t size;

	if (path && file_directory(path, directory)) {
		size = strlen(directory) + sizeof NAME;
		out = malloc(size);
		if (out)
			snprintf(out, size, "%s%s", directory, NAME);
	}
	free(path);
	return out;
}

/* What is to be done with a file that is not what it should be. */
static enum registry_status fail_file(const struct usage_store *store, const char *what,
                                      struct registry_error *error)
{
	return fail(error, REGISTRY_BAD, "%s: %s: move it away, and counting begins anew",
	            store->path, what);
}

/* What the registry's errors advise does not suit this file. */
static enum registry_status ours(const struct usage_store *store, enum registry_status status,
                                 struct registry_error *error)
{
	return status == REGISTRY_BAD ? fail_file(store, "damaged", error) : status;
}

static enum registry_status make(struct usage_store *store, struct registry_error *error)
{
	char sql[1024];

	snprintf(sql, sizeof sql,
	         "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;"
	         "CREATE TABLE usage ("
	         "  account TEXT NOT NULL,"  /* by name */
	         "  quota TEXT NOT NULL,"    /* likewise */
	         "  began INTEGER NOT NULL," /* milliseconds since the epoch */
	         "  ends INTEGER NOT NULL,"
	         "  used INTEGER NOT NULL,"
	         "  PRIMARY KEY (account, quota)"
	         ") STRICT, WITHOUT ROWID;"
	         "CREATE INDEX usage_ends ON usage (ends);"
	         "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
	         APPLICATION_ID, VERSION);
	return handle_run(&store->handle, sql, error);
}

/* An empty one, or one of ours. */
static enum registry_status check(struct usage_store *store, enum usage_store_use use,
                                  struct registry_error *error)
{
	const struct handle *handle = &store->handle;
	int64_t id = 0, version = 0, things = 0;
	enum registry_status status = handle_number(handle, "PRAGMA application_id", &id, error);

	if (status == REGISTRY_OK)
		status = handle_number(handle, "PRAGMA user_version", &version, error);
	if (status == REGISTRY_OK)
		status =
		    handle_number(handle, "SELECT count(*) FROM sqlite_schema", &things, error);
	if (status == REGISTRY_BAD)
		return fail_file(store, "not a database, or damaged", error);
	if (status != REGISTRY_OK)
		return status;
	if (id == 0 && version == 0 && things == 0 && use == USAGE_STORE_WRITE)
		return make(store, error);
	if (id != APPLICATION_ID)
		return fail_file(store, "not a file of counts", error);
	if (version != VERSION)
		return fail_file(store, "of another version", error);
	return REGISTRY_OK;
}

static enum registry_status open_store(struct usage_store *store, enum usage_store_use use,
                                       struct registry_error *error)
{
	enum registry_status status = file_secure(store->path, error);

	if (status == REGISTRY_OK && use == USAGE_STORE_WRITE)
		status = file_create(store->path, error);
	if (status == REGISTRY_OK)
		status = file_look(store->path, use == USAGE_STORE_WRITE, &store->look, error);
	if (status == REGISTRY_OK)
		status = handle_open(&store->handle, store->path,
		                     use == USAGE_STORE_WRITE ? HANDLE_WRITE : HANDLE_READ, error);
	if (status == REGISTRY_BAD)
		return fail_file(store, "not a database, or damaged", error);
	if (status != REGISTRY_OK)
		return status;
	handle_patience(&store->handle, BUSY_MS);
	status = check(store, use, error);
	if (status != REGISTRY_OK || use == USAGE_STORE_READ)
		return status;
	return handle_prepare(&store->handle, &store->put, error,
	                      "INSERT INTO usage (account, quota, began, ends, used) "
	                      "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account, quota) "
	                      "DO UPDATE SET began = ?3, ends = ?4, used = ?5",
	                      "");
}

enum registry_status usage_store_open(const char *path, enum usage_store_use use,
                                      struct usage_store **out, struct registry_error *error)
{
	struct usage_store *store = calloc(1, sizeof *store);
	enum registry_status status;

	*out = NULL;
	if (store)
		store->path = file_path(path);
	if (store && store->path)
		status = open_store(store, use, error);
	else
		status = fail_errno(error, path, ENOMEM);
	if (status == REGISTRY_OK)
		*out = store;
	else
		usage_store_close(store);
	return status;
}

void usage_store_close(struct usage_store *store)
{
	if (!store)
		return;
	sqlite3_finalize(store->put);
	handle_close(&store->handle);
	free(store->path);
	free(store);
}

bool usage_store_there(const struct usage_store *store)
{
	struct registry_error error;
	struct file_look look;

	return file_look(store->path, true, &look, &error) == REGISTRY_OK &&
	       file_same(&look, &store->look);
}

void usage_store_leave(struct usage_store *store)
{
	sqlite3_wal_checkpoint_v2(store->handle.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	usage_store_close(store);
}

/*
 * A lock on the directory, which no other program has a use for: on the file itself it would go with
 * whatever becomes of that. The descriptor is never closed.
 */
enum registry_status usage_store_claim(const char *database, int wait_ms,
                                       struct registry_error *error)
{
	static const struct timespec pause_time = {.tv_nsec = CLAIM_LOOK_MS * 1000000L};
	char *path = file_path(database), directory[PATH_MAX];
	int fd = -1;

	if (path && file_directory(path, directory))
		fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return REGISTRY_OK;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		if (wait_ms <= 0) {
			close(fd);
			return fail(error, REGISTRY_BUSY,
			            "%s: another postreeved keeps its counts here: stop it, or "
			            "give this one a database in a directory of its own",
			            directory);
		}
		nanosleep(&pause_time, NULL);
		wait_ms -= CLAIM_LOOK_MS;
	}
	return REGISTRY_OK;
}

/* ---- reading ------------------------------------------------------------ */

struct walk {
	usage_store_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct usage_store_row out;
	int64_t used;
	enum registry_status status = handle_columns(handle, row, error, "ttiii", &out.account,
	                                             &out.quota, &out.began, &out.ends, &used);

	if (status != REGISTRY_OK)
		return status;
	out.used = used < 0 ? 0 : (uint64_t)used;
	return walk->fn(&out, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status usage_store_walk(struct usage_store *store, const char *account, int64_t now,
                                      usage_store_fn *fn, void *arg, struct registry_error *error)
{
	struct walk walk = {fn, arg};
	enum registry_status status =
	    handle_walk(&store->handle, walk_row, &walk, error,
	                "SELECT account, quota, began, ends, used FROM usage "
	                "WHERE ends > ?1 AND (?2 IS NULL OR account = ?2) "
	                "ORDER BY account, quota",
	                "it", now, account);

	return ours(store, status, error);
}

/* ---- writing ------------------------------------------------------------ */

enum registry_status usage_store_begin(struct usage_store *store, struct registry_error *error)
{
	return ours(store, handle_begin(&store->handle, "BEGIN IMMEDIATE", error), error);
}

enum registry_status usage_store_put(struct usage_store *store, const struct usage_store_row *row,
                                     struct registry_error *error)
{
	int64_t used = row->used > INT64_MAX ? INT64_MAX : (int64_t)row->used;

	return ours(store,
	            handle_change_again(&store->handle, store->put, NULL, error, "ttiii",
	                                row->account, row->quota, row->began, row->ends, used),
	            error);
}

enum registry_status usage_store_end(struct usage_store *store, enum registry_status status,
                                     int64_t now, struct registry_error *error)
{
	/* A bounded number: a million that ended at once are no stall. */
	if (status == REGISTRY_OK)
		status =
		    handle_change(&store->handle, NULL, error,
		                  "DELETE FROM usage WHERE (account, quota) IN "
		                  "(SELECT account, quota FROM usage WHERE ends <= ?1 LIMIT 1000)",
		                  "i", now);
	if (status == REGISTRY_OK)
		status = handle_run(&store->handle, "COMMIT", error);
	if (status != REGISTRY_OK)
		handle_rollback(&store->handle);
	return ours(store, status, error);
}
