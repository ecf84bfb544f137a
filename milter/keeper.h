/*
 * A thread that writes down what the daemon counts: usage, twice a second, and suspensions. No
 * callback waits for a disk.
 */
#ifndef MILTER_KEEPER_H
#define MILTER_KEEPER_H

#include "milter/usage.h"
#include "milter/watch.h"

#include <stdbool.h>
#include <stdint.h>

struct keeper;

/*
 * Reads what was kept before, and starts the thread. Null when memory or threads ran out; a file
 * that cannot be used is told in the log, and tried again. The tables are borrowed.
 */
struct keeper *keeper_start(const char *database, struct usage *usage, struct watch *watch);

/*
 * Writes what is left, waiting for two seconds at most, and ends the thread. Others may use the
 * keeper still. Once more does nothing; keeper may be null.
 */
void keeper_stop(struct keeper *keeper);
/* The same, and nobody uses it any more. */
void keeper_free(struct keeper *keeper);

/* Whether counts are kept: the last attempt to read or write them went well. */
bool keeper_healthy(const struct keeper *keeper);

/* How long the oldest count has waited to be written, in milliseconds; 0 only if none does. */
int64_t keeper_lag(struct keeper *keeper);

/* The clock of usage and watch, in milliseconds: it goes on in suspend, and nobody sets it. */
int64_t keeper_now(void);

#endif
