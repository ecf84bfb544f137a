/*
 * The settings of the Postfix that is installed here, as postconf(1) tells them: main.cf with its
 * defaults, and what master.cf says of each service. MAIL_CONFIG in the environment names another
 * one's directory, as it does for postconf.
 */
#ifndef DB_CLI_MTA_POSTFIX_H
#define DB_CLI_MTA_POSTFIX_H

#include <stdbool.h>
#include <stddef.h>

struct postfix;

/* Null if postconf does not tell, or memory ran out (errno is ENOMEM). To be freed. */
struct postfix *postfix_read(void);
/* Complains, by errno, that it gave null. Gives the exit code. */
int postfix_unread(void);
void postfix_free(struct postfix *postfix); /* may be null */

/*
 * What a parameter is for a service, as "submission/inet", or in main.cf for a null one: variables
 * in it stand for their values. "" where it is empty or Postfix does not know it.
 */
const char *postfix_get(const struct postfix *postfix, const char *service, const char *parameter);
/* A column of master.cf: "chroot", "command". "" if there is no such service. */
const char *postfix_field(const struct postfix *postfix, const char *service, const char *field);

/* The services that smtpd(8) listens for on the network, in master.cf's order; null at the end. */
const char *postfix_service(const struct postfix *postfix, size_t index);

/*
 * Lists, as most parameters are: words between white space and commas, where what stands in braces
 * is one word. next_word() gives the next of *text in a buffer, false at the end; a word that does
 * not fit is cut.
 */
bool postfix_next_word(const char **text, char *word, size_t size);
bool postfix_has_word(const char *text, const char *word); /* whatever the case of its letters */

#endif
