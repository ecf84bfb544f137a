#include "db/cli/import.h"

#include "db/cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sysexits.h>

#define WHAT_MAX 640 /* octets of what import_complain() says behind the line */

int import_open(struct import *import, const char *file)
{
	*import = (struct import){.name = file, .line = 1};
	if (strcmp(file, "-") == 0) {
		import->name = "standard input";
		import->file = stdin;
		return EX_OK;
	}
	import->file = fopen(file, "rbe");
	if (!import->file)
		return complain_input(file, errno);
	return EX_OK;
}

void import_close(struct import *import)
{
	if (import->file && import->file != stdin)
		fclose(import->file);
	import->file = NULL;
}

static int complain_unread(struct import *import)
{
	char quoted[SHOWN_MAX];

	return complain(EX_IOERR, "%s: it cannot be read to its end: nothing is changed",
	                shown(quoted, import->name));
}

int import_complain(struct import *import, uint64_t line, const char *format, ...)
{
	char what[WHAT_MAX], quoted[SHOWN_MAX];
	va_list args;

	progress_end(&import->progress);
	/* What looked like the end of the file was none. */
	if (ferror(import->file))
		return complain_unread(import);
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return complain(EX_DATAERR, "%s:%llu: %s", shown(quoted, import->name),
	                (unsigned long long)line, what);
}

int import_octet(struct import *import)
{
	int octet = getc_unlocked(import->file);

	if (octet == EOF)
		return EOF;
	import->octets++;
	import->line += octet == '\n';
	return octet;
}

int import_octet_behind_blanks(struct import *import)
{
	int octet;

	do
		octet = import_octet(import);
	while (octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n');
	return octet;
}

int import_row(struct import *import, const struct import_row *row)
{
	int code = import->fn(row, import->arg);

	if (code == EX_OK)
		progress_at(&import->progress, import->octets, ++import->rows);
	return code;
}

/* Windows programs begin a file with one. Gives the octet behind it. */
static int skip_byte_order_mark(struct import *import)
{
	static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
	int octet = import_octet(import);

	if (octet != mark[0])
		return octet;
	for (size_t i = 1; i < sizeof mark; i++)
		if (import_octet(import) != mark[i])
			return mark[0]; /* which begins neither form */
	return import_octet(import);
}

int import_read(struct import *import, bool quiet, import_row_fn *fn, void *arg)
{
	int octet, code;

	import->fn = fn;
	import->arg = arg;
	progress_begin(&import->progress, !quiet, fileno(import->file));
	octet = skip_byte_order_mark(import);
	if (octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n')
		octet = import_octet_behind_blanks(import);
	code = octet == '[' ? import_json(import) : import_csv(import, octet);
	progress_end(&import->progress);
	return code == EX_OK && ferror(import->file) ? complain_unread(import) : code;
}
