/* The change log: who changed what. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/values.h"

#include <time.h>

static bool log_json(const struct registry_change *change, void *arg)
{
	char time[DATE_MAX];

	array_add(arg, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "time",
	                         date(time, change->time), "who", json_text(change->who), "what",
	                         json_text(change->what), "account", json_text(change->account),
	                         "item", json_text(change->item), "before",
	                         json_text(change->before), "after", json_text(change->after)));
	return output_good();
}

static const char *cell(const char *text)
{
	return *text ? text : "-";
}

static bool log_row(const struct registry_change *change, void *arg)
{
	char time[DATE_MAX];

	table_row(arg,
	          (const char *[]){date(time, change->time), cell(change->who), cell(change->what),
	                           cell(change->account), cell(change->item), cell(change->before),
	                           cell(change->after)});
	return output_good();
}

static enum registry_status walk(struct registry *registry, const struct list *list, bool json,
                                 void *arg, struct registry_error *error)
{
	return registry_change_walk(registry, list->name, list->since, json ? log_json : log_row,
	                            arg, error);
}

int log_run(struct cli *cli)
{
	struct table table = {
	    .columns = 7, .head = {"TIME", "WHO", "WHAT", "ACCOUNT", "ITEM", "BEFORE", "AFTER"}};
	struct list list = {.walk = walk, .name = cli->arg_count > 0 ? cli->args[0] : NULL};
	char problem[PROBLEM_MAX];
	int code = list.name ? value_holder(list.name, problem) : EX_OK;

	if (code == EX_OK && cli->since)
		code = value_since(cli->since, time(NULL), &list.since, problem);
	if (code != EX_OK)
		return code == EX_USAGE ? complain(code, "%s", problem) : code;
	code = cli_open(cli);
	return code == EX_OK ? print_list(cli, &table, &list) : code;
}
