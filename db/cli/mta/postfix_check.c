#include "db/cli/mta/postfix_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *service_name(char buffer[SHOWN_MAX], const char *service)
{
	char name[SHOWN_MAX];

	snprintf(name, sizeof name, "%.*s", (int)(strrchr(service, '/') - service), service);
	return shown(buffer, name);
}

/*
 * "submission", "587", "127.0.0.1:587", "[::1]:587". What postscreen(8) passes on has come to the
 * port of the Internet's mail.
 */
unsigned service_port(const char *service)
{
	char name[64];
	const char *end = strrchr(service, '/'), *begin = service;

	if (strcmp(end, "/pass") == 0)
		return MTA_PORT_SMTP;
	for (const char *s = service; s < end; s++)
		if (*s == ':')
			begin = s + 1;
	snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
	return mta_port(name);
}

bool side_is_yes(const struct side *side, const char *service, const char *parameter)
{
	return strcasecmp(postfix_get(side->postfix, service, parameter), "yes") == 0;
}

/* For the shell: what stands between apostrophes has none. */
static bool quote(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text && len + 5 < size; text++) {
		if (*text == '\'')
			len += (size_t)sprintf(out + len, "'\\''");
		else
			out[len++] = *text;
	}
	out[len] = '\0';
	return *text == '\0';
}

const char *postfix_mend(char out[MEND_MAX], const char *service, const char *parameter,
                         const char *value)
{
	char quoted[MEND_MAX];
	int len;

	if (!quote(quoted, sizeof quoted, value))
		return NULL;
	if (service)
		len = snprintf(out, MEND_MAX, "postconf -P '%s/%s=%s'", service, parameter, quoted);
	else
		len = snprintf(out, MEND_MAX, "postconf -e '%s = %s'", parameter, quoted);
	return len < MEND_MAX ? out : NULL;
}

void postfix_check_all(const struct side *side)
{
	postfix_check_wiring(side);
	postfix_check_tables(side);
}

/* ---- the commands --------------------------------------------------------- */

/* postconf(1) goes by the environment. */
static bool there_is(const char *directory)
{
	return (!directory || setenv("MAIL_CONFIG", directory, 1) == 0) &&
	       system("command -v postconf >/dev/null") == 0;
}

static int check(struct check *check, const char *directory)
{
	struct postfix *postfix = postfix_read();

	(void)directory;
	if (!postfix)
		return postfix_unread();
	postfix_check_all(&(struct side){check, postfix, check->cli->config,
	                                 postfix_get(postfix, NULL, "config_directory")});
	postfix_free(postfix);
	return EX_OK;
}

const struct mta_kind mta_postfix = {"postfix", there_is, check, postfix_setup};
