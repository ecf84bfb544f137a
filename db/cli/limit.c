/* Limits of an account's own, over those of its profile. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "policy/rules.h"

#include <stdio.h>
#include <string.h>

static int complain_key(const char *key)
{
	char quoted[SHOWN_MAX], known[512] = "";
	size_t used = 0;

	for (int id = 0; id < BOUND_IDS && used < sizeof known; id++)
		if (bound_row(id).range->kind != BOUND_NONE)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
			                         used > 0 ? ", " : "", bound_row(id).name);
	return complain(EX_USAGE, "there is no limit \"%s\": there are %s", shown(quoted, key),
	                known);
}

/* "KEY=VALUE", as the registry has it. A KEY that is none can only be taken away. */
static int parse(const char *arg, struct registry_limit *out)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : 0;
	char quoted[SHOWN_MAX], expect[EXPECT_MAX];
	struct limits scratch;
	int id;

	if (!equals)
		return complain(EX_USAGE,
		                "\"%s\" is no limit: give KEY=VALUE, or KEY=default for that of "
		                "the profile",
		                shown(quoted, arg));
	if (len == 0 || len > REGISTRY_LIMIT_NAME_MAX)
		return complain_key(arg);
	memcpy(out->name, arg, len);
	out->name[len] = '\0';
	out->value[0] = '\0';
	if (strcmp(equals + 1, "default") == 0)
		return EX_OK;
	id = bound_by_name(out->name);
	if (id < 0)
		return complain_key(out->name);
	limits_init(&scratch);
	if (!limits_set_bound(&scratch, id, equals + 1)) {
		limits_expect_bound(id, expect);
		return complain(EX_USAGE, "%s = \"%s\": must be %s, or default", out->name,
		                shown(quoted, equals + 1), expect);
	}
	bound_show(id, scratch.bound[id], out->value);
	return EX_OK;
}

/* All of them, each once. */
static int parse_all(const struct cli *cli, struct registry_limit limits[REGISTRY_LIMITS_MAX],
                     size_t count)
{
	if (count > REGISTRY_LIMITS_MAX)
		return complain(EX_USAGE, "these are too many limits: there are not so many");
	for (size_t i = 0; i < count; i++) {
		int code = parse(cli->args[1 + i], &limits[i]);

		for (size_t j = 0; j < i && code == EX_OK; j++)
			if (strcmp(limits[j].name, limits[i].name) == 0)
				code = complain(EX_USAGE, "%s is given twice: give it once",
				                limits[i].name);
		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}

static bool has(const struct registry_limit_row *row, void *arg)
{
	const char **wanted = arg;

	if (strcmp(row->name, *wanted) == 0)
		*wanted = NULL;
	return *wanted != NULL;
}

/* What another version left in the registry can be taken away; what is not there is misspelled. */
static int check_names(struct cli *cli, const struct registry_limit *limits, size_t count)
{
	struct registry_error error;

	for (size_t i = 0; i < count; i++) {
		const char *wanted = limits[i].name;

		if (bound_by_name(wanted) >= 0)
			continue;
		if (registry_limit_walk(cli->registry, cli->args[0], has, &wanted, &error) !=
		    REGISTRY_OK)
			return complain_registry(&error);
		if (wanted)
			return complain_key(wanted);
	}
	return EX_OK;
}

int account_limit(struct cli *cli)
{
	struct registry_limit limits[REGISTRY_LIMITS_MAX];
	const char *account = cli->args[0];
	size_t count = cli->arg_count - 1, changed = 0;
	struct registry_error error;
	enum registry_status status;
	int code = check_name(account);

	if (code == EX_OK)
		code = parse_all(cli, limits, count);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code == EX_OK)
		code = check_names(cli, limits, count);
	if (code != EX_OK)
		return code;
	status = registry_limit_set(cli->registry, account, limits, count, &changed, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(&error);
	if (cli->json)
		print_changed(account, changed);
	else
		say("%s: %zu changed, %zu so already", account, changed, count - changed);
	return EX_OK;
}
