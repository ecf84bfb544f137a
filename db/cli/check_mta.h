/*
 * `postreeve check mta': whether the MTA keeps its side. What may be said of one service or of all
 * of them is a row of a table; what takes more than one parameter is a function.
 */
#ifndef DB_CLI_CHECK_MTA_H
#define DB_CLI_CHECK_MTA_H

#include "db/cli/check.h"
#include "db/cli/postfix.h"

/* What the checks of a Postfix are made with. */
struct mta {
	struct check *check;
	const struct postfix *postfix;
	const struct config *config;
};

/* Whether the service's smtpd_milters name the gate's socket, be it found there or not. */
bool mta_gated(const struct mta *mta, const char *service);

bool mta_is_yes(const struct mta *mta, const char *service, const char *parameter);

/* The largest value that any profile has for a bound. */
uint64_t mta_largest(const struct config *config, int bound);

/* The service without its type: "submission". Lives in buffer. */
const char *mta_name(char buffer[SHOWN_MAX], const char *service);

/* The TCP port that the service listens on, 0 if that is not known. */
unsigned mta_port(const char *service);
#define MTA_PORT_SMTP 25 /* where mail comes from the Internet, and nobody logs in */

/* The checks; each tells what it finds. */
void mta_check_wiring(const struct mta *mta);
void mta_check_tables(const struct mta *mta);

#endif
