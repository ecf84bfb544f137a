#include "config.h"

#include "db/daemon/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

const char *socket_path(const char *spec)
{
	if (strncmp(spec, "local:", 6) == 0)
		return spec + 6;
	if (strncmp(spec, "unix:", 5) == 0)
		return spec + 5;
	return NULL;
}

static bool somebody_answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool answers;

	if (fd < 0)
		return true; /* could not tell */
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	/* EAGAIN: there is a listener, whose queue is full. */
	answers = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
	close(fd);
	return answers;
}

/* Who may write to the directory may put another socket there, and so answer for the gate. */
static bool check_directory(const char *path, char *error)
{
	char copy[PATH_MAX];
	struct stat st;

	snprintf(copy, sizeof copy, "%s", path);
	if (stat(dirname(copy), &st) != 0) {
		snprintf(error, SOCKET_ERROR_MAX,
		         "%s: its directory cannot be used: %s: make it first", path,
		         strerror(errno));
		return false;
	}
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX)) {
		snprintf(error, SOCKET_ERROR_MAX,
		         "%s: anybody may write to its directory: chmod o-w that first", path);
		return false;
	}
	return true;
}

bool socket_make_way(const char *path, uid_t owner, char *error)
{
	struct stat st;

	if (!check_directory(path, error))
		return false;
	if (lstat(path, &st) != 0) {
		if (errno == ENOENT)
			return true;
		snprintf(error, SOCKET_ERROR_MAX, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(error, SOCKET_ERROR_MAX,
		         "%s: something that is no socket stands there: remove it", path);
		return false;
	}
	if (st.st_uid != owner && st.st_uid != 0 && st.st_uid != geteuid()) {
		snprintf(error, SOCKET_ERROR_MAX,
		         "%s: the socket there belongs to another user (uid %lu): remove it", path,
		         (unsigned long)st.st_uid);
		return false;
	}
	if (somebody_answers(path)) {
		snprintf(error, SOCKET_ERROR_MAX, "%s: another program serves there: stop it first",
		         path);
		return false;
	}
	if (unlink(path) != 0) {
		snprintf(error, SOCKET_ERROR_MAX, "%s: cannot remove the old socket: %s", path,
		         strerror(errno));
		return false;
	}
	return true;
}

/*
 * Through a descriptor of the socket itself: its directory may belong to the owner, who could put
 * something else in its place while root is at work.
 */
bool socket_hand_over(const char *path, uid_t owner, char *error)
{
	char copy[PATH_MAX];
	struct stat directory, st;
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool ok = false;

	snprintf(copy, sizeof copy, "%s", path);
	if (fd < 0 || fstat(fd, &st) != 0 || stat(dirname(copy), &directory) != 0)
		goto out;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid()) {
		errno = EEXIST;
		goto out;
	}
	/* Who is not root may give it to no group but their own: it stays with that. */
	ok = fchownat(fd, "", owner, directory.st_gid, AT_EMPTY_PATH) == 0 || geteuid() != 0;
out:
	if (!ok)
		snprintf(error, SOCKET_ERROR_MAX, "%s: cannot hand the socket over: %s", path,
		         strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}
