/*
 * postreeve(8): what its commands share. A file per noun.
 */
#ifndef DB_CLI_CLI_H
#define DB_CLI_CLI_H

#include "db/config/config.h"
#include "db/registry.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

/*
 * The login name of who runs the program; behind sudo(8), of who called it. To be asked before
 * become_owner().
 */
#define WHO_MAX 64 /* octets, the '\0' too; more is cut off */
void who_am_i(char out[WHO_MAX]);

struct vault; /* see vault.h */

/* What the command line and the configuration say; all borrowed. */
struct cli {
	const char *conf;
	const char *database;
	bool json;
	const char *profile, *reason, *account, *expires, *note; /* null if not given */
	const char *grants, *since; /* likewise; grants: a file to write */
	const char *hash;
	bool accounts, all, create_accounts, prometheus, shadow;
	bool password_stdin, generate, delete_it, apply;
	char **args; /* what stands behind the command's words */
	size_t arg_count;
	const struct config *config; /* null with --database, or where none is wanted */
	const char *config_error;    /* null where no configuration was read */
	struct vault *vault;         /* null until vault_open(), and where there is none */
	struct registry *registry;   /* null until cli_open() */
	char who[WHO_MAX];           /* whose changes they are, from cli_open() on */
};

/* The commands: each gives the program's exit code, and has complained unless that is EX_OK. */
int init_run(struct cli *cli);
int account_add(struct cli *cli);
int account_delete(struct cli *cli);
int account_limit(struct cli *cli);
int account_list(struct cli *cli);
int account_network(struct cli *cli);
int account_password(struct cli *cli);
int account_show(struct cli *cli);
int account_suspend(struct cli *cli);
int account_resume(struct cli *cli);
int backup_run(struct cli *cli);
int check_config(struct cli *cli);
int check_database(struct cli *cli);
int check_mta(struct cli *cli);
int explain_run(struct cli *cli);
int group_add(struct cli *cli);
int group_delete(struct cli *cli);
int group_join(struct cli *cli);
int group_leave(struct cli *cli);
int group_list(struct cli *cli);
int group_show(struct cli *cli);
int log_run(struct cli *cli);
int sender_add(struct cli *cli);
int sender_delete(struct cli *cli);
int sender_export(struct cli *cli);
int sender_import(struct cli *cli);
int sender_list(struct cli *cli);
int scan_run(struct cli *cli);
int setup_run(struct cli *cli);
int status_run(struct cli *cli);
int report_run(struct cli *cli);
int usage_run(struct cli *cli);

/* The directory that a path lies in; complains of a path that is too long. */
int directory_of(const char *path, char out[PATH_MAX]);

/*
 * Root becomes the owner of the database's directory, so that no file is made that the daemon
 * cannot write; anybody else must be the owner. To be called before anything there is opened. user
 * is whom a configuration names, and then the directory must be his, or null.
 */
int become_owner(const char *database, const char *user);
/* As root: makes the database's directory for that user. One that exists is left as it is. */
int make_directory(const char *database, const char *user);

/*
 * The rows that a list shows: walk calls one function of its own for each, that adds to a struct
 * array with --json, and else to the struct table.
 */
struct list {
	enum registry_status (*walk)(struct registry *registry, const struct list *list, bool json,
	                             void *arg, struct registry_error *error);
	const char *name;    /* of the account or group that they are of; null: of all */
	struct vault *vault; /* null where it says nothing */
	int64_t since;
};
struct table;
/* Prints it, once the registry is open. Gives the exit code, and has complained if need be. */
int print_list(struct cli *cli, struct table *table, const struct list *list);

/* Becomes the owner and opens the registry. Check the arguments first: they are no reason to. */
int cli_open(struct cli *cli);

/* Tells syslog what was changed through this registry. */
void changes_tell(struct registry *registry);

/* Whether an account's name is one; complains if not. */
int check_name(const char *name);

#endif
