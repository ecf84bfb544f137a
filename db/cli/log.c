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

int log_run(struct cli *cli)
{
	struct table table = {
	    .columns = 7, .head = {"TIME", "WHO", "WHAT", "ACCOUNT", "ITEM", "BEFORE", "AFTER"}};
	const char *account = cli->arg_count > 0 ? cli->args[0] : NULL;
	char problem[PROBLEM_MAX];
	struct registry_error error;
	enum registry_status status;
	struct array array;
	int64_t since = 0;
	int code = account ? value_holder(account, problem) : EX_OK;

	if (code == EX_OK && cli->since)
		code = value_since(cli->since, time(NULL), &since, problem);
	if (code != EX_OK)
		return code == EX_USAGE ? complain(code, "%s", problem) : code;
	code = cli_open(cli);
	if (code != EX_OK)
		return code;
	if (cli->json) {
		array_begin(&array);
		status =
		    registry_change_walk(cli->registry, account, since, log_json, &array, &error);
		array_end(&array);
	} else {
		status =
		    registry_change_walk(cli->registry, account, since, log_row, &table, &error);
		if (status == REGISTRY_OK) {
			table_print(&table);
			status = registry_change_walk(cli->registry, account, since, log_row,
			                              &table, &error);
		}
	}
	return status == REGISTRY_OK ? EX_OK : complain_registry(&error);
}
