#include "config.h"

#include "tests/protocol/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define OUT_UNIX 4096 /* octets that Postfix collects before it writes: VSTREAM_BUFSIZE */

enum mta_status wire_fail(struct mta *mta, const char *what, const char *detail)
{
	snprintf(mta->error, sizeof mta->error, "%s%s%s", what, detail[0] == '\0' ? "" : ": ",
	         detail);
	return MTA_ERROR;
}

static enum mta_status fail_io(struct mta *mta, const char *what)
{
	if (errno == EAGAIN)
		return MTA_TIMEOUT;
	if (errno == EPIPE || errno == ECONNRESET)
		return MTA_CLOSED;
	return wire_fail(mta, what, strerror(errno));
}

/* ---- octets ------------------------------------------------------------- */

enum mta_status mta_flush(struct mta *mta)
{
	size_t done = 0;
	while (done < mta->out_len) {
		ssize_t n = send(mta->fd, mta->out + done, mta->out_len - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_io(mta, "send");
		done += (size_t)n;
	}
	mta->out_len = 0;
	return MTA_OK;
}

enum mta_status mta_raw(struct mta *mta, const void *data, size_t len)
{
	const unsigned char *from = data;
	if (mta->fd < 0)
		return wire_fail(mta, "not connected", "");
	while (len > 0) {
		size_t room = mta->out_max - mta->out_len;
		size_t n = len < room ? len : room;
		memcpy(mta->out + mta->out_len, from, n);
		mta->out_len += n;
		from += n;
		len -= n;
		if (mta->out_len == mta->out_max) {
			enum mta_status status = mta_flush(mta);
			if (status != MTA_OK)
				return status;
		}
	}
	return MTA_OK;
}

static enum mta_status packet_head(struct mta *mta, char command, size_t len)
{
	uint32_t size = htonl((uint32_t)(len + 1));
	char head[sizeof size + 1];
	if (len >= MTA_PACKET_MAX)
		return wire_fail(mta, "packet too big to send", "");
	memcpy(head, &size, sizeof size);
	head[sizeof size] = command;
	mta->packets++;
	return mta_raw(mta, head, sizeof head);
}

enum mta_status mta_packet(struct mta *mta, char command, const void *data, size_t len)
{
	enum mta_status status = packet_head(mta, command, len);
	return status == MTA_OK && len > 0 ? mta_raw(mta, data, len) : status;
}

static enum mta_status receive(struct mta *mta, void *buffer, size_t len)
{
	unsigned char *to = buffer;
	while (len > 0) {
		ssize_t n = recv(mta->fd, to, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_io(mta, "recv");
		if (n == 0)
			return MTA_CLOSED;
		to += n;
		len -= (size_t)n;
	}
	return MTA_OK;
}

enum mta_status wire_receive(struct mta *mta, char *code, size_t *len)
{
	uint32_t size;
	enum mta_status status = receive(mta, &size, sizeof size);
	if (status != MTA_OK)
		return status;
	size = ntohl(size);
	if (size < 1 || size > MTA_REPLY_MAX)
		return wire_fail(mta, "the milter's packet has an impossible length", "");
	status = receive(mta, code, 1);
	*len = size - 1;
	if (status == MTA_OK)
		status = receive(mta, mta->reply, *len);
	mta->reply[*len] = '\0';
	return status;
}

/* ---- connection and negotiation ----------------------------------------- */

static enum mta_status open_unix(struct mta *mta, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return wire_fail(mta, "socket path too long", path);
	strcpy(address.sun_path, path);
	mta->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (mta->fd < 0 || connect(mta->fd, (struct sockaddr *)&address, sizeof address) != 0)
		return wire_fail(mta, "connect", strerror(errno));
	mta->out_max = OUT_UNIX;
	return MTA_OK;
}

static enum mta_status open_inet(struct mta *mta, const char *spec, int family)
{
	const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char port[8];
	const char *at = strchr(spec, '@');
	if (!at || (size_t)(at - spec) >= sizeof port)
		return wire_fail(mta, "not port@host", spec);
	memcpy(port, spec, (size_t)(at - spec));
	port[at - spec] = '\0';
	int code = getaddrinfo(at + 1, port, &hints, &found);
	if (code != 0)
		return wire_fail(mta, "getaddrinfo", gai_strerror(code));
	mta->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	code = mta->fd < 0 ? -1 : connect(mta->fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (code != 0)
		return wire_fail(mta, "connect", strerror(errno));

	/*
	 * As vstream_tweak_tcp() does, so that Nagle's algorithm delays here what it delays there.
	 */
	int mss = 0;
	socklen_t len = sizeof mss;
	if (getsockopt(mta->fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &len) != 0 || mss < 0)
		mss = 0;
	mta->out_max = mss > OUT_UNIX / 4 ? 4 * (size_t)mss : OUT_UNIX;
	return MTA_OK;
}

enum mta_status mta_open(struct mta *mta, const char *address)
{
	struct timeval wait = {mta->timeout / 1000, mta->timeout % 1000 * 1000};
	enum mta_status status;
	const char *colon = strchr(address, ':');

	mta->out_len = mta->body_len = 0;
	mta->packets = mta->round_trips = 0;
	mta->queued = false;
	mta->skipped = '\0';
	mta->options = (struct mta_options){0};
	for (size_t i = 0; i < MTA_STAGES; i++) {
		free(mta->asked[i]);
		mta->asked[i] = NULL;
	}
	if (mta->fd >= 0)
		return wire_fail(mta, "already connected", "");
	if (!colon)
		return wire_fail(mta, "not a socket address", address);
	if (strncmp(address, "local:", 6) == 0 || strncmp(address, "unix:", 5) == 0)
		status = open_unix(mta, colon + 1);
	else if (strncmp(address, "inet:", 5) == 0)
		status = open_inet(mta, colon + 1, AF_INET);
	else if (strncmp(address, "inet6:", 6) == 0)
		status = open_inet(mta, colon + 1, AF_INET6);
	else
		status = wire_fail(mta, "not a socket address", address);
	free(mta->out);
	mta->out = NULL;
	if (status == MTA_OK && !(mta->out = malloc(mta->out_max)))
		status = wire_fail(mta, "out of memory", "");
	if (status == MTA_OK &&
	    (setsockopt(mta->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
	     setsockopt(mta->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0))
		status = wire_fail(mta, "setsockopt", strerror(errno));
	if (status != MTA_OK && mta->fd >= 0) {
		close(mta->fd);
		mta->fd = -1;
	}
	return status;
}

enum mta_status mta_close(struct mta *mta)
{
	if (mta->fd < 0)
		return MTA_OK;
	enum mta_status status = mta_flush(mta);
	shutdown(mta->fd, SHUT_WR);
	while (status == MTA_OK) {
		ssize_t n = recv(mta->fd, mta->reply, sizeof mta->reply, 0);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			status = fail_io(mta, "recv");
	}
	close(mta->fd);
	mta->fd = -1;
	return status == MTA_CLOSED ? MTA_OK : status;
}
