/* The registry as a whole, and the file of passwords. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/vault.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the directory of the passwords is that of who runs the program. */
static bool has_directory(const struct config *config)
{
	char directory[PATH_MAX];
	struct stat st;

	return directory_of(config->auth_database, directory) == EX_OK &&
	       stat(directory, &st) == 0 && st.st_uid == geteuid();
}

/* A site whose logins others check has no such user, and needs none. */
static bool lacks_user(const struct cli *cli)
{
	return cli->config && geteuid() == 0 && !getpwnam(cli->config->auth_user);
}

/* Only root, and whose the directory is already, can make the file. */
static int make_passwords(struct cli *cli, bool *made)
{
	const struct config *config = cli->config;
	int code;

	if (!config || lacks_user(cli) || (geteuid() != 0 && !has_directory(config)))
		return EX_OK;
	code = make_directory(config->auth_database, config->auth_user);
	*made = vault_missing(cli);
	return code == EX_OK ? vault_open(cli, VAULT_MADE, NULL) : code;
}

int init_run(struct cli *cli)
{
	struct registry_error error;
	enum registry_status status;
	int code = EX_OK;
	bool passwords = false, lacking = lacks_user(cli);
	char user[SHOWN_MAX];

	/* Only the configuration says whose directory it would be. */
	if (cli->config)
		code = make_directory(cli->database, cli->config->user);
	if (code == EX_OK)
		code = make_passwords(cli, &passwords);
	if (code == EX_OK)
		code = become_owner(cli->database, cli->config ? cli->config->user : NULL);
	if (code != EX_OK)
		return code;
	status = registry_create(cli->database, &error);
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(&error);
	if (lacking)
		complain(EX_OK,
		         "there is no user %s, so no file of passwords is made: accounts cannot "
		         "log in by postreeve-authd",
		         shown(user, cli->config->auth_user));
	if (cli->json) {
		print_json(json_pack("{s:o, s:i}", "database", json_text(cli->database), "changed",
		                     status == REGISTRY_OK || passwords));
		return EX_OK;
	}
	say(status == REGISTRY_OK ? "%s: the registry is ready" : "%s: was ready already",
	    cli->database);
	if (passwords)
		say("%s: the file of passwords is ready", cli->config->auth_database);
	return EX_OK;
}
