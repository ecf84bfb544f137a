#include "db/cli/mta/sendmail_check.h"

#include "db/cli/mta/amend.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sendmail_path(const char *directory, const char *file, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", directory, file) < PATH_MAX;
}

/* ---- who asks the gate ---------------------------------------------------- */

/* Sendmail spells it as libmilter does, but lets the kind of a path out. */
static bool is_gate(const struct config *config, const char *spec)
{
	const char *path = mta_gate_path(config), *colon = strchr(spec, ':');

	if (!path)
		return strncmp(spec, "inet", 4) == 0 && colon &&
		       strtoul(colon + 1, NULL, 10) == mta_gate_port(config);
	if (strncmp(spec, "local:", 6) == 0 || strncmp(spec, "unix:", 5) == 0)
		spec = colon + 1;
	return strcmp(spec + strspn(spec, " "), path) == 0;
}

const struct sendmail_filter *sendmail_gate(const struct sendmail_side *side, const char *filters)
{
	const struct sendmail_filter *filter;

	for (size_t i = 0; (filter = sendmail_filter(side->cf, i)) != NULL; i++)
		if (is_gate(side->config, filter->socket) &&
		    (!filters || sendmail_has_word(filters, ",; \t\n", filter->name)))
			return filter;
	return NULL;
}

const char *sendmail_filters(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	return daemon->has_filters ? daemon->filters
	                           : sendmail_option(side->cf, "InputMailFilters");
}

bool sendmail_gated(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	return sendmail_gate(side, sendmail_filters(side, daemon)) &&
	       mta_port(daemon->port) != MTA_PORT_SMTP;
}

bool sendmail_any_gated(const struct sendmail_side *side)
{
	const struct sendmail_daemon *daemon;

	for (size_t i = 0; (daemon = sendmail_daemon(side->cf, i)) != NULL; i++)
		if (sendmail_gated(side, daemon))
			return true;
	return false;
}

bool sendmail_has_auth(const struct sendmail_daemon *daemon)
{
	return !strchr(daemon->modifiers, 'A');
}

/* ---- what mends ----------------------------------------------------------- */

const char *sendmail_mend(char out[SENDMAIL_MEND_MAX], const char *format, ...)
{
	int len = snprintf(out, SENDMAIL_MEND_MAX, "in sendmail.mc: "), more;
	va_list args;

	va_start(args, format);
	more = vsnprintf(out + len, SENDMAIL_MEND_MAX - (size_t)len, format, args);
	va_end(args);
	return more < SENDMAIL_MEND_MAX - len ? out : NULL;
}

static bool append(char *out, const char *key, const char *value)
{
	size_t used = strlen(out);

	return snprintf(out + used, SENDMAIL_TEXT_MAX - used, "%s%s%s", used > 0 ? ", " : "", key,
	                value) < (int)(SENDMAIL_TEXT_MAX - used);
}

bool sendmail_amended(const char *text, const char *more, const char *less, const char *filters,
                      char out[SENDMAIL_TEXT_MAX])
{
	char field[SENDMAIL_TEXT_MAX], modifiers[256] = "";
	size_t count = 0;
	bool ok = strlen(text) < sizeof field && strlen(more) < sizeof modifiers / 2;

	out[0] = '\0';
	while (ok && sendmail_next_word(&text, ",\n", field, sizeof field)) {
		const char *begin = field + strspn(field, " \t"), *equals = strchr(field, '=');

		if (equals && toupper((unsigned char)*begin) == 'M') {
			for (count = 0, equals++; *equals && count < sizeof modifiers / 2; equals++)
				if (isalpha((unsigned char)*equals) && !strchr(less, *equals))
					modifiers[count++] = *equals;
			modifiers[count] = '\0';
		} else if (!filters || toupper((unsigned char)*begin) != 'I') {
			ok = append(out, begin, "");
		}
	}
	for (; *more; more++)
		if (!strchr(modifiers, *more))
			modifiers[count++] = *more;
	modifiers[count] = '\0';
	return ok && (!*modifiers || append(out, "M=", modifiers)) &&
	       (!filters || !*filters || append(out, "InputMailFilters=", filters));
}

const char *sendmail_mend_daemon(const struct sendmail_side *side,
                                 const struct sendmail_daemon *daemon, const char *filters,
                                 char out[SENDMAIL_MEND_MAX])
{
	bool tls = mta_tls_wanted(side->config, mta_port(daemon->port));
	char text[SENDMAIL_TEXT_MAX];

	if (!sendmail_amended(daemon->text, tls ? "E" : "ES", tls ? "S" : "s", filters, text))
		return NULL;
	return sendmail_mend(out, "DAEMON_OPTIONS(`%s')dnl", text);
}

/* ---- the commands --------------------------------------------------------- */

void sendmail_check_all(const struct sendmail_side *side)
{
	sendmail_check_wiring(side);
	if (!sendmail_any_gated(side))
		return; /* what the others should be, has been said */
	sendmail_check_tables(side);
	sendmail_check_logins(side);
	sendmail_check_local(side);
}

static bool there_is(const char *directory)
{
	char path[PATH_MAX];

	return sendmail_path(directory ? directory : SENDMAIL_DIRECTORY, "sendmail.cf", path) &&
	       (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static int check(struct check *check, const char *directory)
{
	const char *where = directory ? directory : SENDMAIL_DIRECTORY;
	struct sendmail *cf;
	char path[PATH_MAX];

	if (!sendmail_path(where, "sendmail.cf", path))
		return complain(EX_USAGE, "the name of the directory is too long");
	cf = sendmail_read(path);
	if (!cf)
		return amend_unread(path);
	sendmail_check_all(&(struct sendmail_side){check, cf, check->cli->config, where});
	sendmail_free(cf);
	return EX_OK;
}

const struct mta_kind mta_sendmail = {"sendmail", there_is, check, sendmail_setup};
