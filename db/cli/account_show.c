/* What there is to know of one account: above all its limits, and where each comes from. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/password.h"
#include "policy/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FROM_MAX      (REGISTRY_PROFILE_MAX + sizeof "profile ")
#define SENTENCE_MAX  512 /* octets, '\0' and all */
#define SENTENCES_MAX (1 + REGISTRY_LIMITS_MAX)
#define SETTINGS_MAX  (BOUND_IDS + THRESHOLD_COUNT + 2 + REGISTRY_LIMITS_MAX)

/* A limit, threshold or switch in force. */
struct setting {
	char name[REGISTRY_LIMIT_NAME_MAX + 1];
	char text[THRESHOLD_TEXT_MAX];
	char from[FROM_MAX];
	bool is_limit, is_number;
	uint64_t number;
};

struct show {
	const struct cli *cli;
	json_t *json; /* null for text */
	uint64_t grants;
	char profile_name[REGISTRY_PROFILE_MAX + 1];
	const struct profile *profile; /* null if the configuration has it not, or was not read */
	struct limits limits;
	bool own[BOUND_IDS]; /* whether the limit is the account's own */
	size_t setting_count;
	struct setting settings[SETTINGS_MAX];
	size_t problem_count;
	char problems[SENTENCES_MAX][SENTENCE_MAX];
};

/* ---- what the limits come to -------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void problem(struct show *show, const char *format,
                                                          ...)
{
	va_list args;

	if (show->problem_count == SENTENCES_MAX)
		return;
	va_start(args, format);
	vsnprintf(show->problems[show->problem_count++], SENTENCE_MAX, format, args);
	va_end(args);
}

static struct setting *new_setting(struct show *show, const char *name, const char *from)
{
	struct setting *setting = &show->settings[show->setting_count];

	if (show->setting_count + 1 < SETTINGS_MAX)
		show->setting_count++;
	snprintf(setting->name, sizeof setting->name, "%s", name);
	snprintf(setting->from, sizeof setting->from, "%s", from);
	return setting;
}

/* Of a setting of the profile. Lives in buffer, which is returned. */
static const char *from(const struct show *show, enum limit_source source, char buffer[FROM_MAX])
{
	static const char *const words[] = {
	    [SOURCE_BUILT_IN] = "built in",
	    [SOURCE_DEFAULT] = "profile default",
	    [SOURCE_PROFILE] = "profile ",
	};

	snprintf(buffer, FROM_MAX, "%s%s", words[source],
	         source == SOURCE_PROFILE ? show->profile_name : "");
	return buffer;
}

static void find_profile(struct show *show, const char *name)
{
	const struct cli *cli = show->cli;

	snprintf(show->profile_name, sizeof show->profile_name, "%s", name);
	limits_init(&show->limits);
	if (!cli->config)
		return;
	show->profile = config_profile(cli->config, name);
	if (show->profile)
		show->limits = show->profile->limits;
	else
		problem(
		    show,
		    "the profile is not in the configuration, so the account's mail is answered "
		    "451: add the profile to %s, or move the account with `postreeve account add "
		    "NAME --profile PROFILE'",
		    cli->conf);
}

static bool take_limit(const struct registry_limit_row *row, void *arg)
{
	struct show *show = arg;
	struct setting *setting;

	if (limits_override(&show->limits, row->name, row->value)) {
		show->own[bound_by_name(row->name)] = true;
		return true;
	}
	setting = new_setting(show, row->name, "account");
	setting->is_limit = true;
	snprintf(setting->text, sizeof setting->text, "%s", row->value);
	problem(show,
	        "the account's own %s is no limit of this version, so its mail is answered 451: "
	        "set it again, or `postreeve account limit NAME %s=default'",
	        setting->name, setting->name);
	return true;
}

/* Without the profile, the account's own alone. */
static void collect_limits(struct show *show)
{
	char buffer[FROM_MAX];

	for (int id = 0; id < BOUND_IDS; id++) {
		struct setting *setting;
		const char *source = "account";

		if (bound_row(id).range->kind == BOUND_NONE || (!show->profile && !show->own[id]))
			continue;
		if (!show->own[id])
			source = from(show, show->profile->source[id], buffer);
		setting = new_setting(show, bound_row(id).name, source);
		setting->is_limit = true;
		setting->number = show->limits.bound[id];
		setting->is_number = setting->number != BOUND_UNLIMITED;
		bound_show(id, setting->number, setting->text);
	}
}

static void collect_switches(struct show *show)
{
	const struct profile *profile = show->profile;
	char buffer[FROM_MAX];
	struct setting *setting;

	if (!profile)
		return;
	for (int id = 0; id < THRESHOLD_COUNT; id++) {
		setting = new_setting(show, thresholds[id].name,
		                      from(show, profile->threshold_source[id], buffer));
		threshold_show((enum threshold_id)id, &profile->limits.threshold[id],
		               setting->text);
	}
	setting =
	    new_setting(show, "allow_null_sender", from(show, profile->null_sender_source, buffer));
	strcpy(setting->text, profile->limits.allow_null_sender ? "yes" : "no");
	setting = new_setting(show, "allow_tagged_sender",
	                      from(show, profile->tagged_sender_source, buffer));
	strcpy(setting->text, profile->limits.allow_tagged_sender ? "yes" : "no");
}

/* ---- showing ------------------------------------------------------------ */

static bool show_account(const struct registry_account *account, void *arg)
{
	struct show *show = arg;
	char created[DATE_MAX], password[PASSWORD_WORDS_MAX];

	find_profile(show, account->profile);
	show->grants = account->grants;
	if (show->json) {
		json_decref(show->json);
		show->json = account_json(account);
		password_json(show->cli->vault, show->json, account->name);
		json_put(show->json, "groups", json_array());
		json_put(show->json, "networks", json_array());
		json_put(show->json, "patterns", json_array());
		json_put(show->json, "problems", json_array());
		return true;
	}
	say("account    %s", account->name);
	say("profile    %s", account->profile);
	say("suspended  %s", account->suspended ? account->reason : "-");
	say("created    %s", date(created, account->created));
	if (password_words(show->cli->vault, account->name, password))
		say("password   %s", password);
	return true;
}

/* One of several: an entry of the array, or a line. */
static void item(const struct show *show, const char *array, const char *label, const char *text)
{
	if (show->json)
		json_add(json_object_get(show->json, array), json_text(text));
	else
		say("%-10s %s", label, text);
}

static bool show_group(const struct registry_member *member, void *arg)
{
	item(arg, "groups", "group", member->group);
	return output_good();
}

static bool show_network(const struct registry_network *network, void *arg)
{
	item(arg, "networks", "network", network->network);
	return output_good();
}

static bool show_grant(const struct registry_grant *grant, void *arg)
{
	item(arg, "patterns", "", grant->pattern);
	return output_good();
}

/* Rules that are in another mode than the built-in one. */
static void show_modes(const struct show *show)
{
	struct table table = {.columns = 2, .head = {"RULE", "MODE"}};
	bool any = false;

	if (show->json)
		json_put(show->json, "modes", json_object());
	for (int pass = 0; pass < 2 && show->profile; pass++) {
		for (int id = 0; id < RULE_unavailable; id++) {
			const char *mode = mode_names[show->limits.mode[id]];

			if (show->limits.mode[id] == rules[id].mode)
				continue;
			any = true;
			if (show->json)
				json_put(json_object_get(show->json, "modes"), rules[id].name,
				         json_text(mode));
			else
				table_row(&table, (const char *[]){rules[id].name, mode});
		}
		if (show->json || !any)
			return;
		if (pass == 0) {
			putchar('\n');
			table_print(&table);
		}
	}
}

static void limits_json(const struct show *show)
{
	json_t *limits = json_array(), *settings = json_array();

	for (size_t i = 0; i < show->setting_count; i++) {
		const struct setting *setting = &show->settings[i];
		json_t *object =
		    json_pack("{s:o, s:o, s:o}", "name", json_text(setting->name), "text",
		              json_text(setting->text), "from", json_text(setting->from));

		if (setting->is_limit)
			json_put(object, "value",
			         setting->is_number ? json_integer((json_int_t)setting->number)
			                            : json_null());
		json_add(setting->is_limit ? limits : settings, object);
	}
	json_put(show->json, "limits", limits);
	json_put(show->json, "settings", settings);
}

static void limits_table(const struct show *show)
{
	struct table table = {.columns = 3, .head = {"LIMIT", "VALUE", "FROM"}};

	for (int pass = 0; pass < 2 && show->setting_count > 0; pass++) {
		for (size_t i = 0; i < show->setting_count; i++) {
			const struct setting *setting = &show->settings[i];

			table_row(&table,
			          (const char *[]){setting->name, setting->text, setting->from});
		}
		if (pass == 0) {
			putchar('\n');
			table_print(&table);
		}
	}
}

/* What the registry knows, in the order in which it is shown. */
static enum registry_status walk(struct show *show, struct registry *registry, const char *name,
                                 struct registry_error *error)
{
	enum registry_status status =
	    registry_account_walk(registry, name, show_account, show, error);

	if (status == REGISTRY_OK)
		status = registry_member_walk(registry, NULL, name, show_group, show, error);
	if (status == REGISTRY_OK)
		status = registry_network_walk(registry, name, show_network, show, error);
	if (status == REGISTRY_OK && !show->json)
		say("senders    %" PRIu64, show->grants);
	if (status == REGISTRY_OK)
		status = registry_grant_walk(registry, name, show_grant, show, error);
	if (status == REGISTRY_OK)
		status = registry_limit_walk(registry, name, take_limit, show, error);
	return status;
}

int account_show(struct cli *cli)
{
	struct show *show = NULL;
	struct registry_error error;
	enum registry_status status;
	int code = check_name(cli->args[0]);

	if (code == EX_OK)
		code = vault_open(cli, VAULT_SEEN, NULL);
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		return code;
	show = calloc(1, sizeof *show);
	if (!show)
		return complain(EX_OSERR, "out of memory");
	show->cli = cli;
	if (cli->json)
		show->json = json_object();
	status = walk(show, cli->registry, cli->args[0], &error);
	if (status != REGISTRY_OK) {
		code = complain_registry(&error);
		goto out;
	}
	collect_limits(show);
	collect_switches(show);
	for (size_t i = 0; i < show->problem_count; i++)
		item(show, "problems", "problem", show->problems[i]);
	if (cli->json) {
		limits_json(show);
	} else {
		if (!cli->config)
			say("limits     of its own alone: with -d no configuration is read, which "
			    "has "
			    "those of its profile");
		limits_table(show);
	}
	show_modes(show);
	if (cli->json)
		print_json(json_incref(show->json));
out:
	json_decref(show->json);
	free(show);
	return code;
}
