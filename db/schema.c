#include "db/schema.h"

#include "db/error.h"

#include <stdbool.h>
#include <stdio.h>

#define APPLICATION_ID 0x50725665 /* "PrVe" */

/*
 * The step to each version from the one before, each in a transaction of its own. Append only: what
 * was released never changes.
 */
static const char *const migrations[] = {
    /* 1: accounts, and the sender addresses that each may use; times in seconds since the epoch */
    "CREATE TABLE account ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT," /* never one that was used: grants name it */
    "  name TEXT NOT NULL UNIQUE,"
    "  profile TEXT NOT NULL,"
    "  suspended TEXT," /* why it is; NULL if it is not */
    "  created INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE sender_grant ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  pattern TEXT NOT NULL," /* canonical, of policy/address.h */
    "  created INTEGER NOT NULL,"
    "  PRIMARY KEY (account, pattern)"
    ") STRICT, WITHOUT ROWID;",
    /* 2: groups, whose grants their members have; grants that end; what else is an account's own;
     * and who changed what */
    "ALTER TABLE account ADD COLUMN is_group INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sender_grant ADD COLUMN expires INTEGER;" /* NULL: never */
    "ALTER TABLE sender_grant ADD COLUMN note TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE sender_grant ADD COLUMN author TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE membership ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  in_group INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  PRIMARY KEY (account, in_group)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX membership_in_group ON membership (in_group);"
    "CREATE TABLE account_limit ("
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  name TEXT NOT NULL," /* as the configuration calls it */
    "  value TEXT NOT NULL,"
    "  PRIMARY KEY (account, name)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE network ("
    "  network TEXT PRIMARY KEY," /* canonical, of policy/network.h */
    "  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX network_account ON network (account);"
    "CREATE TABLE change ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time INTEGER NOT NULL,"
    "  who TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  account TEXT NOT NULL," /* by name: it may be gone */
    "  item TEXT NOT NULL,"
    "  before TEXT NOT NULL,"
    "  after TEXT NOT NULL"
    ") STRICT;",
};

#define VERSION ((int)(sizeof migrations / sizeof *migrations))

enum registry_status schema_judge(const struct handle *handle, int64_t version,
                                  struct registry_error *error)
{
	if (version > VERSION)
		return fail(error, REGISTRY_NEWER,
		            "%s: schema version %lld is newer than %d, the last one known here: "
		            "upgrade these programs",
		            handle->path, (long long)version, VERSION);
	if (version < VERSION)
		return fail(
		    error, REGISTRY_OLDER,
		    "%s: schema version %lld is older than %d: bring it up with `postreeve init'",
		    handle->path, (long long)version, VERSION);
	return REGISTRY_OK;
}

/* *empty: the database holds nothing at all. */
static enum registry_status look(const struct handle *handle, int64_t *version, bool *empty,
                                 struct registry_error *error)
{
	int64_t id, things;
	enum registry_status status;

	*version = 0;
	*empty = false;
	status = handle_number(handle, "PRAGMA application_id", &id, error);
	if (status == REGISTRY_OK)
		status = handle_number(handle, "PRAGMA user_version", version, error);
	if (status == REGISTRY_OK)
		status =
		    handle_number(handle, "SELECT count(*) FROM sqlite_schema", &things, error);
	if (status != REGISTRY_OK)
		return status;
	*empty = id == 0 && *version == 0 && things == 0;
	if (id != APPLICATION_ID && !*empty)
		return fail(error, REGISTRY_BAD, "%s: a database, but not a registry of Postreeve",
		            handle->path);
	return REGISTRY_OK;
}

enum registry_status schema_check(const struct handle *handle, struct registry_error *error)
{
	int64_t version;
	bool empty;
	enum registry_status status = look(handle, &version, &empty, error);

	return status == REGISTRY_OK ? schema_judge(handle, version, error) : status;
}

/* One step, or REGISTRY_UNCHANGED when there is none left. */
static enum registry_status migrate(const struct handle *handle, struct registry_error *error)
{
	enum registry_status status;
	int64_t version;
	bool empty;
	char end[96];

	status = handle_begin(handle, "BEGIN IMMEDIATE", error);
	if (status != REGISTRY_OK)
		return status;
	status = look(handle, &version, &empty, error);
	if (status != REGISTRY_OK)
		goto out;
	if (version == VERSION) {
		status = REGISTRY_UNCHANGED;
		goto out;
	}
	if (version > VERSION || version < 0) {
		status = schema_judge(handle, version, error);
		goto out;
	}
	status = handle_run(handle, migrations[version], error);
	if (status != REGISTRY_OK)
		goto out;
	snprintf(end, sizeof end, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
	         APPLICATION_ID, (int)version + 1);
	status = handle_run(handle, end, error);
out:
	if (status != REGISTRY_OK)
		handle_rollback(handle);
	return status;
}

enum registry_status schema_apply(const struct handle *handle, struct registry_error *error)
{
	enum registry_status status;
	bool changed = false;

	while ((status = migrate(handle, error)) == REGISTRY_OK)
		changed = true;
	return status == REGISTRY_UNCHANGED && changed ? REGISTRY_OK : status;
}
