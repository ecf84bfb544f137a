/* How often each of many things was seen. Bounded: the log may be of any length. */
#ifndef DB_CLI_REPORT_COUNT_H
#define DB_CLI_REPORT_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTS_MAX  1000000 /* different things; those beyond are not counted one by one */
#define COUNT_PARTS 3

/* One thing: what it is called by. */
struct count {
	uint64_t times;
	const char *parts[COUNT_PARTS]; /* in text */
	char text[];
};

/* Begins as {0}. */
struct counts {
	void *tree;
	size_t size;
	uint64_t lost; /* how often a thing was seen that there was no room for */
};

/* False when memory ran out. */
bool counts_add(struct counts *counts, const char *const parts[COUNT_PARTS]);

/*
 * All of them, counts->size pointers to be freed: by parts, or the most frequent first. Null when
 * memory ran out.
 */
struct count **counts_sorted(const struct counts *counts, bool by_times);

void counts_free(struct counts *counts);

#endif
