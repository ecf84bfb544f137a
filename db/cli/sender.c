/* Senders: the addresses that an account or group may use. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/values.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int parse(const char *arg, char **out)
{
	char canonical[MAILBOX_KEY_MAX + 1], problem[PROBLEM_MAX];
	int code = value_pattern(arg, canonical, problem);

	if (code == EX_USAGE)
		return complain(code, "%s", problem);
	if (code == EX_OK && !(*out = strdup(canonical)))
		return complain(EX_OSERR, "out of memory");
	return code;
}

static int check_holder(const char *name)
{
	char problem[PROBLEM_MAX];
	int code = value_holder(name, problem);

	return code == EX_USAGE ? complain(code, "%s", problem) : code;
}

/* What --expires and --note say. */
static int parse_terms(const struct cli *cli, struct registry_terms *out)
{
	char problem[PROBLEM_MAX];
	int code = EX_OK;

	*out = (struct registry_terms){.note = cli->note};
	if (cli->expires)
		code = value_expires(cli->expires, time(NULL), &out->expires, problem);
	if (code == EX_OK && cli->note)
		code = value_note(cli->note, problem);
	return code == EX_USAGE ? complain(code, "%s", problem) : code;
}

static void free_patterns(char **patterns, size_t count)
{
	for (size_t i = 0; patterns && i < count; i++)
		free(patterns[i]);
	free(patterns);
}

/* All of them, or none and a complaint. */
static int parse_patterns(char *const *args, size_t count, char ***out)
{
	char **patterns = calloc(count, sizeof *patterns);
	int code = patterns ? EX_OK : complain(EX_OSERR, "out of memory");

	for (size_t i = 0; i < count && code == EX_OK; i++)
		code = parse(args[i], &patterns[i]);
	if (code != EX_OK) {
		free_patterns(patterns, count);
		patterns = NULL;
	}
	*out = patterns;
	return code;
}

enum verb {
	ADD,
	DELETE
};

static int change(struct cli *cli, enum verb verb)
{
	static const char *const done[] = {[ADD] = "added", [DELETE] = "deleted"};
	static const char *const already[] = {[ADD] = "already there", [DELETE] = "not there"};
	const char *holder = cli->args[0];
	size_t count = cli->arg_count - 1, changed = 0;
	struct registry_terms terms;
	struct registry_error error;
	enum registry_status status;
	char **patterns = NULL;
	int code = check_holder(holder);

	if (code == EX_OK)
		code = parse_patterns(cli->args + 1, count, &patterns);
	if (code == EX_OK)
		code = parse_terms(cli, &terms);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		goto out;
	if (verb == ADD)
		status = registry_grant_add(cli->registry, holder, (const char *const *)patterns,
		                            count, &terms, &changed, &error);
	else
		status = registry_grant_delete(cli->registry, holder, (const char *const *)patterns,
		                               count, &changed, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		code = complain_registry(&error);
	else if (cli->json)
		print_changed(holder, changed);
	else
		say("%s: %zu %s, %zu %s", holder, changed, done[verb], count - changed,
		    already[verb]);
out:
	free_patterns(patterns, count);
	return code;
}

int sender_add(struct cli *cli)
{
	return change(cli, ADD);
}

int sender_delete(struct cli *cli)
{
	return change(cli, DELETE);
}

static bool list_json(const struct registry_grant *grant, void *arg)
{
	array_add(arg, grant_json(grant));
	return output_good();
}

/* The note last: it may be long, and then shall push nothing away. */
static bool list_row(const struct registry_grant *grant, void *arg)
{
	char created[DATE_MAX], expires[DATE_MAX];

	table_row(arg, (const char *[]){grant->holder, grant->pattern,
	                                grant->expires ? date(expires, grant->expires) : "-",
	                                grant->author, date(created, grant->created),
	                                *grant->note ? grant->note : "-"});
	return output_good();
}

static enum registry_status walk(struct registry *registry, const struct list *list, bool json,
                                 void *arg, struct registry_error *error)
{
	return registry_grant_walk(registry, list->name, json ? list_json : list_row, arg, error);
}

int sender_list(struct cli *cli)
{
	struct table table = {
	    .columns = 6, .head = {"HOLDER", "SENDER", "EXPIRES", "GIVEN BY", "CREATED", "NOTE"}};
	const struct list list = {.walk = walk, .name = cli->arg_count > 0 ? cli->args[0] : NULL};
	int code = list.name ? check_holder(list.name) : EX_OK;

	if (code == EX_OK)
		code = cli_open(cli);
	return code == EX_OK ? print_list(cli, &table, &list) : code;
}
