/*
 * How big a leaf is and whether it is an attachment: ATTACHMENTS 7 to 13.
 */
#include "tests/unit/tally_case.h"

#define SIZE(header, content, octets) PART(PNG header, content), "", COUNTED(octets, type)
#define RAW(header, content)          SIZE(header, content, LEN(content))

/* What each stands for is for test_count.c to say, which words are encodings for test_media.c. */
static void encodings_are_counted_decoded(void **state)
{
	static const struct tally_case cases[] = {
	    {"none", RAW("", "a\r\nb=41\rc\nd")},
	    {"7bit", RAW("Content-Transfer-Encoding: 7bit\r\n", "=41=\r\n")},
	    {"8bit", RAW("Content-Transfer-Encoding: 8bit\r\n", "\xc3\xa4")},
	    {"binary", RAW("Content-Transfer-Encoding: binary\r\n", "\0\xff\r\n\n\r")},
	    {"none, and NUL, VT, FF and 8 bit", RAW("", "\0\v\f\xff\x80")},
	    {"base64", SIZE(BASE64, "QUJD\r\n", 3)},
	    {"base64, nothing", PART(PNG BASE64, "\r\n \t\r\n"), "", NOTHING},
	    {"base64 in any case", SIZE("Content-Transfer-Encoding: \t Base64\r\n", "QUJD", 3)},
	    {"quoted-printable", SIZE(QUOTED, "a=41=4a=4Ab", 5)},
	    {"quoted-printable, = at the end", SIZE(QUOTED, "ab=", 2)},
	    {"twice the same", SIZE(BASE64 BASE64, "QUJD", 3)},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

static void malformed_content_is_counted_raw(void **state)
{
	static const struct tally_case cases[] = {
	    {"x-uuencode", RAW("Content-Transfer-Encoding: x-uuencode\r\n", "begin 644 x\r\n")},
	    {"an empty encoding", RAW("Content-Transfer-Encoding:\r\n", "QUJD")},
	    /* Python's email takes it for another word */
	    {"base64, folded", RAW("Content-Transfer-Encoding:\r\n\tbase64\r\n", "QUJD")},
	    {"base64, a letter that is none of its alphabet", RAW(BASE64, "QU-D")},
	    {"base64, NUL", RAW(BASE64, "QUJD\0")},
	    {"base64, a footer behind the padding", RAW(BASE64, "QQ==\r\n-- \r\nlist")},
	    {"quoted-printable, = and no digits", RAW(QUOTED, "a=xyb")},
	    {"quoted-printable, = and CR at the end", RAW(QUOTED, "a=\r")},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define UNCLEAN(header, reason) PART(header, "QUJD"), "", OPAQUE_HEADER(header, "QUJD", reason)
/* What might hide a boundary that is open: with all that follows. */
#define UNCLEAN_TO_END(header, reason)                                                             \
	PART(header, "QUJD"), "", OPAQUE_HEADER(header, "QUJD" END, reason)
#define UNCLEAN_TWICE(header)                                                                      \
	PART(header, "QUJD"), "content_twice ", OPAQUE_HEADER(header, "QUJD" END, field_twice)
#define ENCODED_TWICE(header)                                                                      \
	PART(header, "QUJD"), "content_twice ", OPAQUE_HEADER(header, "QUJD", field_twice)
#define CLEAN(header) PART(header, "QUJD"), "", COUNTED(3, type)

/* The header of this part, and what it holds, from there on. */
#define NO_HEADER(header, rest, reason)                                                            \
	PART(header rest, "QUJD"), "", OPAQUE_HEADER(header rest, "QUJD" END, reason)

static void unclean_header_makes_opaque(void **state)
{
	static const struct tally_case cases[] = {
	    {"a line without a colon", NO_HEADER(PNG BASE64, "text\r\n", header_line)},
	    {"a line that begins with a colon", NO_HEADER(PNG BASE64, ": text\r\n", header_line)},
	    {"a name with a space", NO_HEADER(PNG BASE64, "a b: text\r\n", header_line)},
	    {"a name with NUL", NO_HEADER(PNG BASE64, "a\0: text\r\n", header_octet)},
	    {"a leading continuation", NO_HEADER("", " x: y\r\n" PNG BASE64, header_line)},
	    {"a leading line of white space", NO_HEADER("", " \r\n" PNG BASE64, header_line)},
	    {"a line of white space", UNCLEAN(PNG " \t\r\n" BASE64, header_fold)},
	    {"a bare CR", UNCLEAN_TO_END(PNG "X: a\rb\r\n" BASE64, header_octet)},
	    {"a bare LF", UNCLEAN_TO_END(PNG "X: a\n" BASE64, header_octet)},
	    {"a bare LF and an empty line", UNCLEAN_TO_END(PNG "X: a\n\n" BASE64, header_octet)},
	    {"a bare CR and an empty line", UNCLEAN_TO_END(PNG "X: a\r\r\n" BASE64, header_octet)},
	    {"NUL", UNCLEAN_TO_END(PNG "X: a\0b\r\n" BASE64, header_octet)},
	    {"VT", UNCLEAN_TO_END(PNG "X: a\vb\r\n" BASE64, header_octet)},
	    {"FF", UNCLEAN_TO_END(PNG "X: a\fb\r\n" BASE64, header_octet)},
	    {"FF in the type",
	     UNCLEAN_TO_END("Content-Type: image/png\f\r\n" BASE64, header_octet)},
	    {"a tab", CLEAN(PNG "X: a\tb\r\n" BASE64)},
	    {"8 bit", CLEAN(PNG "X: \xc3\xa4\r\n" BASE64)},
	    {"ESC", CLEAN(PNG "X: \033[31m\r\n" BASE64)},
	    {"Content-Type and a space",
	     UNCLEAN_TO_END("Content-Type : image/png\r\n" BASE64, space_before_colon)},
	    {"Content-Transfer-Encoding and a tab",
	     UNCLEAN_TO_END(PNG "Content-Transfer-Encoding\t: base64\r\n", space_before_colon)},
	    {"Content-Disposition and a space",
	     UNCLEAN_TO_END(BASE64 "Content-Disposition : inline\r\n", space_before_colon)},
	    {"another field and a space",
	     UNCLEAN_TO_END(PNG BASE64 "X : y\r\n", space_before_colon)},
	    {"two types", UNCLEAN_TWICE(PNG BASE64 "Content-Type: image/gif\r\n")},
	    {"two types, in another case", UNCLEAN_TWICE(PNG BASE64 "content-type: IMAGE/png\r\n")},
	    {"two types, the same", CLEAN(PNG BASE64 PNG)},
	    {"two encodings", ENCODED_TWICE(PNG BASE64 "Content-Transfer-Encoding: 7bit\r\n")},
	    {"two encodings, one empty",
	     ENCODED_TWICE(PNG BASE64 "Content-Transfer-Encoding:\r\n")},
	    {"two encodings, the same", CLEAN(PNG BASE64 BASE64)},
	    {"two dispositions",
	     UNCLEAN(BASE64 "Content-Disposition: inline\r\nContent-Disposition: attachment\r\n",
	             field_twice)},
	    {"two dispositions, the same",
	     CLEAN(PNG BASE64
	           "Content-Disposition: attachment\r\nContent-Disposition: attachment\r\n")},
	    {"an empty type", UNCLEAN("Content-Type:\r\n" BASE64, type_syntax)},
	    {"a type alone", UNCLEAN("Content-Type: text\r\n" BASE64, type_syntax)},
	    {"a type and no subtype", UNCLEAN("Content-Type: text/\r\n" BASE64, type_syntax)},
	    {"a subtype alone", UNCLEAN("Content-Type: /plain\r\n" BASE64, type_syntax)},
	    {"two subtypes", UNCLEAN("Content-Type: text/plain/x\r\n" BASE64, type_syntax)},
	    {"spaces in the type", UNCLEAN("Content-Type: text / plain\r\n" BASE64, type_syntax)},
	    {"a type in quotes", UNCLEAN("Content-Type: \"text/plain\"\r\n" BASE64, type_syntax)},
	    {"an encoded type",
	     UNCLEAN("Content-Type: =?us-ascii?q?text/plain?=\r\n" BASE64, type_syntax)},
	    {"a multipart and no subtype",
	     UNCLEAN_TO_END("Content-Type: multipart; boundary=b\r\n" BASE64, type_syntax)},
	    {"a boundary on text",
	     UNCLEAN("Content-Type: text/plain; boundary=b\r\n" BASE64, stray_boundary)},
	    {"RFC 2231's boundary on text",
	     UNCLEAN("Content-Type: text/plain; boundary*0=b\r\n" BASE64, stray_boundary)},
	    {"a type unclean and a multipart's",
	     PART("Content-Type : multipart/mixed; boundary=b\r\n", "--b\r\n\r\n1\r\n--b--"),
	     "multipart_unopened ",
	     OPAQUE_HEADER("Content-Type : multipart/mixed; boundary=b\r\n",
	                   "--b\r\n\r\n1\r\n--b--" END, space_before_colon)},
	    {"two types, the second a multipart's",
	     PART(PNG "Content-Type: multipart/mixed; boundary=b\r\n", "--b\r\n\r\n1\r\n--b--"),
	     "content_twice ",
	     OPAQUE_HEADER(PNG "Content-Type: multipart/mixed; boundary=b\r\n",
	                   "--b\r\n\r\n1\r\n--b--" END, field_twice)},
	    {"two types, the first a multipart's",
	     PART("Content-Type: multipart/mixed; boundary=b\r\n" PNG, "--b\r\n\r\n1\r\n--b--"),
	     "content_twice multipart_unopened ",
	     OPAQUE_HEADER("Content-Type: multipart/mixed; boundary=b\r\n" PNG,
	                   "--b\r\n\r\n1\r\n--b--" END, field_twice)},
	    {"two types of the message",
	     MESSAGE(HEAD "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n12"),
	     "content_twice ",
	     OPAQUE(HEAD "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n12",
	            field_twice)},
	    {"a line of the message's header that is no field",
	     MESSAGE(HEAD "garbage\r\nContent-Type: text/plain\r\n\r\n12"), "header_line ",
	     OPAQUE(HEAD "\r\ngarbage\r\nContent-Type: text/plain\r\n\r\n12", header_line)},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define TEXT                "Content-Type: text/plain\r\n"
#define SHOWN(header)       PART(header, "ABC"), "", EXEMPT
#define COUNTS(header, why) PART(header, "ABC"), "", COUNTED(3, why)
#define UNDER(type, parts)                                                                         \
	MESSAGE(HEAD "Content-Type: " type "; boundary=bound\r\n\r\n--bound\r\n" parts END)
#define WITHIN(type, parts) "Content-Type: " type "; boundary=in\r\n\r\n--in\r\n" parts "\r\n--in--"
#define NEXT_IN             "\r\n--in\r\n"

static void body_text_is_exempt(void **state)
{
	static const struct tally_case cases[] = {
	    {"text/plain", SHOWN(TEXT)},
	    {"text/html", SHOWN("Content-Type: Text/HTML; charset=utf-8\r\n")},
	    {"no type", SHOWN("")},
	    {"no type but an encoding", PART(BASE64, "QUJD"), "", EXEMPT},
	    {"inline", SHOWN(TEXT "Content-Disposition: INLINE\r\n")},
	    {"the message itself", MESSAGE(HEAD "\r\nABC"), "", EXEMPT},
	    {"the message itself, no body", MESSAGE(HEAD "\r\n"), "", EXEMPT},
	    {"text/css", COUNTS("Content-Type: text/css\r\n", type)},
	    {"text/plain2", COUNTS("Content-Type: text/plain2\r\n", type)},
	    {"attachment", COUNTS(TEXT "Content-Disposition: attachment\r\n", disposition)},
	    {"an unknown disposition", COUNTS(TEXT "Content-Disposition: x\r\n", disposition)},
	    {"an empty disposition", COUNTS(TEXT "Content-Disposition:\r\n", disposition)},
	    {"a comment in the disposition",
	     COUNTS(TEXT "Content-Disposition: (c) inline\r\n", disposition)},
	    {"inline with a file name",
	     COUNTS(TEXT "Content-Disposition: inline; filename=a\r\n", file_name)},
	    {"inline with a file name, RFC 2231",
	     COUNTS(TEXT "Content-Disposition: inline; filename*=''a\r\n", file_name)},
	    {"inline with a file name, in pieces",
	     COUNTS(TEXT "Content-Disposition: inline; filename*0=a\r\n", file_name)},
	    {"inline with an empty file name",
	     COUNTS(TEXT "Content-Disposition: inline; FILENAME=\"\"\r\n", file_name)},
	    {"inline with a name",
	     COUNTS(TEXT "Content-Disposition: inline; name=a\r\n", file_name)},
	    {"a name of the type", COUNTS("Content-Type: text/plain; name=\"a\"\r\n", file_name)},
	    {"a name of the type, RFC 2231",
	     COUNTS("Content-Type: text/plain; name*0*=''a\r\n", file_name)},
	    {"parameters that are none",
	     COUNTS("Content-Type: text/plain; charset\r\n", parameters)},
	    {"open quotes", COUNTS("Content-Type: text/plain; a=\"; name=b\r\n", file_name)},
	    {"open quotes and no name",
	     COUNTS("Content-Type: text/plain; a=\"; b=c\r\n", parameters)},
	    {"a name in quotes", COUNTS("Content-Type: text/plain; a=\"; name=b\"\r\n", file_name)},
	    {"a file name in the type",
	     COUNTS("Content-Type: text/plain; filename=b\r\n", file_name)},
	    {"a location", COUNTS(TEXT "Content-Location: b.txt\r\n", file_name)},
	    {"an unknown encoding", COUNTS(TEXT "Content-Transfer-Encoding: x\r\n", encoding)},
	    {"base64 that is malformed", COUNTS(TEXT BASE64, encoding)},
	    {"a second part of mixed", PART(TEXT, "1" NEXT TEXT "\r\nABC"), "", 3, "2",
	     REASON_position, REASON_NONE},
	    {"a second part of related",
	     UNDER("multipart/related", TEXT "\r\n1" NEXT TEXT "\r\nABC"), "", 3, "2",
	     REASON_position, REASON_NONE},
	    {"all of alternative",
	     UNDER("multipart/Alternative", TEXT "\r\n1" NEXT TEXT "\r\n2" NEXT TEXT "\r\n3"), "",
	     EXEMPT},
	    {"all of alternative in mixed",
	     PART(WITHIN("multipart/alternative", TEXT "\r\n1" NEXT_IN TEXT "\r\n2"), ""), "",
	     EXEMPT},
	    {"the first of related in alternative",
	     UNDER("multipart/alternative",
	           TEXT "\r\n1" NEXT WITHIN("multipart/related", TEXT "\r\n2")),
	     "", EXEMPT},
	    {"the second of related in alternative",
	     UNDER("multipart/alternative", TEXT
	           "\r\n1" NEXT WITHIN("multipart/related", TEXT "\r\n2" NEXT_IN TEXT "\r\nABC")),
	     "", 3, "2.2", REASON_position, REASON_NONE},
	    {"alternative as a second part",
	     PART("", "1" NEXT WITHIN("multipart/alternative", TEXT "\r\nABC")), "", 3, "2.1",
	     REASON_position, REASON_NONE},
	    {"the first of mixed as a second part",
	     PART("", "1" NEXT WITHIN("multipart/mixed", TEXT "\r\nABC")), "", 3, "2.1",
	     REASON_position, REASON_NONE},
	    {"the first of digest with a type", UNDER("multipart/digest", TEXT "\r\n1"), "",
	     EXEMPT},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define HIDDEN(header, content, octets) PART(header, content), "", COUNTED(octets, embedded)
#define HIDES(content)                  HIDDEN(TEXT, content, LEN(content))
#define PLAIN(content)                  PART(TEXT, content), "", EXEMPT

/* Which lines begin a file is for test_embedded.c to say. */
static void files_in_texts_count(void **state)
{
	static const struct tally_case cases[] = {
	    {"uuencode", HIDES("begin 644 a\r\n#0V%T\r\nend\r\n")},
	    {"uuencode in html", HIDDEN("Content-Type: text/html\r\n", "begin 644 a\r\n", 13)},
	    {"uuencode in base64",
	     HIDDEN(TEXT BASE64, "aGkNCmJlZ2luIDY0NCBhDQo=", LEN("hi\r\nbegin 644 a\r\n"))},
	    {"uuencode in quoted-printable",
	     HIDDEN(TEXT QUOTED, "hi=0D=0A=62eg=\r\nin 6=344 a", LEN("hi\r\nbegin 644 a"))},
	    {"uuencode in the message itself", MESSAGE(HEAD "\r\nbegin 644 a\r\n"), "",
	     COUNTED(13, embedded)},
	    {"uuencode in an alternative",
	     UNDER("multipart/alternative", TEXT "\r\nhi" NEXT TEXT "\r\nbegin 644 a"), "", 11, "2",
	     REASON_embedded, REASON_NONE},
	    {"no mode", PLAIN("begin the day")},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define CUTS(content)     PART(PNG, content), "", 3, "2", REASON_type, REASON_NONE
#define CUTS_NOT(content) PART(PNG, content), "near_delimiter ", OPAQUE(content END, near_delimiter)
#define HEADER(fields)    MESSAGE(HEAD fields "\r\n12")

/* Wherever some take a bare CR or LF for the end of a line it costs what it might have hidden. */
static void bare_cr_and_lf_hide_nothing(void **state)
{
	static const struct tally_case cases[] = {
	    {"content: CRLF", SIZE("", "a\r\nb", 4)},
	    {"content: CR", SIZE("", "a\rb", 3)},
	    {"content: LF", SIZE("", "a\nb", 3)},
	    {"base64: CRLF", SIZE(BASE64, "QU\r\nJD", 3)},
	    {"base64: CR", SIZE(BASE64, "QU\rJD", 3)},
	    {"base64: LF", SIZE(BASE64, "QU\nJD", 3)},
	    {"quoted-printable: CRLF", SIZE(QUOTED, "=41\r\nb", 4)},
	    {"quoted-printable: CR", SIZE(QUOTED, "=41\rb", 3)},
	    {"quoted-printable: LF", SIZE(QUOTED, "=41\nb", 3)},
	    {"soft break: CRLF", SIZE(QUOTED, "=41=\r\nb", 2)},
	    {"soft break: CR", RAW(QUOTED, "=41=\rb")},
	    {"soft break: LF", RAW(QUOTED, "=41=\nb")},
	    {"uuencode in text: CRLF", HIDES("a\r\nbegin 644 a\r\n")},
	    {"uuencode in text: CR", HIDES("a\rbegin 644 a\r")},
	    {"uuencode in text: LF", HIDES("a\nbegin 644 a\n")},
	    {"before a delimiter: CRLF", CUTS("1\r\n--bound\r\n" PNG "\r\n234")},
	    {"before a delimiter: CR", CUTS_NOT("1\r--bound\r\n" PNG "\r\n234")},
	    {"before a delimiter: LF", CUTS_NOT("1\n--bound\r\n" PNG "\r\n234")},
	    {"behind a delimiter: CR", CUTS_NOT("1\r\n--bound\r" PNG "\r\n234")},
	    {"behind a delimiter: LF", CUTS_NOT("1\r\n--bound\n" PNG "\r\n234")},
	    {"behind a field: CRLF", CLEAN(PNG "X: a\r\n" BASE64)},
	    {"behind a field: CR", UNCLEAN_TO_END(PNG "X: a\r" BASE64, header_octet)},
	    {"behind a field: LF", UNCLEAN_TO_END(PNG "X: a\n" BASE64, header_octet)},
	    {"behind a header: CR", UNCLEAN_TO_END(PNG BASE64 "\r", header_octet)},
	    {"behind a header: LF", UNCLEAN_TO_END(PNG BASE64 "\n", header_octet)},
	    {"behind a field of the message: CRLF", HEADER("X: a\r\n" PNG), "", COUNTED(2, type)},
	    {"behind a field of the message: CR", HEADER("X: a\r" PNG), "illegal_octet ",
	     OPAQUE(HEAD "X: a\r" PNG "\r\n12", header_octet)},
	    {"behind a field of the message: LF", HEADER("X: a\n" PNG), "illegal_octet ",
	     OPAQUE(HEAD "X: a\n" PNG "\r\n12", header_octet)},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define ATTACHED "Content-Disposition: attachment\r\n"
#define WHOLE    REASON_whole, REASON_NONE

static void multipart_that_is_attached_is_one(void **state)
{
	static const struct tally_case cases[] = {
	    {"by its disposition",
	     PART(ATTACHED WITHIN("multipart/mixed", TEXT "\r\nABC" NEXT_IN PNG BASE64 "\r\nQUJD"),
	          ""),
	     "", 6, "1", WHOLE},
	    {"by the file name of its disposition",
	     PART("Content-Disposition: inline; filename=a\r\n" WITHIN("multipart/mixed",
	                                                               TEXT "\r\nABC"),
	          ""),
	     "", 3, "1", WHOLE},
	    {"by a name of its type", PART(WITHIN("multipart/mixed; name=a", TEXT "\r\nABC"), ""),
	     "", 3, "1", WHOLE},
	    {"by a disposition that is malformed",
	     PART("Content-Disposition: inline; filename\r\n" WITHIN("multipart/mixed",
	                                                             TEXT "\r\nABC"),
	          ""),
	     "", 3, "1", WHOLE},
	    {"not if it is inline",
	     PART("Content-Disposition: inline\r\n" WITHIN("multipart/mixed", TEXT "\r\nABC"), ""),
	     "", EXEMPT},
	    {"with its preamble and epilogue",
	     PART(ATTACHED "Content-Type: multipart/mixed; "
	                   "boundary=in\r\n\r\n123\r\n--in\r\n\r\nABC\r\n--in--\r\n45",
	          ""),
	     "", 10, "1", WHOLE},
	    {"with what is in it, attached or not",
	     PART(ATTACHED WITHIN(
		      "multipart/mixed", TEXT
		      "\r\nABC" NEXT_IN ATTACHED
		      "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n1\r\n--x--"),
	          ""),
	     "", 4, "1", WHOLE},
	    {"the message itself",
	     MESSAGE(HEAD ATTACHED
	             "Content-Type: multipart/mixed; boundary=bound\r\n\r\n--bound\r\n\r\n12" NEXT
	             "\r\n3" END),
	     "", 3, "message", WHOLE},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

static void eight_bits_are_no_seven(void **state)
{
	static const struct tally_case cases[] = {
	    {"7bit", PART(PNG "Content-Transfer-Encoding: 7bit\r\n", "\xc3\xa4"), "eight_bit ",
	     COUNTED(2, type)},
	    {"7bit text", PART("Content-Transfer-Encoding: 7bit\r\n", "\x80"), "eight_bit ",
	     EXEMPT},
	    {"base64", PART(PNG BASE64, "QUJD\xff"), "eight_bit ", COUNTED(5, type)},
	    {"quoted-printable", PART(PNG QUOTED, "=41\xff"), "eight_bit ", COUNTED(2, type)},
	    {"none", PART("", "\xc3\xa4"), "", EXEMPT},
	    {"8bit", PART("Content-Transfer-Encoding: 8bit\r\n", "\xc3\xa4"), "", EXEMPT},
	    {"preamble of a 7bit multipart",
	     MESSAGE(HEAD "Content-Transfer-Encoding: 7bit\r\nContent-Type: multipart/mixed; "
	                  "boundary=bound\r\n\r\n\xc3\xa4\r\n--bound\r\n\r\n1" END),
	     "", 2, "preamble", REASON_opaque, REASON_preamble},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

/* What a file name is, is for test_file_name.c to say. */
static void the_largest_is_named(void **state)
{
	static const struct {
		const char *name, *octets;
		size_t len;
		const char *file;
	} rows[] = {
	    {"by its disposition",
	     PART("Content-Type: image/png; name=b\r\nContent-Disposition: attachment; "
	          "filename=\"a b.png\"\r\n",
	          "1"),
	     "a b.png"},
	    {"by its type", PART("Content-Type: image/png; name=b\r\n", "1"), "b"},
	    {"an attached multipart",
	     PART("Content-Disposition: attachment; filename=a\r\n" WITHIN("multipart/mixed",
	                                                                   "\r\nABC"),
	          ""),
	     "a"},
	    {"the first of two equals",
	     PART("Content-Type: image/png; name=a\r\n",
	          "1" NEXT "Content-Type: image/png; name=b\r\n\r\n2"),
	     "a"},
	    {"none", PART(PNG, "1"), ""},
	};
	struct account_of_message account;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		tally_feed(rows[i].name, (const unsigned char *)rows[i].octets, rows[i].len,
		           &account);
		assert_row(strcmp(account.message.largest.name, rows[i].file) == 0, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodings_are_counted_decoded),
	    cmocka_unit_test(malformed_content_is_counted_raw),
	    cmocka_unit_test(unclean_header_makes_opaque),
	    cmocka_unit_test(body_text_is_exempt),
	    cmocka_unit_test(files_in_texts_count),
	    cmocka_unit_test(bare_cr_and_lf_hide_nothing),
	    cmocka_unit_test(multipart_that_is_attached_is_one),
	    cmocka_unit_test(eight_bits_are_no_seven),
	    cmocka_unit_test(the_largest_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
