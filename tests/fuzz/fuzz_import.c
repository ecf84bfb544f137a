/*
 * Any octets as a file of grants, CSV or JSON, read as `postreeve sender import' does. The README
 * says what is held true.
 */
#include "db/cli/import.h"
#include "db/cli/output.h"
#include "db/cli/values.h"
#include "tests/fuzz/check.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#define NOW INT64_C(1800000000)

/* What came of one reading. */
struct reading {
	struct import import;
	uint64_t line; /* of the last row */
	json_t *rows;  /* arrays of four strings; null where one is no UTF-8 */
	FILE *csv;     /* the rows once more, all in quotes */
	bool values;   /* look at what the rows say, too */
};

/* ---- one row ------------------------------------------------------------- */

static void put_quoted(FILE *csv, const char *text, char end)
{
	putc('"', csv);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', csv);
		putc(*text, csv);
	}
	putc('"', csv);
	putc(end, csv);
}

/* A pattern that is taken is stored, shown and typed again: it stays what it is. */
static void check_pattern(const char *text)
{
	char pattern[MAILBOX_KEY_MAX + 1], again[MAILBOX_KEY_MAX + 1], problem[PROBLEM_MAX];

	if (value_pattern(text, pattern, problem) != EX_OK)
		return;
	CHECK(strlen(pattern) <= MAILBOX_KEY_MAX);
	CHECK_NOTE(value_pattern(pattern, again, problem) == EX_OK, pattern);
	CHECK_NOTE(strcmp(pattern, again) == 0, pattern);
}

/* What is refused is so in one line that fits, whatever was typed. */
static int check_values(struct reading *reading, const struct import_row *row)
{
	char pattern[MAILBOX_KEY_MAX + 1], problem[PROBLEM_MAX] = "";
	int64_t expires = 0;
	int code = value_holder(row->account, problem);

	check_pattern(row->pattern);
	if (code == EX_OK)
		code = value_pattern(row->pattern, pattern, problem);
	if (code == EX_OK)
		code = value_expires(row->expires, NOW, &expires, problem);
	if (code == EX_OK)
		code = value_note(row->note, problem);
	if (code == EX_OK) {
		CHECK(expires == 0 || expires > NOW);
		return EX_OK;
	}
	CHECK(code == EX_USAGE && strlen(problem) > 0 && !strchr(problem, '\n'));
	return import_complain(&reading->import, row->line, "%s", problem);
}

static int take_row(const struct import_row *row, void *arg)
{
	const char *texts[] = {row->account, row->pattern, row->expires, row->note};
	struct reading *reading = arg;
	json_t *json = json_array();

	CHECK(row->line >= 1 && row->line >= reading->line && row->line <= reading->import.line);
	reading->line = row->line;
	for (size_t i = 0; i < 4; i++) {
		CHECK(strlen(texts[i]) <= IMPORT_ROW_MAX);
		if (reading->csv)
			put_quoted(reading->csv, texts[i], i < 3 ? ',' : '\n');
		if (json_array_append_new(json, json_stringn_nocheck(texts[i], strlen(texts[i]))))
			abort();
	}
	CHECK(json_array_append_new(reading->rows, json) == 0);
	return reading->values ? check_values(reading, row) : EX_OK;
}

/* ---- one file ------------------------------------------------------------ */

/* Of one line, that can be shown, and of a line that is in the file. */
static void check_complaint(const char *text, uint64_t lines)
{
	static const char begin[] = "postreeve: f:";
	size_t len = strlen(text);

	CHECK_NOTE(strncmp(text, begin, sizeof begin - 1) == 0, text);
	CHECK_NOTE(strchr(text, '\n') == text + len - 1, text);
	for (size_t i = 0; i + 1 < len; i++)
		CHECK_NOTE((unsigned char)text[i] >= ' ' && text[i] != '\x7f', text);
	lines -= strtoull(text + sizeof begin - 1, NULL, 10) - 1;
	CHECK_NOTE((int64_t)lines >= 0, text);
}

/* Gives the code; *rows is the caller's. */
static int read_file(const char *octets, size_t len, bool values, FILE *csv, json_t **rows)
{
	char none[1] = "", *complaint = NULL;
	FILE *file = fmemopen(len > 0 ? (void *)(uintptr_t)octets : none, len, "rb");
	FILE *usual = stderr, *complaints;
	size_t complaint_len = 0;
	struct reading reading = {.rows = json_array(), .csv = csv, .values = values};
	int code;

	CHECK(file && reading.rows);
	reading.import = (struct import){.file = file, .name = "f", .line = 1};
	complaints = open_memstream(&complaint, &complaint_len);
	CHECK(complaints);
	stderr = complaints;
	code = import_read(&reading.import, true, take_row, &reading);
	stderr = usual;
	fclose(complaints);
	CHECK(code == EX_OK || code == EX_DATAERR);
	if (code == EX_OK)
		CHECK_NOTE(complaint_len == 0, complaint);
	else
		check_complaint(complaint, reading.import.line);
	CHECK(reading.import.octets <= len);
	CHECK(code != EX_OK || reading.import.octets == len);
	CHECK(reading.import.rows <= json_array_size(reading.rows));
	free(complaint);
	fclose(file);
	*rows = reading.rows;
	return code;
}

/* Written in quotes, the rows are the same when they are read again. */
static void check_again(const char *csv, size_t len, const json_t *rows)
{
	json_t *again;

	CHECK(read_file(csv, len, false, NULL, &again) == EX_OK);
	CHECK(json_equal(again, rows));
	json_decref(again);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *csv = open_memstream(&text, &len);
	json_t *rows, *checked;
	int code;

	CHECK(csv && fputs("account,pattern,expires,note\n", csv) >= 0);
	code = read_file((const char *)data, size, false, csv, &rows);
	fclose(csv);
	/* A row that fits may not when each of its quotation marks is doubled. */
	if (code == EX_OK && len <= IMPORT_ROW_MAX)
		check_again(text, len, rows);
	if (code == EX_OK)
		read_file((const char *)data, size, true, NULL, &checked);
	if (code == EX_OK)
		json_decref(checked);
	json_decref(rows);
	free(text);
	return 0;
}
