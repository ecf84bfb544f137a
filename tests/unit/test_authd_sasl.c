/* What mechanisms and protocols send, as postreeve-authd reads it. */
#include "db/authd/dovecot.h"
#include "db/authd/sasl.h"
#include "db/authd/saslauthd.h"

#include "tests/unit/table.h"

#include <stdlib.h>
#include <string.h>

static void base64_is_read_strictly(void **state)
{
	static const struct {
		const char *text, *octets; /* null: it is none */
	} rows[] = {
	    {"", ""},         {"Zg==", "f"},        {"Zm8=", "fo"},
	    {"Zm9v", "foo"},  {"Zm9vYg==", "foob"}, {"+/+/", "\xfb\xff\xbf"},
	    {"Zg=", NULL},    {"Zg", NULL},         {"Z", NULL},
	    {"====", NULL},   {"Z===", NULL},       {"Zh==", NULL},
	    {"Zm9=", NULL},   {"Zg==Zg==", NULL},   {" Zg==", NULL},
	    {"Zg==\n", NULL}, {"Zm9v\n", NULL},     {"Zm-v", NULL},
	    {"Zm_v", NULL},   {"Zm\xc3\xa4", NULL}, {"=Zm9", NULL},
	    {"Zg==\t", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char out[64];
		size_t len;
		bool good = base64_decode(rows[i].text, strlen(rows[i].text), out, &len);

		assert_row(good == (rows[i].octets != NULL), rows[i].text);
		if (!good)
			continue;
		assert_row(len == strlen(rows[i].octets), rows[i].text);
		assert_row(memcmp(out, rows[i].octets, len) == 0, rows[i].text);
	}
}

/* The octets themselves: what PLAIN sends before base64. */
#define OCTETS(text) (text), sizeof(text) - 1

static void encode(const char *octets, size_t len, char *out)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned left = len - i < 3 ? (unsigned)(len - i) : 3, word = 0;

		for (unsigned n = 0; n < 3; n++)
			word = word << 8 | (n < left ? (unsigned char)octets[i + n] : 0);
		for (unsigned n = 0; n < 4; n++)
			*out++ = n <= left ? letters[word >> (18 - 6 * n) & 63] : '=';
	}
	*out = '\0';
}

static void plain_names_an_account_and_its_password(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		const char *account, *password; /* null: refused */
	} rows[] = {
	    {OCTETS("\0alice\0secret"), "alice", "secret"},
	    {OCTETS("alice\0alice\0secret"), "alice", "secret"},
	    {OCTETS("\0a@b.example\0 pass word "), "a@b.example", " pass word "},
	    {OCTETS("\0\xc3\xa4\0\xc3\xa4"), "\xc3\xa4", "\xc3\xa4"},
	    {OCTETS("bob\0alice\0secret"), NULL, NULL},
	    {OCTETS("alic\0alice\0secret"), NULL, NULL},
	    {OCTETS("alicex\0alice\0secret"), NULL, NULL},
	    {OCTETS(""), NULL, NULL},
	    {OCTETS("\0"), NULL, NULL},
	    {OCTETS("\0\0"), NULL, NULL},
	    {OCTETS("\0alice"), NULL, NULL},
	    {OCTETS("\0alice\0"), NULL, NULL},
	    {OCTETS("\0\0secret"), NULL, NULL},
	    {OCTETS("\0alice\0sec\0ret"), NULL, NULL},
	    {OCTETS("\0al\tice\0secret"), NULL, NULL},
	    {OCTETS("\0alice\n\0secret"), NULL, NULL},
	    {OCTETS("\0al ice\0secret"), NULL, NULL},
	    {OCTETS("\0\x7f\0secret"), NULL, NULL},
	    {OCTETS("\0\xff\0secret"), NULL, NULL},
	    {OCTETS("\0%group\0secret"), NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct attempt attempt = {.verdict = VERDICT_OPEN};
		char text[256];

		encode(rows[i].octets, rows[i].len, text);
		sasl_plain(&attempt, text, strlen(text));
		if (!rows[i].account) {
			assert_row(attempt.verdict == VERDICT_REFUSED, text);
			assert_row(attempt.reason == REASON_FORM, text);
			continue;
		}
		assert_row(attempt.verdict == VERDICT_OPEN, text);
		assert_row(strcmp(attempt.account, rows[i].account) == 0, text);
		assert_row(attempt.password_len == strlen(rows[i].password), text);
		assert_row(memcmp(attempt.password, rows[i].password, attempt.password_len) == 0,
		           text);
	}
}

static void lengths_are_those_of_accounts_and_passwords(void **state)
{
	static const struct {
		size_t account, password;
		bool good;
	} rows[] = {
	    {ACCOUNT_NAME_MAX, 1, true},
	    {ACCOUNT_NAME_MAX + 1, 1, false},
	    {1, PASSWORD_MAX, true},
	    {1, PASSWORD_MAX + 1, false},
	    {ACCOUNT_NAME_MAX, PASSWORD_MAX, true},
	    {1, 3000, false}, /* as much as there is room for */
	    {1, 5000, false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct attempt attempt = {.verdict = VERDICT_OPEN};
		char octets[8192] = "", text[8192];
		size_t len = 2 + rows[i].account + rows[i].password;

		memset(octets + 1, 'a', rows[i].account);
		memset(octets + 2 + rows[i].account, 'p', rows[i].password);
		encode(octets, len, text);
		sasl_plain(&attempt, text, strlen(text));
		assert_int_equal(attempt.verdict == VERDICT_OPEN, rows[i].good);
	}
}

static void a_nul_makes_no_other_name_of_one(void **state)
{
	struct attempt attempt = {.verdict = VERDICT_OPEN};

	(void)state;
	attempt_account(&attempt, OCTETS("alice\0"));
	assert_int_equal(attempt.verdict, VERDICT_REFUSED);
	assert_string_not_equal(attempt.account, "alice");
}

static void saslauthd_reads_four_strings_whatever_their_pieces(void **state)
{
	static const char request[] = "\0\5alice\0\6secret\0\4smtp\0\13example.com";
	const size_t len = sizeof request - 1;
	struct attempt attempt;

	(void)state;
	for (size_t n = 0; n < len; n++)
		assert_int_equal(saslauthd_read(request, n, &attempt), SASLAUTHD_MORE);
	assert_int_equal(saslauthd_read(request, len, &attempt), SASLAUTHD_DONE);
	assert_int_equal(attempt.verdict, VERDICT_OPEN);
	assert_string_equal(attempt.account, "alice@example.com");
	assert_string_equal(attempt.service, "smtp");
	assert_int_equal(attempt.password_len, 6);
	assert_memory_equal(attempt.password, "secret", 6);
}

static void without_a_realm_the_login_is_the_account(void **state)
{
	struct attempt attempt;

	(void)state;
	assert_int_equal(saslauthd_read(OCTETS("\0\5alice\0\6secret\0\4smtp\0\0"), &attempt),
	                 SASLAUTHD_DONE);
	assert_int_equal(attempt.verdict, VERDICT_OPEN);
	assert_string_equal(attempt.account, "alice");
}

static void saslauthd_refuses_what_is_no_credential(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} rows[] = {
	    {OCTETS("\0\0\0\6secret\0\0\0\0")},
	    {OCTETS("\0\5alice\0\0\0\0\0\0")},
	    {OCTETS("\0\6alice\0\0\6secret\0\0\0\0")},
	    {OCTETS("\0\5alice\0\2\0x\0\0\0\0")},
	    {OCTETS("\xff\xff")},
	    {OCTETS("\4\1")},
	    {OCTETS("\0\5alice\xff\xff")},
	    {OCTETS("\0\2\xff\xfe\0\1x\0\0\0\0")},
	    {OCTETS("\0\5alice\0\6secret\0\0\0\2\0x")},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct attempt attempt;

		assert_int_equal(saslauthd_read(rows[i].octets, rows[i].len, &attempt),
		                 SASLAUTHD_DONE);
		assert_int_equal(attempt.verdict, VERDICT_REFUSED);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_is_read_strictly),
	    cmocka_unit_test(plain_names_an_account_and_its_password),
	    cmocka_unit_test(lengths_are_those_of_accounts_and_passwords),
	    cmocka_unit_test(a_nul_makes_no_other_name_of_one),
	    cmocka_unit_test(saslauthd_reads_four_strings_whatever_their_pieces),
	    cmocka_unit_test(without_a_realm_the_login_is_the_account),
	    cmocka_unit_test(saslauthd_refuses_what_is_no_credential),
	};

	return cmocka_run_group_tests_name("authd_sasl", tests, NULL, NULL);
}
