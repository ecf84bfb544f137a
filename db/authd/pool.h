/*
 * The threads that judge: one has the quick look at each attempt, so that those that are known
 * already never wait for a key derivation; the others, as many as there are processors but 2 to 4,
 * derive. Both queues are bounded, and what does not fit is unavailable: come back later.
 */
#ifndef DB_AUTHD_POOL_H
#define DB_AUTHD_POOL_H

#include "db/authd/job.h"

#include <stdbool.h>

#define POOL_LOOKS       1024 /* attempts that wait for the look */
#define POOL_DERIVATIONS 64   /* and for a derivation */
#define POOL_WAIT_MS     6000 /* one that waited for longer is given up: its client gave up, too */

struct pool;

/* Starts the threads, which nobody can stop. Null: no memory, no threads. */
struct pool *pool_start(struct verify *verify);

/* Takes the job, until pool_done() gives it back. False, and it is not taken: the queue is full. */
bool pool_submit(struct pool *pool, struct job *job);

/* A descriptor that can be read from when a job may be done; then one that is, or null. */
int pool_descriptor(const struct pool *pool);
void pool_woken(struct pool *pool); /* before the first pool_done() after that */
struct job *pool_done(struct pool *pool);

#endif
