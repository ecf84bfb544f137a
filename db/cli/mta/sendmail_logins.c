/* What Sendmail is told elsewhere: who checks logins, and where mail of this machine is handed in. */
#include "config.h"

#include "db/cli/mta/sendmail_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_MAX PATH_MAX

/* ---- Cyrus SASL ----------------------------------------------------------- */

/*
 * Where it looks for what it is to do. Debian has the file in Sendmail's directory, with a link to
 * it from there.
 */
static bool find_sasl_file(const struct sendmail_side *side, char path[PATH_MAX])
{
	static const char *const places[] = {"/etc/sasl2", "/etc/sasl", "/usr/lib/sasl2",
	                                     "/usr/local/lib/sasl2"};

	if (sendmail_path(side->directory, "sasl/Sendmail.conf.2", path) && access(path, F_OK) == 0)
		return true;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (sendmail_path(places[i], "Sendmail.conf", path) && access(path, F_OK) == 0)
			return true;
	return false;
}

/* Of "key: value". False if the file does not say, or cannot be read. */
static bool sasl_value(const char *path, const char *key, char value[VALUE_MAX])
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, len = strlen(key);
	bool found = false;

	value[0] = '\0';
	while (file && !found && getline(&line, &size, file) > 0) {
		const char *text = line + strspn(line, " \t");

		if (strncasecmp(text, key, len) != 0 || text[len] != ':')
			continue;
		text += len + 1;
		text += strspn(text, " \t");
		snprintf(value, VALUE_MAX, "%.*s", (int)strcspn(text, "\r\n"), text);
		for (size_t end = strlen(value); end > 0 && strchr(" \t", value[end - 1]);)
			value[--end] = '\0';
		found = true;
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* "/run/saslauthd" and "/run/saslauthd/mux" are the same. */
static bool is_ours(const char *path, const char *ours)
{
	size_t len = strlen(path);

	return strcmp(path, ours) == 0 ||
	       (len > 0 && strncmp(path, ours, len) == 0 && strcmp(ours + len, "/mux") == 0);
}

static void check_ours(const struct sendmail_side *side, const char *file)
{
	const char *ours = side->config->auth_saslauthd_socket, *user = side->config->auth_user;
	char value[VALUE_MAX], directory[PATH_MAX], mend[2 * PATH_MAX];
	struct stat st;

	snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(ours, '/') - ours), ours);
	snprintf(mend, sizeof mend, "install -d -o %s -g %s -m 2750 '%s'", user, user, directory);
	if (!sasl_value(file, "pwcheck_method", value) || strcasecmp(value, "saslauthd") != 0)
		check_problem(side->check,
		              "%s: postreeve-authd is not asked for logins: have the line "
		              "pwcheck_method: saslauthd",
		              file);
	else if (!sasl_value(file, "saslauthd_path", value) || !is_ours(value, ours))
		check_problem(side->check,
		              "%s: postreeve-authd is not asked for logins: have the line "
		              "saslauthd_path: %s",
		              file, ours);
	else if (stat(directory, &st) != 0 && errno == ENOENT && !strchr(directory, '\''))
		check_mend(side->check, mend, "nobody can log in: there is no directory %s",
		           directory);
	else if (stat(ours, &st) != 0 || !S_ISSOCK(st.st_mode))
		check_problem(side->check,
		              "nobody can log in: no socket stands at %s: start postreeve-authd",
		              ours);
	else
		check_ok(side->check, "logins are asked for at %s, as %s says", ours, file);
}

void sendmail_check_logins(const struct sendmail_side *side)
{
	const char *ours = side->config->auth_saslauthd_socket;
	char path[PATH_MAX];

	side->check->name = "Sendmail.conf";
	if (find_sasl_file(side, path) && *ours)
		check_ours(side, path);
	else if (find_sasl_file(side, path))
		check_ok(side->check, "Cyrus SASL checks logins, as %s says", path);
	else if (*ours)
		check_problem(side->check,
		              "nothing says how Cyrus SASL checks logins: have a file "
		              "/etc/sasl2/Sendmail.conf with the lines pwcheck_method: saslauthd, "
		              "saslauthd_path: %s, and mech_list: PLAIN LOGIN",
		              ours);
	else
		check_problem(side->check,
		              "nothing says how Cyrus SASL checks logins; postreeve-authd can: set "
		              "auth_saslauthd_socket in %s, see postreeve-authd(8)",
		              side->check->cli->conf);
}

/* ---- srv_features --------------------------------------------------------- */

/* What the access table may take back for some clients, by a letter. */
static const struct {
	char letter;
	const char *what;
} features[] = {
    {'A', "clients there are offered no AUTH"},
    {'F', "clients there may talk before they are answered"},
    {'O', "a message can hide another one (SMTP smuggling)"},
    {'U', "a message can hide another one (SMTP smuggling)"},
    {'G', "a message can hide another one (SMTP smuggling)"},
};

static bool check_features(const struct sendmail_side *side, const char *path, const char *line)
{
	static const char tag[] = "Srv_Features:";
	const char *rest = line + strcspn(line, " \t");
	char quoted[SHOWN_MAX], of[SHOWN_MAX];

	if (strncasecmp(line, tag, sizeof tag - 1) != 0)
		return true;
	snprintf(of, sizeof of, "%.*s", (int)strcspn(line, " \t\n"), line);
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		if (!strchr(rest, features[i].letter))
			continue;
		check_problem(side->check, "%s: %s has %c: %s: take it out, and rebuild the table",
		              path, shown(quoted, of), features[i].letter, features[i].what);
		return false;
	}
	return true;
}

static void check_access(const struct sendmail_side *side)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	bool good = true;
	FILE *file = sendmail_path(side->directory, "access", path) ? fopen(path, "re") : NULL;

	side->check->name = "srv_features";
	while (file && getline(&line, &size, file) > 0)
		good = check_features(side, path, line) && good;
	free(line);
	if (file)
		fclose(file);
	if (file && good)
		check_ok(side->check, "%s takes nothing back", path);
}

/* ---- mail of this machine ------------------------------------------------- */

static bool is_exempt(const struct config *config, const char *address)
{
	struct ip ip;

	return ip_parse(address, &ip) && networks_hold(config->exempt, config->exempt_count, &ip);
}

/* The daemon with the gate that submit.cf hands mail of this machine to; null if there is none. */
static const struct sendmail_daemon *handed_to(const struct sendmail_side *side,
                                               const struct sendmail *submit)
{
	static const char before[] = "A=TCP $h";
	const char *host = sendmail_macro(submit, "MTAHost");
	const char *port = strstr(sendmail_mailer(submit, "relay"), before);
	const struct sendmail_daemon *daemon;
	char name[64];

	if (strcmp(host, "[127.0.0.1]") != 0 && strcasecmp(host, "[localhost]") != 0 &&
	    strcasecmp(host, "localhost") != 0 && strcmp(host, "[IPv6:::1]") != 0)
		return NULL;
	port = port ? port + sizeof before - 1 : "";
	if (!sendmail_next_word(&port, " \t\n", name, sizeof name))
		snprintf(name, sizeof name, "smtp");
	for (size_t i = 0; (daemon = sendmail_daemon(side->cf, i)) != NULL; i++)
		if (sendmail_gated(side, daemon) && mta_port(daemon->port) == mta_port(name))
			return daemon;
	return NULL;
}

static void check_submit(const struct sendmail_side *side)
{
	char path[PATH_MAX], name[SHOWN_MAX];
	struct sendmail *submit =
	    sendmail_path(side->directory, "submit.cf", path) ? sendmail_read(path) : NULL;
	const struct sendmail_daemon *daemon = submit ? handed_to(side, submit) : NULL;
	bool exempt = is_exempt(side->config, "127.0.0.1") && is_exempt(side->config, "::1");

	side->check->name = "submit.cf";
	if (daemon)
		shown(name, daemon->name);
	if (daemon && !exempt)
		check_problem(
		    side->check,
		    "programs of this machine hand their mail to %s, and do not log in: put "
		    "127.0.0.1 and ::1 into exempt_networks of %s, or hand it to port 25: "
		    "FEATURE(`msp', `[127.0.0.1]', `25')dnl in submit.mc",
		    name, side->check->cli->conf);
	else if (submit)
		check_ok(side->check, "the gate does not refuse mail of this machine");
	sendmail_free(submit);
}

void sendmail_check_local(const struct sendmail_side *side)
{
	check_access(side);
	check_submit(side);
}
