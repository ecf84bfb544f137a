/* What of the configuration is in force. */
#ifndef DB_AUTHD_RELOAD_H
#define DB_AUTHD_RELOAD_H

#include "db/authd/settings.h"
#include "db/config/config.h"

/* Puts into force what can change while the daemon runs. */
void settings_apply(struct settings *settings, const struct config *config);

/*
 * Reads the configuration again, and says in the log how it went. One that is not good changes
 * nothing. running is what the daemon was started with.
 */
void settings_reload(struct settings *settings, const char *path, const struct config *running);

#endif
