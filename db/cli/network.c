/* Networks whose clients, if they do not log in, are judged as an account. */
#include "policy/network.h"
#include "db/cli/cli.h"
#include "db/cli/output.h"

#include <stdlib.h>
#include <string.h>

enum verb {
	ADD,
	DELETE,
	VERBS
};
static const char *const verbs[VERBS] = {[ADD] = "add", [DELETE] = "delete"};

/* Of IPv4; the gate holds such addresses as IPv6 ones, so that ::/64, say, has them all, too. */
static bool holds_everybody(const struct network *network)
{
	struct ip first, last;

	return ip_parse("0.0.0.0", &first) && ip_parse("255.255.255.255", &last) &&
	       networks_hold(network, 1, &first) && networks_hold(network, 1, &last);
}

static int parse(const char *arg, enum verb verb, char out[NETWORK_TEXT_MAX])
{
	struct network network;
	char quoted[SHOWN_MAX];

	if (!network_parse(arg, &network))
		return complain(EX_USAGE,
		                "\"%s\" cannot be a network: give one in CIDR notation without "
		                "host bits, as 192.0.2.0/24 or 2001:db8::/48, or an address",
		                shown(quoted, arg));
	network_show(&network, out);
	if (verb == ADD && holds_everybody(&network))
		return complain(EX_USAGE,
		                "%s holds all clients: whoever does not log in would send as this "
		                "account; give the networks of its clients",
		                out);
	return EX_OK;
}

static int change(struct cli *cli, enum verb verb)
{
	static const char *const done[] = {[ADD] = "added", [DELETE] = "deleted"};
	static const char *const already[] = {[ADD] = "already there", [DELETE] = "not there"};
	const char *account = cli->args[0];
	size_t count = cli->arg_count - 2, changed = 0;
	char(*texts)[NETWORK_TEXT_MAX] = calloc(count, sizeof *texts);
	const char **networks = calloc(count, sizeof *networks);
	struct registry_error error;
	enum registry_status status;
	int code = texts && networks ? EX_OK : complain(EX_OSERR, "out of memory");

	for (size_t i = 0; i < count && code == EX_OK; i++) {
		networks[i] = texts[i];
		code = parse(cli->args[2 + i], verb, texts[i]);
	}
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		goto out;
	if (verb == ADD)
		status =
		    registry_network_add(cli->registry, account, networks, count, &changed, &error);
	else
		status = registry_network_delete(cli->registry, account, networks, count, &changed,
		                                 &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		code = complain_registry(&error);
	else if (cli->json)
		print_changed(account, changed);
	else
		say("%s: %zu %s, %zu %s", account, changed, done[verb], count - changed,
		    already[verb]);
out:
	free(networks);
	free(texts);
	return code;
}

static bool list_json(const struct registry_network *network, void *arg)
{
	array_add(arg, json_pack("{s:o, s:o}", "network", json_text(network->network), "account",
	                         json_text(network->account)));
	return output_good();
}

static bool list_row(const struct registry_network *network, void *arg)
{
	table_row(arg, (const char *[]){network->network, network->account});
	return output_good();
}

static enum registry_status walk(struct registry *registry, const struct list *list, bool json,
                                 void *arg, struct registry_error *error)
{
	return registry_network_walk(registry, list->name, json ? list_json : list_row, arg, error);
}

/* Of one account, or all of them when it is null. */
static int list_networks(struct cli *cli, const char *account)
{
	struct table table = {.columns = 2, .head = {"NETWORK", "ACCOUNT"}};
	const struct list list = {.walk = walk, .name = account};
	int code = cli_open(cli);

	return code == EX_OK ? print_list(cli, &table, &list) : code;
}

int account_network(struct cli *cli)
{
	char quoted[SHOWN_MAX];
	int code = cli->arg_count > 0 ? check_name(cli->args[0]) : EX_OK;

	if (code != EX_OK)
		return code;
	if (cli->arg_count < 2)
		return list_networks(cli, cli->arg_count > 0 ? cli->args[0] : NULL);
	for (int verb = ADD; verb < VERBS; verb++) {
		if (strcmp(cli->args[1], verbs[verb]) != 0)
			continue;
		if (cli->arg_count < 3)
			return complain(EX_USAGE,
			                "which network? Use postreeve account network NAME %s "
			                "CIDR...",
			                verbs[verb]);
		return change(cli, (enum verb)verb);
	}
	return complain(EX_USAGE, "\"%s\": use postreeve account network NAME add|delete CIDR...",
	                shown(quoted, cli->args[1]));
}
