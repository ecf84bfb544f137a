/*
 * Going to the background: the process that was started waits until its child serves, and then ends
 * with the child's word on how it went.
 */
#ifndef DB_DAEMON_BACKGROUND_H
#define DB_DAEMON_BACKGROUND_H

#include <stdbool.h>

/*
 * Returns in the child alone, which is to answer on *ready with background_answer(). False if the
 * system refused.
 */
bool background_enter(int *ready);

/*
 * Tells the waiting process its exit status, once; without one (*ready is -1) does nothing. False if
 * that did not work out.
 */
bool background_answer(int *ready, int status);

/* Lets go of the terminal: the standard descriptors lead to /dev/null from now on. */
void background_detach(void);

#endif
