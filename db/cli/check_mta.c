#include "db/cli/check_mta.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *mta_name(char buffer[SHOWN_MAX], const char *service)
{
	char name[SHOWN_MAX];

	snprintf(name, sizeof name, "%.*s", (int)(strrchr(service, '/') - service), service);
	return shown(buffer, name);
}

/* "submission", "587", "127.0.0.1:587", "[::1]:587". */
unsigned mta_port(const char *service)
{
	char name[64];
	const char *end = strrchr(service, '/'), *begin = service;
	const struct servent *entry;
	unsigned long number;
	char *rest;

	for (const char *s = service; s < end; s++)
		if (*s == ':')
			begin = s + 1;
	snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
	number = strtoul(name, &rest, 10);
	if (rest != name && *rest == '\0')
		return number <= 65535 ? (unsigned)number : 0;
	entry = getservbyname(name, "tcp");
	return entry ? ntohs((uint16_t)entry->s_port) : 0;
}

bool mta_is_yes(const struct mta *mta, const char *service, const char *parameter)
{
	return strcasecmp(postfix_get(mta->postfix, service, parameter), "yes") == 0;
}

uint64_t mta_largest(const struct config *config, int bound)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < config->profile_count; i++)
		if (config->profiles[i].limits.bound[bound] > largest)
			largest = config->profiles[i].limits.bound[bound];
	return largest;
}

int check_mta(struct cli *cli)
{
	struct check check;
	struct mta mta = {.check = &check, .config = cli->config};
	struct postfix *postfix;
	bool there;

	if (!cli->config_error)
		return complain(EX_USAGE, "check mta goes by the configuration: leave -d out");
	if (!cli->config)
		return complain(EX_CONFIG, "%s", cli->config_error);
	postfix = postfix_read(&there);
	if (!postfix && there)
		return complain(EX_UNAVAILABLE, "postconf cannot tell Postfix's settings: see what "
		                                "`postconf -n' says");
	if (!postfix)
		return complain(EX_UNAVAILABLE,
		                "there is no Postfix here (no postconf in PATH): nothing to check");
	mta.postfix = postfix;
	check_begin(&check, cli);
	mta_check_wiring(&mta);
	mta_check_tables(&mta);
	postfix_free(postfix);
	return check_end(&check);
}
