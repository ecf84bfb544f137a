/* Whether the file of passwords is whole, its user's alone, and in step with the accounts. */
#include "db/cli/check.h"
#include "db/cli/vault.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES_MOST 20 /* of accounts; what is wrong with one may be wrong with all */

/* The daemon suspends accounts itself, and lets them log in to be told why. */
#define BY_DAEMON "postreeved"

/* The configured user, or whoever has the directory. */
static uid_t wanted_owner(struct check *check, const struct stat *directory)
{
	const struct config *config = check->cli->config;
	const struct passwd *entry = getpwnam(config->auth_user);

	if (entry)
		return entry->pw_uid;
	check_problem(check, "there is no user %s: add it, or set `auth_user' in %s",
	              config->auth_user, check->cli->conf);
	return directory->st_uid;
}

static bool good_files(struct check *check, uid_t owner)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[PATH_MAX + sizeof "-wal"];
	struct stat st;
	bool good = true;

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s%s", check->cli->config->auth_database, suffixes[i]);
		if (lstat(path, &st) == 0)
			good &= check_stat(check, path, &st, owner);
	}
	return good;
}

bool check_passwords_files(struct check *check)
{
	struct cli *cli = check->cli;
	char directory[PATH_MAX];
	struct registry_error error;
	struct stat st;
	uid_t owner;
	bool good;
	int code;

	if (!cli->config || directory_of(cli->config->auth_database, directory) != EX_OK ||
	    stat(directory, &st) != 0)
		return true;
	if (geteuid() != 0 && st.st_uid != geteuid()) {
		check_ok(check, "only root and its owner can look into %s", directory);
		return true;
	}
	if (!vault_exists(cli))
		return true;
	owner = wanted_owner(check, &st);
	good = check_stat(check, directory, &st, owner);
	good &= good_files(check, owner);
	/* Whoever it becomes has to be the right one. */
	if (st.st_uid != owner || !getpwnam(cli->config->auth_user))
		return true;
	code = vault_open(cli, VAULT_CHECKED, &error);
	if (code != EX_OK)
		return check_failed(check, code);
	if (!cli->vault)
		check_problem(check, "%s", error.text);
	else if (good)
		check_ok(check, "%s is its user's alone, and opens", cli->config->auth_database);
	return true;
}

/* ---- in step with the accounts ------------------------------------------ */

struct look {
	bool known, suspended, by_daemon;
};

static bool see_account(const struct registry_account *account, void *arg)
{
	struct look *look = arg;

	look->known = true;
	look->suspended = account->suspended;
	return true;
}

static bool see_change(const struct registry_change *change, void *arg)
{
	struct look *look = arg;

	if (strcmp(change->what, "account suspend") == 0)
		look->by_daemon = strcmp(change->who, BY_DAEMON) == 0;
	return true;
}

static enum registry_status look_at(struct registry *registry, const struct vault_row *row,
                                    struct look *look, struct registry_error *error)
{
	enum registry_status status =
	    registry_account_walk(registry, row->account, see_account, look, error);

	if (status == REGISTRY_NOT_FOUND)
		return REGISTRY_OK;
	if (status == REGISTRY_OK && look->suspended && !row->disabled)
		status = registry_change_walk(registry, row->account, 0, see_change, look, error);
	return status;
}

struct wrong {
	const char *what, *command, *options; /* the account's name stands between the last two */
};

/* Null if nothing is. */
static const struct wrong *find_wrong(const struct vault_row *row, const struct look *look)
{
	static const struct wrong unknown = {"has a password, but is no account", "password",
	                                     " --delete"};
	static const struct wrong bad = {
	    "has a password whose hash cannot be judged, so that nobody can log in with it",
	    "password", ""};
	static const struct wrong disabled = {
	    "has a password that is disabled, but is not suspended", "resume", ""};
	static const struct wrong enabled = {
	    "is suspended, but has a password that is not disabled", "suspend", " --reason TEXT"};

	if (!look->known)
		return &unknown;
	if (!row->good)
		return &bad;
	if (row->disabled && !look->suspended)
		return &disabled;
	return !row->disabled && look->suspended && !look->by_daemon ? &enabled : NULL;
}

static void tell(struct check *check, const struct wrong *wrong, const char *account)
{
	char name[SHOWN_MAX];

	shown(name, account);
	check_problem(check, "%s %s: `postreeve account %s %s%s'", name, wrong->what,
	              wrong->command, name, wrong->options);
}

bool check_passwords(struct check *check)
{
	struct cli *cli = check->cli;
	struct vault_row row = {.account = ""};
	struct registry_error error;
	enum registry_status status;
	uint64_t count = 0, problems = 0;

	if (!cli->vault)
		return true;
	status = vault_check(cli->vault, &error);
	if (status == REGISTRY_BAD) {
		check_problem(check,
		              "%s: %s: put a copy in its place, or move it away and set the "
		              "passwords anew",
		              cli->config->auth_database, error.text);
		return true;
	}
	while (status == REGISTRY_OK &&
	       (status = vault_next(cli->vault, row.account, &row, &error)) == REGISTRY_OK) {
		struct look look = {.known = false};
		const struct wrong *what;

		count++;
		status = look_at(cli->registry, &row, &look, &error);
		what = status == REGISTRY_OK ? find_wrong(&row, &look) : NULL;
		if (what && ++problems <= LINES_MOST)
			tell(check, what, row.account);
	}
	if (status != REGISTRY_NOT_FOUND)
		return check_failed(check, complain_registry(&error));
	if (problems > LINES_MOST)
		check_problem(check, "and %" PRIu64 " more of that kind", problems - LINES_MOST);
	if (problems == 0)
		check_ok(check, "they are in step with the accounts, passwords: %" PRIu64, count);
	return true;
}
