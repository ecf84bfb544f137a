/*
 * Honest messages, as real programs write them (tests/messages/honest): none has a fault, and the
 * largest attachment of each is the one that the table beside them names.
 */
#include "tests/unit/table.h"
#include "tests/unit/tally_feed.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/messages/honest"

static FILE *open_message(const char *file)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];
	FILE *f;

	assert_true(snprintf(path, sizeof path, "%s/" FOLDER "/%s", srcdir ? srcdir : ".", file) <
	            (int)sizeof path);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s cannot be opened", path);
	return f;
}

/* The message with CRLF for each line end, in *octets; its length. */
static size_t read_message(const char *file, unsigned char *octets, size_t size)
{
	FILE *f = open_message(file);
	size_t len = 0;
	int c;

	while ((c = getc(f)) != EOF) {
		assert_true(len + 2 <= size);
		assert_int_not_equal(c, '\r');
		if (c == '\n')
			octets[len++] = '\r';
		octets[len++] = (unsigned char)c;
	}
	fclose(f);
	return len;
}

static const char *or_none(const char *text)
{
	return text[0] ? text : "-";
}

static void check(const char *file, uint64_t octets, const char *part, const char *name)
{
	static unsigned char message[1 << 20];
	size_t len = read_message(file, message, sizeof message);
	struct account_of_message account;
	const struct message *found = &account.message;

	tally_feed(file, message, len, &account);
	if (tally_faults(found)[0])
		fail_msg("%s: %s", file, tally_faults(found));
	assert_row(account.as_milter, file);
	assert_row(!found->senders_unknown && !found->senders_unread, file);
	assert_row(found->octets == len, file);
	if (found->largest.octets != octets || strcmp(or_none(found->largest.part), part) != 0 ||
	    strcmp(or_none(found->largest.name), name) != 0)
		fail_msg("%s: the largest is %" PRIu64 " %s %s, not %" PRIu64 " %s %s", file,
		         found->largest.octets, or_none(found->largest.part),
		         or_none(found->largest.name), octets, part, name);
}

static void honest_messages_have_no_fault(void **state)
{
	FILE *table = open_message("expect");
	char line[512];
	unsigned messages = 0;

	(void)state;
	while (fgets(line, sizeof line, table)) {
		char file[128], part[PART_NUMBER_MAX + 1], name[FILE_NAME_MAX + 1];
		uint64_t octets;

		if (line[0] == '#')
			continue;
		if (sscanf(line, "%127s %" SCNu64 " %127s %127[^\n]", file, &octets, part, name) !=
		    4)
			fail_msg("expect: %s", line);
		check(file, octets, part, name);
		messages++;
	}
	fclose(table);
	assert_true(messages >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(honest_messages_have_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
