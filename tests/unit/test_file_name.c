/*
 * The file name of a leaf, as people are to read it. '\n' stands where a field was folded.
 */
#include "policy/media.h"

#include "policy/message.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>

#define L120                                                                                       \
	"012345678901234567890123456789012345678901234567890123456789"                             \
	"012345678901234567890123456789012345678901234567890123456789"

static struct span span_of(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

struct row {
	const char *name;
	const char *disposition, *type; /* null: there is no such field */
	const char *expected;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char out[FILE_NAME_MAX + 1];

		memset(out, 'x', sizeof out);
		file_name(span_of(rows[i].disposition), span_of(rows[i].type), out);
		if (strcmp(out, rows[i].expected) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].name, out,
			         rows[i].expected);
	}
}

static void names_that_mail_programs_write(void **state)
{
	static const struct row rows[] = {
	    {"Outlook", "attachment;\n\tfilename=\"Q3 report.pdf\"",
	     "application/pdf;\n\tname=\"Q3 report.pdf\"", "Q3 report.pdf"},
	    {"Outlook, not ASCII", "attachment;\n\tfilename=\"=?utf-8?B?w5xiZXJzaWNodC5wZGY=?=\"",
	     "application/pdf;\n\tname=\"=?utf-8?B?w5xiZXJzaWNodC5wZGY=?=\"",
	     "\xc3\x9c"
	     "bersicht.pdf"},
	    {"Apple Mail", "attachment;\n\tfilename*=utf-8''%C3%9Cbersicht.pdf",
	     "application/pdf;\n\tx-unix-mode=0644;\n\tname=\"=?utf-8?Q?=C3=9Cbersicht=2Epdf?=\"",
	     "\xc3\x9c"
	     "bersicht.pdf"},
	    {"Thunderbird",
	     "attachment;\n filename*0*=UTF-8''%E6%9D%B1%E4%BA%AC%E3%81%AE%E5%9C%B0%E5%9B%B3;\n"
	     " filename*1*=%2E%70%64%66",
	     "application/pdf; name=\"=?UTF-8?B?5p2x5Lqs?=\"",
	     "\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xae\xe5\x9c\xb0\xe5\x9b\xb3.pdf"},
	    {"Gmail", "attachment; filename=\"=?UTF-8?B?cmFwcG9ydCDDqXTDqS5wZGY=?=\"",
	     "application/pdf; name=\"=?UTF-8?B?cmFwcG9ydCDDqXTDqS5wZGY=?=\"",
	     "rapport \xc3\xa9t\xc3\xa9.pdf"},
	    {"Gmail, two encoded words",
	     "attachment; filename=\"=?UTF-8?Q?rapport_=C3=A9t?=\n =?UTF-8?Q?=C3=A9=2Epdf?=\"",
	     NULL, "rapport \xc3\xa9t\xc3\xa9.pdf"},
	    {"JavaMail", "attachment; \n\tfilename=\"=?ISO-8859-1?Q?=FCber.pdf?=\"", NULL,
	     "\xc3\xbc"
	     "ber.pdf"},
	    {"JavaMail, encoded by RFC 2231", "attachment; \n\tfilename*=ISO-8859-1''%FCber.pdf",
	     NULL,
	     "\xc3\xbc"
	     "ber.pdf"},
	    {"PHPMailer", "attachment; filename==?utf-8?B?w7xiZXIucGRm?=",
	     "application/pdf; name==?utf-8?B?w7xiZXIucGRm?=",
	     "\xc3\xbc"
	     "ber.pdf"},
	    {"PHPMailer, ASCII", "attachment; filename=invoice-2024.pdf",
	     "application/pdf; name=invoice-2024.pdf", "invoice-2024.pdf"},
	    {"Python", "attachment; filename*=utf-8''%C3%BCber%20alles.pdf", NULL,
	     "\xc3\xbc"
	     "ber alles.pdf"},
	    {"Python, folded",
	     "attachment;\n filename*0*=utf-8''%C3%BCber%20alles%20und%20mehr%20als%20das;\n"
	     " filename*1*=%20und%20noch.pdf",
	     NULL,
	     "\xc3\xbc"
	     "ber alles und mehr als das und noch.pdf"},
	    {"Lotus Notes", "attachment; filename=\"Angebot 12.doc\"",
	     "application/msword; name=\"Angebot 12.doc\"", "Angebot 12.doc"},
	    {"mutt", "attachment; filename*=iso-8859-1''r%E9sum%E9%2Etxt", NULL,
	     "r\xc3\xa9sum\xc3\xa9.txt"},
	    {"mutt, ASCII", "attachment; filename=\"a file.txt\"", "text/plain; charset=us-ascii",
	     "a file.txt"},
	    {"only in the type", "attachment", "image/png; name=\"a.png\"", "a.png"},
	    {"no disposition", NULL, "image/png; name=a.png", "a.png"},
	    {"no type", "attachment; filename=a.png", NULL, "a.png"},
	    {"eight bits", "attachment; filename=\"\xc3\xbc.pdf\"", NULL, "\xc3\xbc.pdf"},
	    {"a trailing ';'", "attachment; filename=\"a.png\";", NULL, "a.png"},
	    {"none", "attachment; size=1", "image/png; charset=x", ""},
	    {"neither field", NULL, NULL, ""},
	    {"empty fields", "", "", ""},
	};

	(void)state;
	check(rows, ROWS(rows));
}

static void which_one_counts(void **state)
{
	static const struct row rows[] = {
	    {"the disposition's", "attachment; filename=a", "x/y; name=b", "a"},
	    {"the extended one", "attachment; filename=a; filename*=utf-8''b", NULL, "b"},
	    {"the divided one", "attachment; filename=a; filename*0=b; filename*1=c", NULL, "bc"},
	    {"the extended one of the type", NULL, "x/y; name=a; name*=utf-8''b", "b"},
	    {"the disposition's plain one", "attachment; filename=a", "x/y; name*=utf-8''b", "a"},
	    {"the first", "attachment; filename=a; filename=b", NULL, "a"},
	    {"the next if it is empty", "attachment; filename=\"\"", "x/y; name=b", "b"},
	    {"the next if it is empty once decoded", "attachment; filename*=utf-8''; filename=b",
	     NULL, "b"},
	    {"no other attribute", "attachment; name2=a; xfilename=b; filename2=c",
	     "x/y; filename=d", ""},
	};

	(void)state;
	check(rows, ROWS(rows));
}

static void rfc_2231(void **state)
{
	static const struct row rows[] = {
	    {"any order", "attachment; filename*2=c; filename*0=a; filename*1=b", NULL, "abc"},
	    {"numbers, not text",
	     "attachment; filename*10=k; filename*9=j; filename*8=i; filename*7=h; filename*6=g;"
	     "filename*5=f; filename*4=e; filename*3=d; filename*2=c; filename*1=b; filename*0=a",
	     NULL, "abcdefghijk"},
	    {"one is missing", "attachment; filename*0=a; filename*2=c", NULL, "a"},
	    {"the first is missing", "attachment; filename*1=b; filename=c", NULL, "c"},
	    {"one stands twice", "attachment; filename*0=a; filename*1=b; filename*1=c", NULL,
	     "ab"},
	    {"some are coded", "attachment; filename*0*=utf-8''%61%20; filename*1=\"%62\"", NULL,
	     "a %62"},
	    {"none is coded, so no charset", "attachment; filename*0=\"x'y'\"; filename*1=z", NULL,
	     "x'y'z"},
	    {"a character divided", "attachment; filename*0*=utf-8''%C3; filename*1*=%BC", NULL,
	     "\xc3\xbc"},
	    {"an encoded word divided",
	     "attachment; filename*0=\"=?utf-8?Q?=C3\"; filename*1=\"=BC?=\"", NULL, "\xc3\xbc"},
	    {"a language", "attachment; filename*=utf-8'de'%C3%BC", NULL, "\xc3\xbc"},
	    {"no charset", "attachment; filename*=''%C3%BC", NULL, "\xc3\xbc"},
	    {"no marks", "attachment; filename*=%C3%BC.pdf", NULL, "\xc3\xbc.pdf"},
	    {"one mark", "attachment; filename*=utf-8'a", NULL, "utf-8'a"},
	    {"quoted", "attachment; filename*=\"utf-8''%C3%BC b\"", NULL, "\xc3\xbc b"},
	    {"another charset", "attachment; filename*=koi8-r''%C1b", NULL, "?b"},
	    {"no hexadecimal digits", "attachment; filename*=utf-8''a%4g%%41%4", NULL, "a%4g%A%4"},
	    {"a leading zero", "attachment; filename*00=a; filename*01=b", NULL, "ab"},
	    {"no number", "attachment; filename*x=a; filename*0x=b; filename**=c", NULL, ""},
	    {"number 100", "attachment; filename*100=a; filename*4294967296=b", NULL, ""},
	};

	(void)state;
	check(rows, ROWS(rows));
}

static void what_is_malformed_is_shown_as_it_is(void **state)
{
	static const struct row rows[] = {
	    {"white space", "attachment; filename=my file.pdf; size=1", NULL, "my file.pdf"},
	    {"white space around '='", "attachment; filename = \"my file.pdf\"", NULL,
	     "my file.pdf"},
	    {"text behind the quotes", "attachment; filename=\"a\" b", NULL, "\"a\" b"},
	    {"a comment", "attachment; filename=a(b)", NULL, "a(b)"},
	    {"unterminated quotes", "attachment; filename=\"a.pdf", NULL, "\"a.pdf"},
	    {"no ';' behind the type", "attachment filename=a; filename=b", NULL, "b"},
	    {"no type", "; filename=a", NULL, "a"},
	    {"no value", "attachment; filename", NULL, ""},
	};

	(void)state;
	check(rows, ROWS(rows));
}

static void what_may_be_shown(void **state)
{
	static const struct row rows[] = {
	    {"quoted pairs", "attachment; filename=\"a\\\"b\\\\c\\d\"", NULL, "a\"b\\cd"},
	    {"paths", "attachment; filename=\"..\\\\/etc/C:x\"", NULL, "..\\/etc/C:x"},
	    {"a fold", "attachment; filename=\"a\n b\n\tc\"", NULL, "a b c"},
	    {"line ends", "attachment; filename*=utf-8''a%0D%0Ab%0A%20c", NULL, "a??b? c"},
	    {"NUL", "attachment; filename*=utf-8''a%00b", NULL, "a?b"},
	    {"escape", "attachment; filename=a\033[2Jb", NULL, "a?[2Jb"},
	    {"DEL and C1", "attachment; filename*=utf-8''%7F%C2%80%C2%9F%C2%A0", NULL,
	     "???\xc2\xa0"},
	    {"in an encoded word", "attachment; filename=\"=?utf-8?Q?a=0D=0A=00=1B=7F=C2=85b?=\"",
	     NULL, "a??????b"},
	    {"no UTF-8", "attachment; filename=\"a\xff\xc3z\"", NULL, "a??z"},
	    {"over-long and surrogates", "attachment; filename*=utf-8''%C0%AF%ED%A0%80", NULL,
	     "?????"},
	};

	(void)state;
	check(rows, ROWS(rows));
}

static void too_long_is_cut_at_a_character(void **state)
{
	static const struct row rows[] = {
	    {"longest", "attachment; filename=" L120 "1234567", NULL, L120 "1234567"},
	    {"one more", "attachment; filename=" L120 "12345678", NULL, L120 "1234..."},
	    {"longest of two octets", "attachment; filename=\"" L120 "12345\xc3\xbc\"", NULL,
	     L120 "12345\xc3\xbc"},
	    {"cut behind two octets",
	     "attachment; filename=\"" L120 "12\xc3\xbc"
	     "5678\"",
	     NULL, L120 "12\xc3\xbc..."},
	    {"cut before two octets",
	     "attachment; filename=\"" L120 "123\xc3\xbc"
	     "678\"",
	     NULL, L120 "123..."},
	    {"cut before four octets",
	     "attachment; filename=\"" L120 "1\xf0\x9f\x98\x80"
	     "678\"",
	     NULL, L120 "1..."},
	    {"coded",
	     "attachment; filename*0*=utf-8''" L120 "; filename*1*=%31%32%33%34%35%36%37%38", NULL,
	     L120 "1234..."},
	    {"very long", "attachment; filename=" L120 L120 L120 L120 L120 L120 L120 L120 L120 L120,
	     NULL, L120 "0123..."},
	};

	(void)state;
	check(rows, ROWS(rows));
}

/* 64 KiB of segments: those that count are still put in order. */
static void thousands_of_segments(void **state)
{
	const size_t size = 64 * 1024;
	char *value = malloc(size + 64), out[FILE_NAME_MAX + 1], expected[101];
	size_t len;

	(void)state;
	assert_non_null(value);
	len = (size_t)sprintf(value, "attachment");
	for (unsigned i = 9999; len<size; i -= i> 0)
		len += (size_t)sprintf(value + len, "; filename*%u=%u", i, i % 10);
	file_name(span_of(value), span_of(NULL), out);
	assert_string_equal(out, ""); /* the first of them is far beyond 64 KiB */

	len = (size_t)sprintf(value, "attachment");
	for (unsigned i = 0; len < size; i++)
		len +=
		    (size_t)sprintf(value + len, "; filename*%u=%u", (i + 1) % 3000, (i + 1) % 10);
	file_name(span_of(value), span_of(NULL), out);
	for (unsigned i = 0; i < 100; i++)
		expected[i] = (char)('0' + i % 10);
	expected[100] = '\0';
	assert_string_equal(out, expected);
	free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_mail_programs_write),
	    cmocka_unit_test(which_one_counts),
	    cmocka_unit_test(rfc_2231),
	    cmocka_unit_test(what_is_malformed_is_shown_as_it_is),
	    cmocka_unit_test(what_may_be_shown),
	    cmocka_unit_test(too_long_is_cut_at_a_character),
	    cmocka_unit_test(thousands_of_segments),
	};

	return cmocka_run_group_tests_name("file_name", tests, NULL, NULL);
}
