#include "policy/encoded_word.h"

#include <stdint.h>
#include <unistr.h>

/* Octets that one word is decoded to; RFC 2047 2 lets it have 75 all in all. */
#define WORD_MAX 1024

/* ---- bounded text --------------------------------------------------------- */

/* One character, whole or not at all. Nobody appends to a text that is full. */
static void put(struct text *out, const void *octets, size_t len)
{
	if (out->size < out->len + len + 1) {
		out->full = true;
		return;
	}
	memcpy(out->at + out->len, octets, len);
	out->len += len;
	out->at[out->len] = '\0';
}

/* ---- charsets ------------------------------------------------------------- */

enum charset {
	CHARSET_UTF_8,
	CHARSET_ISO_8859_1,
	CHARSET_OTHER, /* US-ASCII is no different */
};

static enum charset charset_find(struct span name)
{
	static const struct {
		const char *name;
		enum charset charset;
	} rows[] = {
	    {"utf-8", CHARSET_UTF_8},           {"utf8", CHARSET_UTF_8},
	    {"iso-8859-1", CHARSET_ISO_8859_1}, {"iso8859-1", CHARSET_ISO_8859_1},
	    {"latin1", CHARSET_ISO_8859_1},
	};
	const char *star = name.len > 0 ? memchr(name.at, '*', name.len) : NULL;

	if (star)
		name.len = (size_t)(star - name.at); /* RFC 2231 5: the language */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(name, rows[i].name))
			return rows[i].charset;
	return CHARSET_OTHER;
}

/* Appends the character at octets, as UTF-8, and tells how many octets it takes. */
static size_t put_character(enum charset charset, const unsigned char *octets, size_t len,
                            struct text *out)
{
	unsigned char c = octets[0];
	int n = 1;

	if (c < ' ' || c == 0x7f) {
		put(out, "?", 1);
	} else if (c < 0x80) {
		put(out, octets, 1);
	} else if (charset == CHARSET_ISO_8859_1 && c >= 0xa0) {
		unsigned char two[] = {(unsigned char)(0xc0 | c >> 6),
		                       (unsigned char)(0x80 | (c & 0x3f))};

		put(out, two, sizeof two);
	} else if (charset == CHARSET_UTF_8 && (n = u8_mblen(octets, len)) > 0) {
		bool c1 = c == 0xc2 && octets[1] < 0xa0;

		put(out, c1 ? (const void *)"?" : octets, c1 ? 1 : (size_t)n);
	} else {
		put(out, "?", 1);
		n = 1;
	}
	return (size_t)n;
}

void charset_decode(struct span charset, const unsigned char *octets, size_t len, struct text *out)
{
	enum charset which = charset_find(charset);

	while (len > 0 && !out->full) {
		size_t n = put_character(which, octets, len, out);

		octets += n;
		len -= n;
	}
}

/* ---- the grammar of RFC 2047 2 ------------------------------------------- */

struct word {
	struct span charset, body;
	bool base64;
};

/* Padding may be missing, but what is there must be right. */
static bool is_base64(struct span body)
{
	size_t n = 0;

	while (n < body.len && base64_values[(unsigned char)body.at[n]] != NOT_BASE64)
		n++;
	if (n % 4 == 1)
		return false;
	for (size_t i = n; i < body.len; i++)
		if (body.at[i] != '=')
			return false;
	return n == body.len || (body.len % 4 == 0 && body.len - n <= 2);
}

static bool is_quoted(struct span body)
{
	for (size_t i = 0; i < body.len; i++) {
		unsigned char c = (unsigned char)body.at[i];

		if (c <= ' ' || c >= 0x7f)
			return false;
		if (c == '=' && (body.len - i < 3 || hex_digit((unsigned char)body.at[i + 1]) < 0 ||
		                 hex_digit((unsigned char)body.at[i + 2]) < 0))
			return false;
	}
	return true;
}

/* The octets of s before its first '?'; s is then what is behind it. False if there is none. */
static bool take_to_mark(struct span *s, struct span *out)
{
	const char *mark = s->len > 0 ? memchr(s->at, '?', s->len) : NULL;

	if (!mark)
		return false;
	*out = (struct span){s->at, (size_t)(mark - s->at)};
	s->len -= out->len + 1;
	s->at = mark + 1;
	return true;
}

/*
 * "=?charset?B or Q?" at the beginning of s, whatever the charset; s is then what is behind it.
 */
static bool take_start(struct span *s, struct word *out)
{
	struct span rest, encoding;

	if (s->len < 2 || s->at[0] != '=' || s->at[1] != '?')
		return false;
	rest = (struct span){s->at + 2, s->len - 2};
	if (!take_to_mark(&rest, &out->charset) || !take_to_mark(&rest, &encoding))
		return false;
	out->base64 = span_is(encoding, "B");
	if (!out->base64 && !span_is(encoding, "Q"))
		return false;
	*s = rest;
	return true;
}

/* A well-formed encoded word at the beginning of s; s is then what is behind it. */
static bool take_word(struct span *s, struct word *out)
{
	struct span rest = *s;

	if (!take_start(&rest, out) || !take_to_mark(&rest, &out->body) || rest.len == 0 ||
	    rest.at[0] != '=')
		return false;
	for (size_t i = 0; i < out->charset.len; i++)
		if (!is_token((unsigned char)out->charset.at[i]))
			return false;
	if (out->charset.len == 0 || !(out->base64 ? is_base64(out->body) : is_quoted(out->body)))
		return false;
	*s = (struct span){rest.at + 1, rest.len - 1};
	return true;
}

/* Whether s holds these two octets; it is then what they begin, or else empty. */
static bool seek(struct span *s, const char *two)
{
	while (s->len > 1) {
		const char *at = memchr(s->at, two[0], s->len - 1);

		if (!at)
			break;
		s->len -= (size_t)(at - s->at);
		s->at = at;
		if (at[1] == two[1])
			return true;
		s->at++, s->len--;
	}
	s->len = 0;
	return false;
}

/* ---- decoding ------------------------------------------------------------- */

struct decoder {
	struct span rest;
	bool base64;
	uint32_t bits;
	unsigned bit_count;
};

/* The next octet that a well-formed body stands for; -1 at its end. */
static int next_octet(struct decoder *d)
{
	unsigned char c;

	while (d->base64 && d->bit_count < 8 && d->rest.len > 0 && d->rest.at[0] != '=') {
		d->bits = d->bits << 6 | base64_values[(unsigned char)d->rest.at[0]];
		d->bit_count += 6;
		d->rest.at++, d->rest.len--;
	}
	if (d->base64) {
		if (d->bit_count < 8)
			return -1;
		d->bit_count -= 8;
		return d->bits >> d->bit_count & 0xff;
	}
	if (d->rest.len == 0)
		return -1;
	c = (unsigned char)d->rest.at[0];
	d->rest.at++, d->rest.len--;
	if (c != '=')
		return c == '_' ? ' ' : c;
	d->rest.at += 2, d->rest.len -= 2;
	return hex_digit((unsigned char)d->rest.at[-2]) << 4 |
	       hex_digit((unsigned char)d->rest.at[-1]);
}

/* False, and nothing is appended, if it is too long. */
static bool put_word(const struct word *word, struct text *out)
{
	struct decoder decoder = {.rest = word->body, .base64 = word->base64};
	unsigned char octets[WORD_MAX];
	size_t len = 0;
	int c;

	while ((c = next_octet(&decoder)) >= 0) {
		if (len == sizeof octets)
			return false;
		octets[len++] = (unsigned char)c;
	}
	charset_decode(word->charset, octets, len, out);
	return true;
}

bool encoded_word_in(struct span s)
{
	while (seek(&s, "=?")) {
		struct word word;

		/* Readers differ in what its body may hold. */
		if (take_start(&s, &word))
			return seek(&s, "?=");
		s.at++, s.len--;
	}
	return false;
}

bool encoded_word_breaks_lines(struct span s)
{
	while (seek(&s, "=?")) {
		struct decoder decoder = {.rest = {NULL, 0}};
		struct word word;
		int c;

		if (!take_word(&s, &word))
			return true;
		decoder.rest = word.body;
		decoder.base64 = word.base64;
		while ((c = next_octet(&decoder)) >= 0)
			if (c == '\0' || c == '\r' || c == '\n')
				return true;
	}
	return false;
}

/* What is no encoded word: unfolded (RFC 5322 2.2.3), and UTF-8 (RFC 6532). */
static void put_plain(struct span s, struct text *out)
{
	while (s.len > 0 && !out->full) {
		size_t n = 1;

		if (s.at[0] == '\t')
			put(out, " ", 1);
		else if (s.at[0] != '\n')
			n = put_character(CHARSET_UTF_8, (const unsigned char *)s.at, s.len, out);
		s.at += n;
		s.len -= n;
	}
}

void encoded_word_decode(struct span s, struct text *out)
{
	struct span rest = s; /* what was not appended yet */
	bool after_word = false;

	while (seek(&s, "=?")) {
		struct span plain = {rest.at, (size_t)(s.at - rest.at)}, next = s;
		struct word word;

		if (!take_word(&next, &word)) {
			s.at++, s.len--;
			continue;
		}
		/* RFC 2047 6.2: white space between two of them is not shown. */
		if (!after_word || span_trim(plain).len > 0)
			put_plain(plain, out);
		after_word = put_word(&word, out);
		if (!after_word)
			put_plain((struct span){s.at, (size_t)(next.at - s.at)}, out);
		rest = s = next;
	}
	put_plain(rest, out);
}
