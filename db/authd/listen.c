#include "config.h"

#include "db/authd/listen.h"

#include "db/daemon/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

int listen_at(const char *path, uid_t owner, int *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char error[SOCKET_ERROR_MAX];
	int fd, rc;

	if (!socket_make_way(path, owner, error)) {
		fprintf(stderr, "postreeve-authd: %s\n", error);
		return EX_CONFIG;
	}
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	umask(0117);
	rc = fd >= 0 ? bind(fd, (struct sockaddr *)&address, sizeof address) : -1;
	umask(077);
	if (rc == 0)
		rc = listen(fd, LISTEN_BACKLOG);
	if (rc != 0) {
		fprintf(stderr, "postreeve-authd: cannot listen on %s: %s\n", path,
		        strerror(errno));
		if (fd >= 0)
			close(fd);
		return EX_UNAVAILABLE;
	}
	if (!socket_hand_over(path, owner, error)) {
		fprintf(stderr, "postreeve-authd: %s\n", error);
		unlink(path);
		close(fd);
		return EX_NOPERM;
	}
	*out = fd;
	return EX_OK;
}
