/* CSV as RFC 4180 has it, with line ends of LF or CRLF. */
#include "db/cli/import.h"
#include "db/cli/output.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define HEADER "account,pattern,expires,note"

enum column {
	ACCOUNT,
	PATTERN,
	EXPIRES,
	NOTE,
	COLUMNS
};

struct reader {
	struct import *import;
	int code;
	bool ended; /* the last line was read */

	/* The line. */
	char line[IMPORT_ROW_MAX];
	size_t len;

	/* The row, which may have several. */
	uint64_t begin; /* its first line */
	size_t octets;  /* of its lines so far */
	bool in_quotes; /* the line ends within a field */
	bool headed;    /* the header is over */
	size_t count;   /* of its fields, also of those that are too many */
	char *field[COLUMNS];
	char text[IMPORT_ROW_MAX + COLUMNS]; /* of the fields, each with '\0' */
	size_t used;
};

/* ---- what the parser finds ------------------------------------------------ */

static void take_field(void *text, size_t len, void *arg)
{
	struct reader *reader = arg;

	if (reader->count < COLUMNS) {
		reader->field[reader->count] = reader->text + reader->used;
		memcpy(reader->text + reader->used, text, len);
		reader->used += len;
		reader->text[reader->used++] = '\0';
	}
	reader->count++;
}

static int take_header(struct reader *reader)
{
	static const char *const names[COLUMNS] = {
	    [ACCOUNT] = "account", [PATTERN] = "pattern", [EXPIRES] = "expires", [NOTE] = "note"};
	bool same = reader->count == COLUMNS;

	for (size_t i = 0; i < COLUMNS && same; i++)
		same = strcmp(reader->field[i], names[i]) == 0;
	reader->headed = true;
	return same ? EX_OK
	            : import_complain(reader->import, reader->begin,
	                              "the first line must be " HEADER
	                              ": put it there, and the columns in this order");
}

static void take_row(int octet, void *arg)
{
	struct reader *reader = arg;
	struct import *import = reader->import;

	(void)octet;
	if (reader->code == EX_OK && !reader->headed) {
		reader->code = take_header(reader);
	} else if (reader->code == EX_OK && reader->count != COLUMNS) {
		reader->code =
		    import_complain(import, reader->begin,
		                    "%zu fields where %d are wanted: write " HEADER
		                    ", with quotation marks around a field that has commas",
		                    reader->count, COLUMNS);
	} else if (reader->code == EX_OK) {
		const struct import_row row = {
		    .line = reader->begin,
		    .account = reader->field[ACCOUNT],
		    .pattern = reader->field[PATTERN],
		    .expires = reader->field[EXPIRES],
		    .note = reader->field[NOTE],
		};

		reader->code = import_row(import, &row);
	}
	reader->count = 0;
	reader->used = 0;
}

/* ---- lines ---------------------------------------------------------------- */

/* The parser shall strip no blanks, which are part of a field, and end a row at LF alone. */
static int is_blank(unsigned char octet)
{
	(void)octet;
	return 0;
}

static int is_line_end(unsigned char octet)
{
	return octet == '\n';
}

/*
 * The next line, whose first octet may be there already (or EOF). A quotation mark within quotes is
 * doubled: so their number tells whether the line ends within a field.
 */
static int read_line(struct reader *reader, int first)
{
	struct import *import = reader->import;
	int octet = first != EOF ? first : import_octet(import);

	reader->len = 0;
	for (; octet != EOF; octet = import_octet(import)) {
		if (octet == '\0')
			return import_complain(import, reader->begin,
			                       "an octet NUL: this is no text file");
		if (reader->octets++ == IMPORT_ROW_MAX)
			return import_complain(import, reader->begin,
			                       "over %d octets in one row: is a quotation mark "
			                       "missing?",
			                       IMPORT_ROW_MAX);
		reader->in_quotes ^= octet == '"';
		reader->line[reader->len++] = (char)octet;
		if (octet == '\n')
			break;
	}
	reader->ended = octet == EOF;
	if (!reader->in_quotes && reader->len > 1 &&
	    memcmp(reader->line + reader->len - 2, "\r\n", 2) == 0)
		reader->line[--reader->len - 1] = '\n';
	return EX_OK;
}

static int complain_syntax(const struct reader *reader, struct csv_parser *parser)
{
	if (csv_error(parser) != CSV_EPARSE)
		return complain(EX_OSERR, "out of memory");
	return import_complain(reader->import, reader->begin,
	                       reader->ended && reader->in_quotes
	                           ? "a quotation mark is opened and never closed"
	                           : "a quotation mark within a field: put the field in quotation "
	                             "marks, and double those in it");
}

static int read_lines(struct reader *reader, struct csv_parser *parser, int first)
{
	while (reader->code == EX_OK && !reader->ended) {
		if (!reader->in_quotes) {
			reader->begin = reader->import->line;
			reader->octets = 0;
		}
		reader->code = read_line(reader, first);
		first = EOF;
		if (reader->code == EX_OK && csv_parse(parser, reader->line, reader->len,
		                                       take_field, take_row, reader) != reader->len)
			reader->code = complain_syntax(reader, parser);
	}
	if (reader->code == EX_OK && csv_fini(parser, take_field, take_row, reader) != 0)
		reader->code = complain_syntax(reader, parser);
	if (reader->code == EX_OK && !reader->headed)
		reader->code = import_complain(reader->import, 1,
		                               "there is nothing: the first line must be " HEADER);
	return reader->code;
}

int import_csv(struct import *import, int first)
{
	struct reader *reader = calloc(1, sizeof *reader);
	struct csv_parser parser;
	int code;

	if (!reader || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		free(reader);
		return complain(EX_OSERR, "out of memory");
	}
	csv_set_space_func(&parser, is_blank);
	csv_set_term_func(&parser, is_line_end);
	reader->import = import;
	code = read_lines(reader, &parser, first);
	csv_free(&parser);
	free(reader);
	return code;
}
