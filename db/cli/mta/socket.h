/*
 * UNIX sockets as an MTA finds them: Postfix's smtpd(8) enters a chroot before it connects, and is
 * neither root nor the daemon's user.
 */
#ifndef DB_CLI_MTA_SOCKET_H
#define DB_CLI_MTA_SOCKET_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Where a service that begins in the queue directory, and stays there if it is chrooted, finds a
 * path. False if that is too long.
 */
bool mta_socket_path(const char *queue, bool chrooted, const char *path, char out[PATH_MAX]);

/*
 * Whether the user can connect to a socket there; if not, what is wrong and what to do. Says
 * nothing of whether somebody listens.
 */
bool mta_socket_reached(const char *path, const char *user, char *why, size_t size);

#endif
