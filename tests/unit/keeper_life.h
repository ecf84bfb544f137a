/*
 * Lives of a daemon's part that counts and keeps, for the keeper's tests: each begins with what the
 * file has, as after a restart.
 */
#ifndef TESTS_UNIT_KEEPER_LIFE_H
#define TESTS_UNIT_KEEPER_LIFE_H

#include "milter/keeper.h"
#include "tests/unit/registry_place.h"

#include <stdbool.h>
#include <time.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

/* Far over what anything here takes: who waits so long has failed. */
#define WAIT_MS 5000

/* Until the condition holds. */
#define wait_for(condition)                                                                        \
	do {                                                                                       \
		int64_t end_ = keeper_now() + WAIT_MS;                                             \
		while (!(condition)) {                                                             \
			if (keeper_now() > end_)                                                   \
				fail_msg("line %d: never: %s", __LINE__, #condition);              \
			nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);                   \
		}                                                                                  \
	} while (0)

/* The time of day is what the tests say: so many seconds later than it is. */
extern _Atomic time_t later;

int64_t wall(void); /* that, in milliseconds */

struct life {
	struct usage *usage;
	struct watch *watch;
	struct keeper *keeper;
};

struct life begin(const char *database);
void end(struct life *life);

/* Takes so much of the account's quotas, for good if it is to be committed. */
struct usage_count take(struct usage *usage, const char *account, enum measure measure,
                        uint64_t amount, bool commit);
void use(struct life *life, const char *account, enum measure measure, uint64_t amount);
struct usage_count peek(const struct life *life, const char *account, enum measure measure);

/* What the file has of the account's messages a day; 0 if there is no file. */
uint64_t written(const char *database, const char *account);
void put(struct place *place, const char *account, const char *quota, int64_t began, int64_t ends,
         uint64_t used);

/* A place within the place: its database need not be there, for counts. */
struct place within(const struct place *place, const char *name);
/* The same place, for sql() and fingerprint() to see its counts. */
struct place counts_of(const struct place *place);

#endif
