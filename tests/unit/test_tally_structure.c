/*
 * How a message is taken apart: ATTACHMENTS 3 to 6. Boundaries that two readers could read
 * differently, lines that look like delimiters, what is not looked into.
 */
#include "tests/unit/tally_case.h"

#define L10 "0123456789"
#define L250                                                                                       \
	L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10    \
	    L10 L10 L10

/* A multipart/mixed by this header field, its one part delimited by "--" and this. */
#define BY(field, boundary) MESSAGE(HEAD field "\r\n\r\n" BODY_BY(boundary))
#define BODY_BY(boundary)   "--" boundary "\r\n" PNG "\r\n12345\r\n--" boundary "--\r\n"
#define OPENED              5, "1", REASON_type, REASON_NONE
/* Not opened: the whole body is a leaf. */
#define UNOPENED(boundary)                                                                         \
	"multipart_unopened ", LEN(BODY_BY(boundary)), "1", REASON_opaque, REASON_boundary

/* Which are is for test_media.c to say. */
static void multipart_needs_a_usable_boundary(void **state)
{
	static const struct tally_case cases[] = {
	    {"bare", BY("Content-Type: multipart/mixed; boundary=b", "b"), "", OPENED},
	    {"any case of the names", BY("CONTENT-TYPE: MULTIPART/Mixed; BOUNDARY=b", "b"), "",
	     OPENED},
	    {"the type folded", BY("Content-Type:\r\n multipart/mixed;\r\n\tboundary=b", "b"), "",
	     OPENED},
	    {"with dashes at its ends",
	     BY("Content-Type: multipart/mixed; boundary=--b--", "--b--"), "", OPENED},
	    {"of 256 octets",
	     BY("Content-Type: multipart/mixed; boundary=" L250 "012345", L250 "012345"), "",
	     OPENED},
	    {"of 257 octets",
	     BY("Content-Type: multipart/mixed; boundary=" L250 "0123456", L250 "0123456"),
	     UNOPENED(L250 "0123456")},
	    {"none", BY("Content-Type: multipart/mixed", "b"), UNOPENED("b")},
	    {"twice, different", BY("Content-Type: multipart/mixed; boundary=a; boundary=b", "b"),
	     UNOPENED("b")},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define OUTER       HEAD "Content-Type: multipart/mixed; boundary="
#define INNER_BODY  "--b\r\n" PNG "\r\n12345\r\n--b--\r\n"
#define INNER(b, s) "Content-Type: multipart/mixed; boundary=" b "\r\n" s

static void boundary_must_be_none_that_is_open(void **state)
{
	static const struct tally_case cases[] = {
	    {"an outer one again",
	     MESSAGE(OUTER "b\r\n\r\n--b\r\n" INNER("b", "\r\n") "123\r\n--b--\r\n"),
	     "multipart_unopened ", LEN("123\r\n--b--\r\n"), "1", REASON_opaque, REASON_boundary},
	    {"an outer one and --",
	     MESSAGE(OUTER "a\r\n\r\n--a\r\n" INNER("a--", "\r\n") "123\r\n--a--\r\n"),
	     "multipart_unopened ", LEN("123\r\n--a--\r\n"), "1", REASON_opaque, REASON_boundary},
	    {"an outer one less its --",
	     MESSAGE(OUTER "a--\r\n\r\n--a--\r\n" INNER("a", "\r\n") "--a\r\n" PNG
	                                                             "\r\n123\r\n--a--\r\n"),
	     "multipart_unopened ", LEN("--a\r\n" PNG "\r\n123\r\n--a--\r\n"), "1", REASON_opaque,
	     REASON_boundary},
	    {"an outer one in another case",
	     MESSAGE(OUTER "B\r\n\r\n--B\r\n" INNER("b", "\r\n") INNER_BODY "--B--\r\n"), "", 5,
	     "1.1", REASON_type, REASON_NONE},
	    {"an outer one and more",
	     MESSAGE(OUTER "a\r\n\r\n--a\r\n" INNER("ab", "\r\n--ab\r\n") PNG
	             "\r\n12345\r\n--ab--\r\n\r\n--a--\r\n"),
	     "", 5, "1.1", REASON_type, REASON_NONE},
	    {"an outer one, cut short",
	     MESSAGE(OUTER "ab\r\n\r\n--ab\r\n" INNER("a", "\r\n--a\r\n") PNG
	             "\r\n12345\r\n--a--\r\n\r\n--ab--\r\n"),
	     "", 5, "1.1", REASON_type, REASON_NONE},
	    {"that of one which was closed",
	     MESSAGE(OUTER "a\r\n\r\n--a\r\n" INNER("b", "\r\n") INNER_BODY "\r\n--a\r\n" INNER(
		 "b", "\r\n") "--b\r\n" PNG "\r\n1234567\r\n--b--\r\n\r\n--a--\r\n"),
	     "", 7, "2.1", REASON_type, REASON_NONE},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

static void multipart_must_not_be_encoded(void **state)
{
#define ENCODED(encoding)                                                                          \
	BY("Content-Transfer-Encoding: " encoding "\r\nContent-Type: multipart/mixed; boundary=b", \
	   "b")
#define REFUSED                                                                                    \
	"multipart_encoded ", LEN(BODY_BY("b")), "1", REASON_opaque, REASON_multipart_encoding
	static const struct tally_case cases[] = {
	    {"7bit", ENCODED("7bit"), "", OPENED},
	    {"8bit", ENCODED("8bit"), "", OPENED},
	    {"binary", ENCODED("BINARY"), "", OPENED},
	    {"base64", ENCODED("base64"), REFUSED},
	    {"quoted-printable", ENCODED("quoted-printable"), REFUSED},
	    {"x-uuencode", ENCODED("x-uuencode"), REFUSED},
	    {"empty", ENCODED(""), REFUSED},
	    {"8bit with a comment", ENCODED("8bit (c)"), REFUSED},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

/* A part of "1", CRLF and a line, in a multipart with this boundary, whose delimiters are --cut. */
#define STEM(boundary, cut, line)                                                                  \
	MESSAGE(OUTER boundary "\r\n\r\n--" cut "\r\n" PNG "\r\n1\r\n" line "\r\n--" cut "--\r\n")
#define STEM_NEAR(cut, line)                                                                       \
	"near_delimiter ", LEN("1\r\n" line "\r\n--" cut "--\r\n"), "1", REASON_opaque,            \
	    REASON_near_delimiter
#define STEM_FAR(line) "", LEN("1\r\n" line), "1", REASON_type, REASON_NONE
#define TWO(cut)       MESSAGE(MIXED "--bound\r\n" PNG "\r\n12" cut PNG "\r\n3" END)
#define CUTS           "", 2, "1", REASON_type, REASON_NONE

static void delimiters_cut(void **state)
{
	static const struct tally_case cases[] = {
	    {"plain", TWO("\r\n--bound\r\n"), CUTS},
	    {"spaces and tabs behind", TWO("\r\n--bound \t  \r\n"), CUTS},
	    {"a CRLF is not content, a second one is", TWO("\r\n\r\n--bound\r\n"), "", 4, "1",
	     REASON_type, REASON_NONE},
	    {"a bare CR before the CRLF is content", TWO("\r\r\n--bound\r\n"), "", 3, "1",
	     REASON_type, REASON_NONE},
	    {"a bare LF before the CRLF is content", TWO("\n\r\n--bound\r\n"), "", 3, "1",
	     REASON_type, REASON_NONE},
	    {"the end is one", MESSAGE(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound--"), CUTS},
	    {"the end is one, with spaces",
	     MESSAGE(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound-- \t"), CUTS},
	    {"the end is one, of the last part only",
	     MESSAGE(MIXED "--bound\r\n" PNG "\r\n12\r\n--bound"), CUTS},
	    {"none at the end", MESSAGE(MIXED "--bound\r\n" PNG "\r\n12"), CUTS},
	    {"none at the end: a last CRLF is content",
	     MESSAGE(MIXED "--bound\r\n" PNG "\r\n12\r\n"), "", 4, "1", REASON_type, REASON_NONE},
	    {"none at all", MESSAGE(MIXED "12345\r\n"), "", 7, "preamble", REASON_opaque,
	     REASON_preamble},
	    {"the outer closes the inner",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b\r\n") PNG "\r\n12" NEXT PNG
	                                                               "\r\n345" END),
	     "", 3, "2", REASON_type, REASON_NONE},
	    {"and none of the inner's is one then",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b\r\n") PNG "\r\n12" NEXT PNG
	                                                               "\r\n3\r\n--b\r\n4" END),
	     "", LEN("3\r\n--b\r\n4"), "2", REASON_type, REASON_NONE},
	    {"the outer's end closes all",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b\r\n") PNG "\r\n12" END "--b\r\n12345"),
	     "", LEN("--b\r\n12345"), "epilogue", REASON_opaque, REASON_epilogue},
	    {"behind the end is epilogue, delimiters and all",
	     MESSAGE(MIXED "--bound\r\n" PNG "\r\n12" END PNG "\r\n3" NEXT PNG "\r\n4" END), "",
	     LEN(PNG "\r\n3" NEXT PNG "\r\n4" END), "epilogue", REASON_opaque, REASON_epilogue},
	    {"the end alone", MESSAGE(MIXED "--bound--\r\n12345"), "", 5, "epilogue", REASON_opaque,
	     REASON_epilogue},
	    {"within a part's header",
	     MESSAGE(MIXED "--bound\r\n" PNG "--bound\r\n" PNG "\r\n123" END), "",
	     LEN(PNG "--bound\r\n" PNG "\r\n123" END), "1", REASON_opaque, REASON_header_unended},
	    {"behind a part's empty line",
	     MESSAGE(MIXED "--bound\r\n" PNG "\r\n--bound\r\n\r\n" END), "", NOTHING},
	    {"before any content", MESSAGE(MIXED "--bound\r\n--bound\r\n" PNG "\r\n123" END), "",
	     LEN("--bound\r\n" PNG "\r\n123" END), "1", REASON_opaque, REASON_header_unended},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

/* In body text, so that it shows that it is not exempt any more. */
#define NEAR(line)                                                                                 \
	PART("Content-Type: text/plain\r\n", "1\r\n" line "\r\n2"), "near_delimiter ",             \
	    OPAQUE("1\r\n" line "\r\n2" END, near_delimiter)
#define NEAR_RAW(content) PART("", content), "near_delimiter ", OPAQUE(content END, near_delimiter)
#define NOT_NEAR(line)    PART("Content-Type: text/plain\r\n", "1\r\n" line "\r\n2"), "", EXEMPT

/* To some readers an unquoted boundary ends at its first "=", "/", ":" or "?". */
static void stems_of_boundaries_are_near(void **state)
{
	static const struct tally_case cases[] = {
	    {"the stem", STEM("a=b", "a=b", "--a"), STEM_NEAR("a=b", "--a")},
	    {"its end", STEM("a=b", "a=b", "--a-- "), STEM_NEAR("a=b", "--a-- ")},
	    {"in another case", STEM("a:b", "a:b", "--A"), STEM_NEAR("a:b", "--A")},
	    {"text behind it", STEM("a/b", "a/b", "--ax"), STEM_FAR("--ax")},
	    {"the next octet", STEM("a=b", "a=b", "--a="), STEM_FAR("--a=")},
	    {"of a quoted one", STEM("\"a=b\"", "a=b", "--a"), STEM_FAR("--a")},
	    {"none, where it begins with one", STEM("=b", "=b", "--"), STEM_FAR("--")},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

static void near_delimiters_make_opaque(void **state)
{
	static const struct tally_case cases[] = {
	    {"upper case", NEAR("--BOUND")},
	    {"mixed case at the end", NEAR("--bounD--")},
	    {"text behind", NEAR("--bound text")},
	    {"text right behind", NEAR("--bounds")},
	    {"text behind the end", NEAR("--bound--text")},
	    {"text behind the end and a space", NEAR("--bound-- text")},
	    {"one dash", NEAR("--bound-")},
	    {"one dash and a space", NEAR("--bound -")},
	    {"three dashes", NEAR("--bound---")},
	    {"a space before the dashes", NEAR("--bound --")},
	    {"a colon behind", NEAR("--bound: text")},
	    {"NUL behind", NEAR("--bound\0")},
	    {"VT behind", NEAR("--bound\v")},
	    {"FF behind the end", NEAR("--bound--\f")},
	    {"8 bit behind", NEAR("--bound\xc2\xa0")},
	    {"much text behind", NEAR("--bound" L250 L250)},
	    {"much white space and text behind",
	     NEAR("--bound                                                                        "
	          "                                                                               "
	          "                                                                               "
	          "                                                                      \t text")},
	    {"after a bare CR", NEAR_RAW("1\r--bound\r\n2")},
	    {"after a bare LF", NEAR_RAW("1\n--bound\r\n2")},
	    {"the end after a bare LF", NEAR_RAW("1\n--bound--\r\n2")},
	    {"after LF CR", NEAR_RAW("1\n\r--bound\r\n2")},
	    {"before a bare LF", NEAR_RAW("1\r\n--bound\n2")},
	    {"before a bare CR", NEAR_RAW("1\r\n--bound\r2")},
	    {"before two CR", NEAR_RAW("1\r\n--bound\r\r\n2")},
	    {"before CR and the end", MESSAGE(MIXED "--bound\r\n\r\n1\r\n--bound\r"),
	     "near_delimiter ", OPAQUE("1\r\n--bound\r", near_delimiter)},
	    {"at the end", MESSAGE(MIXED "--bound\r\n\r\n1\r\n--boundary"), "near_delimiter ",
	     OPAQUE("1\r\n--boundary", near_delimiter)},
	    {"in base64", PART(PNG BASE64, "QUJD\r\n--bound-\r\n"), "near_delimiter ",
	     OPAQUE("QUJD\r\n--bound-\r\n" END, near_delimiter)},
	    {"in what is opaque already", MESSAGE(MIXED "1\r\n--BOUND\r\n" END), "near_delimiter ",
	     LEN("1\r\n--BOUND\r\n" END), "preamble", REASON_opaque, REASON_preamble},
	    {"in the epilogue of the inner",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b--\r\n") "--Bound" END),
	     "near_delimiter ", LEN("--Bound" END), "1.epilogue", REASON_opaque, REASON_epilogue},
	    {"in a part's header", PART("--bound: x\r\n" PNG, "12"), "near_delimiter ",
	     OPAQUE("--bound: x\r\n" PNG "\r\n12" END, near_delimiter)},
	    {"in a part's header, behind a field", PART(PNG "--bounds: x\r\n", "12"),
	     "near_delimiter ", OPAQUE(PNG "--bounds: x\r\n\r\n12" END, near_delimiter)},
	    {"of the outer, in the inner",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b\r\n") PNG
	             "\r\n1\r\n--Bound\r\n2\r\n--b--" END),
	     "near_delimiter ", LEN("1\r\n--Bound\r\n2\r\n--b--" END), "1.1", REASON_opaque,
	     REASON_near_delimiter},
	    {"no dashes", NOT_NEAR("bound")},
	    {"one dash before", NOT_NEAR("-bound")},
	    {"three dashes before", NOT_NEAR("---bound")},
	    {"a space before", NOT_NEAR(" --bound")},
	    {"a space between", NOT_NEAR("-- bound")},
	    {"cut short", NOT_NEAR("--boun")},
	    {"cut short by NUL", NOT_NEAR("--bou\0nd")},
	    {"in mid line", NOT_NEAR("x--bound")},
	    {"the dashes alone", NOT_NEAR("--")},
	    {"folded in a part's header", PART("X: y\r\n --bound\r\n", "12"), "", EXEMPT},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

/*
 * A line or boundary that is one to some readers: to GMime and Python's email both, these. Then the
 * multipart is closed, or others stand within it, and what would cut next is their content. So nothing
 * of that multipart, nor of those within it, cuts any more.
 */
#define AFTER_NEAR(line)                                                                           \
	"--b\r\n" PNG "\r\n1\r\n" line "\r\n2\r\n--b\r\n" PNG "\r\n34567890\r\n--b\r\n" PNG        \
	"\r\n34567890\r\n--b--"
#define REST(line)                                                                                 \
	"1\r\n" line "\r\n2\r\n--b\r\n" PNG "\r\n34567890\r\n--b\r\n" PNG "\r\n34567890\r\n--b--"

static void what_may_be_closed_cuts_no_more(void **state)
{
	static const struct tally_case cases[] = {
	    {"a delimiter after a bare LF",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n") AFTER_NEAR("\n--bound") END),
	     "near_delimiter ", LEN(REST("\n--bound") END), "1.1", REASON_opaque,
	     REASON_near_delimiter},
	    {"an end after a bare LF",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n") AFTER_NEAR("\n--bound--") END),
	     "near_delimiter ", LEN(REST("\n--bound--") END), "1.1", REASON_opaque,
	     REASON_near_delimiter},
	    {"an end before two CR",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n") AFTER_NEAR("--bound--\r") END),
	     "near_delimiter ", LEN(REST("--bound--\r") END), "1.1", REASON_opaque,
	     REASON_near_delimiter},
	    {"of the inner: the outer still cuts",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n") AFTER_NEAR("\n--b--") NEXT PNG
	             "\r\n1" END),
	     "near_delimiter ", LEN(REST("\n--b--")), "1.1", REASON_opaque, REASON_near_delimiter},
	    {"in a preamble", MESSAGE(MIXED "\n--bound--\r\n--bound\r\n" PNG "\r\n34567890" END),
	     "near_delimiter ", LEN("\n--bound--\r\n--bound\r\n" PNG "\r\n34567890" END),
	     "preamble", REASON_opaque, REASON_preamble},
	    {"in a part's header",
	     MESSAGE(MIXED "--bound\r\n--bound: x\r\n\r\n1" NEXT PNG "\r\n34567890" END),
	     "near_delimiter ", LEN("--bound: x\r\n\r\n1" NEXT PNG "\r\n34567890" END), "1",
	     REASON_opaque, REASON_near_delimiter},
	    {"a boundary that is open: an attached multipart of what follows",
	     MESSAGE(MIXED "--bound\r\nContent-Disposition: attachment\r\n" INNER("bound", "")
	                 NEXT PNG "\r\n1234" NEXT PNG "\r\n5678" END),
	     "multipart_unopened ", LEN("--bound\r\n" PNG "\r\n1234" NEXT PNG "\r\n5678" END), "1",
	     REASON_opaque, REASON_boundary},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

#define ATTACHED "Date: x\r\n\r\n--x\r\n" PNG BASE64 "\r\nQUJDREVGR0hJSktM\r\n--x--\r\n"

static void leaves_are_not_looked_into(void **state)
{
	static const struct tally_case cases[] = {
	    {"message/rfc822",
	     PART("Content-Type: message/rfc822\r\n",
	          "Content-Type: multipart/mixed; boundary=x\r\n" ATTACHED),
	     "", LEN("Content-Type: multipart/mixed; boundary=x\r\n" ATTACHED), "1", REASON_type,
	     REASON_NONE},
	    {"message/rfc822 whose boundary is the outer's",
	     PART("Content-Type: message/rfc822\r\n",
	          "Content-Type: multipart/mixed; boundary=bound\r\n\r\n--bound\r\n" PNG "\r\n1"),
	     "", LEN("Content-Type: multipart/mixed; boundary=bound\r\n"), "1", REASON_type,
	     REASON_NONE},
	    {"message/rfc822, the message itself",
	     MESSAGE(HEAD "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n12345"), "",
	     COUNTED(LEN("Subject: x\r\n\r\n12345"), type)},
	    {"message/rfc822 in base64", PART("Content-Type: message/rfc822\r\n" BASE64, "QUJD"),
	     "message_encoded ",
	     OPAQUE_HEADER("Content-Type: message/rfc822\r\n" BASE64, "QUJD", message_encoding)},
	    {"message/rfc822 in quoted-printable",
	     PART("Content-Type: message/rfc822\r\n" QUOTED, "=41"), "message_encoded ",
	     OPAQUE_HEADER("Content-Type: message/rfc822\r\n" QUOTED, "=41", message_encoding)},
	    {"message/delivery-status in base64",
	     PART("Content-Type: message/delivery-status\r\n" BASE64, "QUJD"), "message_encoded ",
	     OPAQUE_HEADER("Content-Type: message/delivery-status\r\n" BASE64, "QUJD",
	                   message_encoding)},
	    {"message/partial",
	     PART("Content-Type: message/partial; id=a@b; number=1; total=2\r\n", "12"),
	     "message_elsewhere ", COUNTED(2, type)},
	    {"message/external-body",
	     PART("Content-Type: Message/External-Body; access-type=URL; url=\"http://x/\"\r\n",
	          "12"),
	     "message_elsewhere ", COUNTED(2, type)},
	    {"a child of a digest without a type",
	     MESSAGE(HEAD "Content-Type: multipart/digest; boundary=bound\r\n\r\n"
	                  "--bound\r\n\r\nSubject: x\r\n\r\n1" END),
	     "", COUNTED(LEN("Subject: x\r\n\r\n1"), type)},
	    {"a child of a digest without a type, encoded",
	     MESSAGE(HEAD "Content-Type: multipart/digest; boundary=bound\r\n\r\n"
	                  "--bound\r\n" BASE64 "\r\nQUJD" END),
	     "message_encoded ", OPAQUE_HEADER(BASE64, "QUJD", message_encoding)},
	    {"TNEF", PART("Content-Type: application/ms-tnef\r\n" BASE64, "eJ8+Ig=="), "",
	     COUNTED(4, type)},
	    {"preamble", MESSAGE(MIXED "12345\r\n--bound\r\n\r\n1" END), "", 5, "preamble",
	     REASON_opaque, REASON_preamble},
	    {"preamble that looks like body text",
	     MESSAGE(MIXED "Content-Type: text/plain\r\n\r\n12345\r\n--bound\r\n\r\n1" END), "",
	     LEN("Content-Type: text/plain\r\n\r\n12345"), "preamble", REASON_opaque,
	     REASON_preamble},
	    {"preamble of the inner",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n12345\r\n--b\r\n\r\n1\r\n--b--") END), "",
	     5, "1.preamble", REASON_opaque, REASON_preamble},
	    {"epilogue", MESSAGE(MIXED "--bound\r\n\r\n1" END "12345"), "", 5, "epilogue",
	     REASON_opaque, REASON_epilogue},
	    {"epilogue of the inner",
	     MESSAGE(MIXED "--bound\r\n" INNER("b", "\r\n--b\r\n\r\n1\r\n--b--\r\n12345") END), "",
	     5, "1.epilogue", REASON_opaque, REASON_epilogue},
	};

	(void)state;
	tally_check(cases, ROWS(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(multipart_needs_a_usable_boundary),
	    cmocka_unit_test(boundary_must_be_none_that_is_open),
	    cmocka_unit_test(multipart_must_not_be_encoded),
	    cmocka_unit_test(delimiters_cut),
	    cmocka_unit_test(stems_of_boundaries_are_near),
	    cmocka_unit_test(near_delimiters_make_opaque),
	    cmocka_unit_test(what_may_be_closed_cuts_no_more),
	    cmocka_unit_test(leaves_are_not_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
