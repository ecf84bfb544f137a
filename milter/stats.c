#include "milter/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const stats_outcomes[STATS_OUTCOMES] = {
    [STATS_REJECT] = "reject",
    [STATS_TEMPFAIL] = "tempfail",
    [STATS_SHADOW] = "shadow",
};

#define US INT64_C(1000)
#define MS (1000 * US)
const int64_t stats_bounds[STATS_BUCKETS] = {
    50 * US, 100 * US, 250 * US, 500 * US, 1 * MS, 2500 * US, 5 * MS, 10 * MS, 50 * MS, 100 * MS,
};

struct stats *stats_new(void)
{
	struct stats *stats = calloc(1, sizeof *stats);

	if (stats && pthread_mutex_init(&stats->lock, NULL) != 0) {
		free(stats);
		return NULL;
	}
	return stats;
}

void stats_free(struct stats *stats)
{
	if (!stats)
		return;
	pthread_mutex_destroy(&stats->lock);
	free(stats);
}

static size_t stage_index(enum stage stage)
{
	return stage == AT_MAIL ? 0 : stage == AT_RCPT ? 1 : 2;
}

void stats_finding(struct stats *stats, enum stage stage, const struct finding *finding,
                   bool shadow)
{
	enum stats_outcome outcome = STATS_REJECT;

	if (shadow)
		outcome = STATS_SHADOW;
	else if (finding->outcome == OUTCOME_UNKNOWN)
		outcome = STATS_TEMPFAIL;
	stats_count(&stats->findings[finding->rule][stage_index(stage)][outcome]);
}

void stats_pass(struct stats *stats, bool exempt)
{
	stats_count(exempt ? &stats->exempt : &stats->passed);
}

void stats_registry(struct stats *stats, const char *error)
{
	stats_count(&stats->lookups);
	if (error) {
		stats_count(&stats->failures);
		pthread_mutex_lock(&stats->lock);
		snprintf(stats->error, sizeof stats->error, "%s", error);
		stats->failed = time(NULL);
		pthread_mutex_unlock(&stats->lock);
	}
	/* Written only where it changes: all threads read it. */
	if (atomic_load_explicit(&stats->failing, memory_order_relaxed) != (error != NULL))
		atomic_store_explicit(&stats->failing, error != NULL, memory_order_relaxed);
}

int64_t stats_begin(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * (1000 * MS) + now.tv_nsec;
}

void stats_took(struct stats *stats, enum stage stage, int64_t begin)
{
	int64_t took = stats_begin() - begin;
	size_t at = stage_index(stage), bucket = 0;

	while (bucket < STATS_BUCKETS && took > stats_bounds[bucket])
		bucket++;
	stats_count(&stats->took[at].buckets[bucket]);
	atomic_fetch_add_explicit(&stats->took[at].nanoseconds, (uint64_t)took,
	                          memory_order_relaxed);
}
