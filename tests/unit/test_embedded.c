/*
 * Lines that begin a file in a text. Every text is fed as it is, in base64 and in quoted-printable;
 * whole, octet by octet and in chunks of any size.
 */
#include "policy/embedded.h"
#include "tests/unit/chunks.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX  4096
#define CODED_MAX (TEXT_MAX * 6)

static void add(void *arg, const unsigned char *octets, size_t len)
{
	embedded_add(arg, octets, len);
}

/* Whether a file is found, or a failure if that depends on the chunks. */
static bool find(enum encoding encoding, const unsigned char *octets, size_t len)
{
	struct embedded embedded;
	bool found;

	embedded_init(&embedded, encoding);
	embedded_add(&embedded, octets, len);
	found = embedded_found(&embedded);
	for (unsigned most = 1; most <= 1000; most *= 10) {
		embedded_init(&embedded, encoding);
		feed_chunks(octets, len, most, add, &embedded);
		if (embedded_found(&embedded) != found)
			fail_msg("encoding %d, chunks of at most %u: %d, not %d: %.*s", encoding,
			         most, !found, found, (int)len, (const char *)octets);
	}
	return found;
}

/* ---- encoders ----------------------------------------------------------- */

/* White space at random: quanta lie across line ends. */
static size_t to_base64(const unsigned char *s, size_t len, unsigned char *out)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)s[i] << 16 | (unsigned)(i + 1 < len ? s[i + 1] : 0) << 8 |
		                (unsigned)(i + 2 < len ? s[i + 2] : 0);

		for (unsigned k = 0; k < 4; k++) {
			out[n++] =
			    (unsigned char)(i + k > len ? '='
			                                : alphabet[bits >> (18 - 6 * k) & 63]);
			if (random_below(40) == 0) {
				memcpy(out + n, "\r\n", 2);
				n += 2;
			}
		}
	}
	return n;
}

/* Octets as they are or =HH, and soft breaks anywhere. */
static size_t to_quoted(const unsigned char *s, size_t len, unsigned char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '=' || random_below(5) == 0)
			n += (size_t)sprintf((char *)out + n, random_below(2) ? "=%02X" : "=%02x",
			                     s[i]);
		else
			out[n++] = s[i];
		if (random_below(20) == 0) {
			memcpy(out + n, "=\r\n", 3);
			n += 3;
		}
	}
	return n;
}

/* The answer for the text, or a failure if it depends on how the text is encoded. */
static bool find_encoded(const unsigned char *text, size_t len)
{
	static unsigned char coded[CODED_MAX];
	bool found = find(ENCODING_NONE, text, len);

	assert_int_equal(found, find(ENCODING_8BIT, text, len));
	assert_int_equal(found, find(ENCODING_UNKNOWN, text, len));
	if (find(ENCODING_BASE64, coded, to_base64(text, len, coded)) != found)
		fail_msg("in base64: %d, not %d: %.*s", !found, found, (int)len,
		         (const char *)text);
	if (find(ENCODING_QUOTED_PRINTABLE, coded, to_quoted(text, len, coded)) != found)
		fail_msg("in quoted-printable: %d, not %d: %.*s", !found, found, (int)len,
		         (const char *)text);
	return found;
}

/* ---- cases -------------------------------------------------------------- */

#define SPACES "                                                                      "
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *line;
	bool found;
} rows[] = {
    {"", false},
    {"begin 644 x", true},
    {"begin 0644 x.bin", true},
    {"begin-base64 644 x", true},
    {"begin\t644\tx", true},
    {"begin  \t 644 \t  x", true},
    {"begin" SPACES "644 x", true},
    {"begin 644" SPACES "x", true},
    {"begin " ZEROS " x", true},
    {"begin 644 \303\251", true},
    /* Thunderbird wants the white space, but no name */
    {"begin 644 ", true},
    {"begin 644", false},
    {"begin 64 x", false},
    {"begin 648 x", false},
    {"begin 64x x", false},
    {"begin 644x", false},
    {"begin644 x", false},
    {"begin x", false},
    {"begin the 644 x", false},
    {"begins 644 x", false},
    {"begi 644 x", false},
    {"Begin 644 x", false},
    {"BEGIN 644 x", false},
    {" begin 644 x", false},
    {"> begin 644 x", false},
    {"xbegin 644 x", false},
    {"begin-base64 64 x", false},
    {"begin-base64-base64 644 x", false},
    {"begin-base6 644 x", false},
    {"begin-base64", false},
    {"begin-", false},
    {"-base64 644 x", false},
    {"=ybegin line=128 size=1 name=x", true},
    {"=ybegin ", true},
    {"=ybegin", false},
    {"=ybegi n", false},
    {"=Ybegin line=128", false},
    {" =ybegin line=128", false},
    {"=ypart begin=1", false},
    {"(This file must be converted with BinHex 4.0)", true},
    {"(THIS file must be CONVERTED with binhex", true},
    {"(This file must be converted with BinHe", false},
    {"(This file may be converted with BinHex 4.0)", false},
    {"This file must be converted with BinHex 4.0", false},
    {" (This file must be converted with BinHex 4.0)", false},
};

static bool find_between(const char *before, const char *line, const char *after)
{
	char text[TEXT_MAX];
	int len = snprintf(text, sizeof text, "%s%s%s", before, line, after);

	return find_encoded((const unsigned char *)text, (size_t)len);
}

static void a_line_that_begins_a_file_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(find_between("", rows[i].line, "") == rows[i].found, rows[i].line);
}

static void any_line_end_starts_a_line(void **state)
{
	static const char *const before[] = {
	    "\n",         "\r",      "\r\n",        "\r\n\r\n",
	    "Hello\r\n",  "begin\n", "begin 644\r", "b\nbe\rbegin 64\n",
	    "=y\r\n=\r\n"};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		for (size_t k = 0; k < ROWS(before); k++) {
			assert_row(find_between(before[k], rows[i].line, "") == rows[i].found,
			           rows[i].line);
			assert_row(find_between(before[k], rows[i].line, before[k]) ==
			               rows[i].found,
			           rows[i].line);
		}
	}
}

static void nothing_else_starts_a_line(void **state)
{
	static const char *const before[] = {" ", "\t", "\v",       "\f",
	                                     "-", ".",  "\302\205", "\342\200\250"};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t k = 0; k < ROWS(before); k++)
			assert_row(!find_between(before[k], rows[i].line, ""), rows[i].line);
}

/* Where blocks, their ends and the rest behind them meet it. */
static void a_line_is_found_anywhere_in_a_long_text(void **state)
{
	static char before[400];

	(void)state;
	for (size_t len = 1; len < sizeof before; len++) {
		memset(before, 'x', len);
		before[len - 1] = '\n';
		for (size_t i = 0; i < ROWS(rows); i += 5) {
			const unsigned char *text = (const unsigned char *)before;

			assert_row(find_between(before, rows[i].line, "\r\n") == rows[i].found,
			           rows[i].line);
			assert_false(find(ENCODING_NONE, text, len));
		}
	}
}

static void a_nul_hides_no_line(void **state)
{
	static const unsigned char text[] = "a\0b\nbegin 644 \0x";

	(void)state;
	assert_true(find_encoded(text, sizeof text - 1));
	assert_false(find_encoded((const unsigned char *)"begin\0 644 x", 12));
}

static const struct {
	enum encoding encoding;
	const char *content;
	bool found;
} encoded_rows[] = {
    /* a soft break joins lines, and =0A starts one */
    {ENCODING_QUOTED_PRINTABLE, "=\r\nbegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a=\r\nbegin 644 x", false},
    {ENCODING_QUOTED_PRINTABLE, "beg=\r\nin 6=\r\n44 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a=0Abegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a=0dbegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "=62egin=20644=09=78", true},
    {ENCODING_QUOTED_PRINTABLE, "=3Dybegin x", true},
    {ENCODING_QUOTED_PRINTABLE, "begin 644 =", true},
    /* malformed: what a lenient program makes of it */
    {ENCODING_QUOTED_PRINTABLE, "=ybegin x", true},
    {ENCODING_QUOTED_PRINTABLE, "=\nbegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a=4\nbegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a=\r=\r\n\nbegin 644 x", true},
    {ENCODING_QUOTED_PRINTABLE, "a==0Abegin 644 x", true},
    {ENCODING_BASE64, "YmVnaW4gNjQ0IHg=", true},
    {ENCODING_BASE64, "YmVnaW4gNjQ0IHg", true},
    {ENCODING_BASE64, "YmVn\r\naW4g NjQ0\tIHg=\r\n", true},
    {ENCODING_BASE64, "YmVna\r\nW4gNjQ0I", false},
    {ENCODING_BASE64, "YmVna\r\nW4gNjQ0IA", true},
    {ENCODING_BASE64, "begin 644 x", false},
    {ENCODING_BASE64, "Cg==YmVnaW4gNjQ0IHg=", true},
    {ENCODING_BASE64, "!Cm-Jl\200Z2luID*Y0NCB4", true},
    {ENCODING_8BIT, "YmVnaW4gNjQ0IHg=", false},
    {ENCODING_7BIT, "=62egin 644 x", false},
};

static void a_text_is_read_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(encoded_rows); i++) {
		const char *content = encoded_rows[i].content;

		assert_row(find(encoded_rows[i].encoding, (const unsigned char *)content,
		                strlen(content)) == encoded_rows[i].found,
		           content);
	}
}

/* ---- the definition once more, in the plainest way ----------------------- */

static bool plain_line(const char *line)
{
	if (strncmp(line, "=ybegin ", 8) == 0 ||
	    strncasecmp(line, "(This file must be converted with BinHex", 40) == 0)
		return true;
	if (strncmp(line, "begin", 5) != 0)
		return false;
	line += 5;
	if (strncmp(line, "-base64", 7) == 0)
		line += 7;
	if (strspn(line, " \t") == 0)
		return false;
	line += strspn(line, " \t");
	if (strspn(line, "01234567") < 3)
		return false;
	line += strspn(line, "01234567");
	return *line == ' ' || *line == '\t';
}

static bool plain(const char *text)
{
	for (;;) {
		if (plain_line(text))
			return true;
		text += strcspn(text, "\r\n");
		if (*text == '\0')
			return false;
		text++;
	}
}

static void random_texts_are_read_as_by_the_plain_definition(void **state)
{
	static const struct words words = {
	    {"\r\n", "\n", "\r", "begin", " ", "6", "be", "(This file must be ", "=y", "b", "x"},
	    11,
	    {"\nbegin 644 x", "\rbegin-base64 777\t", "\n=ybegin ", "644",
	     "\n(this file must be converted with BinHex"},
	    5};
	static unsigned char text[TEXT_MAX];
	const unsigned rounds = 2000;
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < rounds; i++) {
		size_t len = random_content(&words, text, random_below(sizeof text - 1));
		bool answer = find_encoded(text, len);

		text[len] = '\0';
		found += answer;
		assert_row(answer == plain((const char *)text), (const char *)text);
	}
	assert_in_range(found, rounds / 20, rounds - rounds / 20);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_that_begins_a_file_is_found),
	    cmocka_unit_test(any_line_end_starts_a_line),
	    cmocka_unit_test(nothing_else_starts_a_line),
	    cmocka_unit_test(a_line_is_found_anywhere_in_a_long_text),
	    cmocka_unit_test(a_nul_hides_no_line),
	    cmocka_unit_test(a_text_is_read_decoded),
	    cmocka_unit_test(random_texts_are_read_as_by_the_plain_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
