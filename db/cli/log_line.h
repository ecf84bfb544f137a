/*
 * Reads back what postreeved(8) writes to the log, as text or as JSON, with or without what syslog
 * puts before it. The log is no friend: whatever a line holds, it is read or it is not.
 */
#ifndef DB_CLI_LOG_LINE_H
#define DB_CLI_LOG_LINE_H

#include <stdbool.h>

#define LOG_WORD_MAX  64  /* octets of a verdict or a rule's name */
#define LOG_VALUE_MAX 300 /* of other values, which the log itself cuts */

struct log_line {
	char verdict[LOG_WORD_MAX + 1];
	char rule[LOG_WORD_MAX + 1];     /* "" where the verdict has none */
	char subject[LOG_WORD_MAX + 1];  /* the rule that could not be judged, or "" */
	char account[LOG_VALUE_MAX + 1]; /* these, with nothing escaped any more */
	char sender[LOG_VALUE_MAX + 1];
	char about[LOG_VALUE_MAX + 1];
	bool inexact; /* one of the values is not what it was: it was cut, or is no UTF-8 */
};

enum log_form {
	LOG_OTHER,   /* not the daemon's, or no verdict */
	LOG_VERDICT, /* *out is filled in */
	LOG_BROKEN,  /* the daemon's, but it cannot be read */
};

/* line without its line end. */
enum log_form log_line_read(const char *line, struct log_line *out);

#endif
