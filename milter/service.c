#include "milter/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned profiles_read(const struct config *config)
{
	unsigned reads = 0;

	for (size_t i = 0; i < config->profile_count; i++)
		reads |= limits_read(&config->profiles[i].limits);
	return reads;
}

static struct snapshot *snapshot_new(struct config *config)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	if (!snapshot)
		return NULL;
	*snapshot =
	    (struct snapshot){.config = config, .reads = profiles_read(config), .holders = 1};
	return snapshot;
}

struct service *service_new(struct config *config, time_t loaded)
{
	struct service *service = calloc(1, sizeof *service);

	if (!service)
		return NULL;
	if (pthread_mutex_init(&service->lock, NULL) != 0) {
		free(service);
		return NULL;
	}
	service->registry = registry_reader_new(config->database);
	service->connections = connections_new();
	service->usage = usage_new();
	service->watch = watch_new();
	service->stats = stats_new();
	service->loaded = loaded;
	if (service->registry && service->connections && service->usage && service->watch &&
	    service->stats)
		service->current = snapshot_new(config);
	if (!service->current) {
		service_free(service);
		return NULL;
	}
	return service;
}

void service_free(struct service *service)
{
	if (!service)
		return;
	keeper_free(service->keeper);
	service_release(service, service->current);
	watch_free(service->watch);
	usage_free(service->usage);
	stats_free(service->stats);
	connections_free(service->connections);
	registry_reader_free(service->registry);
	pthread_mutex_destroy(&service->lock);
	free(service);
}

bool service_keep(struct service *service)
{
	service->keeper =
	    keeper_start(service->current->config->database, service->usage, service->watch);
	return service->keeper != NULL;
}

/* ---- the configuration -------------------------------------------------- */

struct snapshot *service_hold(struct service *service)
{
	struct snapshot *snapshot;

	pthread_mutex_lock(&service->lock);
	snapshot = service->current;
	snapshot->holders++;
	pthread_mutex_unlock(&service->lock);
	return snapshot;
}

void service_release(struct service *service, struct snapshot *snapshot)
{
	bool last;

	if (!snapshot)
		return;
	pthread_mutex_lock(&service->lock);
	last = --snapshot->holders == 0;
	pthread_mutex_unlock(&service->lock);
	if (last) {
		config_free(snapshot->config);
		free(snapshot);
	}
}

/* The old value instead of the new one, which is named in waiting if it is another. */
static bool keep(const char *key, char **value, const char *old, char *waiting)
{
	size_t len = strlen(waiting);
	char *copy;

	if (strcmp(*value, old) == 0)
		return true;
	copy = strdup(old);
	if (!copy)
		return false;
	free(*value);
	*value = copy;
	snprintf(waiting + len, SERVICE_WAITING_MAX - len, "%s%s", len > 0 ? ", " : "", key);
	return true;
}

bool service_reload(struct service *service, struct config *config, time_t loaded,
                    char waiting[SERVICE_WAITING_MAX])
{
	struct snapshot *old = service_hold(service), *fresh = NULL;
	bool ok;

	waiting[0] = '\0';
	ok =
	    keep("socket", &config->socket, old->config->socket, waiting) &&
	    keep("database", &config->database, old->config->database, waiting) &&
	    keep("control_socket", &config->control_socket, old->config->control_socket, waiting) &&
	    keep("user", &config->user, old->config->user, waiting);
	if (ok)
		fresh = snapshot_new(config);
	if (fresh) {
		pthread_mutex_lock(&service->lock);
		service->current = fresh;
		service->loaded = loaded;
		service->load_error[0] = '\0';
		pthread_mutex_unlock(&service->lock);
		service_release(service, old); /* the service's own hold */
	} else {
		config_free(config);
	}
	service_release(service, old);
	return fresh != NULL;
}

void service_load_failed(struct service *service, const char *error)
{
	pthread_mutex_lock(&service->lock);
	snprintf(service->load_error, sizeof service->load_error, "%s", error);
	pthread_mutex_unlock(&service->lock);
}

time_t service_loaded_at(struct service *service)
{
	time_t loaded;

	pthread_mutex_lock(&service->lock);
	loaded = service->loaded;
	pthread_mutex_unlock(&service->lock);
	return loaded;
}

void service_load_error(struct service *service, char out[CONFIG_ERROR_MAX])
{
	pthread_mutex_lock(&service->lock);
	strcpy(out, service->load_error);
	pthread_mutex_unlock(&service->lock);
}

/* ---- stopping ----------------------------------------------------------- */

/*
 * Counted first and asked then, where service_stop() is done first and counted then: none begins
 * that whoever waits for the last one does not see.
 */
bool service_enter(struct service *service)
{
	atomic_fetch_add(&service->open, 1);
	if (!atomic_load(&service->stopping))
		return true;
	service_leave(service);
	return false;
}

void service_leave(struct service *service)
{
	atomic_fetch_sub(&service->open, 1);
}

void service_stop(struct service *service)
{
	atomic_store(&service->stopping, true);
}

bool service_is_stopping(const struct service *service)
{
	return atomic_load(&service->stopping);
}

unsigned service_open_transactions(const struct service *service)
{
	return atomic_load(&service->open);
}

void service_end(struct service *service)
{
	service_stop(service);
	atomic_store(&service->ended, true);
	keeper_stop(service->keeper);
}

bool service_has_ended(const struct service *service)
{
	return atomic_load(&service->ended);
}
