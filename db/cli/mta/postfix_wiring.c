/* Which of Postfix's services the gate is asked for, and whether they reach it. */
#include "db/cli/mta/postfix_check.h"
#include "db/cli/mta/socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SPEC_MAX (PATH_MAX + 16)

/* ---- the milter --------------------------------------------------------- */

bool side_chrooted(const struct side *side, const char *service)
{
	return strcmp(postfix_field(side->postfix, service, "chroot"), "y") == 0;
}

/* As smtpd_milters should name it. */
static void wanted_milter(const struct side *side, char out[SPEC_MAX])
{
	const char *queue = postfix_get(side->postfix, NULL, "queue_directory");
	const char *path = mta_gate_path(side->config);
	size_t len = strlen(queue);

	if (!path)
		snprintf(out, SPEC_MAX, "inet:127.0.0.1:%u", mta_gate_port(side->config));
	else if (strncmp(path, queue, len) == 0 && path[len] == '/')
		snprintf(out, SPEC_MAX, "unix:%s", path + len + 1);
	else
		snprintf(out, SPEC_MAX, "unix:%s", path);
}

/* One word of smtpd_milters without its braces; what they set besides goes to options. */
static void split_milter(const char *word, char spec[SPEC_MAX], char options[SPEC_MAX])
{
	const char *rest = word + (word[0] == '{');
	size_t len = strlen(rest);

	if (word[0] == '{' && len > 0 && rest[len - 1] == '}')
		len--;
	snprintf(options, SPEC_MAX, "%.*s", (int)len, rest);
	rest = options;
	if (!postfix_next_word(&rest, spec, SPEC_MAX))
		spec[0] = '\0';
	memmove(options, rest, strlen(rest) + 1);
}

/* The same, whether it is found there or not. */
static bool is_gate(const struct side *side, const char *service, const char *spec)
{
	const char *queue = postfix_get(side->postfix, NULL, "queue_directory");
	const char *path = mta_gate_path(side->config), *colon;
	char found[PATH_MAX];

	if (!path) {
		colon = strrchr(spec, ':');
		return strncmp(spec, "inet:", 5) == 0 &&
		       strtoul(colon + 1, NULL, 10) == mta_gate_port(side->config);
	}
	if (strncmp(spec, "unix:", 5) != 0)
		return false;
	if (strcmp(spec + 5, path) == 0)
		return true;
	return mta_socket_path(queue, side_chrooted(side, service), spec + 5, found) &&
	       strcmp(found, path) == 0;
}

/* The gate's word in a list of milters, with what is set for it. */
static bool find_gate(const struct side *side, const char *service, const char *parameter,
                      char spec[SPEC_MAX], char options[SPEC_MAX])
{
	const char *text = postfix_get(side->postfix, service, parameter);
	char word[SPEC_MAX];

	while (postfix_next_word(&text, word, sizeof word)) {
		split_milter(word, spec, options);
		if (is_gate(side, service ? service : "", spec))
			return true;
	}
	return false;
}

bool side_gated(const struct side *side, const char *service)
{
	char spec[SPEC_MAX], options[SPEC_MAX];

	return find_gate(side, service, "smtpd_milters", spec, options);
}

/* ---- what is wrong with it ---------------------------------------------- */

/* Settings of this milter alone, which stand before those of main.cf. */
static void check_options(const struct side *side, const char *name, const char *options)
{
	char word[SPEC_MAX];

	while (postfix_next_word(&options, word, sizeof word))
		if (strncmp(word, "default_action=", 15) == 0 && strcmp(word + 15, "tempfail") != 0)
			check_problem(side->check,
			              "%s: it has default_action=%s in smtpd_milters, which is for "
			              "when the gate is down: take that out, or make it tempfail",
			              name, word + 15);
}

/* The group that Postfix's user begins with. */
static const char *mail_group(const struct side *side)
{
	const struct passwd *user = getpwnam(postfix_get(side->postfix, NULL, "mail_owner"));
	const struct group *group = user ? getgrgid(user->pw_gid) : NULL;

	return group ? group->gr_name : "postfix";
}

void side_check_socket(const struct side *side, const char *service, const char *path,
                       const char *user, const char *what, const char *without)
{
	char why[PATH_MAX + 256], mend[2 * PATH_MAX], name[SHOWN_MAX], directory[PATH_MAX];
	struct stat st;

	service_name(name, service);
	snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(path, '/') - path), path);
	snprintf(mend, sizeof mend, "install -d -o %s -g %s -m 2750 '%s'", user, mail_group(side),
	         directory);
	if (stat(directory, &st) != 0 && errno == ENOENT && !strchr(directory, '\''))
		check_mend(side->check, mend, "%s: %sthere is no directory %s for the socket", name,
		           without, directory);
	else if (!mta_socket_reached(path, postfix_get(side->postfix, NULL, "mail_owner"), why,
	                             sizeof why))
		check_problem(side->check, "%s: %s%s", name, without, why);
	else
		check_ok(side->check, "%s: %s at %s, and can be reached", name, what, path);
}

static void check_reached(const struct side *side, const char *service, const char *spec)
{
	const char *queue = postfix_get(side->postfix, NULL, "queue_directory");
	const char *gate = mta_gate_path(side->config);
	char path[PATH_MAX], wanted[SPEC_MAX], mend[MEND_MAX], name[SHOWN_MAX];

	service_name(name, service);
	wanted_milter(side, wanted);
	if (!gate)
		check_ok(side->check, "%s: the gate is asked at %s", name, spec);
	else if (!mta_socket_path(queue, side_chrooted(side, service), spec + 5, path))
		check_problem(side->check, "%s: the path is too long: %s", name, spec + 5);
	else if (strcmp(path, gate) == 0)
		side_check_socket(side, service, path, side->config->user, "the gate is asked", "");
	else if (strcmp(wanted + 5, gate) == 0)
		check_problem(side->check,
		              "%s: the service is chrooted, and finds only what lies in %s: set "
		              "`socket' in %s to a path there",
		              name, queue, side->check->cli->conf);
	else
		check_mend(side->check, postfix_mend(mend, service, "smtpd_milters", wanted),
		           "%s: the service is chrooted, and would look for %s", name, path);
}

/* A service that takes mail from the Internet has clients that do not log in. */
static void check_gated(const struct side *side, const char *service, const char *spec,
                        const char *options)
{
	char name[SHOWN_MAX], mend[MEND_MAX];

	service_name(name, service);
	if (service_port(service) == MTA_PORT_SMTP) {
		check_mend(side->check, postfix_mend(mend, service, "smtpd_milters", ""),
		           "%s: the gate would refuse all mail from the Internet, which nobody "
		           "logs in for",
		           name);
		return;
	}
	check_options(side, name, options);
	check_reached(side, service, spec);
	postfix_check_sasl(side, service);
}

static void check_service(const struct side *side, const char *service)
{
	char spec[SPEC_MAX], options[SPEC_MAX], wanted[SPEC_MAX], name[SHOWN_MAX];
	char mend[MEND_MAX];

	if (find_gate(side, service, "smtpd_milters", spec, options)) {
		check_gated(side, service, spec, options);
		return;
	}
	service_name(name, service);
	wanted_milter(side, wanted);
	if (!side_is_yes(side, service, "smtpd_sasl_auth_enable"))
		check_ok(side->check, "%s: nobody logs in here, and the gate is not asked", name);
	else if (service_port(service) == MTA_PORT_SMTP)
		check_mend(side->check, postfix_mend(mend, service, "smtpd_sasl_auth_enable", "no"),
		           "%s: who logs in here goes by the gate, which is for the submission "
		           "services",
		           name);
	else
		check_mend(side->check, postfix_mend(mend, service, "smtpd_milters", wanted),
		           "%s: who logs in here goes by the gate", name);
}

/*
 * A submission service, which has the gate and none of the restrictions that the one on port 25 has
 * for strangers; what else it should have, the tables tell once it is there.
 */
static void check_any(const struct side *side)
{
	static const char restrictions[] =
	    "-o smtpd_client_restrictions= -o smtpd_helo_restrictions= "
	    "-o smtpd_sender_restrictions= -o smtpd_recipient_restrictions= "
	    "-o smtpd_data_restrictions=reject_unauth_pipelining";
	const char *service;
	char wanted[SPEC_MAX], mend[MEND_MAX];
	int len;

	wanted_milter(side, wanted);
	len = snprintf(mend, sizeof mend,
	               "postconf -M 'submission/inet=submission inet n - y - 200 smtpd -o "
	               "syslog_name=postfix/submission -o smtpd_milters=%s %s'",
	               wanted, restrictions);
	for (size_t i = 0; (service = postfix_service(side->postfix, i)) != NULL; i++) {
		if (side_gated(side, service))
			return;
		if (service_port(service) == MTA_PORT_SUBMISSION) {
			check_mend(side->check,
			           postfix_mend(mend, service, "smtpd_milters", wanted),
			           "no service asks the gate");
			return;
		}
	}
	check_mend(side->check, len < (int)sizeof mend ? mend : NULL,
	           "no service asks the gate, and none is for submission");
}

void postfix_check_wiring(const struct side *side)
{
	char spec[SPEC_MAX], options[SPEC_MAX], mend[MEND_MAX];
	const char *service;

	side->check->name = "smtpd_milters";
	for (size_t i = 0; (service = postfix_service(side->postfix, i)) != NULL; i++)
		check_service(side, service);
	check_any(side);
	side->check->name = "non_smtpd_milters";
	if (find_gate(side, NULL, "non_smtpd_milters", spec, options))
		check_mend(side->check, postfix_mend(mend, NULL, "non_smtpd_milters", ""),
		           "mail from this machine itself, which nobody logs in for, would be "
		           "refused");
	else
		check_ok(side->check, "the gate is not asked for mail from this machine itself");
}
