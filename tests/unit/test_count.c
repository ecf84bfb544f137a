/*
 * What content stands for, by its encoding. Every content is fed whole, octet by octet and in
 * chunks of any size.
 */
#include "policy/count.h"
#include "tests/unit/chunks.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>

#define NO_SIZE UINT64_MAX

struct answer {
	uint64_t octets;
	bool decoded, eight_bit;
};

static struct answer ask(const struct counter *counter)
{
	struct answer answer = {.eight_bit = counter_eight_bit(counter)};

	answer.octets = counter_octets(counter, &answer.decoded);
	return answer;
}

static bool same(const struct answer *a, const struct answer *b)
{
	return a->octets == b->octets && a->decoded == b->decoded && a->eight_bit == b->eight_bit;
}

static void add(void *arg, const unsigned char *octets, size_t len)
{
	counter_add(arg, octets, len);
}

/* The answer, or a failure if it depends on the chunks. */
static struct answer count(enum encoding encoding, const unsigned char *octets, size_t len)
{
	struct counter counter;
	struct answer whole, other;

	counter_init(&counter, encoding);
	counter_add(&counter, octets, len);
	whole = ask(&counter);
	for (unsigned most = 1; most <= 1000; most *= 10) {
		counter_init(&counter, encoding);
		feed_chunks(octets, len, most, add, &counter);
		other = ask(&counter);
		if (!same(&whole, &other))
			fail_msg("encoding %d, %zu octets, chunks of at most %u: %ju, not %ju",
			         encoding, len, most, (uintmax_t)other.octets,
			         (uintmax_t)whole.octets);
	}
	return whole;
}

/* ---- cases -------------------------------------------------------------- */

static void check_row(enum encoding encoding, const char *content, size_t len, uint64_t octets)
{
	struct answer answer = count(encoding, (const unsigned char *)content, len);
	bool decoded = octets != NO_SIZE;

	if (!decoded)
		octets = len;
	if (answer.octets != octets || answer.decoded != decoded)
		fail_msg("encoding %d, \"%s\": %ju octets, %s", encoding, content,
		         (uintmax_t)answer.octets, answer.decoded ? "decoded" : "raw");
}

/* NO_SIZE: malformed, so it counts raw. */
static const struct {
	const char *content;
	uint64_t octets;
} base64_rows[] = {
    {"", 0},
    {"QQ==", 1},
    {"QUI=", 2},
    {"QUJD", 3},
    {"QUJDRA==", 4},
    {"AZaz09+/", 6},
    {"QUJD\r\nREVG\r\n", 6},
    {" \tQ\rU\nJ D\t", 3},
    {"\r\n\r\n", 0},
    {"QUI\r\n=\r\n", 2},
    {"QQ= =", 1},
    {"QQ==\r\n \t\r\n", 1},
    /* padding that is not what the characters before it ask for */
    {"QQ", NO_SIZE},
    {"QUI", NO_SIZE},
    {"QQ=", NO_SIZE},
    {"QQ===", NO_SIZE},
    {"QUI==", NO_SIZE},
    {"QUJD=", NO_SIZE},
    {"QUJD====", NO_SIZE},
    {"=", NO_SIZE},
    {"====", NO_SIZE},
    {"Q", NO_SIZE},
    {"Q===", NO_SIZE},
    {"QUJDR", NO_SIZE},
    {"QUJDR===", NO_SIZE},
    /* anything behind it, and anything else */
    {"QQ==QQ==", NO_SIZE},
    {"QUI=QUJD", NO_SIZE},
    {"QQ==\r\nQQ==", NO_SIZE},
    {"QUJ-", NO_SIZE},
    {"QUJ_", NO_SIZE},
    {"QU.JD", NO_SIZE},
    {"QU\vJD", NO_SIZE},
    {"QU\fJD", NO_SIZE},
    {"QUJD\001", NO_SIZE},
    {"QUJ\303", NO_SIZE},
    {"QQ==!", NO_SIZE},
};

static const struct {
	const char *content;
	uint64_t octets;
} quoted_rows[] = {
    {"", 0},
    {"abc", 3},
    {"a\r\nb\rc\nd", 8},
    {"=41", 1},
    {"=3d=3D=fF", 3},
    {"a=\r\nb", 2},
    {"=\r\n=\r\n", 0},
    {"=\r\n=41=\r\n", 1},
    {"=4141=\r\n41", 5},
    {"a \t\r\n", 5},
    {"\303\251", 2},
    {"a=", 1},
    {"=", 0},
    {"=\r\n=", 0},
    /* malformed */
    {"=\r", NO_SIZE},
    {"=4", NO_SIZE},
    {"a=4", NO_SIZE},
    {"==41", NO_SIZE},
    {"=4=41", NO_SIZE},
    {"=\r=41", NO_SIZE},
    {"==", NO_SIZE},
    {"=\n", NO_SIZE},
    {"=\r\r\n", NO_SIZE},
    {"=\ra", NO_SIZE},
    {"= \r\n", NO_SIZE},
    {"=4G", NO_SIZE},
    {"=G4", NO_SIZE},
    {"=/0", NO_SIZE},
    {"=:0", NO_SIZE},
    {"=@0", NO_SIZE},
    {"=`0", NO_SIZE},
    {"=4\r\n", NO_SIZE},
    {"a=b", NO_SIZE},
    {"=41=", 1},
};

static void base64_counts_without_decoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(base64_rows); i++)
		check_row(ENCODING_BASE64, base64_rows[i].content, strlen(base64_rows[i].content),
		          base64_rows[i].octets);
}

static void quoted_printable_counts_without_decoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(quoted_rows); i++)
		check_row(ENCODING_QUOTED_PRINTABLE, quoted_rows[i].content,
		          strlen(quoted_rows[i].content), quoted_rows[i].octets);
}

/* Each row again, where blocks, their ends and the rest behind them meet it. */
static void rows_count_the_same_anywhere_in_a_long_content(void **state)
{
	enum {
		BEFORE = 400
	};
	static char content[BEFORE + 100 + 1];

	(void)state;
	memset(content, 'A', BEFORE);
	for (size_t before = 4; before <= BEFORE; before += 4) {
		for (size_t i = 0; i < ROWS(base64_rows); i++) {
			uint64_t octets = base64_rows[i].octets;
			size_t len = strlen(base64_rows[i].content);

			memcpy(content + before, base64_rows[i].content, len + 1);
			check_row(ENCODING_BASE64, content, before + len,
			          octets == NO_SIZE ? octets : octets + before / 4 * 3);
			memset(content + before, 'A', len);
		}
		for (size_t i = 0; i < ROWS(quoted_rows); i++) {
			uint64_t octets = quoted_rows[i].octets;
			size_t len = strlen(quoted_rows[i].content);

			memcpy(content + before, quoted_rows[i].content, len + 1);
			check_row(ENCODING_QUOTED_PRINTABLE, content, before + len,
			          octets == NO_SIZE ? octets : octets + before);
			memset(content + before, 'A', len);
		}
	}
}

static void padding_ends_base64_in_any_later_chunk(void **state)
{
	unsigned char more[64];
	struct counter counter;

	(void)state;
	memset(more, 'A', sizeof more);
	for (size_t len = 4; len <= sizeof more; len += 4) {
		counter_init(&counter, ENCODING_BASE64);
		counter_add(&counter, (const unsigned char *)"QQ==", 4);
		assert_true(ask(&counter).decoded);
		counter_add(&counter, more, len);
		assert_false(ask(&counter).decoded);
		assert_int_equal(ask(&counter).octets, 4 + len);
	}
}

static void what_has_no_encoding_counts_raw(void **state)
{
	static const enum encoding encodings[] = {ENCODING_NONE, ENCODING_7BIT, ENCODING_8BIT,
	                                          ENCODING_BINARY};
	static const char content[] = "=41\r\n\0\377";

	(void)state;
	for (size_t i = 0; i < ROWS(encodings); i++)
		check_row(encodings[i], content, sizeof content - 1, sizeof content - 1);
	check_row(ENCODING_UNKNOWN, content, sizeof content - 1, NO_SIZE);
}

static void an_eight_bit_octet_is_noticed_wherever_none_was_promised(void **state)
{
	static const struct {
		enum encoding encoding;
		bool noticed;
	} rows[] = {{ENCODING_NONE, false},   {ENCODING_7BIT, true},
	            {ENCODING_8BIT, false},   {ENCODING_BINARY, false},
	            {ENCODING_BASE64, true},  {ENCODING_QUOTED_PRINTABLE, true},
	            {ENCODING_UNKNOWN, false}};
	unsigned char content[450];

	(void)state;
	memset(content, 'A', sizeof content);
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_false(count(rows[i].encoding, content, sizeof content).eight_bit);
		for (size_t at = 0; at < sizeof content; at++) {
			content[at] = 0x80;
			assert_int_equal(count(rows[i].encoding, content, sizeof content).eight_bit,
			                 rows[i].noticed);
			/* behind what is malformed in any encoding, too */
			content[0] = at > 0 ? '=' : 0x80;
			assert_int_equal(count(rows[i].encoding, content, sizeof content).eight_bit,
			                 rows[i].noticed);
			content[0] = content[at] = 'A';
		}
	}
}

/* ---- the definition once more, in the plainest way ----------------------- */

static bool is_hex_digit(unsigned char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c);
}

static uint64_t plain_base64(const unsigned char *s, size_t len)
{
	size_t n = 0, padding = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n')
			continue;
		if (s[i] == '=')
			padding++;
		else if (padding > 0 ||
		         !((s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z') ||
		           (s[i] >= '0' && s[i] <= '9') || s[i] == '+' || s[i] == '/'))
			return NO_SIZE;
		else
			n++;
	}
	switch (n % 4) {
	case 0:
		return padding == 0 ? n / 4 * 3 : NO_SIZE;
	case 2:
		return padding == 2 ? n / 4 * 3 + 1 : NO_SIZE;
	case 3:
		return padding == 1 ? n / 4 * 3 + 2 : NO_SIZE;
	default:
		return NO_SIZE;
	}
}

static uint64_t plain_quoted(const unsigned char *s, size_t len)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < len;) {
		if (s[i] != '=')
			octets++, i++;
		else if (i + 1 == len)
			i++;
		else if (i + 2 < len && s[i + 1] == '\r' && s[i + 2] == '\n')
			i += 3;
		else if (i + 2 < len && is_hex_digit(s[i + 1]) && is_hex_digit(s[i + 2]))
			octets++, i += 3;
		else
			return NO_SIZE;
	}
	return octets;
}

static void check_random(enum encoding encoding, const struct words *words,
                         uint64_t (*plain)(const unsigned char *, size_t), unsigned rounds)
{
	static unsigned char content[1200];
	unsigned decoded = 0;

	for (unsigned i = 0; i < rounds; i++) {
		size_t len = random_content(words, content, random_below(sizeof content));
		uint64_t octets = plain(content, len);
		struct answer answer = count(encoding, content, len);

		decoded += answer.decoded;
		if (answer.decoded != (octets != NO_SIZE) ||
		    answer.octets != (octets == NO_SIZE ? len : octets))
			fail_msg("round %u: %ju, not %ju: %.*s", i, (uintmax_t)answer.octets,
			         (uintmax_t)octets, (int)len, (char *)content);
	}
	/* else nothing was compared but what is malformed, or what is not */
	assert_in_range(decoded, rounds / 20, rounds - rounds / 20);
}

static void random_contents_count_as_by_the_plain_definition(void **state)
{
	static const struct words base64 = {
	    {"A", "z", "/", "+", "9", "QUJD", "\r\n", " ", "\t", "\n"},
	    10,
	    {"=", "==", "QQ==", "-"},
	    4};
	static const struct words quoted = {
	    {"a", "4", "F", "=41", "=fe", "=\r\n", "\r\n", "\r", "\n"},
	    9,
	    {"=", "=4", "=\r", "\200"},
	    4};

	(void)state;
	check_random(ENCODING_BASE64, &base64, plain_base64, 5000);
	check_random(ENCODING_QUOTED_PRINTABLE, &quoted, plain_quoted, 5000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_counts_without_decoding),
	    cmocka_unit_test(quoted_printable_counts_without_decoding),
	    cmocka_unit_test(rows_count_the_same_anywhere_in_a_long_content),
	    cmocka_unit_test(padding_ends_base64_in_any_later_chunk),
	    cmocka_unit_test(what_has_no_encoding_counts_raw),
	    cmocka_unit_test(an_eight_bit_octet_is_noticed_wherever_none_was_promised),
	    cmocka_unit_test(random_contents_count_as_by_the_plain_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
