/*
 * What session scripts are written in: escapes, patterns, words.
 */
#ifndef TESTS_PROTOCOL_TEXT_H
#define TESTS_PROTOCOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_MAX 131072 /* octets of one argument, escapes replaced */

/*
 * Replaces \t \r \n \\ and \xHH, \# by the counter of `repeat' or `for', and \(N*TEXT) by N times
 * TEXT, in which no other escape stands. Puts a '\0' behind the result, which may also hold some.
 * False if an escape is none of these, or the result does not fit in TEXT_MAX + 1 octets.
 */
bool text_unescape(const char *in, unsigned counter, char *out, size_t *len);

/*
 * Whether the whole of text fits the pattern: '*' stands for any octets, nothing else is special.
 */
bool text_glob(const char *pattern, const char *text);

/*
 * Whether each word of the pattern fits some word of the line: so in any order. Words have blanks
 * between them, but those between double quotes.
 */
bool text_has_words(const char *line, const char *pattern);

/* Cuts the first blank-separated word off *rest, a '\0' behind it. Null if there is none. */
char *text_word(char **rest);

#endif
