/* Which of Postfix's services the gate is asked for, and whether they reach it. */
#include "db/cli/check_mta.h"
#include "db/cli/mta_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SPEC_MAX (PATH_MAX + 16)

/* ---- the milter --------------------------------------------------------- */

/* "unix:/path" and "local:/path" of postreeve.conf; null for TCP. */
static const char *gate_path(const struct mta *mta)
{
	const char *spec = mta->config->socket;

	return strncmp(spec, "inet", 4) == 0 ? NULL : strchr(spec, ':') + 1;
}

/* Of postreeve.conf's "inet:PORT@HOST" and Postfix's "inet:HOST:PORT". */
static unsigned gate_port(const struct mta *mta)
{
	return (unsigned)strtoul(strchr(mta->config->socket, ':') + 1, NULL, 10);
}

static bool is_chrooted(const struct mta *mta, const char *service)
{
	return strcmp(postfix_field(mta->postfix, service, "chroot"), "y") == 0;
}

/* As smtpd_milters should name it. */
static void wanted_milter(const struct mta *mta, char out[SPEC_MAX])
{
	const char *queue = postfix_get(mta->postfix, NULL, "queue_directory");
	const char *path = gate_path(mta);
	size_t len = strlen(queue);

	if (!path)
		snprintf(out, SPEC_MAX, "inet:127.0.0.1:%u", gate_port(mta));
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
static bool is_gate(const struct mta *mta, const char *service, const char *spec)
{
	const char *queue = postfix_get(mta->postfix, NULL, "queue_directory");
	const char *path = gate_path(mta), *colon;
	char found[PATH_MAX];

	if (!path) {
		colon = strrchr(spec, ':');
		return strncmp(spec, "inet:", 5) == 0 &&
		       strtoul(colon + 1, NULL, 10) == gate_port(mta);
	}
	if (strncmp(spec, "unix:", 5) != 0)
		return false;
	if (strcmp(spec + 5, path) == 0)
		return true;
	return mta_socket_path(queue, is_chrooted(mta, service), spec + 5, found) &&
	       strcmp(found, path) == 0;
}

/* The gate's word in a list of milters, with what is set for it. */
static bool find_gate(const struct mta *mta, const char *service, const char *parameter,
                      char spec[SPEC_MAX], char options[SPEC_MAX])
{
	const char *text = postfix_get(mta->postfix, service, parameter);
	char word[SPEC_MAX];

	while (postfix_next_word(&text, word, sizeof word)) {
		split_milter(word, spec, options);
		if (is_gate(mta, service ? service : "", spec))
			return true;
	}
	return false;
}

bool mta_gated(const struct mta *mta, const char *service)
{
	char spec[SPEC_MAX], options[SPEC_MAX];

	return find_gate(mta, service, "smtpd_milters", spec, options);
}

/* ---- what is wrong with it ---------------------------------------------- */

/* Settings of this milter alone, which stand before those of main.cf. */
static void check_options(const struct mta *mta, const char *name, const char *options)
{
	char word[SPEC_MAX];

	while (postfix_next_word(&options, word, sizeof word))
		if (strncmp(word, "default_action=", 15) == 0 && strcmp(word + 15, "tempfail") != 0)
			check_problem(mta->check,
			              "%s: it has default_action=%s in smtpd_milters, which is for "
			              "when the gate is down: take that out, or make it tempfail",
			              name, word + 15);
}

static void check_reached(const struct mta *mta, const char *service, const char *spec)
{
	const char *queue = postfix_get(mta->postfix, NULL, "queue_directory");
	char path[PATH_MAX], wanted[SPEC_MAX], why[PATH_MAX + 256], name[SHOWN_MAX];

	mta_name(name, service);
	wanted_milter(mta, wanted);
	if (!gate_path(mta)) {
		check_ok(mta->check, "%s: the gate is asked at %s", name, spec);
		return;
	}
	if (!mta_socket_path(queue, is_chrooted(mta, service), spec + 5, path))
		check_problem(mta->check, "%s: the path is too long: %s", name, spec + 5);
	else if (strcmp(path, gate_path(mta)) != 0 && strcmp(wanted + 5, gate_path(mta)) == 0)
		check_problem(mta->check,
		              "%s: the service is chrooted, and finds only what lies in %s: set "
		              "`socket' in %s to a path there",
		              name, queue, mta->check->cli->conf);
	else if (strcmp(path, gate_path(mta)) != 0)
		check_problem(mta->check,
		              "%s: the service is chrooted, and would look for %s: postconf -P "
		              "'%s/smtpd_milters=%s'",
		              name, path, service, wanted);
	else if (!mta_socket_reached(path, postfix_get(mta->postfix, NULL, "mail_owner"), why,
	                             sizeof why))
		check_problem(mta->check, "%s: %s", name, why);
	else
		check_ok(mta->check, "%s: the gate is asked at %s, and can be reached", name, path);
}

/* Cyrus SASL asks in its own ways; who speaks Dovecot's protocol is asked at a socket. */
static void check_sasl(const struct mta *mta, const char *service)
{
	const char *queue = postfix_get(mta->postfix, NULL, "queue_directory");
	const char *spec = postfix_get(mta->postfix, service, "smtpd_sasl_path");
	char path[PATH_MAX], why[PATH_MAX + 256], name[SHOWN_MAX];

	if (strcasecmp(postfix_get(mta->postfix, service, "smtpd_sasl_type"), "dovecot") != 0 ||
	    strncmp(spec, "inet:", 5) == 0)
		return;
	if (strncmp(spec, "unix:", 5) == 0)
		spec += 5;
	mta->check->name = "smtpd_sasl_path";
	mta_name(name, service);
	if (!mta_socket_path(queue, is_chrooted(mta, service), spec, path))
		check_problem(mta->check, "%s: the path is too long: %s", name, spec);
	else if (!mta_socket_reached(path, postfix_get(mta->postfix, NULL, "mail_owner"), why,
	                             sizeof why))
		check_problem(mta->check, "%s: nobody can log in: %s", name, why);
	else
		check_ok(mta->check, "%s: logins are asked for at %s", name, path);
	mta->check->name = "smtpd_milters";
}

/* A service that takes mail from the Internet has clients that do not log in. */
static void check_gated(const struct mta *mta, const char *service, const char *spec,
                        const char *options)
{
	char name[SHOWN_MAX];

	mta_name(name, service);
	if (mta_port(service) == MTA_PORT_SMTP) {
		check_problem(mta->check,
		              "%s: the gate would refuse all mail from the Internet, which nobody "
		              "logs in for: postconf -P '%s/smtpd_milters='",
		              name, service);
		return;
	}
	check_options(mta, name, options);
	check_reached(mta, service, spec);
	check_sasl(mta, service);
}

static void check_service(const struct mta *mta, const char *service)
{
	char spec[SPEC_MAX], options[SPEC_MAX], wanted[SPEC_MAX], name[SHOWN_MAX];

	if (find_gate(mta, service, "smtpd_milters", spec, options)) {
		check_gated(mta, service, spec, options);
		return;
	}
	mta_name(name, service);
	wanted_milter(mta, wanted);
	if (!mta_is_yes(mta, service, "smtpd_sasl_auth_enable"))
		check_ok(mta->check, "%s: nobody logs in here, and the gate is not asked", name);
	else if (mta_port(service) == MTA_PORT_SMTP)
		check_problem(mta->check,
		              "%s: who logs in here goes by the gate, which is for the submission "
		              "services: postconf -P '%s/smtpd_sasl_auth_enable=no'",
		              name, service);
	else
		check_problem(mta->check,
		              "%s: who logs in here goes by the gate: postconf -P "
		              "'%s/smtpd_milters=%s'",
		              name, service, wanted);
}

void mta_check_wiring(const struct mta *mta)
{
	char spec[SPEC_MAX], options[SPEC_MAX];
	const char *service;
	bool gated = false;

	mta->check->name = "smtpd_milters";
	for (size_t i = 0; (service = postfix_service(mta->postfix, i)) != NULL; i++) {
		check_service(mta, service);
		gated = gated || mta_gated(mta, service);
	}
	if (!gated) {
		wanted_milter(mta, spec);
		check_problem(mta->check,
		              "no service asks the gate: add the submission services of "
		              "contrib/postfix/master.cf, or postconf -P "
		              "'submission/inet/smtpd_milters=%s'",
		              spec);
	}
	mta->check->name = "non_smtpd_milters";
	if (find_gate(mta, NULL, "non_smtpd_milters", spec, options))
		check_problem(mta->check,
		              "mail from this machine itself, which nobody logs in for, would be "
		              "refused: postconf -e 'non_smtpd_milters ='");
	else
		check_ok(mta->check, "the gate is not asked for mail from this machine itself");
}
