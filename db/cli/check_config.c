/* Whether the configuration can be used, and the registry with it. */
#include "db/cli/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool loads(struct check *check)
{
	const struct cli *cli = check->cli;

	if (!cli->config) {
		check_problem(check, "%s", cli->config_error);
		return false;
	}
	check_ok(check, "%s loads, profiles: %zu", cli->conf, cli->config->profile_count);
	return true;
}

static bool opens(struct check *check)
{
	if (!check_open(check))
		return false;
	check_ok(check, "%s opens", check->cli->database);
	return true;
}

/* Profiles that accounts are in and the configuration has not. */
#define MISSING_MAX 50
#define NAMED_MAX   3
struct missing {
	char profile[REGISTRY_PROFILE_MAX + 1];
	uint64_t accounts;
	char first[NAMED_MAX][SHOWN_MAX]; /* of them */
};
struct profiles {
	const struct config *config;
	uint64_t accounts, others; /* others: in profiles that there was no room for */
	size_t count;
	struct missing missing[MISSING_MAX];
};

static bool take_account(const struct registry_account *account, void *arg)
{
	struct profiles *profiles = arg;
	size_t i = 0;

	profiles->accounts++;
	if (config_profile(profiles->config, account->profile))
		return true;
	while (i < profiles->count && strcmp(profiles->missing[i].profile, account->profile) != 0)
		i++;
	if (i == MISSING_MAX) {
		profiles->others++;
		return true;
	}
	if (i == profiles->count)
		snprintf(profiles->missing[profiles->count++].profile, REGISTRY_PROFILE_MAX + 1,
		         "%s", account->profile);
	if (profiles->missing[i].accounts < NAMED_MAX)
		shown(profiles->missing[i].first[profiles->missing[i].accounts], account->name);
	profiles->missing[i].accounts++;
	return true;
}

static void tell_missing(struct check *check, const struct missing *missing)
{
	char names[NAMED_MAX * (SHOWN_MAX + sizeof ", ") + sizeof ", ..."] = "";
	size_t used = 0;

	for (size_t i = 0; i < NAMED_MAX && i < missing->accounts; i++)
		used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
		                         i > 0 ? ", " : "", missing->first[i]);
	check_problem(
	    check,
	    "the configuration has no profile \"%s\", and the mail of its accounts (%" PRIu64
	    ": %s%s) is answered 451: add it to %s, or move them with `postreeve account "
	    "add NAME --profile PROFILE'",
	    missing->profile, missing->accounts, names,
	    missing->accounts > NAMED_MAX ? ", ..." : "", check->cli->conf);
}

static bool have_profiles(struct check *check)
{
	struct profiles profiles = {.config = check->cli->config};
	struct registry_error error;

	if (registry_account_walk(check->cli->registry, NULL, take_account, &profiles, &error) !=
	    REGISTRY_OK)
		return check_failed(check, complain_registry(&error));
	for (size_t i = 0; i < profiles.count; i++)
		tell_missing(check, &profiles.missing[i]);
	if (profiles.others > 0)
		check_problem(check,
		              "%" PRIu64
		              " more accounts are in profiles that the configuration has "
		              "not: see `postreeve account list'",
		              profiles.others);
	if (profiles.count == 0)
		check_ok(check, "those of all accounts exist, accounts: %" PRIu64,
		         profiles.accounts);
	return true;
}

struct overrides {
	struct check *check;
	struct limits scratch;
	uint64_t count;
	bool problem;
};

static bool take_limit(const struct registry_limit_row *row, void *arg)
{
	struct overrides *overrides = arg;
	char account[SHOWN_MAX], name[SHOWN_MAX], value[SHOWN_MAX];

	overrides->count++;
	if (limits_override(&overrides->scratch, row->name, row->value))
		return true;
	overrides->problem = true;
	shown(account, row->account);
	shown(name, row->name);
	check_problem(overrides->check,
	              "%s has %s=%s, which is no limit of this version, and its mail is answered "
	              "451: set it again, or `postreeve account limit %s %s=default'",
	              account, name, shown(value, row->value), account, name);
	return output_good();
}

static bool are_limits(struct check *check)
{
	struct overrides overrides = {.check = check};
	struct registry_error error;

	limits_init(&overrides.scratch);
	if (registry_limit_walk(check->cli->registry, NULL, take_limit, &overrides, &error) !=
	    REGISTRY_OK)
		return check_failed(check, complain_registry(&error));
	if (!overrides.problem)
		check_ok(check, "accounts' own can be read, limits: %" PRIu64, overrides.count);
	return true;
}

int check_config(struct cli *cli)
{
	static const struct check_row rows[] = {
	    {"configuration", loads},
	    {"registry", opens},
	    {"profiles", have_profiles},
	    {"limits", are_limits},
	};

	if (!cli->config_error)
		return complain(EX_USAGE, "check config is about the configuration: leave -d out");
	return check_run(cli, rows, sizeof rows / sizeof *rows);
}
