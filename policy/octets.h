/*
 * What RFC 5321, RFC 5322 and RFC 2045 call their octets: ASCII alone, whatever the locale says.
 */
#ifndef POLICY_OCTETS_H
#define POLICY_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static inline bool is_let_dig(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static inline unsigned char to_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* RFC 5322 3.2.3 atext, with UTF8-non-ascii (RFC 6532 3.2) */
static inline bool is_atext(unsigned char c)
{
	return c >= 0x80 || is_let_dig(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* RFC 2045 5.1: token */
static inline bool is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* Valid UTF-8 without the C1 controls, U+0080 to U+009F. */
bool is_clean_utf8(const char *s, size_t len);

/* White space of an unfolded header field: '\n' stands where it was folded. */
static inline bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* As octets rather than bools, and without a branch: compilers make vector code of these. */
static inline unsigned char is_within(unsigned char c, unsigned char first, unsigned char last)
{
	return (unsigned char)(c - first) <= last - first;
}

static inline unsigned char is_hex(unsigned char c)
{
	return is_within(c, '0', '9') | is_within(c | 0x20, 'a', 'f');
}

/* The value of a hexadecimal digit of either case, -1 if it is none. */
static inline int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = to_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of an octet of base64's alphabet (RFC 2045 6.8); NOT_BASE64 for all others. */
#define NOT_BASE64 0xff
extern const unsigned char base64_values[256];

/* Octets that lie in somebody else's buffer. */
struct span {
	const char *at;
	size_t len;
};

static inline struct span span_trim(struct span s)
{
	while (s.len > 0 && is_space((unsigned char)s.at[0]))
		s.at++, s.len--;
	while (s.len > 0 && is_space((unsigned char)s.at[s.len - 1]))
		s.len--;
	return s;
}

/* Whether the span is this word, in any letter case. */
static inline bool span_is(struct span s, const char *word)
{
	return strlen(word) == s.len && strncasecmp(s.at, word, s.len) == 0;
}

#endif
