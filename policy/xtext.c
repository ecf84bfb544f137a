#include "policy/xtext.h"

/* Upper case alone, as the grammar has it. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* '!' to '~' without '+' and '='. */
static bool is_xchar(char c)
{
	return c >= '!' && c <= '~' && c != '+' && c != '=';
}

bool xtext_decode(const char *text, char *out, size_t size)
{
	for (; *text; text++) {
		int high = -1, low = -1;

		if (size <= 1)
			return false;
		size--;
		if (*text == '+') {
			high = hex_digit(text[1]);
			low = high < 0 ? -1 : hex_digit(text[2]);
			if (low < 0 || high + low == 0)
				return false;
			text += 2;
			*out++ = (char)(high << 4 | low);
		} else if (is_xchar(*text)) {
			*out++ = *text;
		} else {
			return false;
		}
	}
	if (size > 0)
		*out = '\0';
	return size > 0;
}
