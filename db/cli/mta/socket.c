#include "config.h"

#include "db/cli/mta/socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define GROUPS_MAX 256

bool mta_socket_path(const char *queue, bool chrooted, const char *path, char out[PATH_MAX])
{
	bool inside = path[0] != '/' || chrooted;

	return snprintf(out, PATH_MAX, "%s%s%s", inside ? queue : "", path[0] == '/' ? "" : "/",
	                path) < PATH_MAX;
}

struct user {
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int count;
};

static bool find_user(const char *name, struct user *user)
{
	const struct passwd *entry = getpwnam(name);

	if (!entry)
		return false;
	user->uid = entry->pw_uid;
	user->count = GROUPS_MAX;
	/* Of more than that the first are there, which is all that can be said. */
	if (getgrouplist(name, entry->pw_gid, user->groups, &user->count) < 0)
		user->count = GROUPS_MAX;
	return true;
}

static bool is_in(const struct user *user, gid_t group)
{
	for (int i = 0; i < user->count; i++)
		if (user->groups[i] == group)
			return true;
	return false;
}

/* As the kernel judges: bits is S_IXOTH or S_IWOTH. */
static bool may(const struct user *user, const struct stat *st, mode_t bits)
{
	if (user->uid == st->st_uid)
		return (st->st_mode & bits << 6) != 0;
	if (is_in(user, st->st_gid))
		return (st->st_mode & bits << 3) != 0;
	return (st->st_mode & bits) != 0;
}

bool mta_socket_reached(const char *path, const char *user, char *why, size_t size)
{
	char directory[PATH_MAX];
	struct user who;
	struct stat st;

	if (!find_user(user, &who)) {
		snprintf(why, size, "there is no user %s", user);
		return false;
	}
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
		if (stat(directory, &st) != 0) {
			snprintf(why, size, "%s: %s", directory, strerror(errno));
			return false;
		}
		if (!may(&who, &st, S_IXOTH)) {
			snprintf(why, size,
			         "%s may not pass through %s: chgrp it to that user's group, and "
			         "chmod g+x",
			         user, directory);
			return false;
		}
	}
	if (stat(path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		snprintf(why, size, "no socket stands at %s: start the daemon", path);
		return false;
	}
	if (!may(&who, &st, S_IWOTH)) {
		snprintf(why, size,
		         "%s may not connect to %s: its directory needs that user's group, and "
		         "chmod g+s, before the daemon starts",
		         user, path);
		return false;
	}
	return true;
}
