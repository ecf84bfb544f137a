#include "db/writer.h"

#include "db/error.h"
#include "db/file.h"
#include "db/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOG_AHEAD_PAUSE_MS 20

/*
 * A registry of a newer schema, or another program's database, stays as it is to the last octet:
 * until it is known to be ours, closing it must not move its log into it.
 */
static void keep_log(const struct handle *handle, int keep)
{
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL);
}

/* The mode is a property of the file: it says "wal" already unless somebody changed it. */
static enum registry_status set_log_ahead(const struct handle *handle, struct registry_error *error)
{
	sqlite3_stmt *statement;
	enum registry_status status;

	handle_rollback(handle); /* one that memory was short for stands in the way */
	status = handle_prepare(handle, &statement, error, "PRAGMA journal_mode=WAL", "");
	if (status != REGISTRY_OK)
		return status;
	if (sqlite3_step(statement) != SQLITE_ROW)
		status = handle_fail(handle, error);
	else if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0)
		status = fail(error, REGISTRY_IO, "%s: no write-ahead log can be kept on this disk",
		              handle->path);
	sqlite3_finalize(statement);
	return status;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Where somebody else writes, SQLite refuses the switch at once, since the handle reads already:
 * one of those who make the registry at the same time would fail. Where somebody reads, it waits.
 */
static enum registry_status log_ahead(const struct handle *handle, int wait_ms,
                                      struct registry_error *error)
{
	static const struct timespec pause_time = {.tv_nsec = LOG_AHEAD_PAUSE_MS * 1000000L};
	int64_t until = now_ms() + wait_ms, left = wait_ms;
	enum registry_status status;

	for (;;) {
		handle_patience(handle, (int)left);
		status = set_log_ahead(handle, error);
		left = until - now_ms();
		if (status != REGISTRY_BUSY || left <= 0)
			break;
		nanosleep(&pause_time, NULL);
	}
	handle_patience(handle, wait_ms);
	return status;
}

enum registry_status registry_create(const char *path, struct registry_error *error)
{
	struct handle handle = {.db = NULL};
	char *copy = file_path(path);
	struct file_look look;
	enum registry_status status, ready;

	if (!copy)
		return fail_errno(error, path, ENOMEM);
	status = file_secure(copy, error);
	if (status == REGISTRY_OK)
		status = file_create(copy, error);
	if (status != REGISTRY_OK)
		goto out;
	/* Made just now, or by somebody at whose death it was still empty: both may be filled. */
	status = file_look(copy, true, &look, error);
	if (status == REGISTRY_OK)
		status = handle_open(&handle, copy, HANDLE_WRITE, error);
	if (status != REGISTRY_OK)
		goto out;
	keep_log(&handle, 1);
	status = schema_apply(&handle, error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		goto out;
	keep_log(&handle, 0);
	ready = log_ahead(&handle, WRITER_BUSY_MS, error);
	if (ready != REGISTRY_OK)
		status = ready;
out:
	handle_close(&handle);
	free(copy);
	return status;
}

enum registry_status registry_open(const char *path, int wait_ms, struct registry **out,
                                   struct registry_error *error)
{
	struct registry *registry = calloc(1, sizeof *registry);
	enum registry_status status;
	struct file_look look;

	*out = NULL;
	if (registry) {
		registry->path = file_path(path);
		registry->wait_ms = wait_ms;
		registry->who = "";
	}
	if (!registry || !registry->path) {
		status = fail_errno(error, path, ENOMEM);
		goto out;
	}
	status = file_secure(registry->path, error);
	if (status == REGISTRY_OK)
		status = file_look(registry->path, false, &look, error);
	if (status == REGISTRY_OK)
		status = handle_open(&registry->handle, registry->path, HANDLE_WRITE, error);
	if (status != REGISTRY_OK)
		goto out;
	handle_patience(&registry->handle, wait_ms);
	keep_log(&registry->handle, 1);
	status = schema_check(&registry->handle, error);
	if (status != REGISTRY_OK)
		goto out;
	keep_log(&registry->handle, 0);
	status = log_ahead(&registry->handle, wait_ms, error);
out:
	if (status == REGISTRY_OK)
		*out = registry;
	else
		registry_close(registry);
	return status;
}

void registry_close(struct registry *registry)
{
	if (!registry)
		return;
	handle_close(&registry->handle);
	free(registry->path);
	free(registry);
}

void registry_as(struct registry *registry, const char *who, int64_t now)
{
	registry->who = who;
	registry->now = now;
}

/* The last change that is written down. */
static enum registry_status last_change(const struct registry *registry, int64_t *id,
                                        struct registry_error *error)
{
	return handle_number(&registry->handle, "SELECT coalesce(max(id), 0) FROM change", id,
	                     error);
}

enum registry_status writer_begin(struct registry *registry, struct registry_error *error)
{
	enum registry_status status;

	registry->last = registry->behind; /* nothing yet */
	status = handle_begin(&registry->handle, "BEGIN IMMEDIATE", error);
	if (status != REGISTRY_OK)
		return status;
	/* Whoever wrote last may have been of a newer version. */
	status = schema_check(&registry->handle, error);
	if (status == REGISTRY_OK)
		status = last_change(registry, &registry->behind, error);
	if (status != REGISTRY_OK)
		writer_end(registry, status, error);
	return status;
}

enum registry_status writer_end(struct registry *registry, enum registry_status status,
                                struct registry_error *error)
{
	sqlite3 *db = registry->handle.db;

	registry->last = registry->behind;
	if (status == REGISTRY_OK)
		status = last_change(registry, &registry->last, error);
	if (status == REGISTRY_OK)
		status = handle_run(&registry->handle, "COMMIT", error);
	if (status != REGISTRY_OK) {
		registry->last = registry->behind;
		handle_rollback(&registry->handle);
		return status;
	}
	/*
	 * The change is in the log and on the disk. Now into the database with it and the log
	 * emptied, if no reader is in the way for long: people replace and copy the file alone, and
	 * a log that stays behind would be taken for the new file's.
	 */
	handle_patience(&registry->handle, READER_BUSY_MS);
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	handle_patience(&registry->handle, registry->wait_ms);
	return REGISTRY_OK;
}

enum registry_status writer_note(struct registry *registry, const char *what, const char *account,
                                 const char *item, const char *before, const char *after,
                                 struct registry_error *error)
{
	return handle_change(&registry->handle, NULL, error, NOTE_SQL, "itttttt", registry->now,
	                     registry->who, what, account, item, before, after);
}

enum registry_status writer_no_holder(const char *name, struct registry_error *error)
{
	return fail(error, REGISTRY_NOT_FOUND,
	            name[0] == '%' ? "%s: no such group: see `postreeve group list'"
	                           : "%s: no such account: see `postreeve account list'",
	            name);
}

enum registry_status writer_holder(struct registry *registry, enum holder_kind kind,
                                   const char *name, int64_t *id, struct registry_error *error)
{
	static const char *const sql[] = {
	    [HOLDER_ACCOUNT] = "SELECT id FROM account WHERE name = ?1 AND NOT is_group",
	    [HOLDER_GROUP] = "SELECT id FROM account WHERE name = ?1 AND is_group",
	    [HOLDER_ANY] = "SELECT id FROM account WHERE name = ?1",
	};
	sqlite3_stmt *statement;
	enum registry_status status =
	    handle_prepare(&registry->handle, &statement, error, sql[kind], "t", name);

	if (status != REGISTRY_OK)
		return status;
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		*id = sqlite3_column_int64(statement, 0);
		break;
	case SQLITE_DONE:
		status = writer_no_holder(name, error);
		break;
	default:
		status = handle_fail(&registry->handle, error);
	}
	sqlite3_finalize(statement);
	return status;
}

enum registry_status writer_walk_of(struct registry *registry, enum holder_kind kind,
                                    const char *name, handle_row_fn *fn, void *arg,
                                    struct registry_error *error, const char *sql)
{
	int64_t id = 0;
	enum registry_status status = handle_begin(&registry->handle, "BEGIN", error);

	if (status != REGISTRY_OK)
		return status;
	if (name)
		status = writer_holder(registry, kind, name, &id, error);
	if (status == REGISTRY_OK)
		status = handle_walk(&registry->handle, fn, arg, error, sql, "i", id);
	handle_rollback(&registry->handle);
	return status;
}

enum registry_status writer_each(struct registry *registry, enum holder_kind kind, const char *name,
                                 size_t count, writer_each_fn *fn, void *arg, size_t *changed,
                                 struct registry_error *error)
{
	int64_t holder;
	enum registry_status status = writer_begin(registry, error);

	*changed = 0;
	if (status != REGISTRY_OK)
		return status;
	status = writer_holder(registry, kind, name, &holder, error);
	for (size_t i = 0; i < count && status == REGISTRY_OK; i++) {
		status = fn(registry, holder, name, i, arg, error);
		if (status == REGISTRY_OK)
			++*changed;
		else if (status == REGISTRY_UNCHANGED)
			status = REGISTRY_OK;
	}
	if (status == REGISTRY_OK && *changed == 0)
		status = REGISTRY_UNCHANGED;
	status = writer_end(registry, status, error);
	if (status != REGISTRY_OK)
		*changed = 0;
	return status;
}
