/* What each value of a configuration file must be, as libconfuse reads it: so the line is known. */
#include "db/config/parse.h"
#include "db/hash.h"
#include "db/registry.h"
#include "policy/address.h"
#include "policy/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define SOCKET_PATH_SIZE sizeof((struct sockaddr_un *)0)->sun_path

/*
 * A key said twice in one section is an error. An option's comment, which is free for us since
 * comments are not kept, remembers what was said.
 */
static int mark(cfg_t *cfg, cfg_opt_t *opt, bool again, const char *what)
{
	char said[16];

	if (again) {
		cfg_error(cfg, "'%s' stands here a second time", opt->name);
		return -1;
	}
	snprintf(said, sizeof said, "%s", what);
	return cfg_opt_setcomment(opt, said) == CFG_SUCCESS ? 0 : -1;
}

static int check_once(cfg_t *cfg, cfg_opt_t *opt)
{
	return mark(cfg, opt, cfg_opt_getcomment(opt) != NULL, "said");
}

/* A list is checked after each of its entries, and once more, with no entry new, at its '}'. */
static int check_list_once(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *said = cfg_opt_getcomment(opt);
	unsigned before = said ? (unsigned)strtoul(said, NULL, 10) : 0, now = cfg_opt_size(opt);
	char what[16] = "closed";

	if (now > before)
		snprintf(what, sizeof what, "%u", now);
	return mark(cfg, opt, said && (before == 0 || now < before), what);
}

int rule_by_name(const char *name)
{
	for (int id = 0; id < RULE_unavailable; id++)
		if (strcmp(rules[id].name, name) == 0)
			return id;
	return -1;
}

/* A section `rule NAME`. */
static int check_rule(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));

	if (rule_by_name(name) < 0) {
		cfg_error(cfg, "there is no rule '%s': see postreeve.conf(5) for their names",
		          name);
		return -1;
	}
	return 0;
}

static int check_mode(cfg_t *cfg, cfg_opt_t *opt)
{
	int id = rule_by_name(cfg_title(cfg));
	struct limits scratch;

	if (id < 0)
		return 0; /* check_rule() will say so */
	limits_init(&scratch);
	if (!limits_set_mode(&scratch, (enum rule_id)id, cfg_opt_getstr(opt))) {
		cfg_error(cfg, "mode = '%s': must be enforce, shadow or off", cfg_opt_getstr(opt));
		return -1;
	}
	return check_once(cfg, opt);
}

bool apply_allow(cfg_opt_t *opt, enum rule_id id, struct limits *limits)
{
	const char *entries[ALLOW_MAX + 1];
	unsigned count = cfg_opt_size(opt);

	for (unsigned i = 0; i < count && i <= ALLOW_MAX; i++)
		entries[i] = cfg_opt_getnstr(opt, i);
	return limits_set_allow(limits, id, entries, count);
}

static int check_allow(cfg_t *cfg, cfg_opt_t *opt)
{
	int id = rule_by_name(cfg_title(cfg));
	struct limits scratch;
	char expect[EXPECT_MAX];

	if (id < 0)
		return 0; /* check_rule() will say so */
	if (rules[id].allow.kind == ALLOW_NONE) {
		cfg_error(cfg, "the rule '%s' has no list 'allow'", rules[id].name);
		return -1;
	}
	limits_init(&scratch);
	if (!apply_allow(opt, (enum rule_id)id, &scratch)) {
		limits_expect_allow((enum rule_id)id, expect);
		cfg_error(cfg, "allow = '%s': must be %s",
		          cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1), expect);
		return -1;
	}
	return check_list_once(cfg, opt);
}

static int check_bound(cfg_t *cfg, cfg_opt_t *opt)
{
	int id = bound_by_name(opt->name);
	struct limits scratch;
	char expect[EXPECT_MAX];

	limits_init(&scratch);
	if (!limits_set_bound(&scratch, id, cfg_opt_getstr(opt))) {
		limits_expect_bound(id, expect);
		cfg_error(cfg, "%s = '%s': must be %s", opt->name, cfg_opt_getstr(opt), expect);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_threshold(cfg_t *cfg, cfg_opt_t *opt)
{
	enum threshold_id id = strcmp(opt->name, thresholds[THRESHOLD_REFUSALS].name) == 0
	                           ? THRESHOLD_REFUSALS
	                           : THRESHOLD_ADDRESSES;
	struct limits scratch;
	char expect[EXPECT_MAX];

	limits_init(&scratch);
	if (!limits_set_threshold(&scratch, id, cfg_opt_getstr(opt))) {
		limits_expect_threshold(id, expect);
		cfg_error(cfg, "%s = '%s': must be %s", opt->name, cfg_opt_getstr(opt), expect);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_usage_failure(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getstr(opt);

	if (strcmp(value, "tempfail") != 0 && strcmp(value, "pass") != 0) {
		cfg_error(cfg, "on_usage_failure = '%s': must be tempfail or pass", value);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_log_format(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getstr(opt);

	if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0) {
		cfg_error(cfg, "log_format = '%s': must be text or json", value);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_profile(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));

	if (account_name_form(name) != FORM_OK || strlen(name) > REGISTRY_PROFILE_MAX) {
		cfg_error(cfg, "a profile's name is 1 to %d octets without white space",
		          REGISTRY_PROFILE_MAX);
		return -1;
	}
	return 0;
}

/* "10025" or "10025@127.0.0.1" */
static bool is_port_at(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long port = strtoul(text, NULL, 10);

	return digits > 0 && digits <= 5 && port >= 1 && port <= UINT16_MAX &&
	       (text[digits] == '\0' || text[digits] == '@');
}

static int check_socket(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getstr(opt), *colon = strchr(value, ':');
	size_t len = colon ? (size_t)(colon - value) : 0;
	bool local = (len == 5 && strncmp(value, "local", len) == 0) ||
	             (len == 4 && strncmp(value, "unix", len) == 0);
	bool inet = (len == 4 && strncmp(value, "inet", len) == 0) ||
	            (len == 5 && strncmp(value, "inet6", len) == 0);

	if (!local && !inet) {
		cfg_error(cfg,
		          "socket = '%s': must be \"local:/path\", \"inet:port@host\" or "
		          "\"inet6:port@host\"",
		          value);
		return -1;
	}
	if (local && (colon[1] != '/' || strlen(colon + 1) >= SOCKET_PATH_SIZE)) {
		cfg_error(cfg,
		          "socket = '%s': its path must begin with '/' and have at most %zu octets",
		          value, SOCKET_PATH_SIZE - 1);
		return -1;
	}
	if (inet && !is_port_at(colon + 1)) {
		cfg_error(cfg,
		          "socket = '%s': behind %.*s stands a port from 1 to 65535, and perhaps @ "
		          "and a host",
		          value, (int)(colon - value + 1), value);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_user(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getstr(opt);

	if (value[0] == '\0' || strcmp(value, "root") == 0) {
		cfg_error(cfg, "%s = '%s': must be the name of a user other than root", opt->name,
		          value);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_path(cfg_t *cfg, cfg_opt_t *opt)
{
	if (cfg_opt_getstr(opt)[0] != '/') {
		cfg_error(cfg, "%s = '%s': must be a path that begins with '/'", opt->name,
		          cfg_opt_getstr(opt));
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_socket_path(cfg_t *cfg, cfg_opt_t *opt)
{
	if (strlen(cfg_opt_getstr(opt)) >= SOCKET_PATH_SIZE) {
		cfg_error(cfg, "%s = '%s': must have at most %zu octets", opt->name,
		          cfg_opt_getstr(opt), SOCKET_PATH_SIZE - 1);
		return -1;
	}
	return check_path(cfg, opt);
}

/* Or "", for none. */
static int check_auth_socket(cfg_t *cfg, cfg_opt_t *opt)
{
	return cfg_opt_getstr(opt)[0] == '\0' ? check_once(cfg, opt) : check_socket_path(cfg, opt);
}

static int check_number(cfg_t *cfg, cfg_opt_t *opt, long least, long most)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value < least || value > most) {
		cfg_error(cfg, "%s = %ld: must be a number from %ld to %ld", opt->name, value,
		          least, most);
		return -1;
	}
	return check_once(cfg, opt);
}

static int check_cost(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_number(cfg, opt, HASH_COST_MIN, HASH_COST_MAX);
}

static int check_failures(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_number(cfg, opt, 1, AUTH_FAILURES_MAX);
}

static int check_network(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	struct network network;

	if (!network_parse(text, &network)) {
		cfg_error(cfg, "%s = '%s': must be a network in CIDR notation without host bits",
		          opt->name, text);
		return -1;
	}
	return check_list_once(cfg, opt);
}

static void set_profile_check(cfg_t *cfg, const char *key, cfg_validate_callback_t check)
{
	char option[64];

	snprintf(option, sizeof option, "profile|%s", key);
	cfg_set_validate_func(cfg, option, check);
}

void checks_set(cfg_t *cfg)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t check;
	} checks[] = {
	    {"socket", check_socket},
	    {"database", check_path},
	    {"user", check_user},
	    {"exempt_networks", check_network},
	    {"control_socket", check_socket_path},
	    {"auth_database", check_path},
	    {"auth_user", check_user},
	    {"auth_dovecot_socket", check_auth_socket},
	    {"auth_saslauthd_socket", check_auth_socket},
	    {"auth_without_tls", check_once},
	    {"auth_cost", check_cost},
	    {"auth_failures_account", check_failures},
	    {"auth_failures_client", check_failures},
	    {"on_usage_failure", check_usage_failure},
	    {"log_format", check_log_format},
	    {"log_passes", check_once},
	    {"rule", check_rule},
	    {"rule|mode", check_mode},
	    {"rule|allow", check_allow},
	    {"profile", check_profile},
	    {"profile|allow_null_sender", check_once},
	    {"profile|allow_tagged_sender", check_once},
	    {"profile|shadow", check_once},
	    {"profile|rule", check_rule},
	    {"profile|rule|mode", check_mode},
	    {"profile|rule|allow", check_allow},
	};

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		cfg_set_validate_func(cfg, checks[i].option, checks[i].check);
	for (int id = 0; id < BOUND_IDS; id++)
		if (bound_row(id).range->kind != BOUND_NONE)
			set_profile_check(cfg, bound_row(id).name, check_bound);
	for (int id = 0; id < THRESHOLD_COUNT; id++)
		set_profile_check(cfg, thresholds[id].name, check_threshold);
}
