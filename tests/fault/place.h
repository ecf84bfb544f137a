/*
 * Where all of it happens: a directory with a registry, counts, passwords, a configuration and files
 * to import, which is the current one; and what they hold, in one text.
 */
#ifndef TESTS_FAULT_PLACE_H
#define TESTS_FAULT_PLACE_H

#include "db/registry.h"

#include <stdio.h>

#define PLACE_MAX 512

struct place {
	char directory[PLACE_MAX];     /* its name */
	char database[PLACE_MAX + 16]; /* paths, from the root */
	char usage[PLACE_MAX + 32];
	char passwords[PLACE_MAX + 16];
};
extern struct place place;

#define PLACE_NOW 1700000000 /* when all was made that is there */

enum place_base {
	BASE_FULL, /* accounts, groups, grants, limits, networks, counts, passwords */
	BASE_NONE, /* no database at all */
	BASE_OLD,  /* a registry of the first schema */
	BASES,
};

/* Made once. As root it becomes nobody's, and so does the process. It is removed at exit. */
void place_make(void);

/* Takes its databases back to what they were; all that was beside them goes. */
void place_restore(enum place_base base);
/* What no process has in use: the first error that integrity_check or SQLite tells, or null. */
const char *place_damage(void);
/* All rows of all tables, but for times. Lives until the next call with this number, 0 to 3. */
const char *place_rows(int number);

/* Whether two of them are the same, but for who changed what. */
bool place_alike(const char *a, const char *b);

/* Rows that were not there before. Lives until the next call. */
const char *place_difference(const char *rows, const char *before);

/* The hash of "secret", which is all of their passwords. */
extern char place_hash[];

/* A text file in it. */
void place_file(const char *name, const char *text);
/* All of a file, as long as it is shorter than that. Lives until the next call. */
const char *place_read(const char *name);

#endif
