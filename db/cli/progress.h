/*
 * How far a long reading is, on standard error, if that is a terminal and somebody looks at it.
 */
#ifndef DB_CLI_PROGRESS_H
#define DB_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;     /* there is somebody to show it to */
	uint64_t size;  /* octets in all; 0 if nobody knows */
	int64_t last;   /* milliseconds: when it was shown last */
	uint64_t calls; /* since the clock was looked at */
};

/* wanted is false where it would only disturb. fd is what is read: a file of known size or not. */
void progress_begin(struct progress *progress, bool wanted, int fd);
/* May be called for each row. */
void progress_at(struct progress *progress, uint64_t octets, uint64_t rows);
/* Takes it off the screen. To be called before anything else is written there. */
void progress_end(struct progress *progress);

#endif
