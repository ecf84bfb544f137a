/*
 * Whether a Postfix keeps its side. What may be said of one service or of all of them is a row of a
 * table; what takes more than one parameter is a function.
 */
#ifndef DB_CLI_MTA_POSTFIX_CHECK_H
#define DB_CLI_MTA_POSTFIX_CHECK_H

#include "db/cli/mta/mta.h"
#include "db/cli/mta/postfix.h"

/* What the checks are made with. */
struct side {
	struct check *check;
	const struct postfix *postfix;
	const struct config *config;
	const char
	    *etc; /* Postfix's configuration directory, where these are settings of a copy, too */
};

/* All of the checks; each tells what it finds. */
void postfix_check_all(const struct side *side);
/* The parts of it. */
void postfix_check_wiring(const struct side *side);
void postfix_check_tables(const struct side *side);
void postfix_check_sasl(const struct side *side, const char *service);

/* Whether the service's smtpd_milters name the gate's socket, be it found there or not. */
bool side_gated(const struct side *side, const char *service);

bool side_is_yes(const struct side *side, const char *service, const char *parameter);

bool side_chrooted(const struct side *side, const char *service);
bool side_offers_starttls(const struct side *side, const char *service);

/*
 * A socket that a daemon makes as its user, and that the service asks at: what is done there, and
 * what cannot be without it, in words.
 */
void side_check_socket(const struct side *side, const char *service, const char *path,
                       const char *user, const char *what, const char *without);

/* The service without its type: "submission". Lives in buffer. */
const char *service_name(char buffer[SHOWN_MAX], const char *service);

/* The TCP port that the service listens on, 0 if that is not known. */
unsigned service_port(const char *service);

/*
 * The command that makes a parameter so: of a service, or in main.cf where that is null. Lives in
 * out, which is returned; null if it does not fit.
 */
#define MEND_MAX 1024
const char *postfix_mend(char out[MEND_MAX], const char *service, const char *parameter,
                         const char *value);

/* The command `setup': see struct mta_kind. */
int postfix_setup(struct cli *cli, const char *directory);

#endif
