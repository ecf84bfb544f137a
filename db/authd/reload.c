#include "config.h"

#include "db/authd/reload.h"

#include "db/daemon/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void settings_apply(struct settings *settings, const struct config *config)
{
	settings->without_tls = config->auth_without_tls;
	settings->cost = config->auth_cost;
	settings->failures_account = config->auth_failures_account;
	settings->failures_client = config->auth_failures_client;
}

static void say_waiting(const struct config *fresh, const struct config *running)
{
	const struct {
		const char *key, *fresh, *running;
	} keys[] = {
	    {"auth_database", fresh->auth_database, running->auth_database},
	    {"auth_user", fresh->auth_user, running->auth_user},
	    {"auth_dovecot_socket", fresh->auth_dovecot_socket, running->auth_dovecot_socket},
	    {"auth_saslauthd_socket", fresh->auth_saslauthd_socket, running->auth_saslauthd_socket},
	};
	char waiting[128] = "";

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		size_t len = strlen(waiting);

		if (strcmp(keys[i].fresh, keys[i].running) != 0)
			snprintf(waiting + len, sizeof waiting - len, "%s%s", len > 0 ? ", " : "",
			         keys[i].key);
	}
	if (waiting[0])
		log_line(LOG_WARNING, "changed, but as before until a restart: %s", waiting);
}

void settings_reload(struct settings *settings, const char *path, const struct config *running)
{
	char error[CONFIG_ERROR_MAX];
	struct config *fresh = config_load(path, error);
	const char *hint = "";

	if (!fresh) {
		if (access(path, R_OK) != 0 && errno == EACCES)
			hint = ": the daemon's user must be able to read it";
		log_line(LOG_ERR, "configuration is not reloaded, the old one stays in force: %s%s",
		         error, hint);
		return;
	}
	settings_apply(settings, fresh);
	log_line(LOG_INFO, "configuration is reloaded");
	say_waiting(fresh, running);
	config_free(fresh);
}
