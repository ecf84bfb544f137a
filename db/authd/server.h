/*
 * The daemon while it serves: one thread for all connections, see pool.h for those that judge.
 */
#ifndef DB_AUTHD_SERVER_H
#define DB_AUTHD_SERVER_H

#include "db/authd/connection.h"
#include "db/config/config.h"

#include <stdbool.h>

#define SERVER_CONNECTIONS 2048 /* at once; what comes beyond is closed */

/* What is to be answered once we are told to stop, has this long. */
#define SERVER_DRAIN_MS 2800

struct server_start {
	const char *path;         /* of the configuration: an absolute one */
	struct config *config;    /* the server's from here on */
	int listeners[PROTOCOLS]; /* sockets that listen; -1 for none */
	bool foreground;
	int ready; /* see db/daemon/background.h */
};

/* Serves until told to stop. Gives the exit status, but threads run on: only _exit(2) can follow. */
int server_run(const struct server_start *start);

#endif
