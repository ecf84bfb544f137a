#include "config.h"

#include "db/cli/mta/amend.h"

#include "db/cli/output.h"
#include "db/cli/replace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char *amend_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(AMEND_MAX + 1) : NULL;
	size_t len = text ? fread(text, 1, AMEND_MAX + 1, file) : 0;
	int error = errno;

	if (text && (ferror(file) || len > AMEND_MAX)) {
		error = ferror(file) ? errno : EFBIG;
		free(text);
		text = NULL;
	} else if (text) {
		text[len] = '\0';
	}
	if (file)
		fclose(file);
	errno = error;
	return text;
}

/* A new file in the same directory, on the disk with all of the text. */
static bool write_beside(const char *path, const struct stat *as, const char *text,
                         char temporary[PATH_MAX])
{
	size_t len = strlen(text);
	FILE *file;
	bool good;
	int fd;

	if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = mkstemp(temporary);
	if (fd < 0)
		return false;
	file = fdopen(fd, "w");
	good = file && fchown(fd, as->st_uid, as->st_gid) == 0 &&
	       fchmod(fd, as->st_mode & 07777) == 0 && fwrite(text, 1, len, file) == len &&
	       fflush(file) == 0 && fsync(fd) == 0;
	if (!file || (fclose(file) != 0 && good))
		good = false;
	if (!good)
		unlink(temporary);
	return good;
}

/* Null if the name is too long. Lives in out, which is returned. */
static const char *kept_name(const char *path, char out[PATH_MAX])
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	return snprintf(out, PATH_MAX, "%s.%s", path, stamp) < PATH_MAX ? out : NULL;
}

static int complain_about(const char *path, const char *what, int otherwise)
{
	bool denied = errno == EACCES || errno == EPERM;
	int code = denied ? EX_NOPERM : errno == ENOMEM ? EX_OSERR : otherwise;

	return complain(code, "%s cannot be %s: %s%s", path, what, strerror(errno),
	                denied ? ": run this as root" : "");
}

int amend_unread(const char *path)
{
	return complain_about(path, "read", EX_NOINPUT);
}

static int complain_of(const char *path)
{
	return complain_about(path, "changed", EX_IOERR);
}

/* A link stays one: what it leads to is changed. */
int amend_file(const char *path, const char *text, bool tell)
{
	char real[PATH_MAX], temporary[PATH_MAX], kept[PATH_MAX];
	struct stat st = {.st_uid = geteuid(), .st_gid = getegid(), .st_mode = 0644};
	char *old = amend_read(path);
	bool same = old && strcmp(old, text) == 0, is_new = !old && errno == ENOENT;

	free(old);
	if (same)
		return EX_OK;
	if (is_new)
		snprintf(real, sizeof real, "%s", path);
	else if (!old || !realpath(path, real) || stat(real, &st) != 0)
		return complain_of(path);
	if (!write_beside(real, &st, text, temporary))
		return complain_of(real);
	if ((!is_new && (!kept_name(real, kept) || link(real, kept) != 0)) ||
	    rename(temporary, real) != 0) {
		int code = complain_of(real);

		unlink(temporary);
		return code;
	}
	if (!sync_directory(real))
		return complain_of(real);
	if (tell && is_new)
		say("%s: made", real);
	else if (tell)
		say("%s: changed; as it was, it is kept as %s", real, kept);
	return EX_OK;
}
