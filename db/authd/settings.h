/*
 * What of the configuration can change while the daemon runs, for all threads.
 */
#ifndef DB_AUTHD_SETTINGS_H
#define DB_AUTHD_SETTINGS_H

#include <stdatomic.h>

struct settings {
	atomic_bool without_tls;      /* passwords may come in the clear */
	atomic_uint cost;             /* of a new hash: HASH_COST_MIN to HASH_COST_MAX */
	atomic_uint failures_account; /* from so many on, within ten minutes, nothing is tried */
	atomic_uint failures_client;
};

#endif
