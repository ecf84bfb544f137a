#include "policy/count.h"

#include "policy/octets.h"

#include <string.h>

/*
 * Octets are looked at in rows of LANES, with a sum for each lane: what both gcc and clang make
 * vector code of at -O2, as long as the functions on rows have no branches and nothing that
 * gcc takes to be wider than an octet: neither a bool nor a ~.
 */
#define LANES    16
#define ROWS_MAX 64 /* at once: the sum of a lane is an octet */

struct lanes {
	unsigned char of[LANES];
};

static unsigned lanes_sum(const struct lanes *lanes)
{
	unsigned sum = 0;

	for (int i = 0; i < LANES; i++)
		sum += lanes->of[i];
	return sum;
}

/* The octets in whole rows, at most ROWS_MAX, of len. */
static size_t whole_rows(size_t len)
{
	return len < ROWS_MAX * LANES ? len / LANES * LANES : ROWS_MAX * LANES;
}

static bool has_eight_bit(const unsigned char *s, size_t len)
{
	uint64_t all = 0, word;

	for (; len >= sizeof word; s += sizeof word, len -= sizeof word) {
		memcpy(&word, s, sizeof word);
		all |= word;
	}
	for (; len > 0; len--)
		all |= *s++;
	return all & 0x8080808080808080;
}

/* ---- base64 (RFC 2045 6.8) ---------------------------------------------- */

/* A-Z, a-z, 0-9, and '+' and '/', which differ in one bit. */
static inline unsigned char is_base64(unsigned char c)
{
	return is_within(c | 0x20, 'a', 'z') | is_within(c, '0', '9') | ((c | 4) == '/');
}

/* Tab and CR differ in one bit. */
static inline unsigned char is_white(unsigned char c)
{
	return (c == ' ') | ((c & 0xfb) == '\t') | (c == '\n');
}

/* More padding than is ever right, so that a flood of it is malformed at once. */
#define PADDING_MAX 2

static void base64_slow(struct counter *counter, const unsigned char *s, size_t len)
{
	for (; len > 0 && !counter->malformed; s++, len--) {
		if (is_white(*s))
			continue;
		if (*s == '=')
			counter->malformed = ++counter->padding > PADDING_MAX;
		else if (is_base64(*s) && counter->padding == 0)
			counter->units++;
		else
			counter->malformed = true;
	}
}

/* len is of whole_rows(), here and below. */
static void base64_rows(struct counter *counter, const unsigned char *s, size_t len)
{
	struct lanes alphabet = {{0}}, white = {{0}};
	unsigned units;

	for (size_t row = 0; row < len; row += LANES) {
		for (int i = 0; i < LANES; i++) {
			unsigned char c = s[row + i];

			alphabet.of[i] += is_base64(c);
			white.of[i] += is_white(c);
		}
	}
	units = lanes_sum(&alphabet);
	if (units + lanes_sum(&white) == len && (counter->padding == 0 || units == 0))
		counter->units += units;
	else
		base64_slow(counter, s, len);
}

static void base64_add(struct counter *counter, const unsigned char *s, size_t len)
{
	size_t rows;

	for (; (rows = whole_rows(len)) > 0 && !counter->malformed; s += rows, len -= rows)
		base64_rows(counter, s, rows);
	base64_slow(counter, s, len);
}

static bool base64_well_formed(const struct counter *counter)
{
	return !counter->malformed && counter->units % 4 != 1 &&
	       counter->padding == (4 - counter->units % 4) % 4;
}

/* ---- quoted-printable (RFC 2045 6.7) ------------------------------------ */

#define QP_BEHIND 2 /* octets that an '=' takes with it */

/* counter->pending: what of =HH or =CRLF is there already */
enum {
	QP_NOTHING,
	QP_EQUALS,
	QP_CR,
	QP_HEX
};

/*
 * counter->units are the octets that are not there any more when decoded: two of =HH, three of
 * =CRLF. Both are counted by their '=': the other octets may lie behind these rows, QP_BEHIND at
 * most, and count for nothing there, as no '=' is among them.
 */
static void quoted_rows(struct counter *counter, const unsigned char *s, size_t len)
{
	struct lanes equals = {{0}}, octets = {{0}}, breaks = {{0}};
	unsigned octets_sum, breaks_sum;

	for (size_t row = 0; row < len; row += LANES) {
		for (int i = 0; i < LANES; i++) {
			const unsigned char *c = s + row + i;
			unsigned char is_equals = c[0] == '=';

			equals.of[i] += is_equals;
			octets.of[i] += is_equals & is_hex(c[1]) & is_hex(c[2]);
			breaks.of[i] += is_equals & (c[1] == '\r') & (c[2] == '\n');
		}
	}
	octets_sum = lanes_sum(&octets);
	breaks_sum = lanes_sum(&breaks);
	counter->units += 2 * octets_sum + 3 * breaks_sum;
	counter->malformed = lanes_sum(&equals) != octets_sum + breaks_sum;
}

static void quoted_octet(struct counter *counter, unsigned char c)
{
	switch (counter->pending) {
	case QP_NOTHING:
		counter->pending = c == '=' ? QP_EQUALS : QP_NOTHING;
		return;
	case QP_EQUALS:
		counter->pending = is_hex(c) ? QP_HEX : QP_CR;
		counter->malformed = !is_hex(c) && c != '\r';
		return;
	default:
		counter->malformed = counter->pending == QP_HEX ? !is_hex(c) : c != '\n';
		counter->units += counter->pending == QP_HEX ? 2 : 3;
		counter->pending = QP_NOTHING;
	}
}

/* For what is no whole row. */
static void quoted_slow(struct counter *counter, const unsigned char *s, size_t len)
{
	for (; len > 0 && !counter->malformed; s++, len--) {
		if (counter->pending == QP_NOTHING) {
			const unsigned char *equals = memchr(s, '=', len);

			if (!equals)
				return;
			len -= (size_t)(equals - s);
			s = equals;
		}
		quoted_octet(counter, *s);
	}
}

static void quoted_add(struct counter *counter, const unsigned char *s, size_t len)
{
	size_t rows;

	for (; len > 0 && counter->pending != QP_NOTHING && !counter->malformed; s++, len--)
		quoted_octet(counter, *s);
	for (; len > QP_BEHIND && (rows = whole_rows(len - QP_BEHIND)) > 0 && !counter->malformed;
	     s += rows, len -= rows)
		quoted_rows(counter, s, rows);
	quoted_slow(counter, s, len);
}

static bool quoted_well_formed(const struct counter *counter)
{
	return !counter->malformed &&
	       (counter->pending == QP_NOTHING || counter->pending == QP_EQUALS);
}

/* ---- all of them -------------------------------------------------------- */

void counter_init(struct counter *counter, enum encoding encoding)
{
	*counter = (struct counter){.encoding = encoding};
}

void counter_add(struct counter *counter, const unsigned char *octets, size_t len)
{
	bool promised = false; /* that no octet is above 127 */

	counter->raw += len;
	switch (counter->encoding) {
	case ENCODING_BASE64:
		if (!counter->malformed)
			base64_add(counter, octets, len);
		promised = counter->malformed; /* and as long as it is not, there is none */
		break;
	case ENCODING_QUOTED_PRINTABLE:
		if (!counter->malformed)
			quoted_add(counter, octets, len);
		promised = true;
		break;
	case ENCODING_7BIT:
		promised = true;
		break;
	case ENCODING_NONE:
	case ENCODING_8BIT:
	case ENCODING_BINARY:
	case ENCODING_UNKNOWN:
		break;
	}
	if (promised && !counter->eight_bit)
		counter->eight_bit = has_eight_bit(octets, len);
}

uint64_t counter_octets(const struct counter *counter, bool *decoded)
{
	*decoded = false;
	switch (counter->encoding) {
	case ENCODING_BASE64:
		*decoded = base64_well_formed(counter);
		/* the same as three quarters of all units, but for an overflow */
		return *decoded ? counter->units / 4 * 3 + counter->units % 4 * 3 / 4
		                : counter->raw;
	case ENCODING_QUOTED_PRINTABLE:
		*decoded = quoted_well_formed(counter);
		/* a last '=' stands for nothing */
		return *decoded ? counter->raw - counter->units - (counter->pending != QP_NOTHING)
		                : counter->raw;
	case ENCODING_UNKNOWN:
		return counter->raw;
	default:
		*decoded = true;
		return counter->raw;
	}
}

bool counter_eight_bit(const struct counter *counter)
{
	return counter->eight_bit;
}
