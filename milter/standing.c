#include "milter/standing.h"

#include "db/daemon/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void standing_begin(struct standing *standing, struct service *service, const struct config *config)
{
	*standing = (struct standing){
	    .service = service,
	    .config = config,
	    .limits = &config->profiles[0].limits,
	};
}

void standing_end(struct standing *standing)
{
	usage_release(standing->service->usage, &standing->hold);
	free(standing->own);
	standing->own = NULL;
	standing->limits = &standing->config->profiles[0].limits;
}

/* ---- who it is ---------------------------------------------------------- */

/* Says once a minute that MAIL came without a login: the MTA may be at fault, not the client. */
static void warn_no_login(void)
{
	static _Atomic int64_t next;
	struct timespec now;
	int64_t due = atomic_load(&next);

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < due || !atomic_compare_exchange_strong(&next, &due, now.tv_sec + 60))
		return;
	log_line(LOG_WARNING,
	         "MAIL came without the macro {auth_authen}: either the client did not "
	         "log in, or the MTA does not send the macro (see postreeved(8))");
}

static bool told(struct standing *standing, enum registry_status status,
                 const struct registry_error *error)
{
	stats_registry(standing->service->stats, status == REGISTRY_OK ? NULL : error->text);
	if (status != REGISTRY_OK)
		snprintf(standing->cause, sizeof standing->cause, "%s", error->text);
	return status == REGISTRY_OK;
}

/*
 * What is asked of the registry and what it answers is large, and not on the stack: a thread that
 * has used more than 16 KiB of its own is tidied up at its end by the C library, which costs page
 * faults in the next one, and interrupts all others.
 */
struct look {
	struct patterns patterns;
	struct registry_answer found;
	struct registry_error error;
};
struct network_look {
	struct prefixes prefixes;
	struct registry_error error;
};

/* Without a login: the account that the client's network stands for, if there is one. */
static void learn_network(struct standing *standing, const struct ip *client, struct facts *facts)
{
	struct network_look *look = malloc(sizeof *look);

	if (!look)
		return;
	look->prefixes.count = 0;
	if (client)
		ip_prefixes(client, &look->prefixes);
	if (told(standing,
	         registry_network_lookup(standing->service->registry, look->prefixes.at,
	                                 look->prefixes.count, standing->account, &look->error),
	         &look->error)) {
		facts->known |= FACT_NETWORK;
		standing->by_network = facts->by_network = standing->account[0] != '\0';
		if (!standing->by_network)
			warn_no_login();
	}
	free(look);
}

/* Whether what an account is and may do decides anything, in whatever profile. */
static bool accounts_matter(const struct config *config)
{
	for (size_t i = 0; i < config->profile_count; i++)
		for (int id = 0; id < RULE_unavailable; id++)
			if (rules[id].needs & FACT_ACCOUNT &&
			    config->profiles[i].limits.mode[id] == MODE_ENFORCE)
				return true;
	return false;
}

/* The profile's limits, and the account's own over them. */
static bool learn_limits(struct standing *standing, const struct registry_answer *found)
{
	const struct profile *profile = config_profile(standing->config, found->profile);

	if (!profile) {
		snprintf(standing->cause, sizeof standing->cause,
		         "the account's profile '%s' is not in the configuration", found->profile);
		return false;
	}
	if (found->limit_count > 0) {
		standing->own = malloc(sizeof *standing->own);
		if (!standing->own)
			return false;
		*standing->own = profile->limits;
	}
	for (size_t i = 0; i < found->limit_count; i++) {
		const struct registry_limit *limit = &found->limits[i];

		if (limits_override(standing->own, limit->name, limit->value))
			continue;
		snprintf(
		    standing->cause, sizeof standing->cause,
		    "the account's own limit %s=%s cannot be read: see postreeve account limit",
		    limit->name, limit->value);
		return false;
	}
	standing->limits = standing->own ? standing->own : &profile->limits;
	return true;
}

/*
 * What the registry has about the account and a mailbox, which may be null. The caller frees it.
 * Null where it did not tell, or memory ran out.
 */
static struct look *look_up(struct standing *standing, const struct mailbox *mailbox)
{
	struct look *look = malloc(sizeof *look);

	if (!look)
		return NULL;
	look->patterns.count = look->patterns.tagged = 0;
	if (mailbox)
		mailbox_patterns(mailbox, &look->patterns);
	if (told(standing,
	         registry_lookup(standing->service->registry, standing->account, look->patterns.at,
	                         look->patterns.count, time(NULL), &look->found, &look->error),
	         &look->error))
		return look;
	free(look);
	return NULL;
}

/* Of an account that is none the registry has told everything: it has nothing. */
static void learn_account(struct standing *standing, const struct mailbox *sender,
                          struct facts *facts)
{
	struct look *look = look_up(standing, facts->sender == FORM_OK ? sender : NULL);

	if (!look)
		return;
	if (!look->found.known) {
		facts->known |= FACT_ACCOUNT;
	} else if (learn_limits(standing, &look->found)) {
		facts->known |= FACT_ACCOUNT;
		facts->registered = true;
		facts->suspended = look->found.suspended;
		facts->granted =
		    patterns_cover(&look->patterns, look->found.match, standing->limits);
	} else {
		facts->stand_in = true;
	}
	free(look);
}

/* A suspended account is watched no more: else it would be again as soon as it is resumed. */
static void learn_watch(struct standing *standing, const struct ip *client, struct facts *facts)
{
	struct watch *watch = standing->service->watch;

	if (client && !standing->by_network && !facts->suspended)
		watch_address(watch, standing->account, standing->limits, client, keeper_now());
	if (watch_suspends(watch, standing->account))
		facts->suspended = true;
	standing->suspended = facts->suspended;
}

void standing_learn(struct standing *standing, const char *login, const struct ip *client,
                    const struct mailbox *sender, struct facts *facts)
{
	bool suspended;

	if (login[0] == '\0')
		learn_network(standing, client, facts);
	else if (account_name_form(login) == FORM_OK)
		strcpy(standing->account, login);
	/* First: what the watch lets go of stands in the registry by then. */
	suspended = watch_suspends(standing->service->watch, standing->account);
	if (standing->account[0] != '\0')
		learn_account(standing, sender, facts);
	else if (login[0] != '\0' || facts->known & FACT_NETWORK)
		facts->known |= FACT_ACCOUNT; /* nobody's name: there is nothing to look up */
	standing->known = (facts->known & FACT_ACCOUNT) != 0;
	/*
	 * The default profile, which stands in for the account's, may be in shadow: that is no
	 * leave for accounts of another one.
	 */
	if (!standing->known && accounts_matter(standing->config))
		facts->stand_in = true;
	standing->registered = facts->registered;
	if (suspended)
		facts->suspended = true;
	if (standing->registered)
		learn_watch(standing, client, facts);
}

bool standing_covers(struct standing *standing, const struct mailbox *mailbox, bool *covered)
{
	struct look *look;

	*covered = false;
	if (!standing->registered)
		return true;
	look = look_up(standing, mailbox);
	if (!look)
		return false;
	*covered = look->found.known &&
	           patterns_cover(&look->patterns, look->found.match, standing->limits);
	free(look);
	return true;
}

/* ---- what it uses ------------------------------------------------------- */

/* The bound of a rule that is enforced; none otherwise, so that shadow and off hold nobody up. */
static uint64_t enforced(const struct limits *limits, enum rule_id rule, int bound)
{
	return limits->mode[rule] == MODE_ENFORCE ? limits->bound[bound] : UINT64_MAX;
}

/* Logins that nobody could have are not counted, nor are clients without one. */
void standing_connect(struct standing *standing, struct connections_slot **slot,
                      struct facts *facts)
{
	struct connections *connections = standing->service->connections;
	uint64_t limit = enforced(standing->limits, RULE_max_connections, RULE_max_connections);

	if (!standing->known)
		return;
	if (standing->account[0] == '\0') {
		facts->known |= FACT_CONNECTIONS;
		return;
	}
	if (*slot && !connections_is_of(*slot, standing->account)) {
		connections_leave(connections, *slot);
		*slot = NULL;
	}
	if (*slot)
		facts->connections = connections_count(connections, *slot);
	else
		*slot =
		    connections_enter(connections, standing->account, limit, &facts->connections);
	if (facts->connections > 0)
		facts->known |= FACT_CONNECTIONS;
}

void standing_take(struct standing *standing, enum measure measure, uint64_t amount,
                   struct facts *facts)
{
	struct service *service = standing->service;
	uint64_t limit[QUOTA_COUNT];
	struct usage_count count;

	if (!standing->known)
		return;
	if (standing->account[0] == '\0') {
		facts->known |= FACT_USAGE; /* of nobody nothing is counted */
		return;
	}
	for (int id = 0; id < QUOTA_COUNT; id++)
		limit[id] = enforced(standing->limits, quotas[id].rule, BOUND_OF_QUOTA(id));
	memset(&count, 0, sizeof count);
	if (!usage_take(service->usage, &standing->hold, standing->account, measure, amount, limit,
	                keeper_now(), &count))
		return;
	memcpy(facts->used, count.used, sizeof facts->used);
	memcpy(facts->retry, count.retry, sizeof facts->retry);
	if (!service->keeper || keeper_healthy(service->keeper) ||
	    standing->config->pass_without_usage)
		facts->known |= FACT_USAGE;
	else
		strcpy(standing->cause, "usage cannot be kept");
}

void standing_keep(struct standing *standing, enum measure measure, uint64_t amount)
{
	usage_keep(standing->service->usage, &standing->hold, measure, amount);
}

void standing_use(struct standing *standing)
{
	usage_commit(standing->service->usage, &standing->hold, keeper_now());
}

void standing_refused(struct standing *standing)
{
	if (standing->registered && !standing->suspended)
		watch_refusal(standing->service->watch, standing->account, standing->limits,
		              keeper_now());
}
