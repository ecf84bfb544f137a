#include "policy/media.h"

#include "policy/encoded_word.h"

static struct span span_from(struct span s, size_t n)
{
	return (struct span){s.at + n, s.len - n};
}

static struct span take_token(struct span *rest)
{
	struct span token = {rest->at, 0};

	while (token.len < rest->len && is_token((unsigned char)token.at[token.len]))
		token.len++;
	*rest = span_from(*rest, token.len);
	return token;
}

/* Whether what was read before it ends here. */
static bool at_end(struct span rest)
{
	return rest.len == 0 || rest.at[0] == ';' || is_space((unsigned char)rest.at[0]);
}

/* ---- parameters --------------------------------------------------------- */

/*
 * Takes what stands before the next ';' outside quotes. Some readers take any \" for a quoted pair,
 * even where its backslash is the second one of \\: where they would divide elsewhere, malformed.
 */
static struct span take_parameter(struct parameters *parameters)
{
	struct span rest = parameters->rest;
	bool quoted = false, quoted_to_some = false;
	size_t i;

	for (i = 0; i < rest.len; i++) {
		if (rest.at[i] == ';') {
			parameters->malformed |= quoted != quoted_to_some;
			if (!quoted)
				break;
		} else if (rest.at[i] == '"') {
			quoted = !quoted;
			if (i == 0 || rest.at[i - 1] != '\\')
				quoted_to_some = !quoted_to_some;
		} else if (rest.at[i] == '\\' && quoted && i + 1 < rest.len) {
			i++;
		}
	}
	parameters->rest = span_from(rest, i);
	return span_trim((struct span){rest.at, i});
}

/* The whole of s as a quoted-string (RFC 822 3.3, to which RFC 2045 5.1 refers). */
static bool read_quoted(struct span s, struct parameter *out)
{
	size_t i;

	if (s.len < 2 || s.at[0] != '"')
		return false;
	for (i = 1; i < s.len && s.at[i] != '"'; i++) {
		bool fold = s.at[i] == '\n';
		unsigned char c;

		if (s.at[i] == '\\' && ++i == s.len)
			return false;
		c = (unsigned char)s.at[i];
		if (!fold && c != '\t' && (c < ' ' || c == 0x7f))
			return false;
	}
	if (i + 1 != s.len)
		return false;
	out->value = (struct span){s.at + 1, s.len - 2};
	out->quoted = true;
	return true;
}

/* The whole of s as a token; with '=', '/', ':' and '?', which much honest mail has in it. */
static bool is_bare_value(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (!is_token(c) && c < 0x80 && (c == '\0' || !strchr("=/:?", c)))
			return false;
	}
	return s.len > 0;
}

/* A token; a '*' is in it only as RFC 2231 has it: attribute*, attribute*N, attribute*N*. */
static bool is_attribute(struct span token)
{
	const char *star = token.len > 0 ? memchr(token.at, '*', token.len) : NULL;
	size_t i;

	if (!star)
		return token.len > 0;
	i = (size_t)(star - token.at) + 1;
	if (i < token.len && token.at[i] != '*') {
		while (i < token.len && token.at[i] >= '0' && token.at[i] <= '9')
			i++;
		i += i < token.len && token.at[i] == '*';
	}
	return star > token.at && i == token.len;
}

bool parameters_next(struct parameters *parameters, struct parameter *out)
{
	struct span s;

	*out = (struct parameter){0};
	do {
		s = take_parameter(parameters);
		parameters->malformed |= s.len > 0; /* it stands before the ';' */
		if (parameters->rest.len == 0)
			return false;
		parameters->rest = span_from(parameters->rest, 1);
		s = take_parameter(parameters);
	} while (s.len == 0);

	out->attribute = take_token(&s);
	if (!is_attribute(out->attribute) || s.len == 0 || s.at[0] != '=')
		parameters->malformed = true;
	s = span_trim(s);
	if (s.len > 0 && s.at[0] == '=')
		s = span_from(s, 1);
	parameters->malformed |= s.len > 0 && is_space((unsigned char)s.at[0]);
	s = span_trim(s);
	if (read_quoted(s, out))
		return true;
	parameters->malformed |= !is_bare_value(s);
	out->value = s;
	out->quoted = false;
	return true;
}

bool parameter_is(const struct parameter *parameter, const char *attribute)
{
	struct span base = {parameter->attribute.at, 0};

	while (base.len < parameter->attribute.len && base.at[base.len] != '*')
		base.len++;
	return span_is(base, attribute);
}

/* ---- Content-Type ------------------------------------------------------- */

/* Type and subtype; gives what stands behind them, or all if they are none. */
static struct span read_type(struct span value, struct content_type *out)
{
	struct span rest = value, type, subtype;

	type = take_token(&rest);
	if (type.len == 0 || rest.len == 0 || rest.at[0] != '/')
		return value;
	rest = span_from(rest, 1);
	subtype = take_token(&rest);
	if (subtype.len == 0 || !at_end(rest))
		return value;
	out->type = type;
	out->subtype = subtype;
	return rest;
}

/*
 * Whether a reader that looks for the word alone, or reads quotes in another way than we, may find a
 * parameter of that name here; if not whole, also of one that ends in it.
 */
static bool names(struct span s, const char *word, bool whole)
{
	const char *start = s.at;
	const size_t len = strlen(word);

	for (; s.len > len; s = span_from(s, 1)) {
		size_t i = len;

		if (strncasecmp(s.at, word, len) != 0 ||
		    (whole && s.at > start && is_token((unsigned char)s.at[-1])))
			continue;
		while (i < s.len && is_space((unsigned char)s.at[i]))
			i++;
		if (i < s.len && strchr("=*(", s.at[i]))
			return true;
	}
	return false;
}

static bool names_file(struct span value)
{
	return names(value, "name", true) || names(value, "filename", true);
}

/*
 * Printable, no quoted pair, and nothing that some reader takes away: from the ends white space,
 * single quotes and angle brackets; from what is not quoted, all that RFC 2231 gives a meaning.
 */
static bool is_usable(const struct parameter *boundary)
{
	struct span s = boundary->value;
	char first, last;

	if (s.len == 0 || s.len > BOUNDARY_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < ' ' || s.at[i] > '~' ||
		    strchr(boundary->quoted ? "\\\"" : "'*", s.at[i]))
			return false;
	first = s.at[0], last = s.at[s.len - 1];
	if (first == ' ' || last == ' ' || first == '\'' || last == '\'' ||
	    (first == '<' && last == '>'))
		return false;
	return !encoded_word_in(s);
}

/* Some readers end an unquoted value where RFC 2045 does. */
static size_t stem_len(const struct parameter *boundary)
{
	size_t len = 0;

	while (len < boundary->value.len && !strchr("=/:?", boundary->value.at[len]))
		len++;
	return boundary->quoted || len == boundary->value.len ? 0 : len;
}

/* Whether no reader can find another boundary in the value than this parameter. */
static bool is_only_boundary(struct span value, const struct parameter *boundary)
{
	const char *begin = boundary->attribute.at;
	const char *end = boundary->value.at + boundary->value.len;

	return span_is(boundary->attribute, "boundary") &&
	       !names((struct span){value.at, (size_t)(begin - value.at)}, "boundary", false) &&
	       !names(span_from(value, (size_t)(end - value.at)), "boundary", false);
}

void content_type_parse(struct span value, struct content_type *out)
{
	struct parameters parameters = {0};
	struct parameter parameter, boundary = {0};

	*out = (struct content_type){0};
	value = span_trim(value);
	parameters.rest = read_type(value, out);
	while (parameters_next(&parameters, &parameter)) {
		out->has_name |=
		    parameter_is(&parameter, "name") || parameter_is(&parameter, "filename");
		if (parameter_is(&parameter, "boundary")) {
			out->has_boundary = true;
			boundary = parameter;
		}
	}
	out->has_name |= names_file(value);
	out->malformed = parameters.malformed;
	if (out->malformed)
		out->has_boundary |= names(value, "boundary", false);
	else if (out->type.len > 0 && out->has_boundary && is_only_boundary(value, &boundary) &&
	         is_usable(&boundary)) {
		out->boundary = boundary.value;
		out->boundary_stem = stem_len(&boundary);
	}
}

/* ---- Content-Disposition, Content-Transfer-Encoding --------------------- */

void disposition_parse(struct span value, struct disposition *out)
{
	struct parameters parameters = {.rest = span_trim(value)};
	struct parameter parameter;
	struct span type = take_token(&parameters.rest);

	*out = (struct disposition){.inline_ = span_is(type, "inline") && at_end(parameters.rest)};
	while (parameters_next(&parameters, &parameter))
		out->has_name |=
		    parameter_is(&parameter, "name") || parameter_is(&parameter, "filename");
	out->has_name |= names_file(value);
	out->malformed = parameters.malformed;
}

const char *const encoding_names[] = {
    [ENCODING_NONE] = "",           [ENCODING_7BIT] = "7bit",
    [ENCODING_8BIT] = "8bit",       [ENCODING_BINARY] = "binary",
    [ENCODING_BASE64] = "base64",   [ENCODING_QUOTED_PRINTABLE] = "quoted-printable",
    [ENCODING_UNKNOWN] = "unknown",
};

/*
 * White space behind the name, or a fold before it, keeps Python's email from decoding. What counts
 * its raw octets anyhow may have it.
 */
enum encoding encoding_parse(struct span value)
{
	struct span trimmed = span_trim(value);

	while (value.len > 0 && (value.at[0] == ' ' || value.at[0] == '\t'))
		value = span_from(value, 1);
	for (int id = ENCODING_7BIT; id < ENCODING_UNKNOWN; id++)
		if (span_is(id < ENCODING_BASE64 ? trimmed : value, encoding_names[id]))
			return (enum encoding)id;
	return ENCODING_UNKNOWN;
}
