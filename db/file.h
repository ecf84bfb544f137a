/*
 * The database file as the file system shows it: whether it is there, whether it is still the same,
 * and who could write to it. Internal to db's library.
 *
 * Nothing here opens the file: closing any descriptor of it would drop every lock that SQLite holds
 * on it for this process (POSIX record locks).
 */
#ifndef DB_FILE_H
#define DB_FILE_H

#include "db/registry.h"

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* Two looks that differ in anything saw two files, or one that was written to. */
struct file_look {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed; /* status change: no program can set it back */
};

/* How the library spells a path; free() it. Null when memory ran out. */
char *file_path(const char *path);

/* The directory of what file_path() gave, in PATH_MAX octets; false if it does not fit. */
bool file_directory(const char *path, char *out);

/* The file must be there and regular; a symbolic link is not. May it be empty? */
enum registry_status file_look(const char *path, bool empty, struct file_look *out,
                               struct registry_error *error);
bool file_unchanged(const struct file_look *a, const struct file_look *b);
bool file_same(const struct file_look *a, const struct file_look *b); /* but maybe written to */

/*
 * REGISTRY_INSECURE if group or others may write to the file, when there is one, or its directory.
 */
enum registry_status file_secure(const char *path, struct registry_error *error);

/* Makes an empty file of mode 0600; one that exists already, of whatever kind, is left alone. */
enum registry_status file_create(const char *path, struct registry_error *error);

#endif
