/*
 * Settings of an MTA that are changed as a whole: the new text takes the old one's place, which is
 * kept.
 */
#ifndef DB_CLI_MTA_AMEND_H
#define DB_CLI_MTA_AMEND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The text of a file, with a '\0' behind it; to be freed. Null, with errno, if it cannot be read, or
 * is longer than AMEND_MAX.
 */
#define AMEND_MAX (4 * 1024 * 1024) /* octets */
char *amend_read(const char *path);
/* Complains, by errno, of a file that an MTA has and that could not be read. Gives the exit code. */
int amend_unread(const char *path);

/*
 * Puts this text into the file, unless it is there already. As it was, it stays beside it, under a
 * name with the time, which is said if it is to be told; owner and mode are the same. One that was
 * not there is made, for everybody to read. Gives the program's exit code, and has complained unless
 * that is EX_OK; then nothing has changed.
 */
int amend_file(const char *path, const char *text, bool tell);

#endif
