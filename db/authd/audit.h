/*
 * The audit trail of logins: a line for each, fields as db/daemon/line.h writes them.
 *
 *   login account=alice client=192.0.2.7 mechanism=PLAIN service=smtp
 *   refused account=bob client=192.0.2.7 mechanism=LOGIN service=smtp reason=password
 *   unavailable account=bob client=192.0.2.7 mechanism=LOGIN service=smtp cause="..."
 *
 * Of the last at most one a second. contrib/fail2ban reads the second.
 */
#ifndef DB_AUTHD_AUDIT_H
#define DB_AUTHD_AUDIT_H

#include "db/authd/attempt.h"

/* One that has its verdict. For one thread alone. */
void audit_attempt(const struct attempt *attempt);

#endif
