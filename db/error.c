#include "db/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line without control characters: SQLite quotes what stands in a file that is damaged. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			*text = ' ';
		else if ((*text >= 0 && *text < ' ') || *text == 0x7f)
			*text = '?';
}

enum registry_status fail(struct registry_error *error, enum registry_status status,
                          const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	make_plain(error->text);
	error->status = status;
	return status;
}

enum registry_status fail_errno(struct registry_error *error, const char *path, int errnum)
{
	const char *why = strerror(errnum); /* glibc's and musl's are thread-safe */

	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return fail(error, REGISTRY_MISSING,
		            "%s: there is no registry: make it with `postreeve init'", path);
	case EACCES:
	case EPERM:
		return fail(error, REGISTRY_DENIED,
		            "%s: %s: see who owns it, its -wal, its -shm and their directory", path,
		            why);
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return fail(error, REGISTRY_NO_MEMORY, "%s: %s: raise the limit", path, why);
	default:
		return fail(error, REGISTRY_IO, "%s: %s: see to the disk", path, why);
	}
}
