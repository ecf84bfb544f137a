/* Threads of our own, beside those of libmilter. */
#ifndef MILTER_THREAD_H
#define MILTER_THREAD_H

#include <stdbool.h>

/*
 * Starts a thread that nobody waits for. It takes no signals: they are for whoever waits for them
 * in smfi_main(). False if that failed.
 */
bool thread_start(void *(*run)(void *), void *arg);

#endif
