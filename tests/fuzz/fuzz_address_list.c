/*
 * Arbitrary octets, read as the value of an address field and as a text with encoded words. The
 * README says what is held true.
 */
#include "policy/address_list.h"
#include "policy/encoded_word.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/cpu.h"

#include <string.h>
#include <unistr.h>

#define TEXT_MAX 1024 /* octets of input that are looked at */
#define KEYS_MAX 512  /* mailboxes that fit there */

/* ---- lists ---------------------------------------------------------------- */

struct keys {
	enum form end;
	size_t count;
	struct mailbox mailbox[KEYS_MAX];
};

static void read_keys(struct span value, enum address_list_kind kind, struct keys *out)
{
	struct address_list list;
	struct mailbox mailbox;

	out->count = 0;
	address_list_begin(&list, value, kind);
	while ((out->end = address_list_next(&list, &mailbox)) == FORM_OK) {
		CHECK(out->count < KEYS_MAX);
		out->mailbox[out->count++] = mailbox;
	}
	CHECK(out->end == FORM_NONE || out->end == FORM_BAD);
	CHECK(address_list_next(&list, &mailbox) == FORM_NONE);
}

static void check_equal(const struct keys *a, const struct keys *b)
{
	CHECK(a->end == b->end && a->count == b->count);
	for (size_t i = 0; i < a->count; i++)
		CHECK_NOTE(strcmp(a->mailbox[i].key, b->mailbox[i].key) == 0, a->mailbox[i].key);
}

/* The value with something before and behind it is the same list. */
static void check_framed(struct span value, enum address_list_kind kind, const char *head,
                         const char *tail, const struct keys *keys)
{
	static char text[TEXT_MAX + 32];
	static struct keys other;
	char *end = stpcpy(text, head);

	memcpy(end, value.at, value.len);
	end = stpcpy(end + value.len, tail);
	read_keys((struct span){text, (size_t)(end - text)}, kind, &other);
	check_equal(keys, &other);
}

/* Twice the value is twice the list. */
static void check_twice(struct span value, enum address_list_kind kind, const struct keys *keys)
{
	static char text[2 * TEXT_MAX + 1];
	static struct keys twice;

	if (2 * keys->count > KEYS_MAX)
		return;
	memcpy(text, value.at, value.len);
	text[value.len] = ',';
	memcpy(text + value.len + 1, value.at, value.len);
	read_keys((struct span){text, 2 * value.len + 1}, kind, &twice);
	CHECK(twice.end == FORM_NONE && twice.count == 2 * keys->count);
	for (size_t i = 0; i < twice.count; i++)
		CHECK(strcmp(twice.mailbox[i].key, keys->mailbox[i % keys->count].key) == 0);
}

/* A key is a list of itself. */
static void check_key(const struct mailbox *mailbox)
{
	size_t len = strlen(mailbox->key);
	static struct keys again;

	/*
	 * NFC and A-labels can be longer than what they were made of, and then are no mailbox. NFC
	 * makes a ';' of U+037E, so that a "=?" comes into quotes.
	 */
	if (mailbox->local_len > LOCAL_PART_MAX || len > MAILBOX_MAX || strstr(mailbox->key, "=?"))
		return;
	read_keys((struct span){mailbox->key, len}, ADDRESSES_OF_SENDERS, &again);
	CHECK_NOTE(again.end == FORM_NONE && again.count == 1, mailbox->key);
	CHECK_NOTE(strcmp(again.mailbox[0].key, mailbox->key) == 0, mailbox->key);
}

/* ---- the same by another road --------------------------------------------- */

/*
 * Quoted strings become 'q', domain literals 'l' and comments ' ': what is left of the specials
 * says where the addresses are.
 */
static void mask(struct span value, char *out)
{
	size_t comment = 0;
	bool quoted = false, literal = false;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		bool was_quoted = quoted;

		out[i] = comment > 0 || c == '(' ? ' ' : c;
		if (c == '\\' && (quoted || comment > 0)) {
			out[i] = out[i + 1] = quoted ? 'q' : ' ';
			i++;
			continue;
		}
		if (c == '"' && comment == 0)
			quoted = !quoted;
		if (quoted || was_quoted) {
			out[i] = 'q';
			continue;
		}
		if (c == '(')
			comment++, out[i] = ' ';
		else if (c == ')')
			comment--, out[i] = ' ';
		if (comment == 0 && (c == '[' || literal))
			out[i] = 'l', literal = c != ']';
	}
	CHECK(comment == 0 && !quoted && !literal);
}

static size_t count(const char *s, size_t len, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == c;
	return n;
}

/* One element of a list that was found well formed: whether it has an address, and which. */
static bool reference_address(struct span element, const char *masked, struct mailbox *out)
{
	const char *open, *colon = memchr(masked, ':', element.len);
	size_t skip = colon ? (size_t)(colon - masked) + 1 : 0;

	element.at += skip, element.len -= skip, masked += skip;
	CHECK(count(masked, element.len, ':') == 0);
	while (element.len > 0 && is_space((unsigned char)masked[0]))
		element.at++, element.len--, masked++;
	while (element.len > 0 && is_space((unsigned char)masked[element.len - 1]))
		element.len--;
	if (element.len == 0)
		return false;
	CHECK(count(masked, element.len, '@') == 1);
	open = memchr(masked, '<', element.len);
	CHECK(count(masked, element.len, '<') == (open != NULL));
	CHECK(count(masked, element.len, '>') == (open != NULL));
	if (open) {
		skip = (size_t)(open - masked) + 1;
		CHECK(masked[element.len - 1] == '>');
		element.at += skip, element.len -= skip + 1;
	}
	CHECK(mailbox_parse(element.at, element.len, true, out) == FORM_OK);
	return true;
}

/* Splits a list that was found well formed at its commas, as no strict parser would. */
static void check_reference(struct span value, const struct keys *keys)
{
	char masked[TEXT_MAX + 1];
	size_t start = 0, found = 0;

	mask(value, masked);
	for (size_t i = 0; i <= value.len; i++) {
		struct span element = {value.at + start, i - start};
		struct mailbox mailbox;

		if (i < value.len && masked[i] != ',' && masked[i] != ';')
			continue;
		if (reference_address(element, masked + start, &mailbox)) {
			CHECK(found < keys->count);
			CHECK(strcmp(mailbox.key, keys->mailbox[found++].key) == 0);
		}
		start = i + 1;
	}
	CHECK(found == keys->count);
}

/* A value with no more specials than one '@' is a mailbox or nothing. */
static void check_plain(struct span value, const struct keys *senders)
{
	struct span trimmed = span_trim(value);
	struct mailbox mailbox;

	if (count(value.at, value.len, '@') != 1 || memchr(value.at, '\n', value.len))
		return;
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] == '\0' || strchr("\"(),:;<>[\\]=?", value.at[i]))
			return;
	if (mailbox_parse(trimmed.at, trimmed.len, true, &mailbox) == FORM_OK) {
		CHECK(senders->end == FORM_NONE && senders->count == 1);
		CHECK(strcmp(senders->mailbox[0].key, mailbox.key) == 0);
	} else {
		CHECK(senders->end == FORM_BAD && senders->count == 0);
	}
}

static void check_lists(struct span value)
{
	static struct keys senders, recipients;

	read_keys(value, ADDRESSES_OF_SENDERS, &senders);
	read_keys(value, ADDRESSES_OF_RECIPIENTS, &recipients);
	check_plain(value, &senders);
	if (senders.end == FORM_NONE) {
		CHECK(senders.count > 0);
		check_equal(&senders, &recipients);
		check_framed(value, ADDRESSES_OF_SENDERS, "\n (a, b)", " (c:;) ", &senders);
		check_twice(value, ADDRESSES_OF_SENDERS, &senders);
	}
	if (recipients.end != FORM_NONE)
		return;
	check_reference(value, &recipients);
	check_framed(value, ADDRESSES_OF_RECIPIENTS, "x:;,,", ", ", &recipients);
	check_twice(value, ADDRESSES_OF_RECIPIENTS, &recipients);
	for (size_t i = 0; i < recipients.count; i++)
		check_key(&recipients.mailbox[i]);
}

/* ---- encoded words -------------------------------------------------------- */

static void check_text(const struct text *text)
{
	CHECK(text->len < text->size && text->at[text->len] == '\0');
	CHECK(is_clean_utf8(text->at, text->len));
	for (size_t i = 0; i < text->len; i++)
		CHECK((unsigned char)text->at[i] >= ' ' && text->at[i] != 0x7f);
}

/* A smaller text is the beginning of a larger one. */
static void check_cut(struct span s, const struct text *whole, size_t size)
{
	struct text text = {.at = malloc(size), .size = size};

	CHECK(text.at);
	text.at[0] = '\0';
	encoded_word_decode(s, &text);
	check_text(&text);
	CHECK(text.len <= whole->len && memcmp(text.at, whole->at, text.len) == 0);
	CHECK(text.full == (text.len < whole->len));
	CHECK(!text.full || text.len + 4 >= size); /* a character has 4 octets at most */
	free(text.at);
}

static void check_words(struct span s)
{
	static char buffer[2 * TEXT_MAX + 1]; /* an octet becomes two at most */
	struct text whole = {.at = buffer, .size = sizeof buffer};
	bool clean = is_clean_utf8(s.at, s.len), begins = false;

	buffer[0] = '\0';
	encoded_word_decode(s, &whole);
	check_text(&whole);
	CHECK(!whole.full);
	for (size_t size = 1; size < 40; size += 3)
		check_cut(s, &whole, size);
	check_cut(s, &whole, whole.len + 1);

	for (size_t i = 0; i < s.len; i++) {
		clean = clean && (unsigned char)s.at[i] >= ' ' && s.at[i] != 0x7f;
		begins = begins || (i > 0 && s.at[i - 1] == '=' && s.at[i] == '?');
	}
	if (begins)
		return;
	CHECK(!encoded_word_in(s) && !encoded_word_breaks_lines(s));
	if (clean)
		CHECK(whole.len == s.len && memcmp(whole.at, s.at, s.len) == 0);
}

static void check_charsets(struct span s)
{
	static const char *const names[] = {"utf-8", "iso-8859-1", "us-ascii", "koi8-r", ""};
	static char buffer[2 * TEXT_MAX + 1];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct text text = {.at = buffer, .size = sizeof buffer};
		struct span charset = {names[i], strlen(names[i])};

		buffer[0] = '\0';
		charset_decode(charset, (const unsigned char *)s.at, s.len, &text);
		check_text(&text);
		CHECK(!text.full && (i == 1 ? text.len >= s.len : text.len <= s.len));
	}
}

static void check_all(void *arg)
{
	const struct span *s = arg;

	check_lists(*s);
	check_words(*s);
	check_charsets(*s);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t none[1];
	struct span s = {(const char *)(size > 0 ? data : none), size < TEXT_MAX ? size : TEXT_MAX};

	check_cpu(check_all, &s, "");
	return 0;
}
