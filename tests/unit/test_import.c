/* Reading imports: which rows come of a file, from which lines, and where reading ends. */
#include "db/cli/import.h"

#include "tests/unit/table.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define HEADER "account,pattern,expires,note\n"

/* A row as the tables below have it: "LINE:account|pattern|expires|note;" */
static char rows_seen[4096];

static int see(const struct import_row *row, void *arg)
{
	size_t used = strlen(rows_seen);

	(void)arg;
	snprintf(rows_seen + used, sizeof rows_seen - used, "%llu:%s|%s|%s|%s;",
	         (unsigned long long)row->line, row->account, row->pattern, row->expires,
	         row->note);
	return strcmp(row->account, "stop") == 0 ? EX_TEMPFAIL : EX_OK;
}

/* Reads these octets; gives the code, and the line complained of, 0 if there was no complaint. */
static int read_octets(const char *octets, size_t len, unsigned long *line)
{
	FILE *complaint = tmpfile(), *file = tmpfile();
	struct import import = {.file = file, .name = "f", .line = 1};
	int saved = dup(STDERR_FILENO), code;
	char text[2048] = "";
	char *at;

	assert_non_null(complaint);
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, len, file), len);
	rewind(file);
	rows_seen[0] = '\0';
	fflush(stderr);
	dup2(fileno(complaint), STDERR_FILENO);
	code = import_read(&import, true, see, NULL);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(complaint);
	text[fread(text, 1, sizeof text - 1, complaint)] = '\0';
	fclose(complaint);
	fclose(file);
	at = strstr(text, "f:");
	*line = at ? strtoul(at + 2, NULL, 10) : 0;
	return code;
}

struct row {
	const char *octets;
	const char *rows;
	int code;
	unsigned long line;
};

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned long line;
		int code = read_octets(rows[i].octets, strlen(rows[i].octets), &line);

		assert_row(code == rows[i].code, rows[i].octets);
		assert_row(line == rows[i].line, rows[i].octets);
		assert_row(strcmp(rows_seen, rows[i].rows) == 0, rows[i].octets);
	}
}

static void csv(void **state)
{
	static const struct row rows[] = {
	    {HEADER, "", EX_OK, 0},
	    {"account,pattern,expires,note", "", EX_OK, 0},
	    {HEADER "a,b,c,d\n", "2:a|b|c|d;", EX_OK, 0},
	    {HEADER "a,b,c,d", "2:a|b|c|d;", EX_OK, 0},
	    {HEADER "a,b,,", "2:a|b||;", EX_OK, 0},
	    {HEADER "a,b,,\"\"\n", "2:a|b||;", EX_OK, 0},
	    {HEADER "a,b,c,d\ne,f,,\n", "2:a|b|c|d;3:e|f||;", EX_OK, 0},
	    {"account,pattern,expires,note\r\na,b,c,d\r\ne,f,,\r\n", "2:a|b|c|d;3:e|f||;", EX_OK,
	     0},
	    {"\"account\",\"pattern\",\"expires\",\"note\"\r\n\"a\",\"b\",\"c\",\"d\"\r\n",
	     "2:a|b|c|d;", EX_OK, 0},
	    {"\xef\xbb\xbf" HEADER "a,b,c,d\n", "2:a|b|c|d;", EX_OK, 0},
	    /* empty lines */
	    {"\n\r\n" HEADER "\n\r\n\na,b,c,d\n\n\n", "7:a|b|c|d;", EX_OK, 0},
	    /* quotes, commas and line ends in fields; a row is where it begins */
	    {HEADER "a,b,,\"x, y\"\n", "2:a|b||x, y;", EX_OK, 0},
	    {HEADER "a,b,,\"say \"\"x\"\"\"\n", "2:a|b||say \"x\";", EX_OK, 0},
	    {HEADER "a,\"\"\"j o\"\"@d\",,\n", "2:a|\"j o\"@d||;", EX_OK, 0},
	    {HEADER "a,b,,\"x\ny\n\nz\"\ne,f,,\n", "2:a|b||x\ny\n\nz;6:e|f||;", EX_OK, 0},
	    {HEADER "a,b,,\"x\r\ny\"\r\ne,f,,\r\n", "2:a|b||x\r\ny;4:e|f||;", EX_OK, 0},
	    /* no blank is stripped, and no other octet is special */
	    {HEADER " a , b,\t, d \n", "2: a | b|\t| d ;", EX_OK, 0},
	    {HEADER "=a,+b,@c,-d;'e\n", "2:=a|+b|@c|-d;'e;", EX_OK, 0},
	    {HEADER "a\rb,c,d,e\n", "2:a\rb|c|d|e;", EX_OK, 0},
	    /* the header */
	    {"", "", EX_DATAERR, 1},
	    {"\n\n", "", EX_DATAERR, 1},
	    {"\xef\xbb\xbf", "", EX_DATAERR, 1},
	    {"\xef\xbb" HEADER, "", EX_DATAERR, 1},
	    {"a,b,c,d\n", "", EX_DATAERR, 1},
	    {"\n\na,b,c,d\n", "", EX_DATAERR, 3},
	    {"account,pattern\na,b\n", "", EX_DATAERR, 1},
	    {"pattern,account,expires,note\na,b,c,d\n", "", EX_DATAERR, 1},
	    {"account,pattern,expires,note,x\na,b,c,d\n", "", EX_DATAERR, 1},
	    {"Account,Pattern,Expires,Note\na,b,c,d\n", "", EX_DATAERR, 1},
	    {"account;pattern;expires;note\na;b;c;d\n", "", EX_DATAERR, 1},
	    /* rows that are none; those before them were seen */
	    {HEADER "a,b,c,d\ne,f,g\nh,i,j,k\n", "2:a|b|c|d;", EX_DATAERR, 3},
	    {HEADER "a,b,c,d,e\n", "", EX_DATAERR, 2},
	    {HEADER "a\n", "", EX_DATAERR, 2},
	    {HEADER " \n", "", EX_DATAERR, 2},
	    {HEADER ",,,,,,,,,,,,,,,\n", "", EX_DATAERR, 2},
	    {HEADER "a,b,\"c\nd\",e,f\n", "", EX_DATAERR, 2},
	    {HEADER "a,b,c,d\"e\n", "", EX_DATAERR, 2},
	    {HEADER "a,b,c,\"d\"e\n", "", EX_DATAERR, 2},
	    {HEADER "a,b,c,\"d\" \n", "", EX_DATAERR, 2},
	    {HEADER "\n\na,b,c,\"d\n\n\n", "", EX_DATAERR, 4},
	    {HEADER "a,b,c,\"", "", EX_DATAERR, 2},
	    /* who takes the rows may end it */
	    {HEADER "stop,b,c,d\ne,f,g,h\n", "2:stop|b|c|d;", EX_TEMPFAIL, 0},
	};

	(void)state;
	run(rows, ROWS(rows));
}

static void json(void **state)
{
	static const struct row rows[] = {
	    {"[]", "", EX_OK, 0},
	    {" \r\n\t[ \n ] \n", "", EX_OK, 0},
	    {"\xef\xbb\xbf[]", "", EX_OK, 0},
	    {"[{\"account\": \"a\", \"pattern\": \"b\", \"expires\": \"c\", \"note\": \"d\"}]",
	     "1:a|b|c|d;", EX_OK, 0},
	    {"[\n{\"account\":\"a\",\"pattern\":\"b\"},\n"
	     "{\"note\":null,\n\"expires\":null,\"pattern\":\"f\",\"account\":\"e\"}\n]\n",
	     "2:a|b||;3:e|f||;", EX_OK, 0},
	    {"[{\"account\":\"a}]\",\"pattern\":\"\\u00e9\\\"\"}]", "1:a}]|\xc3\xa9\"||;", EX_OK,
	     0},
	    /* what is no such array */
	    {"[", "", EX_DATAERR, 1},
	    {"[\n\n", "", EX_DATAERR, 3},
	    {"[,]", "", EX_DATAERR, 1},
	    {"[1]", "", EX_DATAERR, 1},
	    {"[[]]", "", EX_DATAERR, 1},
	    {"[{}]", "", EX_DATAERR, 1},
	    {"{}", "", EX_DATAERR, 1},
	    {"[]\n]", "", EX_DATAERR, 2},
	    {"[{\"account\":\"a\",\"pattern\":\"b\"}", "1:a|b||;", EX_DATAERR, 1},
	    {"[{\"account\":\"a\",\"pattern\":\"b\"},\n]", "1:a|b||;", EX_DATAERR, 2},
	    {"[{\"account\":\"a\",\"pattern\":\"b\"}\n{}]", "1:a|b||;", EX_DATAERR, 2},
	    {"[{\"account\":\"a\",\"pattern\":\"b\"},\n\n{\"account\":\n\"b\"\n", "1:a|b||;",
	     EX_DATAERR, 3},
	    {"[\n{\"account\":\"a\",\n\"account\":\"a\",\"pattern\":\"b\"}]", "", EX_DATAERR, 2},
	    {"[\n{\"account\":\"a\",\n\"pattern\":\"b\",\"x\":1}]", "", EX_DATAERR, 2},
	    {"[{\"account\":\"a\"}]", "", EX_DATAERR, 1},
	    {"[{\"pattern\":\"a\"}]", "", EX_DATAERR, 1},
	    {"[{\"account\":null,\"pattern\":\"b\"}]", "", EX_DATAERR, 1},
	    {"[{\"account\":1,\"pattern\":\"b\"}]", "", EX_DATAERR, 1},
	    {"[{\"account\":\"a\",\"pattern\":[\"b\"]}]", "", EX_DATAERR, 1},
	    {"[{\"account\":\"a\",\"pattern\":\"b\",\"expires\":1801353600}]", "", EX_DATAERR, 1},
	    {"[{\"account\":\"a\\u0000\",\"pattern\":\"b\"}]", "", EX_DATAERR, 1},
	    {"[{\"account\":\"\xff\",\"pattern\":\"b\"}]", "", EX_DATAERR, 1},
	    {"[{'account':'a'}]", "", EX_DATAERR, 1},
	    {"[{\"account\":\"stop\",\"pattern\":\"b\"},x", "1:stop|b||;", EX_TEMPFAIL, 0},
	};

	(void)state;
	run(rows, ROWS(rows));
}

/* What no table holds. */
static void octets(void **state)
{
	static const char nul[] = HEADER "a,b,c,d\ne,f\0,g,h\n";
	static const char *const before[] = {HEADER "a,b,c,", HEADER "a,b,c,\"",
	                                     "[\n{\"account\":\"", "[\n{"};
	unsigned long line;

	(void)state;
	assert_int_equal(read_octets(nul, sizeof nul - 1, &line), EX_DATAERR);
	assert_int_equal(line, 3);
	/* A row without end: in one line, and in many. */
	for (size_t i = 0; i < ROWS(before) * 2; i++) {
		size_t len = strlen(before[i / 2]), size = len + IMPORT_ROW_MAX + 100;
		char *text = malloc(size);

		assert_non_null(text);
		memset(text, i % 2 ? 'x' : ' ', size);
		memcpy(text, before[i / 2], len);
		if (i / 2 % 2)
			for (size_t at = len; at < size; at += 50)
				text[at] = '\n';
		assert_int_equal(read_octets(text, size, &line), EX_DATAERR);
		assert_int_equal(line, 2);
		free(text);
	}
}

/* The longest row is read. */
static void bound(void **state)
{
	char *text = malloc(sizeof HEADER + IMPORT_ROW_MAX + 1);
	size_t len = strlen(HEADER);
	unsigned long line;

	(void)state;
	assert_non_null(text);
	memcpy(text, HEADER, len);
	memset(text + len, 'x', IMPORT_ROW_MAX);
	memcpy(text + len, "stop,,,", 7);
	text[len + IMPORT_ROW_MAX - 1] = '\n';
	assert_int_equal(read_octets(text, len + IMPORT_ROW_MAX, &line), EX_TEMPFAIL);
	text[len + IMPORT_ROW_MAX - 1] = 'x';
	text[len + IMPORT_ROW_MAX] = '\n';
	assert_int_equal(read_octets(text, len + IMPORT_ROW_MAX + 1, &line), EX_DATAERR);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csv),
	    cmocka_unit_test(json),
	    cmocka_unit_test(octets),
	    cmocka_unit_test(bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
