/*
 * How a daemon starts: its command line, and the step into the background. What is wrong is said on
 * standard error, while there is still somebody to read it.
 */
#ifndef DB_DAEMON_START_H
#define DB_DAEMON_START_H

#include "db/daemon/identity.h"

#include <stdbool.h>

/* What the command line says. */
struct start_order {
	const char *path; /* of the configuration; borrowed */
	bool foreground;
	bool check; /* the configuration, and no more */
};

struct start {
	const char *program, *usage;
	const char *path; /* of the configuration, if the command line names none */
	/* Does so, with SIGPIPE ignored and the standard descriptors open; gives the exit status. */
	int (*run)(const struct start_order *order);
};

/*
 * The options -f, -n, -c FILE, -V and -h, and what they ask for. Returns the exit status (sysexits.h).
 */
int start_daemon(const struct start *start, int argc, char **argv);

/*
 * Becomes that user for good, and goes to the background unless it stays in the foreground: as
 * background_enter(), which sets *ready. EX_OK, or the exit status after a complaint.
 */
int start_become(const char *program, const struct identity *identity, bool foreground, int *ready);

#endif
