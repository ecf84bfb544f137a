#include "config.h"

#include "tests/protocol/daemonlog.h"
#include "tests/protocol/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEP_MS     10
#define PRINTED_MAX 40 /* lines that daemonlog_print() shows */

struct daemonlog {
	FILE *file;
	long mark;
	char *line;
	size_t room;
};

struct daemonlog *daemonlog_open(const char *path)
{
	struct daemonlog *log = calloc(1, sizeof *log);
	if (log && !(log->file = fopen(path, "r"))) {
		free(log);
		return NULL;
	}
	return log;
}

void daemonlog_close(struct daemonlog *log)
{
	if (!log)
		return;
	fclose(log->file);
	free(log->line);
	free(log);
}

/* The next whole line, without its end; null when there is none yet. */
static const char *next_line(struct daemonlog *log)
{
	ssize_t len = getline(&log->line, &log->room, log->file);
	if (len <= 0 || log->line[len - 1] != '\n')
		return NULL;
	log->line[len - 1] = '\0';
	return log->line;
}

static void rewind_to_mark(struct daemonlog *log)
{
	clearerr(log->file);
	fseek(log->file, log->mark, SEEK_SET);
}

void daemonlog_mark(struct daemonlog *log)
{
	fseek(log->file, 0, SEEK_END);
	log->mark = ftell(log->file);
}

unsigned daemonlog_count(struct daemonlog *log, const char *pattern, const char *except)
{
	unsigned count = 0;
	rewind_to_mark(log);
	for (const char *line; (line = next_line(log)) != NULL;)
		count += text_has_words(line, pattern) && !text_has_words(line, except);
	return count;
}

bool daemonlog_wait(struct daemonlog *log, const char *pattern)
{
	const struct timespec step = {0, STEP_MS * 1000000};
	for (int waited = 0; waited < DAEMONLOG_WAIT_MS; waited += STEP_MS) {
		rewind_to_mark(log);
		for (const char *line; (line = next_line(log)) != NULL;)
			if (text_has_words(line, pattern))
				return true;
		nanosleep(&step, NULL);
	}
	return false;
}

void daemonlog_print(struct daemonlog *log, const char *prefix)
{
	const char *line;
	rewind_to_mark(log);
	for (int i = 0; i < PRINTED_MAX && (line = next_line(log)) != NULL; i++)
		printf("%s%s\n", prefix, line);
}
