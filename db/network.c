/* Networks that stand for an account. */
#include "db/error.h"
#include "db/writer.h"

#include <stdio.h>
#include <string.h>

struct owner {
	int64_t id; /* 0: nobody */
	char name[REGISTRY_ACCOUNT_MAX + 1];
};

static enum registry_status read_owner(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                       struct registry_error *error)
{
	struct owner *owner = arg;
	const char *name;
	enum registry_status status = handle_columns(handle, row, error, "it", &owner->id, &name);

	if (status == REGISTRY_OK)
		snprintf(owner->name, sizeof owner->name, "%s", name);
	return status;
}

static enum registry_status find_owner(struct registry *registry, const char *network,
                                       struct owner *out, struct registry_error *error)
{
	out->id = 0;
	return handle_walk(&registry->handle, read_owner, out, error,
	                   "SELECT a.id, a.name FROM network AS n "
	                   "JOIN account AS a ON a.id = n.account WHERE n.network = ?1",
	                   "t", network);
}

static enum registry_status add(struct registry *registry, int64_t account, const char *name,
                                size_t i, void *arg, struct registry_error *error)
{
	const char *network = ((const char *const *)arg)[i];
	struct owner owner;
	enum registry_status status = find_owner(registry, network, &owner, error);

	if (status != REGISTRY_OK)
		return status;
	if (owner.id == account)
		return REGISTRY_UNCHANGED;
	if (owner.id != 0)
		return fail(error, REGISTRY_CONFLICT,
		            "%s: stands for the account %s already: delete it there first", network,
		            owner.name);
	status = handle_change(&registry->handle, NULL, error,
	                       "INSERT INTO network (network, account) VALUES (?1, ?2)", "ti",
	                       network, account);
	if (status != REGISTRY_OK)
		return status;
	return writer_note(registry, "network add", name, network, "", "", error);
}

static enum registry_status delete (struct registry *registry, int64_t account, const char *name,
                                    size_t i, void *arg, struct registry_error *error) {
	const char *network = ((const char *const *)arg)[i]; size_t changed;
	    enum registry_status status = handle_change(
		&registry->handle, &changed, error,
		"DELETE FROM network WHERE network = ?1 AND account = ?2", "ti", network, account);

	    if (status != REGISTRY_OK || changed == 0) return status == REGISTRY_OK
		? REGISTRY_UNCHANGED
		: status;
	    return writer_note(registry, "network delete", name, network, "", "", error);
}

enum registry_status registry_network_add(struct registry *registry, const char *account,
                                          const char *const *networks, size_t count,
                                          size_t *changed, struct registry_error *error)
{
	return writer_each(registry, HOLDER_ACCOUNT, account, count, add,
	                   (void *)(uintptr_t)networks, changed, error);
}

enum registry_status registry_network_delete(struct registry *registry, const char *account,
                                             const char *const *networks, size_t count,
                                             size_t *changed, struct registry_error *error)
{
	return writer_each(registry, HOLDER_ACCOUNT, account, count, delete,
	                   (void *)(uintptr_t)networks, changed, error);
}

struct walk {
	registry_network_fn *fn;
	void *arg;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_network network;
	enum registry_status status =
	    handle_columns(handle, row, error, "tt", &network.network, &network.account);

	if (status != REGISTRY_OK)
		return status;
	return walk->fn(&network, walk->arg) ? REGISTRY_OK : REGISTRY_UNCHANGED;
}

enum registry_status registry_network_walk(struct registry *registry, const char *account,
                                           registry_network_fn *fn, void *arg,
                                           struct registry_error *error)
{
	struct walk walk = {fn, arg};

	return writer_walk_of(registry, HOLDER_ACCOUNT, account, walk_row, &walk, error,
	                      "SELECT n.network, a.name FROM network AS n "
	                      "JOIN account AS a ON a.id = n.account "
	                      "WHERE ?1 IN (0, n.account) ORDER BY a.name, n.network");
}
