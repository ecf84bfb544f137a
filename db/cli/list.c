/* What every `list' does: the rows of a walk as a table, or with --json as an array. */
#include "db/cli/cli.h"
#include "db/cli/output.h"

/* A table walks twice: the first time its columns are measured. */
int print_list(struct cli *cli, struct table *table, const struct list *list)
{
	struct registry_error error;
	enum registry_status status;
	struct array array;

	if (cli->json) {
		array_begin(&array);
		status = list->walk(cli->registry, list, true, &array, &error);
		array_end(&array);
	} else {
		status = list->walk(cli->registry, list, false, table, &error);
		if (status == REGISTRY_OK) {
			table_print(table);
			status = list->walk(cli->registry, list, false, table, &error);
		}
	}
	return status == REGISTRY_OK ? EX_OK : complain_registry(&error);
}
