/*
 * The compiled truth, for documents.sh to hold the manual page and the sample configuration
 * against.
 *
 *   print_rules             the rule table, a line each: name, stages, mode, bound, least, most,
 *                           allow list as the configuration spells it, and reply, with a tab
 *                           between them and "-" for what a rule has not
 *   print_rules --faults    the faults, a line each: name, rule, and what is wrong, likewise
 *   print_rules FILE        what the configuration FILE amounts to, in full
 */
#include "db/config/config.h"
#include "policy/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* As people write it: 8M, not 8388608. */
static void print_number(const struct rule *rule, uint64_t number)
{
	const char *unit = "";

	for (const char *next = "KMG"; rule->bound.kind == BOUND_OCTETS && *next; next++) {
		if (number == 0 || number % 1024 != 0)
			break;
		number /= 1024;
		unit = next;
	}
	printf("%" PRIu64 "%.1s", number, unit);
}

static void print_bound(const struct rule *rule, uint64_t number)
{
	if (rule->bound.kind == BOUND_NONE)
		putchar('-');
	else
		print_number(rule, number);
}

static void print_stages(unsigned stages)
{
	const char *between = "";

	if (stages & AT_MAIL)
		printf("MAIL"), between = ", ";
	if (stages & AT_RCPT)
		printf("%sRCPT", between), between = ", ";
	if (stages & AT_EOM)
		printf("%sEOM", between), between = ", ";
	if (stages == 0)
		printf("any");
}

static void print_network(const struct network *network)
{
	for (size_t i = 0; i < sizeof network->base.octet; i++)
		printf("%02x", network->base.octet[i]);
	printf("/%u", network->bits);
}

static void print_allow(enum allow_kind kind, const struct allow *allow)
{
	for (size_t i = 0; i < allow->count; i++) {
		putchar(' ');
		if (kind == ALLOW_MECHANISM)
			printf("%s", allow->entry[i].mechanism);
		else if (kind == ALLOW_PORT)
			printf("%u", allow->entry[i].port);
		else
			print_network(&allow->entry[i].network);
	}
}

static void print_preset(const char *entries)
{
	if (!entries) {
		putchar('-');
		return;
	}
	printf("{\"");
	for (; *entries; entries++) {
		if (*entries == ' ')
			printf("\", \"");
		else
			putchar(*entries);
	}
	printf("\"}");
}

static void print_table(void)
{
	for (int id = 0; id < RULE_COUNT; id++) {
		const struct rule *rule = &rules[id];

		printf("%s\t", rule->name);
		print_stages(rule->stages);
		printf("\t%s\t", rule->judge ? mode_names[rule->mode] : "-");
		print_bound(rule, rule->bound.preset);
		putchar('\t');
		print_bound(rule, rule->bound.least);
		putchar('\t');
		print_bound(rule, rule->bound.most);
		putchar('\t');
		print_preset(rule->allow.preset);
		printf("\t%u %s\n", rule->code, rule->enhanced);
	}
}

static void print_faults(void)
{
	for (int id = 0; id < FAULT_COUNT; id++)
		printf("%s\t%s\t%s\n", faults[id].name, rules[faults[id].rule].name,
		       faults[id].what);
}

static void print_profile(const struct profile *profile)
{
	const struct limits *limits = &profile->limits;

	printf("profile %s\n", profile->name);
	printf("\tallow_null_sender %s\n", limits->allow_null_sender ? "yes" : "no");
	for (int id = 0; id < RULE_unavailable; id++) {
		printf("\t%s %s ", rules[id].name, mode_names[limits->mode[id]]);
		print_bound(&rules[id], limits->bound[id]);
		print_allow(rules[id].allow.kind, &limits->allow[id]);
		putchar('\n');
	}
}

static int print_configuration(const char *path)
{
	char error[CONFIG_ERROR_MAX];
	struct config *config = config_load(path, error);

	if (!config) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	printf("socket %s\ndatabase %s\nuser %s\nexempt_networks", config->socket, config->database,
	       config->user);
	for (size_t i = 0; i < config->exempt_count; i++) {
		putchar(' ');
		print_network(&config->exempt[i]);
	}
	putchar('\n');
	for (size_t i = 0; i < config->profile_count; i++)
		print_profile(&config->profiles[i]);
	config_free(config);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		print_table();
	else if (strcmp(argv[1], "--faults") == 0)
		print_faults();
	else
		return print_configuration(argv[1]);
	return 0;
}
