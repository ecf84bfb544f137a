/* Who changed what, and whether the whole is sound. */
#include "db/error.h"
#include "db/writer.h"

struct walk {
	registry_change_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_change change;
	enum registry_status status =
	    handle_columns(handle, row, error, "itttttt", &change.time, &change.who, &change.what,
	                   &change.account, &change.item, &change.before, &change.after);

	if (status != REGISTRY_OK)
		return status;
	return walk->fn(&change, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

#define CHANGES "SELECT time, who, what, account, item, before, after FROM change "

enum registry_status registry_change_walk(struct registry *registry, const char *account,
                                          int64_t since, registry_change_fn *fn, void *arg,
                                          struct registry_error *error)
{
	struct walk walk = {fn, arg};

	/* An account's membership of a group is a change of the group. */
	return handle_walk(&registry->handle, walk_row, &walk, error,
	                   CHANGES "WHERE time >= ?1 AND (?2 IS NULL OR account = ?2 OR "
	                           "(item = ?2 AND what IN ('group join', 'group leave'))) "
	                           "ORDER BY id",
	                   "it", since, account);
}

enum registry_status registry_change_walk_own(struct registry *registry, registry_change_fn *fn,
                                              void *arg, struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return handle_walk(&registry->handle, walk_row, &walk, error,
	                   CHANGES "WHERE id > ?1 AND id <= ?2 ORDER BY id", "ii", registry->behind,
	                   registry->last);
}

/* ---- checking ----------------------------------------------------------- */

struct check {
	registry_problem_fn *fn;
	void *arg;
	bool stopped;
};

static enum registry_status check_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                      struct registry_error *error)
{
	struct check *check = arg;
	const char *problem;
	enum registry_status status = handle_columns(handle, row, error, "t", &problem);

	if (status != REGISTRY_OK)
		return status;
	check->stopped = !check->fn(problem, check->arg);
	return check->stopped ? REGISTRY_UNCHANGED : REGISTRY_OK;
}

enum registry_status registry_check(struct registry *registry, registry_problem_fn *fn, void *arg,
                                    struct registry_error *error)
{
	static const char *const sql[] = {
	    "SELECT integrity_check FROM pragma_integrity_check(100) WHERE integrity_check <> 'ok'",
	    "SELECT 'a row of ' || \"table\" || ' names an account that is not there' "
	    "FROM pragma_foreign_key_check",
	    "SELECT 'a member of ' || g.name || ' is a group: ' || a.name FROM membership AS m "
	    "JOIN account AS g ON g.id = m.in_group JOIN account AS a ON a.id = m.account "
	    "WHERE a.is_group OR NOT g.is_group",
	};
	struct check check = {.fn = fn, .arg = arg};
	enum registry_status status = REGISTRY_OK;

	for (size_t i = 0; i < sizeof sql / sizeof *sql && status == REGISTRY_OK && !check.stopped;
	     i++)
		status = handle_walk(&registry->handle, check_row, &check, error, sql[i], "");
	return status;
}
