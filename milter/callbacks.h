/*
 * The wire: what libmilter calls, handed on to a session. Besides callbacks.c only main.c, which
 * binds libmilter's socket, and worker.c, which lets it run, include libmilter's header.
 */
#ifndef MILTER_CALLBACKS_H
#define MILTER_CALLBACKS_H

#include "milter/session.h"

#include <stdbool.h>

/*
 * Makes the callbacks known to libmilter. over_tcp says that the MTA reaches us through TCP. False
 * if it refused.
 */
bool callbacks_register(bool over_tcp);

/*
 * What they serve, said before smfi_main(). Borrowed for good: libmilter's threads are not joined
 * when it stops.
 */
void callbacks_serve(struct service *service);

#endif
