/*
 * Values as they are typed or imported: what each may be.
 *
 * Each function gives EX_OK; EX_USAGE with what is wrong in problem, one line that says what to do,
 * for the caller to complain of; or EX_OSERR, of which it has complained.
 */
#ifndef DB_CLI_VALUES_H
#define DB_CLI_VALUES_H

#include "policy/address.h"

#include <stdint.h>

#define NOTE_MAX    500 /* octets */
#define PROBLEM_MAX 384 /* octets, the '\0' too */

/* Who can hold a grant: an account or a group. */
int value_holder(const char *name, char problem[PROBLEM_MAX]);
int value_group(const char *name, char problem[PROBLEM_MAX]);

/* A grant's pattern, in canonical text in out. */
int value_pattern(const char *text, char out[MAILBOX_KEY_MAX + 1], char problem[PROBLEM_MAX]);

/* A time after now, which when_parse() reads; "never" and "" are 0. */
int value_expires(const char *text, int64_t now, int64_t *out, char problem[PROBLEM_MAX]);

/* A date, or how long ago, which when_parse_since() reads. */
int value_since(const char *text, int64_t now, int64_t *out, char problem[PROBLEM_MAX]);

int value_note(const char *text, char problem[PROBLEM_MAX]);

#endif
