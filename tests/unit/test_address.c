/*
 * The address grammar and its canonical form. Octal escapes stand where a hexadecimal one would take
 * the letters behind it, too.
 */
#include "policy/address.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define L64   "0123456789012345678901234567890123456789012345678901234567890123"
#define L63   "012345678901234567890123456789012345678901234567890123456789012"
#define LABEL L63 "."

static void canonical_forms(void **state)
{
	static const struct {
		const char *in;
		bool utf8;
		const char *key; /* null: refused */
	} rows[] = {
	    {"joe@example.com", false, "joe@example.com"},
	    {"Joe@EXAMPLE.Com", false, "joe@example.com"},
	    {"j.o.e@example.com", false, "j.o.e@example.com"},
	    {"!#$%&'*+-/=?^_`{|}~@example.com", false, "!#$%&'*+-/=?^_`{|}~@example.com"},
	    {"joe@localhost", false, "joe@localhost"},
	    {"joe@1.2.3.4", false, "joe@1.2.3.4"},
	    /* quoted local parts: RFC 5321 4.1.2, and equal to what they stand for */
	    {"\"joe\"@example.com", false, "joe@example.com"},
	    {"\"j\\oe\"@example.com", false, "joe@example.com"},
	    {"\"J\\OE\"@example.com", false, "joe@example.com"},
	    {"\"j.oe\"@example.com", false, "j.oe@example.com"},
	    {"\"j oe\"@example.com", false, "\"j oe\"@example.com"},
	    {"\"j\\ oe\"@example.com", false, "\"j oe\"@example.com"},
	    {"\".joe\"@example.com", false, "\".joe\"@example.com"},
	    {"\"j..oe\"@example.com", false, "\"j..oe\"@example.com"},
	    {"\"a@b\"@example.com", false, "\"a@b\"@example.com"},
	    {"\"a\\\"b\\\\c\"@example.com", false, "\"a\\\"b\\\\c\"@example.com"},
	    {"\"';--\"@example.com", false, "\"';--\"@example.com"},
	    {"\"\"@example.com", false, NULL},
	    {"\"joe@example.com", false, NULL},
	    {"\"joe\\\"@example.com", false, NULL},
	    {"\"joe\"x@example.com", false, NULL},
	    {"x\"joe\"@example.com", false, NULL},
	    {"\"jo\001e\"@example.com", false, NULL},
	    {"\"jo\\\001e\"@example.com", false, NULL},
	    {"\"jo\177e\"@example.com", false, NULL},
	    {"\"jo\te\"@example.com", false, NULL},
	    {"\"", false, NULL},
	    {"\"\\", false, NULL},
	    /* what is no dot-string */
	    {"", false, NULL},
	    {"@example.com", false, NULL},
	    {"joe", false, NULL},
	    {"joe@", false, NULL},
	    {".joe@example.com", false, NULL},
	    {"joe.@example.com", false, NULL},
	    {"j..oe@example.com", false, NULL},
	    {"j oe@example.com", false, NULL},
	    {"j(c)oe@example.com", false, NULL},
	    {"a@b@c", false, NULL},
	    {"@a,@b:joe@example.com", false, NULL},
	    {"@a:joe@example.com", false, NULL},
	    {"joe\r\n@example.com", false, NULL},
	    {" joe@example.com", false, NULL},
	    {"joe@example.com ", false, NULL},
	    {"<joe@example.com>", false, NULL},
	    /* domains */
	    {"joe@example.com.", false, NULL},
	    {"joe@.example.com", false, NULL},
	    {"joe@example..com", false, NULL},
	    {"joe@-example.com", false, NULL},
	    {"joe@example-.com", false, NULL},
	    {"joe@exa_mple.com", false, NULL},
	    {"joe@exa mple.com", false, NULL},
	    {"joe@a--b.example", false, "joe@a--b.example"},
	    {"joe@" L63 ".example", false, "joe@" L63 ".example"},
	    {"joe@" L64 ".example", false, NULL},
	    /* address literals: one spelling each */
	    {"joe@[192.0.2.1]", false, "joe@[192.0.2.1]"},
	    {"joe@[IPv6:2001:DB8:0::1]", false, "joe@[ipv6:2001:db8::1]"},
	    {"joe@[ipv6:2001:db8::1]", false, "joe@[ipv6:2001:db8::1]"},
	    {"joe@[2001:db8::1]", false, NULL},
	    {"joe@[192.0.2.256]", false, NULL},
	    {"joe@[192.0.2.1", false, NULL},
	    {"joe@[]", false, NULL},
	    {"joe@[", false, NULL},
	    {"joe@[IPv6:]", false, NULL},
	    {"joe@[IPv6:192.0.2.1]", false, NULL},
	    {"joe@[x-tag:content]", false, NULL},
	    {"joe@[192.0.2.1].com", false, NULL},
	    /* lengths, as transmitted: RFC 5321 4.5.3.1 */
	    {L64 "@example.com", false, L64 "@example.com"},
	    {"x" L64 "@example.com", false, NULL},
	    {"\"" L63 "\"@example.com", false, NULL},
	    /* RFC 6531: only after SMTPUTF8 */
	    {"j\xc3\xb6@example.com", false, NULL},
	    {"j\xc3\xb6@example.com", true, "j\xc3\xb6@example.com"},
	    {"jo\xcc\x88@example.com", true, "j\xc3\xb6@example.com"},     /* NFC */
	    {"\xe2\x84\252elvin@example.com", true, "kelvin@example.com"}, /* U+212A in NFC is K */
	    {"J\xcc\x8c@example.com", true,
	     "\xc7\xb0@example.com"}, /* J with a caron folds, then composes */
	    {"\xe2\x84\252\xcc\x81@example.com", true,
	     "\xe1\xb8\xb0@example.com"}, /* with an acute it is one letter, not ASCII */
	    {"K\xcc\x81@example.com", true, "\xe1\xb8\xb0@example.com"},
	    {"\xcd\xbe@example.com", true, "\";\"@example.com"}, /* U+037E in NFC is ; */
	    {"\"j\xc3\xb6\"@example.com", true, "j\xc3\xb6@example.com"},
	    {"\"\\\\\xc3\xb6\"@example.com", true, "\"\\\\\xc3\xb6\"@example.com"},
	    {"\"\\\xc3\xb6\"@example.com", true, NULL},
	    {"J\xc3\x96@example.com", true, "j\xc3\x96@example.com"}, /* only ASCII is folded */
	    {"joe@b\xc3\274cher.example", true, "joe@xn--bcher-kva.example"},
	    {"joe@bu\xcc\210cher.example", true, "joe@xn--bcher-kva.example"},
	    {"joe@B\xc3\274cher.EXAMPLE", true, "joe@xn--bcher-kva.example"},
	    {"joe@xn--bcher-kva.example", false, "joe@xn--bcher-kva.example"},
	    {"joe@XN--BCHER-KVA.example", false, "joe@xn--bcher-kva.example"},
	    {"joe@b\xc3\274cher.example", false, NULL},
	    {"joe@xn--zzzz.example", false, "joe@xn--zzzz.example"}, /* no A-label, but a name */
	    {"joe@xn--n3h.net", false, "joe@xn--n3h.net"},           /* nor is an emoji's */
	    {"joe@b\xd0\xb0nk.example", true, "joe@xn--bnk-6cd.example"}, /* Cyrillic a: another */
	    {"joe@\xef\xbd\x85xample.com", true, NULL}, /* full-width e is not mapped */
	    {"joe@example\xe3\x80\202com", true, NULL}, /* nor is the ideographic stop */
	    /* UTF-8 that is none: over-long, surrogate, cut off, lone continuation, above U+10FFFF;
	       C1 */
	    {"j\xc0\xaf@example.com", true, NULL},
	    {"j\xed\xa0\x80@example.com", true, NULL},
	    {"j\xc3@example.com", true, NULL},
	    {"j\x80@example.com", true, NULL},
	    {"j\xf4\x90\x80\x80@example.com", true, NULL},
	    {"j\xc2\x85@example.com", true, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct mailbox out;
		enum form form = mailbox_parse(rows[i].in, strlen(rows[i].in), rows[i].utf8, &out);

		assert_row(form == (rows[i].key ? FORM_OK : FORM_BAD), rows[i].in);
		if (!rows[i].key)
			continue;
		assert_string_equal(out.key, rows[i].key);
		assert_row(out.key[out.local_len] == '@', rows[i].in);
		assert_row(!strchr(out.key + out.local_len + 1, '@'), rows[i].in);
	}
}

static void canonical_form_is_its_own(void **state)
{
	static const char *const rows[] = {
	    "Joe@Example.COM",
	    "\"J oe\"@example.com",
	    "\"a\\\"b\\\\c\"@[IPv6:2001:DB8::1]",
	    "jo\xcc\x88@b\xc3\274cher.example",
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct mailbox once, twice;

		assert_int_equal(mailbox_parse(rows[i], strlen(rows[i]), true, &once), FORM_OK);
		assert_int_equal(mailbox_parse(once.key, strlen(once.key), true, &twice), FORM_OK);
		assert_string_equal(once.key, twice.key);
	}
}

static void nothing_over_254_octets(void **state)
{
	struct mailbox out;
	char address[300] = L64 "@";

	(void)state;
	/* 64 + 1 + 64 + 64 + 61 = 254 */
	strcat(address, LABEL LABEL "0123456789012345678901234567890123456789012345678901234567");
	while (strlen(address) < 254)
		strcat(address, "x");
	assert_int_equal(mailbox_parse(address, 254, false, &out), FORM_OK);
	strcat(address, "y");
	assert_int_equal(mailbox_parse(address, 255, false, &out), FORM_BAD);
}

static void an_octet_string_needs_no_end(void **state)
{
	static const char nul[] = "joe@exa\0mple.com", nul2[] = "j\0oe@example.com";
	struct mailbox out;
	char *exact = malloc(15);

	(void)state;
	memcpy(exact, "joe@example.com", 15); /* the sanitizer sees a read past it */
	assert_int_equal(mailbox_parse(exact, 15, false, &out), FORM_OK);
	assert_string_equal(out.key, "joe@example.com");
	free(exact);
	assert_int_equal(mailbox_parse(nul, sizeof nul - 1, false, &out), FORM_BAD);
	assert_int_equal(mailbox_parse(nul2, sizeof nul2 - 1, false, &out), FORM_BAD);
}

static void reverse_paths(void **state)
{
	static const struct {
		const char *in;
		enum form form;
	} rows[] = {
	    {"<joe@example.com>", FORM_OK},
	    {"<>", FORM_NULL},
	    {"", FORM_BAD},
	    {"<", FORM_BAD},
	    {">", FORM_BAD},
	    {"joe@example.com", FORM_BAD},
	    {"<joe@example.com", FORM_BAD},
	    {"joe@example.com>", FORM_BAD},
	    {"<joe@example.com> ", FORM_BAD},
	    {" <joe@example.com>", FORM_BAD},
	    {"<<joe@example.com>>", FORM_BAD},
	    {"< >", FORM_BAD},
	    {"<@a:joe@example.com>", FORM_BAD},
	    {"<@a,@b:joe@example.com>", FORM_BAD},
	    {"<good@example.com>,<evil@example.net>", FORM_BAD},
	    {"<postmaster>", FORM_BAD},
	};
	struct mailbox out;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(reverse_path_parse(rows[i].in, false, &out) == rows[i].form, rows[i].in);
}

/* {mail_addr}, as Postfix 3.7 and Sendmail 8.17 were seen to report it. */
static void what_the_mta_reports(void **state)
{
	static const struct {
		const char *arg, *reported;
		bool agrees;
	} rows[] = {
	    {"<joe@example.com>", "joe@example.com", true},
	    {"<Joe@Example.com>", "Joe@Example.com", true},
	    {"<\"joe\"@example.com>", "joe@example.com", true},
	    {"<joe@example.com>", "", true},
	    {"<joe@example.com>", "joe@example.com.", true},
	    {"<>", "", true},
	    {"<>", "<>", true},
	    /* Postfix folds as Unicode does */
	    {"<\xc3\x96zt\xc3\xbcrk@example.com>", "\xc3\xb6zt\xc3\xbcrk@example.com", true},
	    {"<stra\xc3\237e@example.com>", "strasse@example.com", true},
	    {"<alice@fa\xc3\x9f.de>", "alice@fass.de", true},
	    {"<alice@\xcf\x83\xce\xbf\xcf\x86\xcf\x8c\xcf\x82.example>",
	     "alice@\xcf\x83\xce\xbf\xcf\x86\xcf\x8c\xcf\x83.example", true},
	    /* Sendmail, in a domain of its own */
	    {"<joe@example.com>", "joe", true},
	    {"<Joe@example.com>", "joe", true},
	    {"<joe+tag@example.com>", "joe", true},
	    {"<joe+tag@example.com>", "joe+tag", true},
	    {"<joe+tag@example.com>", "jo", false},
	    {"<joe@example.com>", "eve", false},
	    /* two readings */
	    {"<joe@example.com>", "eve@example.com", false},
	    {"<joe@example.com>", "joe@example.net", false},
	    {"<joe+tag@example.com>", "joe@example.com", false},
	    {"<>", "joe@example.com", false},
	    {"<a%b@example.com>", "a@b", false},
	    {"<a!b@example.com>", "b@a", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct mailbox mailbox;
		enum form form = reverse_path_parse(rows[i].arg, true, &mailbox);

		assert_row(form == FORM_OK || form == FORM_NULL, rows[i].arg);
		assert_row(reverse_path_agrees(rows[i].arg, form, &mailbox, rows[i].reported) ==
		               rows[i].agrees,
		           rows[i].arg);
	}
}

static void forward_paths(void **state)
{
	static const struct {
		const char *in;
		enum form form;
	} rows[] = {
	    {"<joe@example.com>", FORM_OK},
	    {"<postmaster>", FORM_OK},
	    {"<Postmaster>", FORM_OK},
	    {"<POSTMASTER>", FORM_OK},
	    {"<postmaster@example.com>", FORM_OK},
	    {"postmaster", FORM_BAD},
	    {"<>", FORM_BAD},
	    {"<joe>", FORM_BAD},
	    {"<@a:joe@example.com>", FORM_BAD},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(forward_path_parse(rows[i].in, false) == rows[i].form, rows[i].in);
}

static void patterns_are_addresses_or_domains(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"Joe@Example.com", "joe@example.com"},
	    {"\"joe\"@example.com", "joe@example.com"},
	    {"@Example.com", "@example.com"},
	    {"@b\xc3\274cher.example", "@xn--bcher-kva.example"},
	    {"@[192.0.2.1]", "@[192.0.2.1]"},
	    {"", NULL},
	    {"@", NULL},
	    {"joe", NULL},
	    {"example.com", NULL},
	    {"*@example.com", "*@example.com"}, /* '*' is an octet of a local part like others */
	    {"@*", NULL},
	    {"%@example.com", "%@example.com"},
	    {"@example.com ", NULL},
	    {"joe@example.com\n", NULL},
	    {"@exa\x1bmple.com", NULL},
	    {"@example.com.", NULL},
	    {"@.", "@."},
	    {"@.Example.com", "@.example.com"},
	    {"@.b\xc3\274cher.example", "@.xn--bcher-kva.example"},
	    {"@.com", "@.com"},
	    {"@..", NULL},
	    {"@..com", NULL},
	    {"@.com.", NULL},
	    {"@.[192.0.2.1]", NULL},
	    {"joe@.example.com", NULL},
	    {"<joe@example.com>", NULL},
	};
	char out[MAILBOX_KEY_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum form form = pattern_parse(rows[i].in, out);

		assert_row(form == (rows[i].out ? FORM_OK : FORM_BAD), rows[i].in);
		if (rows[i].out)
			assert_string_equal(out, rows[i].out);
	}
}

static void a_mailbox_is_covered_by_itself_and_its_domain(void **state)
{
	static const char in[] = "\"a@b\"@Example.com";
	struct patterns patterns;
	struct mailbox mailbox;

	(void)state;
	assert_int_equal(mailbox_parse(in, strlen(in), false, &mailbox), FORM_OK);
	mailbox_patterns(&mailbox, &patterns);
	assert_int_equal(patterns.count, 4);
	assert_int_equal(patterns.tagged, 4);
	assert_string_equal(patterns.at[0], "\"a@b\"@example.com");
	assert_string_equal(patterns.at[1], "@example.com");
	assert_string_equal(patterns.at[2], "@.com");
	assert_string_equal(patterns.at[3], "@.");
}

static void a_mailbox_is_covered_by_what_stands_above_it(void **state)
{
	static const struct {
		const char *in;
		size_t tagged; /* index; 0: none */
		const char *patterns;
	} rows[] = {
	    {"Joe@a.B.example", 0, "joe@a.b.example @a.b.example @.b.example @.example @. "},
	    {"joe@localhost", 0, "joe@localhost @localhost @. "},
	    {"joe@[192.0.2.1]", 0, "joe@[192.0.2.1] @[192.0.2.1] @. "},
	    {"joe+a@b.c", 4, "joe+a@b.c @b.c @.c @. joe@b.c "},
	    {"joe+a+b@b.c", 4, "joe+a+b@b.c @b.c @.c @. joe@b.c "},
	    {"joe+@b.c", 4, "joe+@b.c @b.c @.c @. joe@b.c "},
	    {"+a@b.c", 0, "+a@b.c @b.c @.c @. "},
	    {"\"jo e+a\"@b.c", 0, "\"jo e+a\"@b.c @b.c @.c @. "},
	    {"\"joe+a\"@b.c", 4, "joe+a@b.c @b.c @.c @. joe@b.c "},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct patterns patterns;
		struct mailbox mailbox;
		char all[512] = "";

		assert_int_equal(mailbox_parse(rows[i].in, strlen(rows[i].in), false, &mailbox),
		                 FORM_OK);
		mailbox_patterns(&mailbox, &patterns);
		for (size_t k = 0; k < patterns.count; k++) {
			strcat(all, patterns.at[k]);
			strcat(all, " ");
		}
		assert_string_equal(all, rows[i].patterns);
		assert_int_equal(patterns.tagged, rows[i].tagged ? rows[i].tagged : patterns.count);
	}
}

/* The most labels that a domain can have. */
static void all_patterns_of_the_longest_domain_fit(void **state)
{
	char text[MAILBOX_MAX + 1] = "a+b@";
	struct patterns patterns;
	struct mailbox mailbox;

	(void)state;
	while (strlen(text) + 2 < sizeof text)
		strcat(text, strlen(text) == 4 ? "a" : ".a");
	assert_int_equal(mailbox_parse(text, strlen(text), false, &mailbox), FORM_OK);
	mailbox_patterns(&mailbox, &patterns);
	assert_string_equal(patterns.at[patterns.tagged - 1], "@.");
	assert_string_equal(patterns.at[patterns.tagged - 2], "@.a");
	assert_int_equal(patterns.tagged, patterns.count - 1);
}

static void group_names(void **state)
{
	(void)state;
	assert_int_equal(group_name_form("%sales"), FORM_OK);
	assert_int_equal(group_name_form("sales"), FORM_BAD);
	assert_int_equal(group_name_form("%"), FORM_BAD);
	assert_int_equal(group_name_form("%%"), FORM_BAD);
	assert_int_equal(group_name_form("%a b"), FORM_BAD);
	assert_int_equal(group_name_form(""), FORM_BAD);
}

static void account_names(void **state)
{
	static const struct {
		const char *in;
		enum form form;
	} rows[] = {
	    {"alice", FORM_OK},      {"Alice", FORM_OK},          {"alice@d", FORM_OK},
	    {"d\\alice", FORM_OK},   {"j\xc3\xb6", FORM_OK},      {"", FORM_BAD},
	    {"al ice", FORM_BAD},    {"alice\n", FORM_BAD},       {"al\x1bice", FORM_BAD},
	    {"al\x7fice", FORM_BAD}, {"al\xc2\x9bice", FORM_BAD}, {"al\xffice", FORM_BAD},
	    {"-alice", FORM_BAD},    {"%alice", FORM_BAD},        {"a%", FORM_OK},
	};
	char name[ACCOUNT_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(account_name_form(rows[i].in) == rows[i].form, rows[i].in);
	memset(name, 'x', sizeof name);
	name[ACCOUNT_NAME_MAX] = '\0';
	assert_int_equal(account_name_form(name), FORM_OK);
	name[ACCOUNT_NAME_MAX] = 'x';
	name[ACCOUNT_NAME_MAX + 1] = '\0';
	assert_int_equal(account_name_form(name), FORM_BAD);
}

static void helo_arguments(void **state)
{
	static const struct {
		const char *in;
		enum form form;
	} rows[] = {
	    {"client.example", FORM_OK},
	    {"localhost", FORM_OK},
	    {"my_pc", FORM_OK},
	    {"_x.example", FORM_OK},
	    {"3com.example", FORM_OK},
	    {"[192.0.2.1]", FORM_OK},
	    {"[IPv6:2001:db8::1]", FORM_OK},
	    {"192.0.2.1", FORM_OK},
	    {"2001:db8::1", FORM_OK},
	    {"", FORM_BAD},
	    {"client.example.", FORM_OK}, /* as Postfix has it */
	    {"client.example..", FORM_BAD},
	    {"-client.example", FORM_BAD},
	    {"client-.example", FORM_BAD},
	    {"client..example", FORM_BAD},
	    {".", FORM_BAD},
	    {"cli ent", FORM_BAD},
	    {"cli!ent", FORM_BAD},
	    {"b\xc3\274cher.example", FORM_BAD},
	    {"[192.0.2.1", FORM_BAD},
	    {"[2001:db8::1]", FORM_BAD},
	    {"[client.example]", FORM_BAD},
	    {"client\r\nexample", FORM_BAD},
	    {L63 ".example", FORM_OK},
	    {L64 ".example", FORM_BAD},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_row(helo_form(rows[i].in) == rows[i].form, rows[i].in);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(canonical_forms),
	    cmocka_unit_test(canonical_form_is_its_own),
	    cmocka_unit_test(nothing_over_254_octets),
	    cmocka_unit_test(an_octet_string_needs_no_end),
	    cmocka_unit_test(reverse_paths),
	    cmocka_unit_test(what_the_mta_reports),
	    cmocka_unit_test(forward_paths),
	    cmocka_unit_test(patterns_are_addresses_or_domains),
	    cmocka_unit_test(a_mailbox_is_covered_by_itself_and_its_domain),
	    cmocka_unit_test(a_mailbox_is_covered_by_what_stands_above_it),
	    cmocka_unit_test(all_patterns_of_the_longest_domain_fit),
	    cmocka_unit_test(group_names),
	    cmocka_unit_test(account_names),
	    cmocka_unit_test(helo_arguments),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
