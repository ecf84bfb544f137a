/* What the administrator's programs do to the registry. */
#include "tests/fault/scenario.h"

#include "db/usage.h"

#include <string.h>

static const struct registry_terms never = {.note = NULL};

/* ---- changes: all of each, or nothing ----------------------------------- */

typedef enum registry_status change_fn(struct registry *registry, struct registry_error *error);

static enum ending change(change_fn *fn)
{
	struct registry_error error;
	struct registry *registry;
	enum registry_status status =
	    registry_open(place.database, REGISTRY_WAIT_MS, &registry, &error);

	if (status == REGISTRY_OK) {
		registry_as(registry, "tester", PLACE_NOW);
		status = fn(registry, &error);
		registry_close(registry);
	}
	return of_status(status, &error);
}

#define CHANGE(name, call)                                                                         \
	static enum registry_status do_##name(struct registry *registry,                           \
	                                      struct registry_error *error)                        \
	{                                                                                          \
		size_t changed;                                                                    \
                                                                                                   \
		(void)changed;                                                                     \
		return call;                                                                       \
	}                                                                                          \
	static enum ending name(void)                                                              \
	{                                                                                          \
		return change(do_##name);                                                          \
	}

static const char *const two_patterns[] = {"new@example.com", "@.new.example"};
static const char *const alice_patterns[] = {"alice@example.com", "@alice.example"};
static const char *const two_accounts[] = {"alice", "bob"};
static const char *const network[] = {"198.51.100.0/24"}, *const old_network[] = {"192.0.2.128/25"};
static const struct registry_limit limits[] = {{"max_recipients", "7"}, {"messages_per_day", "9"}};

CHANGE(account_add, registry_account_add(registry, "dave", "bulk", error))
CHANGE(account_delete, registry_account_delete(registry, "alice", error))
CHANGE(account_suspend, registry_account_suspend(registry, "alice", "unpaid", error))
CHANGE(account_resume, registry_account_resume(registry, "carol", error))
CHANGE(group_add, registry_group_add(registry, "%new", error))
CHANGE(group_delete, registry_group_delete(registry, "%sales", error))
CHANGE(member_add, registry_member_add(registry, "%empty", two_accounts, 2, &changed, error))
CHANGE(member_delete, registry_member_delete(registry, "%sales", two_accounts, 2, &changed, error))
CHANGE(grant_add, registry_grant_add(registry, "bob", two_patterns, 2, &never, &changed, error))
CHANGE(grant_expire,
       registry_grant_add(registry, "alice", alice_patterns, 2,
                          &(struct registry_terms){.expires = PLACE_NOW + 60}, &changed, error))
CHANGE(grant_delete, registry_grant_delete(registry, "alice", alice_patterns, 2, &changed, error))
CHANGE(limit_set, registry_limit_set(registry, "alice", limits, 2, &changed, error))
CHANGE(network_add, registry_network_add(registry, "bob", network, 1, &changed, error))
CHANGE(network_delete, registry_network_delete(registry, "alice", old_network, 1, &changed, error))

static enum registry_status import_three(struct registry *registry, struct registry_error *error)
{
	static const char *const holders[] = {"alice", "erin", "bob"};
	struct registry_import *import;
	struct registry_imported imported;
	enum registry_status status = registry_import_begin(registry, &import, error), ended;

	if (status != REGISTRY_OK)
		return status;
	for (size_t i = 0; i < 3 && status <= REGISTRY_UNCHANGED; i++)
		status =
		    registry_import_grant(import, holders[i], true, two_patterns[0], &never, error);
	ended = registry_import_end(import, status <= REGISTRY_UNCHANGED, &imported, error);
	return status <= REGISTRY_UNCHANGED ? ended : status;
}

static enum ending import(void)
{
	return change(import_three);
}

static enum ending create(void)
{
	struct registry_error error;

	return of_status(registry_create(place.database, &error), &error);
}

/* ---- walks: all that there is, or a failure ------------------------------ */

static char text[8192];

static void note(const char *word)
{
	size_t len = strlen(text);

	snprintf(text + len, sizeof text - len, "%s\n", word);
}

static bool note_account(const struct registry_account *account, void *arg)
{
	(void)arg;
	note(account->name);
	note(account->reason);
	return true;
}

static bool note_grant(const struct registry_grant *grant, void *arg)
{
	(void)arg;
	note(grant->holder);
	note(grant->pattern);
	return true;
}

static bool note_group(const struct registry_group *group, void *arg)
{
	(void)arg;
	note(group->name);
	return true;
}

static bool note_member(const struct registry_member *member, void *arg)
{
	(void)arg;
	note(member->account);
	return true;
}

static bool note_limit(const struct registry_limit_row *limit, void *arg)
{
	(void)arg;
	note(limit->value);
	return true;
}

static bool note_change(const struct registry_change *row, void *arg)
{
	(void)arg;
	note(row->item);
	return true;
}

static enum registry_status walk_all(struct registry *registry, struct registry_error *error)
{
	enum registry_status status;

	text[0] = '\0';
	status = registry_account_walk(registry, NULL, note_account, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_group_walk(registry, NULL, note_group, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_member_walk(registry, "%sales", NULL, note_member, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_grant_walk(registry, NULL, note_grant, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_grant_find(registry, alice_patterns, 2, note_grant, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_limit_walk(registry, "bob", note_limit, NULL, error);
	if (status == REGISTRY_OK)
		status = registry_change_walk(registry, "alice", 0, note_change, NULL, error);
	return status;
}

static enum ending walks(void)
{
	enum ending outcome = change(walk_all);

	return outcome == RIGHT ? of_text(text) : outcome;
}

static bool note_problem(const char *problem, void *arg)
{
	(void)arg;
	note(problem);
	return true;
}

static enum registry_status check_all(struct registry *registry, struct registry_error *error)
{
	text[0] = '\0';
	return registry_check(registry, note_problem, NULL, error);
}

static enum ending check(void)
{
	enum ending outcome = change(check_all);

	/* A page that cannot be read is damage that it tells. */
	return outcome == RIGHT && text[0] ? FAILED : outcome;
}

/* ---- usage -------------------------------------------------------------- */

static enum ending usage_put(void)
{
	const struct usage_store_row row = {"bob", "messages_per_day", PLACE_NOW, INT64_C(1) << 60,
	                                    7};
	struct registry_error error;
	struct usage_store *store;
	enum registry_status status =
	    usage_store_open(place.usage, USAGE_STORE_WRITE, &store, &error);

	if (status == REGISTRY_OK)
		status = usage_store_begin(store, &error);
	if (status == REGISTRY_OK)
		status =
		    usage_store_end(store, usage_store_put(store, &row, &error), PLACE_NOW, &error);
	usage_store_close(store);
	return of_status(status, &error);
}

static bool note_usage(const struct usage_store_row *row, void *arg)
{
	(void)arg;
	note(row->account);
	return row->used == 42;
}

static enum ending usage_walk(void)
{
	struct registry_error error;
	struct usage_store *store;
	enum registry_status status =
	    usage_store_open(place.usage, USAGE_STORE_READ, &store, &error);

	text[0] = '\0';
	if (status == REGISTRY_OK)
		status = usage_store_walk(store, NULL, PLACE_NOW, note_usage, NULL, &error);
	usage_store_close(store);
	return status == REGISTRY_OK ? of_text(text) : of_status(status, &error);
}

#define ROW(what)                                                                                  \
	{                                                                                          \
		.name = "registry: " #what, .run = what                                            \
	}
const struct scenario registry_scenarios[] = {
    {.name = "registry: create", .run = create, .base = BASE_NONE},
    {.name = "registry: bring up", .run = create, .base = BASE_OLD},
    ROW(account_add),
    ROW(account_delete),
    ROW(account_suspend),
    ROW(account_resume),
    ROW(group_add),
    ROW(group_delete),
    ROW(member_add),
    ROW(member_delete),
    ROW(grant_add),
    ROW(grant_expire),
    ROW(grant_delete),
    ROW(limit_set),
    ROW(network_add),
    ROW(network_delete),
    ROW(import),
    ROW(walks),
    ROW(check),
    ROW(usage_put),
    ROW(usage_walk),
    {.name = NULL},
};
