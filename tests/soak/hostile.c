#include "config.h"

#include "tests/protocol/mta.h"
#include "tests/soak/hostile.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define TIMEOUT_MS 200 /* for answers that may never come */

static void send_raw(struct mta *mta, const void *octets, size_t count)
{
	/* It may have hung up by now, as it should. */
	if (send(mta->fd, octets, count, MSG_NOSIGNAL) < 0)
		return;
}

static void send_nothing(struct mta *mta)
{
	(void)mta;
}

static void send_garbage(struct mta *mta)
{
	unsigned char octets[4096];
	unsigned value = 1;

	for (size_t i = 0; i < sizeof octets; i++) {
		value = value * 1103515245 + 12345;
		octets[i] = (unsigned char)(value >> 16);
	}
	send_raw(mta, octets, sizeof octets);
}

static void send_huge_length(struct mta *mta)
{
	send_raw(mta, "\xff\xff\xff\xff", 4);
	send_garbage(mta);
}

static void send_no_length(struct mta *mta)
{
	send_raw(mta, "\0\0\0\0", 4);
}

/* Half a packet, and for a while no more. */
static void stall(struct mta *mta)
{
	static const struct timespec pause_time = {.tv_nsec = 500000000};

	send_raw(mta, "\0\0\0\x0dO\0\0", 7);
	nanosleep(&pause_time, NULL);
}

/* Gone in the middle of a message. */
static void leave(struct mta *mta)
{
	const char *const from[] = {"<c5@example.com>", NULL}, *const to[] = {"<r@example.net>",
	                                                                      NULL};
	struct mta_reply reply = {'\0', ""};

	mta_macro(mta, "{auth_type}", "PLAIN");
	mta_macro(mta, "{auth_authen}", "c5");
	if (mta_negotiate(mta, &mta_postfix) == MTA_OK &&
	    mta_connect(mta, "client.example", "192.0.2.7", 1, &reply) == MTA_OK &&
	    mta_helo(mta, "client.example", &reply) == MTA_OK &&
	    mta_mail(mta, from, &reply) == MTA_OK && mta_rcpt(mta, to, &reply) == MTA_OK)
		mta_data(mta, &reply);
}

/* Events without those that come before them. */
static void skip_ahead(struct mta *mta)
{
	struct mta_reply reply = {'\0', ""};

	if (mta_negotiate(mta, &mta_postfix) == MTA_OK)
		mta_eom(mta, &reply);
}

bool hostile_visit(const char *socket, unsigned turn)
{
	static void (*const ways[])(struct mta *) = {
	    send_nothing, send_garbage, send_huge_length, send_no_length, stall, leave, skip_ahead,
	};
	struct mta *mta = mta_new(TIMEOUT_MS);
	bool taken = mta && mta_open(mta, socket) == MTA_OK;

	if (taken) {
		ways[turn % (sizeof ways / sizeof *ways)](mta);
		mta_close(mta);
	}
	if (mta)
		mta_free(mta);
	return taken;
}
