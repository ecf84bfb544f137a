/* Many grants in one transaction. */
#include "db/error.h"
#include "db/grant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define IMPORT_CACHE (-262144) /* as SQLite counts it: KiB, and negative */

struct registry_import {
	struct registry *registry;
	struct grant_writer writer;
	sqlite3_stmt *find, *create, *note;
	int64_t cache; /* of the handle, as it was */
	struct registry_imported counts;
	struct registry_error failed; /* what went wrong, if anything did */
};

/* It only makes haste: what goes wrong with it is no error. */
static void set_cache(const struct registry *registry, int64_t size)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA cache_size=%lld", (long long)size);
	sqlite3_exec(registry->handle.db, sql, NULL, NULL, NULL);
}

static void release(struct registry_import *import)
{
	grant_writer_end(&import->writer);
	sqlite3_finalize(import->find);
	sqlite3_finalize(import->create);
	sqlite3_finalize(import->note);
	free(import);
}

/* Of the transaction, and of import. */
static enum registry_status end(struct registry_import *import, enum registry_status status,
                                struct registry_error *error)
{
	struct registry *registry = import->registry;
	int64_t cache = import->cache;

	release(import);
	status = writer_end(registry, status, error);
	set_cache(registry, cache);
	return status;
}

enum registry_status registry_import_begin(struct registry *registry, struct registry_import **out,
                                           struct registry_error *error)
{
	struct registry_import *import = calloc(1, sizeof *import);
	const struct handle *handle = &registry->handle;
	enum registry_status status;

	*out = NULL;
	if (!import)
		return fail_errno(error, registry->path, ENOMEM);
	import->registry = registry;
	status = handle_number(handle, "PRAGMA cache_size", &import->cache, error);
	if (status == REGISTRY_OK)
		status = writer_begin(registry, error);
	if (status != REGISTRY_OK) {
		release(import);
		return status;
	}
	/* Rows come in any order: what the tree needs again and again is to be at hand. */
	set_cache(registry, IMPORT_CACHE);
	status = grant_writer_begin(registry, &import->writer, error);
	if (status == REGISTRY_OK)
		status = handle_prepare(handle, &import->find, error,
		                        "SELECT id FROM account WHERE name = ?1", "");
	if (status == REGISTRY_OK)
		status = handle_prepare(handle, &import->create, error,
		                        "INSERT INTO account (name, profile, created) "
		                        "VALUES (?1, 'default', ?2)",
		                        "");
	if (status == REGISTRY_OK)
		status = handle_prepare(handle, &import->note, error, NOTE_SQL, "");
	if (status != REGISTRY_OK)
		return end(import, status, error);
	*out = import;
	return REGISTRY_OK;
}

static enum registry_status find_holder(struct registry_import *import, const char *name,
                                        bool may_create, int64_t *id, struct registry_error *error)
{
	struct registry *registry = import->registry;
	const struct handle *handle = &registry->handle;
	enum registry_status status = handle_find_again(handle, import->find, error, "t", name);

	if (status == REGISTRY_OK)
		*id = sqlite3_column_int64(import->find, 0);
	sqlite3_reset(import->find);
	if (status != REGISTRY_UNCHANGED)
		return status;
	if (!may_create)
		return writer_no_holder(name, error);
	status =
	    handle_change_again(handle, import->create, NULL, error, "ti", name, registry->now);
	if (status != REGISTRY_OK)
		return status;
	*id = sqlite3_last_insert_rowid(handle->db);
	import->counts.accounts++;
	return handle_change_again(handle, import->note, NULL, error, "itttttt", registry->now,
	                           registry->who, "account add", name, "profile", "", "default");
}

enum registry_status registry_import_grant(struct registry_import *import, const char *holder,
                                           bool may_create, const char *pattern,
                                           const struct registry_terms *terms,
                                           struct registry_error *error)
{
	int64_t id = 0;
	bool added = false;
	enum registry_status status = find_holder(import, holder, may_create, &id, error);

	if (status == REGISTRY_OK)
		status = grant_write(import->registry, &import->writer, id, holder, pattern, terms,
		                     &added, error);
	if (status == REGISTRY_UNCHANGED)
		import->counts.unchanged++;
	else if (status == REGISTRY_OK && added)
		import->counts.added++;
	else if (status == REGISTRY_OK)
		import->counts.changed++;
	else
		import->failed = *error;
	return status;
}

enum registry_status registry_import_end(struct registry_import *import, bool commit,
                                         struct registry_imported *out,
                                         struct registry_error *error)
{
	struct registry_imported counts = import->counts;
	enum registry_status status = commit ? REGISTRY_OK : REGISTRY_UNCHANGED;

	if (commit && import->failed.status != REGISTRY_OK) {
		*error = import->failed;
		status = error->status;
	}
	if (status == REGISTRY_OK && counts.added + counts.changed + counts.accounts == 0)
		status = REGISTRY_UNCHANGED;
	status = end(import, status, error);
	if (!commit || (status != REGISTRY_OK && status != REGISTRY_UNCHANGED))
		counts = (struct registry_imported){0, 0, 0, 0};
	*out = counts;
	return commit ? status : REGISTRY_OK;
}
