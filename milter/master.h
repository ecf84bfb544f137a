/*
 * The master: the process that holds the milter socket and takes the signals, and lets a child, the
 * worker, do all the work. It has one thread, so that it can fork.
 *
 *   SIGHUP           the worker reads the configuration again
 *   SIGTERM, SIGINT  the worker finishes what is open, and both end; a second one ends them at once
 *
 * A worker that ends without being told is reported and another one is started on the same socket:
 * at once, then, as long as they do not live for a while, after pauses that grow.
 */
#ifndef MILTER_MASTER_H
#define MILTER_MASTER_H

#include "milter/worker.h"

/*
 * Runs until it is told to stop, or until no worker can serve any more, and gives the exit status.
 * The milter socket is bound, root is given up, and there is one thread. path is that of the socket
 * or null; it is removed at the end. ready is what waits for the start (background.h), or -1.
 */
int master_run(struct worker worker, const char *path, int ready);

#endif
