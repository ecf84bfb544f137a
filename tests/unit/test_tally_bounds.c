/*
 * Messages that reach a bound of the tally, and one beyond: ATTACHMENTS 3 and 10, mime_form.
 */
#include "tests/unit/tally_case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	FILE *stream;
	char *at;
	size_t len;
};

static FILE *text_begin(struct text *text)
{
	*text = (struct text){0};
	text->stream = open_memstream(&text->at, &text->len);
	assert_non_null(text->stream);
	return text->stream;
}

static void check(const char *name, struct text *text, const char *expected_faults,
                  uint64_t largest, const char *part, enum reason why, enum reason opaque)
{
	struct tally_case row = {.name = name,
	                         .faults = expected_faults,
	                         .largest = largest,
	                         .part = part,
	                         .why = why,
	                         .opaque = opaque};

	assert_int_equal(fclose(text->stream), 0);
	row.octets = text->at;
	row.len = text->len;
	tally_check(&row, 1);
	free(text->at);
}

static void repeat(FILE *f, const char *what, size_t times)
{
	while (times-- > 0)
		fputs(what, f);
}

/* ---- depth -------------------------------------------------------------- */

static void nested(FILE *f, unsigned depth)
{
	fputs(HEAD, f);
	for (unsigned i = 0; i < depth; i++)
		fprintf(f, "Content-Type: multipart/mixed; boundary=b%u.\r\n\r\n--b%u.\r\n", i, i);
	fputs(PNG BASE64 "\r\nQUJDRA==\r\n", f);
}

static void a_hundred_levels_are_opened(void **state)
{
	char part[256] = "1";
	struct text text;

	(void)state;
	nested(text_begin(&text), 100);
	repeat(text.stream, "x", 5);
	for (int i = 1; i < 100; i++)
		strcat(part, ".1");
	strcpy(part + PART_NUMBER_MAX - 4, "...");
	/* what is behind the padding makes it malformed */
	check("100 levels", &text, "", LEN("QUJDRA==\r\nxxxxx"), part, REASON_type, REASON_NONE);
}

static void the_level_beyond_is_opaque(void **state)
{
	static const char last[] = "--b100.\r\n" PNG BASE64 "\r\nQUJDRA==\r\n";
	char part[256] = "1";
	struct text text;

	(void)state;
	nested(text_begin(&text), 101);
	for (int i = 1; i < 100; i++)
		strcat(part, ".1");
	strcpy(part + PART_NUMBER_MAX - 4, "...");
	check("101 levels", &text, "too_deep ", LEN(last), part, REASON_opaque, REASON_depth);
}

static void levels_that_were_closed_do_not_count(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	fputs(MIXED, f);
	for (int i = 0; i < 300; i++)
		fprintf(f,
		        "--bound\r\nContent-Type: multipart/mixed; boundary=b%d.\r\n\r\n"
		        "--b%d.\r\n" PNG "\r\n%d\r\n--b%d.--\r\n",
		        i, i, 100 + i, i);
	fputs("--bound--\r\n", f);
	check("300 multiparts", &text, "", 3, "1.1", REASON_type, REASON_NONE);
}

/* ---- parts -------------------------------------------------------------- */

/* The message itself is a part, too. */
static void with_parts(FILE *f, unsigned parts)
{
	fputs(MIXED, f);
	for (unsigned i = 1; i < parts; i++)
		fprintf(f, "--bound\r\n" PNG "\r\n%u\r\n", i);
	fputs("--bound--\r\n", f);
}

static void ten_thousand_parts_pass(void **state)
{
	struct text text;

	(void)state;
	with_parts(text_begin(&text), 10000);
	check("10,000 parts", &text, "", 4, "1000", REASON_type, REASON_NONE);
}

static void a_part_more_is_a_fault_and_counted(void **state)
{
	struct text text;

	(void)state;
	with_parts(text_begin(&text), 10001);
	check("10,001 parts", &text, "too_many_parts ", 5, "10000", REASON_type, REASON_NONE);
}

/* ---- headers ------------------------------------------------------------ */

/* A part whose header has so many octets, its empty line not counted. */
static void with_header(FILE *f, size_t octets)
{
	fputs(MIXED "--bound\r\n" PNG BASE64, f);
	octets -= LEN(PNG BASE64);
	for (; octets >= 1000; octets -= 100)
		fprintf(f, "X: %095d\r\n", 0);
	fprintf(f, "X: %0*d\r\n", (int)octets - 5, 0);
	fputs("\r\nQUJD" END, f);
}

static void a_header_of_64_kib_is_read(void **state)
{
	struct text text;

	(void)state;
	with_header(text_begin(&text), HEADER_MAX - LEN("\r\n"));
	check("64 KiB", &text, "", 3, "1", REASON_type, REASON_NONE);
}

static void an_octet_more_makes_opaque(void **state)
{
	struct text text;

	(void)state;
	with_header(text_begin(&text), HEADER_MAX + 1 - LEN("\r\n"));
	check("64 KiB and an octet", &text, "", HEADER_MAX + 1 + LEN("QUJD" END), "1",
	      REASON_opaque, REASON_header_size);
}

static void a_megabyte_of_parameters_is_opaque(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	fputs(MIXED "--bound\r\nContent-Type: multipart/mixed; boundary=b", f);
	for (int i = 0; i < 100000; i++)
		fprintf(f, ";\r\n a%05d=b", i);
	fputs("\r\n\r\n--b\r\n" PNG "\r\n1\r\n--b--" END, f);
	check("a part's", &text, "multipart_unopened ",
	      LEN("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" PNG
	          "\r\n1\r\n--b--" END) +
	          100000 * LEN(";\r\n a00000=b"),
	      "1", REASON_opaque, REASON_header_size);

	f = text_begin(&text);
	fputs(HEAD "Content-Type: multipart/mixed; boundary=b", f);
	for (int i = 0; i < 100000; i++)
		fprintf(f, ";\r\n a%05d=b", i);
	fputs("\r\n\r\n--b\r\n" PNG "\r\n1\r\n--b--", f);
	check("the message's", &text, "multipart_unopened ",
	      LEN(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" PNG
	               "\r\n1\r\n--b--") +
	          100000 * LEN(";\r\n a00000=b"),
	      "1", REASON_opaque, REASON_header_size);
}

static void a_long_message_header_is_no_fault(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	for (int i = 0; i < 5000; i++)
		fprintf(f, "Received: from host%d.example.com by mx.example.com\r\n", i);
	fputs(MIXED "--bound\r\n\r\n1" NEXT PNG "\r\n12" END, f);
	check("5,000 Received", &text, "", 2, "2", REASON_type, REASON_NONE);
}

/* ---- lines -------------------------------------------------------------- */

/* MTAs break a line that is longer: to whom they send it, it is another. */
static void a_delimiter_is_a_line_of_998_octets_at_most(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	fputs(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound", f);
	repeat(f, " ", LINE_LIMIT - LEN("--bound"));
	fputs("\r\n" PNG "\r\n3" END, f);
	check("998 octets", &text, "", 2, "1", REASON_type, REASON_NONE);

	f = text_begin(&text);
	fputs(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound", f);
	repeat(f, " ", LINE_LIMIT - LEN("--bound") + 1);
	fputs("\r\n3" END, f);
	check("an octet more", &text, "near_delimiter ",
	      LEN("12\r\n") + LINE_LIMIT + 1 + LEN("\r\n3" END), "1", REASON_opaque,
	      REASON_near_delimiter);

	f = text_begin(&text);
	fputs(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound", f);
	repeat(f, " \t", 100000);
	fputs("x\r\n3" END, f);
	check("200,000 spaces and a letter", &text, "near_delimiter ",
	      LEN("12\r\n--bound") + 200000 + LEN("x\r\n3" END), "1", REASON_opaque,
	      REASON_near_delimiter);
}

static void a_content_field_with_a_longer_line_is_unclean(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	fputs(MIXED "--bound\r\nContent-Type: image/png; a=", f);
	repeat(f, "x", LINE_LIMIT - LEN("Content-Type: image/png; a="));
	fputs("\r\n" BASE64 "\r\nQUJD" END, f);
	check("998 octets", &text, "", 3, "1", REASON_type, REASON_NONE);

	f = text_begin(&text);
	fputs(MIXED "--bound\r\nContent-Type: image/png; a=", f);
	repeat(f, "x", LINE_LIMIT - LEN("Content-Type: image/png; a=") + 1);
	fputs("\r\n" BASE64 "\r\nQUJD" END, f);
	check("an octet more", &text, "", LINE_LIMIT + 1 + LEN("\r\n" BASE64 "\r\nQUJD" END), "1",
	      REASON_opaque, REASON_long_line);
}

static void long_lines_are_content(void **state)
{
	struct text text;
	FILE *f = text_begin(&text);

	(void)state;
	fputs(MIXED "--bound\r\n" PNG "\r\n", f);
	repeat(f, "--boun", 50000);
	repeat(f, "\r", 1000);
	repeat(f, "-", 1000);
	fputs(END, f);
	check("300,000 octets", &text, "", 302000, "1", REASON_type, REASON_NONE);
}

/* Delimiters at every place of blocks and chunks, with lines before them that begin like one. */
static void delimiters_are_found_wherever_they_lie(void **state)
{
	(void)state;
	for (size_t before = 0; before < 200; before++) {
		struct text text;
		FILE *f = text_begin(&text);
		char name[32];

		snprintf(name, sizeof name, "after %zu octets", before);
		fputs(MIXED "--bound\r\n" PNG "\r\n", f);
		repeat(f, "a", before);
		fputs("\r\n-\r\n--\r\n--b\r\n\r\r\n", f);
		fputs("--bound\r\n" PNG "\r\n1" END, f);
		check(name, &text, "", before + LEN("\r\n-\r\n--\r\n--b\r\n\r"), "1", REASON_type,
		      REASON_NONE);
	}
}

/* ---- sizes -------------------------------------------------------------- */

static void the_default_limit_is_met_to_the_octet(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct text text;
		FILE *f = text_begin(&text);

		fputs(MIXED "--bound\r\n" PNG BASE64 "\r\n", f);
		for (int i = 0; i < 73584; i++) {
			repeat(f, "QUJD", 19);
			fputs("\r\n", f);
		}
		/* 4 MiB is one more than 3 * 1,398,101 */
		repeat(f, "QUJD", 1398101 - 73584 * 19);
		fputs(more == 0 ? "QQ==" : "QUI=", f);
		fputs(END, f);
		check("4 MiB", &text, "", (4 << 20) + more, "1", REASON_type, REASON_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_hundred_levels_are_opened),
	    cmocka_unit_test(the_level_beyond_is_opaque),
	    cmocka_unit_test(levels_that_were_closed_do_not_count),
	    cmocka_unit_test(ten_thousand_parts_pass),
	    cmocka_unit_test(a_part_more_is_a_fault_and_counted),
	    cmocka_unit_test(a_header_of_64_kib_is_read),
	    cmocka_unit_test(an_octet_more_makes_opaque),
	    cmocka_unit_test(a_megabyte_of_parameters_is_opaque),
	    cmocka_unit_test(a_long_message_header_is_no_fault),
	    cmocka_unit_test(a_delimiter_is_a_line_of_998_octets_at_most),
	    cmocka_unit_test(a_content_field_with_a_longer_line_is_unclean),
	    cmocka_unit_test(long_lines_are_content),
	    cmocka_unit_test(delimiters_are_found_wherever_they_lie),
	    cmocka_unit_test(the_default_limit_is_met_to_the_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
