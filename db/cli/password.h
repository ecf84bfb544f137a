/*
 * An account's password, kept in step with the account.
 */
#ifndef DB_CLI_PASSWORD_H
#define DB_CLI_PASSWORD_H

#include "db/cli/cli.h"
#include "db/cli/secret.h"
#include "db/cli/vault.h"

#include <jansson.h>

/* Each gives the exit code, and has complained unless that is EX_OK. */

/* Complains where no configuration says where passwords are. */
int password_check_place(const struct cli *cli);
/* The hash of a password at the configured cost. */
int password_hash(const struct cli *cli, const struct secret *secret, char out[PASSWORD_HASH_MAX]);
/* Sets it, and writes that down. The account must be there. */
int password_set(struct cli *cli, const char *hash);
/* Deletes it if there is one, and writes that down; the account need not be there. */
int password_delete(struct cli *cli, bool *changed);
/* Nobody may log in with it, or again; without one, nothing. */
int password_disable(struct cli *cli, bool disabled, bool *changed);

/* What there is to know of it, to an account's object; nothing where that cannot be told. */
void password_json(struct vault *vault, json_t *account, const char *name);
/* The same in words; false where it cannot be told. */
#define PASSWORD_WORDS_MAX 64
bool password_words(struct vault *vault, const char *name, char out[PASSWORD_WORDS_MAX]);

#endif
