/*
 * The log: syslog, facility mail, and standard error too while in the foreground.
 *
 * A line is queued and written by a thread of its own, so that a syslog service that is slow, stuck
 * or gone never delays a verdict. When the queue is full, lines are dropped and their number is
 * logged as soon as there is room. (What libmilter itself logs, errors of its protocol, it writes
 * in the thread that met them.)
 *
 * Priorities (syslog.h) by consequence:
 *   LOG_ERR      mail is being refused for a reason that lies with us: somebody has to act
 *   LOG_WARNING  something is not as it should be; mail goes on
 *   LOG_NOTICE   a message was refused, or would have been
 *   LOG_INFO     all is well: a message passed, the daemon started or stopped
 */
#ifndef DB_DAEMON_LOG_H
#define DB_DAEMON_LOG_H

#include <stdbool.h>
#include <syslog.h>

#define LOG_LINE_MAX  2048 /* octets of one line; what is longer is cut */
#define LOG_QUEUE_MAX 1024 /* lines */

/* Opens the log and starts its thread. False if that failed. Not before a fork(). */
bool log_start(const char *ident, bool to_stderr);

/* Waits, for at most a second, until what is queued is written. */
void log_flush(void);

/* Queues a line. Never blocks, never fails. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
