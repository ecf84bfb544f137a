/*
 * Encoded words and charsets, as people are shown them. Octal escapes stand where a hexadecimal one
 * would take the letters behind it, too.
 */
#include "policy/encoded_word.h"

#include "tests/unit/table.h"

#include <string.h>

#define SPAN(s) ((struct span){(s), strlen(s)})

static void words_are_decoded_for_display(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {"report.pdf", "report.pdf"},
	    {"=?utf-8?Q?J=C3=B6rg_M=2E?=", "J\xc3\xb6rg M."},
	    {"=?UTF-8?q?J=c3=b6rg?=", "J\xc3\xb6rg"},
	    {"=?utf-8?B?SsO2cmc=?=", "J\xc3\xb6rg"},
	    {"=?utf-8?b?SsO2cmc?=", "J\xc3\xb6rg"}, /* its padding left out */
	    {"=?utf-8?B?Sg==?=", "J"},
	    {"=?utf-8?B?\?=", ""},
	    {"=?iso-8859-1?Q?J=F6rg?=", "J\xc3\xb6rg"},
	    {"=?ISO-8859-1?B?SvZyZw==?=", "J\xc3\xb6rg"},
	    {"=?us-ascii?Q?J=F6rg?=", "J?rg"},
	    {"=?koi8-r?Q?J=F6rg?=", "J?rg"},
	    {"=?utf-8?Q?J=F6rg?=", "J?rg"},
	    /* RFC 2231 5: a language */
	    {"=?iso-8859-1*de?Q?J=F6rg?=", "J\xc3\xb6rg"},
	    {"=?utf-8*?Q?J=C3=B6rg?=", "J\xc3\xb6rg"},
	    /* RFC 2047 6.2: white space between two words */
	    {"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
	    {"=?utf-8?Q?a?=\n\t =?utf-8?B?Yg==?=", "ab"},
	    {"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
	    {"=?utf-8?Q?a_?= =?utf-8?Q?b?=", "a b"},
	    {"=?utf-8?Q?a?= b", "a b"},
	    {"a =?utf-8?Q?b?= c =?utf-8?Q?d?=", "a b c d"},
	    {"=?utf-8?Q?a?= =?utf-8?Q?=zz?= =?utf-8?Q?b?=", "a =?utf-8?Q?=zz?= b"},
	    /* malformed: as they are */
	    {"=?utf-8?Q?a", "=?utf-8?Q?a"},
	    {"=?utf-8?Q?a?", "=?utf-8?Q?a?"},
	    {"=?utf-8?Q?a b?=", "=?utf-8?Q?a b?="},
	    {"=?utf-8?Q?a?b?=", "=?utf-8?Q?a?b?="},
	    {"=?utf-8?Q?=4?=", "=?utf-8?Q?=4?="},
	    {"=?utf-8?Q?=?=", "=?utf-8?Q?=?="},
	    {"=?utf-8?B?SsO2c?=", "=?utf-8?B?SsO2c?="},
	    {"=?utf-8?B?Sg=?=", "=?utf-8?B?Sg=?="},
	    {"=?utf-8?B?Sg===?=", "=?utf-8?B?Sg===?="},
	    {"=?utf-8?B?Sg======?=", "=?utf-8?B?Sg======?="},
	    {"=?utf-8?B?S=g=?=", "=?utf-8?B?S=g=?="},
	    {"=?utf-8?B?S!g=?=", "=?utf-8?B?S!g=?="},
	    {"=?utf-8?B?SsO2====?=", "=?utf-8?B?SsO2====?="},
	    {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
	    {"=?utf-8?QQ?a?=", "=?utf-8?QQ?a?="},
	    {"=??Q?a?=", "=??Q?a?="},
	    {"=?a b?Q?a?=", "=?a b?Q?a?="},
	    {"=?", "=?"},
	    {"=?=", "=?="},
	    {"=", "="},
	    /* a malformed one does not hide the good one behind it */
	    {"=?utf-8?=?utf-8?Q?b?=", "=?utf-8?b"},
	    {"=?=?utf-8?Q?b?=", "=?b"},
	    /* control characters, however they come */
	    {"=?utf-8?Q?a=00=0D=0A=1B=7Fb?=", "a?????b"},
	    {"=?utf-8?Q?a=C2=85b?=", "a?b"},
	    {"=?iso-8859-1?Q?a=85b?=", "a?b"},
	    {"a\001\177\xc2\205b", "a???b"},
	    {"a\n b\tc", "a b c"},
	    /* UTF-8 that is none */
	    {"a\xc3", "a?"},
	    {"\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", "?????????"},
	    {"=?utf-8?Q?=C3?= =?utf-8?Q?=B6?=", "??"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char buffer[128] = "";
		struct text out = {.at = buffer, .size = sizeof buffer};

		encoded_word_decode(SPAN(rows[i].in), &out);
		assert_row(strcmp(buffer, rows[i].out) == 0, rows[i].in);
		assert_row(out.len == strlen(rows[i].out) && !out.full, rows[i].in);
	}
}

static void words_of_any_length_are_shown(void **state)
{
	static const char head[] = "=?utf-8?Q?", tail[] = "?=";
	static const size_t lengths[] = {75, 1024, 1025, 60000};

	(void)state;
	for (size_t i = 0; i < ROWS(lengths); i++) {
		static char in[60100], buffer[60100];
		struct text out = {.at = buffer, .size = sizeof buffer};
		size_t len = lengths[i];

		strcpy(in, head);
		memset(in + strlen(head), 'x', len);
		strcpy(in + strlen(head) + len, tail);
		encoded_word_decode(SPAN(in), &out);
		/* decoded, or left as it is */
		assert_true(len <= 1024 ? out.len == len : strcmp(buffer, in) == 0);
	}
}

static void charsets_become_utf_8(void **state)
{
	static const struct {
		const char *charset, *in, *out;
	} rows[] = {
	    {"utf-8", "\xe2\x82\xac", "\xe2\x82\xac"},
	    {"UTF8", "\xe2\x82\xac", "\xe2\x82\xac"},
	    {"utf-8", "\xe2\x82", "??"},
	    {"utf-8", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	    {"iso-8859-1", "\xa0\xff", "\xc2\xa0\xc3\xbf"},
	    {"ISO-8859-1", "\x80\x9f", "??"},
	    {"us-ascii", "a\xe4", "a?"},
	    {"windows-1252", "a\x80", "a?"},
	    {"", "a\xe4", "a?"},
	    {"utf-8", "\n\r\t\033", "????"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char buffer[32] = "";
		struct text out = {.at = buffer, .size = sizeof buffer};

		charset_decode(SPAN(rows[i].charset), (const unsigned char *)rows[i].in,
		               strlen(rows[i].in), &out);
		assert_row(strcmp(buffer, rows[i].out) == 0, rows[i].in);
	}
}

/* Every size of a text, around one that ends with characters of 2, 3 and 4 octets. */
static void a_text_is_cut_between_characters(void **state)
{
	static const char whole[] = "a\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t fits[] = {0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

	(void)state;
	for (size_t size = 1; size < ROWS(fits); size++) {
		char buffer[16];
		struct text out = {.at = buffer, .size = size};

		memset(buffer, '#', sizeof buffer);
		buffer[0] = '\0';
		encoded_word_decode(SPAN(whole), &out);
		assert_int_equal(out.len, fits[size]);
		assert_int_equal(out.full, fits[size] < strlen(whole));
		assert_memory_equal(buffer, whole, out.len);
		assert_int_equal(buffer[out.len], '\0');
		for (size_t i = size; i < sizeof buffer; i++)
			assert_int_equal(buffer[i], '#');
		/* Nothing follows what was left out, though it would fit: only the last has room. */
		encoded_word_decode(SPAN("z"), &out);
		assert_int_equal(out.len, fits[size] + (size == ROWS(fits) - 1));
	}
}

static void encoded_words_are_noticed(void **state)
{
	static const struct {
		const char *in;
		bool found;
	} rows[] = {
	    {"", false},
	    {"boundary=?", false},
	    {"=?utf-8?Q?a?=", true},
	    {"x=?utf-8?b?YQ==?=y", true},
	    {"=?utf-8?Q?\?=", true},
	    {"=?utf-8?Q?a b?=", true}, /* not well formed, but who knows */
	    {"=??Q?a?=", true},
	    {"=?x =?utf-8?Q?a?=", true},
	    {"=?=?utf-8?Q?a?=", true},
	    {"=?utf-8?X?a?=", false},
	    {"=?utf-8?Q?a", false},
	    {"=?utf-8?Q?a?", false},
	    {"!#$%&'*+-/=?^_`{|}~", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(encoded_word_in(SPAN(rows[i].in)) == rows[i].found, rows[i].in);
}

static void words_that_break_lines_are_noticed(void **state)
{
	static const struct {
		const char *in;
		bool breaks;
	} rows[] = {
	    {"", false},
	    {"Joe\n Public", false},
	    {"=?utf-8?Q?Joe_Public?=", false},
	    {"=?utf-8?Q?a=00b?=", true},
	    {"=?utf-8?Q?a=0Db?=", true},
	    {"=?utf-8?Q?a=0ab?=", true},
	    {"=?utf-8?Q?a?= =?utf-8?Q?=0a?=", true},
	    {"=?utf-8?B?YQo=?=", true},
	    {"=?utf-8?B?YQ0?=", true},
	    {"=?utf-8?B?AA==?=", true},
	    {"=?utf-8?B?YWI=?=", false},
	    {"=?x-none?B?Cg==?=", true},
	    {"=?utf-8?Q?=09=1B?=", false}, /* shown as '?' */
	    {"=0A", false},
	    /* readers differ in what they make of these */
	    {"=?utf-8?Q?a", true},
	    {"=?utf-8?Q?a b?=", true},
	    {"=?utf-8?B?Y!Q=?=", true},
	    {"=?utf-8?Q?=0?=", true},
	    {"=?", true},
	    {"a=b?", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(encoded_word_breaks_lines(SPAN(rows[i].in)) == rows[i].breaks,
		           rows[i].in);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_decoded_for_display),
	    cmocka_unit_test(words_of_any_length_are_shown),
	    cmocka_unit_test(charsets_become_utf_8),
	    cmocka_unit_test(a_text_is_cut_between_characters),
	    cmocka_unit_test(encoded_words_are_noticed),
	    cmocka_unit_test(words_that_break_lines_are_noticed),
	};

	return cmocka_run_group_tests_name("encoded_word", tests, NULL, NULL);
}
