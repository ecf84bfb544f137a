#include "config.h"

#include "db/cli/mta/sendmail_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool sendmail_next_word(const char **text, const char *separators, char *word, size_t size)
{
	const char *begin = *text + strspn(*text, separators);
	size_t len = strcspn(begin, separators);

	*text = begin + len;
	snprintf(word, size, "%.*s", (int)len, begin);
	return len > 0;
}

bool sendmail_has_word(const char *text, const char *separators, const char *word)
{
	char next[256];

	while (sendmail_next_word(&text, separators, next, sizeof next))
		if (strcasecmp(next, word) == 0)
			return true;
	return false;
}

const char *sendmail_key(const char *text, char separator, char equals, const char *letters,
                         size_t *len)
{
	const char *value = NULL;

	while (*text) {
		const char *end = strchrnul(text, separator);
		const char *sign = memchr(text, equals, (size_t)(end - text));

		text += strspn(text, " \t\n");
		if (sign && strchr(letters, *text)) {
			value = sign + 1;
			*len = (size_t)(end - value);
		}
		text = end + (*end != '\0');
	}
	return value;
}

unsigned long sendmail_seconds(const char *text, char unit)
{
	static const struct {
		char unit;
		unsigned long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	unsigned long sum = 0;

	while (isdigit((unsigned char)*text)) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);
		char of = isalpha((unsigned char)*end) ? (char)tolower((unsigned char)*end) : unit;

		if (number > 1000000)
			number = 1000000; /* too long for anything, and no overflow */
		for (size_t i = 0; i < sizeof units / sizeof *units; i++)
			if (units[i].unit == of)
				sum += number * units[i].seconds;
		text = isalpha((unsigned char)*end) ? end + 1 : end;
		text += strspn(text, " \t");
	}
	return sum;
}
