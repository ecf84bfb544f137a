#include "db/daemon/line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

#define PIECE_MAX 13 /* octets of one character in JSON, '\0' and all: two times \uXXXX */
#define KEY_MAX   32

/* ---- the fields --------------------------------------------------------- */

void line_begin(struct line *line, const char *queue_id, const char *verdict)
{
	*line = (struct line){.queue_id = queue_id, .verdict = verdict};
}

static void add(struct line *line, struct field field)
{
	if (line->count < LINE_FIELDS_MAX)
		line->fields[line->count++] = field;
}

void line_word(struct line *line, const char *key, const char *value)
{
	add(line, (struct field){.key = key, .value = value});
}

void line_text(struct line *line, const char *key, const char *value)
{
	add(line, (struct field){.key = key, .value = value, .spaces = true});
}

void line_number(struct line *line, const char *key, uint64_t value)
{
	add(line, (struct field){.key = key, .number = value});
}

/* ---- as text ------------------------------------------------------------ */

static bool is_plain(const char *value)
{
	for (; *value; value++)
		if (*value <= ' ' || *value > '~' || *value == '"' || *value == '\\')
			return false;
	return true;
}

/* The value so that it is printable, in quotes if need be. */
static void text_value(char out[LINE_VALUE_MAX], const char *value, bool spaces)
{
	bool quote = *value == '\0' || !is_plain(value);
	size_t n = 0;

	if (quote)
		out[n++] = '"';
	for (; *value && n < AUDIT_FIELD_MAX; value++) {
		unsigned char c = (unsigned char)*value;

		if (c < ' ' || c > '~' || (c == ' ' && !spaces))
			n += (size_t)sprintf(out + n, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			n += (size_t)sprintf(out + n, "\\%c", c);
		else
			out[n++] = (char)c;
	}
	if (*value)
		n += (size_t)sprintf(out + n, "...");
	if (quote)
		out[n++] = '"';
	out[n] = '\0';
}

void line_value(char out[LINE_VALUE_MAX], const char *value)
{
	text_value(out, value, false);
}

static void text_field(char out[LINE_VALUE_MAX + KEY_MAX], const struct field *field)
{
	char value[LINE_VALUE_MAX];

	if (field->value)
		text_value(value, field->value, field->spaces);
	else
		snprintf(value, sizeof value, "%" PRIu64, field->number);
	snprintf(out, LINE_VALUE_MAX + KEY_MAX, " %s=%s", field->key, value);
}

/* ---- as JSON ------------------------------------------------------------ */

/* The next character of *value in a JSON string, or an octet that is none. Gives its octets. */
static size_t json_piece(char out[PIECE_MAX], const char **value)
{
	unsigned octet = (unsigned char)**value;
	ucs4_t c;
	int len = u8_strmbtouc(&c, (const uint8_t *)*value);

	*value += len > 0 ? len : 1;
	if (len <= 0)
		return (size_t)sprintf(out, "\\\\x%02x", octet);
	if (c == '"' || c == '\\')
		return (size_t)sprintf(out, "\\%c", (char)c);
	if (c >= ' ' && c <= '~')
		return (size_t)sprintf(out, "%c", (char)c);
	if (c <= 0xffff)
		return (size_t)sprintf(out, "\\u%04x", (unsigned)c);
	c -= 0x10000;
	return (size_t)sprintf(out, "\\u%04x\\u%04x", 0xd800 | (unsigned)(c >> 10 & 0x3ff),
	                       0xdc00 | (unsigned)(c & 0x3ff));
}

static void json_value(char out[LINE_VALUE_MAX], const char *value)
{
	size_t n = 0;

	out[n++] = '"';
	while (*value && n < AUDIT_FIELD_MAX)
		n += json_piece(out + n, &value);
	strcpy(out + n, *value ? "...\"" : "\"");
}

static void json_field(char out[LINE_VALUE_MAX + KEY_MAX], const struct field *field)
{
	char value[LINE_VALUE_MAX];

	if (field->value)
		json_value(value, field->value);
	else
		snprintf(value, sizeof value, "%" PRIu64, field->number);
	snprintf(out, LINE_VALUE_MAX + KEY_MAX, ", \"%s\": %s", field->key, value);
}

/* ---- the line ----------------------------------------------------------- */

/* The queue ID, if there is one, and the verdict. Gives its length. */
static size_t begin(const struct line *line, enum audit_format format, char out[LOG_LINE_MAX])
{
	char id[LINE_VALUE_MAX];

	if (!line->queue_id)
		return (size_t)snprintf(out, LOG_LINE_MAX,
		                        format == AUDIT_JSON ? "{\"verdict\": \"%s\"" : "%s",
		                        line->verdict);
	if (format == AUDIT_JSON)
		json_value(id, line->queue_id);
	else
		text_value(id, line->queue_id, false);
	return (size_t)snprintf(out, LOG_LINE_MAX,
	                        format == AUDIT_JSON ? "{\"queue_id\": %s, \"verdict\": \"%s\""
	                                             : "%s: %s",
	                        id, line->verdict);
}

void line_write(const struct line *line, enum audit_format format, char out[LOG_LINE_MAX])
{
	const char *end = format == AUDIT_JSON ? "}" : "";
	char piece[LINE_VALUE_MAX + KEY_MAX];
	size_t len;

	len = begin(line, format, out);
	for (size_t i = 0; i < line->count; i++) {
		size_t n;

		if (format == AUDIT_JSON)
			json_field(piece, &line->fields[i]);
		else
			text_field(piece, &line->fields[i]);
		n = strlen(piece);
		if (n + strlen(end) >= LOG_LINE_MAX - len)
			continue;
		memcpy(out + len, piece, n + 1);
		len += n;
	}
	strcpy(out + len, end);
}
