#include "tests/fuzz/check.h"
#include "tests/fuzz/tally_inner.h"

#include <string.h>
#include <strings.h>

static bool decode_base64(struct span content, char *to, size_t *len)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const size_t padding_of[] = {0, 1 /* never right */, 2, 1};
	size_t n = 0, padding = 0;
	uint32_t bits = 0;

	*len = 0;
	for (size_t i = 0; i < content.len; i++) {
		char c = content.at[i];
		const char *digit = c == '\0' ? NULL : strchr(alphabet, c);

		if (c == '=') {
			padding++;
		} else if (digit && padding == 0) {
			bits = bits << 6 | (uint32_t)(digit - alphabet);
			if (++n % 4 != 1)
				to[(*len)++] = (char)(bits >> (4 - n % 4) % 4 * 2);
		} else if (digit || c == '\0' || !strchr(" \t\r\n", c)) {
			return false;
		}
	}
	CHECK(*len == 3 * n / 4 || n % 4 == 1);
	return n % 4 != 1 && padding == padding_of[n % 4];
}

static bool decode_quoted_printable(struct span content, char *to, size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < content.len; i++) {
		const char *s = content.at + i;
		size_t left = content.len - i - 1;

		if (*s != '=') {
			to[(*len)++] = *s;
		} else if (left >= 2 && hex_digit((unsigned char)s[1]) >= 0 &&
		           hex_digit((unsigned char)s[2]) >= 0) {
			to[(*len)++] = (char)(hex_digit((unsigned char)s[1]) * 16 +
			                      hex_digit((unsigned char)s[2]));
			i += 2;
		} else if (left >= 2 && s[1] == '\r' && s[2] == '\n') {
			i += 2;
		} else if (left > 0) {
			return false;
		}
	}
	return true;
}

/* ---- embedded files (policy/embedded.h) ----------------------------------- */

static const char *skip(const char *s, const char *octets, size_t *count)
{
	*count = strspn(s, octets);
	return s + *count;
}

static bool begins_file(const char *line)
{
	static const char binhex[] = "(This file must be converted with BinHex";
	size_t blanks, digits, behind;

	if (strncmp(line, "=ybegin ", 8) == 0 || strncasecmp(line, binhex, strlen(binhex)) == 0)
		return true;
	if (strncmp(line, "begin", 5) != 0)
		return false;
	line += strncmp(line, "begin-base64", 12) == 0 ? 12 : 5;
	line = skip(line, " \t", &blanks);
	line = skip(line, "01234567", &digits);
	skip(line, " \t", &behind);
	return blanks > 0 && digits >= 3 && behind > 0;
}

static bool has_embedded(char *s, size_t len)
{
	s[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((i == 0 || s[i - 1] == '\r' || s[i - 1] == '\n') && begins_file(s + i))
			return true;
	return false;
}

void content_decode(struct span content, enum encoding encoding, struct decoded *out)
{
	char *text = malloc(content.len + 1);
	size_t len = content.len;

	CHECK(text);
	*out = (struct decoded){.known = true};
	if (encoding == ENCODING_BASE64)
		out->known = decode_base64(content, text, &len);
	else if (encoding == ENCODING_QUOTED_PRINTABLE)
		out->known = decode_quoted_printable(content, text, &len);
	else if (encoding == ENCODING_UNKNOWN)
		out->known = false;
	else if (len > 0)
		memcpy(text, content.at, len);
	out->octets = out->known ? len : content.len;
	out->embedded = out->known && has_embedded(text, len);
	for (size_t i = 0; i < content.len; i++)
		out->eight_bit |= (unsigned char)content.at[i] >= 0x80;
	out->eight_bit &= encoding == ENCODING_7BIT || encoding == ENCODING_BASE64 ||
	                  encoding == ENCODING_QUOTED_PRINTABLE;
	free(text);
}
