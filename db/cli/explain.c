/* Why an account may send as an address, or may not. */
#include "db/cli/explain.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "policy/address.h"

#include <string.h>
#include <time.h>

struct search {
	const struct cli *cli;
	struct explanation explanation;
	int64_t now;

	/* The account. */
	char profile[REGISTRY_PROFILE_MAX + 1];
	bool suspended;
	char reason[512];
	json_t *groups;              /* an object: the names of those it belongs to are keys */
	const struct limits *limits; /* null if nobody knows */

	/* The address. */
	struct mailbox mailbox;
	struct patterns patterns;
	size_t at;      /* the pattern that is looked at */
	size_t granted; /* the one that allows it; the count if none does */
};

/* ---- the account ---------------------------------------------------------- */

static bool take_account(const struct registry_account *account, void *arg)
{
	struct search *search = arg;

	snprintf(search->profile, sizeof search->profile, "%s", account->profile);
	search->suspended = account->suspended;
	snprintf(search->reason, sizeof search->reason, "%s", account->reason);
	return true;
}

static bool take_group(const struct registry_member *member, void *arg)
{
	struct search *search = arg;

	return json_object_set_new_nocheck(search->groups, member->group, json_true()) == 0;
}

static bool is_its_own(const struct search *search, const char *holder)
{
	return strcmp(holder, search->explanation.account) == 0 ||
	       json_object_get(search->groups, holder);
}

static int find_account(struct search *search)
{
	const char *account = search->explanation.account;
	struct registry *registry = search->cli->registry;
	const struct profile *profile;
	struct registry_error error;

	if (registry_account_walk(registry, account, take_account, search, &error) != REGISTRY_OK ||
	    registry_member_walk(registry, NULL, account, take_group, search, &error) !=
	        REGISTRY_OK)
		return complain_registry(&error);
	if (!search->cli->config)
		return EX_OK;
	profile = config_profile(search->cli->config, search->profile);
	if (profile) {
		search->limits = &profile->limits;
		search->explanation.mode = mode_names[profile->limits.mode[RULE_sender_registered]];
	}
	return EX_OK;
}

/* ---- its senders, and those that come near -------------------------------- */

static bool is_live(const struct search *search, const struct registry_grant *grant)
{
	return grant->expires == 0 || grant->expires > search->now;
}

/* The senders that cover the address, whosever they are; the narrowest first. */
static bool take_grant(const struct registry_grant *grant, void *arg)
{
	struct search *search = arg;
	struct explanation *explanation = &search->explanation;
	bool tagged, own = is_its_own(search, grant->holder), live = is_live(search, grant);

	while (search->at < search->patterns.count &&
	       strcmp(search->patterns.at[search->at], grant->pattern) != 0)
		search->at++;
	tagged = search->at == search->patterns.tagged;
	if (tagged && !(search->limits && search->limits->allow_tagged_sender)) {
		if (own && live)
			explain_miss(explanation, WHY_TAGGED, grant);
	} else if (own && live) {
		/* What it holds itself, before what a group holds. */
		if (search->granted == search->patterns.count ||
		    (search->granted == search->at &&
		     strcmp(grant->holder, explanation->account) == 0))
			explain_found(explanation, grant);
		if (search->granted == search->patterns.count)
			search->granted = search->at;
	} else if (own) {
		explain_miss(explanation, WHY_EXPIRED, grant);
		explain_command(explanation, "sender add", grant->holder, grant->pattern);
	} else if (live && grant->holder[0] == '%') {
		explain_miss(explanation, WHY_GROUP, grant);
		if (explanation->miss_count[WHY_GROUP] <= MISSES_MOST)
			explain_command(explanation, "group join", grant->holder,
			                explanation->account);
	} else if (live) {
		explain_miss(explanation, WHY_OTHER, grant);
	}
	return true;
}

/* Its own for `@domain' where `@.domain' was wanted, or the other way round. */
static bool take_near(const struct registry_grant *grant, void *arg)
{
	struct search *search = arg;
	char wanted[MAILBOX_KEY_MAX + 2];
	const char *pattern = grant->pattern;

	if (!is_its_own(search, grant->holder) || !is_live(search, grant))
		return true;
	explain_miss(&search->explanation, WHY_DOMAIN, grant);
	if (pattern[1] == '.')
		snprintf(wanted, sizeof wanted, "@%s", pattern + 2);
	else
		snprintf(wanted, sizeof wanted, "@.%s", pattern + 1);
	explain_command(&search->explanation, "sender add", grant->holder, wanted);
	return true;
}

/* The domains above the address's as `@domain', and its own as `@.domain'. */
static enum registry_status find_near(struct search *search, struct registry_error *error)
{
	char text[PATTERNS_TEXT_MAX];
	const char *near[PATTERNS_MAX];
	size_t count = 0, used = 0;

	for (size_t i = 0; i < search->patterns.count; i++) {
		const char *pattern = search->patterns.at[i];
		bool above = strncmp(pattern, "@.", 2) == 0;

		if (pattern[0] != '@' || pattern[1] == '[' || strcmp(pattern, "@.") == 0)
			continue;
		near[count++] = text + used;
		used += 1 + (size_t)snprintf(text + used, sizeof text - used, "%s%s",
		                             above ? "@" : "@.", pattern + (above ? 2 : 1));
	}
	return registry_grant_find(search->cli->registry, near, count, take_near, search, error);
}

static int find_grants(struct search *search)
{
	struct registry_error error;
	enum registry_status status;

	mailbox_patterns(&search->mailbox, &search->patterns);
	search->granted = search->patterns.count;
	status = registry_grant_find(search->cli->registry, search->patterns.at,
	                             search->patterns.count, take_grant, search, &error);
	if (status == REGISTRY_OK && search->granted == search->patterns.count)
		status = find_near(search, &error);
	return status == REGISTRY_OK ? EX_OK : complain_registry(&error);
}

/* ---- the answer ----------------------------------------------------------- */

/* What is missing, but for the account itself; null if nothing is. */
static const char *missing(const struct search *search, bool null_sender)
{
	if (!null_sender)
		return search->explanation.grant ? NULL
		                                 : "neither it nor a group it belongs to holds a "
		                                   "sender that covers it";
	if (!search->limits)
		return "without a configuration no profile allows the null sender";
	return search->limits->allow_null_sender
	           ? NULL
	           : "its profile does not say allow_null_sender = yes";
}

static void conclude(struct search *search, bool null_sender)
{
	struct explanation *explanation = &search->explanation;
	const size_t size = sizeof explanation->because;
	const char *lack = missing(search, null_sender);

	/* What comes near matters only where there is nothing better. */
	if (explanation->grant) {
		json_array_clear(explanation->misses);
		json_array_clear(explanation->commands);
	}
	if (lack && !null_sender)
		explain_command(explanation, "sender add", explanation->account,
		                search->mailbox.key);
	if (search->cli->config && !search->limits) {
		snprintf(explanation->because, size,
		         "its profile \"%s\" is not in the configuration: add it there, or move "
		         "the account to another",
		         search->profile);
	} else if (search->suspended) {
		snprintf(explanation->because, size, "it is suspended (%s)", search->reason);
		explain_command(explanation, "account resume", explanation->account, NULL);
	} else if (lack) {
		snprintf(explanation->because, size, "%s", lack);
	} else {
		explanation->allowed = true;
		snprintf(explanation->because, size, "%s",
		         null_sender ? "its profile says allow_null_sender = yes"
		                     : "this sender covers it");
	}
}

int explain_run(struct cli *cli)
{
	static struct search search; /* too big for a stack */
	struct explanation *explanation = &search.explanation;
	const char *address = cli->args[1];
	bool null_sender = strcmp(address, "<>") == 0;
	char quoted[SHOWN_MAX];
	int code = check_name(cli->args[0]);

	if (code == EX_OK && !null_sender &&
	    (!text_plain(address) ||
	     mailbox_parse(address, strlen(address), true, &search.mailbox) != FORM_OK))
		code = complain(EX_USAGE, "\"%s\" is no address: give user@example.com, or <>",
		                shown(quoted, address));
	if (code == EX_OK)
		code = cli_open(cli);
	if (code != EX_OK)
		return code;
	search.cli = cli;
	search.now = time(NULL);
	search.groups = json_object();
	explanation->account = cli->args[0];
	explanation->address = null_sender ? address : search.mailbox.key;
	explanation->misses = json_array();
	explanation->commands = json_array();
	if (!search.groups || !explanation->misses || !explanation->commands)
		return complain(EX_OSERR, "out of memory");
	code = find_account(&search);
	if (code == EX_OK && !null_sender)
		code = find_grants(&search);
	if (code == EX_OK) {
		conclude(&search, null_sender);
		code = explanation->allowed ? EX_OK : 1;
		explain_print(explanation, cli->json);
	}
	json_decref(search.groups);
	return code;
}
