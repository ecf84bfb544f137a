/* Many grants in one transaction. */
#include "db/error.h"
#include "db/grant.h"

#include <errno.h>
#include <stdlib.h>

struct registry_import {
	struct registry *registry;
	struct grant_writer writer;
	sqlite3_stmt *find, *create;
	struct registry_imported counts;
	struct registry_error failed; /* what went wrong, if anything did */
};

static void release(struct registry_import *import)
{
	grant_writer_end(&import->writer);
	sqlite3_finalize(import->find);
	sqlite3_finalize(import->create);
	free(import);
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
	/* Rows come in any order: what the tree needs again and again is to be at hand. */
	status = handle_run(handle, "PRAGMA cache_size=-262144", error);
	if (status == REGISTRY_OK)
		status = writer_begin(registry, error);
	if (status != REGISTRY_OK) {
		release(import);
		return status;
	}
	status = grant_writer_begin(registry, &import->writer, error);
	if (status == REGISTRY_OK)
		status = handle_prepare(handle, &import->find, error,
		                        "SELECT id FROM account WHERE name = ?1", "");
	if (status == REGISTRY_OK)
		status = handle_prepare(handle, &import->create, error,
		                        "INSERT INTO account (name, profile, created) "
		                        "VALUES (?1, 'default', ?2)",
		                        "");
	if (status != REGISTRY_OK) {
		release(import);
		return writer_end(registry, status, error);
	}
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
	return handle_change_again(handle, import->writer.note, NULL, error, "itttttt",
	                           registry->now, registry->who, "account add", name, "profile", "",
	                           "default");
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
	struct registry *registry = import->registry;
	struct registry_imported counts = import->counts;
	enum registry_status status = commit ? REGISTRY_OK : REGISTRY_UNCHANGED;

	if (commit && import->failed.status != REGISTRY_OK) {
		*error = import->failed;
		status = error->status;
	}
	release(import);
	if (status == REGISTRY_OK && counts.added + counts.changed + counts.accounts == 0)
		status = REGISTRY_UNCHANGED;
	status = writer_end(registry, status, error);
	if (!commit || (status != REGISTRY_OK && status != REGISTRY_UNCHANGED))
		counts = (struct registry_imported){0, 0, 0, 0};
	*out = counts;
	return commit ? status : REGISTRY_OK;
}
