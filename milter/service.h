/*
 * What all sessions share: the registry's reader and the tables of what accounts do, for the life of
 * the process; the configuration, for as long as it is the one in force; and whether the gate stops.
 *
 * Any thread may call any of this.
 */
#ifndef MILTER_SERVICE_H
#define MILTER_SERVICE_H

#include "db/config/config.h"
#include "db/registry.h"
#include "milter/connections.h"
#include "milter/keeper.h"
#include "milter/stats.h"
#include "milter/usage.h"
#include "milter/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

/* A configuration as it is in force for those who hold it. Nothing in it changes. */
struct snapshot {
	struct config *config;
	unsigned reads; /* bits of enum reads: what of messages the rules of any profile look at */
	unsigned holders; /* belongs to the service's lock */
};

struct service {
	struct registry_reader *registry;
	struct connections *connections;
	struct usage *usage;
	struct watch *watch;
	struct keeper *keeper; /* null until service_keep() */
	struct stats *stats;
	atomic_bool stopping, ended;
	atomic_uint open; /* transactions, those included that are being let in or refused */

	pthread_mutex_t lock; /* of all that follows */
	struct snapshot *current;
	time_t loaded;
	char load_error[CONFIG_ERROR_MAX];
};

/*
 * Null when memory ran out. config becomes the service's, but not then. loaded is when it was read.
 */
struct service *service_new(struct config *config, time_t loaded);
/* Only while it has no sessions. service may be null. */
void service_free(struct service *service);

/*
 * From now on what accounts use is kept over a restart, and suspensions are written down. Before
 * the first session. False when memory or threads ran out.
 */
bool service_keep(struct service *service);

/* ---- the configuration -------------------------------------------------- */

/* The snapshot that is in force, to be given back with service_release() exactly once. */
struct snapshot *service_hold(struct service *service);
void service_release(struct service *service, struct snapshot *snapshot);

#define SERVICE_WAITING_MAX 64 /* octets for the names of the keys below, with commas */

/*
 * Puts another configuration into force, which becomes the service's: whoever holds the old one
 * keeps that. What is bound to the process (socket, database, user) stays as it is: where the new
 * one says otherwise, the key's name is put into waiting ("" for none). False when memory ran out:
 * then nothing has changed and config is freed.
 */
bool service_reload(struct service *service, struct config *config, time_t loaded,
                    char waiting[SERVICE_WAITING_MAX]);

/* The file was not good enough to be put into force, for this reason. */
void service_load_failed(struct service *service, const char *error);

/*
 * When the configuration in force was read; and why the last try to read another one failed, "" if
 * it did not.
 */
time_t service_loaded_at(struct service *service);
void service_load_error(struct service *service, char out[CONFIG_ERROR_MAX]);

/* ---- stopping ----------------------------------------------------------- */

/* Counts a transaction as open until service_leave(). False once the gate is stopping. */
bool service_enter(struct service *service);
void service_leave(struct service *service);

/* From now on service_enter() fails. */
void service_stop(struct service *service);
bool service_is_stopping(const struct service *service);
unsigned service_open_transactions(const struct service *service);

/*
 * Stops at once: what messages that are accepted from now on use may not be kept any more, so that
 * who has counted one asks service_has_ended() before it says so. Then writes down what was counted.
 */
void service_end(struct service *service);
bool service_has_ended(const struct service *service);

#endif
