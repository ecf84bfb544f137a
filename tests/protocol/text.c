#include "config.h"

#include "tests/protocol/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool put(char *out, size_t *len, const char *from, size_t n)
{
	if (n > TEXT_MAX - *len)
		return false;
	memcpy(out + *len, from, n);
	*len += n;
	return true;
}

/* What stands for an octet behind a backslash, and that octet. */
static const char letters[] = "trn\\", octets[] = "\t\r\n\\";

/* A text with such letters, and no other escapes. */
static bool put_lettered(char *out, size_t *len, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *letter =
		    from[i] == '\\' && i + 1 < n ? strchr(letters, from[i + 1]) : NULL;
		if (!put(out, len, letter ? &octets[letter - letters] : &from[i], 1))
			return false;
		i += letter != NULL;
	}
	return true;
}

/* (N*TEXT): gives what follows it, or null. */
static const char *put_repeated(const char *in, char *out, size_t *len)
{
	char *text;
	unsigned long count = strtoul(in + 1, &text, 10);
	const char *end = strchr(in, ')');
	if (!end || *text != '*' || text > end)
		return NULL;
	text++;
	for (; count > 0; count--)
		if (!put_lettered(out, len, text, (size_t)(end - text)))
			return NULL;
	return end + 1;
}

static const char *put_octet(const char *in, char *out, size_t *len)
{
	char digits[3] = {in[0], in[0] == '\0' ? '\0' : in[1], '\0'};
	char *end;
	unsigned long value = strtoul(digits, &end, 16);
	char octet = (char)value;
	if (end != digits + 2 || !put(out, len, &octet, 1))
		return NULL;
	return in + 2;
}

bool text_unescape(const char *in, unsigned counter, char *out, size_t *len)
{
	char number[16];
	*len = 0;
	while (in && *in != '\0') {
		size_t plain = strcspn(in, "\\");
		if (!put(out, len, in, plain))
			return false;
		in += plain;
		if (*in == '\0')
			break;
		const char *letter = in[1] == '\0' ? NULL : strchr(letters, in[1]);
		if (letter) {
			in = put(out, len, &octets[letter - letters], 1) ? in + 2 : NULL;
		} else if (in[1] == '#') {
			int n = snprintf(number, sizeof number, "%u", counter);
			in = put(out, len, number, (size_t)n) ? in + 2 : NULL;
		} else if (in[1] == 'x') {
			in = put_octet(in + 2, out, len);
		} else if (in[1] == '(') {
			in = put_repeated(in + 1, out, len);
		} else {
			in = NULL;
		}
	}
	out[*len] = '\0';
	return in != NULL;
}

static bool glob(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	const char *star = NULL, *from = NULL;
	const char *pattern_end = pattern + pattern_len, *end = text + len;
	while (text < end) {
		if (pattern < pattern_end && *pattern == '*') {
			star = pattern++;
			from = text;
		} else if (pattern < pattern_end && *pattern == *text) {
			pattern++;
			text++;
		} else if (star) { /* let the last star take one octet more */
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (pattern < pattern_end && *pattern == '*')
		pattern++;
	return pattern == pattern_end;
}

bool text_glob(const char *pattern, const char *text)
{
	return glob(pattern, strlen(pattern), text, strlen(text));
}

/* Octets of the word at the beginning: it goes on within quotes, where '\\' escapes. */
static size_t word_length(const char *text)
{
	bool quoted = false;
	size_t n = 0;
	for (; text[n] != '\0' && (quoted || text[n] != ' '); n++) {
		if (text[n] == '"')
			quoted = !quoted;
		else if (quoted && text[n] == '\\' && text[n + 1] != '\0')
			n++;
	}
	return n;
}

static bool has_word(const char *line, const char *word, size_t len)
{
	while (*(line += strspn(line, " ")) != '\0') {
		size_t n = word_length(line);
		if (glob(word, len, line, n))
			return true;
		line += n;
	}
	return false;
}

bool text_has_words(const char *line, const char *pattern)
{
	while (*(pattern += strspn(pattern, " ")) != '\0') {
		size_t n = word_length(pattern);
		if (!has_word(line, pattern, n))
			return false;
		pattern += n;
	}
	return true;
}

char *text_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	if (*word == '\0')
		return NULL;
	*rest = word + strcspn(word, " \t");
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}
