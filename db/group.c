/* Groups and their members. */
#include "db/account.h"
#include "db/error.h"

static enum registry_status add(struct registry *registry, const char *name,
                                struct registry_error *error)
{
	size_t added;
	int64_t id;
	enum registry_status status = handle_change(
	    &registry->handle, &added, error,
	    "INSERT INTO account (name, profile, created, is_group) VALUES (?1, '', ?2, 1) "
	    "ON CONFLICT (name) DO NOTHING",
	    "ti", name, registry->now);

	if (status != REGISTRY_OK)
		return status;
	if (added > 0)
		return writer_note(registry, "group add", name, "", "", "", error);
	status = writer_holder(registry, HOLDER_GROUP, name, &id, error);
	if (status == REGISTRY_NOT_FOUND)
		return fail(error, REGISTRY_CONFLICT, "%s: an account: give the group another name",
		            name);
	return status == REGISTRY_OK ? REGISTRY_UNCHANGED : status;
}

enum registry_status registry_group_add(struct registry *registry, const char *name,
                                        struct registry_error *error)
{
	enum registry_status status = writer_begin(registry, error);

	if (status != REGISTRY_OK)
		return status;
	return writer_end(registry, add(registry, name, error), error);
}

enum registry_status registry_group_delete(struct registry *registry, const char *name,
                                           struct registry_error *error)
{
	return account_remove(registry, HOLDER_GROUP, name, "group delete", error);
}

/* ---- members ------------------------------------------------------------ */

struct join {
	const char *const *accounts;
	bool leave;
};

static enum registry_status join(struct registry *registry, int64_t group, const char *name,
                                 size_t i, void *arg, struct registry_error *error)
{
	const struct join *join = arg;
	int64_t account;
	size_t changed;
	enum registry_status status =
	    writer_holder(registry, HOLDER_ACCOUNT, join->accounts[i], &account, error);

	if (status != REGISTRY_OK)
		return status;
	status = handle_change(&registry->handle, &changed, error,
	                       join->leave
	                           ? "DELETE FROM membership WHERE account = ?1 AND in_group = ?2"
	                           : "INSERT INTO membership (account, in_group) VALUES (?1, ?2) "
	                             "ON CONFLICT (account, in_group) DO NOTHING",
	                       "ii", account, group);
	if (status != REGISTRY_OK || changed == 0)
		return status == REGISTRY_OK ? REGISTRY_UNCHANGED : status;
	return writer_note(registry, join->leave ? "group leave" : "group join", name,
	                   join->accounts[i], "", "", error);
}

enum registry_status registry_member_add(struct registry *registry, const char *group,
                                         const char *const *accounts, size_t count, size_t *changed,
                                         struct registry_error *error)
{
	struct join arg = {accounts, false};

	return writer_each(registry, HOLDER_GROUP, group, count, join, &arg, changed, error);
}

enum registry_status registry_member_delete(struct registry *registry, const char *group,
                                            const char *const *accounts, size_t count,
                                            size_t *changed, struct registry_error *error)
{
	struct join arg = {accounts, true};

	return writer_each(registry, HOLDER_GROUP, group, count, join, &arg, changed, error);
}

/* ---- walking ------------------------------------------------------------ */

struct walk {
	registry_group_fn *group;
	registry_member_fn *member;
	void *arg;
};

static enum registry_status group_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                      struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_group group;
	int64_t grants, members;
	enum registry_status status = handle_columns(handle, row, error, "tiii", &group.name,
	                                             &group.created, &grants, &members);

	if (status != REGISTRY_OK)
		return status;
	group.grants = (uint64_t)grants;
	group.members = (uint64_t)members;
	return walk->group(&group, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status registry_group_walk(struct registry *registry, const char *name,
                                         registry_group_fn *fn, void *arg,
                                         struct registry_error *error)
{
	struct walk walk = {.group = fn, .arg = arg};

	return writer_walk_of(registry, HOLDER_GROUP, name, group_row, &walk, error,
	                      "SELECT name, created,"
	                      " (SELECT count(*) FROM sender_grant WHERE account = account.id),"
	                      " (SELECT count(*) FROM membership WHERE in_group = account.id) "
	                      "FROM account WHERE is_group AND ?1 IN (0, id) ORDER BY name");
}

static enum registry_status member_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                       struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_member member;
	enum registry_status status =
	    handle_columns(handle, row, error, "tt", &member.group, &member.account);

	if (status != REGISTRY_OK)
		return status;
	return walk->member(&member, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

#define MEMBERS                                                                                    \
	"SELECT g.name, a.name FROM membership AS m "                                              \
	"JOIN account AS g ON g.id = m.in_group JOIN account AS a ON a.id = m.account "

enum registry_status registry_member_walk(struct registry *registry, const char *group,
                                          const char *account, registry_member_fn *fn, void *arg,
                                          struct registry_error *error)
{
	struct walk walk = {.member = fn, .arg = arg};

	if (group)
		return writer_walk_of(registry, HOLDER_GROUP, group, member_row, &walk, error,
		                      MEMBERS "WHERE m.in_group = ?1 ORDER BY a.name");
	return writer_walk_of(registry, HOLDER_ACCOUNT, account, member_row, &walk, error,
	                      MEMBERS "WHERE ?1 IN (0, m.account) ORDER BY g.name, a.name");
}
