/* Accounts. */
#include "db/account.h"
#include "db/error.h"

#include <stdio.h>
#include <string.h>

/* The columns that a change is about, as they stand before it. */
struct state {
	char profile[REGISTRY_PROFILE_MAX + 1];
	char reason[1024]; /* of the suspension, or "" */
	bool suspended;
	bool is_group;
	bool found;
};

static enum registry_status read_state(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                       struct registry_error *error)
{
	struct state *state = arg;
	const char *profile, *reason;
	int64_t suspended, is_group;
	enum registry_status status =
	    handle_columns(handle, row, error, "ttii", &profile, &reason, &suspended, &is_group);

	if (status != REGISTRY_OK)
		return status;
	snprintf(state->profile, sizeof state->profile, "%s", profile);
	snprintf(state->reason, sizeof state->reason, "%s", reason);
	state->suspended = suspended != 0;
	state->is_group = is_group != 0;
	state->found = true;
	return REGISTRY_OK;
}

static enum registry_status look(struct registry *registry, const char *name, struct state *out,
                                 struct registry_error *error)
{
	out->found = false;
	return handle_walk(&registry->handle, read_state, out, error,
	                   "SELECT profile, coalesce(suspended, ''), suspended IS NOT NULL, "
	                   "is_group FROM account WHERE name = ?1",
	                   "t", name);
}

static enum registry_status add(struct registry *registry, const char *name, const char *profile,
                                struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	struct state state;
	enum registry_status status = look(registry, name, &state, error);

	if (status != REGISTRY_OK)
		return status;
	if (state.found && state.is_group)
		return fail(error, REGISTRY_CONFLICT, "%s: a group: give the account another name",
		            name);
	if (!state.found) {
		if (!profile)
			profile = "default";
		status = handle_change(
		    handle, NULL, error,
		    "INSERT INTO account (name, profile, created) VALUES (?1, ?2, ?3)", "tti", name,
		    profile, registry->now);
		if (status != REGISTRY_OK)
			return status;
		return writer_note(registry, "account add", name, "profile", "", profile, error);
	}
	if (!profile || strcmp(profile, state.profile) == 0)
		return REGISTRY_UNCHANGED;
	status =
	    handle_change(handle, NULL, error, "UPDATE account SET profile = ?2 WHERE name = ?1",
	                  "tt", name, profile);
	if (status != REGISTRY_OK)
		return status;
	return writer_note(registry, "account move", name, "profile", state.profile, profile,
	                   error);
}

enum registry_status registry_account_add(struct registry *registry, const char *name,
                                          const char *profile, struct registry_error *error)
{
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	return writer_end(registry, add(registry, name, profile, error), error);
}

/* A null reason resumes. */
static enum registry_status suspend(struct registry *registry, const char *name, const char *reason,
                                    struct registry_error *error)
{
	struct state state;
	enum registry_status status = look(registry, name, &state, error);

	if (status != REGISTRY_OK)
		return status;
	if (!state.found || state.is_group)
		return writer_no_holder(name, error);
	if (state.suspended == (reason != NULL) && (!reason || strcmp(reason, state.reason) == 0))
		return REGISTRY_UNCHANGED;
	status =
	    handle_change(&registry->handle, NULL, error,
	                  "UPDATE account SET suspended = ?2 WHERE name = ?1", "tt", name, reason);
	if (status != REGISTRY_OK)
		return status;
	return writer_note(registry, reason ? "account suspend" : "account resume", name, "",
	                   state.reason, reason ? reason : "", error);
}

enum registry_status registry_account_suspend(struct registry *registry, const char *name,
                                              const char *reason, struct registry_error *error)
{
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	return writer_end(registry, suspend(registry, name, reason, error), error);
}

enum registry_status registry_account_resume(struct registry *registry, const char *name,
                                             struct registry_error *error)
{
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	return writer_end(registry, suspend(registry, name, NULL, error), error);
}

enum registry_status registry_password_change(struct registry *registry, const char *name,
                                              const char *what, bool known,
                                              registry_password_fn *fn, void *arg,
                                              struct registry_error *error)
{
	struct state state;
	bool found;
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	status = look(registry, name, &state, error);
	found = status == REGISTRY_OK && state.found && !state.is_group;
	if (status == REGISTRY_OK && known && !found)
		status = writer_no_holder(name, error);
	/* First: there may be no room for it. */
	if (status == REGISTRY_OK)
		status = writer_note(registry, what, name, "", "", "", error);
	if (status == REGISTRY_OK)
		status = fn(found && state.suspended, arg, error);
	return writer_end(registry, status, error);
}

/* ---- deleting ----------------------------------------------------------- */

/* What goes with it is written down row by row. */
static enum registry_status note_belongings(struct registry *registry, int64_t id, const char *name,
                                            struct registry_error *error)
{
	static const char *const sql[] = {
	    "INSERT INTO change (time, who, what, account, item, before, after) "
	    "SELECT ?1, ?2, 'sender delete', ?3, pattern, " TERMS_SQL ", '' "
	    "FROM sender_grant WHERE account = ?4 ORDER BY pattern",
	    "INSERT INTO change (time, who, what, account, item, before, after) "
	    "SELECT ?1, ?2, 'limit set', ?3, name, value, '' "
	    "FROM account_limit WHERE account = ?4 ORDER BY name",
	    "INSERT INTO change (time, who, what, account, item, before, after) "
	    "SELECT ?1, ?2, 'network delete', ?3, network, '', '' "
	    "FROM network WHERE account = ?4 ORDER BY network",
	    "INSERT INTO change (time, who, what, account, item, before, after) "
	    "SELECT ?1, ?2, 'group leave', g.name, a.name, '', '' FROM membership AS m "
	    "JOIN account AS g ON g.id = m.in_group JOIN account AS a ON a.id = m.account "
	    "WHERE ?3 <> '' AND (m.account = ?4 OR m.in_group = ?4) ORDER BY g.name, a.name",
	};
	enum registry_status status = REGISTRY_OK;

	for (size_t i = 0; i < sizeof sql / sizeof *sql && status == REGISTRY_OK; i++)
		status = handle_change(&registry->handle, NULL, error, sql[i], "itti",
		                       registry->now, registry->who, name, id);
	return status;
}

enum registry_status account_remove(struct registry *registry, enum holder_kind kind,
                                    const char *name, const char *what,
                                    struct registry_error *error)
{
	struct state state;
	int64_t id;
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	status = writer_holder(registry, kind, name, &id, error);
	if (status == REGISTRY_OK)
		status = look(registry, name, &state, error);
	if (status == REGISTRY_OK)
		status = note_belongings(registry, id, name, error);
	if (status == REGISTRY_OK)
		status = handle_change(&registry->handle, NULL, error,
		                       "DELETE FROM account WHERE id = ?1", "i", id);
	if (status == REGISTRY_OK)
		status = writer_note(registry, what, name, "", state.is_group ? "" : state.profile,
		                     "", error);
	if (status == REGISTRY_NOT_FOUND)
		status = REGISTRY_UNCHANGED;
	return writer_end(registry, status, error);
}

enum registry_status registry_account_delete(struct registry *registry, const char *name,
                                             struct registry_error *error)
{
	return account_remove(registry, HOLDER_ACCOUNT, name, "account delete", error);
}

/* ---- walking ------------------------------------------------------------ */

struct walk {
	registry_account_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_account account;
	int64_t suspended, grants;
	enum registry_status status =
	    handle_columns(handle, row, error, "ttitii", &account.name, &account.profile,
	                   &suspended, &account.reason, &account.created, &grants);

	if (status != REGISTRY_OK)
		return status;
	account.suspended = suspended != 0;
	account.grants = (uint64_t)grants;
	return walk->fn(&account, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status registry_account_walk(struct registry *registry, const char *name,
                                           registry_account_fn *fn, void *arg,
                                           struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return writer_walk_of(
	    registry, HOLDER_ACCOUNT, name, walk_row, &walk, error,
	    name ? "SELECT name, profile, suspended IS NOT NULL, coalesce(suspended, ''), created,"
		   " (SELECT count(*) FROM sender_grant WHERE account = account.id) "
		   "FROM account WHERE id = ?1"
		 : "SELECT name, profile, suspended IS NOT NULL, coalesce(suspended, ''), created,"
		   " (SELECT count(*) FROM sender_grant WHERE account = account.id) "
		   "FROM account WHERE NOT is_group AND ?1 = 0 ORDER BY name");
}
