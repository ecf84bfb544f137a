#include "db/daemon/log.h"

#include "db/daemon/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_PAUSE_MS 5

struct line {
	int priority;
	char *text;
};

/* The one log of the process. Everything in it belongs to the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* there is something to write */
	pthread_cond_t idle;   /* all of it is written */
	struct line queue[LOG_QUEUE_MAX];
	size_t first, count;
	uint64_t dropped;
	bool writing;
	bool to_stderr;
	const char *ident;
} the_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};

static void write_line(int priority, const char *text)
{
	syslog(priority, "%s", text);
	if (the_log.to_stderr) {
		char line[LOG_LINE_MAX + 64];
		int n = snprintf(line, sizeof line, "%s[%ld]: %s\n", the_log.ident, (long)getpid(),
		                 text);

		/* One write(2) a line, so that lines of several processes do not mix. */
		while (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0 && errno == EINTR)
			;
	}
}

/* Writes the oldest line, and how many were lost since the last one. Unlocks the log meanwhile. */
static void write_oldest(void)
{
	struct line line = the_log.queue[the_log.first];
	uint64_t dropped = the_log.dropped;

	the_log.first = (the_log.first + 1) % LOG_QUEUE_MAX;
	the_log.count--;
	the_log.dropped = 0;
	pthread_mutex_unlock(&the_log.lock);

	write_line(line.priority, line.text);
	free(line.text);
	if (dropped > 0) {
		char text[96];

		snprintf(text, sizeof text, "%llu log lines were lost: syslog does not keep up",
		         (unsigned long long)dropped);
		write_line(LOG_WARNING, text);
	}
	pthread_mutex_lock(&the_log.lock);
}

/*
 * A pause after each lot makes the next one larger: waking this thread for each line would cost a
 * busy daemon more than the line does.
 */
static void *writer(void *unused)
{
	static const struct timespec pause_time = {.tv_nsec = LOG_PAUSE_MS * 1000000L};

	(void)unused;
	pthread_mutex_lock(&the_log.lock);
	for (;;) {
		while (the_log.count == 0)
			pthread_cond_wait(&the_log.filled, &the_log.lock);
		the_log.writing = true;
		while (the_log.count > 0)
			write_oldest();
		the_log.writing = false;
		pthread_cond_broadcast(&the_log.idle);
		pthread_mutex_unlock(&the_log.lock);
		nanosleep(&pause_time, NULL);
		pthread_mutex_lock(&the_log.lock);
	}
	return NULL;
}

bool log_start(const char *ident, bool to_stderr)
{
	pthread_condattr_t attr;

	the_log.ident = ident;
	the_log.to_stderr = to_stderr;
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
	if (pthread_condattr_init(&attr) != 0)
		return false;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (pthread_cond_init(&the_log.idle, &attr) != 0)
		return false;
	pthread_condattr_destroy(&attr);
	return thread_start(writer, NULL);
}

void log_flush(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&the_log.lock);
	while (the_log.count > 0 || the_log.writing)
		if (pthread_cond_timedwait(&the_log.idle, &the_log.lock, &until) != 0)
			break;
	pthread_mutex_unlock(&the_log.lock);
}

void log_line(int priority, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	struct line line = {.priority = priority};
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	line.text = strdup(text);

	pthread_mutex_lock(&the_log.lock);
	if (line.text && the_log.count < LOG_QUEUE_MAX) {
		the_log.queue[(the_log.first + the_log.count++) % LOG_QUEUE_MAX] = line;
		line.text = NULL;
		pthread_cond_signal(&the_log.filled);
	} else {
		the_log.dropped++;
	}
	pthread_mutex_unlock(&the_log.lock);
	free(line.text);
}
