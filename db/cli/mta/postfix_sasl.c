/* Whom Postfix's services ask about logins, and whether they can. */
#include "db/cli/mta/postfix_check.h"
#include "db/cli/mta/socket.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Where Cyrus SASL looks for what it is to do: Debian's way, then its own. */
static bool find_sasl_file(const struct side *side, const char *service, char path[PATH_MAX])
{
	const char *name = postfix_get(side->postfix, service, "smtpd_sasl_path");
	const struct {
		const char *top, *below;
	} places[] = {{side->etc, "/sasl"},
	              {postfix_get(side->postfix, NULL, "cyrus_sasl_config_path"), ""},
	              {"/usr/lib/sasl2", ""},
	              {"/etc/sasl2", ""}};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(path, PATH_MAX, "%s%s/%s.conf", places[i].top, places[i].below, name);
		if (*places[i].top && access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static void check_cyrus(const struct side *side, const char *service)
{
	const char *queue = postfix_get(side->postfix, NULL, "queue_directory");
	const char *ours = side->config->auth_dovecot_socket;
	size_t len = strlen(queue);
	char path[PATH_MAX], mend[2 * PATH_MAX], name[SHOWN_MAX];

	service_name(name, service);
	if (strncmp(ours, queue, len) == 0 && ours[len] == '/')
		ours += len + 1;
	snprintf(mend, sizeof mend,
	         "postconf -e 'smtpd_sasl_type = dovecot' 'smtpd_sasl_path = %s'", ours);
	if (find_sasl_file(side, service, path))
		check_ok(side->check, "%s: Cyrus SASL checks logins, as %s says", name, path);
	else if (*ours && !strchr(ours, '\''))
		check_mend(side->check, mend,
		           "%s: nothing says how Cyrus SASL checks logins; postreeve-authd can",
		           name);
	else
		check_problem(
		    side->check,
		    "%s: nothing says how Cyrus SASL checks logins: see SASL_README of Postfix",
		    name);
}

/* postreeve-authd hears no password without TLS unless it is told to. */
static void check_secured(const struct side *side, const char *service)
{
	const char *level = postfix_get(side->postfix, service, "smtpd_tls_security_level");
	const char *conf = side->check->cli->conf;
	char name[SHOWN_MAX], mend[MEND_MAX];

	side->check->name = "smtpd_tls_auth_only";
	service_name(name, service);
	if (side->config->auth_without_tls || side_is_yes(side, service, "smtpd_tls_auth_only") ||
	    side_is_yes(side, service, "smtpd_tls_wrappermode") ||
	    strcasecmp(level, "encrypt") == 0)
		check_ok(side->check, "%s: AUTH is announced where postreeve-authd hears it", name);
	else if (side_offers_starttls(side, service))
		check_mend(side->check, postfix_mend(mend, service, side->check->name, "yes"),
		           "%s: AUTH is announced without TLS, too, where postreeve-authd refuses "
		           "it unless auth_without_tls is set in %s",
		           name, conf);
	else
		check_problem(
		    side->check,
		    "%s: postreeve-authd refuses every login, since there is no TLS here: "
		    "set auth_without_tls in %s if the network is to be trusted",
		    name, conf);
}

static void check_dovecot(const struct side *side, const char *service)
{
	const char *queue = postfix_get(side->postfix, NULL, "queue_directory");
	const char *spec = postfix_get(side->postfix, service, "smtpd_sasl_path");
	char path[PATH_MAX], name[SHOWN_MAX];
	bool ours;

	service_name(name, service);
	if (strncmp(spec, "unix:", 5) == 0)
		spec += 5;
	if (strncmp(spec, "inet:", 5) == 0) {
		check_ok(side->check, "%s: logins are asked for at %s", name, spec);
		return;
	}
	if (!mta_socket_path(queue, side_chrooted(side, service), spec, path)) {
		check_problem(side->check, "%s: the path is too long: %s", name, spec);
		return;
	}
	ours = strcmp(path, side->config->auth_dovecot_socket) == 0;
	side_check_socket(side, service, path, ours ? side->config->auth_user : "dovecot",
	                  "logins are asked for", "nobody can log in: ");
	if (ours)
		check_secured(side, service);
}

/*
 * Who speaks Dovecot's protocol is asked at a socket. Cyrus SASL asks in its own ways, which a
 * file of it says.
 */
void postfix_check_sasl(const struct side *side, const char *service)
{
	side->check->name = "smtpd_sasl_path";
	if (strcasecmp(postfix_get(side->postfix, service, "smtpd_sasl_type"), "dovecot") == 0)
		check_dovecot(side, service);
	else
		check_cyrus(side, service);
	side->check->name = "smtpd_milters";
}
