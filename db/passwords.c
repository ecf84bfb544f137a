#include "db/passwords.h"

#include "db/error.h"
#include "db/file.h"
#include "db/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define APPLICATION_ID 0x50725077 /* "PrPw" */
#define VERSION        1

struct passwords {
	struct handle handle;
	char *path;
	enum passwords_use use;
	struct file_look look; /* at what was opened */
	sqlite3_stmt *find;
};

/* Nobody can guess a password from what is left: there is no way back but a copy. */
static enum registry_status fail_file(const struct passwords *passwords, const char *what,
                                      struct registry_error *error)
{
	return fail(error, REGISTRY_BAD,
	            "%s: %s: put a copy in its place, or move it away and set the passwords anew",
	            passwords->path, what);
}

static enum registry_status fail_missing(const struct passwords *passwords,
                                         struct registry_error *error)
{
	return fail(error, REGISTRY_MISSING,
	            "%s: there are no passwords: `postreeve account password NAME' sets one",
	            passwords->path);
}

/* What the registry's errors advise does not suit this file. */
static enum registry_status ours(const struct passwords *passwords, enum registry_status status,
                                 struct registry_error *error)
{
	switch (status) {
	case REGISTRY_BAD:
		return fail_file(passwords, "not a file of passwords, or damaged", error);
	case REGISTRY_MISSING:
		return fail_missing(passwords, error);
	default:
		return status;
	}
}

static enum registry_status fail_account(const char *account, struct registry_error *error)
{
	return fail(error, REGISTRY_NOT_FOUND,
	            "%s: has no password: `postreeve account password' sets one", account);
}

/* ---- opening ------------------------------------------------------------ */

/* Where several make it at once, one does, and the others find it made. */
static enum registry_status make(struct passwords *passwords, struct registry_error *error)
{
	char sql[1024];
	int64_t id = 0;
	enum registry_status status = handle_begin(&passwords->handle, "BEGIN IMMEDIATE", error);

	if (status == REGISTRY_OK)
		status = handle_number(&passwords->handle, "PRAGMA application_id", &id, error);
	snprintf(sql, sizeof sql,
	         "CREATE TABLE password ("
	         "  account TEXT NOT NULL PRIMARY KEY"
	         "    CHECK (length(CAST(account AS BLOB)) BETWEEN 1 AND %d),"
	         "  hash TEXT NOT NULL CHECK (length(CAST(hash AS BLOB)) BETWEEN 1 AND %d),"
	         "  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),"
	         "  changed INTEGER NOT NULL" /* seconds since the epoch */
	         ") STRICT, WITHOUT ROWID;"
	         "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
	         REGISTRY_ACCOUNT_MAX, PASSWORD_HASH_MAX - 1, APPLICATION_ID, VERSION);
	if (status == REGISTRY_OK && id != APPLICATION_ID)
		status = handle_run(&passwords->handle, sql, error);
	handle_rollback(&passwords->handle);
	return status;
}

/* An empty one, or one of ours. */
static enum registry_status check(struct passwords *passwords, struct registry_error *error)
{
	const struct handle *handle = &passwords->handle;
	int64_t id = 0, version = 0, things = 0;
	enum registry_status status = handle_number(handle, "PRAGMA application_id", &id, error);

	if (status == REGISTRY_OK)
		status = handle_number(handle, "PRAGMA user_version", &version, error);
	if (status == REGISTRY_OK)
		status =
		    handle_number(handle, "SELECT count(*) FROM sqlite_schema", &things, error);
	if (status != REGISTRY_OK)
		return status;
	if (id == 0 && version == 0 && things == 0)
		return passwords->use == PASSWORDS_WRITE ? make(passwords, error)
		                                         : fail_missing(passwords, error);
	if (id != APPLICATION_ID || version < 1)
		return REGISTRY_BAD;
	if (version > VERSION)
		return fail(error, REGISTRY_NEWER,
		            "%s: of a newer version: these programs are too old for it",
		            passwords->path);
	return REGISTRY_OK;
}

/* What others can read, they can guess from at their leisure. */
static enum registry_status secret(const struct passwords *passwords, struct registry_error *error)
{
	struct stat st;
	enum registry_status status = file_secure(passwords->path, error);

	if (status == REGISTRY_OK && lstat(passwords->path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mode & (S_IRWXG | S_IRWXO))
		return fail(error, REGISTRY_INSECURE,
		            "%s: others may read the passwords: chmod 600 it", passwords->path);
	return status;
}

/* Another program's database stays as it is: closing it must not move its log into it. */
static void keep_log(const struct passwords *passwords, int keep)
{
	sqlite3_db_config(passwords->handle.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL);
}

static enum registry_status open_file(struct passwords *passwords, int wait_ms,
                                      struct registry_error *error)
{
	bool writes = passwords->use != PASSWORDS_READ;
	enum registry_status status = secret(passwords, error);

	if (status == REGISTRY_OK && passwords->use == PASSWORDS_WRITE)
		status = file_create(passwords->path, error);
	/* An empty one is what is left of a making that was cut off. */
	if (status == REGISTRY_OK)
		status = file_look(passwords->path, true, &passwords->look, error);
	if (status == REGISTRY_OK)
		status = handle_open(&passwords->handle, passwords->path,
		                     writes ? HANDLE_WRITE : HANDLE_READ, error);
	if (status != REGISTRY_OK)
		return status;
	handle_patience(&passwords->handle, wait_ms);
	keep_log(passwords, 1);
	status = check(passwords, error);
	if (status != REGISTRY_OK)
		return status;
	keep_log(passwords, 0);
	/* A hash that was replaced shall not stay in a free page. */
	if (writes)
		status = handle_run(&passwords->handle, "PRAGMA secure_delete=ON", error);
	/*
	 * With a log ahead, readers wait for nobody. Where others are just then at it, it is theirs
	 * to switch, and works without.
	 */
	if (status == REGISTRY_OK && writes)
		status = handle_run(&passwords->handle, "PRAGMA journal_mode=WAL", error);
	if (status == REGISTRY_BUSY)
		status = REGISTRY_OK;
	if (status == REGISTRY_OK)
		status = handle_prepare(&passwords->handle, &passwords->find, error,
		                        "SELECT hash, disabled, changed FROM password "
		                        "WHERE account = ?1",
		                        "");
	return status;
}

enum registry_status passwords_open(const char *path, enum passwords_use use, int wait_ms,
                                    struct passwords **out, struct registry_error *error)
{
	struct passwords *passwords = calloc(1, sizeof *passwords);
	enum registry_status status;

	*out = NULL;
	if (passwords) {
		passwords->path = file_path(path);
		passwords->use = use;
	}
	if (passwords && passwords->path)
		status = ours(passwords, open_file(passwords, wait_ms, error), error);
	else
		status = fail_errno(error, path, ENOMEM);
	if (status == REGISTRY_OK)
		*out = passwords;
	else
		passwords_close(passwords);
	return status;
}

void passwords_close(struct passwords *passwords)
{
	if (!passwords)
		return;
	/*
	 * All that was written goes with the file: people copy it alone, and one that was moved away
	 * would leave its log to the next, see usage_store_leave().
	 */
	if (passwords->find && passwords->use != PASSWORDS_READ) {
		handle_patience(&passwords->handle, READER_BUSY_MS);
		sqlite3_wal_checkpoint_v2(passwords->handle.db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
		                          NULL, NULL);
	}
	sqlite3_finalize(passwords->find);
	handle_close(&passwords->handle);
	free(passwords->path);
	free(passwords);
}

bool passwords_there(const struct passwords *passwords)
{
	struct registry_error error;
	struct file_look look;

	return file_look(passwords->path, true, &look, &error) == REGISTRY_OK &&
	       file_same(&look, &passwords->look);
}

/* ---- reading ------------------------------------------------------------ */

/* The columns of a row that stands behind its hash. */
static enum registry_status read_hash(const struct passwords *passwords, sqlite3_stmt *row,
                                      struct password *out, struct registry_error *error)
{
	const char *hash;
	int64_t disabled;
	enum registry_status status =
	    handle_columns(&passwords->handle, row, error, "tii", &hash, &disabled, &out->changed);

	if (status != REGISTRY_OK)
		return status;
	if (strlen(hash) >= sizeof out->hash)
		return REGISTRY_BAD;
	strcpy(out->hash, hash);
	out->disabled = disabled != 0;
	return REGISTRY_OK;
}

enum registry_status passwords_find(struct passwords *passwords, const char *account,
                                    struct password *out, struct registry_error *error)
{
	enum registry_status status =
	    handle_find_again(&passwords->handle, passwords->find, error, "t", account);

	if (status == REGISTRY_OK)
		status = read_hash(passwords, passwords->find, out, error);
	else if (status == REGISTRY_UNCHANGED)
		status = fail_account(account, error);
	status = ours(passwords, status, error);
	sqlite3_reset(passwords->find);
	sqlite3_clear_bindings(passwords->find); /* the account's name is only lent */
	return status;
}

struct walk {
	passwords_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct password_row out;
	int64_t disabled;
	enum registry_status status = handle_columns(handle, row, error, "ttii", &out.account,
	                                             &out.hash, &disabled, &out.changed);

	if (status != REGISTRY_OK)
		return status;
	out.disabled = disabled != 0;
	return walk->fn(&out, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

#define ROWS_SQL "SELECT account, hash, disabled, changed FROM password WHERE "

enum registry_status passwords_walk(struct passwords *passwords, const char *account,
                                    passwords_fn *fn, void *arg, struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return ours(passwords,
	            handle_walk(&passwords->handle, walk_row, &walk, error,
	                        ROWS_SQL "?1 IS NULL OR account = ?1 ORDER BY account", "t",
	                        account),
	            error);
}

enum registry_status passwords_walk_behind(struct passwords *passwords, const char *account,
                                           passwords_fn *fn, void *arg,
                                           struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return ours(passwords,
	            handle_walk(&passwords->handle, walk_row, &walk, error,
	                        ROWS_SQL "account > ?1 ORDER BY account", "t", account),
	            error);
}

struct problems {
	registry_problem_fn *fn;
	void *arg;
};

static enum registry_status check_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                      struct registry_error *error)
{
	struct problems *problems = arg;
	const char *problem;
	enum registry_status status = handle_columns(handle, row, error, "t", &problem);

	if (status != REGISTRY_OK)
		return status;
	return problems->fn(problem, problems->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status passwords_check(struct passwords *passwords, registry_problem_fn *fn,
                                     void *arg, struct registry_error *error)
{
	struct problems problems = {fn, arg};
	enum registry_status status =
	    ours(passwords,
	         handle_walk(&passwords->handle, check_row, &problems, error,
	                     "SELECT integrity_check FROM pragma_integrity_check(100) "
	                     "WHERE integrity_check <> 'ok'",
	                     ""),
	         error);

	/* Some of it is in the way of looking for more. */
	if (status != REGISTRY_BAD)
		return status;
	fn(error->text, arg);
	return REGISTRY_OK;
}

/* ---- writing ------------------------------------------------------------ */

/* A change that was made at all. */
static enum registry_status made(const struct passwords *passwords, enum registry_status status,
                                 size_t changed, struct registry_error *error)
{
	if (status == REGISTRY_OK && changed == 0)
		return REGISTRY_UNCHANGED;
	return ours(passwords, status, error);
}

static enum registry_status set(struct passwords *passwords, const char *account, const char *hash,
                                bool disabled, int64_t now, struct registry_error *error)
{
	size_t len = strlen(hash), name = strlen(account);

	if (len == 0 || len >= PASSWORD_HASH_MAX || name == 0 || name > REGISTRY_ACCOUNT_MAX)
		return fail(error, REGISTRY_CONFLICT,
		            "a hash has 1 to %d octets, and an account's name 1 to %d",
		            PASSWORD_HASH_MAX - 1, REGISTRY_ACCOUNT_MAX);
	return ours(passwords,
	            handle_change(&passwords->handle, NULL, error,
	                          "INSERT INTO password (account, hash, disabled, changed) "
	                          "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account) DO UPDATE "
	                          "SET hash = ?2, disabled = max(disabled, ?3), changed = ?4",
	                          "ttii", account, hash, (int64_t)disabled, now),
	            error);
}

enum registry_status passwords_set(struct passwords *passwords, const char *account,
                                   const char *hash, int64_t now, struct registry_error *error)
{
	return set(passwords, account, hash, false, now, error);
}

enum registry_status passwords_set_disabled(struct passwords *passwords, const char *account,
                                            const char *hash, int64_t now,
                                            struct registry_error *error)
{
	return set(passwords, account, hash, true, now, error);
}

enum registry_status passwords_rehash(struct passwords *passwords, const char *account,
                                      const char *old, const char *fresh,
                                      struct registry_error *error)
{
	size_t changed = 0;
	enum registry_status status =
	    handle_change(&passwords->handle, &changed, error,
	                  "UPDATE password SET hash = ?3 WHERE account = ?1 AND hash = ?2", "ttt",
	                  account, old, fresh);

	return made(passwords, status, changed, error);
}

enum registry_status passwords_disable(struct passwords *passwords, const char *account,
                                       bool disabled, struct registry_error *error)
{
	struct password password;
	size_t changed = 0;
	enum registry_status status =
	    handle_change(&passwords->handle, &changed, error,
	                  "UPDATE password SET disabled = ?2 WHERE account = ?1 AND disabled <> ?2",
	                  "ti", account, (int64_t)disabled);

	status = made(passwords, status, changed, error);
	if (status == REGISTRY_UNCHANGED)
		status = passwords_find(passwords, account, &password, error);
	else
		return status;
	explicit_bzero(&password, sizeof password);
	return status == REGISTRY_OK ? REGISTRY_UNCHANGED : status;
}

enum registry_status passwords_delete(struct passwords *passwords, const char *account,
                                      struct registry_error *error)
{
	size_t changed = 0;
	enum registry_status status =
	    handle_change(&passwords->handle, &changed, error,
	                  "DELETE FROM password WHERE account = ?1", "t", account);

	return made(passwords, status, changed, error);
}
