#include "db/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS   100
#define BAR        40 /* columns */
#define CALLS_MOST 64 /* between two looks at the clock */

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, bool wanted, int fd)
{
	struct stat st;

	memset(progress, 0, sizeof *progress);
	progress->shown = wanted && isatty(STDERR_FILENO);
	if (!progress->shown)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		progress->size = (uint64_t)st.st_size;
	progress->last = milliseconds(); /* what is soon done shows nothing */
}

void progress_at(struct progress *progress, uint64_t octets, uint64_t rows)
{
	char bar[BAR + 1];
	int64_t now;
	size_t full;

	if (!progress->shown || ++progress->calls < CALLS_MOST)
		return;
	progress->calls = 0;
	now = milliseconds();
	if (now - progress->last < EVERY_MS)
		return;
	progress->last = now;
	if (progress->size == 0) {
		fprintf(stderr, "\r%llu rows", (unsigned long long)rows);
	} else {
		if (octets > progress->size)
			octets = progress->size; /* it grew since */
		full = (size_t)(octets * BAR / progress->size);
		memset(bar, ' ', BAR);
		memset(bar, '=', full);
		bar[BAR] = '\0';
		fprintf(stderr, "\r[%s] %3u%%, %llu rows", bar,
		        (unsigned)(octets * 100 / progress->size), (unsigned long long)rows);
	}
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
