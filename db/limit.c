/* Limits that an account has of its own. */
#include "db/error.h"
#include "db/writer.h"

#include <stdio.h>
#include <string.h>

struct was {
	char value[REGISTRY_LIMIT_VALUE_MAX + 1];
};

static enum registry_status read_was(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct was *was = arg;
	const char *value;
	enum registry_status status = handle_columns(handle, row, error, "t", &value);

	if (status == REGISTRY_OK)
		snprintf(was->value, sizeof was->value, "%s", value);
	return status;
}

struct set {
	const struct registry_limit *limits;
	size_t count;
	bool added;
};

/* Lookups have room for so many: more would lock the account out. */
static enum registry_status check_room(struct registry *registry, int64_t account, const char *name,
                                       struct registry_error *error)
{
	struct was was = {""};
	enum registry_status status =
	    handle_walk(&registry->handle, read_was, &was, error,
	                "SELECT name FROM account_limit WHERE account = ?1 LIMIT 1 OFFSET ?2", "ii",
	                account, (int64_t)REGISTRY_LIMITS_MAX);

	if (status == REGISTRY_OK && was.value[0] != '\0')
		status = fail(error, REGISTRY_CONFLICT,
		              "%s: more than %d limits: take some of them away", name,
		              REGISTRY_LIMITS_MAX);
	return status;
}

static enum registry_status set_one(struct registry *registry, int64_t account, const char *name,
                                    const struct registry_limit *limit, bool *added,
                                    struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	struct was was = {""};
	enum registry_status status =
	    handle_walk(handle, read_was, &was, error,
	                "SELECT value FROM account_limit WHERE account = ?1 AND name = ?2", "it",
	                account, limit->name);

	if (status != REGISTRY_OK)
		return status;
	if (strcmp(was.value, limit->value) == 0)
		return REGISTRY_UNCHANGED;
	*added |= was.value[0] == '\0';
	if (limit->value[0] == '\0')
		status = handle_change(handle, NULL, error,
		                       "DELETE FROM account_limit WHERE account = ?1 AND name = ?2",
		                       "it", account, limit->name);
	else
		status = handle_change(
		    handle, NULL, error,
		    "INSERT INTO account_limit (account, name, value) VALUES (?1, ?2, ?3) "
		    "ON CONFLICT (account, name) DO UPDATE SET value = ?3",
		    "itt", account, limit->name, limit->value);
	if (status != REGISTRY_OK)
		return status;
	return writer_note(registry, "limit set", name, limit->name, was.value, limit->value,
	                   error);
}

static enum registry_status set(struct registry *registry, int64_t account, const char *name,
                                size_t i, void *arg, struct registry_error *error)
{
	struct set *set = arg;
	enum registry_status status =
	    set_one(registry, account, name, &set->limits[i], &set->added, error);
	enum registry_status room = REGISTRY_OK;

	if (i == set->count - 1 && set->added &&
	    (status == REGISTRY_OK || status == REGISTRY_UNCHANGED))
		room = check_room(registry, account, name, error);
	return room == REGISTRY_OK ? status : room;
}

enum registry_status registry_limit_set(struct registry *registry, const char *account,
                                        const struct registry_limit *limits, size_t count,
                                        size_t *changed, struct registry_error *error)
{
	struct set arg = {.limits = limits, .count = count};

	return writer_each(registry, HOLDER_ACCOUNT, account, count, set, &arg, changed, error);
}

struct walk {
	registry_limit_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_limit_row limit;
	enum registry_status status =
	    handle_columns(handle, row, error, "ttt", &limit.account, &limit.name, &limit.value);

	if (status != REGISTRY_OK)
		return status;
	return walk->fn(&limit, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status registry_limit_walk(struct registry *registry, const char *account,
                                         registry_limit_fn *fn, void *arg,
                                         struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return writer_walk_of(registry, HOLDER_ACCOUNT, account, walk_row, &walk, error,
	                      "SELECT a.name, l.name, l.value FROM account_limit AS l "
	                      "JOIN account AS a ON a.id = l.account "
	                      "WHERE ?1 IN (0, l.account) ORDER BY a.name, l.name");
}
