/* How the running daemon is, as it tells at its control socket. */
#include "config.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/status_show.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (1 << 20) /* octets */
#define ANSWER_MS  5000      /* for all of it */

static int complain_connect(const char *path, int errnum)
{
	char quoted[SHOWN_MAX];

	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return complain(
		    EX_UNAVAILABLE,
		    "postreeved does not run, or has no control socket at %s: start it, or see "
		    "its log",
		    shown(quoted, path));
	case EACCES:
	case EPERM:
		return complain(EX_NOPERM, "%s: %s: run this as root or as the daemon's user",
		                shown(quoted, path), strerror(errnum));
	case EAGAIN:
		return complain(EX_TEMPFAIL, "%s: too many ask at once: try again",
		                shown(quoted, path));
	default:
		return complain(EX_IOERR, "%s: %s", shown(quoted, path), strerror(errnum));
	}
}

/* *fd is to be closed in either case, unless it is -1. */
static int ask(const char *path, int *fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char quoted[SHOWN_MAX];

	if (strlen(path) >= sizeof address.sun_path)
		return complain(EX_CONFIG,
		                "%s: the path is too long for a socket: set `control_socket'",
		                shown(quoted, path));
	strcpy(address.sun_path, path);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && connect(*fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return EX_OK;
	return complain_connect(path, errno);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* All that comes until the other side closes: its octets, or -1 with errno set. */
static ssize_t read_answer(int fd, char *out, size_t size)
{
	int64_t until = now_ms() + ANSWER_MS;
	size_t len = 0;

	while (len < size) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = read(fd, out + len, size - len);
		if (n == 0)
			return (ssize_t)len;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0)
			len += (size_t)n;
	}
	errno = EMSGSIZE;
	return -1;
}

/* What stands at the path tells: *status is to be let go of. */
static int read_status(const char *path, json_t **status)
{
	char *text = malloc(ANSWER_MAX), quoted[SHOWN_MAX];
	int fd = -1, code = text ? ask(path, &fd) : complain(EX_OSERR, "out of memory");
	ssize_t len = -1;

	if (code != EX_OK)
		goto out;
	len = read_answer(fd, text, ANSWER_MAX);
	if (len < 0 && errno == ETIMEDOUT) {
		code = complain(EX_TEMPFAIL,
		                "%s: postreeved did not answer within %d seconds: try again",
		                shown(quoted, path), ANSWER_MS / 1000);
		goto out;
	}
	errno = 0; /* the library itself does not always tell that memory ran out */
	*status = len < 0 ? NULL : json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
	if (!*status && errno == ENOMEM) {
		code = complain(EX_OSERR, "out of memory");
	} else if (!json_is_object(*status)) {
		json_decref(*status);
		code = complain(EX_UNAVAILABLE,
		                "%s: what answers there is not postreeved, or it just stopped: try "
		                "again",
		                shown(quoted, path));
	}
out:
	if (fd >= 0)
		close(fd);
	free(text);
	return code;
}

int status_run(struct cli *cli)
{
	char *beside = cli->config ? NULL : config_control_socket(cli->database);
	const char *path = cli->config ? cli->config->control_socket : beside;
	json_t *status = NULL;
	int code = EX_OK;

	if (!path)
		return complain(EX_OSERR, "out of memory");
	if (cli->json && cli->prometheus)
		code = complain(EX_USAGE, "--json and --prometheus are two forms: choose one");
	/* The socket is for its group, too. */
	else if (geteuid() == 0)
		code = become_owner(cli->database, cli->config ? cli->config->user : NULL);
	if (code == EX_OK)
		code = read_status(path, &status);
	if (code == EX_OK) {
		if (cli->prometheus)
			status_prometheus(status, cli->accounts);
		else if (cli->json)
			print_json(json_incref(status));
		else
			status_show(status);
		json_decref(status);
	}
	free(beside);
	return code;
}
