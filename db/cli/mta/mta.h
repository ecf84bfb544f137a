/*
 * The MTA in front of the gate: `postreeve check mta' says whether it keeps its side, and
 * `postreeve setup' what would make it do so.
 */
#ifndef DB_CLI_MTA_MTA_H
#define DB_CLI_MTA_MTA_H

#include "db/cli/check.h"

#include <stdint.h>

/*
 * What each kind of MTA offers. The directory is that of its configuration, null for where that is
 * by default. Both give the program's exit code, and have complained unless that is EX_OK or a
 * problem was found; there_is() complains of nothing.
 */
struct mta_kind {
	const char *name;
	bool (*there_is)(const char *directory);
	int (*check)(struct check *check, const char *directory);
	int (*setup)(struct cli *cli, const char *directory);
};

extern const struct mta_kind mta_postfix, mta_sendmail;

/* The largest value that any profile has for a bound. */
uint64_t mta_largest(const struct config *config, int bound);

/* "unix:/path" and "local:/path" of postreeve.conf; null where the gate listens on a TCP port. */
const char *mta_gate_path(const struct config *config);
/* Of postreeve.conf's "inet:PORT@HOST". */
unsigned mta_gate_port(const struct config *config);

/* The number of a TCP port, or of a service by name; 0 if it is neither. */
unsigned mta_port(const char *name);
#define MTA_PORT_SMTP 25 /* where mail comes from the Internet, and nobody logs in */
#define MTA_PORT_SUBMISSION 587

/* Whether the rule tls_port lets TLS be on a port. */
bool mta_tls_wanted(const struct config *config, unsigned port);

/*
 * A step of `setup': of what, why, and the command or line that does it, which may be null. Goes to
 * the array with --json, and else to standard output, as a comment and the command of a script; what
 * is to be done by hand, as a comment alone.
 */
void mta_print_step(const struct cli *cli, struct array *array, const char *name, const char *text,
                    const char *mend, bool by_hand);

#endif
