/*
 * Content-Type, Content-Disposition and Content-Transfer-Encoding: which boundary is usable, where
 * a file name hides, what is malformed. '\n' stands where a field was folded.
 */
#include "policy/media.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>

#define L64  "0123456789012345678901234567890123456789012345678901234567890123"
#define L256 L64 L64 L64 L64

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

static bool span_equals(struct span s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || memcmp(s.at, text, s.len) == 0);
}

struct row {
	const char *name, *value;
	const char *boundary; /* "" if none is usable */
	const char *flags;    /* m: malformed, n: has_name, b: has_boundary */
};

static void check_types(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct content_type type;

		content_type_parse(span_of(row->value), &type);
		assert_row(span_equals(type.boundary, row->boundary), row->name);
		assert_row(type.malformed == !!strchr(row->flags, 'm'), row->name);
		assert_row(type.has_name == !!strchr(row->flags, 'n'), row->name);
		assert_row(type.has_boundary == !!strchr(row->flags, 'b'), row->name);
	}
}

/* What mail programs write. */
static void honest_types(void **state)
{
	static const struct row rows[] = {
	    {"Outlook",
	     "multipart/mixed;\n\tboundary=\"----=_NextPart_000_0012_01D9A1B2.C3D4E5F0\"",
	     "----=_NextPart_000_0012_01D9A1B2.C3D4E5F0", "b"},
	    {"Exchange",
	     "multipart/related;\n\tboundary=\"_004_DB9PR0412abcEURPRD04_\";\n"
	     "\ttype=\"multipart/alternative\"",
	     "_004_DB9PR0412abcEURPRD04_", "b"},
	    {"Exchange, an attachment", "application/pdf; name=\"Q3 report.pdf\"", "", "n"},
	    {"Apple Mail",
	     "multipart/alternative;\n "
	     "boundary=\"Apple-Mail=_0E5A6C3B-1D2F-4A5B-8C7D-9E0F1A2B3C4D\"",
	     "Apple-Mail=_0E5A6C3B-1D2F-4A5B-8C7D-9E0F1A2B3C4D", "b"},
	    {"Apple Mail, an attachment",
	     "image/png;\n\tx-unix-mode=0644;\n\tname=\"screen shot.png\"", "", "n"},
	    {"Thunderbird", "multipart/mixed; boundary=\"------------0HbYt9q2nTfR2x4zNwqkXg6e\"",
	     "------------0HbYt9q2nTfR2x4zNwqkXg6e", "b"},
	    {"Thunderbird, signed",
	     "multipart/signed; micalg=pgp-sha256;\n protocol=\"application/pgp-signature\";\n"
	     " boundary=\"------------7b8xV0p1\"",
	     "------------7b8xV0p1", "b"},
	    {"Thunderbird, text", "text/plain; charset=UTF-8; format=flowed", "", ""},
	    {"Gmail", "multipart/alternative; boundary=\"0000000000008b2d4505f1a2b3c4\"",
	     "0000000000008b2d4505f1a2b3c4", "b"},
	    {"Gmail of old, not quoted", "multipart/mixed; boundary=001a113d6b8cf5a8d204", //
	     "001a113d6b8cf5a8d204", "b"},
	    {"JavaMail", "multipart/mixed; \n\tboundary=\"----=_Part_12_1837543557.1612345678901\"",
	     "----=_Part_12_1837543557.1612345678901", "b"},
	    {"JavaMail, an attachment",
	     "application/octet-stream; \n\tname=\"=?UTF-8?B?w7xiZXIucGRm?=\"", "", "n"},
	    {"PHPMailer", "multipart/mixed;\n boundary=\"b1_3f2a9c0d4e5f60718293a4b5c6d7e8f9\"",
	     "b1_3f2a9c0d4e5f60718293a4b5c6d7e8f9", "b"},
	    {"PHPMailer 6, an attachment", "application/pdf; name=invoice-2024.pdf", "", "n"},
	    {"PHP, not quoted, with '='", "multipart/mixed; boundary==_f5b0c5a9d2e1", //
	     "=_f5b0c5a9d2e1", "b"},
	    {"Python", "multipart/mixed; boundary=\"===============3141592653589793238==\"",
	     "===============3141592653589793238==", "b"},
	    {"Lotus Notes", "multipart/alternative; boundary=\"=_alternative 0045C3A1C12586F2_=\"",
	     "=_alternative 0045C3A1C12586F2_=", "b"},
	    {"Lotus Notes, an attachment", "application/msword; name=\"Angebot.doc\"", "", "n"},
	    {"mutt",
	     "multipart/signed; micalg=pgp-sha512;\n\tprotocol=\"application/pgp-signature\";"
	     " boundary=\"tThc/1wpZn/ma/RB\"",
	     "tThc/1wpZn/ma/RB", "b"},
	    {"mutt, not quoted", "multipart/mixed; boundary=tThc/1wpZn:ma?RB", "tThc/1wpZn:ma?RB",
	     "b"},
	    {"a trailing ';'", "multipart/mixed; boundary=\"x\";", "x", "b"},
	    {"a trailing ';' and white space", "multipart/mixed; boundary=x ; \n ", "x", "b"},
	    {"an empty parameter", "multipart/mixed;; boundary=x", "x", "b"},
	    {"folded before the ';'", "multipart/mixed\n ;\n\tboundary=x", "x", "b"},
	    {"capitals", "MULTIPART/MIXED; BOUNDARY=\"Xx\"", "Xx", "b"},
	    {"a word in the boundary", "multipart/mixed; boundary=\"boundary_1\"", "boundary_1",
	     "b"},
	    {"a delivery report",
	     "multipart/report; report-type=delivery-status;\n"
	     "\tboundary=\"4Xy1z2AbCd.1612345678/mx.example.com\"",
	     "4Xy1z2AbCd.1612345678/mx.example.com", "b"},
	    {"a calendar", "text/calendar; charset=\"utf-8\"; method=REQUEST; name=\"invite.ics\"",
	     "", "n"},
	    {"a quoted name with ';' and quotes",
	     "multipart/mixed; name=\"a; \\\"b\\\".txt\"; boundary=x", "x", "bn"},
	    {"a name in eight bits", "application/pdf; name=\"\xc3\xbc.pdf\"", "", "n"},
	    {"a name in eight bits, not quoted", "application/pdf; name=\xfc.pdf", "", "n"},
	    {"no parameters", "text/plain", "", ""},
	};

	(void)state;
	check_types(rows, ROWS(rows));
}

/* A multipart that is not opened: no two readers agree what its boundary is. */
static void unusable_boundaries(void **state)
{
	static const struct row rows[] = {
	    {"no boundary", "multipart/mixed", "", ""},
	    {"no boundary but an empty parameter", "multipart/mixed;", "", ""},
	    {"no boundary but a name", "multipart/mixed; name=x", "", "n"},
	    {"blank boundary", "multipart/mixed; boundary=\"\"", "", "b"},
	    {"blank boundary, not quoted", "multipart/mixed; boundary=", "", "bm"},
	    {"blank boundary, spaces", "multipart/mixed; boundary=\"  \"", "", "b"},
	    {"no value", "multipart/mixed; boundary", "", "bm"},
	    {"longest boundary", "multipart/mixed; boundary=\"" L256 "\"", L256, "b"},
	    {"over-long boundary", "multipart/mixed; boundary=\"" L256 "x\"", "", "b"},
	    {"duplicated boundary", "multipart/mixed; boundary=x; boundary=y", "", "b"},
	    {"duplicated boundary, the same", "multipart/mixed; boundary=x; boundary=x", "", "b"},
	    {"duplicated boundary, other case", "multipart/mixed; boundary=x; Boundary=y", "", "b"},
	    {"RFC 2231-coded boundary", "multipart/mixed; boundary*=us-ascii''x", "", "b"},
	    {"RFC 2231-divided boundary", "multipart/mixed; boundary*0=x; boundary*1=y", "", "b"},
	    {"RFC 2231-coded and divided boundary", "multipart/mixed; boundary*0*=us-ascii''x", "",
	     "b"},
	    {"RFC 2231-coded boundary before a plain one",
	     "multipart/mixed; boundary*=us-ascii''x; boundary=y", "", "b"},
	    {"RFC 2231-divided boundary behind a plain one",
	     "multipart/mixed; boundary=y; boundary*0=x", "", "b"},
	    {"RFC 2231's marks, not quoted", "multipart/mixed; boundary=us-ascii'en'x", "", "b"},
	    {"an asterisk, not quoted", "multipart/mixed; boundary=a*b", "", "b"},
	    {"RFC 2047-coded boundary", "multipart/mixed; boundary=\"=?us-ascii?Q?x?=\"", "", "b"},
	    {"RFC 2047-coded boundary, not quoted",
	     "multipart/mixed; boundary==?us-ascii?B?eA==?=", "", "b"},
	    {"RFC 2047-coded within a boundary",
	     "multipart/mixed; boundary=\"a =?us-ascii?Q?x?= b\"", "", "b"},
	    {"comment before the boundary", "multipart/mixed; (c) boundary=x", "", "bm"},
	    {"comment behind the attribute", "multipart/mixed; boundary(c)=x", "", "bm"},
	    {"comment before the value", "multipart/mixed; boundary=(c)x", "", "bm"},
	    {"comment behind the value", "multipart/mixed; boundary=x(c)", "", "bm"},
	    {"comment behind the quotes", "multipart/mixed; boundary=\"x\" (c)", "", "bm"},
	    {"comment behind the type", "multipart/mixed (c); boundary=x", "", "bm"},
	    {"comment with a ';'", "multipart/mixed; x=y (; boundary=a;); boundary=b", "", "bm"},
	    {"comment in another parameter", "multipart/mixed; x=y (c); boundary=b", "", "bm"},
	    {"quoted pair in the boundary", "multipart/mixed; boundary=\"\\x\"", "", "b"},
	    {"quote in the boundary", "multipart/mixed; boundary=\"a\\\"b\"", "", "b"},
	    {"folded boundary", "multipart/mixed; boundary=\"a\n b\"", "", "b"},
	    {"tab in the boundary", "multipart/mixed; boundary=\"a\tb\"", "", "b"},
	    {"space before the boundary", "multipart/mixed; boundary=\" x\"", "", "b"},
	    {"space behind the boundary", "multipart/mixed; boundary=\"x \"", "", "b"},
	    {"apostrophe before the boundary", "multipart/mixed; boundary=\"'x\"", "", "b"},
	    {"apostrophe behind the boundary", "multipart/mixed; boundary=\"x'\"", "", "b"},
	    {"apostrophe within the boundary", "multipart/mixed; boundary=\"x'y\"", "x'y", "b"},
	    {"apostrophes around it, not quoted", "multipart/mixed; boundary='x'", "", "b"},
	    {"angle brackets around it", "multipart/mixed; boundary=\"<x>\"", "", "b"},
	    {"one angle bracket", "multipart/mixed; boundary=\"<x\"", "<x", "b"},
	    {"eight bits", "multipart/mixed; boundary=\"\xc3\xbc\"", "", "b"},
	    {"eight bits, not quoted", "multipart/mixed; boundary=\xfc", "", "b"},
	    {"control in the boundary", "multipart/mixed; boundary=\"a\001b\"", "", "bm"},
	    {"carriage return in the boundary", "multipart/mixed; boundary=\"a\rb\"", "", "bm"},
	    {"unterminated quotes", "multipart/mixed; boundary=\"x", "", "bm"},
	    {"quotes that a quoted pair leaves open", "multipart/mixed; boundary=\"x\\\"", "",
	     "bm"},
	    {"a backslash at the end", "multipart/mixed; boundary=\"x\\", "", "bm"},
	    {"text behind the quotes", "multipart/mixed; boundary=\"x\"y", "", "bm"},
	    {"text before the quotes", "multipart/mixed; boundary=x\"y\"", "", "bm"},
	    {"white space before '='", "multipart/mixed; boundary =x", "", "bm"},
	    {"white space behind '='", "multipart/mixed; boundary= x", "", "bm"},
	    {"a fold behind '='", "multipart/mixed; boundary=\n \"x\"", "", "bm"},
	    {"white space in the value", "multipart/mixed; boundary=x y", "", "bm"},
	    {"a comma instead of ';'", "multipart/mixed; x=y, boundary=x", "", "bm"},
	    {"no ';' between", "multipart/mixed; x=\"y\" boundary=x", "", "bm"},
	    {"no ';' before", "multipart/mixed boundary=x", "", "bm"},
	    {"a quoted attribute", "multipart/mixed; \"boundary\"=x", "", "m"},
	    {"no attribute", "multipart/mixed; =x; boundary=y", "", "bm"},
	    {"an asterisk out of place", "multipart/mixed; s*tart=x; boundary=y", "", "bm"},
	    {"a boundary within quotes", "multipart/mixed; x=\"; boundary=a;\"; boundary=b", "",
	     "b"},
	    {"a boundary behind it, within quotes",
	     "multipart/mixed; boundary=b; x=\"boundary =a\"", "", "b"},
	    {"a ';' that a quoted pair divides", "multipart/mixed; x=\"a\\\\\"; boundary=y; z=w",
	     "", "bm"},
	    {"a boundary of no type", "; boundary=x", "", "b"},
	    {"a boundary in open quotes", "text/plain; x=\"; boundary=a", "", "bm"},
	    {"a boundary of a text", "text/plain; boundary=x", "x", "b"},
	};

	(void)state;
	check_types(rows, ROWS(rows));
}

static void names_in_types(void **state)
{
	static const struct row rows[] = {
	    {"plain", "text/plain; name=x", "", "n"},
	    {"capitals", "text/plain; NAME=x", "", "n"},
	    {"empty", "text/plain; name=\"\"", "", "n"},
	    {"RFC 2231", "text/plain; name*=utf-8''x", "", "n"},
	    {"RFC 2231, divided", "text/plain; name*0*=utf-8''x; name*1*=y", "", "n"},
	    {"RFC 2231, out of place", "text/plain; name*x=y", "", "nm"},
	    {"without a value", "text/plain; name", "", "nm"},
	    {"behind malformed text", "text/plain; charset; name=x", "", "nm"},
	    {"white space in it", "text/plain; name=my file.pdf", "", "nm"},
	    {"another attribute", "text/plain; rename=y; names=z; filenames=x", "", ""},
	    {"a file name", "text/plain; filename=x", "", "n"},
	    {"in quotes", "text/plain; x=\"a; name=y\"", "", "n"},
	};

	(void)state;
	check_types(rows, ROWS(rows));
}

static void types(void **state)
{
	static const struct {
		const char *value, *type, *subtype;
	} rows[] = {
	    {"text/plain", "text", "plain"},
	    {" text/plain \n ", "text", "plain"},
	    {"\n text/plain; charset=x", "text", "plain"},
	    {"Text/HTML;", "Text", "HTML"},
	    {"text/plain charset=x", "text", "plain"},
	    {"application/vnd.ms-excel.sheet.macroEnabled.12", "application",
	     "vnd.ms-excel.sheet.macroEnabled.12"},
	    {"image/svg+xml", "image", "svg+xml"},
	    {"", "", ""},
	    {";", "", ""},
	    {"text", "", ""},
	    {"text/", "", ""},
	    {"/plain", "", ""},
	    {"text /plain", "", ""},
	    {"text/ plain", "", ""},
	    {"text\n /plain", "", ""},
	    {"text/plain/x", "", ""},
	    {"text/plain(c)", "", ""},
	    {"(c)text/plain", "", ""},
	    {"text/plain,", "", ""},
	    {"\"text\"/plain", "", ""},
	    {"text/pl\xc3\xa4in", "", ""},
	    {"text/plain\001", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct content_type out;

		content_type_parse(span_of(rows[i].value), &out);
		assert_row(span_equals(out.type, rows[i].type), rows[i].value);
		assert_row(span_equals(out.subtype, rows[i].subtype), rows[i].value);
	}
}

static void dispositions(void **state)
{
	static const struct {
		const char *value, *flags; /* i: inline_, m: malformed, n: has_name */
	} rows[] = {
	    {"inline", "i"},
	    {"INLINE", "i"},
	    {" inline ", "i"},
	    {"\n inline;", "i"},
	    {"inline; filename=x", "in"},
	    {"inline; filename=\"\"", "in"},
	    {"inline; FileName*0*=utf-8''x", "in"},
	    {"inline; name=x", "in"},
	    {"inline; size=1; creation-date=\"Mon, 1 Jan 2024 00:00:00 GMT\"", "i"},
	    {"inline; filename", "imn"},
	    {"inline; x=\"; filename=y", "imn"},
	    {"inline (c)", "im"},
	    {"inline filename=x", "imn"},
	    {"inline(c)", "m"},
	    {"inline=", "m"},
	    {"\"inline\"", "m"},
	    {"inlined", ""},
	    {"attachment", ""},
	    {"attachment;\n\tfilename=\"a b.pdf\"; size=12345;\n"
	     "\tcreation-date=\"Mon, 1 Jan 2024 00:00:00 GMT\"",
	     "n"},
	    {"", ""},
	    {"; filename=x", "n"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct disposition out;

		disposition_parse(span_of(rows[i].value), &out);
		assert_row(out.inline_ == !!strchr(rows[i].flags, 'i'), rows[i].value);
		assert_row(out.malformed == !!strchr(rows[i].flags, 'm'), rows[i].value);
		assert_row(out.has_name == !!strchr(rows[i].flags, 'n'), rows[i].value);
	}
}

static void encodings(void **state)
{
	static const struct {
		const char *value;
		enum encoding encoding;
	} rows[] = {
	    {"7bit", ENCODING_7BIT},
	    {"8BIT", ENCODING_8BIT},
	    {" binary", ENCODING_BINARY},
	    {"7bit ", ENCODING_7BIT},
	    {"\n 8bit\n ", ENCODING_8BIT},
	    {"base64", ENCODING_BASE64},
	    {" \tBase64", ENCODING_BASE64},
	    {"quoted-printable", ENCODING_QUOTED_PRINTABLE},
	    {" Quoted-Printable", ENCODING_QUOTED_PRINTABLE},
	    /* what some readers do not decode */
	    {"base64 ", ENCODING_UNKNOWN},
	    {"\n base64", ENCODING_UNKNOWN},
	    {"quoted-printable\n ", ENCODING_UNKNOWN},
	    {"base64 (c)", ENCODING_UNKNOWN},
	    {"(c) base64", ENCODING_UNKNOWN},
	    {"base64;", ENCODING_UNKNOWN},
	    {"base64; x=y", ENCODING_UNKNOWN},
	    {"\"base64\"", ENCODING_UNKNOWN},
	    {"base 64", ENCODING_UNKNOWN},
	    {"base64, base64", ENCODING_UNKNOWN},
	    {"=?us-ascii?Q?base64?=", ENCODING_UNKNOWN},
	    {"x-uuencode", ENCODING_UNKNOWN},
	    {"8-bit", ENCODING_UNKNOWN},
	    {"", ENCODING_UNKNOWN},
	    {" ", ENCODING_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(encoding_parse(span_of(rows[i].value)) == rows[i].encoding,
		           rows[i].value);
}

/* Each parameter as it is given, malformed ones too. */
static void parameters_one_by_one(void **state)
{
	static const char value[] =
	    "; a=b; C*0*=\"d;\n e\\\"\" ;; bad one; f=my file.pdf ;g = \"h\"";
	static const struct {
		const char *attribute, *value;
		bool quoted, malformed;
	} rows[] = {
	    {"a", "b", false, false},    {"C*0*", "d;\n e\\\"", true, false},
	    {"bad", "one", false, true}, {"f", "my file.pdf", false, true},
	    {"g", "h", true, true},
	};
	struct parameters parameters = {.rest = span_of(value)};
	struct parameter parameter;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_row(parameters_next(&parameters, &parameter), rows[i].attribute);
		assert_row(span_equals(parameter.attribute, rows[i].attribute), rows[i].attribute);
		assert_row(span_equals(parameter.value, rows[i].value), rows[i].attribute);
		assert_row(parameter.quoted == rows[i].quoted, rows[i].attribute);
		assert_row(parameters.malformed == rows[i].malformed, rows[i].attribute);
	}
	assert_false(parameters_next(&parameters, &parameter));
	assert_false(parameters_next(&parameters, &parameter));
}

static void suffix_is_no_part_of_the_attribute(void **state)
{
	static const struct {
		const char *attribute;
		bool is;
	} rows[] = {
	    {"name", true},     {"NAME", true},   {"name*", true},  {"name*0", true},
	    {"Name*12*", true}, {"name0", false}, {"names", false}, {"nam", false},
	    {"", false},        {"*name", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct parameter parameter = {.attribute = span_of(rows[i].attribute)};

		assert_row(parameter_is(&parameter, "name") == rows[i].is, rows[i].attribute);
	}
}

/* A megabyte of them, and the boundary behind or before. */
static void megabyte_of_parameters(void **state)
{
	static const struct {
		const char *filler, *boundary;
		bool malformed;
	} rows[] = {
	    {"; x=y", "b", false},      {";", "b", false},     {"; a*0*=\"\\\"\"", "b", false},
	    {" ", "b", false},          {"\n ", "b", false},   {"; boundary=z", "", false},
	    {"; boundary ", "", true},  {"; x=\"y", "", true}, {"\\", "", true},
	    {" boundary=\"", "", true},
	};
	const size_t size = 1024 * 1024;
	char *value = malloc(size + 64);

	(void)state;
	assert_non_null(value);
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t len = (size_t)sprintf(value, "multipart/mixed; boundary=b");
		struct content_type type;

		for (; len < size; len += strlen(rows[i].filler))
			strcpy(value + len, rows[i].filler);
		content_type_parse(span_of(value), &type);
		assert_row(type.has_boundary, rows[i].filler);
		assert_row(type.malformed == rows[i].malformed, rows[i].filler);
		assert_row(span_equals(type.boundary, rows[i].boundary), rows[i].filler);
	}
	free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(honest_types),
	    cmocka_unit_test(unusable_boundaries),
	    cmocka_unit_test(names_in_types),
	    cmocka_unit_test(types),
	    cmocka_unit_test(dispositions),
	    cmocka_unit_test(encodings),
	    cmocka_unit_test(parameters_one_by_one),
	    cmocka_unit_test(suffix_is_no_part_of_the_attribute),
	    cmocka_unit_test(megabyte_of_parameters),
	};

	return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}
