/* What accounts have used of their quotas, from the file that the daemon keeps of it. */
#include "db/usage.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "policy/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct usage {
	const struct cli *cli;
	struct registry_reader *registry;
	struct table table;
	struct array array;
	/* The account of the last row. */
	char account[REGISTRY_ACCOUNT_MAX + 1];
	bool known; /* its limits are */
	struct limits limits;
	int code; /* unless EX_OK, what is complained of */
};

/* What is no limit, or of a profile that is not there, is told by `account show'. */
static void take_limits(struct usage *usage, const struct registry_answer *account)
{
	const struct config *config = usage->cli->config;
	const struct profile *profile = NULL;

	if (config && account->known)
		profile = config_profile(config, account->profile);
	usage->known = profile != NULL;
	if (profile)
		usage->limits = profile->limits;
	for (size_t i = 0; i < account->limit_count && usage->known; i++)
		usage->known = limits_override(&usage->limits, account->limits[i].name,
		                               account->limits[i].value);
}

/* Of whatever account; one that is not there any more may have used something. */
static bool find(struct usage *usage, const char *account, struct registry_answer *out)
{
	struct registry_error error;

	if (registry_lookup(usage->registry, account, NULL, 0, time(NULL), out, &error) ==
	    REGISTRY_OK)
		return true;
	usage->code = complain_registry(&error);
	return false;
}

/* Sees to the limits of the row's account; its quota's bound, or -1 if its limit is not known. */
static bool find_bound(struct usage *usage, const struct usage_store_row *row, int *bound)
{
	struct registry_answer account;

	if (strcmp(usage->account, row->account) != 0) {
		if (!find(usage, row->account, &account))
			return false;
		take_limits(usage, &account);
		snprintf(usage->account, sizeof usage->account, "%s", row->account);
	}
	*bound = usage->known ? bound_by_name(row->quota) : -1;
	return true;
}

static bool usage_json(const struct usage_store_row *row, void *arg)
{
	struct usage *usage = arg;
	char ends[DATE_MAX];
	uint64_t limit;
	int bound;

	if (!find_bound(usage, row, &bound))
		return false;
	limit = bound < 0 ? BOUND_UNLIMITED : usage->limits.bound[bound];
	array_add(
	    &usage->array,
	    json_pack("{s:o, s:o, s:I, s:o, s:s}", "account", json_text(row->account), "quota",
	              json_text(row->quota), "used", (json_int_t)row->used, "limit",
	              limit == BOUND_UNLIMITED ? json_null() : json_integer((json_int_t)limit),
	              "ends", date(ends, row->ends / 1000)));
	return output_good();
}

static bool usage_row(const struct usage_store_row *row, void *arg)
{
	char used[24], limit[BOUND_TEXT_MAX] = "-", ends[DATE_MAX];
	struct usage *usage = arg;
	int bound;

	if (!find_bound(usage, row, &bound))
		return false;
	snprintf(used, sizeof used, "%" PRIu64, row->used);
	if (bound >= 0)
		bound_show(bound, usage->limits.bound[bound], limit);
	table_row(&usage->table, (const char *[]){row->account, row->quota, used, limit,
	                                          date(ends, row->ends / 1000)});
	return output_good();
}

static int walk(struct usage *usage, struct usage_store *store, const char *account)
{
	int64_t now = (int64_t)time(NULL) * 1000;
	struct registry_error error;
	enum registry_status status;

	if (usage->cli->json) {
		array_begin(&usage->array);
		status = usage_store_walk(store, account, now, usage_json, usage, &error);
		array_end(&usage->array);
	} else {
		status = usage_store_walk(store, account, now, usage_row, usage, &error);
		if (status == REGISTRY_OK && usage->code == EX_OK) {
			table_print(&usage->table);
			status = usage_store_walk(store, account, now, usage_row, usage, &error);
		}
	}
	return status == REGISTRY_OK ? usage->code : complain_registry(&error);
}

/* Nothing may have been counted yet. */
static int show(struct usage *usage, const char *account)
{
	char *path = usage_store_path(usage->cli->database);
	struct usage_store *store = NULL;
	struct registry_error error;
	enum registry_status status;
	int code = EX_OK;

	if (!path)
		return complain(EX_OSERR, "out of memory");
	status = usage_store_open(path, USAGE_STORE_READ, &store, &error);
	if (status == REGISTRY_OK)
		code = walk(usage, store, account);
	else if (status != REGISTRY_MISSING)
		code = complain_registry(&error);
	else if (usage->cli->json)
		print_json(json_array());
	else
		say("nothing has been counted yet: the daemon makes %s as it starts", path);
	usage_store_close(store);
	free(path);
	return code;
}

static int check_account(struct usage *usage, const char *name)
{
	struct registry_answer account;

	if (!find(usage, name, &account))
		return usage->code;
	if (!account.known)
		return complain(EX_DATAERR, "%s: no such account: see `postreeve account list'",
		                name);
	return EX_OK;
}

int usage_run(struct cli *cli)
{
	struct usage usage = {
	    .cli = cli,
	    .table = {.columns = 5, .head = {"ACCOUNT", "QUOTA", "USED", "LIMIT", "ENDS"}},
	};
	const char *account = cli->arg_count > 0 ? cli->args[0] : NULL;
	int code = account ? check_name(account) : EX_OK;

	if (code == EX_OK)
		code = become_owner(cli->database, cli->config ? cli->config->user : NULL);
	if (code != EX_OK)
		return code;
	usage.registry = registry_reader_new(cli->database);
	if (!usage.registry)
		return complain(EX_OSERR, "out of memory");
	if (account)
		code = check_account(&usage, account);
	if (code == EX_OK)
		code = show(&usage, account);
	registry_reader_free(usage.registry);
	return code;
}
