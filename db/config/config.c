#include "db/config/config.h"

#include "db/config/comments.h"
#include "db/registry.h"
#include "policy/address.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_SOCKET   "local:/var/spool/postfix/postreeve/milter.sock"
#define DEFAULT_DATABASE LOCALSTATEDIR "/lib/postreeve/postreeve.sqlite3"
#define DEFAULT_USER     "postreeve"
#define DEFAULT_PROFILE  "default"
#define CONTROL_SOCKET   "control.sock" /* in the database's directory */

#define SOCKET_PATH_SIZE sizeof((struct sockaddr_un *)0)->sun_path

#define FILE_MAX (1 << 20)     /* octets of a configuration file, and one more */
#define LAST_KEY "end-of-file" /* see read_file() */

/* ---- errors ------------------------------------------------------------- */

/* Where libconfuse's error callback, which is lent no argument of ours, writes. */
static _Thread_local char *error_text;

/* Keeps the first error: what follows it is often its echo. */
__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *format,
                                                           va_list args)
{
	int n;

	if (error_text[0] != '\0')
		return;
	n = snprintf(error_text, CONFIG_ERROR_MAX, "%s:%d: ", cfg->filename, cfg->line);
	if (n >= 0 && n < CONFIG_ERROR_MAX)
		vsnprintf(error_text + n, (size_t)(CONFIG_ERROR_MAX - n), format, args);
	if (n >= 0 && n < CONFIG_ERROR_MAX && strstr(error_text + n, LAST_KEY))
		snprintf(error_text + n, (size_t)(CONFIG_ERROR_MAX - n), "%s",
		         "the file ends before a section is closed with '}'");
}

/* ---- checks, each run by libconfuse as it reads the value, so that the line is known --- */

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

static int rule_by_name(const char *name)
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

static bool apply_allow(cfg_opt_t *opt, enum rule_id id, struct limits *limits)
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
		cfg_error(cfg, "user = '%s': must be the name of a user other than root", value);
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

static int check_control_socket(cfg_t *cfg, cfg_opt_t *opt)
{
	if (strlen(cfg_opt_getstr(opt)) >= SOCKET_PATH_SIZE) {
		cfg_error(cfg, "%s = '%s': must have at most %zu octets", opt->name,
		          cfg_opt_getstr(opt), SOCKET_PATH_SIZE - 1);
		return -1;
	}
	return check_path(cfg, opt);
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
	config->exempt = calloc(networks + 1, sizeof *config->exempt);
	if (!config->socket || !config->database || !config->user || !config->control_socket ||
	    !config->exempt || !build_profiles(cfg, config)) {
		config_free(config);
		return NULL;
	}
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

/* ---- reading ------------------------------------------------------------ */

static void set_profile_check(cfg_t *cfg, const char *key, cfg_validate_callback_t check)
{
	char option[64];

	snprintf(option, sizeof option, "profile|%s", key);
	cfg_set_validate_func(cfg, option, check);
}

static cfg_t *make_parser(void)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t check;
	} checks[] = {
	    {"socket", check_socket},
	    {"database", check_path},
	    {"user", check_user},
	    {"exempt_networks", check_network},
	    {"control_socket", check_control_socket},
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
	cfg_opt_t rule_keys[] = {
	    CFG_STR("mode", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("allow", NULL, CFGF_NODEFAULT),
	    CFG_END(),
	};
	cfg_opt_t profile_keys[BOUND_IDS + THRESHOLD_COUNT + 5];
	cfg_opt_t keys[] = {
	    CFG_STR("socket", DEFAULT_SOCKET, CFGF_NONE),
	    CFG_STR("database", DEFAULT_DATABASE, CFGF_NONE),
	    CFG_STR("user", DEFAULT_USER, CFGF_NONE),
	    CFG_STR("control_socket", NULL, CFGF_NODEFAULT),
	    CFG_STR("on_usage_failure", "tempfail", CFGF_NONE),
	    CFG_STR("log_format", "text", CFGF_NONE),
	    CFG_BOOL("log_passes", cfg_true, CFGF_NONE),
	    CFG_STR(LAST_KEY, NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("exempt_networks", NULL, CFGF_NODEFAULT),
	    CFG_SEC("rule", rule_keys, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	    CFG_SEC("profile", profile_keys, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	    CFG_END(),
	};
	size_t n = 0;
	cfg_t *cfg;

	for (int id = 0; id < BOUND_IDS; id++)
		if (bound_row(id).range->kind != BOUND_NONE)
			profile_keys[n++] =
			    (cfg_opt_t)CFG_STR(bound_row(id).name, NULL, CFGF_NODEFAULT);
	for (int id = 0; id < THRESHOLD_COUNT; id++)
		profile_keys[n++] = (cfg_opt_t)CFG_STR(thresholds[id].name, NULL, CFGF_NODEFAULT);
	profile_keys[n++] = (cfg_opt_t)CFG_BOOL("allow_null_sender", cfg_false, CFGF_NODEFAULT);
	profile_keys[n++] = (cfg_opt_t)CFG_BOOL("allow_tagged_sender", cfg_false, CFGF_NODEFAULT);
	profile_keys[n++] = (cfg_opt_t)CFG_BOOL("shadow", cfg_false, CFGF_NODEFAULT);
	profile_keys[n++] =
	    (cfg_opt_t)CFG_SEC("rule", rule_keys, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	profile_keys[n] = (cfg_opt_t)CFG_END();

	cfg = cfg_init(keys, CFGF_NONE);
	if (!cfg)
		return NULL;
	cfg_set_error_function(cfg, on_error);
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		cfg_set_validate_func(cfg, checks[i].option, checks[i].check);
	for (int id = 0; id < BOUND_IDS; id++)
		if (bound_row(id).range->kind != BOUND_NONE)
			set_profile_check(cfg, bound_row(id).name, check_bound);
	for (int id = 0; id < THRESHOLD_COUNT; id++)
		set_profile_check(cfg, thresholds[id].name, check_threshold);
	return cfg;
}

/*
 * The file with a last key of our own behind it. libconfuse takes the end of the file for the end
 * of an open section, and a file that was cut off would be taken for one that says less: the key is
 * then read where it is unknown. (Nor may libconfuse read itself: its scanner exits on a read
 * error.) Gives the text, to be freed, or null with the error told.
 */
static char *read_file(const char *path, char *error)
{
	static const char last_key[] = "\n" LAST_KEY " = yes\n";
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char *text = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		snprintf(error, CONFIG_ERROR_MAX, "%s: is no regular file", path);
		goto out;
	}
	text = malloc(FILE_MAX + sizeof last_key);
	if (fd >= 0 && text)
		n = read(fd, text, FILE_MAX);
	if (n < 0 || n == FILE_MAX) {
		snprintf(error, CONFIG_ERROR_MAX, "%s: cannot be read: %s", path,
		         n < 0 ? strerror(errno) : "it is too large");
		free(text);
		text = NULL;
		goto out;
	}
	memcpy(text + n, last_key, sizeof last_key);
	comments_blank(text);
out:
	if (fd >= 0)
		close(fd);
	return text;
}

/* Gives the parser its text under the file's name. */
static bool parse(cfg_t *cfg, const char *path, char *text)
{
	FILE *stream = fmemopen(text, strlen(text), "r");
	bool ok;

	if (!stream)
		return false;
	free(cfg->filename);
	cfg->filename = strdup(path);
	ok = cfg->filename && cfg_parse_fp(cfg, stream) == CFG_SUCCESS;
	fclose(stream);
	if (ok && cfg_size(cfg, LAST_KEY) == 0) {
		cfg_error(cfg, "%s", "the file ends in the middle of something");
		ok = false;
	}
	return ok;
}

/* A file that is no configuration may hold anything: none of it goes to a terminal. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

struct config *config_load(const char *path, char *error)
{
	struct config *config = NULL;
	char *text;
	cfg_t *cfg;

	error[0] = '\0';
	error_text = error;
	text = read_file(path, error);
	cfg = text ? make_parser() : NULL;
	if (cfg && parse(cfg, path, text))
		config = build(cfg);
	if (cfg)
		cfg_free(cfg);
	free(text);
	if (!config && error[0] == '\0')
		snprintf(error, CONFIG_ERROR_MAX, "%s: out of memory, or cannot be parsed", path);
	make_printable(error);
	return config;
}
