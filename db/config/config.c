#include "db/config/config.h"

#include "db/config/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PROFILE "default"
#define CONTROL_SOCKET  "control.sock" /* in the database's directory */

/* ---- from what was read to the configuration ---------------------------- */

static void apply_rules(cfg_t *section, struct limits *limits)
{
	for (unsigned i = 0; i < cfg_size(section, "rule"); i++) {
		cfg_t *rule = cfg_getnsec(section, "rule", i);
		enum rule_id id = (enum rule_id)rule_by_name(cfg_title(rule));
		cfg_opt_t *allow = cfg_getopt(rule, "allow");

		if (cfg_size(rule, "mode") > 0)
			limits_set_mode(limits, id, cfg_getstr(rule, "mode"));
		if (allow->flags & CFGF_MODIFIED)
			apply_allow(allow, id, limits);
	}
}

/* source: what is set here comes from. */
static void apply_profile(cfg_t *section, struct profile *profile, enum limit_source source)
{
	struct limits *limits = &profile->limits;

	for (int id = 0; id < BOUND_IDS; id++) {
		struct bound bound = bound_row(id);

		if (bound.range->kind == BOUND_NONE || cfg_size(section, bound.name) == 0)
			continue;
		limits_set_bound(limits, id, cfg_getstr(section, bound.name));
		profile->source[id] = source;
	}
	for (int id = 0; id < THRESHOLD_COUNT; id++) {
		if (cfg_size(section, thresholds[id].name) == 0)
			continue;
		limits_set_threshold(limits, (enum threshold_id)id,
		                     cfg_getstr(section, thresholds[id].name));
		profile->threshold_source[id] = source;
	}
	if (cfg_size(section, "allow_null_sender") > 0) {
		limits->allow_null_sender = cfg_getbool(section, "allow_null_sender");
		profile->null_sender_source = source;
	}
	if (cfg_size(section, "allow_tagged_sender") > 0) {
		limits->allow_tagged_sender = cfg_getbool(section, "allow_tagged_sender");
		profile->tagged_sender_source = source;
	}
	apply_rules(section, limits);
}

static bool is_shadow(cfg_t *section, bool otherwise)
{
	if (!section || cfg_size(section, "shadow") == 0)
		return otherwise;
	return cfg_getbool(section, "shadow");
}

/* Nothing refuses in a shadow profile, but for the rules whose mode it says itself. */
static void apply_shadow(cfg_t *section, struct limits *limits)
{
	for (int id = 0; id < RULE_unavailable; id++) {
		cfg_t *rule = section ? cfg_gettsec(section, "rule", rules[id].name) : NULL;

		if (limits->mode[id] == MODE_ENFORCE && !(rule && cfg_size(rule, "mode") > 0))
			limits->mode[id] = MODE_SHADOW;
	}
}

/* The default profile comes first, whether the file names it or not; the others start from it. */
static bool build_profiles(cfg_t *cfg, struct config *config)
{
	unsigned sections = cfg_size(cfg, "profile");
	cfg_t *preset = cfg_gettsec(cfg, "profile", DEFAULT_PROFILE);
	bool shadow = is_shadow(preset, false);
	struct profile *profile, base;

	config->profiles = calloc(sections + 1, sizeof *config->profiles);
	if (!config->profiles)
		return false;
	profile = &config->profiles[config->profile_count++];
	limits_init(&profile->limits);
	apply_rules(cfg, &profile->limits);
	if (preset)
		apply_profile(preset, profile, SOURCE_DEFAULT);
	base = *profile;
	if (shadow)
		apply_shadow(preset, &profile->limits);
	profile->name = strdup(DEFAULT_PROFILE);
	if (!profile->name)
		return false;

	for (unsigned i = 0; i < sections; i++) {
		cfg_t *section = cfg_getnsec(cfg, "profile", i);

		if (section == preset)
			continue;
		profile = &config->profiles[config->profile_count++];
		*profile = base;
		apply_profile(section, profile, SOURCE_PROFILE);
		if (is_shadow(section, shadow))
			apply_shadow(section, &profile->limits);
		profile->name = strdup(cfg_title(section));
		if (!profile->name)
			return false;
	}
	return true;
}

static struct config *build(cfg_t *cfg)
{
	unsigned networks = cfg_size(cfg, "exempt_networks");
	struct config *config = calloc(1, sizeof *config);

	if (!config)
		return NULL;
	config->socket = strdup(cfg_getstr(cfg, "socket"));
	config->database = strdup(cfg_getstr(cfg, "database"));
	config->user = strdup(cfg_getstr(cfg, "user"));
	config->control_socket = cfg_size(cfg, "control_socket") > 0
	                             ? strdup(cfg_getstr(cfg, "control_socket"))
	                             : config_control_socket(cfg_getstr(cfg, "database"));
	config->auth_database = strdup(cfg_getstr(cfg, "auth_database"));
	config->auth_user = strdup(cfg_getstr(cfg, "auth_user"));
	config->auth_dovecot_socket = strdup(cfg_getstr(cfg, "auth_dovecot_socket"));
	config->auth_saslauthd_socket = strdup(cfg_getstr(cfg, "auth_saslauthd_socket"));
	config->exempt = calloc(networks + 1, sizeof *config->exempt);
	if (!config->socket || !config->database || !config->user || !config->control_socket ||
	    !config->auth_database || !config->auth_user || !config->auth_dovecot_socket ||
	    !config->auth_saslauthd_socket || !config->exempt || !build_profiles(cfg, config)) {
		config_free(config);
		return NULL;
	}
	config->auth_without_tls = cfg_getbool(cfg, "auth_without_tls");
	config->auth_cost = (unsigned)cfg_getint(cfg, "auth_cost");
	config->auth_failures_account = (unsigned)cfg_getint(cfg, "auth_failures_account");
	config->auth_failures_client = (unsigned)cfg_getint(cfg, "auth_failures_client");
	config->log_json = strcmp(cfg_getstr(cfg, "log_format"), "json") == 0;
	config->log_passes = cfg_getbool(cfg, "log_passes");
	config->pass_without_usage = strcmp(cfg_getstr(cfg, "on_usage_failure"), "pass") == 0;
	for (unsigned i = 0; i < networks; i++)
		network_parse(cfg_getnstr(cfg, "exempt_networks", i), &config->exempt[i]);
	config->exempt_count = networks;
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->profile_count; i++)
		free(config->profiles[i].name);
	free(config->profiles);
	free(config->exempt);
	free(config->auth_saslauthd_socket);
	free(config->auth_dovecot_socket);
	free(config->auth_user);
	free(config->auth_database);
	free(config->control_socket);
	free(config->user);
	free(config->database);
	free(config->socket);
	free(config);
}

char *config_control_socket(const char *database)
{
	const char *slash = strrchr(database, '/');
	size_t len = slash ? (size_t)(slash - database) + 1 : 0;
	char *path = malloc(len + sizeof CONTROL_SOCKET);

	if (path) {
		memcpy(path, database, len);
		strcpy(path + len, CONTROL_SOCKET);
	}
	return path;
}

const struct profile *config_profile(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->profile_count; i++)
		if (strcmp(config->profiles[i].name, name) == 0)
			return &config->profiles[i];
	return NULL;
}

/* ---- loading ------------------------------------------------------------ */

/* A file that is no configuration may hold anything: none of it goes to a terminal. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

struct config *config_load(const char *path, char *error)
{
	cfg_t *cfg = parse_file(path, error);
	struct config *config = cfg ? build(cfg) : NULL;

	if (cfg)
		cfg_free(cfg);
	if (!config && error[0] == '\0')
		snprintf(error, CONFIG_ERROR_MAX, "%s: out of memory, or cannot be parsed", path);
	make_printable(error);
	return config;
}
