/*
 * How db's library says what went wrong. Internal to it.
 */
#ifndef DB_ERROR_H
#define DB_ERROR_H

#include "db/registry.h"

/* Fills in *error and gives the status back. What does not fit is cut off. */
enum registry_status fail(struct registry_error *error, enum registry_status status,
                          const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a system call on path that left this errno value. */
enum registry_status fail_errno(struct registry_error *error, const char *path, int errnum);

#endif
