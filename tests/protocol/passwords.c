/*
 * Writes a file of passwords for tests of postreeve-authd:
 *   passwords FILE set NAME PASSWORD COST    scrypt
 *   passwords FILE hash NAME HASH            as it is given
 *   passwords FILE disable|enable|delete NAME
 *   passwords FILE show NAME                 prints its hash
 *   passwords FILE lock SECONDS              as a writer who holds all others up
 */
#include "db/passwords.h"
#include "db/hash.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool show(const struct password_row *row, void *arg)
{
	(void)arg;
	return puts(row->hash) >= 0;
}

static int hold(const char *path, unsigned seconds)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
	                 "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE;"
	                 "BEGIN EXCLUSIVE",
	                 NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		return 1;
	}
	puts("locked");
	fflush(stdout);
	sleep(seconds);
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[2] : "", *name = argc > 3 ? argv[3] : "";
	struct registry_error error = {.text = "see the head of passwords.c"};
	enum registry_status status = REGISTRY_BAD;
	char hash[PASSWORD_HASH_MAX];
	struct passwords *passwords;

	if (strcmp(what, "lock") == 0)
		return hold(argv[1], (unsigned)atoi(name));
	if (argc < 4 ||
	    passwords_open(argv[1], PASSWORDS_WRITE, 5000, &passwords, &error) != REGISTRY_OK) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	if (strcmp(what, "set") == 0 && argc == 6 &&
	    hash_make(argv[4], strlen(argv[4]), (unsigned)atoi(argv[5]), hash))
		status = passwords_set(passwords, name, hash, time(NULL), &error);
	else if (strcmp(what, "hash") == 0 && argc == 5)
		status = passwords_set(passwords, name, argv[4], time(NULL), &error);
	else if (strcmp(what, "disable") == 0 || strcmp(what, "enable") == 0)
		status = passwords_disable(passwords, name, what[0] == 'd', &error);
	else if (strcmp(what, "delete") == 0)
		status = passwords_delete(passwords, name, &error);
	else if (strcmp(what, "show") == 0)
		status = passwords_walk(passwords, name, show, NULL, &error);
	passwords_close(passwords);
	if (status == REGISTRY_OK)
		return 0;
	fprintf(stderr, "%s\n", error.text);
	return 1;
}
