/* Which of Sendmail's daemons the gate is asked by, how, and whether they reach it. */
#include "config.h"

#include "db/cli/mta/sendmail_check.h"
#include "db/cli/mta/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GATE_NAME "postreeve" /* of the filter, where it has to be made */

/* ---- the filter ----------------------------------------------------------- */

/* Of a quote character m4 knows no way to write it. */
static const char *mend_filter(const struct sendmail_side *side, const char *name,
                               char out[SENDMAIL_MEND_MAX])
{
	if (strpbrk(side->config->socket, "`',"))
		return NULL;
	return sendmail_mend(out, "MAIL_FILTER(`%s', `S=%s, F=T, T=C:30s;S:30s;R:30s;E:5m')dnl",
	                     name, side->config->socket);
}

static void check_flags(const struct sendmail_side *side, const struct sendmail_filter *filter)
{
	char mend[SENDMAIL_MEND_MAX], name[SHOWN_MAX];

	shown(name, filter->name);
	if (strpbrk(filter->flags, "T4"))
		check_ok(side->check, "%s: mail waits while the gate is down", name);
	else if (strchr(filter->flags, 'R'))
		check_mend(side->check, mend_filter(side, filter->name, mend),
		           "%s: it has F=R: while the gate is down, mail is lost to its sender",
		           name);
	else
		check_mend(side->check, mend_filter(side, filter->name, mend),
		           "%s: it has no F=T: while the gate is down, all mail goes by it", name);
}

/* What the gate may take, with room for a busy machine. */
static void check_timeouts(const struct sendmail_side *side, const struct sendmail_filter *filter)
{
	static const struct {
		char letter;
		unsigned long least;
	} rows[] = {{'C', 5}, {'S', 10}, {'R', 10}, {'E', 30}};
	char mend[SENDMAIL_MEND_MAX], name[SHOWN_MAX];

	shown(name, filter->name);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned long seconds = sendmail_timeout(filter, rows[i].letter);

		if (seconds >= rows[i].least || (rows[i].letter == 'C' && seconds == 0))
			continue; /* to connect, 0 is as long as the system waits */
		check_mend(side->check, mend_filter(side, filter->name, mend),
		           "%s: it has T=%c:%lus: a busy gate would count as down", name,
		           rows[i].letter, seconds);
		return;
	}
	check_ok(side->check, "%s: a busy gate is waited for", name);
}

/* ---- its socket ----------------------------------------------------------- */

/*
 * Sendmail uses no path on which a directory is writable for others than its owner. Tells of the
 * first one that is; and true.
 */
static bool unsafe_on_way(const struct sendmail_side *side, const char *path, char found[PATH_MAX])
{
	const char *blame = sendmail_option(side->cf, "DontBlameSendmail");
	bool group = !sendmail_has_word(blame, ", \t", "GroupWritableDirPathSafe");
	bool sticky = sendmail_has_word(blame, ", \t", "TrustStickyBit");
	mode_t bits = S_IWOTH | (group ? S_IWGRP : 0);
	struct stat st;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		int len = slash > path ? (int)(slash - path) : 1;

		snprintf(found, PATH_MAX, "%.*s", len, path);
		if (stat(found, &st) == 0 && (st.st_mode & bits) &&
		    !(sticky && (st.st_mode & S_ISVTX)))
			return true;
	}
	return false;
}

/* As it is written, and where links lead. */
static bool is_unsafe(const struct sendmail_side *side, const char *path, char found[PATH_MAX])
{
	char directory[PATH_MAX], real[PATH_MAX], whole[PATH_MAX + 2];

	if (unsafe_on_way(side, path, found))
		return true;
	snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(path, '/') - path), path);
	if (!realpath(directory, real))
		return false;
	snprintf(whole, sizeof whole, "%s/", real);
	return unsafe_on_way(side, whole, found);
}

static void check_socket(const struct sendmail_side *side, const struct sendmail_filter *filter)
{
	const char *path = mta_gate_path(side->config), *user = side->config->user;
	char directory[PATH_MAX], found[PATH_MAX], mend[3 * PATH_MAX], why[PATH_MAX + 256];
	const char *as = sendmail_option(side->cf, "RunAsUser");
	char name[SHOWN_MAX], owner[SHOWN_MAX];
	struct stat st;

	shown(name, filter->name);
	if (!path) {
		check_ok(side->check, "%s: the gate is asked at %s", name, filter->socket);
		return;
	}
	snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(path, '/') - path), path);
	snprintf(mend, sizeof mend, "install -d -o %s -g %s -m 2750 '%s'", user, user, directory);
	snprintf(owner, sizeof owner, "%.*s", (int)strcspn(*as ? as : "root", ":"),
	         *as ? as : "root");
	if (stat(directory, &st) != 0 && errno == ENOENT && !strchr(directory, '\''))
		check_mend(side->check, mend, "%s: there is no directory %s for the socket", name,
		           directory);
	else if (is_unsafe(side, path, found))
		check_problem(side->check,
		              "%s: Sendmail does not use %s, since %s is writable for more than "
		              "its owner: chmod go-w %s, or have the socket elsewhere",
		              name, path, found, found);
	else if (strcmp(owner, "root") != 0 && !mta_socket_reached(path, owner, why, sizeof why))
		check_problem(side->check, "%s: %s", name, why);
	else if (stat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		check_problem(side->check, "%s: no socket stands at %s: start the daemon", name,
		              path);
	else
		check_ok(side->check, "%s: the gate is asked at %s, and can be reached", name,
		         path);
}

static void check_filter(const struct sendmail_side *side, const struct sendmail_filter *filter)
{
	check_flags(side, filter);
	check_timeouts(side, filter);
	check_socket(side, filter);
}

/* ---- the daemons ---------------------------------------------------------- */

static const char *mend_internet(const struct sendmail_daemon *daemon, const char *filters,
                                 char out[SENDMAIL_MEND_MAX])
{
	char text[SENDMAIL_TEXT_MAX];

	if (!sendmail_amended(daemon->text, "A", "", filters, text))
		return NULL;
	return sendmail_mend(out, "DAEMON_OPTIONS(`%s')dnl", text);
}

/* Clients that bring mail from the Internet do not log in. */
static void check_internet(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	char mend[SENDMAIL_MEND_MAX], name[SHOWN_MAX];

	shown(name, daemon->name);
	if (sendmail_gate(side, sendmail_filters(side, daemon)) && daemon->has_filters)
		check_mend(side->check, mend_internet(daemon, "", mend),
		           "%s: the gate would refuse all mail from the Internet, which nobody "
		           "logs in for",
		           name);
	else if (sendmail_gate(side, sendmail_filters(side, daemon)))
		check_problem(side->check,
		              "%s: the gate would refuse all mail from the Internet, which nobody "
		              "logs in for: have MAIL_FILTER instead of INPUT_MAIL_FILTER in "
		              "sendmail.mc, and InputMailFilters in the DAEMON_OPTIONS of the "
		              "submission ports",
		              name);
	else if (sendmail_has_auth(daemon))
		check_mend(side->check, mend_internet(daemon, NULL, mend),
		           "%s: who logs in here goes by the gate, which is for the submission "
		           "ports",
		           name);
	else
		check_ok(side->check, "%s: nobody logs in here, and the gate is not asked", name);
}

static void check_daemon(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	const struct sendmail_filter *gate = sendmail_gate(side, NULL);
	char mend[SENDMAIL_MEND_MAX], filters[SENDMAIL_TEXT_MAX], name[SHOWN_MAX];
	bool gated = sendmail_gated(side, daemon);

	shown(name, daemon->name);
	if (mta_port(daemon->port) == MTA_PORT_SMTP) {
		check_internet(side, daemon);
		return;
	}
	snprintf(filters, sizeof filters, "%s%s%s", daemon->filters, *daemon->filters ? ";" : "",
	         gate ? gate->name : GATE_NAME);
	if (gated && sendmail_has_auth(daemon))
		check_ok(side->check, "%s: the gate is asked", name);
	else if (gated)
		check_problem(side->check,
		              "%s: nobody can log in, so that the gate refuses everything: in "
		              "sendmail.mc, take the A out of M=%s",
		              name, daemon->modifiers);
	else if (!sendmail_has_auth(daemon))
		check_ok(side->check, "%s: nobody logs in here, and the gate is not asked", name);
	else
		check_mend(side->check, sendmail_mend_daemon(side, daemon, filters, mend),
		           "%s: who logs in here goes by the gate", name);
}

void sendmail_check_wiring(const struct sendmail_side *side)
{
	const struct sendmail_filter *gate = sendmail_gate(side, NULL), *filter;
	const struct sendmail_daemon *daemon;
	char mend[SENDMAIL_MEND_MAX];

	side->check->name = "MAIL_FILTER";
	for (size_t i = 0; (filter = sendmail_filter(side->cf, i)) != NULL; i++)
		if (sendmail_gate(side, filter->name) == filter)
			check_filter(side, filter);
	if (!gate)
		check_mend(side->check, mend_filter(side, GATE_NAME, mend),
		           "no filter has the gate's socket, %s", side->config->socket);
	side->check->name = "DaemonPortOptions";
	for (size_t i = 0; (daemon = sendmail_daemon(side->cf, i)) != NULL; i++)
		check_daemon(side, daemon);
	if (!sendmail_any_gated(side))
		check_mend(side->check,
		           sendmail_mend(mend,
		                         "DAEMON_OPTIONS(`Port=submission, Name=submission, M=E, "
		                         "InputMailFilters=%s')dnl",
		                         gate ? gate->name : GATE_NAME),
		           "no daemon asks the gate");
}
