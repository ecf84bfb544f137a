#include "db/config/comments.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What ends a word without quotes, by libconfuse's scanner. */
static const char ends_word[] = " #\"'\t\n\r={}()+,*";

/* Blanks len octets, and gives what follows them. */
static char *blank(char *s, size_t len)
{
	for (; len > 0; len--, s++)
		if (*s != '\n')
			*s = ' ';
	return s;
}

/* What follows a text in quotes: its end, or that of the file. */
static char *skip_quoted(char *s)
{
	char quote = *s++;

	while (*s && *s != quote)
		s += s[0] == '\\' && s[1] ? 2 : 1;
	return *s ? s + 1 : s;
}

void comments_blank(char *text)
{
	bool in_word = false; /* where a slash is a letter like others */

	for (char *s = text; *s;) {
		if (*s == '"' || *s == '\'') {
			s = skip_quoted(s);
			in_word = false;
		} else if (*s == '#' || (!in_word && strncmp(s, "//", 2) == 0)) {
			s = blank(s, strcspn(s, "\n"));
		} else if (!in_word && strncmp(s, "/*", 2) == 0) {
			char *end = strstr(s + 2, "*/");

			s = blank(s, end ? (size_t)(end + 2 - s) : strlen(s));
		} else {
			in_word = !strchr(ends_word, *s);
			s++;
		}
	}
}
