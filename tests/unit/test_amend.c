/* An MTA's settings that are changed as a whole: what is there afterwards, and what if they cannot be. */
#include "db/cli/mta/amend.h"

#include "tests/unit/table.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static char directory[] = "/tmp/test_amend.XXXXXX";
static char path[64];

static int make_place(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof path, "%s/settings", directory);
	return 0;
}

static int remove_place(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", directory);
	return system(command);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *name, const char *wanted)
{
	char *text = amend_read(name);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

/* How many there are besides the settings; the name of the first goes to out. */
static size_t others(char out[PATH_MAX])
{
	char pattern[80];
	glob_t found;
	size_t count;

	snprintf(pattern, sizeof pattern, "%s.*", path);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	count = found.gl_pathc;
	snprintf(out, PATH_MAX, "%s", found.gl_pathv[0]);
	globfree(&found);
	return count;
}

/* It is refused with this code, and all is as it was. */
static void assert_refused(const char *text, const char *before)
{
	char other[PATH_MAX];
	size_t count = others(other);

	assert_int_equal(amend_file(path, text, false), EX_IOERR);
	assert_file(path, before);
	assert_int_equal(others(other), count);
}

static void a_new_file_is_for_everybody_to_read(void **state)
{
	char other[PATH_MAX];
	struct stat st;

	(void)state;
	umask(077);
	assert_int_equal(amend_file(path, "new\n", false), EX_OK);
	assert_file(path, "new\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(others(other), 0);
}

static void what_was_there_is_kept_and_so_is_its_mode(void **state)
{
	char other[PATH_MAX];
	struct stat st;

	(void)state;
	write_file(path, "old\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(amend_file(path, "old\n", false), EX_OK);
	assert_int_equal(others(other), 0);
	assert_int_equal(amend_file(path, "new\n", false), EX_OK);
	assert_file(path, "new\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(others(other), 1);
	assert_file(other, "old\n");
}

/* What was kept is not written over, though it was kept in the same second. */
static void nothing_kept_is_lost(void **state)
{
	time_t now = time(NULL);

	(void)state;
	write_file(path, "old\n");
	for (time_t t = now - 1; t < now + 10; t++) {
		char name[96], stamp[32];
		struct tm tm;

		strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&t, &tm));
		snprintf(name, sizeof name, "%s.%s", path, stamp);
		write_file(name, "older\n");
	}
	assert_refused("new\n", "old\n");
}

static void without_room_nothing_is_changed(void **state)
{
	static char text[100001];
	struct rlimit before, small;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);

	(void)state;
	memset(text, 'x', sizeof text - 1);
	write_file(path, "old\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_refused(text, "old\n");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, handler);
}

static void what_is_no_file_of_settings_stays(void **state)
{
	char *text = malloc(AMEND_MAX + 2);
	struct stat st;

	(void)state;
	assert_non_null(text);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(amend_file(path, "new\n", false), EX_IOERR);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(rmdir(path), 0);

	memset(text, '\n', AMEND_MAX + 1);
	text[AMEND_MAX + 1] = '\0';
	write_file(path, text);
	assert_null(amend_read(path));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(amend_file(path, "new\n", false), EX_IOERR);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, AMEND_MAX + 1);
	free(text);
}

/* It is not enough that the file itself could have the name. */
static void a_name_needs_room_for_others_beside_it(void **state)
{
	char name[PATH_MAX], whole[PATH_MAX + 16];
	struct stat st;
	int len = snprintf(name, sizeof name, "%s/", directory);

	(void)state;
	memset(name + len, 'n', 252);
	name[len + 252] = '\0';
	assert_int_equal(amend_file(name, "new\n", false), EX_IOERR);
	assert_int_not_equal(stat(name, &st), 0);

	memset(whole, '/', sizeof whole);
	strcpy(whole + sizeof whole - 2, "n");
	assert_int_equal(amend_file(whole, "new\n", false), EX_IOERR);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_new_file_is_for_everybody_to_read),
	    ROW(what_was_there_is_kept_and_so_is_its_mode),
	    ROW(nothing_kept_is_lost),
	    ROW(without_room_nothing_is_changed),
	    ROW(what_is_no_file_of_settings_stays),
	    ROW(a_name_needs_room_for_others_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
