/*
 * sendmail.mc, from which m4(1) makes sendmail.cf; and the settings that are shipped for it, with
 * what postreeve.conf says in them.
 */
#ifndef DB_CLI_MTA_SENDMAIL_MC_H
#define DB_CLI_MTA_SENDMAIL_MC_H

#include "db/config/config.h"

#include <stdbool.h>

/* contrib/sendmail/postreeve.mc as it is, line by line; null at the end. */
extern const char *const sendmail_shipped[];

/* A change of sendmail.mc, which may be told. */
struct mc_told {
	void (*line)(void *arg, const char *what, const char *line);
	void *arg;
};

/*
 * sendmail.mc as it should be: the included file stands before its mailers, what that one says
 * instead is commented out, and nobody logs in by the gate. To be freed; null if memory ran out.
 */
char *mc_amended(const char *mc, const char *included, const struct mc_told *told);

/*
 * The text of the included file, for such a sendmail.mc. To be freed; null if memory ran out.
 */
char *mc_included(const struct config *config, const char *mc);

#endif
