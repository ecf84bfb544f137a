#include "db/handle.h"

#include "db/error.h"
#include "db/file.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Far over the longest row that is ours, far under what would hurt. */
#define ROW_MAX 100000

struct use {
	int flags;
	int busy_ms;
	const char *settings;
};

/*
 * No memory mapping: a file that somebody truncates would then be a SIGBUS. The reader's cache is
 * small since there are many readers; the pages of the hot paths fit.
 */
static const struct use uses[] = {
    [HANDLE_READ] = {SQLITE_OPEN_READONLY, READER_BUSY_MS,
                     "PRAGMA query_only=ON; PRAGMA cache_size=-512"},
    [HANDLE_WRITE] = {SQLITE_OPEN_READWRITE, WRITER_BUSY_MS, "PRAGMA synchronous=FULL"},
};

/* Counting memory would take one process-wide lock at each allocation. */
static void engine_init(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Whether the file and its directory may be written to: 0, or an errno value. */
static int writable(const char *path)
{
	char directory[PATH_MAX];

	if (access(path, W_OK) != 0)
		return errno;
	return file_directory(path, directory) && access(directory, W_OK) != 0 ? errno : 0;
}

static enum registry_status fail_system(const struct handle *handle, struct registry_error *error)
{
	int code = sqlite3_errcode(handle->db) & 0xff, errnum = 0;

	/*
	 * SQLite tries again read-only where it may not write, and keeps the errno of that alone.
	 */
	if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN)
		errnum = writable(handle->path);
	if (errnum == 0)
		errnum = sqlite3_system_errno(handle->db);
	/* What is missing is a file beside it then, that could not be made. */
	if (errnum == ENOENT && access(handle->path, F_OK) == 0)
		errnum = EIO;
	if (errnum == 0)
		errnum = code == SQLITE_READONLY ? EACCES : EIO;
	return fail_errno(error, handle->path, errnum);
}

enum registry_status handle_fail(const struct handle *handle, struct registry_error *error)
{
	int code = sqlite3_extended_errcode(handle->db);

	switch (code) {
	case SQLITE_IOERR_NOMEM:
		code = SQLITE_NOMEM;
		break;
	case SQLITE_IOERR_SHORT_READ:
		code = SQLITE_CORRUPT;
		break;
	default:
		code &= 0xff;
	}
	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return fail(error, REGISTRY_BUSY, "%s: another program is writing to it: try again",
		            handle->path);
	case SQLITE_NOMEM:
		return fail(error, REGISTRY_NO_MEMORY, "%s: out of memory", handle->path);
	case SQLITE_FULL:
		return fail_errno(error, handle->path, ENOSPC);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return fail_system(handle, error);
	default:
		/* SQLite says so of a page, too, that the disk cannot read. */
		return fail(error, REGISTRY_BAD,
		            "%s: not a registry, or damaged (%s): see to the disk, or restore it "
		            "from a backup",
		            handle->path, sqlite3_errmsg(handle->db));
	}
}

enum registry_status handle_run(const struct handle *handle, const char *sql,
                                struct registry_error *error)
{
	if (sqlite3_exec(handle->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return handle_fail(handle, error);
	return REGISTRY_OK;
}

enum registry_status handle_begin(const struct handle *handle, const char *sql,
                                  struct registry_error *error)
{
	enum registry_status status = REGISTRY_OK;

	if (!sqlite3_get_autocommit(handle->db))
		status = handle_run(handle, "ROLLBACK", error);
	return status == REGISTRY_OK ? handle_run(handle, sql, error) : status;
}

void handle_rollback(const struct handle *handle)
{
	if (!sqlite3_get_autocommit(handle->db))
		sqlite3_exec(handle->db, "ROLLBACK", NULL, NULL, NULL);
}

enum registry_status handle_open(struct handle *handle, const char *path, enum handle_use use,
                                 struct registry_error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum registry_status status;

	pthread_once(&once, engine_init);
	handle->path = path;
	/* Each handle is used by one thread at a time: it needs no mutex of its own. */
	if (sqlite3_open_v2(path, &handle->db,
	                    uses[use].flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	                    NULL) != SQLITE_OK) {
		status = handle->db ? handle_fail(handle, error) : fail_errno(error, path, ENOMEM);
		goto out;
	}
	sqlite3_busy_timeout(handle->db, uses[use].busy_ms);
	sqlite3_limit(handle->db, SQLITE_LIMIT_LENGTH, ROW_MAX);
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	status = handle_run(handle, "PRAGMA cell_size_check=ON", error);
	if (status == REGISTRY_OK)
		status = handle_run(handle, uses[use].settings, error);
out:
	if (status != REGISTRY_OK)
		handle_close(handle);
	return status;
}

void handle_patience(const struct handle *handle, int ms)
{
	sqlite3_busy_timeout(handle->db, ms);
}

void handle_close(struct handle *handle)
{
	sqlite3_close(handle->db);
	handle->db = NULL;
}

static bool bind(sqlite3_stmt *statement, const char *types, va_list args)
{
	int rc = SQLITE_OK;

	for (int i = 0; types[i] && rc == SQLITE_OK; i++)
		if (types[i] == 'i')
			rc = sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
		else
			rc = sqlite3_bind_text(statement, i + 1, va_arg(args, const char *), -1,
			                       SQLITE_STATIC);
	return rc == SQLITE_OK;
}

static enum registry_status prepare(const struct handle *handle, sqlite3_stmt **out,
                                    struct registry_error *error, const char *sql,
                                    const char *types, va_list args)
{
	enum registry_status status = REGISTRY_OK;

	*out = NULL;
	if (sqlite3_prepare_v2(handle->db, sql, -1, out, NULL) != SQLITE_OK ||
	    !bind(*out, types, args)) {
		status = handle_fail(handle, error);
		sqlite3_finalize(*out);
		*out = NULL;
	}
	return status;
}

enum registry_status handle_prepare(const struct handle *handle, sqlite3_stmt **out,
                                    struct registry_error *error, const char *sql,
                                    const char *types, ...)
{
	enum registry_status status;
	va_list args;

	va_start(args, types);
	status = prepare(handle, out, error, sql, types, args);
	va_end(args);
	return status;
}

enum registry_status handle_change(const struct handle *handle, size_t *changed,
                                   struct registry_error *error, const char *sql, const char *types,
                                   ...)
{
	enum registry_status status;
	sqlite3_stmt *statement;
	va_list args;

	va_start(args, types);
	status = prepare(handle, &statement, error, sql, types, args);
	va_end(args);
	if (status != REGISTRY_OK)
		return status;
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = handle_fail(handle, error);
	else if (changed)
		*changed = (size_t)sqlite3_changes64(handle->db);
	sqlite3_finalize(statement);
	return status;
}

enum registry_status handle_change_again(const struct handle *handle, sqlite3_stmt *statement,
                                         size_t *changed, struct registry_error *error,
                                         const char *types, ...)
{
	enum registry_status status = REGISTRY_OK;
	va_list args;
	bool bound;

	va_start(args, types);
	bound = bind(statement, types, args);
	va_end(args);
	if (!bound || sqlite3_step(statement) != SQLITE_DONE)
		status = handle_fail(handle, error);
	else if (changed)
		*changed = (size_t)sqlite3_changes64(handle->db);
	sqlite3_reset(statement);
	return status;
}

enum registry_status handle_find_again(const struct handle *handle, sqlite3_stmt *statement,
                                       struct registry_error *error, const char *types, ...)
{
	va_list args;
	bool bound;

	va_start(args, types);
	bound = bind(statement, types, args);
	va_end(args);
	if (bound)
		switch (sqlite3_step(statement)) {
		case SQLITE_ROW:
			return REGISTRY_OK;
		case SQLITE_DONE:
			return REGISTRY_UNCHANGED;
		}
	return handle_fail(handle, error);
}

enum registry_status handle_walk(const struct handle *handle, handle_row_fn *fn, void *arg,
                                 struct registry_error *error, const char *sql, const char *types,
                                 ...)
{
	enum registry_status status;
	sqlite3_stmt *row;
	va_list args;
	int rc = SQLITE_ROW;

	va_start(args, types);
	status = prepare(handle, &row, error, sql, types, args);
	va_end(args);
	while (status == REGISTRY_OK && (rc = sqlite3_step(row)) == SQLITE_ROW)
		status = fn(handle, row, arg, error);
	if (status == REGISTRY_OK && rc != SQLITE_DONE)
		status = handle_fail(handle, error);
	sqlite3_finalize(row);
	return status == REGISTRY_UNCHANGED ? REGISTRY_OK : status;
}

enum registry_status handle_columns(const struct handle *handle, sqlite3_stmt *row,
                                    struct registry_error *error, const char *types, ...)
{
	enum registry_status status = REGISTRY_OK;
	va_list args;

	va_start(args, types);
	for (int i = 0; types[i] && status == REGISTRY_OK; i++)
		if (types[i] == 'i')
			*va_arg(args, int64_t *) = sqlite3_column_int64(row, i);
		else
			status = handle_text(handle, row, i, va_arg(args, const char **), error);
	va_end(args);
	return status;
}

enum registry_status handle_number(const struct handle *handle, const char *sql, int64_t *out,
                                   struct registry_error *error)
{
	sqlite3_stmt *statement;
	enum registry_status status = handle_prepare(handle, &statement, error, sql, "");

	if (status != REGISTRY_OK)
		return status;
	if (sqlite3_step(statement) == SQLITE_ROW)
		*out = sqlite3_column_int64(statement, 0);
	else
		status = handle_fail(handle, error);
	sqlite3_finalize(statement);
	return status;
}

enum registry_status handle_text(const struct handle *handle, sqlite3_stmt *statement, int column,
                                 const char **out, struct registry_error *error)
{
	*out = (const char *)sqlite3_column_text(statement, column);
	if (*out && strlen(*out) == (size_t)sqlite3_column_bytes(statement, column))
		return REGISTRY_OK;
	if (sqlite3_errcode(handle->db) == SQLITE_NOMEM)
		return handle_fail(handle, error);
	return fail(error, REGISTRY_BAD, "%s: damaged: text was expected: restore it from a backup",
	            handle->path);
}
