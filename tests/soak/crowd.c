/*
 * A crowd of clients at one milter, as an MTA shows them to it, while somebody changes the registry
 * and the configuration (crowd.sh): every verdict must be the right one, and no session may be lost.
 *
 *   crowd SOCKET SECONDS
 *
 * 64 connections are open at any time. Each is one of a thousand clients, whose accounts are c0 to
 * c999; the last digit says what the account is, and so which answers are right. Some more do not
 * keep to the protocol. Prints what it saw and exits with 1 if anything was wrong.
 */
#include "config.h"

#include "tests/protocol/mta.h"
#include "tests/soak/hostile.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECTIONS 64
#define CLIENTS     1000
#define HOSTILE     4 /* connections more, of those that do not keep to the protocol */
#define TIMEOUT_MS  20000
#define SMALLEST    2 /* max_recipients of profile `small', which crowd.sh changes between the two */
#define SMALL       3

enum kind {
	STRANGER,  /* sends as somebody else */
	SUSPENDED, /* may send nothing */
	CHANGING,  /* its grant comes and goes */
	OF_SMALL,  /* in a profile whose limit changes */
	LIMITED,   /* shares an account with a quota, `limited' */
	HONEST,
};

static const char *const kind_names[] = {"strangers", "suspended", "changing",
                                         "small",     "limited",   "honest"};

static atomic_uint next_client, sessions, hostile, unavailable, wrong, accepted[HONEST + 1], refused[HONEST + 1];
static struct timespec end;

static bool over(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec);
}

/* Says what was not right, and counts it. */
static void complain(unsigned client, const char *what, enum mta_status status,
                     const struct mta *mta, const struct mta_reply *reply)
{
	static const char *const statuses[] = {"", "closed: ", "timeout: ", "error: "};

	if (atomic_fetch_add(&wrong, 1) < 20)
		printf("# c%u, %s: %s%s%c %s\n", client, what, statuses[status],
		       status == MTA_ERROR ? mta->error : "", reply->code ? reply->code : ' ',
		       reply->text);
}

static bool goes_on(enum mta_status status, const struct mta_reply *reply)
{
	return status == MTA_OK && (reply->code == '\0' || reply->code == 'c');
}

static bool is_reply(enum mta_status status, const struct mta_reply *reply, const char *begin)
{
	return status == MTA_OK && reply->code == 'y' &&
	       strncmp(reply->text, begin, strlen(begin)) == 0;
}

struct visit {
	struct mta *mta;
	unsigned client;
	enum kind kind;
	unsigned recipients; /* that its first transaction got through; 0 before it */
};

static bool send_content(struct visit *visit, const char *sender, struct mta_reply *reply)
{
	static const char text[] = "Nothing of importance.\r\n";
	struct mta *mta = visit->mta;
	char from[80];

	snprintf(from, sizeof from, " %s", sender);
	return goes_on(mta_data(mta, reply), reply) &&
	       goes_on(mta_header(mta, "From", from, reply), reply) &&
	       goes_on(mta_header(mta, "Date", " Mon, 01 Jan 2024 00:00:00 +0000", reply), reply) &&
	       goes_on(mta_eoh(mta, reply), reply) &&
	       goes_on(mta_body(mta, text, sizeof text - 1, reply), reply);
}

/* As many recipients as the session may have, which must be as many in each of its transactions. */
static bool fill_recipients(struct visit *visit, struct mta_reply *reply)
{
	const char *const to[] = {"<r@example.net>", NULL};
	enum mta_status status = MTA_OK;
	unsigned got = 0, tries = visit->kind == OF_SMALL ? SMALL + 1 : 1;

	for (unsigned i = 0; i < tries; i++) {
		status = mta_rcpt(visit->mta, to, reply);
		if (goes_on(status, reply))
			got++;
		else if (!is_reply(status, reply, "452 4.5.3"))
			break;
	}
	if (visit->kind == OF_SMALL ? (got != SMALL && got != SMALLEST) ||
	                                  (visit->recipients > 0 && got != visit->recipients)
	                            : got != 1) {
		complain(visit->client, "RCPT", status, visit->mta, reply);
		return false;
	}
	visit->recipients = got;
	return true;
}

/* False if anything was wrong, and has been said so. */
static bool transaction(struct visit *visit)
{
	static const char *const refusals[] = {
	    [STRANGER] = "553 5.7.1", [SUSPENDED] = "525 5.7.13", [CHANGING] = "553 5.7.1",
	    [OF_SMALL] = "(none)",    [LIMITED] = "450 4.7.1",    [HONEST] = "(none)",
	};
	unsigned client = visit->client;
	enum kind kind = visit->kind;
	char sender[64], path[sizeof sender + 2];
	const char *const from[] = {path, NULL};
	struct mta *mta = visit->mta;
	struct mta_reply reply = {'\0', ""};
	enum mta_status status;

	if (kind == LIMITED)
		snprintf(sender, sizeof sender, "limited@example.com");
	else
		snprintf(sender, sizeof sender, "c%u@example.com",
		         kind == STRANGER ? client + 1 : client);
	snprintf(path, sizeof path, "<%s>", sender);
	status = mta_mail(mta, from, &reply);
	if (is_reply(status, &reply, refusals[kind])) {
		atomic_fetch_add(&refused[kind], 1);
		return mta_abort(mta) == MTA_OK;
	}
	if (is_reply(status, &reply, "451 4.3.0")) { /* there is no registry at this moment */
		atomic_fetch_add(&unavailable, 1);
		return mta_abort(mta) == MTA_OK;
	}
	if (!goes_on(status, &reply) || kind == STRANGER || kind == SUSPENDED) {
		complain(client, "MAIL", status, mta, &reply);
		return false;
	}
	if (!fill_recipients(visit, &reply))
		return false;
	if (!send_content(visit, sender, &reply)) {
		complain(client, "the message", MTA_OK, mta, &reply);
		return false;
	}
	status = mta_eom(mta, &reply);
	if (!goes_on(status, &reply)) {
		complain(client, "the end of the message", status, mta, &reply);
		return false;
	}
	atomic_fetch_add(&accepted[kind], 1);
	return mta_abort(mta) == MTA_OK;
}

static void session(struct mta *mta, const char *socket, unsigned client)
{
	static const enum kind kinds[10] = {STRANGER, SUSPENDED, CHANGING, OF_SMALL, LIMITED,
	                                    HONEST,   HONEST,    HONEST,   HONEST,   HONEST};
	struct visit visit = {.mta = mta, .client = client, .kind = kinds[client % 10]};
	struct mta_reply reply = {'\0', ""};
	/* Clients are not in a hurry; and who changes things needs the machine, too. */
	static const struct timespec pause_time = {.tv_nsec = 50000000};
	char account[32];
	bool good;

	snprintf(account, sizeof account, "c%u", client);
	mta_macro(mta, "{auth_type}", "PLAIN");
	mta_macro(mta, "{auth_authen}", visit.kind == LIMITED ? "limited" : account);
	good = mta_open(mta, socket) == MTA_OK && mta_negotiate(mta, &mta_postfix) == MTA_OK &&
	       goes_on(mta_connect(mta, "client.example", "192.0.2.7", 1, &reply), &reply) &&
	       goes_on(mta_helo(mta, "client.example", &reply), &reply);
	if (!good)
		complain(client, "the session's beginning", MTA_ERROR, mta, &reply);
	for (int i = 0; i < 3 && good; i++) {
		good = transaction(&visit);
		nanosleep(&pause_time, NULL);
	}
	if (good && (mta_quit(mta) != MTA_OK || mta_close(mta) != MTA_OK))
		complain(client, "QUIT", MTA_ERROR, mta, &reply);
	if (!good)
		mta_close(mta);
	atomic_fetch_add(&sessions, 1);
}

static void *connection(void *arg)
{
	const char *socket = arg;

	while (!over()) {
		struct mta *mta = mta_new(TIMEOUT_MS);

		if (!mta) {
			atomic_fetch_add(&wrong, 1);
			break;
		}
		session(mta, socket, atomic_fetch_add(&next_client, 1) % CLIENTS);
		mta_free(mta);
	}
	return NULL;
}

static void *hostile_connection(void *arg)
{
	static const struct timespec pause_time = {.tv_nsec = 5000000};
	struct mta_reply reply = {'\0', ""};

	while (!over()) {
		unsigned turn = atomic_fetch_add(&hostile, 1);

		if (!hostile_visit(arg, turn))
			complain(turn, "a connection", MTA_ERROR, &(struct mta){.error = "refused"},
			         &reply);
		nanosleep(&pause_time, NULL);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS + HOSTILE];

	if (argc != 3) {
		fprintf(stderr, "usage: crowd SOCKET SECONDS\n");
		return 64;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[2]);
	for (size_t i = 0; i < CONNECTIONS + HOSTILE; i++)
		if (pthread_create(&threads[i], NULL,
		                   i < CONNECTIONS ? connection : hostile_connection, argv[1]) != 0)
			abort();
	for (size_t i = 0; i < CONNECTIONS + HOSTILE; i++)
		pthread_join(threads[i], NULL);

	printf("%u sessions of %u clients, %u hostile ones, %u wrong\n", sessions,
	       next_client < CLIENTS ? next_client : CLIENTS, hostile, wrong);
	printf("told to come back: %u\n", unavailable);
	for (int kind = STRANGER; kind <= HONEST; kind++)
		printf("%s: %u accepted, %u refused\n", kind_names[kind], accepted[kind],
		       refused[kind]);
	return wrong == 0 ? 0 : 1;
}
