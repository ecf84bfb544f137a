/* Threads of our own, beside those that a library may have. */
#ifndef DB_DAEMON_THREAD_H
#define DB_DAEMON_THREAD_H

#include <stdbool.h>

/*
 * From here on threads of all libraries have THREAD_STACK octets of stack. The C library keeps the
 * stacks of threads that ended for new ones, up to 40 MiB in all: of 8 MiB each, that is five, and
 * libmilter ends and starts threads all the time. (The thread sanitizer needs as much.)
 */
#define THREAD_STACK (1024 * 1024)
void threads_keep_small(void);

/*
 * Starts a thread that nobody waits for. It takes no signals: they are for whoever waits for them
 * in a thread of the program's own. False if that failed.
 */
bool thread_start(void *(*run)(void *), void *arg);

#endif
