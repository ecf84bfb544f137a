/*
 * The file of passwords, in a process of its own. It belongs to another user than the registry does,
 * and who has given up root cannot become yet another: a child becomes the one, the program the
 * other, and asks. No hash ever comes back.
 *
 * Errors are as in registry.h.
 */
#ifndef DB_CLI_VAULT_H
#define DB_CLI_VAULT_H

#include "db/cli/cli.h"

enum vault_need {
	VAULT_MADE,    /* one that is missing is made */
	VAULT_THERE,   /* if there is one, it must be kept in step */
	VAULT_CHECKED, /* the same, and nothing is written to it */
	VAULT_SEEN,    /* if there is one that can be read: else nothing is said */
};

/* Whether there is a file, as far as who runs the program can tell. */
bool vault_exists(const struct cli *cli);
/* Whether there is none, and not only nothing that can be told. */
bool vault_missing(const struct cli *cli);

/*
 * Sets cli->vault, or leaves it null where there is none, as with -d, which reads no configuration to
 * say where it is. To be called as who runs the program, with no database open: SQLite does not live
 * through fork(2). What is wrong with the file is given in *error if that is not null
 * (error->status), and is complained of otherwise. Gives the exit code.
 */
int vault_open(struct cli *cli, enum vault_need need, struct registry_error *error);
void vault_close(struct vault *vault); /* may be null */

/* See db/passwords.h for what these do and give. */
enum registry_status vault_set(struct vault *vault, const char *account, const char *hash,
                               bool disabled, struct registry_error *error);
enum registry_status vault_disable(struct vault *vault, const char *account, bool disabled,
                                   struct registry_error *error);
enum registry_status vault_delete(struct vault *vault, const char *account,
                                  struct registry_error *error);

struct vault_row {
	char account[REGISTRY_ACCOUNT_MAX + 1];
	bool good; /* the hash is one that can be judged */
	bool disabled;
	int64_t changed; /* seconds since the epoch */
};
enum registry_status vault_find(struct vault *vault, const char *account, struct vault_row *out,
                                struct registry_error *error);
/* The first one behind that account, "" for the first of all; REGISTRY_NOT_FOUND behind the last. */
enum registry_status vault_next(struct vault *vault, const char *account, struct vault_row *out,
                                struct registry_error *error);
/* Looks for damage: REGISTRY_BAD with the first that is found. */
enum registry_status vault_check(struct vault *vault, struct registry_error *error);

#endif
