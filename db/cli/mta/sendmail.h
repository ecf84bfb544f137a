/*
 * The settings of a Sendmail, as its sendmail.cf(5) says them. What rulesets do is not looked at.
 */
#ifndef DB_CLI_MTA_SENDMAIL_H
#define DB_CLI_MTA_SENDMAIL_H

#include <stdbool.h>
#include <stddef.h>

/* What it listens at: a line of DaemonPortOptions. */
struct sendmail_daemon {
	char *text;        /* all of the line */
	char *name, *port; /* as they are by default, where it says nothing */
	char *modifiers;   /* of the key M, "" if there are none */
	char *filters;     /* its own InputMailFilters */
	bool has_filters;  /* else it has those of the option */
};

/* A line X: what a mail filter is and how it is asked. A key that is not there is "". */
struct sendmail_filter {
	char *name, *socket, *flags, *timeouts;
};

struct sendmail;

/*
 * Null, with errno, if it cannot be read, or memory ran out (ENOMEM), or it is longer than
 * SENDMAIL_CF_MAX (EFBIG). To be freed.
 */
#define SENDMAIL_CF_MAX (4 * 1024 * 1024) /* octets */
struct sendmail *sendmail_read(const char *path);
void sendmail_free(struct sendmail *cf); /* may be null */

/*
 * An option by its long name, as "Timeout.command", a macro, or the definition of a mailer; "" where
 * it is not set.
 */
const char *sendmail_option(const struct sendmail *cf, const char *name);
const char *sendmail_macro(const struct sendmail *cf, const char *name);
const char *sendmail_mailer(const struct sendmail *cf, const char *name);

/* Whether this version has the option: a line names it, be it set or commented out. */
bool sendmail_knows(const struct sendmail *cf, const char *name);

/* Whether the class has the word, by a line C; files are not looked into. */
bool sendmail_in_class(const struct sendmail *cf, const char *class, const char *word);

/* In the order of the lines; null at the end. There is at least one daemon, by default. */
const struct sendmail_daemon *sendmail_daemon(const struct sendmail *cf, size_t index);
const struct sendmail_filter *sendmail_filter(const struct sendmail *cf, size_t index);

/* How long the filter is waited for, in seconds: C, S, R or E of its T=, or what is so by default. */
unsigned long sendmail_timeout(const struct sendmail_filter *filter, char letter);

#endif
