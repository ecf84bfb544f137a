/*
 * The wire: what libmilter calls, handed on to a session. With callbacks.c the only place that
 * includes libmilter's header, but for main.c, which starts and stops it.
 */
#ifndef MILTER_CALLBACKS_H
#define MILTER_CALLBACKS_H

#include "milter/session.h"

#include <stdbool.h>

/*
 * Makes the callbacks known to libmilter. service is borrowed for good: libmilter's threads are not
 * joined when it stops. over_tcp says that the MTA reaches us through TCP. False if it refused.
 */
bool callbacks_register(const struct service *service, bool over_tcp);

#endif
