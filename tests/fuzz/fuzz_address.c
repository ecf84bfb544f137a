/*
 * Arbitrary octets, read as whatever policy reads: mailboxes, paths, patterns, account names, HELO
 * arguments, networks, bounds and lists. The README says what is held true.
 */
#include "policy/address.h"
#include "policy/network.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/check_limits.h"

#include <string.h>
#include <strings.h>
#include <uninorm.h>
#include <unistr.h>

#define TEXT_MAX 1024 /* octets of input that are looked at: four mailboxes */

static bool is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* ---- the canonical form -------------------------------------------------- */

static void check_domain(const char *domain)
{
	size_t len = strlen(domain), label = 0;

	CHECK(len > 0 && len <= DOMAIN_MAX);
	if (domain[0] == '[') {
		CHECK(strspn(domain + 1, "0123456789abcdefipv:.") == len - 2);
		CHECK(domain[len - 1] == ']');
		return;
	}
	CHECK(strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len);
	for (size_t i = 0; i <= len; i++) {
		if (i < len && domain[i] != '.') {
			label++;
			continue;
		}
		CHECK(label > 0 && label <= LABEL_MAX);
		CHECK(domain[i - label] != '-' && domain[i - 1] != '-');
		label = 0;
	}
}

static void check_local_part(const char *local, size_t len)
{
	bool quoted = len > 2 && local[0] == '"' && local[len - 1] == '"';

	CHECK(len > 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)local[i];

		CHECK(c >= ' ' && c != 0x7f && !(c >= 'A' && c <= 'Z'));
		CHECK(quoted || !strchr(" \"(),:;<>@[\\]", c));
	}
}

static void check_nfc(const char *key)
{
	uint8_t nfc[3 * MAILBOX_KEY_MAX];
	size_t len = sizeof nfc;

	CHECK(!u8_check((const uint8_t *)key, strlen(key)));
	CHECK(u8_normalize(UNINORM_NFC, (const uint8_t *)key, strlen(key), nfc, &len) == nfc);
	CHECK_NOTE(len == strlen(key) && memcmp(nfc, key, len) == 0, key);
}

/* The canonical form of another spelling is this same key. */
static void check_same(const char *s, size_t len, bool utf8, const struct mailbox *mailbox)
{
	struct mailbox other;

	CHECK_NOTE(mailbox_parse(s, len, utf8, &other) == FORM_OK, s);
	CHECK_NOTE(strcmp(other.key, mailbox->key) == 0, other.key);
	CHECK(other.local_len == mailbox->local_len);
}

static void check_key(const struct mailbox *mailbox, bool utf8)
{
	size_t len = strlen(mailbox->key);
	struct mailbox other;

	CHECK(len <= MAILBOX_KEY_MAX && mailbox->local_len < len);
	CHECK(mailbox->key[mailbox->local_len] == '@');
	check_local_part(mailbox->key, mailbox->local_len);
	check_domain(mailbox->key + mailbox->local_len + 1);
	check_nfc(mailbox->key);
	CHECK(utf8 || is_ascii(mailbox->key, len));

	/* NFC and A-labels can be longer than what they were made of, and then are no mailbox. */
	if (mailbox->local_len <= LOCAL_PART_MAX && len <= MAILBOX_MAX)
		check_same(mailbox->key, len, utf8, mailbox);
	else
		CHECK(mailbox_parse(mailbox->key, len, true, &other) == FORM_BAD);
}

static void check_patterns(const struct mailbox *mailbox)
{
	char out[MAILBOX_KEY_MAX + 1];
	struct patterns patterns;

	mailbox_patterns(mailbox, &patterns);
	CHECK(patterns.count >= 3 && patterns.count <= PATTERNS_MAX);
	CHECK(patterns.tagged >= patterns.count - 1 && patterns.tagged <= patterns.count);
	CHECK(strcmp(patterns.at[0], mailbox->key) == 0);
	CHECK(strcmp(patterns.at[1], mailbox->key + mailbox->local_len) == 0);
	CHECK(strcmp(patterns.at[patterns.tagged - 1], "@.") == 0);
	/* All but the first, whose spelling can be too long to be read again, and the last. */
	for (size_t i = 1; i < patterns.tagged; i++) {
		CHECK_NOTE(pattern_parse(patterns.at[i], out) == FORM_OK, patterns.at[i]);
		CHECK_NOTE(strcmp(out, patterns.at[i]) == 0, out);
		CHECK(i < 2 || i + 1 == patterns.tagged ||
		      strcmp(patterns.at[i] + 1, strchr(patterns.at[i - 1] + 2, '.')) == 0);
	}
}

/* ---- spellings of one mailbox -------------------------------------------- */

/* An ASCII letter that no other character composes with may stand in either case. */
static void check_other_case(const char *s, size_t len, bool utf8, const struct mailbox *mailbox)
{
	char other[MAILBOX_MAX];

	for (size_t i = 0; i < len; i++) {
		bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
		bool alone = i + 1 == len || (unsigned char)s[i + 1] < 0x80;

		other[i] = letter && alone ? (char)(s[i] ^ 0x20) : s[i];
	}
	check_same(other, len, utf8, mailbox);
}

/*
 * Canonically equivalent texts (Unicode 3.7) are one mailbox, if they are mailboxes: U+037E stands
 * for itself in a local part, and the semicolon that it decomposes to does not.
 */
static void check_decomposed(const char *s, size_t len, const struct mailbox *mailbox)
{
	uint8_t nfd[MAILBOX_MAX];
	size_t nfd_len = sizeof nfd;
	uint8_t *other = u8_normalize(UNINORM_NFD, (const uint8_t *)s, len, nfd, &nfd_len);
	struct mailbox same;

	CHECK(other);
	if (mailbox_parse((const char *)other, nfd_len, true, &same) == FORM_OK)
		CHECK_NOTE(strcmp(same.key, mailbox->key) == 0, same.key);
	if (other != nfd)
		free(other);
}

/* An unquoted local part in quotes, its ASCII in quoted pairs if `pairs`. */
static void check_quoted(const char *s, size_t len, bool utf8, bool pairs,
                         const struct mailbox *mailbox)
{
	const char *at = memchr(s, '@', len);
	char other[2 * LOCAL_PART_MAX + 2 + 1 + MAILBOX_MAX];
	size_t n = 0, local_len;

	if (s[0] == '"')
		return;
	CHECK(at && at - s <= LOCAL_PART_MAX);
	other[n++] = '"';
	for (const char *c = s; c < at; c++) {
		if (pairs && (unsigned char)*c < 0x80)
			other[n++] = '\\';
		other[n++] = *c;
	}
	other[n++] = '"';
	local_len = n;
	for (const char *c = at; c < s + len; c++)
		other[n++] = *c;
	if (local_len <= LOCAL_PART_MAX && n <= MAILBOX_MAX)
		check_same(other, n, utf8, mailbox);
}

/* What is a mailbox is one path in brackets, and none without them. */
static void check_in_brackets(const char *s, size_t len, bool utf8, const struct mailbox *mailbox)
{
	char path[MAILBOX_MAX + 3];
	struct mailbox other;

	path[0] = '<';
	memcpy(path + 1, s, len);
	strcpy(path + 1 + len, ">");
	CHECK(reverse_path_parse(path, utf8, &other) == FORM_OK);
	CHECK(strcmp(other.key, mailbox->key) == 0);
	CHECK(forward_path_parse(path, utf8) == FORM_OK);
	path[1 + len] = '\0';
	CHECK(reverse_path_parse(path, utf8, &other) == FORM_BAD);
	CHECK(reverse_path_parse(path + 1, utf8, &other) == FORM_BAD);
	CHECK(forward_path_parse(path + 1, utf8) == FORM_BAD);
}

static void check_mailbox(const char *s, size_t len, bool utf8)
{
	struct mailbox mailbox;
	enum form form = mailbox_parse(s, len, utf8, &mailbox);

	CHECK(form == FORM_OK || form == FORM_BAD);
	if (form != FORM_OK)
		return;
	CHECK(len <= MAILBOX_MAX && !memchr(s, '\0', len));
	CHECK(utf8 || is_ascii(s, len));
	check_key(&mailbox, utf8);
	check_patterns(&mailbox);
	check_other_case(s, len, utf8, &mailbox);
	check_quoted(s, len, utf8, false, &mailbox);
	check_quoted(s, len, utf8, true, &mailbox);
	check_in_brackets(s, len, utf8, &mailbox);
	if (utf8)
		check_decomposed(s, len, &mailbox);
	else
		check_same(s, len, true, &mailbox);
}

/* ---- what is read as a string -------------------------------------------- */

static void check_paths(const char *text, bool utf8)
{
	size_t len = strlen(text);
	bool brackets = len >= 2 && text[0] == '<' && text[len - 1] == '>';
	struct mailbox reverse, inner;
	enum form form = reverse_path_parse(text, utf8, &reverse);
	enum form inside = brackets ? mailbox_parse(text + 1, len - 2, utf8, &inner) : FORM_BAD;

	if (strcmp(text, "<>") == 0)
		CHECK(form == FORM_NULL);
	else
		CHECK(form == inside);
	if (form == FORM_OK)
		CHECK(strcmp(reverse.key, inner.key) == 0);
	CHECK(forward_path_parse(text, utf8) ==
	      (strcasecmp(text, "<postmaster>") == 0 ? FORM_OK : inside));
}

static void check_pattern(const char *text)
{
	char out[MAILBOX_KEY_MAX + 1], again[MAILBOX_KEY_MAX + 1], whole[TEXT_MAX + 2];
	enum form form = pattern_parse(text, out);
	struct mailbox mailbox;

	whole[0] = 'a';
	strcpy(whole + (text[0] == '@'), text);
	if (text[0] == '@' && text[1] == '.') {
		/* Without its dot, "@.domain" is "@domain". */
		memmove(whole + 1, text + 1, strlen(text));
		whole[1] = '@';
		if (strcmp(text, "@.") == 0)
			CHECK(form == FORM_OK && strcmp(out, "@.") == 0);
		else if (text[2] == '.')
			CHECK(form == FORM_BAD);
		else if (strlen(text) < MAILBOX_MAX && text[2] != '[')
			CHECK(pattern_parse(whole + 1, again) == form);
		if (form == FORM_OK && out[2])
			CHECK(strcmp(out + 2, again + 1) == 0);
		if (form == FORM_OK)
			CHECK(pattern_parse(out, again) == FORM_OK && strcmp(out, again) == 0);
		return;
	}
	/* "@domain" covers what "a@domain" is covered by, but for the octet that this adds. */
	if (text[0] != '@' || strlen(text) < MAILBOX_MAX) {
		CHECK(mailbox_parse(whole, strlen(whole), true, &mailbox) == form);
		if (form == FORM_OK)
			CHECK(strcmp(mailbox.key + (text[0] == '@'), out) == 0);
	}
	if (form != FORM_OK)
		return;
	CHECK(strlen(out) <= MAILBOX_KEY_MAX);
	if (text[0] == '@') {
		CHECK(pattern_parse(out, again) == FORM_OK);
		CHECK_NOTE(strcmp(again, out) == 0, again);
	}
}

static void check_account_name(const char *text)
{
	size_t len = strlen(text);
	bool good = len > 0 && len <= ACCOUNT_NAME_MAX && text[0] != '-' && text[0] != '%' &&
	            !u8_check((const uint8_t *)text, len);
	const uint8_t *s = (const uint8_t *)text;
	ucs4_t c;

	while (good && (s = u8_next(&c, s)))
		good = c > ' ' && (c < 0x7f || c > 0x9f);
	CHECK(account_name_form(text) == (good ? FORM_OK : FORM_BAD));
	CHECK(text[0] == '%' || group_name_form(text) == FORM_BAD);
	CHECK(text[0] != '%' || group_name_form(text) == account_name_form(text + 1));
}

static void check_helo(const char *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.:[]";
	enum form form = helo_form(text);

	CHECK(form == FORM_OK || form == FORM_BAD);
	if (form == FORM_OK)
		CHECK(text[0] && strlen(text) <= DOMAIN_MAX && text[strspn(text, octets)] == '\0');
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > TEXT_MAX)
		size = TEXT_MAX;
	check_mailbox((const char *)data, size, false);
	check_mailbox((const char *)data, size, true);

	text = strndup((const char *)data, size);
	CHECK(text);
	check_paths(text, false);
	check_paths(text, true);
	check_pattern(text);
	check_account_name(text);
	check_helo(text);
	check_network(text);
	check_limits(text);
	free(text);
	return 0;
}
