/* Threads of our own, beside those that a library may have. */
#ifndef DB_DAEMON_THREAD_H
#define DB_DAEMON_THREAD_H

#include <stdbool.h>

/*
 * Starts a thread that nobody waits for. It takes no signals: they are for whoever waits for them
 * in a thread of the program's own. False if that failed.
 */
bool thread_start(void *(*run)(void *), void *arg);

#endif
