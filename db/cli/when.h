/*
 * WHEN: a point in time to come, as it is typed, or as an export has it.
 *
 *   2027-01-31            its first moment, in UTC
 *   2027-01-31T12:00:00Z  as RFC 3339 has it, in UTC
 *   +90d                  from now on; s, m, h, d, w and y (365 days)
 */
#ifndef DB_CLI_WHEN_H
#define DB_CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

enum when {
	WHEN_OK,
	WHEN_BAD,  /* none of these forms, or no day of the calendar, or behind the year 9999 */
	WHEN_PAST, /* not later than now */
};

/* Times are in seconds since the epoch. *out is set for WHEN_OK alone. */
enum when when_parse(const char *text, int64_t now, int64_t *out);

/* A date of these forms, be it past; or 90d or -90d: so long ago. False if it is neither. */
bool when_parse_since(const char *text, int64_t now, int64_t *out);

#endif
