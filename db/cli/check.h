/*
 * `postreeve check': findings, one line each, as they are made. Nothing is changed by looking.
 */
#ifndef DB_CLI_CHECK_H
#define DB_CLI_CHECK_H

#include "db/cli/cli.h"
#include "db/cli/output.h"

#include <sys/types.h>

#define CHECK_FINDINGS 1 /* the exit code of problems */

struct check {
	struct cli *cli;
	const char *name; /* of the check that is running */
	bool problem;     /* one was found */
	int code;         /* unless EX_OK, why it could not be looked at; that is complained of */
	struct array array;
	/* Where it is set, problems go there, and nothing is printed. mend may be null. */
	void (*found)(struct check *check, const char *text, const char *mend);
	void *arg; /* found()'s own */
};

/* One check. Gives whether those behind it make sense. */
struct check_row {
	const char *name;
	bool (*look)(struct check *check);
};

/* Around checks that are no rows. The second gives the program's exit code. */
void check_begin(struct check *check, struct cli *cli);
int check_end(struct check *check);

/* Runs them; gives the program's exit code. */
int check_run(struct cli *cli, const struct check_row *rows, size_t count);

void check_ok(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text says what to do, too. */
void check_problem(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One that a command mends, which is told behind the text. */
void check_mend(struct check *check, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The modes of a file or directory whose owner should be that one; what is not good is told. */
struct stat;
bool check_stat(struct check *check, const char *path, const struct stat *st, uid_t owner);

/* The file of passwords, of which a site may have none: before any database is opened, and after. */
bool check_passwords_files(struct check *check);
bool check_passwords(struct check *check);

/* For one who cannot look: the code, for check->code; it is not EX_OK. Gives false. */
bool check_failed(struct check *check, int code);

/* Becomes the owner and opens the registry; that it cannot be opened is a problem, if it is its own. */
bool check_open(struct check *check);

#endif
