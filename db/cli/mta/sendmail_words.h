/*
 * Lists, times and keys, as Sendmail's settings have them.
 */
#ifndef DB_CLI_MTA_SENDMAIL_WORDS_H
#define DB_CLI_MTA_SENDMAIL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A time as Sendmail reads it: "1h30m", and a number without a unit is of that unit. Seconds.
 */
unsigned long sendmail_seconds(const char *text, char unit);

/* The next word of a list between these characters, in a buffer; false at the end. */
bool sendmail_next_word(const char **text, const char *separators, char *word, size_t size);
bool sendmail_has_word(const char *text, const char *separators, const char *word);

/*
 * The value of a key in "Key=value, Key=value": of its name only the first letter counts, which is one
 * of these, and the last one there is. Null if there is none; else up to the separator.
 */
const char *sendmail_key(const char *text, char separator, char equals, const char *letters,
                         size_t *len);

#endif
