#include "config.h"

#include "db/daemon/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

void threads_keep_small(void)
{
	pthread_attr_t attributes;

	if (pthread_attr_init(&attributes) != 0)
		return;
	/* Where it cannot be had, larger ones do. */
	if (pthread_attr_setstacksize(&attributes, THREAD_STACK) == 0)
		(void)pthread_setattr_default_np(&attributes);
	pthread_attr_destroy(&attributes);
}

bool thread_start(void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 && pthread_detach(thread) == 0;
}
