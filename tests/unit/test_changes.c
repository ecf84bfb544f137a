/* What syslog is told of the changes of a command: the log and the registry are stood in for. */
#undef _FORTIFY_SOURCE /* which declares __syslog_chk() */
#include "db/cli/cli.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

static char lines[16384];
static size_t line_count;
static int opened_as;

void openlog(const char *name, int option, int facility)
{
	(void)option;
	assert_string_equal(name, "postreeve");
	opened_as = facility;
}

void closelog(void)
{
}

static void take(int priority, const char *format, va_list args)
{
	size_t used = strlen(lines);

	assert_int_equal(priority, LOG_NOTICE);
	vsnprintf(lines + used, sizeof lines - used, format, args);
	line_count++;
}

void syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	take(priority, format, args);
	va_end(args);
}

/* What it is called under _FORTIFY_SOURCE. */
void __syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	take(priority, format, args);
	va_end(args);
}

static const struct registry_change *change;
static size_t change_count;

enum registry_status registry_change_walk_own(struct registry *registry, registry_change_fn *fn,
                                              void *arg, struct registry_error *error)
{
	(void)registry;
	(void)error;
	for (size_t i = 0; i < change_count; i++)
		if (!fn(change, arg))
			break;
	return REGISTRY_OK;
}

static void tell(const struct registry_change *what, size_t count)
{
	change = what;
	change_count = count;
	lines[0] = '\0';
	line_count = 0;
	changes_tell(NULL);
}

static void one(void **state)
{
	static const struct {
		struct registry_change change;
		const char *line;
	} rows[] = {
	    {{0, "root", "sender add", "alice", "a@example.com", "", "never"},
	     "change: what=\"sender add\" account=alice item=a@example.com before=\"\" "
	     "after=\"never\" by=root"},
	    {{0, "", "account add", "a\"b\\c=d", "", "", "x \"y\""},
	     "change: what=\"account add\" account=\"a\\\"b\\\\c=d\" item=\"\" before=\"\" "
	     "after=\"x \\\"y\\\"\" by=\"\""},
	    {{0, "uid 7", "x", "a\nb\033", "\xff", "\xc2\x9b", "\xe2\x80\xae"},
	     "change: what=\"x\" account=\"a\\\\x0ab\\\\x1b\" item=\"\\\\xff\" "
	     "before=\"\\\\xc2\\\\x9b\" after=\"\\\\xe2\\\\x80\\\\xae\" by=\"uid 7\""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		tell(&rows[i].change, 1);
		assert_int_equal(opened_as, LOG_MAIL);
		assert_string_equal(lines, rows[i].line);
	}
}

static void bounds(void **state)
{
	static char huge[5000];
	const struct registry_change small = {0, "w", "x", "a", "i", "b", "c"};
	const struct registry_change big = {0, huge, huge, huge, huge, huge, huge};

	(void)state;
	tell(&small, 0);
	assert_int_equal(line_count, 0);
	tell(&small, 100);
	assert_int_equal(line_count, 100);
	assert_null(strstr(lines, "more"));
	tell(&small, 100000);
	assert_int_equal(line_count, 101);
	assert_non_null(strstr(lines, "change: and 99900 more"));
	memset(huge, '"', sizeof huge - 1);
	tell(&big, 1);
	assert_int_equal(line_count, 1);
	assert_true(strlen(lines) < 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one),
	    cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
