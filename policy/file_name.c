#include "policy/encoded_word.h"
#include "policy/media.h"
#include "policy/message.h"

#include <stdint.h>
#include <unistr.h>

#define SEGMENTS_MAX 100  /* of a value that RFC 2231 3 divides; more are left out */
#define OCTETS_MAX   1024 /* of a value before it is decoded; a name that fits stays far below */

/* ---- the octets of a value ---------------------------------------------- */

struct octets {
	size_t len;
	bool full;
	unsigned char at[OCTETS_MAX];
};

/* Appends without folds and quoted pairs; percent: RFC 2231 4, for what ends in '*'. */
static void octets_add(struct octets *octets, struct span s, bool quoted, bool percent)
{
	for (size_t i = 0; i < s.len && !octets->full; i++) {
		unsigned char c = (unsigned char)s.at[i];
		int high, low;

		if (c == '\n')
			continue;
		if (c == '\\' && quoted && i + 1 < s.len) {
			c = (unsigned char)s.at[++i];
		} else if (c == '%' && percent && i + 2 < s.len) {
			high = hex_digit((unsigned char)s.at[i + 1]);
			low = hex_digit((unsigned char)s.at[i + 2]);
			if (high >= 0 && low >= 0) {
				c = (unsigned char)(high * 16 + low);
				i += 2;
			}
		}
		if (c == '\t')
			c = ' '; /* most stand where a field was folded */
		if (octets->len == sizeof octets->at)
			octets->full = true;
		else
			octets->at[octets->len++] = c;
	}
}

/* ---- the spellings of a parameter --------------------------------------- */

struct spellings {
	struct parameter plain;                  /* filename= */
	struct parameter extended;               /* filename*= */
	struct parameter segments[SEGMENTS_MAX]; /* filename*0= or filename*0*=, and so on */
};

static bool is_extended(const struct parameter *parameter)
{
	struct span attribute = parameter->attribute;

	return attribute.len > 0 && attribute.at[attribute.len - 1] == '*';
}

/* Which segment it is: suffix is what stands behind the first '*'. SEGMENTS_MAX if it is none. */
static size_t segment_number(struct span suffix)
{
	size_t number = 0, digits = 0;

	while (digits < suffix.len && suffix.at[digits] >= '0' && suffix.at[digits] <= '9') {
		number = 10 * number + (size_t)(suffix.at[digits++] - '0');
		if (number >= SEGMENTS_MAX)
			return SEGMENTS_MAX;
	}
	if (digits == 0 || suffix.len - digits > 1 ||
	    (suffix.len - digits == 1 && suffix.at[digits] != '*'))
		return SEGMENTS_MAX;
	return number;
}

static void keep_first(struct parameter *kept, const struct parameter *parameter)
{
	if (!kept->attribute.at)
		*kept = *parameter;
}

static void spellings_find(struct span value, const char *attribute, struct spellings *out)
{
	/* From the type on: it is passed over like any other text before the first ';'. */
	struct parameters parameters = {.rest = value};
	struct parameter parameter;
	size_t len = strlen(attribute);

	*out = (struct spellings){0};
	while (parameters_next(&parameters, &parameter)) {
		struct span suffix = parameter.attribute;
		size_t number;

		if (!parameter_is(&parameter, attribute))
			continue;
		suffix.at += len, suffix.len -= len;
		if (suffix.len == 0) {
			keep_first(&out->plain, &parameter);
			continue;
		}
		suffix.at++, suffix.len--;
		if (suffix.len == 0) {
			keep_first(&out->extended, &parameter);
			continue;
		}
		number = segment_number(suffix);
		if (number < SEGMENTS_MAX)
			keep_first(&out->segments[number], &parameter);
	}
}

/* ---- decoding ----------------------------------------------------------- */

/* Takes charset'language' from the value, RFC 2231 4; without it, the charset is UTF-8. */
static struct span take_charset(struct span *value)
{
	struct span charset = {"UTF-8", 5};
	const char *first = memchr(value->at, '\'', value->len), *second;
	size_t taken;

	if (!first)
		return charset;
	taken = (size_t)(first + 1 - value->at);
	second = memchr(first + 1, '\'', value->len - taken);
	if (!second)
		return charset;
	if (first > value->at)
		charset = (struct span){value->at, taken - 1};
	taken = (size_t)(second + 1 - value->at);
	value->at += taken, value->len -= taken;
	return charset;
}

/*
 * The count parameters are one value. The octets of all are put together first, since a character,
 * and an encoded word too, may be divided between two.
 */
static void decode(const struct parameter *parameters, size_t count, struct text *out)
{
	struct octets octets = {0};
	bool extended = is_extended(&parameters[0]);
	struct span charset = {0}, first = parameters[0].value;

	if (extended)
		charset = take_charset(&first);
	octets_add(&octets, first, parameters[0].quoted, extended);
	for (size_t i = 1; i < count; i++)
		octets_add(&octets, parameters[i].value, parameters[i].quoted,
		           is_extended(&parameters[i]));
	if (extended)
		charset_decode(charset, octets.at, octets.len, out);
	else
		encoded_word_decode((struct span){(const char *)octets.at, octets.len}, out);
	out->full |= octets.full;
}

static void decode_best(const struct spellings *spellings, struct text *out)
{
	size_t count = 0;

	while (count < SEGMENTS_MAX && spellings->segments[count].attribute.at)
		count++;
	if (spellings->extended.attribute.at)
		decode(&spellings->extended, 1, out);
	if (out->len == 0 && count > 0)
		decode(spellings->segments, count, out);
	if (out->len == 0 && spellings->plain.attribute.at)
		decode(&spellings->plain, 1, out);
}

/* ---- what may be shown -------------------------------------------------- */

/*
 * The length of the character at s; *shown tells whether it is one, and no control character (C0,
 * DEL, C1).
 */
static size_t character_len(const char *s, size_t len, bool *shown)
{
	ucs4_t c;
	int n = u8_mbtoucr(&c, (const uint8_t *)s, len);

	*shown = n > 0 && c >= ' ' && (c < 0x7f || c >= 0xa0);
	return n > 0 ? (size_t)n : 1;
}

static void show(const struct text *text, char out[FILE_NAME_MAX + 1])
{
	static const char dots[] = "...";
	size_t len = 0, cut = 0;
	bool full = text->full;

	for (size_t i = 0, n; i < text->len; i += n) {
		bool shown;
		size_t room;

		n = character_len(text->at + i, text->len - i, &shown);
		room = shown ? n : 1;
		if (len + room > FILE_NAME_MAX) {
			full = true;
			break;
		}
		if (shown)
			memcpy(out + len, text->at + i, n);
		else
			out[len] = '?';
		len += room;
		if (len <= FILE_NAME_MAX - (sizeof dots - 1))
			cut = len;
	}
	if (full) {
		memcpy(out + cut, dots, sizeof dots - 1);
		len = cut + sizeof dots - 1;
	}
	out[len] = '\0';
}

void file_name(struct span disposition, struct span type, char out[FILE_NAME_MAX + 1])
{
	char decoded[2 * FILE_NAME_MAX]; /* so that what is cut from it is not seen */
	struct text text = {.at = decoded, .size = sizeof decoded};
	struct spellings spellings;

	decoded[0] = '\0';
	if (disposition.len > 0) {
		spellings_find(disposition, "filename", &spellings);
		decode_best(&spellings, &text);
	}
	if (text.len == 0 && type.len > 0) {
		spellings_find(type, "name", &spellings);
		decode_best(&spellings, &text);
	}
	show(&text, out);
}
