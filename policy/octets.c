#include "policy/octets.h"

#include <stdint.h>
#include <unistr.h>

#define NO   NOT_BASE64
#define NO4  NO, NO, NO, NO
#define NO16 NO4, NO4, NO4, NO4
/* clang-format off */
const unsigned char base64_values[256] = {
    NO16, NO16,
    NO4, NO4, NO, NO, NO, 62, NO, NO, NO, 63,                       /* "+", "/" */
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO, /* "0" */
    NO, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,           /* "A" */
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO4,
    NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* "a" */
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO4,
    NO16, NO16, NO16, NO16, NO16, NO16, NO16, NO16,
};
/* clang-format on */

bool is_clean_utf8(const char *s, size_t len)
{
	if (u8_check((const uint8_t *)s, len))
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if ((unsigned char)s[i] == 0xc2 && (unsigned char)s[i + 1] < 0xa0)
			return false;
	return true;
}
