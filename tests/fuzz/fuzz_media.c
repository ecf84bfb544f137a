/*
 * A line each: the values of Content-Type, Content-Disposition and Content-Transfer-Encoding. A BEL
 * stands where a value was folded. The README says what is held true.
 */
#include "policy/encoded_word.h"
#include "policy/media.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/cpu.h"

#include <string.h>
#include <strings.h>
#include <unistr.h>

#define TEXT_MAX 4096 /* octets of input that are looked at */

static void check_within(struct span inner, struct span outer)
{
	if (inner.len > 0)
		CHECK(inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len);
}

/* ---- parameters ---------------------------------------------------------- */

static void check_parameters(struct span value)
{
	const char *at = memchr(value.at, ';', value.len);
	struct parameters parameters = {.rest = value};
	struct parameter parameter;

	if (!at)
		return;
	parameters.rest.len -= (size_t)(at - value.at);
	parameters.rest.at = at;
	while (parameters_next(&parameters, &parameter)) {
		check_within(parameter.attribute, value);
		check_within(parameter.value, value);
		CHECK(parameters.rest.at > at); /* it gets on */
		at = parameters.rest.at;
		if (parameters.malformed)
			continue;
		CHECK(parameter.attribute.len > 0);
		for (size_t i = 0; i < parameter.attribute.len; i++)
			CHECK(is_token((unsigned char)parameter.attribute.at[i]));
		CHECK(parameter.quoted || parameter.value.len > 0);
		for (size_t i = 0; i < parameter.value.len; i++) {
			unsigned char c = (unsigned char)parameter.value.at[i];

			CHECK(c >= ' ' ? c != 0x7f : parameter.quoted && is_space(c));
			CHECK(parameter.quoted || !strchr(" ;()\"", c));
		}
	}
	CHECK(parameters.rest.len == 0);
}

/* ---- the boundary, read again by another way ------------------------------ */

/*
 * Octet by octet, without a second look at anything, as if by
 *
 *   type (ws* ';' (ws* attribute '=' (bare | quoted))?)* ws*
 *
 * What is not of this form has no boundary, nor has what has two.
 */
struct reader {
	const char *at, *end;
};

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\n", *reader->at) && *reader->at)
		reader->at++;
}

static struct span take(struct reader *reader, const char *stop)
{
	struct span s = {reader->at, 0};

	while (reader->at < reader->end && (unsigned char)*reader->at > ' ' &&
	       *reader->at != 0x7f && !strchr(stop, *reader->at))
		reader->at++;
	s.len = (size_t)(reader->at - s.at);
	return s;
}

static bool take_one(struct reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* Of a quoted string; at is null if it does not end. */
static struct span take_quoted(struct reader *reader)
{
	struct span s = {reader->at, 0};

	while (reader->at < reader->end && *reader->at != '"') {
		reader->at += *reader->at == '\\';
		if (reader->at < reader->end)
			reader->at++;
	}
	s.len = (size_t)(reader->at - s.at);
	if (!take_one(reader, '"'))
		s.at = NULL;
	return s;
}

static struct span boundary_again(struct span value)
{
	static const struct span none = {NULL, 0};
	struct reader reader = {value.at, value.at + value.len};
	struct span found = none;

	skip_space(&reader);
	if (take(&reader, "()<>@,;:\\\"/[]?=").len == 0 || !take_one(&reader, '/') ||
	    take(&reader, "()<>@,;:\\\"/[]?=").len == 0)
		return none;
	for (;;) {
		struct span attribute, s;

		skip_space(&reader);
		if (reader.at == reader.end)
			return found;
		if (!take_one(&reader, ';'))
			return none;
		skip_space(&reader);
		if (reader.at == reader.end || *reader.at == ';')
			continue;
		attribute = take(&reader, "()<>@,;:\\\"/[]?=");
		if (attribute.len == 0 || !take_one(&reader, '='))
			return none;
		s = take_one(&reader, '"') ? take_quoted(&reader) : take(&reader, "()<>@,;\\\"[]");
		if (!s.at)
			return none;
		if (attribute.len < 8 || strncasecmp(attribute.at, "boundary", 8) != 0 ||
		    (attribute.len > 8 && attribute.at[8] != '*'))
			continue;
		if (found.at || attribute.len > 8)
			return none;
		found = s;
	}
}

static void check_boundary(const struct content_type *type, struct span value)
{
	struct span s = type->boundary, again = boundary_again(value);

	if (s.len == 0)
		return;
	CHECK(type->has_boundary && !type->malformed);
	CHECK(s.len <= BOUNDARY_MAX);
	for (size_t i = 0; i < s.len; i++)
		CHECK(s.at[i] >= ' ' && s.at[i] <= '~' && s.at[i] != '"' && s.at[i] != '\\');
	CHECK(!strchr(" '", s.at[0]) && !strchr(" '", s.at[s.len - 1]));
	CHECK(!encoded_word_in(s));
	CHECK(again.at == s.at && again.len == s.len);
}

/*
 * A boundary is lost, and never another, if there is one more; and nothing is well formed behind
 * text that is not.
 */
static void check_more(const struct content_type *type, struct span value)
{
	static const struct {
		const char *more;
		bool malformed;
	} rows[] = {
	    {"; boundary=x", false},
	    {"; boundary*=us-ascii''x", false},
	    {"; BOUNDARY*0=x", false},
	    {"; x=y (c)", true},
	    {"; \"", true},
	};

	for (size_t i = 0; type->boundary.len > 0 && i < sizeof rows / sizeof *rows; i++) {
		char longer[TEXT_MAX + 64];
		size_t len = strlen(rows[i].more);
		struct content_type other;

		memcpy(longer, value.at, value.len);
		memcpy(longer + value.len, rows[i].more, len);
		content_type_parse((struct span){longer, value.len + len}, &other);
		CHECK_NOTE(other.boundary.len == 0 && other.has_boundary, rows[i].more);
		CHECK_NOTE(other.malformed == rows[i].malformed, rows[i].more);
	}
}

static void check_type(struct span value)
{
	struct content_type type;

	content_type_parse(value, &type);
	check_within(type.type, value);
	check_within(type.subtype, value);
	check_within(type.boundary, value);
	CHECK((type.type.len == 0) == (type.subtype.len == 0));
	if (type.type.len > 0)
		CHECK(type.subtype.at == type.type.at + type.type.len + 1);
	check_boundary(&type, value);
	check_more(&type, value);
}

/* ---- the other two fields, and the name ---------------------------------- */

static void check_disposition(struct span value)
{
	struct disposition disposition;
	struct span trimmed = span_trim(value);

	disposition_parse(value, &disposition);
	if (disposition.inline_)
		CHECK(trimmed.len >= 6 && strncasecmp(trimmed.at, "inline", 6) == 0);
	if (span_is(trimmed, "inline"))
		CHECK(disposition.inline_ && !disposition.malformed && !disposition.has_name);
}

static void check_encoding(struct span value)
{
	static const char *const names[] = {
	    [ENCODING_7BIT] = "7bit",
	    [ENCODING_8BIT] = "8bit",
	    [ENCODING_BINARY] = "binary",
	    [ENCODING_BASE64] = "base64",
	    [ENCODING_QUOTED_PRINTABLE] = "quoted-printable",
	};
	enum encoding encoding = encoding_parse(value);

	CHECK(encoding != ENCODING_NONE);
	if (encoding != ENCODING_UNKNOWN)
		CHECK(span_is(span_trim(value), names[encoding]));
}

static void check_name(struct span disposition, struct span type)
{
	char name[FILE_NAME_MAX + 1], again[FILE_NAME_MAX + 1];
	size_t len;

	memset(name, 'x', sizeof name);
	memset(again, 'y', sizeof again);
	file_name(disposition, type, name);
	file_name(disposition, type, again);
	len = strnlen(name, sizeof name);
	CHECK(len <= FILE_NAME_MAX);
	CHECK_NOTE(strcmp(name, again) == 0, name);
	CHECK_NOTE(is_clean_utf8(name, len), name);
	for (size_t i = 0; i < len; i++)
		CHECK_NOTE((unsigned char)name[i] >= ' ' && name[i] != 0x7f, name);
	if (len > 0) {
		struct content_type parsed;
		struct disposition parsed_too;

		content_type_parse(type, &parsed);
		disposition_parse(disposition, &parsed_too);
		CHECK_NOTE(parsed.has_name || parsed_too.has_name, name);
	}
}

/* Of the three values. */
static void check_all(void *arg)
{
	const struct span *values = arg;

	check_parameters(values[0]);
	check_parameters(values[1]);
	check_type(values[0]);
	check_disposition(values[1]);
	check_encoding(values[2]);
	check_name(values[1], values[0]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span values[3];
	char *text;
	size_t at = 0;

	if (size > TEXT_MAX)
		size = TEXT_MAX;
	text = malloc(size > 0 ? size : 1); /* so that a sanitizer sees a read behind its end */
	CHECK(text);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)data[i];
	for (size_t i = 0; i < 3; i++) {
		const char *end = i < 2 ? memchr(text + at, '\n', size - at) : NULL;

		values[i].at = text + at;
		values[i].len = end ? (size_t)(end - values[i].at) : size - at;
		at += values[i].len + (end != NULL);
	}
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\a')
			text[i] = '\n';
	check_cpu(check_all, values, "");
	free(text);
	return 0;
}
