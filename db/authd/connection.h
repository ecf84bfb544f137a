/*
 * A connection of the MTA's: what it asks for goes to the server as jobs, and their answers go back.
 * Bounded in what it holds. One thread, the loop's.
 */
#ifndef DB_AUTHD_CONNECTION_H
#define DB_AUTHD_CONNECTION_H

#include "db/authd/job.h"

#include <stdbool.h>
#include <stdint.h>

#define CONNECTION_JOBS 16 /* at once, of one connection: one that wants more is closed */

enum protocol {
	PROTOCOL_DOVECOT,
	PROTOCOL_SASLAUTHD,
	PROTOCOLS,
};

struct event_base;
struct connection;

/*
 * A failure is answered so long after the request came, whatever it was, so that none can be told
 * from another; while derivations have to wait for longer, at the next multiple.
 */
#define FAILURE_MS 2000

/* Whose connections they are, and all of them. */
struct connections {
	struct event_base *base;
	/*
	 * Takes the job, whose answer comes by connection_answer() or connection_delay(). False: it is not taken, and the
	 * connection is closed. May not answer at once.
	 */
	bool (*judge)(void *arg, struct job *job);
	bool (*without_tls)(void *arg);
	void (*idle)(void *arg); /* no job is left */
	void *arg;
	struct connection *first;
	unsigned count;
	unsigned jobs;   /* that wait for their answer, of all connections */
	uint64_t number; /* of the last connection */
};

/* Takes the descriptor; closes it if memory ran out. */
void connection_begin(struct connections *connections, int fd, enum protocol protocol);

/*
 * The job has its verdict: it is answered, a failure in its time, or the connection is closed if it
 * could not be told. Frees the job, also where the connection is gone.
 */
void connection_answer(struct job *job);
/* The same of a failure that is known at once. False when memory ran out: the job is as it was. */
bool connection_delay(struct job *job);

/* Nothing more is read, from any. */
void connections_stop(struct connections *connections);

#endif
