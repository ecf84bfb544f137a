/*
 * Whom a daemon becomes: a user without rights, for good. What is wrong is said on standard error,
 * while there is still somebody to read it.
 */
#ifndef DB_DAEMON_IDENTITY_H
#define DB_DAEMON_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
	const char *name; /* borrowed */
};

/*
 * EX_OK, or the exit status after a complaint: there is no such user, it is root, or we are neither
 * root nor this user. program and key (of the configuration) are for the complaint.
 */
int identity_find(const char *program, const char *key, const char *user, struct identity *out);

/* Gives up root for good, and makes sure that it is gone. */
bool identity_become(const struct identity *identity);

#endif
