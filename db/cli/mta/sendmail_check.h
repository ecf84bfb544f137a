/*
 * Whether a Sendmail keeps its side. What one option must be is a row of a table; what takes more
 * than that is a function.
 */
#ifndef DB_CLI_MTA_SENDMAIL_CHECK_H
#define DB_CLI_MTA_SENDMAIL_CHECK_H

#include "db/cli/mta/mta.h"
#include "db/cli/mta/sendmail.h"
#include "db/cli/mta/sendmail_words.h"

#define SENDMAIL_DIRECTORY "/etc/mail" /* unless another one is named */

/* What the checks are made with. */
struct sendmail_side {
	struct check *check;
	const struct sendmail *cf;
	const struct config *config;
	const char *directory;
};

/* All of the checks; each tells what it finds. */
void sendmail_check_all(const struct sendmail_side *side);
/* The parts of it. */
void sendmail_check_wiring(const struct sendmail_side *side);
void sendmail_check_tables(const struct sendmail_side *side);
void sendmail_check_logins(const struct sendmail_side *side);
void sendmail_check_local(const struct sendmail_side *side);

/* A file of the directory. False if its path is too long. */
bool sendmail_path(const char *directory, const char *file, char path[PATH_MAX]);

/* The filter of that list that has the gate's socket; null if there is none. */
const struct sendmail_filter *sendmail_gate(const struct sendmail_side *side, const char *filters);

/* Those that a daemon asks. */
const char *sendmail_filters(const struct sendmail_side *side,
                             const struct sendmail_daemon *daemon);

/* Whether it asks the gate, and is none for mail from the Internet: what it should be, is checked. */
bool sendmail_gated(const struct sendmail_side *side, const struct sendmail_daemon *daemon);
bool sendmail_any_gated(const struct sendmail_side *side);

/* Whether clients can log in there. */
bool sendmail_has_auth(const struct sendmail_daemon *daemon);

/*
 * The text of DaemonPortOptions with some modifiers more, and without some; filters are those that
 * it then has: as it was for a null one, none of its own for "". False if it does not fit.
 */
#define SENDMAIL_TEXT_MAX 900 /* octets: a problem quotes it */
bool sendmail_amended(const char *text, const char *more, const char *less, const char *filters,
                      char out[SENDMAIL_TEXT_MAX]);

/* What it is to be in sendmail.mc. Lives in out, which is returned; null if it does not fit. */
#define SENDMAIL_MEND_MAX 1024
const char *sendmail_mend(char out[SENDMAIL_MEND_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same for a submission daemon, with all that it should be, so that the lines of several problems
 * are one; filters as in sendmail_amended().
 */
const char *sendmail_mend_daemon(const struct sendmail_side *side,
                                 const struct sendmail_daemon *daemon, const char *filters,
                                 char out[SENDMAIL_MEND_MAX]);

/* The command `setup': see struct mta_kind. */
int sendmail_setup(struct cli *cli, const char *directory);

#endif
