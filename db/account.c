/* Accounts. */
#include "db/error.h"
#include "db/writer.h"

#include <string.h>

/* A change of one row, which exists; none changed means that it is so already. */
static enum registry_status settle(enum registry_status status, size_t changed)
{
	return status == REGISTRY_OK && changed == 0 ? REGISTRY_UNCHANGED : status;
}

enum registry_status registry_account_add(struct registry *registry, const char *name,
                                          const char *profile, int64_t now,
                                          struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	size_t added = 0, moved = 0;
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	status = handle_change(handle, &added, error,
	                       "INSERT INTO account (name, profile, created) VALUES (?1, ?2, ?3) "
	                       "ON CONFLICT (name) DO NOTHING",
	                       "tti", name, profile ? profile : "default", now);
	if (status == REGISTRY_OK && added == 0 && profile)
		status = handle_change(
		    handle, &moved, error,
		    "UPDATE account SET profile = ?2 WHERE name = ?1 AND profile <> ?2", "tt", name,
		    profile);
	return writer_end(registry, settle(status, added + moved), error);
}

enum registry_status registry_account_delete(struct registry *registry, const char *name,
                                             struct registry_error *error)
{
	size_t changed = 0;
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	status = handle_change(&registry->handle, &changed, error,
	                       "DELETE FROM account WHERE name = ?1", "t", name);
	return writer_end(registry, settle(status, changed), error);
}

/* A null reason resumes. */
static enum registry_status suspend(struct registry *registry, const char *name, const char *reason,
                                    struct registry_error *error)
{
	size_t changed = 0;
	int64_t id;
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	status = writer_account(registry, name, &id, error);
	if (status == REGISTRY_OK)
		status = handle_change(&registry->handle, &changed, error,
		                       "UPDATE account SET suspended = ?2 "
		                       "WHERE id = ?1 AND suspended IS NOT ?2",
		                       "it", id, reason);
	return writer_end(registry, settle(status, changed), error);
}

enum registry_status registry_account_suspend(struct registry *registry, const char *name,
                                              const char *reason, struct registry_error *error)
{
	return suspend(registry, name, reason, error);
}

enum registry_status registry_account_resume(struct registry *registry, const char *name,
                                             struct registry_error *error)
{
	return suspend(registry, name, NULL, error);
}

static enum registry_status read_account(const struct handle *handle, sqlite3_stmt *row,
                                         struct registry_account *out, struct registry_error *error)
{
	enum registry_status status;

	out->suspended = sqlite3_column_type(row, 2) != SQLITE_NULL;
	out->reason = "";
	out->created = sqlite3_column_int64(row, 3);
	out->grants = (uint64_t)sqlite3_column_int64(row, 4);
	status = handle_text(handle, row, 0, &out->name, error);
	if (status == REGISTRY_OK)
		status = handle_text(handle, row, 1, &out->profile, error);
	if (status == REGISTRY_OK && out->suspended)
		status = handle_text(handle, row, 2, &out->reason, error);
	return status;
}

enum registry_status registry_account_walk(struct registry *registry, const char *name,
                                           registry_account_fn *fn, void *arg,
                                           struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	struct registry_account account;
	sqlite3_stmt *row;
	bool any = false;
	int rc;
	enum registry_status status =
	    handle_prepare(handle, &row, error,
	                   name ? "SELECT name, profile, suspended, created,"
	                          " (SELECT count(*) FROM sender_grant WHERE account = account.id) "
	                          "FROM account WHERE name = ?1"
	                        : "SELECT name, profile, suspended, created,"
	                          " (SELECT count(*) FROM sender_grant WHERE account = account.id) "
	                          "FROM account ORDER BY name",
	                   name ? "t" : "", name);

	if (status != REGISTRY_OK)
		return status;
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		any = true;
		status = read_account(handle, row, &account, error);
		if (status != REGISTRY_OK || !fn(&account, arg))
			goto out;
	}
	if (rc != SQLITE_DONE)
		status = handle_fail(handle, error);
	else if (name && !any)
		status = writer_no_account(name, error);
out:
	sqlite3_finalize(row);
	return status;
}
