/*
 * A line of the audit trail: fields in their order, written as text or as JSON.
 *
 *   4Xy1z2: reject rule=max_recipients stage=rcpt account=alice ... value=101 limit=100
 *   {"queue_id": "4Xy1z2", "verdict": "reject", "rule": "max_recipients", ... "value": 101, ...}
 *
 * Both are printable ASCII, whatever the values hold. As text, a value that is not one plain word
 * stands in quotes, with its other octets as \xHH, and so its spaces, except in texts of our own:
 * no value can look like another field. In JSON, characters outside of ASCII are escaped as JSON
 * has it; octets that are no UTF-8 are shown as \xHH, since JSON has nothing for them. A value that
 * is too long is cut and ends in "...". A field that does not fit in a line is left out.
 */
#ifndef DB_DAEMON_LINE_H
#define DB_DAEMON_LINE_H

#include "db/daemon/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets of a value as it is logged. Larger ones are cut. */
#define AUDIT_FIELD_MAX 256

enum audit_format {
	AUDIT_TEXT,
	AUDIT_JSON,
};

#define LINE_FIELDS_MAX 24
struct line {
	const char *queue_id, *verdict;
	size_t count;
	struct field {
		const char *key;
		const char *value; /* null for a number */
		uint64_t number;
		bool spaces; /* may stand in the value as they are */
	} fields[LINE_FIELDS_MAX];
};

/* Strings are borrowed until the line is written. queue_id is null where there is no message. */
void line_begin(struct line *line, const char *queue_id, const char *verdict);
void line_word(struct line *line, const char *key, const char *value);
void line_text(struct line *line, const char *key, const char *value); /* one of our own */
void line_number(struct line *line, const char *key, uint64_t value);

/* One value as it stands in a line of text. */
#define LINE_VALUE_MAX (AUDIT_FIELD_MAX + 32) /* octets, '\0' and all */
void line_value(char out[LINE_VALUE_MAX], const char *value);

void line_write(const struct line *line, enum audit_format format, char out[LOG_LINE_MAX]);

#endif
