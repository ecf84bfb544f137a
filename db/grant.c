/* Grants: which sender addresses an account may use. */
#include "db/error.h"
#include "db/writer.h"

enum verb {
	ADD,
	DELETE
};

static enum registry_status change(struct registry *registry, enum verb verb, const char *account,
                                   const char *const *patterns, size_t count, int64_t now,
                                   size_t *changed, struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	int64_t id;
	size_t one;
	enum registry_status status = writer_begin(registry, error);

	*changed = 0;
	if (status != REGISTRY_OK)
		return status;
	status = writer_account(registry, account, &id, error);
	for (size_t i = 0; i < count && status == REGISTRY_OK; i++) {
		if (verb == ADD)
			status =
			    handle_change(handle, &one, error,
			                  "INSERT INTO sender_grant (account, pattern, created) "
			                  "VALUES (?1, ?2, ?3) "
			                  "ON CONFLICT (account, pattern) DO NOTHING",
			                  "iti", id, patterns[i], now);
		else
			status = handle_change(handle, &one, error,
			                       "DELETE FROM sender_grant "
			                       "WHERE account = ?1 AND pattern = ?2",
			                       "it", id, patterns[i]);
		if (status == REGISTRY_OK)
			*changed += one;
	}
	if (status == REGISTRY_OK && *changed == 0)
		status = REGISTRY_UNCHANGED;
	status = writer_end(registry, status, error);
	if (status != REGISTRY_OK)
		*changed = 0;
	return status;
}

enum registry_status registry_grant_add(struct registry *registry, const char *account,
                                        const char *const *patterns, size_t count, int64_t now,
                                        size_t *changed, struct registry_error *error)
{
	return change(registry, ADD, account, patterns, count, now, changed, error);
}

enum registry_status registry_grant_delete(struct registry *registry, const char *account,
                                           const char *const *patterns, size_t count,
                                           size_t *changed, struct registry_error *error)
{
	return change(registry, DELETE, account, patterns, count, 0, changed, error);
}

static enum registry_status walk(struct registry *registry, const char *account,
                                 registry_grant_fn *fn, void *arg, struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	struct registry_grant grant;
	sqlite3_stmt *row;
	int rc;
	/*
	 * CROSS JOIN: names first, so that the order comes from the two keys and nothing is sorted.
	 */
	enum registry_status status =
	    handle_prepare(handle, &row, error,
	                   account ? "SELECT a.name, g.pattern, g.created FROM account AS a"
	                             " CROSS JOIN sender_grant AS g ON g.account = a.id "
	                             "WHERE a.name = ?1 ORDER BY a.name, g.pattern"
	                           : "SELECT a.name, g.pattern, g.created FROM account AS a"
	                             " CROSS JOIN sender_grant AS g ON g.account = a.id "
	                             "ORDER BY a.name, g.pattern",
	                   account ? "t" : "", account);

	if (status != REGISTRY_OK)
		return status;
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		grant.created = sqlite3_column_int64(row, 2);
		status = handle_text(handle, row, 0, &grant.account, error);
		if (status == REGISTRY_OK)
			status = handle_text(handle, row, 1, &grant.pattern, error);
		if (status != REGISTRY_OK || !fn(&grant, arg))
			goto out;
	}
	if (rc != SQLITE_DONE)
		status = handle_fail(handle, error);
out:
	sqlite3_finalize(row);
	return status;
}

enum registry_status registry_grant_walk(struct registry *registry, const char *account,
                                         registry_grant_fn *fn, void *arg,
                                         struct registry_error *error)
{
	int64_t id;
	enum registry_status status;

	if (!account)
		return walk(registry, NULL, fn, arg, error);
	/* One look: the account cannot go away between the question and the rows. */
	status = handle_run(&registry->handle, "BEGIN", error);
	if (status != REGISTRY_OK)
		return status;
	status = writer_account(registry, account, &id, error);
	if (status == REGISTRY_OK)
		status = walk(registry, account, fn, arg, error);
	sqlite3_exec(registry->handle.db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
