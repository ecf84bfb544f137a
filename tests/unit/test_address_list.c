/*
 * Address lists of header fields. Octal escapes stand where a hexadecimal one would take the
 * letters behind it, too.
 */
#include "policy/address_list.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define L64 "0123456789012345678901234567890123456789012345678901234567890123"

#define BAD NULL /* instead of the keys */

/* The keys of all mailboxes, with a space behind each. FORM_NONE where the list is well formed. */
static enum form read_list(const char *value, size_t len, enum address_list_kind kind, char *keys)
{
	struct address_list list;
	struct mailbox mailbox;
	enum form form;

	address_list_begin(&list, (struct span){value, len}, kind);
	keys[0] = '\0';
	while ((form = address_list_next(&list, &mailbox)) == FORM_OK) {
		assert_int_equal(mailbox.key[mailbox.local_len], '@');
		strcat(keys, mailbox.key);
		strcat(keys, " ");
	}
	/* What ended it has ended it. */
	assert_int_equal(address_list_next(&list, &mailbox), FORM_NONE);
	return form;
}

struct row {
	const char *value, *keys;
};

static void try_rows(const struct row *rows, size_t count, enum address_list_kind kind)
{
	for (size_t i = 0; i < count; i++) {
		char keys[4096];
		enum form form = read_list(rows[i].value, strlen(rows[i].value), kind, keys);

		assert_row(form == (rows[i].keys ? FORM_NONE : FORM_BAD), rows[i].value);
		assert_row(!rows[i].keys || strcmp(keys, rows[i].keys) == 0, rows[i].value);
	}
}

/* What is read alike in every address field. */
#define TRY(rows)                                                                                  \
	do {                                                                                       \
		try_rows(rows, ROWS(rows), ADDRESSES_OF_SENDERS);                                  \
		try_rows(rows, ROWS(rows), ADDRESSES_OF_RECIPIENTS);                               \
	} while (0)

/* ---- what honest mail has ------------------------------------------------- */

static void mailboxes_bare_and_named(void **state)
{
	static const struct row rows[] = {
	    {"joe@d.example", "joe@d.example "},
	    {" Joe@D.Example\t", "joe@d.example "},
	    {"<joe@d>", "joe@d "},
	    {"Joe <joe@d>", "joe@d "},
	    {"Joe<joe@d>", "joe@d "},
	    {"John Q. Public <joe@d>", "joe@d "},
	    {"J.R.R. Tolkien <joe@d>", "joe@d "},
	    {"Who? <one@y.test>", "one@y.test "},
	    {"\"Giant; \\\"Big\\\" Box\" <joe@d>", "joe@d "},
	    {"\"Public, John\" <joe@d>", "joe@d "},
	    {"\"Joe\" Q. \"Public\" <joe@d>", "joe@d "},
	    {"\"\" <joe@d>", "joe@d "},
	    {"\"back\\\\\" <joe@d>", "joe@d "},
	    {"O'Neil & Sons * {x} <joe@d>", "joe@d "},
	    {"!#$%&'*+-/=?^_`{|}~@d", "!#$%&'*+-/=?^_`{|}~@d "},
	    {"Joe <!#$%&'*+-/=?^_`{|}~@d>", "!#$%&'*+-/=?^_`{|}~@d "},
	    {"joe@[192.0.2.1]", "joe@[192.0.2.1] "},
	    {"Joe <joe@[IPv6:2001:DB8::1]>", "joe@[ipv6:2001:db8::1] "},
	    {"joe@[IPv6:2001:DB8::1], b@d", "joe@[ipv6:2001:db8::1] b@d "},
	    {"\"joe\"@d", "joe@d "},
	    {"\"j\\oe\"@d", "joe@d "},
	    {"\"j oe\"@d", "\"j oe\"@d "},
	    {"X <\"a@b, c>\"@d>", "\"a@b, c>\"@d "},
	    {"X <\"a\\\"b\"@d>, <\"a\\\\\"@d>", "\"a\\\"b\"@d \"a\\\\\"@d "},
	};

	(void)state;
	TRY(rows);
}

static void lists(void **state)
{
	static const struct row rows[] = {
	    {"a@d,b@d", "a@d b@d "},
	    {"a@d , A <b@d>,\n\t<c@d> , \"C, D\" <e@d>", "a@d b@d c@d e@d "},
	    {"a@d,a@d", "a@d a@d "},
	};

	(void)state;
	TRY(rows);
}

static void comments_stand_between_words(void **state)
{
	static const struct row rows[] = {
	    {"root@d (Cron Daemon)", "root@d "},
	    {"root@d(Cron Daemon)", "root@d "},
	    {"(x) joe@d", "joe@d "},
	    {"(x)joe@d(y)", "joe@d "},
	    {"Joe (x) <joe@d>", "joe@d "},
	    {"Joe (x) Public <joe@d> (y) (z), (a) b@d", "joe@d b@d "},
	    {"joe@d (a (nested) one, with; a \\) and \\\" in it:)", "joe@d "},
	    {"joe@d ()", "joe@d "},
	    {"joe@d (J\xc3\xb6rg)", "joe@d "},
	    {"joe@d (=?utf-8?Q?J=C3=B6rg?=)", "joe@d "},
	    {"joe@d (a\n b)", "joe@d "},
	};

	(void)state;
	TRY(rows);
}

static void names_in_any_language(void **state)
{
	static const struct row rows[] = {
	    {"J\xc3\xb6rg <joe@d>", "joe@d "},
	    {"\"J\xc3\xb6rg\" <joe@d>", "joe@d "},
	    {"j\xc3\xb6rg@b\xc3\274cher.example", "j\xc3\xb6rg@xn--bcher-kva.example "},
	    {"=?utf-8?Q?J=C3=B6rg?= M. <joe@d>", "joe@d "},
	    {"=?utf-8?B?SsO2cmc=?=\n =?utf-8?Q?_M=2E?= <joe@d>", "joe@d "},
	    {"\"=?utf-8?Q?J=C3=B6rg?=\" <joe@d>", "joe@d "},
	    {"=?utf-8?Q?Joe_=3Cevil=40d=3E?= <joe@d>", "joe@d "},
	    {"what=so?ever <joe@d>", "joe@d "},
	};

	(void)state;
	TRY(rows);
}

static void folds_are_white_space(void **state)
{
	static const struct row rows[] = {
	    {"\n joe@d", "joe@d "},
	    {" \n\tJoe\n Public\n <joe@d>", "joe@d "},
	    {"\"Joe\n Public\" <joe@d>", "joe@d "},
	    {"a@d,\n b@d", "a@d b@d "},
	};

	(void)state;
	TRY(rows);
}

/* ---- the ways a header is forged ------------------------------------------ */

static void a_name_that_looks_like_an_address_is_none(void **state)
{
	static const struct row rows[] = {
	    {"\"<good@d>\" <evil@d>", "evil@d "},
	    {"\"good@d\" <evil@d>", "evil@d "},
	    {"\"good@d, \" <evil@d>", "evil@d "},
	    {"good@d <evil@d>", BAD},
	    {"good <@d <evil@d>", BAD},
	    {"a good@d <evil@d>", BAD},
	    {"\"x\" good@d <evil@d>", BAD},
	    {"good@d \"x\" <evil@d>", BAD},
	    {"good@d evil@d", BAD},
	    {"good@d (x) evil@d", BAD},
	};

	(void)state;
	TRY(rows);
}

static void two_addresses_are_not_one(void **state)
{
	static const struct row rows[] = {
	    {"<good@d>evil@d", BAD},
	    {"<good@d>evil", BAD},
	    {"<good@d> <evil@d>", BAD},
	    {"<good@d><evil@d>", BAD},
	    {"<good@d>:<evil@d>", BAD},
	    {"<good@d>\\,<evil@d>", BAD},
	    {"<good@d>;<evil@d>", BAD},
	    {"good@d;evil@d", BAD},
	    {"good@d:evil@d", BAD},
	    {"<good@d> x", BAD},
	    {"<good@d> \"x\"", BAD},
	    {"<good@d,evil@d>", BAD},
	    {"<<good@d>,<evil@d>>", BAD},
	    {"<good@d>>", BAD},
	    {"<good@d", BAD},
	    {"good@d>", BAD},
	};

	(void)state;
	TRY(rows);
}

static void routes_and_a_second_at_are_refused(void **state)
{
	static const struct row rows[] = {
	    {"<@a,@b:joe@d>", BAD}, {"<@a:joe@d>", BAD}, {"<a@b@c>", BAD}, {"a@b@c", BAD},
	    {"Joe <a@b@c>", BAD},   {"@d", BAD},         {"<@d>", BAD},    {"joe@", BAD},
	    {"<joe>", BAD},         {"joe", BAD},        {"<>", BAD},      {"Joe", BAD},
	};

	(void)state;
	TRY(rows);
}

static void a_comment_is_no_address_and_no_part_of_one(void **state)
{
	static const struct row rows[] = {
	    {"evil@d (<good@d>)", BAD},
	    {"evil@d (good@d)", BAD},
	    {"evil@d (<)", BAD},
	    {"evil@d (>)", BAD},
	    {"evil@d (\\@)", BAD},
	    {"(<good@d>) evil@d", BAD},
	    {"(x (<good@d>)) evil@d", BAD},
	    {"joe(x)@d", BAD},
	    {"joe@(x)d", BAD},
	    {"joe@d(x).example", BAD},
	    {"<(x)joe@d>", BAD},
	    {"<joe@d(x)>", BAD},
	    {"(joe@d", BAD},
	    {"joe@d (x", BAD},
	    {"joe@d (x\\)", BAD},
	    {"joe@d (x\\", BAD},
	    {"joe@d x)", BAD},
	    {"joe@d (x))", BAD},
	    {"joe@d )(", BAD},
	};

	(void)state;
	TRY(rows);
}

static void white_space_is_no_part_of_an_address(void **state)
{
	static const struct row rows[] = {
	    {"joe @d", BAD},         {"joe@ d", BAD},           {"joe@d .example", BAD},
	    {"j oe@d", BAD},         {"< joe@d>", BAD},         {"<joe@d >", BAD},
	    {"<joe\n @d>", BAD},     {"joe\n @d", BAD},         {"\"joe\" @d", BAD},
	    {"\"j\n oe\"@d", BAD},   {"<\"j\toe\"@d>", BAD},    {"\"a\" \"b\"@d", BAD},
	    {"\"a\".b@d", BAD},      {"a.\"b\"@d", BAD},        {"x\"joe\"@d", BAD},
	    {"joe@[192.0.2.1", BAD}, {"joe@[192.0.2.1]x", BAD}, {"joe@[192. 0.2.1]", BAD},
	};

	(void)state;
	TRY(rows);
}

static void quotes_and_quoted_pairs_are_whole(void **state)
{
	static const struct row rows[] = {
	    {"\"Joe <joe@d>", BAD},
	    {"Joe\" <joe@d>", BAD},
	    {"\"Joe\\\" <joe@d>", BAD},
	    {"\"Joe\" \"<joe@d>", BAD},
	    {"<\"joe@d>", BAD},
	    {"<\"joe\\\"@d>", BAD},
	    {"\"", BAD},
	    {"\"\\", BAD},
	    {"\"Joe\\\n x\" <joe@d>", BAD},
	    {"Joe \\x <joe@d>", BAD},
	    {"j\\oe@d", BAD},
	    {"\"\"@d", BAD},
	};

	(void)state;
	TRY(rows);
}

static void specials_stand_in_quotes_alone(void **state)
{
	static const struct row rows[] = {
	    {"Public, Joe <joe@d>", BAD}, {"Joe; <joe@d>", BAD}, {"Joe [x] <joe@d>", BAD},
	    {"Joe > <joe@d>", BAD},       {".Joe <joe@d>", BAD}, {"Joe\\, <joe@d>", BAD},
	};

	(void)state;
	TRY(rows);
}

static void an_encoded_word_is_no_address(void **state)
{
	static const struct row rows[] = {
	    {"=?utf-8?Q?joe?=@d", BAD},         {"<=?utf-8?Q?joe?=@d>", BAD},
	    {"<x=?utf-8?Q?joe?=@d>", BAD},      {"\"=?utf-8?Q?joe?=\"@d", BAD},
	    {"<\"\\=?utf-8?Q?joe?=\"@d>", BAD}, {"=?utf-8?Q?joe=40d?=", BAD},
	    {"<=?utf-8?Q?joe=40d?=>", BAD},     {"=?utf-8?Q?=3Cjoe=40d=3E?=", BAD},
	    {"joe@=?utf-8?Q?d?=", BAD},         {"=?utf-8?B?am9lQGQ=?=", BAD},
	    {"Joe =?utf-8?Q?<joe=40d>?=", BAD},
	};

	(void)state;
	TRY(rows);
}

/* Readers differ in where one ends that does not end in the word it began in. */
static void an_encoded_word_ends_where_it_began(void **state)
{
	static const struct row rows[] = {
	    {"=?utf-8?Q?x <good@d>, y?= <evil@d>", BAD},
	    {"\"=?utf-8?Q?x\" <good@d>, \"y?=\" <evil@d>", BAD},
	    {"a@d (=?utf-8?Q?x), b@d (?=)", BAD},
	    {"<=?utf-8?Q?a@d>, <b?=@d>", BAD},
	    {"<\"=?utf-8?Q?a\"@d>, <b?=@d>", BAD},
	    {"=?utf-8?Q?a?b?= <joe@d>", BAD},
	};

	(void)state;
	TRY(rows);
}

static void a_name_that_decodes_to_a_line_end_is_refused(void **state)
{
	static const struct row rows[] = {
	    {"=?utf-8?Q?Joe=00?= <joe@d>", BAD},
	    {"=?utf-8?Q?Joe=0D?= <joe@d>", BAD},
	    {"=?utf-8?Q?Joe=0A?= <joe@d>", BAD},
	    {"=?utf-8?B?Sm9lCg==?= <joe@d>", BAD},
	    {"\"=?utf-8?Q?Joe=0A?=\" <joe@d>", BAD},
	    {"\"=\\?utf-8?Q?Joe=0A?=\" <joe@d>", BAD},
	    {"x =?utf-8?Q?Joe?= \"y\" =?utf-8?Q?=0A?= <joe@d>", BAD},
	    {"joe@d (=?utf-8?Q?=0A?=)", BAD},
	};

	(void)state;
	TRY(rows);
}

static void octets_that_no_field_may_hold(void **state)
{
	static const struct row rows[] = {
	    {"Joe\r\n <joe@d>", BAD},
	    {"\"Joe\r\" <joe@d>", BAD},
	    {"Joe\n<joe@d>", BAD},
	    {"joe@d\n", BAD},
	    {"\njoe@d", BAD},
	    {"joe@d\n ", BAD},
	    {"a@d,\n \n b@d", BAD},
	    {"\n \t\n joe@d", BAD},
	    {"joe@d (\001)", BAD},
	    {"\"\033[2J\" <joe@d>", BAD},
	    {"\"\177\" <joe@d>", BAD},
	    {"\"\xc2\x85\" <joe@d>", BAD},
	    {"\"\xff\" <joe@d>", BAD},
	    {"J\xf6rg <joe@d>", BAD},
	    {"\"\xc0\xbc\" <joe@d>", BAD},
	    {"joe@d (\xc3)", BAD},
	};
	static const char nul[] = "joe@d\0, evil@d";
	char keys[64];

	(void)state;
	TRY(rows);
	assert_int_equal(read_list(nul, sizeof nul - 1, ADDRESSES_OF_SENDERS, keys), FORM_BAD);
	assert_int_equal(read_list(nul, 6, ADDRESSES_OF_RECIPIENTS, keys), FORM_BAD);
}

static void domains_and_lengths_are_those_of_a_mailbox(void **state)
{
	static const struct row rows[] = {
	    {"joe@d.", BAD},
	    {"Joe <joe@d.example.>", BAD},
	    {"joe@d..example", BAD},
	    {"joe.@d", BAD},
	    {L64 "@d", L64 "@d "},
	    {"x" L64 "@d", BAD},
	    /* the U-label is the A-label; a look-alike (a Cyrillic a) is another domain */
	    {"joe@b\xc3\274cher.example, joe@XN--BCHER-KVA.example",
	     "joe@xn--bcher-kva.example joe@xn--bcher-kva.example "},
	    {"joe@b\xd0\xb0nk.example", "joe@xn--bnk-6cd.example "},
	};

	(void)state;
	TRY(rows);
}

/* ---- who sends, and who receives ------------------------------------------ */

static void senders_are_mailboxes_and_nothing_else(void **state)
{
	static const struct row rows[] = {
	    {"", BAD},
	    {" ", BAD},
	    {"(x)", BAD},
	    {",", BAD},
	    {"a@d,", BAD},
	    {",a@d", BAD},
	    {"a@d,,b@d", BAD},
	    {"a@d, (x) ,b@d", BAD},
	    {"undisclosed-recipients:;", BAD},
	    {"name: a@d;", BAD},
	    {"name: a@d", BAD},
	    {"a@d;", BAD},
	};

	(void)state;
	try_rows(rows, ROWS(rows), ADDRESSES_OF_SENDERS);
}

static void recipients_may_be_groups_or_none(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {" \n\t(nobody)", ""},
	    {",", ""},
	    {"a@d,", "a@d "},
	    {", ,a@d,,\n b@d, (x) ,", "a@d b@d "},
	    {"undisclosed-recipients:;", ""},
	    {"undisclosed-recipients: ;", ""},
	    {"\"a group\" of (x) words: Joe <a@d>, b@d; , c@d", "a@d b@d c@d "},
	    {"x:,a@d,,;,y:b@d;", "a@d b@d "},
	    {"x:joe@[IPv6:::1];", "joe@[ipv6:::1] "},
	    {"x:;,", ""},
	    {"x:; (x)", ""},
	    {"x:", BAD},
	    {"x:a@d", BAD},
	    {"x:a@d,", BAD},
	    {"x:;;", BAD},
	    {"x:; a@d", BAD},
	    {"x:a@d; y:;", BAD},
	    {"x:y:;", BAD},
	    {"x:y:;;", BAD},
	    {"x:a@d,y:b@d;;", BAD},
	    {":;", BAD},
	    {"(x):;", BAD},
	    {"<a@d>:;", BAD},
	    {"a@d:;", BAD},
	    {"a@d;", BAD},
	    {";", BAD},
	    {"x:a@d b@d;", BAD},
	    {"=?utf-8?Q?=0A?=:;", BAD},
	};

	(void)state;
	try_rows(rows, ROWS(rows), ADDRESSES_OF_RECIPIENTS);
}

/* ---- size ----------------------------------------------------------------- */

static void comments_nest_32_deep(void **state)
{
	(void)state;
	for (size_t depth = COMMENT_DEPTH_MAX; depth <= COMMENT_DEPTH_MAX + 1; depth++) {
		char value[2 * (COMMENT_DEPTH_MAX + 1) + 8] = "joe@d ", keys[32];
		size_t len = strlen(value);

		memset(value + len, '(', depth);
		memset(value + len + depth, ')', depth);
		assert_int_equal(read_list(value, len + 2 * depth, ADDRESSES_OF_SENDERS, keys),
		                 depth > COMMENT_DEPTH_MAX ? FORM_BAD : FORM_NONE);
	}
}

static void a_value_needs_no_end(void **state)
{
	static const char value[] = "<joe@d>.example";
	char keys[32];

	(void)state;
	assert_int_equal(read_list(value, 7, ADDRESSES_OF_SENDERS, keys), FORM_NONE);
	assert_string_equal(keys, "joe@d ");
	assert_int_equal(read_list(value, 6, ADDRESSES_OF_SENDERS, keys), FORM_BAD);
	assert_int_equal(read_list(value + 1, 5, ADDRESSES_OF_SENDERS, keys), FORM_NONE);
	assert_int_equal(read_list(NULL, 0, ADDRESSES_OF_SENDERS, keys), FORM_BAD);
	assert_int_equal(read_list(NULL, 0, ADDRESSES_OF_RECIPIENTS, keys), FORM_NONE);
}

#define COPIES 200000

/* Seconds of this process for the piece repeated, between head and tail; and how many mailboxes. */
static double measure(const char *head, const char *piece, size_t copies, const char *tail,
                      enum address_list_kind kind, size_t *mailboxes)
{
	static char value[16 * COPIES + 64];
	struct address_list list;
	struct mailbox mailbox;
	char *end = stpcpy(value, head);
	clock_t start;

	for (size_t i = 0; i < copies; i++)
		end = stpcpy(end, piece);
	end = stpcpy(end, tail);
	start = clock();
	*mailboxes = 0;
	address_list_begin(&list, (struct span){value, (size_t)(end - value)}, kind);
	while (address_list_next(&list, &mailbox) == FORM_OK)
		++*mailboxes;
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* What goes back to the beginning for each piece takes 10 seconds and more. */
static void time_is_linear(void **state)
{
	static const struct {
		const char *head, *piece, *tail;
		size_t mailboxes;
	} rows[] = {
	    {"a@d", ",joe@d.example", "", COPIES + 1},
	    {"a@d", ",\"x\" <joe@d>", "", COPIES + 1},
	    {"", "(", "", 0},
	    {"", "()", "a@d", 1},
	    {"", "\"", "", 0},
	    {"", "\"\"", "<a@d>", 1},
	    {"\"", "\\\"", "\" <a@d>", 1},
	    {"", "<", "", 0},
	    {"", "<", ">", 0},
	    {"<", "\"", "@d>", 0},
	    {"", "@", "", 0},
	    {"", "a ", "<a@d>", 1},
	    {"", "a.", "@d", 0},
	    {"", "\"\" a", "<a@d>", 1},
	    {"", "=?", "<a@d>", 0},
	    {"", "=?a?q?", "<a@d>", 0},
	    {"", "=?a?q?b?= ", "<a@d>", 1},
	    {"\"=?a?q?", "x", "?=\" <a@d>", 1},
	    {"", "\n x", " <a@d>", 1},
	    {"", "a@[", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t mailboxes;
		double seconds = measure(rows[i].head, rows[i].piece, COPIES, rows[i].tail,
		                         ADDRESSES_OF_SENDERS, &mailboxes);

		assert_row(mailboxes == rows[i].mailboxes, rows[i].piece);
		assert_row(seconds < 2, rows[i].piece);
	}
}

static void time_is_linear_for_groups(void **state)
{
	static const struct {
		const char *head, *piece, *tail;
		size_t mailboxes;
	} rows[] = {
	    {"", ",", "", 0},  {"", "x:;,", "", 0},   {"x:", "a@d,", ";", COPIES},
	    {"", "x:", "", 0}, {"", "(),", "a@d", 1},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t mailboxes;
		double seconds = measure(rows[i].head, rows[i].piece, COPIES, rows[i].tail,
		                         ADDRESSES_OF_RECIPIENTS, &mailboxes);

		assert_row(mailboxes == rows[i].mailboxes, rows[i].piece);
		assert_row(seconds < 2, rows[i].piece);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mailboxes_bare_and_named),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(comments_stand_between_words),
	    cmocka_unit_test(names_in_any_language),
	    cmocka_unit_test(folds_are_white_space),
	    cmocka_unit_test(a_name_that_looks_like_an_address_is_none),
	    cmocka_unit_test(two_addresses_are_not_one),
	    cmocka_unit_test(routes_and_a_second_at_are_refused),
	    cmocka_unit_test(a_comment_is_no_address_and_no_part_of_one),
	    cmocka_unit_test(white_space_is_no_part_of_an_address),
	    cmocka_unit_test(quotes_and_quoted_pairs_are_whole),
	    cmocka_unit_test(specials_stand_in_quotes_alone),
	    cmocka_unit_test(an_encoded_word_is_no_address),
	    cmocka_unit_test(an_encoded_word_ends_where_it_began),
	    cmocka_unit_test(a_name_that_decodes_to_a_line_end_is_refused),
	    cmocka_unit_test(octets_that_no_field_may_hold),
	    cmocka_unit_test(domains_and_lengths_are_those_of_a_mailbox),
	    cmocka_unit_test(senders_are_mailboxes_and_nothing_else),
	    cmocka_unit_test(recipients_may_be_groups_or_none),
	    cmocka_unit_test(comments_nest_32_deep),
	    cmocka_unit_test(a_value_needs_no_end),
	    cmocka_unit_test(time_is_linear),
	    cmocka_unit_test(time_is_linear_for_groups),
	};

	return cmocka_run_group_tests_name("address_list", tests, NULL, NULL);
}
