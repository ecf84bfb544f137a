/* Logins as Sendmail reports them. */
#include "policy/xtext.h"

#include "tests/unit/table.h"

#include <string.h>

static const struct {
	const char *name, *text, *decoded; /* null: it is none */
} rows[] = {
    {"nothing", "", ""},
    {"plain", "alice@example.com", "alice@example.com"},
    {"a plus", "alice+2Btag@example.com", "alice+tag@example.com"},
    {"an equals sign", "a+3Db", "a=b"},
    {"a space", "a+20b", "a b"},
    {"UTF-8", "+C3+B6", "\xc3\xb6"},
    {"the last octet", "+FF", "\xff"},
    {"at the limit", "1234567", "1234567"},
    {"one over it", "12345678", NULL},
    {"at the limit once it is decoded", "123456+37", "1234567"},
    {"one over it then", "1234567+38", NULL},
    {"a NUL", "a+00b", NULL},
    {"lower case", "a+2bb", NULL},
    {"no digits", "a+", NULL},
    {"one digit", "a+2", NULL},
    {"no digit", "a+G0", NULL},
    {"no second digit", "a+2G", NULL},
    {"a raw equals sign", "a=b", NULL},
    {"a raw space", "a b", NULL},
    {"raw UTF-8", "\xc3\xb6", NULL},
    {"a control character", "a\tb", NULL},
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool small = strstr(rows[i].name, "limit") || strstr(rows[i].name, "over");
		char out[64] = "";
		bool ok = xtext_decode(rows[i].text, out, small ? 8 : sizeof out);

		assert_row(ok == (rows[i].decoded != NULL), rows[i].name);
		if (ok)
			assert_row(strcmp(out, rows[i].decoded) == 0, rows[i].name);
	}
	assert_false(xtext_decode("", NULL, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_row),
	};

	return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}
