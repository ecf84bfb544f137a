/*
 * In what mode a rule is, whoever says so: the table, the rule's own section, the default profile,
 * the profile; and shadow = yes in either of the two. All combinations, each for all rules.
 */
#include "db/config/config.h"
#include "tests/unit/oracle.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one of them says: a mode, or nothing; yes, no, or nothing. */
#define SAYS         (ORACLE_MODES + 1)
#define SAYS_NOTHING ORACLE_MODES
enum {
	YES,
	NO,
	NEITHER,
	ANSWERS
};
struct said {
	int everywhere, preset, own;   /* of the mode */
	int preset_shadow, own_shadow; /* of shadow */
};

static struct said combination(int n)
{
	struct said said = {.everywhere = n % SAYS};

	n /= SAYS;
	said.preset = n % SAYS, n /= SAYS;
	said.own = n % SAYS, n /= SAYS;
	said.preset_shadow = n % ANSWERS, n /= ANSWERS;
	said.own_shadow = n;
	return said;
}
#define COMBINATIONS (SAYS * SAYS * SAYS * ANSWERS * ANSWERS)

/* ---- what is expected ---------------------------------------------------- */

static int first_said(int one, int other)
{
	return one != SAYS_NOTHING ? one : other;
}

/* In shadow nothing refuses, but what the profile itself says is to. */
static int in_shadow(int mode, int own)
{
	return own == SAYS_NOTHING && mode == ORACLE_ENFORCE ? ORACLE_SHADOW : mode;
}

static int expected_preset(const struct said *said, int row)
{
	int mode =
	    first_said(said->preset, first_said(said->everywhere, (int)oracle_rows[row].mode));

	return said->preset_shadow == YES ? in_shadow(mode, said->preset) : mode;
}

static int expected_own(const struct said *said, int row)
{
	int mode =
	    first_said(said->preset, first_said(said->everywhere, (int)oracle_rows[row].mode));
	int shadow = said->own_shadow == NEITHER ? said->preset_shadow : said->own_shadow;

	mode = first_said(said->own, mode);
	return shadow == YES ? in_shadow(mode, said->own) : mode;
}

/* ---- what is found ------------------------------------------------------- */

static void put_modes(FILE *file, int says)
{
	static const char *const names[] = {"enforce", "shadow", "off"};

	for (int row = 0; row < ORACLE_RULES && says != SAYS_NOTHING; row++)
		fprintf(file, "rule %s { mode = %s }\n", oracle_rows[row].name, names[says]);
}

static void put_profile(FILE *file, const char *name, int says, int shadow)
{
	fprintf(file, "profile %s {\n", name);
	if (shadow != NEITHER)
		fprintf(file, "shadow = %s\n", shadow == YES ? "yes" : "no");
	put_modes(file, says);
	fputs("}\n", file);
}

static struct config *load(const struct said *said)
{
	char path[] = "/tmp/postreeve-modes-XXXXXX", error[CONFIG_ERROR_MAX];
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct config *config;

	assert_non_null(file);
	put_modes(file, said->everywhere);
	put_profile(file, "own", said->own, said->own_shadow);
	put_profile(file, "default", said->preset, said->preset_shadow);
	assert_int_equal(fclose(file), 0);
	config = config_load(path, error);
	unlink(path);
	if (!config)
		fail_msg("%s", error);
	return config;
}

static void assert_modes(const struct config *config, const char *profile, const struct said *said,
                         int (*expected)(const struct said *said, int row))
{
	const struct profile *found = config_profile(config, profile);

	assert_non_null(found);
	for (int row = 0; row < ORACLE_RULES; row++) {
		int mode = (int)found->limits.mode[row];

		assert_string_equal(rules[row].name, oracle_rows[row].name);
		if (mode != expected(said, row))
			fail_msg("%s of %s is %d, not %d: modes %d %d %d, shadow %d %d",
			         oracle_rows[row].name, profile, mode, expected(said, row),
			         said->everywhere, said->preset, said->own, said->preset_shadow,
			         said->own_shadow);
	}
}

static void every_way_to_set_the_modes_of_rules(void **state)
{
	char *title = *state;

	for (int n = 0; n < COMBINATIONS; n++) {
		struct said said = combination(n);
		struct config *config = load(&said);

		assert_modes(config, "default", &said, expected_preset);
		assert_modes(config, "own", &said, expected_own);
		config_free(config);
	}
	sprintf(title + strlen(title), ": %d modes", COMBINATIONS * ORACLE_RULES * 2);
}

/* ---- what is no value ---------------------------------------------------- */

static void what_is_no_value_is_told(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"profile default { suspend_after = \"50 refusals\" }",
	     "suspend_after = '50 refusals': must be \"N refusals in T\", N from 1 to 10000, T "
	     "like 10m, 1h or 1d and up to 30d; or never"},
	    {"profile default { suspend_after = \"0 refusals in 1h\" }",
	     "suspend_after = '0 refusals in 1h': must be"},
	    {"profile default { suspend_after = \"5 refusals in 31d\" }",
	     "suspend_after = '5 refusals in 31d': must be"},
	    {"profile default { suspend_after = \"5 refusals in 0s\" }",
	     "suspend_after = '5 refusals in 0s': must be"},
	    {"profile default { suspend_after_addresses = \"1 client addresses in 1h\" }",
	     "suspend_after_addresses = '1 client addresses in 1h': must be \"N client "
	     "addresses in T\", N from 2 to 1000"},
	    {"on_usage_failure = accept", "on_usage_failure = 'accept': must be tempfail or pass"},
	    {"profile default { shadow = maybe }", "invalid boolean value for option 'shadow'"},
	    {"socket = \"inet:0\"", "behind inet: stands a port from 1 to 65535"},
	    {"socket = \"inet:\"", "behind inet: stands a port from 1 to 65535"},
	    {"socket = \"inet:123456\"", "behind inet: stands a port from 1 to 65535"},
	    {"socket = \"inet:25x\"", "behind inet: stands a port from 1 to 65535"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char path[] = "/tmp/postreeve-modes-XXXXXX", error[CONFIG_ERROR_MAX];
		int fd = mkstemp(path);

		assert_true(fd >= 0 && dprintf(fd, "%s\n", rows[i].text) > 0 && close(fd) == 0);
		assert_null(config_load(path, error));
		unlink(path);
		assert_row(strncmp(error, path, strlen(path)) == 0, error);
		assert_row(strstr(error, rows[i].error), error);
	}
}

int main(void)
{
	static char title[100] = "every_way_to_set_the_modes_of_rules";
	const struct CMUnitTest tests[] = {
	    {title, every_way_to_set_the_modes_of_rules, NULL, NULL, title},
	    cmocka_unit_test(what_is_no_value_is_told),
	};

	return cmocka_run_group_tests_name("config_modes", tests, NULL, NULL);
}
