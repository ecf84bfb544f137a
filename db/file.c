#include "db/file.h"

#include "db/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite gives names like ":memory:" and "file:..." a meaning; behind a '/' they have none. */
char *file_path(const char *path)
{
	size_t size = strlen(path) + sizeof "./";
	char *copy = malloc(size);

	if (copy)
		snprintf(copy, size, "%s%s", path[0] == '/' ? "" : "./", path);
	return copy;
}

enum registry_status file_look(const char *path, bool empty, struct file_look *out,
                               struct registry_error *error)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return fail_errno(error, path, errno);
	if (S_ISLNK(st.st_mode))
		return fail(error, REGISTRY_INSECURE,
		            "%s: a symbolic link: give the path of the file itself", path);
	if (!S_ISREG(st.st_mode))
		return fail(error, REGISTRY_BAD, "%s: not a regular file", path);
	if (st.st_size == 0 && !empty)
		return fail(error, REGISTRY_BAD,
		            "%s: empty: restore it, or begin anew with `postreeve init'", path);
	*out = (struct file_look){
	    .dev = st.st_dev, .ino = st.st_ino, .size = st.st_size, .changed = st.st_ctim};
	return REGISTRY_OK;
}

bool file_same(const struct file_look *a, const struct file_look *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool file_unchanged(const struct file_look *a, const struct file_look *b)
{
	return file_same(a, b) && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

bool file_directory(const char *path, char *out)
{
	size_t len = (size_t)(strrchr(path, '/') - path) + 1;

	if (len >= PATH_MAX)
		return false;
	memcpy(out, path, len);
	out[len] = '\0';
	return true;
}

enum registry_status file_secure(const char *path, struct registry_error *error)
{
	char directory[PATH_MAX];
	struct stat st;

	if (!file_directory(path, directory))
		return fail_errno(error, path, ENAMETOOLONG);
	if (stat(directory, &st) != 0)
		return fail_errno(error, path, errno);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail(error, REGISTRY_INSECURE,
		            "%s: others may write to this directory: chmod go-w it", directory);
	if (lstat(path, &st) == 0 && st.st_mode & (S_IWGRP | S_IWOTH) && S_ISREG(st.st_mode))
		return fail(error, REGISTRY_INSECURE,
		            "%s: others may write to this file: chmod go-w it", path);
	return REGISTRY_OK;
}

enum registry_status file_create(const char *path, struct registry_error *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT)
		return fail(error, REGISTRY_MISSING,
		            "%s: its directory does not exist: make it first", path);
	if (fd < 0 && errno != EEXIST)
		return fail_errno(error, path, errno);
	if (fd >= 0)
		close(fd);
	return REGISTRY_OK;
}
