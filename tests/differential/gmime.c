/*
 * The largest attachment of messages, as GMime takes them apart: its octets, a line each. What is an
 * attachment is as rules 11 and 12 of the tally have it, by what GMime says of the parts.
 */
#include "tests/differential/frame.h"

#include <gmime/gmime.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct place {
	bool cover; /* in cover-letter position */
	bool digest;
};

static bool is_text(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	return g_mime_content_type_is_type(type, "text", "plain") ||
	       g_mime_content_type_is_type(type, "text", "html");
}

static bool is_inline(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);

	return !disposition || strcasecmp(disposition, "inline") == 0;
}

static bool has_name(GMimeObject *object)
{
	return g_mime_object_get_content_disposition_parameter(object, "filename") ||
	       g_mime_object_get_content_disposition_parameter(object, "name") ||
	       g_mime_object_get_content_type_parameter(object, "name");
}

static bool is_encoding_known(GMimeObject *object)
{
	const char *encoding = g_mime_object_get_header(object, "Content-Transfer-Encoding");

	if (!encoding)
		return true;
	switch (g_mime_content_encoding_from_string(encoding)) {
	case GMIME_CONTENT_ENCODING_7BIT:
	case GMIME_CONTENT_ENCODING_8BIT:
	case GMIME_CONTENT_ENCODING_BINARY:
	case GMIME_CONTENT_ENCODING_BASE64:
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
		return true;
	default:
		return false;
	}
}

static bool is_mode(const char *s, size_t len)
{
	size_t digits = 0;

	while (digits < len && s[digits] >= '0' && s[digits] <= '7')
		digits++;
	return digits >= 3 && digits < len && s[digits] == ' ';
}

static bool begins_file(const char *s, size_t len)
{
	static const char uuencode[] = "begin ", base64[] = "begin-base64 ", yenc[] = "=ybegin ";

#define BEGINS(word) (len >= sizeof(word) - 1 && memcmp(s, word, sizeof(word) - 1) == 0)
	return BEGINS(yenc) ||
	       (BEGINS(uuencode) && is_mode(s + sizeof uuencode - 1, len - sizeof uuencode + 1)) ||
	       (BEGINS(base64) && is_mode(s + sizeof base64 - 1, len - sizeof base64 + 1));
#undef BEGINS
}

static bool holds_file(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((i == 0 || s[i - 1] == '\n' || s[i - 1] == '\r') && begins_file(s + i, len - i))
			return true;
	return false;
}

/* The content of a part, decoded. */
static GByteArray *content_of(GMimePart *part)
{
	GByteArray *octets = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(octets);
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	if (content)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return octets;
}

/* GMime gives what is around parts with LF for CRLF. */
static uint64_t text_length(const char *text)
{
	uint64_t octets = 0;
	char before = '\0';

	for (; text && *text; before = *text++)
		octets += *text == '\n' && before != '\r' ? 2 : 1;
	return octets;
}

static void weigh(uint64_t *largest, uint64_t octets)
{
	if (octets > *largest)
		*largest = octets;
}

/* The octets of a leaf. */
static uint64_t read_part(GMimeObject *object, struct place place, uint64_t *largest)
{
	GByteArray *content = content_of(GMIME_PART(object));
	uint64_t octets = content->len;
	bool typed = g_mime_object_get_header(object, "Content-Type");
	bool exempt = place.cover && is_text(object) && (typed || !place.digest) &&
	              is_inline(object) && !has_name(object) && is_encoding_known(object) &&
	              !holds_file((const char *)content->data, content->len);

	if (!exempt)
		weigh(largest, octets);
	g_byte_array_free(content, TRUE);
	return octets;
}

static uint64_t read_object(GMimeObject *object, struct place place, uint64_t *largest);

/* The octets of its leaves together. */
static uint64_t read_multipart(GMimeObject *object, struct place place, uint64_t *largest)
{
	GMimeMultipart *multipart = GMIME_MULTIPART(object);
	GMimeContentType *type = g_mime_object_get_content_type(object);
	bool alternative = g_mime_content_type_is_type(type, "multipart", "alternative");
	uint64_t prologue = text_length(g_mime_multipart_get_prologue(multipart));
	uint64_t epilogue = text_length(g_mime_multipart_get_epilogue(multipart));
	uint64_t octets = prologue + epilogue;

	weigh(largest, prologue);
	weigh(largest, epilogue);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		struct place child = {
		    .cover = place.cover && (alternative || i == 0),
		    .digest = g_mime_content_type_is_type(type, "multipart", "digesx"),
		};

		octets += read_object(g_mime_multipart_get_part(multipart, i), child, largest);
	}
	if (!is_inline(object) || has_name(object))
		weigh(largest, octets);
	return octets;
}

static uint64_t read_object(GMimeObject *object, struct place place, uint64_t *largest)
{
	if (GMIME_IS_MULTIPART(object))
		return read_multipart(object, place, largest);
	if (GMIME_IS_PART(object))
		return read_part(object, place, largest);
	fprintf(stderr, "neither a part nor a multipart: %s\n", G_OBJECT_TYPE_NAME(object));
	exit(1);
}

int main(void)
{
	unsigned char *octets;
	size_t len;

	g_mime_init();
	while (frame_read(&octets, &len)) {
		GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)octets, len);
		GMimeParser *parser = g_mime_parser_new_with_stream(stream);
		GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
		uint64_t largest = 0;

		if (!message) {
			puts("unread");
		} else {
			if (g_mime_message_get_mime_part(message))
				read_object(g_mime_message_get_mime_part(message),
				            (struct place){.cover = true}, &largest);
			printf("%ju\n", (uintmax_t)largest);
			g_object_unref(message);
		}
		fflush(stdout);
		g_object_unref(parser);
		g_object_unref(stream);
		free(octets);
	}
	g_mime_shutdown();
	return 0;
}
