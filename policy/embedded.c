#include "policy/embedded.h"

#include "policy/octets.h"

#include <string.h>

/* ---- lines -------------------------------------------------------------- */

static const struct {
	const char *text;
	bool any_case;
	bool mode; /* white space, a file mode and white space must follow */
} words[] = {
    {"begin", false, true},
    {"=ybegin ", false, false},
    {"(this file must be converted with binhex", true, false},
    {"-base64", false, true}, /* not at the start of a line, but behind "begin" */
};
enum {
	WORD_BEGIN,
	WORD_BASE64 = 3,
	LINE_STARTS = WORD_BASE64,
	DIGITS_MIN = 3
};

static inline unsigned char is_line_end(unsigned char c)
{
	return (c == '\r') | (c == '\n');
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

#define LANES    16
#define ROWS_MAX 4 /* at once */
#define AHEAD    2 /* octets behind a line end that tell whether the line may be of interest */

static inline unsigned char begins_word(const unsigned char *line_end)
{
	unsigned char first = line_end[1], second = line_end[2];

	return is_line_end(line_end[0]) &
	       (((first == 'b') & (second == 'e')) | ((first == '=') & (second == 'y')) |
	        ((first == '(') & ((second | 0x20) == 't')));
}

/* In rows of LANES octets, as in count.c. len is a multiple of it; AHEAD more are looked at. */
static bool any_begins_word(const unsigned char *s, size_t len)
{
	unsigned char any[LANES] = {0};
	unsigned sum = 0;

	for (size_t row = 0; row < len; row += LANES)
		for (int i = 0; i < LANES; i++)
			any[i] |= begins_word(s + row + i);
	for (int i = 0; i < LANES; i++)
		sum += any[i];
	return sum > 0;
}

/* The octets in whole rows, at most ROWS_MAX, of len with AHEAD behind them. */
static size_t whole_rows(size_t len)
{
	if (len >= ROWS_MAX * LANES + AHEAD)
		return ROWS_MAX * LANES;
	return len > AHEAD ? (len - AHEAD) / LANES * LANES : 0;
}

/* How many octets can be passed over: up to a line end that a word may follow. */
static size_t pass_over(const unsigned char *s, size_t len)
{
	size_t i = 0, rows;

	while ((rows = whole_rows(len - i)) > 0 && !any_begins_word(s + i, rows))
		i += rows;
	while (i + AHEAD < len && !begins_word(s + i))
		i++;
	while (i + AHEAD >= len && i < len && !is_line_end(s[i]))
		i++;
	return i;
}

static void expect(struct embedded *embedded, unsigned i)
{
	embedded->state = EMBEDDED_WORD;
	embedded->word = i;
	embedded->matched = 0;
}

/*
 * One for each state: takes octets from p on, leaves what is not its own, and gives the first that
 * it left.
 */

static const unsigned char *line_start(struct embedded *embedded, const unsigned char *p,
                                       const unsigned char *end)
{
	while (is_line_end(*p))
		if (++p == end)
			return p;
	embedded->state = EMBEDDED_REST_OF_LINE;
	for (unsigned i = 0; i < LINE_STARTS; i++)
		if (*p == (unsigned char)words[i].text[0])
			expect(embedded, i);
	return p;
}

static const unsigned char *word(struct embedded *embedded, const unsigned char *p,
                                 const unsigned char *end)
{
	const char *text = words[embedded->word].text;
	bool any_case = words[embedded->word].any_case;
	unsigned matched = embedded->matched;

	for (; p < end && text[matched] != '\0'; p++, matched++)
		if ((any_case ? to_lower(*p) : *p) != (unsigned char)text[matched])
			break;
	embedded->matched = matched;
	if (text[matched] != '\0') {
		if (p < end)
			embedded->state = EMBEDDED_REST_OF_LINE;
		return p;
	}
	embedded->state = EMBEDDED_WORD_END;
	embedded->found = !words[embedded->word].mode;
	return p;
}

static const unsigned char *word_end(struct embedded *embedded, const unsigned char *p)
{
	if (is_blank(*p))
		embedded->state = EMBEDDED_MODE;
	else if (*p == '-' && embedded->word == WORD_BEGIN)
		expect(embedded, WORD_BASE64);
	else
		embedded->state = EMBEDDED_REST_OF_LINE;
	return p;
}

static const unsigned char *mode(struct embedded *embedded, const unsigned char *p,
                                 const unsigned char *end)
{
	while (p < end && is_blank(*p))
		p++;
	if (p < end) {
		embedded->state = EMBEDDED_DIGITS;
		embedded->matched = 0;
	}
	return p;
}

static const unsigned char *digits(struct embedded *embedded, const unsigned char *p,
                                   const unsigned char *end)
{
	for (; p < end && *p >= '0' && *p <= '7'; p++)
		embedded->matched += embedded->matched < DIGITS_MIN;
	if (p == end)
		return p;
	embedded->found = is_blank(*p) && embedded->matched == DIGITS_MIN;
	embedded->state = EMBEDDED_REST_OF_LINE;
	return p;
}

static const unsigned char *rest_of_line(struct embedded *embedded, const unsigned char *p,
                                         const unsigned char *end)
{
	if (!is_line_end(*p))
		p += pass_over(p, (size_t)(end - p));
	if (p == end)
		return p;
	embedded->state = EMBEDDED_LINE_START;
	return p + 1;
}

static void add_text(struct embedded *embedded, const unsigned char *p, size_t len)
{
	const unsigned char *end = p + len;

	while (p < end && !embedded->found) {
		switch (embedded->state) {
		case EMBEDDED_LINE_START:
			p = line_start(embedded, p, end);
			break;
		case EMBEDDED_WORD:
			p = word(embedded, p, end);
			break;
		case EMBEDDED_WORD_END:
			p = word_end(embedded, p);
			break;
		case EMBEDDED_MODE:
			p = mode(embedded, p, end);
			break;
		case EMBEDDED_DIGITS:
			p = digits(embedded, p, end);
			break;
		case EMBEDDED_REST_OF_LINE:
			p = rest_of_line(embedded, p, end);
			break;
		}
	}
}

/* ---- base64 (RFC 2045 6.8) ---------------------------------------------- */

#define CHUNK 1024 /* octets that are decoded at once */

/* Whole quanta at the start of s, until one is broken up. How many octets of s were taken. */
static size_t base64_quanta(const unsigned char *s, size_t len, unsigned char *out)
{
	size_t i;

	for (i = 0; i + 4 <= len; i += 4) {
		unsigned a = base64_values[s[i]], b = base64_values[s[i + 1]];
		unsigned c = base64_values[s[i + 2]], d = base64_values[s[i + 3]];

		if ((a | b | c | d) & 0x80)
			break;
		*out++ = (unsigned char)(a << 2 | b >> 4);
		*out++ = (unsigned char)(b << 4 | c >> 2);
		*out++ = (unsigned char)(c << 6 | d);
	}
	return i;
}

/* An octet of a quantum that is broken up, or none of a quantum. */
static unsigned char *base64_octet(struct embedded *embedded, unsigned char c, unsigned char *out)
{
	unsigned char sextet = base64_values[c];

	if (c == '=')
		embedded->bit_count = 0;
	if (sextet == NOT_BASE64)
		return out;
	embedded->bits = embedded->bits << 6 | sextet;
	embedded->bit_count += 6;
	if (embedded->bit_count >= 8) {
		embedded->bit_count -= 8;
		*out++ = (unsigned char)(embedded->bits >> embedded->bit_count);
	}
	return out;
}

/* Decodes at most CHUNK octets to out, which holds as many. The number of octets there. */
static size_t base64_decode(struct embedded *embedded, const unsigned char *s, size_t len,
                            unsigned char *out)
{
	unsigned char *start = out;

	for (size_t i = 0, quanta; i < len;) {
		if (embedded->bit_count == 0 && (quanta = base64_quanta(s + i, len - i, out)) > 0) {
			out += quanta / 4 * 3;
			i += quanta;
			continue;
		}
		out = base64_octet(embedded, s[i++], out);
		while (i < len && base64_values[s[i]] == NOT_BASE64 && s[i] != '=')
			i++;
	}
	return (size_t)(out - start);
}

/* ---- quoted-printable (RFC 2045 6.7) ------------------------------------ */

/*
 * One octet at or behind an '='. What turns out to be neither =HH nor =CRLF stands for itself, and
 * then c is looked at again.
 */
static unsigned char *quoted_octet(struct embedded *embedded, unsigned char c, unsigned char *out)
{
	unsigned char *pending = embedded->pending;
	bool hex = hex_digit(c) >= 0;

	switch (embedded->pending_len) {
	case 1:
		if (hex || c == '\r') {
			pending[embedded->pending_len++] = c;
			return out;
		}
		break;
	case 2:
		if (pending[1] == '\r' ? c == '\n' : hex) {
			if (hex)
				*out++ = (unsigned char)(hex_digit(pending[1]) << 4 | hex_digit(c));
			embedded->pending_len = 0;
			return out;
		}
		break;
	}
	memcpy(out, pending, embedded->pending_len);
	out += embedded->pending_len;
	embedded->pending_len = c == '=';
	pending[0] = c;
	if (c != '=')
		*out++ = c;
	return out;
}

/* A digit without a branch: 'A' and 'a' are 1 in their low bits. */
static inline unsigned hex_value(unsigned char c)
{
	return (c & 0xfu) + 9u * (c >> 6);
}

/* What is whole at the start of s: other octets, =HH, =CRLF. How many octets of s were taken. */
static size_t quoted_whole(const unsigned char *s, size_t len, unsigned char **out)
{
	unsigned char *to = *out;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '=') {
			if (i + 2 >= len)
				break;
			if (s[i + 1] == '\r' && s[i + 2] == '\n') {
				i += 2;
				continue;
			}
			if (!(is_hex(s[i + 1]) & is_hex(s[i + 2])))
				break;
			c = (unsigned char)(hex_value(s[i + 1]) << 4 | hex_value(s[i + 2]));
			i += 2;
		}
		*to++ = c;
	}
	*out = to;
	return i;
}

/* Decodes at most CHUNK octets to out, which holds two more. The number of octets there. */
static size_t quoted_decode(struct embedded *embedded, const unsigned char *s, size_t len,
                            unsigned char *out)
{
	unsigned char *start = out;

	for (size_t i = 0; i < len; i++) {
		if (embedded->pending_len == 0)
			i += quoted_whole(s + i, len - i, &out);
		if (i < len)
			out = quoted_octet(embedded, s[i], out);
	}
	return (size_t)(out - start);
}

/* ---- all of them -------------------------------------------------------- */

void embedded_init(struct embedded *embedded, enum encoding encoding)
{
	*embedded = (struct embedded){.encoding = encoding};
}

void embedded_add(struct embedded *embedded, const unsigned char *octets, size_t len)
{
	unsigned char text[CHUNK + sizeof embedded->pending];
	bool base64 = embedded->encoding == ENCODING_BASE64;

	if (!base64 && embedded->encoding != ENCODING_QUOTED_PRINTABLE) {
		add_text(embedded, octets, len);
		return;
	}
	while (len > 0 && !embedded->found) {
		size_t chunk = len < CHUNK ? len : CHUNK;
		size_t text_len = base64 ? base64_decode(embedded, octets, chunk, text)
		                         : quoted_decode(embedded, octets, chunk, text);

		add_text(embedded, text, text_len);
		octets += chunk;
		len -= chunk;
	}
}

bool embedded_found(const struct embedded *embedded)
{
	return embedded->found;
}
