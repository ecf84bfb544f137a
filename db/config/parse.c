#include "db/config/parse.h"

#include "db/config/comments.h"
#include "db/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_SOCKET   "local:/var/spool/postfix/postreeve/milter.sock"
#define DEFAULT_DATABASE LOCALSTATEDIR "/lib/postreeve/postreeve.sqlite3"
#define DEFAULT_USER     "postreeve"

#define DEFAULT_AUTH_DATABASE  LOCALSTATEDIR "/lib/postreeve-auth/passwords.sqlite3"
#define DEFAULT_AUTH_USER      "postreeve-auth"
#define DEFAULT_DOVECOT_SOCKET "/var/spool/postfix/postreeve-auth/auth.sock"

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

/* ---- keys --------------------------------------------------------------- */

static cfg_t *make_parser(void)
{
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
	    CFG_STR("auth_database", DEFAULT_AUTH_DATABASE, CFGF_NONE),
	    CFG_STR("auth_user", DEFAULT_AUTH_USER, CFGF_NONE),
	    CFG_STR("auth_dovecot_socket", DEFAULT_DOVECOT_SOCKET, CFGF_NONE),
	    CFG_STR("auth_saslauthd_socket", "", CFGF_NONE),
	    CFG_BOOL("auth_without_tls", cfg_false, CFGF_NONE),
	    CFG_INT("auth_cost", 15, CFGF_NONE),
	    CFG_INT("auth_failures_account", 20, CFGF_NONE),
	    CFG_INT("auth_failures_client", 50, CFGF_NONE),
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
	checks_set(cfg);
	return cfg;
}

/* ---- reading ------------------------------------------------------------ */

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

cfg_t *parse_file(const char *path, char *error)
{
	cfg_t *cfg;
	char *text;

	error[0] = '\0';
	error_text = error;
	text = read_file(path, error);
	cfg = text ? make_parser() : NULL;
	if (cfg && !parse(cfg, path, text)) {
		cfg_free(cfg);
		cfg = NULL;
	}
	free(text);
	return cfg;
}
