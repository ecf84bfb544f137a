/*
 * Load on a submission server: some SMTP clients at once, each with one message per connection,
 * which logs in (AUTH PLAIN) as alice.
 *
 *   smtp PORT CLIENTS MESSAGES RESPONSE small|medium|large|many
 *
 * RESPONSE is that of AUTH PLAIN, in base64. Prints messages/s, and their median time in
 * microseconds.
 */
#include "config.h"

#include "tests/bench/message.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX  64
#define MESSAGES_MAX 1000000

/* Set before the clients begin. */
static struct message message;
static struct sockaddr_in address;
static char login[256], *content;
static size_t content_len;

struct client {
	pthread_t thread;
	unsigned messages;
	uint64_t *ns;     /* the time of each */
	char reply[1000]; /* the last; what is in it is the reason when ns is left at 0 */
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* All that comes behind DATA. No line of it begins with a dot. The first field is the server's. */
static bool make_content(void)
{
	content = malloc(message.len + 2000);
	if (!content)
		return false;
	for (size_t i = 1; i < MESSAGE_HEADERS; i++)
		content_len += (size_t)sprintf(content + content_len, "%s:%s\r\n",
		                               message.headers[i][0], message.headers[i][1]);
	content_len += (size_t)sprintf(content + content_len, "\r\n");
	memcpy(content + content_len, message.body, message.len);
	content_len += message.len;
	content_len += (size_t)sprintf(content + content_len, "\r\n.\r\n");
	return true;
}

static bool sends(int fd, const char *octets, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, octets, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		octets += n;
		len -= (size_t)n;
	}
	return true;
}

/* A whole reply, of which no line is cut in two by its last packet, begins with 2 or 3. */
static bool replied(int fd, char reply[1000])
{
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, reply + len, 999 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		reply[len] = '\0';
		if (reply[len - 1] != '\n')
			continue;
		char *line = reply;
		for (char *next; (next = strchr(line, '\n')) && next[1] != '\0';)
			line = next + 1;
		if (strlen(line) > 3 && line[3] == ' ')
			return line[0] == '2' || line[0] == '3';
	}
}

static bool says(int fd, char reply[1000], const char *line)
{
	return sends(fd, line, strlen(line)) && replied(fd, reply);
}

static bool submit(int fd, char reply[1000])
{
	char line[100];

	if (!replied(fd, reply) || !says(fd, reply, "EHLO client.example\r\n") ||
	    !says(fd, reply, login) || !says(fd, reply, "MAIL FROM:<alice@example.com>\r\n"))
		return false;
	for (unsigned i = 1; i <= message.recipients; i++) {
		snprintf(line, sizeof line, "RCPT TO:<r%u@example.net>\r\n", i);
		if (!says(fd, reply, line))
			return false;
	}
	return says(fd, reply, "DATA\r\n") && sends(fd, content, content_len) &&
	       replied(fd, reply) && says(fd, reply, "QUIT\r\n");
}

static void *run(void *arg)
{
	struct client *client = arg;

	for (unsigned i = 0; i < client->messages; i++) {
		uint64_t start = now_ns();
		int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
		bool ok = fd >= 0 &&
		          connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
		          submit(fd, client->reply);
		close(fd);
		if (!ok)
			break;
		client->ns[i] = now_ns() - start;
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static int measure(unsigned clients, unsigned messages)
{
	static struct client client[CLIENTS_MAX];
	size_t total = (size_t)clients * messages;
	uint64_t *ns = calloc(total, sizeof *ns), start = now_ns();
	unsigned started = 0;

	for (; ns && started < clients; started++) {
		struct client *c = &client[started];
		c->messages = messages;
		c->ns = ns + (size_t)started * messages;
		if (pthread_create(&c->thread, NULL, run, c) != 0)
			break;
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(client[i].thread, NULL);
	double seconds = (double)(now_ns() - start) * 1e-9;
	for (unsigned i = 0; i < started; i++)
		if (client[i].ns[messages - 1] == 0) {
			fprintf(stderr, "smtp: not accepted: %s\n", client[i].reply);
			return 1;
		}
	if (started < clients) {
		fprintf(stderr, "smtp: out of memory or threads\n");
		return 1;
	}
	qsort(ns, total, sizeof *ns, compare);
	printf("%.1f %.1f\n", (double)total / seconds, (double)ns[total / 2] / 1e3);
	free(ns);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned clients = argc == 6 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned messages = argc == 6 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

	if (clients == 0 || clients > CLIENTS_MAX || messages == 0 || messages > MESSAGES_MAX ||
	    strlen(argv[4]) > 200) {
		fprintf(stderr, "usage: smtp PORT CLIENTS MESSAGES RESPONSE " MESSAGE_KINDS "\n");
		return 64;
	}
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(login, sizeof login, "AUTH PLAIN %s\r\n", argv[4]);
	if (!message_make(&message, argv[5]) || !make_content()) {
		fprintf(stderr, "smtp: cannot make a message: %s\n", argv[5]);
		return 1;
	}
	return measure(clients, messages);
}
