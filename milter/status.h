/*
 * The control socket: whoever connects is told how the daemon is, in one JSON document, and the
 * connection is closed. `postreeve status' reads it. The document's members are in postreeve(8).
 *
 * A thread of its own does it, which no verdict waits for.
 */
#ifndef MILTER_STATUS_H
#define MILTER_STATUS_H

#include "milter/service.h"

#include <stdbool.h>
#include <stdint.h>

#define STATUS_TOP 10 /* accounts that are named: those with the most connections */

/* What the document is made of. All is borrowed, and outlives the daemon's service. */
struct status_sources {
	const char *config_file;
	struct service *service;
};

/*
 * Binds the socket, for this process's user and group alone, and starts to answer. A socket that a
 * daemon before left there is removed. False, with a line in the log, if there can be none; mail
 * goes on then.
 */
bool status_start(const char *path, const struct status_sources *sources);

#endif
