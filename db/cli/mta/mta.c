#include "db/cli/mta/mta.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

static const struct mta_kind *const kinds[] = {&mta_postfix, &mta_sendmail};
#define KIND_COUNT (sizeof kinds / sizeof *kinds)

/* ---- what both kinds ask -------------------------------------------------- */

uint64_t mta_largest(const struct config *config, int bound)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < config->profile_count; i++)
		if (config->profiles[i].limits.bound[bound] > largest)
			largest = config->profiles[i].limits.bound[bound];
	return largest;
}

const char *mta_gate_path(const struct config *config)
{
	return strncmp(config->socket, "inet", 4) == 0 ? NULL : strchr(config->socket, ':') + 1;
}

unsigned mta_gate_port(const struct config *config)
{
	return (unsigned)strtoul(strchr(config->socket, ':') + 1, NULL, 10);
}

/* Machines without the list of services know those of mail all the same, as the MTAs do. */
static const struct {
	const char *name;
	unsigned port;
} services[] = {{"smtp", MTA_PORT_SMTP},
                {"submission", MTA_PORT_SUBMISSION},
                {"submissions", 465},
                {"smtps", 465}};

unsigned mta_port(const char *name)
{
	const struct servent *entry;
	char *rest;
	unsigned long number = strtoul(name, &rest, 10);

	if (rest != name && *rest == '\0')
		return number <= 65535 ? (unsigned)number : 0;
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (strcmp(services[i].name, name) == 0)
			return services[i].port;
	entry = getservbyname(name, "tcp");
	return entry ? ntohs((uint16_t)entry->s_port) : 0;
}

bool mta_tls_wanted(const struct config *config, unsigned port)
{
	const struct allow *allow = &config->profiles[0].limits.allow[RULE_tls_port];

	for (size_t i = 0; i < allow->count; i++)
		if (allow->entry[i].port == port)
			return true;
	return false;
}

void mta_print_step(const struct cli *cli, struct array *array, const char *name, const char *text,
                    const char *mend, bool by_hand)
{
	json_t *json;

	if (!cli->json) {
		say("# %s: %s", name, text);
		if (mend)
			say("%s%s", by_hand ? "#   " : "", mend);
		return;
	}
	json = json_pack("{s:o, s:o, s:b}", "check", json_text(name), "text", json_text(text),
	                 "by_hand", by_hand);
	if (mend)
		json_put(json, "mend", json_text(mend));
	array_add(array, json);
}

/* ---- the commands --------------------------------------------------------- */

static const struct mta_kind *find(const char *name)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static const struct mta_kind *installed(void)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (kinds[i]->there_is(NULL))
			return kinds[i];
	return NULL;
}

/* Which one the arguments name, that is there; and where its configuration is. */
static int choose(const struct cli *cli, const struct mta_kind **kind, const char **directory)
{
	char quoted[SHOWN_MAX];

	if (!cli->config_error)
		return complain(EX_USAGE, "this goes by the configuration: leave -d out");
	*directory = cli->arg_count > 1 ? cli->args[1] : NULL;
	*kind = cli->arg_count > 0 ? find(cli->args[0]) : installed();
	if (!*kind && cli->arg_count > 0)
		return complain(EX_USAGE, "\"%s\" is neither postfix nor sendmail",
		                shown(quoted, cli->args[0]));
	if (!*kind)
		return complain(EX_UNAVAILABLE, "there is neither a Postfix here (no postconf in "
		                                "PATH) nor a Sendmail (no sendmail.cf in "
		                                "/etc/mail): nothing to check");
	if (!(*kind)->there_is(*directory))
		return complain(EX_UNAVAILABLE, "there is no %s here%s%s", (*kind)->name,
		                *directory ? ", or no settings of one in " : "",
		                *directory ? *directory : "");
	return EX_OK;
}

int check_mta(struct cli *cli)
{
	const struct mta_kind *kind;
	const char *directory;
	struct check check;
	int code = choose(cli, &kind, &directory);

	if (code != EX_OK)
		return code;
	check_begin(&check, cli);
	check.code = kind->check(&check, directory);
	return check_end(&check);
}

int setup_run(struct cli *cli)
{
	const struct mta_kind *kind;
	const char *directory;
	int code = choose(cli, &kind, &directory);

	return code == EX_OK ? kind->setup(cli, directory) : code;
}
