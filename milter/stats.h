/*
 * What the daemon counts while it serves, for `postreeve status'. Any thread may count; nobody
 * waits for another, but for two registry errors at once.
 */
#ifndef MILTER_STATS_H
#define MILTER_STATS_H

#include "policy/rules.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_STAGES    3  /* of enum stage, in its order */
#define STATS_BUCKETS   10 /* of the time an answer took; a last one holds all that is above */
#define STATS_ERROR_MAX 512

enum stats_outcome {
	STATS_REJECT,
	STATS_TEMPFAIL,
	STATS_SHADOW,
	STATS_OUTCOMES
};

/* Words as the audit trail has them. */
extern const char *const stats_outcomes[STATS_OUTCOMES];
extern const int64_t stats_bounds[STATS_BUCKETS]; /* nanoseconds, inclusive */

/* Read it as it is: each number is good by itself. */
struct stats {
	/* By what was judged: for STATS_TEMPFAIL, the rule that could not be. */
	_Atomic uint64_t findings[RULE_COUNT][STATS_STAGES][STATS_OUTCOMES];
	_Atomic uint64_t passed, exempt; /* messages */

	/* Of answers at each stage: what they took us, from the callback to its return. */
	struct {
		_Atomic uint64_t buckets[STATS_BUCKETS + 1];
		_Atomic uint64_t nanoseconds;
	} took[STATS_STAGES];

	_Atomic uint64_t sessions_begun, sessions_ended;
	_Atomic uint64_t transactions_begun;

	_Atomic uint64_t lookups, failures; /* of the registry */
	_Atomic bool failing;               /* the last one failed */
	pthread_mutex_t lock;               /* of these two: */
	char error[STATS_ERROR_MAX];        /* the last one, "" if there was none */
	int64_t failed;                     /* and when */
};

/* Null when memory ran out. */
struct stats *stats_new(void);
void stats_free(struct stats *stats);

void stats_finding(struct stats *stats, enum stage stage, const struct finding *finding,
                   bool shadow);
void stats_pass(struct stats *stats, bool exempt);

/* A lookup in the registry; error is null if it went well. */
void stats_registry(struct stats *stats, const char *error);

/* The time an answer takes: begin, and what that gave to stats_took() when it is there. */
int64_t stats_begin(void);
void stats_took(struct stats *stats, enum stage stage, int64_t begin);

static inline void stats_count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif
