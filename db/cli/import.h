/*
 * Reading grants from a file, CSV or JSON, row by row in constant memory. The form is told by the
 * first octet that is no blank: '[' begins JSON.
 *
 * What is complained of names the file and the line where the row begins.
 */
#ifndef DB_CLI_IMPORT_H
#define DB_CLI_IMPORT_H

#include "db/cli/progress.h"

#include <stdint.h>
#include <stdio.h>

#define IMPORT_ROW_MAX 65536 /* octets of a row in the file */

/* As it stands in the file, nothing is checked; "" for what is not said. */
struct import_row {
	uint64_t line; /* where it begins */
	const char *account, *pattern, *expires, *note;
};

/* Gives an exit code; anything but EX_OK ends the reading. */
typedef int import_row_fn(const struct import_row *row, void *arg);

struct import {
	FILE *file;
	const char *name; /* for complaints */
	uint64_t octets;  /* read so far */
	uint64_t line;    /* of the octet that is read next, from 1 */
	uint64_t rows;    /* taken */
	struct progress progress;
	import_row_fn *fn;
	void *arg;
};

/* "-" is standard input. */
int import_open(struct import *import, const char *file);
void import_close(struct import *import);

/* quiet: nobody wants to see how far it is. */
int import_read(struct import *import, bool quiet, import_row_fn *fn, void *arg);

/* "FILE:LINE: what is wrong"; gives EX_DATAERR. */
int import_complain(struct import *import, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- for the two forms alone ---------------------------------------------- */

/* The next octet, or EOF. */
int import_octet(struct import *import);
/* The same, behind spaces, tabs and line ends. */
int import_octet_behind_blanks(struct import *import);

/* Gives a row to who takes them. */
int import_row(struct import *import, const struct import_row *row);

/* first is the first octet that is no blank; it was read already. */
int import_csv(struct import *import, int first);
/* The '[' was read already. */
int import_json(struct import *import);

#endif
