/* The audit trail's grammar (milter/audit.h). */
#ifndef TESTS_FUZZ_AUDIT_LINE_H
#define TESTS_FUZZ_AUDIT_LINE_H

#include <stdint.h>

struct audit_line {
	char word[16];             /* "pass", "reject" and so on */
	char account[300];         /* as it is written there */
	uint64_t recipients, size; /* 0 where the line has none */
};

/*
 * Fails unless the line is one of the audit trail: printable, each value one word or one text in
 * quotes, the keys in their order.
 */
void audit_line_read(const char *line, struct audit_line *out);

#endif
