/*
 * Who the program is. SQLite makes files beside the database (-wal, -shm) when it opens it, and
 * what root leaves there the daemon cannot write to.
 */
#include "config.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int directory_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char quoted[SHOWN_MAX];

	if (strlen(path) >= PATH_MAX)
		return complain(EX_USAGE, "%s: the path is too long", shown(quoted, path));
	if (!slash)
		strcpy(out, ".");
	else if (len == 0)
		strcpy(out, "/");
	else
		snprintf(out, PATH_MAX, "%.*s", (int)len, path);
	return EX_OK;
}

static int become(uid_t uid, gid_t gid)
{
	uid_t real, effective, saved;

	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return complain(EX_OSERR, "cannot become user %lu: %s", (unsigned long)uid,
		                strerror(errno));
	if (getresuid(&real, &effective, &saved) != 0 || real != uid || effective != uid ||
	    saved != uid || setuid(0) == 0)
		return complain(EX_OSERR, "did not become user %lu: run this as that user",
		                (unsigned long)uid);
	return EX_OK;
}

static int complain_directory(const char *directory, int errnum)
{
	char quoted[SHOWN_MAX];

	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return complain(EX_UNAVAILABLE,
		                "%s: there is no such directory: make it for the daemon's user, or "
		                "have root run "
		                "`postreeve init', without -d",
		                shown(quoted, directory));
	case EACCES:
	case EPERM:
		return complain(EX_NOPERM, "%s: %s: run this as root or as the daemon's user",
		                shown(quoted, directory), strerror(errnum));
	default:
		return complain(EX_IOERR, "%s: %s", shown(quoted, directory), strerror(errnum));
	}
}

/* Root is told when the directory is not the daemon's: what it made there nobody could use. */
static int check_owner(const char *directory, uid_t owner, const char *user)
{
	const struct passwd *entry = getpwnam(user);
	char quoted[SHOWN_MAX], quoted_user[SHOWN_MAX];

	if (entry && entry->pw_uid == owner)
		return EX_OK;
	return complain(
	    EX_CONFIG,
	    "%s does not belong to the configured user, %s: chown it, or configure another",
	    shown(quoted, directory), shown(quoted_user, user));
}

int become_owner(const char *database, const char *user)
{
	char directory[PATH_MAX], quoted[SHOWN_MAX];
	const struct passwd *owner;
	struct stat st;
	int code = directory_of(database, directory);

	if (code != EX_OK)
		return code;
	if (stat(directory, &st) != 0)
		return complain_directory(directory, errno);
	if (user && geteuid() == 0)
		code = check_owner(directory, st.st_uid, user);
	if (code != EX_OK || st.st_uid == geteuid())
		return code;
	owner = getpwuid(st.st_uid);
	if (geteuid() == 0)
		return become(st.st_uid, owner ? owner->pw_gid : st.st_gid);
	if (owner)
		return complain(EX_NOPERM, "%s is not yours: run this as root or as user %s",
		                shown(quoted, directory), owner->pw_name);
	return complain(EX_NOPERM, "%s is not yours: run this as root or as user %lu",
	                shown(quoted, directory), (unsigned long)st.st_uid);
}

int make_directory(const char *database, const char *user)
{
	char directory[PATH_MAX], quoted[SHOWN_MAX];
	const struct passwd *owner;
	struct stat st;
	int code = directory_of(database, directory);

	if (code != EX_OK || geteuid() != 0 || stat(directory, &st) == 0)
		return code;
	errno = 0;
	owner = getpwnam(user);
	if (!owner)
		return complain(EX_CONFIG,
		                "%s: there is no such user: add it, or set another in the "
		                "configuration",
		                shown(quoted, user));
	if (mkdir(directory, 0700) != 0) {
		if (errno == ENOENT)
			return complain(
			    EX_UNAVAILABLE,
			    "%s: the directory above it does not exist: make that first",
			    shown(quoted, directory));
		return complain_directory(directory, errno);
	}
	/* By name and not following a link: whoever owns the directory above could swap it. */
	if (lchown(directory, owner->pw_uid, owner->pw_gid) != 0) {
		code = complain(EX_OSERR, "%s: cannot be given to user %s: %s", directory,
		                owner->pw_name, strerror(errno));
		rmdir(directory);
	}
	return code;
}
