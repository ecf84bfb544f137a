/*
 * The worker: the child in which libmilter runs and all mail is judged. It does what the master
 * says through a socket (see master.h), an octet for each command, and nothing on any signal.
 */
#ifndef MILTER_WORKER_H
#define MILTER_WORKER_H

#include "db/config/config.h"

#include <stdbool.h>
#include <time.h>

enum worker_command {
	WORKER_RELOAD = 'r', /* read the configuration again */
	WORKER_STOP = 's',   /* begin nothing new, and end when what is open is over */
	WORKER_END = 'e',    /* end now */
};

/*
 * How long open transactions may take once the gate is told to stop. A message that comes down a
 * normal line is over by then; a client that stalls is cut off, and sends again. Service managers
 * and those who wait for them lose patience at 90 s (systemd) or much sooner.
 */
#define DRAIN_SECONDS 30

/* What each worker is started with. */
struct worker {
	const char *path;      /* of the configuration: an absolute one */
	struct config *config; /* as it was read from there at the start */
	time_t loaded;         /* when */
	bool foreground;
	bool again; /* in the place of one that died */
	/* Then: what was last read from there and was good; null if that is the start's. */
	struct config *latest;
	time_t latest_loaded;
};

/*
 * Serves, and never returns: libmilter's threads still run. What the master waits for, an exit
 * status of sysexits.h for whether it serves, is written to the socket once; with one other than
 * EX_OK the worker ends. The master's death is an order to end now.
 */
__attribute__((noreturn)) void worker_run(const struct worker *worker, int master);

#endif
