/* The daemon's sockets: bound and handed over while it is still root. */
#ifndef DB_AUTHD_LISTEN_H
#define DB_AUTHD_LISTEN_H

#include <sys/types.h>

#define LISTEN_BACKLOG 512

/*
 * A socket that listens at path, of mode 0660, owned by owner and by the group of its directory.
 * EX_OK, or the exit status after a complaint on standard error.
 */
int listen_at(const char *path, uid_t owner, int *out);

#endif
