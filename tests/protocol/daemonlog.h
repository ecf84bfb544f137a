/*
 * The log that a daemon writes to a file, line by line, while it is read.
 */
#ifndef TESTS_PROTOCOL_DAEMONLOG_H
#define TESTS_PROTOCOL_DAEMONLOG_H

#include <stdbool.h>

#define DAEMONLOG_WAIT_MS 5000 /* for a line that is expected */

struct daemonlog;

/* Null with errno set if the file cannot be read. */
struct daemonlog *daemonlog_open(const char *path);
void daemonlog_close(struct daemonlog *log); /* takes null */

/* From here on: lines before do not count any more. */
void daemonlog_mark(struct daemonlog *log);

/* Waits for a line after the mark that has all of the pattern's words (text_has_words). */
bool daemonlog_wait(struct daemonlog *log, const char *pattern);

/* How many lines after the mark have all words of the pattern and none like `except'. */
unsigned daemonlog_count(struct daemonlog *log, const char *pattern, const char *except);

/* Prints the lines since the mark, each after the prefix. */
void daemonlog_print(struct daemonlog *log, const char *prefix);

#endif
