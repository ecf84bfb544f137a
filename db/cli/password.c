#include "db/cli/password.h"

#include "db/cli/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what others need --------------------------------------------------- */

int password_check_place(const struct cli *cli)
{
	if (cli->config)
		return EX_OK;
	return complain(EX_USAGE, "where passwords are, the configuration says: leave -d out");
}

int password_hash(const struct cli *cli, const struct secret *secret, char out[PASSWORD_HASH_MAX])
{
	if (hash_make(secret->text, secret->len, cli->config->auth_cost, out))
		return EX_OK;
	return complain(EX_OSERR, "the password cannot be hashed: see to memory, or set a lower "
	                          "auth_cost in the configuration");
}

struct change {
	struct vault *vault;
	const char *account, *hash;
};

static enum registry_status set(bool suspended, void *arg, struct registry_error *error)
{
	const struct change *change = arg;

	return vault_set(change->vault, change->account, change->hash, suspended, error);
}

static enum registry_status drop(bool suspended, void *arg, struct registry_error *error)
{
	const struct change *change = arg;

	(void)suspended;
	return vault_delete(change->vault, change->account, error);
}

int password_set(struct cli *cli, const char *hash)
{
	struct change change = {cli->vault, cli->args[0], hash};
	struct registry_error error;

	if (registry_password_change(cli->registry, cli->args[0], "password set", true, set,
	                             &change, &error) == REGISTRY_OK)
		return EX_OK;
	return complain_registry(&error);
}

int password_delete(struct cli *cli, bool *changed)
{
	struct change change = {.vault = cli->vault, .account = cli->args[0]};
	struct registry_error error;
	enum registry_status status = REGISTRY_UNCHANGED;

	if (cli->vault)
		status = registry_password_change(cli->registry, cli->args[0], "password delete",
		                                  false, drop, &change, &error);
	*changed |= status == REGISTRY_OK;
	if (status == REGISTRY_OK || status == REGISTRY_UNCHANGED)
		return EX_OK;
	return complain_registry(&error);
}

int password_disable(struct cli *cli, bool disabled, bool *changed)
{
	struct registry_error error;
	enum registry_status status = REGISTRY_UNCHANGED;

	if (cli->vault)
		status = vault_disable(cli->vault, cli->args[0], disabled, &error);
	*changed |= status == REGISTRY_OK;
	if (status == REGISTRY_OK || status == REGISTRY_UNCHANGED || status == REGISTRY_NOT_FOUND)
		return EX_OK;
	return complain_registry(&error);
}

void password_json(struct vault *vault, json_t *account, const char *name)
{
	struct registry_error error;
	struct vault_row row;
	char changed[DATE_MAX];

	if (!vault)
		return;
	switch (vault_find(vault, name, &row, &error)) {
	case REGISTRY_OK:
		json_put(account, "password",
		         json_pack("{s:s, s:b}", "changed", date(changed, row.changed), "disabled",
		                   row.disabled));
		break;
	case REGISTRY_NOT_FOUND:
		json_put(account, "password", json_null());
		break;
	default:
		break;
	}
}

bool password_words(struct vault *vault, const char *name, char out[PASSWORD_WORDS_MAX])
{
	struct registry_error error;
	struct vault_row row;
	char changed[DATE_MAX];

	if (!vault)
		return false;
	switch (vault_find(vault, name, &row, &error)) {
	case REGISTRY_OK:
		snprintf(out, PASSWORD_WORDS_MAX, "since %s%s", date(changed, row.changed),
		         row.disabled ? ", disabled" : "");
		return true;
	case REGISTRY_NOT_FOUND:
		strcpy(out, "-");
		return true;
	default:
		return false;
	}
}

/* ---- the command -------------------------------------------------------- */

/* One way to give it, or none: then it is asked for. */
static int check_options(const struct cli *cli)
{
	int ways = cli->password_stdin + cli->generate + cli->delete_it + (cli->hash != NULL);

	if (ways > 1)
		return complain(EX_USAGE, "give one of --password-stdin, --generate, --hash and "
		                          "--delete");
	if (cli->hash && !hash_is_good(cli->hash))
		return complain(
		    EX_DATAERR,
		    "the hash is malformed, of a kind that is not known, or would take "
		    "too long to judge: give one of crypt(3) that begins with $y$, $7$, "
		    "$2b$, $6$ or $5$, or a PHC string that begins with $scrypt$");
	return ways == 0 ? secret_check_terminal() : EX_OK;
}

/* Whether there is such an account: nobody shall think of a password for none. */
static bool see(const struct registry_account *account, void *arg)
{
	(void)account;
	(void)arg;
	return true;
}

static int check_account(const struct cli *cli)
{
	struct registry_error error;

	if (registry_account_walk(cli->registry, cli->args[0], see, NULL, &error) == REGISTRY_OK)
		return EX_OK;
	return complain_registry(&error);
}

static int generate(struct secret *secret)
{
	char text[PASSWORD_GENERATED];

	if (!hash_generate(text))
		return complain(EX_OSERR, "the system has no randomness to give: try again");
	secret->len = strlen(text);
	memcpy(secret->text, text, sizeof text);
	explicit_bzero(text, sizeof text);
	return EX_OK;
}

/* A generated one stands alone on its line. */
static void report(const struct cli *cli, const struct secret *secret)
{
	const char *name = cli->args[0];

	if (cli->json && cli->generate)
		print_json(json_pack("{s:o, s:i, s:s}", "account", json_text(name), "changed", 1,
		                     "password", secret->text));
	else if (cli->json)
		print_changed(name, 1);
	else if (cli->generate)
		say("%s", secret->text);
	else
		say("%s: password is set", name);
}

static int set_password(struct cli *cli)
{
	char hash[PASSWORD_HASH_MAX];
	struct secret secret = {.len = 0};
	int code;

	/* First: who keeps the passwords has no use for one that was read. */
	code = vault_open(cli, VAULT_MADE, NULL);
	if (code == EX_OK && cli->password_stdin)
		code = secret_read(&secret);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code == EX_OK)
		code = check_account(cli);
	if (code == EX_OK && cli->generate)
		code = generate(&secret);
	else if (code == EX_OK && !cli->hash && !cli->password_stdin)
		code = secret_ask(cli->args[0], &secret);
	if (code == EX_OK && cli->hash)
		snprintf(hash, sizeof hash, "%s", cli->hash);
	else if (code == EX_OK)
		code = password_hash(cli, &secret, hash);
	if (code == EX_OK)
		code = password_set(cli, hash);
	if (code == EX_OK)
		report(cli, &secret);
	secret_wipe(&secret);
	explicit_bzero(hash, sizeof hash);
	return code;
}

static int delete_password(struct cli *cli)
{
	bool changed = false;
	int code = vault_open(cli, VAULT_THERE, NULL);

	if (code == EX_OK)
		code = cli_open(cli);
	if (code == EX_OK)
		code = password_delete(cli, &changed);
	if (code != EX_OK)
		return code;
	if (cli->json)
		print_changed(cli->args[0], changed);
	else
		say(changed ? "%s: password is deleted" : "%s: had no password", cli->args[0]);
	return EX_OK;
}

int account_password(struct cli *cli)
{
	int code = check_name(cli->args[0]);

	if (code == EX_OK)
		code = password_check_place(cli);
	if (code == EX_OK)
		code = check_options(cli);
	if (code != EX_OK)
		return code;
	return cli->delete_it ? delete_password(cli) : set_password(cli);
}
