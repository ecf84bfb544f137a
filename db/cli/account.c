/* Accounts. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/password.h"
#include "policy/address.h"

#include <string.h>

#define REASON_MAX 500 /* octets */

int check_name(const char *name)
{
	char quoted[SHOWN_MAX];

	/* What could not be shown as it is could be taken for another name. */
	if (account_name_form(name) == FORM_OK && text_plain(name))
		return EX_OK;
	return complain(EX_USAGE,
	                "\"%s\" cannot be an account's name: give 1 to %d octets of UTF-8 without "
	                "white space and control characters, not beginning with '-' or '%%'",
	                shown(quoted, name), ACCOUNT_NAME_MAX);
}

static int check_reason(const char *reason)
{
	char quoted[SHOWN_MAX];

	if (!reason)
		return complain(EX_USAGE, "say why the account is suspended: --reason TEXT");
	if (*reason && strlen(reason) <= REASON_MAX && text_plain(reason))
		return EX_OK;
	return complain(EX_USAGE,
	                "\"%s\" cannot be a reason: give 1 to %d octets of UTF-8 without control "
	                "characters",
	                shown(quoted, reason), REASON_MAX);
}

static int complain_profile(const struct config *config, const char *profile)
{
	char quoted[SHOWN_MAX], known[400] = "";
	size_t used = 0;

	for (size_t i = 0; i < config->profile_count; i++) {
		size_t len = strlen(config->profiles[i].name);

		if (used + len + sizeof ", ..." > sizeof known) {
			strcpy(known + used, "...");
			break;
		}
		memcpy(known + used, config->profiles[i].name, len);
		used += len;
		strcpy(known + used, i + 1 < config->profile_count ? ", " : "");
		used = strlen(known);
	}
	return complain(
	    EX_USAGE,
	    "the configuration has no profile \"%s\": add it there, or use one that it has: %s",
	    shown(quoted, profile), known);
}

static int check_profile(const struct cli *cli)
{
	char quoted[SHOWN_MAX];

	if (!cli->profile)
		return EX_OK;
	if (account_name_form(cli->profile) != FORM_OK || !text_plain(cli->profile) ||
	    strlen(cli->profile) > REGISTRY_PROFILE_MAX)
		return complain(EX_USAGE,
		                "\"%s\" cannot be a profile's name: give 1 to %d octets without "
		                "white space and control characters",
		                shown(quoted, cli->profile), REGISTRY_PROFILE_MAX);
	if (cli->config && !config_profile(cli->config, cli->profile))
		return complain_profile(cli->config, cli->profile);
	return EX_OK;
}

/* What a change of one account came to. */
static int report(const struct cli *cli, enum registry_status status,
                  const struct registry_error *error, const char *done, const char *already)
{
	const char *name = cli->args[0];

	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		return complain_registry(error);
	if (cli->json)
		print_changed(name, status == REGISTRY_OK);
	else
		say("%s: %s", name, status == REGISTRY_OK ? done : already);
	return EX_OK;
}

/* The registry and the passwords, if there are some, and the first argument can be an account's name.
 */
static int open_with_password(struct cli *cli)
{
	int code = check_name(cli->args[0]);

	if (code == EX_OK)
		code = vault_open(cli, VAULT_THERE, NULL);
	return code == EX_OK ? cli_open(cli) : code;
}

/* Whatever can be wrong with the password is found before there is an account without one. */
static int add_with_password(struct cli *cli)
{
	char hash[PASSWORD_HASH_MAX];
	struct secret secret = {.len = 0};
	struct registry_error error;
	enum registry_status status;
	int code = password_check_place(cli);

	if (code == EX_OK)
		code = vault_open(cli, VAULT_MADE, NULL);
	if (code == EX_OK)
		code = secret_read(&secret);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code == EX_OK)
		code = password_hash(cli, &secret, hash);
	secret_wipe(&secret);
	if (code != EX_OK)
		return code;
	status = registry_account_add(cli->registry, cli->args[0], cli->profile, &error);
	if (status == REGISTRY_OK || status == REGISTRY_UNCHANGED) {
		changes_tell(cli->registry);
		code = password_set(cli, hash);
	}
	explicit_bzero(hash, sizeof hash);
	if (code != EX_OK)
		return code;
	return report(cli, status == REGISTRY_UNCHANGED ? REGISTRY_OK : status, &error,
	              status == REGISTRY_OK
	                  ? "account is registered, and its password is set"
	                  : "account was registered already, and its password is set",
	              "");
}

int account_add(struct cli *cli)
{
	struct registry_error error;
	int code = check_name(cli->args[0]);

	if (code == EX_OK)
		code = check_profile(cli);
	if (code == EX_OK && cli->password_stdin)
		return add_with_password(cli);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		return code;
	return report(
	    cli, registry_account_add(cli->registry, cli->args[0], cli->profile, &error), &error,
	    cli->profile ? "account is registered, with this profile" : "account is registered",
	    "account was registered already");
}

int account_delete(struct cli *cli)
{
	struct registry_error error;
	enum registry_status status;
	bool password = false;
	int code = open_with_password(cli);

	if (code == EX_OK)
		code = password_delete(cli, &password);
	if (code != EX_OK)
		return code;
	changes_tell(cli->registry);
	status = registry_account_delete(cli->registry, cli->args[0], &error);
	if (status == REGISTRY_OK && cli->vault) {
		/* Somebody may have set one while the account was still there. */
		changes_tell(cli->registry);
		code = password_delete(cli, &password);
	}
	if (status == REGISTRY_UNCHANGED && password)
		return report(cli, REGISTRY_OK, &error,
		              "password is deleted, and there was no such account", "");
	return code != EX_OK ? code
	                     : report(cli, status, &error, "account and its senders are deleted",
	                              "there was no such account");
}

int account_suspend(struct cli *cli)
{
	struct registry_error error;
	enum registry_status status;
	bool disabled = false, again = false;
	int code = check_reason(cli->reason);

	if (code == EX_OK)
		code = open_with_password(cli);
	if (code == EX_OK)
		code = password_disable(cli, true, &disabled);
	if (code != EX_OK)
		return code;
	status = registry_account_suspend(cli->registry, cli->args[0], cli->reason, &error);
	if (status == REGISTRY_OK || status == REGISTRY_UNCHANGED)
		/* Somebody may have set one while the account was still active. */
		code = password_disable(cli, true, &again);
	else if (disabled)
		password_disable(cli, false, &again);
	if (code != EX_OK)
		return code;
	return report(cli, status == REGISTRY_UNCHANGED && disabled ? REGISTRY_OK : status, &error,
	              "account is suspended", "account was suspended already");
}

int account_resume(struct cli *cli)
{
	struct registry_error error;
	enum registry_status status;
	bool enabled = false;
	int code = open_with_password(cli);

	if (code != EX_OK)
		return code;
	status = registry_account_resume(cli->registry, cli->args[0], &error);
	if (status == REGISTRY_OK || status == REGISTRY_UNCHANGED)
		code = password_disable(cli, false, &enabled);
	if (code != EX_OK)
		return code;
	return report(cli, status == REGISTRY_UNCHANGED && enabled ? REGISTRY_OK : status, &error,
	              "account is active again", "account was active already");
}

json_t *account_json(const struct registry_account *account)
{
	char created[DATE_MAX];

	return json_pack("{s:o, s:o, s:b, s:o, s:s, s:I}", "name", json_text(account->name),
	                 "profile", json_text(account->profile), "suspended", account->suspended,
	                 "reason", account->suspended ? json_text(account->reason) : json_null(),
	                 "created", date(created, account->created), "grants",
	                 (json_int_t)account->grants);
}

struct members {
	struct array *array;
	struct vault *vault;
};

static bool list_json(const struct registry_account *account, void *arg)
{
	struct members *members = arg;
	json_t *json = account_json(account);

	password_json(members->vault, json, account->name);
	array_add(members->array, json);
	return output_good();
}

static bool list_row(const struct registry_account *account, void *arg)
{
	char created[DATE_MAX], grants[24];

	snprintf(grants, sizeof grants, "%llu", (unsigned long long)account->grants);
	table_row(arg, (const char *[]){account->name, account->profile, grants,
	                                date(created, account->created),
	                                account->suspended ? account->reason : "-"});
	return output_good();
}

static enum registry_status walk(struct registry *registry, const struct list *list, bool json,
                                 void *arg, struct registry_error *error)
{
	struct members members = {.array = arg, .vault = list->vault};

	if (!json)
		return registry_account_walk(registry, list->name, list_row, arg, error);
	return registry_account_walk(registry, list->name, list_json, &members, error);
}

int account_list(struct cli *cli)
{
	struct table table = {.columns = 5,
	                      .head = {"ACCOUNT", "PROFILE", "SENDERS", "CREATED", "SUSPENDED"}};
	struct list list = {.walk = walk};
	int code = cli->json ? vault_open(cli, VAULT_SEEN, NULL) : EX_OK;

	if (code == EX_OK)
		code = cli_open(cli);
	list.vault = cli->vault;
	return code == EX_OK ? print_list(cli, &table, &list) : code;
}
