#include "tests/unit/keeper_life.h"

#include "db/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Atomic time_t later;

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, out);

	if (rc == 0 && clock == CLOCK_REALTIME)
		out->tv_sec += later;
	return rc;
}

int64_t wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct life begin(const char *database)
{
	struct life life = {usage_new(), watch_new(), NULL};

	assert_non_null(life.usage);
	assert_non_null(life.watch);
	life.keeper = keeper_start(database, life.usage, life.watch);
	assert_non_null(life.keeper);
	return life;
}

void end(struct life *life)
{
	keeper_free(life->keeper);
	watch_free(life->watch);
	usage_free(life->usage);
}

struct usage_count take(struct usage *usage, const char *account, enum measure measure,
                        uint64_t amount, bool commit)
{
	uint64_t limit[QUOTA_COUNT];
	struct usage_hold hold = {0};
	struct usage_count count = {0};

	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		limit[quota] = BOUND_UNLIMITED;
	assert_true(
	    usage_take(usage, &hold, account, measure, amount, limit, keeper_now(), &count));
	if (commit)
		usage_commit(usage, &hold, keeper_now());
	else
		usage_release(usage, &hold);
	return count;
}

void use(struct life *life, const char *account, enum measure measure, uint64_t amount)
{
	take(life->usage, account, measure, amount, true);
}

struct usage_count peek(const struct life *life, const char *account, enum measure measure)
{
	return take(life->usage, account, measure, 0, false);
}

static bool add_day(const struct usage_store_row *row, void *arg)
{
	if (strcmp(row->quota, "messages_per_day") == 0)
		*(uint64_t *)arg += row->used;
	return true;
}

uint64_t written(const char *database, const char *account)
{
	char *path = usage_store_path(database);
	struct usage_store *store;
	struct registry_error error;
	uint64_t used = 0;

	if (usage_store_open(path, USAGE_STORE_READ, &store, &error) == REGISTRY_OK)
		usage_store_walk(store, account, 0, add_day, &used, &error);
	usage_store_close(store);
	free(path);
	return used;
}

void put(struct place *place, const char *account, const char *quota, int64_t began, int64_t ends,
         uint64_t used)
{
	const struct usage_store_row row = {account, quota, began, ends, used};
	struct registry_error *error = &place->error;
	char *path = usage_store_path(place->path);
	struct usage_store *store;

	assert_status(place, usage_store_open(path, USAGE_STORE_WRITE, &store, error), REGISTRY_OK);
	assert_status(place, usage_store_begin(store, error), REGISTRY_OK);
	assert_status(place,
	              usage_store_end(store, usage_store_put(store, &row, error), INT64_MIN, error),
	              REGISTRY_OK);
	usage_store_close(store);
	free(path);
}

struct place within(const struct place *place, const char *name)
{
	struct place inner = {.reader = NULL};

	shell(place, "mkdir %s", name);
	assert_true(snprintf(inner.directory, sizeof inner.directory, "%s/%s", place->directory,
	                     name) < (int)sizeof inner.directory);
	assert_true(snprintf(inner.path, sizeof inner.path, "%s/db", inner.directory) <
	            (int)sizeof inner.path);
	return inner;
}

struct place counts_of(const struct place *place)
{
	struct place counts = *place;

	assert_true(snprintf(counts.path, sizeof counts.path, "%s/usage.sqlite3",
	                     place->directory) < (int)sizeof counts.path);
	return counts;
}
