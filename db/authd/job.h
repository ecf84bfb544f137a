/* An attempt on its way: from a connection through the pool, and back with its verdict. */
#ifndef DB_AUTHD_JOB_H
#define DB_AUTHD_JOB_H

#include "db/authd/attempt.h"
#include "db/authd/verify.h"

#include <stdint.h>

struct connection;
struct event;

struct job {
	struct attempt attempt;
	struct found found;
	int64_t came;     /* see clock.h */
	struct job *next; /* in one of the pool's queues */

	/* The loop's alone: */
	struct connection *connection; /* null: it is gone, and nobody waits for the answer */
	uint32_t id;                   /* of the request there */
	struct job *next_there;        /* of the same connection */
	struct event *delay;           /* the answer waits for this; else null */
};

#endif
