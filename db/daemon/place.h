/*
 * Who could change what a daemon goes by: root, its user, and nobody else. Each function gives EX_OK,
 * or EX_CONFIG after a complaint on standard error with the command that mends it; what is not there,
 * or cannot be looked at, is for others to say.
 */
#ifndef DB_DAEMON_PLACE_H
#define DB_DAEMON_PLACE_H

#include "db/daemon/identity.h"

/* The configuration: its owner and mode, and its directory's. */
int place_check_file(const char *program, const char *path, const struct identity *identity);

/* A database: the owners. The modes are looked at whenever it is opened. */
int place_check_owner(const char *program, const char *path, const struct identity *identity);

/* A socket that is yet to be bound: its directory's mode. */
int place_check_directory(const char *program, const char *path);

#endif
