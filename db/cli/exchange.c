/* Senders from a file and to a file. */
#include "db/cli/cli.h"
#include "db/cli/import.h"
#include "db/cli/output.h"
#include "db/cli/replace.h"
#include "db/cli/values.h"

#include <string.h>
#include <time.h>

/* ---- import ------------------------------------------------------------- */

struct importing {
	const struct cli *cli;
	struct import file;
	struct registry_import *registry;
	int64_t now;
};

/* The registry's own words: with the row that they are about, unless all rows are meant. */
static int complain_grant(struct importing *importing, const struct import_row *row,
                          const struct registry_error *error)
{
	char quoted[SHOWN_MAX];

	progress_end(&importing->file.progress);
	if (error->status != REGISTRY_NOT_FOUND)
		return complain_registry(error);
	return import_complain(&importing->file, row->line,
	                       row->account[0] == '%'
	                           ? "\"%s\" is no group: make it with `postreeve group add', or "
	                             "correct it"
	                           : "\"%s\" is no registered account: correct it, or add it, or "
	                             "give --create-accounts",
	                       shown(quoted, row->account));
}

static int take_row(const struct import_row *row, void *arg)
{
	char pattern[MAILBOX_KEY_MAX + 1], problem[PROBLEM_MAX];
	struct importing *importing = arg;
	struct registry_terms terms = {.note = row->note};
	struct registry_error error;
	enum registry_status status;
	int code = value_holder(row->account, problem);

	if (code == EX_OK)
		code = value_pattern(row->pattern, pattern, problem);
	if (code == EX_OK)
		code = value_expires(row->expires, importing->now, &terms.expires, problem);
	if (code == EX_OK)
		code = value_note(row->note, problem);
	if (code == EX_USAGE)
		return import_complain(&importing->file, row->line, "%s", problem);
	if (code != EX_OK)
		return code;
	status = registry_import_grant(importing->registry, row->account,
	                               importing->cli->create_accounts && row->account[0] != '%',
	                               pattern, &terms, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_grant(importing, row, &error);
	return EX_OK;
}

static void report(const struct cli *cli, const struct registry_imported *imported)
{
	const char *file = cli->args[0];

	if (cli->json)
		print_json(json_pack("{s:o, s:I, s:I, s:I, s:I}", "file", json_text(file), "added",
		                     (json_int_t)imported->added, "changed",
		                     (json_int_t)imported->changed, "unchanged",
		                     (json_int_t)imported->unchanged, "accounts_created",
		                     (json_int_t)imported->accounts));
	else
		say("%s: %llu added, %llu changed, %llu already there, %llu accounts created", file,
		    (unsigned long long)imported->added, (unsigned long long)imported->changed,
		    (unsigned long long)imported->unchanged,
		    (unsigned long long)imported->accounts);
}

int sender_import(struct cli *cli)
{
	struct importing importing = {.cli = cli, .now = time(NULL)};
	struct registry_imported imported;
	struct registry_error error;
	enum registry_status status;
	/* Before root becomes the owner of the registry, who might not be allowed to read it. */
	int code = import_open(&importing.file, cli->args[0]);

	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		goto out;
	if (registry_import_begin(cli->registry, &importing.registry, &error) != REGISTRY_OK) {
		code = complain_registry(&error);
		goto out;
	}
	code = import_read(&importing.file, cli->json, take_row, &importing);
	status = registry_import_end(importing.registry, code == EX_OK, &imported, &error);
	if (code == EX_OK && status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		code = complain_registry(&error);
	if (code == EX_OK)
		report(cli, &imported);
out:
	import_close(&importing.file);
	return code;
}

/* ---- export ------------------------------------------------------------- */

struct exporting {
	struct array array;
	int64_t now;
	bool all;
};

static bool wanted(const struct exporting *exporting, const struct registry_grant *grant)
{
	return exporting->all || grant->expires == 0 || grant->expires > exporting->now;
}

static bool export_json(const struct registry_grant *grant, void *arg)
{
	struct exporting *exporting = arg;
	char expires[DATE_MAX];

	if (wanted(exporting, grant))
		array_add(&exporting->array,
		          json_pack("{s:o, s:o, s:o, s:o}", "account", json_text(grant->holder),
		                    "pattern", json_text(grant->pattern), "expires",
		                    grant->expires ? json_string(date(expires, grant->expires))
		                                   : json_null(),
		                    "note", *grant->note ? json_text(grant->note) : json_null()));
	return output_good();
}

static bool export_csv(const struct registry_grant *grant, void *arg)
{
	char expires[DATE_MAX];

	if (wanted(arg, grant))
		print_csv((const char *[]){grant->holder, grant->pattern,
		                           grant->expires ? date(expires, grant->expires) : "",
		                           grant->note},
		          4);
	return output_good();
}

/* All of it, on standard output. */
static int export(struct cli *cli)
{
	struct exporting exporting = {.now = time(NULL), .all = cli->all};
	struct registry_error error;
	enum registry_status status;
	int code = cli_open(cli);

	if (code != EX_OK)
		return code;
	if (cli->json)
		array_begin(&exporting.array);
	else
		print_csv((const char *[]){"account", "pattern", "expires", "note"}, 4);
	status = registry_grant_walk(cli->registry, NULL, cli->json ? export_json : export_csv,
	                             &exporting, &error);
	if (cli->json)
		array_end(&exporting.array);
	return status == REGISTRY_OK ? EX_OK : complain_registry(&error);
}

int sender_export(struct cli *cli)
{
	int code;

	if (cli->arg_count == 0)
		return export(cli);
	code = replace_file(cli->args[0], export, cli);
	if (code == EX_OK && !cli->json)
		say("%s: senders are written", cli->args[0]);
	return code;
}
