/*
 * A password, from whoever gives it. Each complains, and gives the exit code; what is not EX_OK leaves
 * nothing in it. Wipe it when it is done with.
 */
#ifndef DB_CLI_SECRET_H
#define DB_CLI_SECRET_H

#include "db/hash.h"

struct secret {
	char text[PASSWORD_MAX + 3]; /* with a line end, and one octet to see that it is too long */
	size_t len;
};

/* The line that stands next on standard input; what follows it is left there. */
int secret_read(struct secret *out);

/* Whether there is a terminal to ask at. */
int secret_check_terminal(void);
/* Asks twice, and nothing of it is shown. */
int secret_ask(const char *account, struct secret *out);

void secret_wipe(struct secret *secret);

#endif
