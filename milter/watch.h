/*
 * Accounts that may have been hijacked: how often each was refused, from how many addresses it
 * came; and those that are to be suspended for it, until that stands in the registry. One table
 * for all threads.
 *
 * Times are in milliseconds of a clock that nobody sets.
 */
#ifndef MILTER_WATCH_H
#define MILTER_WATCH_H

#include "policy/network.h"
#include "policy/rules.h"

#include <stdbool.h>
#include <stdint.h>

struct watch;

/* Null when memory ran out. */
struct watch *watch_new(void);
void watch_free(struct watch *watch); /* may be null */

/*
 * Something of the account was refused; it came from an address. Each is held against what the
 * limits say, and suspends the account when it is as much. Where they say nothing nothing is kept.
 * While memory is short they count nothing.
 */
void watch_refusal(struct watch *watch, const char *account, const struct limits *limits,
                   int64_t now);
void watch_address(struct watch *watch, const char *account, const struct limits *limits,
                   const struct ip *address, int64_t now);

/* Whether the account is suspended, though the registry may not say so yet. */
bool watch_suspends(struct watch *watch, const char *account);

/* ---- for who writes it down ---- */

struct watch_suspension {
	char account[ACCOUNT_NAME_MAX + 1];
	char reason[THRESHOLD_TEXT_MAX];
};

/* An account whose suspension is to be written down; false if there is none. */
bool watch_due(struct watch *watch, struct watch_suspension *out);
/* It is written down, and counting begins anew; or it was not, and is due again, behind others. */
void watch_settle(struct watch *watch, const char *account, bool written);

/* Forgets some of what is over: see table_sweep(). */
void watch_sweep(struct watch *watch, int64_t now);

#endif
