#include "config.h"

#include "db/daemon/place.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

/* In a sticky directory, as /tmp, others may add files but not replace ours. */
static mode_t open_to(const struct stat *st, mode_t mode)
{
	return S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX ? 0 : st->st_mode & mode;
}

static int check_mode(const char *program, const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st) != 0 || !open_to(&st, mode))
		return EX_OK;
	fprintf(stderr, "%s: %s: others may write to it: chmod %s-w %s\n", program, path,
	        mode & S_IWGRP ? "go" : "o", path);
	return EX_CONFIG;
}

/* owner: who is proposed. */
static int check_owner(const char *program, const char *path, const struct identity *identity,
                       const char *owner)
{
	struct stat st;

	if (stat(path, &st) != 0 || st.st_uid == 0 || st.st_uid == identity->uid)
		return EX_OK;
	fprintf(stderr, "%s: %s: belongs to another user (uid %lu): chown %s %s\n", program, path,
	        (unsigned long)st.st_uid, owner, path);
	return EX_CONFIG;
}

static const char *directory_of(const char *path, char copy[PATH_MAX])
{
	snprintf(copy, PATH_MAX, "%s", path);
	return dirname(copy);
}

int place_check_file(const char *program, const char *path, const struct identity *identity)
{
	char copy[PATH_MAX];
	const char *directory = directory_of(path, copy);
	int status = check_owner(program, path, identity, "root");

	if (status == EX_OK)
		status = check_mode(program, path, S_IWGRP | S_IWOTH);
	if (status == EX_OK)
		status = check_owner(program, directory, identity, "root");
	return status == EX_OK ? check_mode(program, directory, S_IWGRP | S_IWOTH) : status;
}

int place_check_owner(const char *program, const char *path, const struct identity *identity)
{
	char copy[PATH_MAX];
	const char *directory = directory_of(path, copy);
	int status = check_owner(program, path, identity, identity->name);

	return status == EX_OK ? check_owner(program, directory, identity, identity->name) : status;
}

int place_check_directory(const char *program, const char *path)
{
	char copy[PATH_MAX];

	return check_mode(program, directory_of(path, copy), S_IWOTH);
}
