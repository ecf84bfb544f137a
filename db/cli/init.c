/* The registry as a whole. */
#include "db/cli/cli.h"
#include "db/cli/output.h"

int init_run(struct cli *cli)
{
	struct registry_error error;
	enum registry_status status;
	int code = EX_OK;

	/* Only the configuration says whose directory it would be. */
	if (cli->config)
		code = make_directory(cli->database, cli->config->user);
	if (code == EX_OK)
		code = become_owner(cli->database, cli->config ? cli->config->user : NULL);
	if (code != EX_OK)
		return code;
	status = registry_create(cli->database, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(&error);
	if (cli->json)
		print_json(json_pack("{s:o, s:i}", "database", json_text(cli->database), "changed",
		                     status == REGISTRY_OK));
	else
		say(status == REGISTRY_OK ? "%s: the registry is ready" : "%s: was ready already",
		    cli->database);
	return EX_OK;
}
