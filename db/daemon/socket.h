/*
 * A daemon's socket: its place in the file system.
 */
#ifndef DB_DAEMON_SOCKET_H
#define DB_DAEMON_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SOCKET_ERROR_MAX 256

/* The path in "local:/path" or "unix:/path", else null. */
const char *socket_path(const char *spec);

/*
 * Makes way for binding: a socket that nobody answers on is removed. False, with one line in error
 * (SOCKET_ERROR_MAX octets), if anybody may write to the directory, if something else stands there, if it belongs to neither owner, root
 * nor us, or if somebody answers.
 */
bool socket_make_way(const char *path, uid_t owner, char *error);

/* Gives the socket, bound by us just now, to its owner and to the group of its directory. */
bool socket_hand_over(const char *path, uid_t owner, char *error);

#endif
