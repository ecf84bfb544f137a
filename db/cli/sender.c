/* Senders: the addresses that an account may use. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "policy/address.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *arg, char **out)
{
	char canonical[MAILBOX_KEY_MAX + 1], quoted[SHOWN_MAX];
	enum form form = pattern_parse(arg, canonical);

	/* What could not be shown as it is could be taken for another address; and so could `*'. */
	if (form == FORM_OK && (!text_plain(canonical) || strncmp(canonical, "*@", 2) == 0))
		form = FORM_BAD;
	if (form == FORM_OK && (*out = strdup(canonical)) != NULL)
		return EX_OK;
	if (form == FORM_OK || form == FORM_UNKNOWN)
		return complain(EX_OSERR, "out of memory");
	return complain(EX_USAGE,
	                "\"%s\" cannot be a sender: give user@example.com, or @example.com for all "
	                "of a domain",
	                shown(quoted, arg));
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
	const char *account = cli->args[0];
	size_t count = cli->arg_count - 1, changed = 0;
	const struct registry_terms never = {.expires = 0};
	struct registry_error error;
	enum registry_status status;
	char **patterns = NULL;
	int code = check_name(account);

	if (code == EX_OK)
		code = parse_patterns(cli->args + 1, count, &patterns);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		goto out;
	if (verb == ADD)
		status = registry_grant_add(cli->registry, account, (const char *const *)patterns,
		                            count, &never, &changed, &error);
	else
		status = registry_grant_delete(
		    cli->registry, account, (const char *const *)patterns, count, &changed, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		code = complain_registry(&error);
	else if (cli->json)
		print_changed(account, changed);
	else
		say("%s: %zu %s, %zu %s", account, changed, done[verb], count - changed,
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
	char created[DATE_MAX];

	array_add(arg,
	          json_pack("{s:o, s:o, s:s}", "account", json_text(grant->holder), "pattern",
	                    json_text(grant->pattern), "created", date(created, grant->created)));
	return output_good();
}

static bool list_row(const struct registry_grant *grant, void *arg)
{
	char created[DATE_MAX];

	table_row(arg,
	          (const char *[]){grant->holder, grant->pattern, date(created, grant->created)});
	return output_good();
}

int sender_list(struct cli *cli)
{
	struct table table = {.columns = 3, .head = {"ACCOUNT", "SENDER", "CREATED"}};
	const char *account = cli->arg_count > 0 ? cli->args[0] : NULL;
	struct registry_error error;
	enum registry_status status;
	struct array array;
	int code = account ? check_name(account) : EX_OK;

	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		return code;
	if (cli->json) {
		array_begin(&array);
		status = registry_grant_walk(cli->registry, account, list_json, &array, &error);
		array_end(&array);
	} else {
		status = registry_grant_walk(cli->registry, account, list_row, &table, &error);
		if (status == REGISTRY_OK) {
			table_print(&table);
			status =
			    registry_grant_walk(cli->registry, account, list_row, &table, &error);
		}
	}
	return status == REGISTRY_OK ? EX_OK : complain_registry(&error);
}
