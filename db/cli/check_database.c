/* Whether the files of the database are whole, and the daemon's alone. */
#include "db/cli/check.h"
#include "db/usage.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define FREE_LEAST (UINT64_C(100) << 20) /* octets */

static int complain_path(const char *path, int errnum)
{
	return complain(errnum == EACCES ? EX_NOPERM : EX_IOERR,
	                "%s: %s: run this as root or as the daemon's user", path, strerror(errnum));
}

/* The modes of a file or directory whose owner should be that one. */
bool check_stat(struct check *check, const char *path, const struct stat *st, uid_t owner)
{
	const struct passwd *entry = getpwuid(owner);
	bool good = true;

	if (st->st_uid != owner) {
		if (entry)
			check_problem(check, "%s belongs to another user than %s: chown %s it",
			              path, entry->pw_name, entry->pw_name);
		else
			check_problem(check, "%s belongs to another user: chown it to %lu", path,
			              (unsigned long)owner);
		good = false;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		check_problem(
		    check,
		    "%s can be written to by others (mode %04o): chmod go-w it, and see what "
		    "was changed",
		    path, (unsigned)st->st_mode & 07777);
		good = false;
	}
	return good;
}

/* The configured user, if there is a configuration; else whoever has the directory. */
static bool wanted_owner(struct check *check, const struct stat *directory, uid_t *out)
{
	const struct config *config = check->cli->config;
	const struct passwd *entry = config ? getpwnam(config->user) : NULL;

	*out = entry ? entry->pw_uid : directory->st_uid;
	if (entry || !config)
		return true;
	check_problem(check, "there is no user %s: add it, or set `user' in %s", config->user,
	              check->cli->conf);
	return false;
}

static bool good_directory(struct check *check)
{
	char directory[PATH_MAX];
	struct stat st;
	uid_t owner;
	bool good;
	int code = directory_of(check->cli->database, directory);

	if (code != EX_OK)
		return check_failed(check, code);
	if (stat(directory, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
		check_problem(check, "%s does not exist: as root, `postreeve init' makes it",
		              directory);
		return false;
	}
	if (stat(directory, &st) != 0)
		return check_failed(check, complain_path(directory, errno));
	good = wanted_owner(check, &st, &owner);
	good &= check_stat(check, directory, &st, owner);
	if (good)
		check_ok(check, "%s is the daemon's alone", directory);
	return true;
}

/* One that SQLite may or may not have there. Gives false if it could not be looked at. */
static bool good_file(struct check *check, const char *path, uid_t owner, size_t *good,
                      size_t *found)
{
	struct stat st;

	if (lstat(path, &st) != 0 && errno == ENOENT)
		return true;
	if (lstat(path, &st) != 0)
		return check_failed(check, complain_path(path, errno));
	++*found;
	if (!S_ISREG(st.st_mode))
		check_problem(check, "%s is no regular file: put the file itself there", path);
	else if (check_stat(check, path, &st, owner))
		++*good;
	return true;
}

/* Those of the registry, and those of the usage. */
static bool good_files(struct check *check)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char directory[PATH_MAX], path[PATH_MAX + sizeof "-wal"];
	char *usage = usage_store_path(check->cli->database);
	const char *const files[] = {check->cli->database, usage};
	size_t good = 0, found = 0;
	struct stat st;
	int code = usage ? directory_of(check->cli->database, directory)
	                 : complain(EX_OSERR, "out of memory");

	if (code == EX_OK && stat(directory, &st) != 0)
		code = complain_path(directory, errno);
	if (code != EX_OK) {
		free(usage);
		return check_failed(check, code);
	}
	for (size_t i = 0; i < 6 && check->code == EX_OK; i++) {
		snprintf(path, sizeof path, "%s%s", files[i / 3], suffixes[i % 3]);
		good_file(check, path, st.st_uid, &good, &found);
	}
	free(usage);
	if (check->code == EX_OK && good == found && found > 0)
		check_ok(check, "all are the daemon's alone, files: %zu", found);
	return check->code == EX_OK;
}

static bool opens(struct check *check)
{
	if (!check_open(check))
		return false;
	check_ok(check, "%s opens, and is of this version", check->cli->database);
	return true;
}

static bool take_damage(const char *problem, void *arg)
{
	check_problem(arg, "%s: stop the daemon, and restore a copy (see CAVEATS in postreeve(8))",
	              problem);
	return output_good();
}

static bool is_whole(struct check *check)
{
	struct registry_error error;
	bool before = check->problem;

	check->problem = false;
	if (registry_check(check->cli->registry, take_damage, check, &error) != REGISTRY_OK)
		return check_failed(check, complain_registry(&error));
	if (!check->problem)
		check_ok(check, "no damage was found");
	check->problem |= before;
	return true;
}

static bool has_space(struct check *check)
{
	char directory[PATH_MAX];
	struct statvfs fs;
	uint64_t octets;

	if (directory_of(check->cli->database, directory) != EX_OK || statvfs(directory, &fs) != 0)
		return check_failed(check,
		                    complain(EX_IOERR, "%s: %s", directory, strerror(errno)));
	octets = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (octets < FREE_LEAST)
		check_problem(check,
		              "%" PRIu64
		              " MiB are free in the file system of %s: make room, or changes "
		              "and counting will fail",
		              octets >> 20, directory);
	else
		check_ok(check, "%" PRIu64 " MiB are free in the file system of %s", octets >> 20,
		         directory);
	return true;
}

static bool take_usage(const struct usage_store_row *row, void *arg)
{
	(void)row;
	++*(uint64_t *)arg;
	return true;
}

/* The daemon makes it when it is not there, and says so loudly if it cannot. */
static bool reads_usage(struct check *check)
{
	char *path = usage_store_path(check->cli->database);
	struct usage_store *store = NULL;
	struct registry_error error;
	enum registry_status status;
	uint64_t windows = 0;

	if (!path)
		return check_failed(check, complain(EX_OSERR, "out of memory"));
	status = usage_store_open(path, USAGE_STORE_READ, &store, &error);
	if (status == REGISTRY_OK)
		status = usage_store_walk(store, NULL, 0, take_usage, &windows, &error);
	if (status == REGISTRY_OK)
		check_ok(check, "%s can be read, windows of counting: %" PRIu64, path, windows);
	else if (status == REGISTRY_MISSING)
		check_ok(check, "nothing has been counted yet");
	else
		check_problem(check, "%s", error.text);
	usage_store_close(store);
	free(path);
	return true;
}

int check_database(struct cli *cli)
{
	static const struct check_row rows[] = {
	    {"directory", good_directory}, {"files", good_files},
	    {"space", has_space},          {"passwords", check_passwords_files},
	    {"registry", opens},           {"integrity", is_whole},
	    {"usage", reads_usage},        {"passwords", check_passwords},
	};

	return check_run(cli, rows, sizeof rows / sizeof *rows);
}
