/* Groups: accounts that may send as the group may. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/values.h"

/* The registry, if the first argument can be a group's name, and all others those of accounts. */
static int open_for_group(struct cli *cli)
{
	char problem[PROBLEM_MAX];
	int code = value_group(cli->args[0], problem);

	if (code == EX_USAGE)
		return complain(code, "%s", problem);
	for (size_t i = 1; i < cli->arg_count && code == EX_OK; i++)
		code = check_name(cli->args[i]);
	return code == EX_OK ? cli_open(cli) : code;
}

/* What a change of the group itself came to. */
static int report(const struct cli *cli, enum registry_status status,
                  const struct registry_error *error, const char *done, const char *already)
{
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(error);
	if (cli->json)
		print_changed(cli->args[0], status == REGISTRY_OK);
	else
		say("%s: %s", cli->args[0], status == REGISTRY_OK ? done : already);
	return EX_OK;
}

int group_add(struct cli *cli)
{
	struct registry_error error;
	int code = open_for_group(cli);

	if (code != EX_OK)
		return code;
	return report(cli, registry_group_add(cli->registry, cli->args[0], &error), &error,
	              "group is there", "group was there already");
}

int group_delete(struct cli *cli)
{
	struct registry_error error;
	int code = open_for_group(cli);

	if (code != EX_OK)
		return code;
	return report(cli, registry_group_delete(cli->registry, cli->args[0], &error), &error,
	              "group and its senders are deleted", "there was no such group");
}

/* ---- members -------------------------------------------------------------- */

enum verb {
	JOIN,
	LEAVE
};

static int change_members(struct cli *cli, enum verb verb)
{
	static const char *const done[] = {[JOIN] = "joined", [LEAVE] = "left"};
	static const char *const already[] = {[JOIN] = "in it already", [LEAVE] = "not in it"};
	const char *const *accounts = (const char *const *)cli->args + 1;
	size_t count = cli->arg_count - 1, changed = 0;
	const char *group = cli->args[0];
	struct registry_error error;
	enum registry_status status;
	int code = open_for_group(cli);

	if (code != EX_OK)
		return code;
	if (verb == JOIN)
		status =
		    registry_member_add(cli->registry, group, accounts, count, &changed, &error);
	else
		status =
		    registry_member_delete(cli->registry, group, accounts, count, &changed, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(&error);
	if (cli->json)
		print_changed(group, changed);
	else
		say("%s: %zu %s, %zu %s", group, changed, done[verb], count - changed,
		    already[verb]);
	return EX_OK;
}

int group_join(struct cli *cli)
{
	return change_members(cli, JOIN);
}

int group_leave(struct cli *cli)
{
	return change_members(cli, LEAVE);
}

/* ---- looking -------------------------------------------------------------- */

static json_t *group_json(const struct registry_group *group)
{
	char created[DATE_MAX];

	return json_pack("{s:o, s:s, s:I, s:I}", "name", json_text(group->name), "created",
	                 date(created, group->created), "members", (json_int_t)group->members,
	                 "grants", (json_int_t)group->grants);
}

static bool list_json(const struct registry_group *group, void *arg)
{
	array_add(arg, group_json(group));
	return output_good();
}

static bool list_row(const struct registry_group *group, void *arg)
{
	char created[DATE_MAX], grants[24], members[24];

	snprintf(members, sizeof members, "%llu", (unsigned long long)group->members);
	snprintf(grants, sizeof grants, "%llu", (unsigned long long)group->grants);
	table_row(arg,
	          (const char *[]){group->name, members, grants, date(created, group->created)});
	return output_good();
}

static enum registry_status walk(struct registry *registry, const struct list *list, bool json,
                                 void *arg, struct registry_error *error)
{
	return registry_group_walk(registry, list->name, json ? list_json : list_row, arg, error);
}

int group_list(struct cli *cli)
{
	struct table table = {.columns = 4, .head = {"GROUP", "ACCOUNTS", "SENDERS", "CREATED"}};
	const struct list list = {.walk = walk};
	int code = cli_open(cli);

	return code == EX_OK ? print_list(cli, &table, &list) : code;
}

static bool show_json(const struct registry_group *group, void *arg)
{
	*(json_t **)arg = group_json(group);
	return true;
}

static bool show_member_json(const struct registry_member *member, void *arg)
{
	return json_array_append_new(arg, json_text(member->account)) == 0;
}

static bool show_pattern_json(const struct registry_grant *grant, void *arg)
{
	return json_array_append_new(arg, json_text(grant->pattern)) == 0;
}

static bool show_lines(const struct registry_group *group, void *arg)
{
	char created[DATE_MAX];

	(void)arg;
	say("group      %s", group->name);
	say("created    %s", date(created, group->created));
	say("accounts   %llu", (unsigned long long)group->members);
	return true;
}

static bool show_member_line(const struct registry_member *member, void *arg)
{
	(void)arg;
	say("           %s", member->account);
	return output_good();
}

static bool show_count(const struct registry_group *group, void *arg)
{
	(void)arg;
	say("senders    %llu", (unsigned long long)group->grants);
	return true;
}

static bool show_pattern_line(const struct registry_grant *grant, void *arg)
{
	(void)arg;
	say("           %s", grant->pattern);
	return output_good();
}

int group_show(struct cli *cli)
{
	json_t *object = NULL, *members = NULL, *patterns = NULL;
	struct registry_error error;
	enum registry_status status;
	const char *name = cli->args[0];
	int code = open_for_group(cli);

	if (code != EX_OK)
		return code;
	if (cli->json) {
		members = json_array();
		patterns = json_array();
	}
	status = registry_group_walk(cli->registry, name, cli->json ? show_json : show_lines,
	                             &object, &error);
	if (status == REGISTRY_OK)
		status = registry_member_walk(cli->registry, name, NULL,
		                              cli->json ? show_member_json : show_member_line,
		                              members, &error);
	if (status == REGISTRY_OK && !cli->json)
		status = registry_group_walk(cli->registry, name, show_count, NULL, &error);
	if (status == REGISTRY_OK)
		status = registry_grant_walk(cli->registry, name,
		                             cli->json ? show_pattern_json : show_pattern_line,
		                             patterns, &error);
	if (status != REGISTRY_OK)
		code = complain_registry(&error);
	else if (cli->json && json_object_set(object, "members", members) == 0 &&
	         json_object_set(object, "patterns", patterns) == 0)
		print_json(json_incref(object));
	json_decref(patterns);
	json_decref(members);
	json_decref(object);
	return code;
}
