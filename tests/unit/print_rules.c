/*
 * The compiled truth, for documents.sh to hold the manual page and the sample configuration
 * against.
 *
 *   print_rules             the rule table, a line each: name, stages, mode, bound, least, most,
 *                           allow list as the configuration spells it, and reply, with a tab
 *                           between them and "-" for what a rule has not
 *   print_rules --quotas    the quotas, a line each: name, rule, default, least and most
 *   print_rules --thresholds    what suspends an account: key, words, least and most
 *   print_rules --faults    the faults, a line each: name, rule, and what is wrong, likewise
 *   print_rules FILE        what the configuration FILE amounts to, in full
 */
#include "db/config/config.h"
#include "policy/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_bound(int id, uint64_t number)
{
	char text[BOUND_TEXT_MAX];

	if (bound_row(id).range->kind == BOUND_NONE)
		strcpy(text, "-");
	else
		bound_show(id, number, text);
	printf("%s", text);
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
		print_bound(id, rule->bound.preset);
		putchar('\t');
		print_bound(id, rule->bound.least);
		putchar('\t');
		print_bound(id, rule->bound.most);
		putchar('\t');
		print_preset(rule->allow.preset);
		printf("\t%u %s\n", rule->code, rule->enhanced);
	}
}

static void print_quotas(void)
{
	for (int id = 0; id < QUOTA_COUNT; id++) {
		const struct quota *quota = &quotas[id];

		printf("%s\t%s\t", quota->name, rules[quota->rule].name);
		print_bound(BOUND_OF_QUOTA(id), quota->range.preset);
		putchar('\t');
		print_bound(BOUND_OF_QUOTA(id), quota->range.least);
		putchar('\t');
		print_bound(BOUND_OF_QUOTA(id), quota->range.most);
		putchar('\n');
	}
}

static void print_thresholds(void)
{
	for (int id = 0; id < THRESHOLD_COUNT; id++)
		printf("%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", thresholds[id].name,
		       thresholds[id].what, thresholds[id].least, thresholds[id].most);
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
	printf("\tallow_tagged_sender %s\n", limits->allow_tagged_sender ? "yes" : "no");
	for (int id = 0; id < THRESHOLD_COUNT; id++) {
		char text[THRESHOLD_TEXT_MAX];

		threshold_show((enum threshold_id)id, &limits->threshold[id], text);
		printf("\t%s %s\n", thresholds[id].name, text);
	}
	for (int id = 0; id < QUOTA_COUNT; id++) {
		printf("\t%s ", quotas[id].name);
		print_bound(BOUND_OF_QUOTA(id), limits->bound[BOUND_OF_QUOTA(id)]);
		putchar('\n');
	}
	for (int id = 0; id < RULE_unavailable; id++) {
		printf("\t%s %s ", rules[id].name, mode_names[limits->mode[id]]);
		print_bound(id, limits->bound[id]);
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
	printf("\ncontrol_socket %s\nlog_format %s\nlog_passes %s", config->control_socket,
	       config->log_json ? "json" : "text", config->log_passes ? "yes" : "no");
	printf("\non_usage_failure %s\n", config->pass_without_usage ? "pass" : "tempfail");
	printf("auth_database %s\nauth_user %s\nauth_dovecot_socket %s\n", config->auth_database,
	       config->auth_user, config->auth_dovecot_socket);
	printf("auth_saslauthd_socket %s\nauth_without_tls %s\nauth_cost %u\n",
	       config->auth_saslauthd_socket, config->auth_without_tls ? "yes" : "no",
	       config->auth_cost);
	printf("auth_failures_account %u\nauth_failures_client %u\n", config->auth_failures_account,
	       config->auth_failures_client);
	for (size_t i = 0; i < config->profile_count; i++)
		print_profile(&config->profiles[i]);
	config_free(config);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		print_table();
	else if (strcmp(argv[1], "--quotas") == 0)
		print_quotas();
	else if (strcmp(argv[1], "--thresholds") == 0)
		print_thresholds();
	else if (strcmp(argv[1], "--faults") == 0)
		print_faults();
	else
		return print_configuration(argv[1]);
	return 0;
}
