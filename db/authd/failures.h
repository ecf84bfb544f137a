/*
 * How often each of some names (accounts, or clients' addresses) failed to log in within ten
 * minutes. Never counts less than there were, as long as there is room: then those with the fewest
 * are forgotten. Bounded; any number of threads may be here.
 */
#ifndef DB_AUTHD_FAILURES_H
#define DB_AUTHD_FAILURES_H

#include <stdint.h>

#define FAILURES_SECONDS 600
#define FAILURES_NAMES   16384

struct failures;

struct failures *failures_new(void); /* null: no memory */
void failures_free(struct failures *failures);

/* now in seconds, of a clock that never goes back. */
void failures_add(struct failures *failures, const char *name, int64_t now);
#define FAILURES_UNKNOWN UINT32_MAX /* memory ran out */
uint32_t failures_count(struct failures *failures, const char *name, int64_t now);

/*
 * Under which name the failures of a client count: its IPv4 address, or the network of 64 bits its
 * IPv6 address is in, for a client has all of that. As it is, if it is no address.
 */
#define FAILURES_CLIENT_MAX 64 /* octets, '\0' and all */
void failures_client(const char *client, char out[FAILURES_CLIENT_MAX]);

#endif
