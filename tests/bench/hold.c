/*
 * Holds connections to a milter, so that its memory can be looked at.
 *
 *   hold SOCKET CONNECTIONS idle|body
 *
 * idle: each has said HELO. body: the Nth is in the midst of a large message of account aN. Prints
 * "held", and hangs up at the end of standard input.
 */
#include "config.h"

#include "tests/bench/message.h"
#include "tests/protocol/mta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 1000
#define TIMEOUT_MS      20000

static struct message message;

static bool passed(enum mta_status status, const struct mta_reply *reply)
{
	return status == MTA_OK && (reply->code == '\0' || reply->code == 'c');
}

static bool greet(struct mta *mta, const char *socket, struct mta_reply *reply)
{
	return mta_open(mta, socket) == MTA_OK && mta_negotiate(mta, &mta_postfix) == MTA_OK &&
	       passed(mta_connect(mta, "client.example", "192.0.2.7", 40000, reply), reply) &&
	       passed(mta_helo(mta, "client.example", reply), reply) && mta_flush(mta) == MTA_OK;
}

static bool begin(struct mta *mta, unsigned number, struct mta_reply *reply)
{
	char account[32], from[64];
	const char *const sender[] = {from + 1, "SIZE=8000000", NULL};
	static const char *const recipient[] = {"<r@example.net>", NULL};

	snprintf(account, sizeof account, "a%u", number);
	snprintf(from, sizeof from, " <%s@example.com>", account);
	if (!mta_macro(mta, "{auth_type}", "PLAIN") || !mta_macro(mta, "{auth_authen}", account) ||
	    !passed(mta_mail(mta, sender, reply), reply) ||
	    !passed(mta_rcpt(mta, recipient, reply), reply) || !passed(mta_data(mta, reply), reply))
		return false;
	for (size_t i = 0; i < MESSAGE_HEADERS; i++)
		if (!passed(mta_header(mta, message.headers[i][0], message.headers[i][1], reply),
		            reply))
			return false;
	return passed(mta_eoh(mta, reply), reply) &&
	       passed(mta_body(mta, message.body, message.len / 2, reply), reply) &&
	       mta_flush(mta) == MTA_OK;
}

int main(int argc, char **argv)
{
	unsigned count = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	bool body = argc == 4 && strcmp(argv[3], "body") == 0;

	if (count == 0 || count > CONNECTIONS_MAX || (!body && strcmp(argv[3], "idle") != 0)) {
		fprintf(stderr, "usage: hold SOCKET CONNECTIONS idle|body\n");
		return 64;
	}
	if (!message_make(&message, "large")) {
		fprintf(stderr, "hold: out of memory\n");
		return 1;
	}
	for (unsigned i = 1; i <= count; i++) {
		struct mta_reply reply = {'\0', ""};
		struct mta *mta = mta_new(TIMEOUT_MS);
		/* The end of the process is that of the connections. */
		if (!mta || !greet(mta, argv[1], &reply) || (body && !begin(mta, i, &reply))) {
			fprintf(stderr, "hold: connection %u: %.200s%.200s\n", i,
			        mta ? mta->error : "out of memory", reply.text);
			return 1;
		}
	}
	puts("held");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
