/*
 * What accounts use of their quotas, for the tests of it: each begins with nothing used and no limit.
 */
#ifndef TESTS_UNIT_USAGE_CASE_H
#define TESTS_UNIT_USAGE_CASE_H

#include "milter/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  INT64_C(123456789) /* of the clock */

int usage_setup(void **state); /* struct usage */
int usage_teardown(void **state);

extern uint64_t limits[QUOTA_COUNT];

/* Whether it may be: the callers judge what is counted, and what is over is not held. */
bool take(struct usage *usage, struct usage_hold *hold, const char *account, enum measure measure,
          uint64_t amount, int64_t now, struct usage_count *count);

/* What stands in the windows of a measure, without anything being taken. */
struct usage_count peek(struct usage *usage, const char *account, enum measure measure,
                        int64_t now);

void use(struct usage *usage, const char *account, enum measure measure, uint64_t amount,
         int64_t now);

#endif
