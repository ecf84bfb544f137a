/*
 * Load on a milter, as Postfix makes it: some SMTP clients at once, each with one message per
 * connection (Postfix opens a milter connection for each SMTP connection).
 *
 *   load SOCKET PID CLIENTS TRANSACTIONS small|medium|large|many [ACCOUNTS]
 *
 * The kinds of message are told in message.c. With ACCOUNTS each is from one of so many, at random:
 * account a7 sends as a7@example.com. Else all are from alice.
 *
 * Prints, in one line: transactions/s, their median time in microseconds, CPU time of the milter
 * (process PID) per transaction in microseconds, round trips and packets per transaction.
 */
#include "config.h"

#include "tests/bench/message.h"
#include "tests/protocol/mta.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX      64
#define TRANSACTIONS_MAX 1000000
#define ACCOUNTS_MAX     100000000
#define TIMEOUT_MS       10000

struct client {
	pthread_t thread;
	const char *socket;
	unsigned transactions;
	unsigned random;               /* state of rand_r(3) */
	uint64_t *ns;                  /* the time of each */
	unsigned round_trips, packets; /* the most of any */
	char error[MTA_ERROR_MAX];     /* "" if all went well */
};

/* What is sent, and of how many accounts; 0: alice's. Set before the clients begin. */
static struct message message;
static unsigned accounts;

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;
	return clock_gettime(clock, &t) == 0 ? (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec
	                                     : 0;
}

static bool passed(enum mta_status status, const struct mta_reply *reply)
{
	return status == MTA_OK && (reply->code == '\0' || reply->code == 'c');
}

static bool send_message(struct mta *mta, const char *from, struct mta_reply *reply)
{
	for (size_t i = 0; i < MESSAGE_HEADERS; i++) {
		const char *const *field = message.headers[i];
		const char *value = strcmp(field[0], "From") == 0 ? from : field[1];
		if (!passed(mta_header(mta, field[0], value, reply), reply))
			return false;
	}
	return passed(mta_eoh(mta, reply), reply) &&
	       passed(mta_body(mta, message.body, message.len, reply), reply) &&
	       passed(mta_eom(mta, reply), reply);
}

static bool recipients(struct mta *mta, struct mta_reply *reply)
{
	char path[64];
	const char *const argv[] = {path, NULL};

	for (unsigned i = 1; i <= message.recipients; i++) {
		snprintf(path, sizeof path, "<r%u@example.net>", i);
		if (!passed(mta_rcpt(mta, argv, reply), reply))
			return false;
	}
	return true;
}

/* From the client's connection to its end. */
static bool transaction(struct mta *mta, const char *socket, const char *account)
{
	char from[64];
	const char *const sender[] = {from + 1, "SIZE=8000", NULL};
	struct mta_reply reply = {'\0', ""};
	snprintf(from, sizeof from, " <%s@example.com>", account);
	bool ok = mta_open(mta, socket) == MTA_OK && mta_negotiate(mta, &mta_postfix) == MTA_OK &&
	          passed(mta_connect(mta, "client.example", "192.0.2.7", 40000, &reply), &reply) &&
	          passed(mta_helo(mta, "client.example", &reply), &reply) &&
	          mta_macro(mta, "{auth_type}", "PLAIN") &&
	          mta_macro(mta, "{auth_authen}", account) &&
	          passed(mta_mail(mta, sender, &reply), &reply) && recipients(mta, &reply) &&
	          passed(mta_data(mta, &reply), &reply) && send_message(mta, from, &reply) &&
	          mta_abort(mta) == MTA_OK && mta_quit(mta) == MTA_OK;
	if (!ok && reply.text[0] != '\0')
		snprintf(mta->error, sizeof mta->error, "%.200s", reply.text);
	return ok;
}

static void *run(void *arg)
{
	struct client *client = arg;
	struct mta *mta = mta_new(TIMEOUT_MS);
	char account[32] = "alice";
	if (!mta) {
		strcpy(client->error, "out of memory");
		return NULL;
	}
	for (unsigned i = 0; i < client->transactions; i++) {
		if (accounts > 0)
			snprintf(
			    account, sizeof account, "a%u",
			    1 + (unsigned)(rand_r(&client->random) / (RAND_MAX + 1.0) * accounts));
		uint64_t start = now_ns(CLOCK_MONOTONIC);
		if (!transaction(mta, client->socket, account)) {
			snprintf(client->error, sizeof client->error, "%.200s",
			         mta->error[0] == '\0' ? "no answer" : mta->error);
			break;
		}
		client->ns[i] = now_ns(CLOCK_MONOTONIC) - start;
		if (mta->round_trips > client->round_trips)
			client->round_trips = mta->round_trips;
		if (mta->packets > client->packets)
			client->packets = mta->packets;
		/* Postfix does not wait for the milter to close its end. */
		close(mta->fd);
		mta->fd = -1;
	}
	mta_free(mta);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static int measure(const char *socket, clockid_t cpu, unsigned clients, unsigned transactions)
{
	static struct client client[CLIENTS_MAX];
	size_t total = (size_t)clients * transactions;
	uint64_t *ns = calloc(total, sizeof *ns);
	unsigned started = 0, round_trips = 0, packets = 0;
	int code = 0;

	if (!ns) {
		fprintf(stderr, "load: out of memory\n");
		return 1;
	}
	uint64_t start = now_ns(CLOCK_MONOTONIC), cpu_start = now_ns(cpu);
	for (; started < clients; started++) {
		struct client *c = &client[started];
		*c = (struct client){.socket = socket,
		                     .transactions = transactions,
		                     .random = started + (unsigned)start,
		                     .ns = ns + (size_t)started * transactions};
		if (pthread_create(&c->thread, NULL, run, c) != 0)
			break;
	}
	for (unsigned i = 0; i < started; i++) {
		pthread_join(client[i].thread, NULL);
		if (client[i].error[0] != '\0') {
			fprintf(stderr, "load: %s\n", client[i].error);
			code = 1;
		}
		if (client[i].round_trips > round_trips)
			round_trips = client[i].round_trips;
		if (client[i].packets > packets)
			packets = client[i].packets;
	}
	uint64_t elapsed = now_ns(CLOCK_MONOTONIC) - start, used = now_ns(cpu) - cpu_start;
	if (started < clients)
		code = 1;
	if (code == 0) {
		qsort(ns, total, sizeof *ns, compare);
		printf("%.0f %.1f %.2f %u %u\n", (double)total * 1e9 / (double)elapsed,
		       (double)ns[total / 2] / 1e3, (double)used / 1e3 / (double)total, round_trips,
		       packets);
	}
	free(ns);
	return code;
}

static unsigned number(const char *text, unsigned most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	return *end == '\0' && n <= most ? (unsigned)n : 0;
}

int main(int argc, char **argv)
{
	unsigned clients = argc >= 6 ? number(argv[3], CLIENTS_MAX) : 0;
	unsigned transactions = argc >= 6 ? number(argv[4], TRANSACTIONS_MAX) : 0;
	clockid_t cpu;
	if (clients == 0 || transactions == 0 || argc > 7) {
		fprintf(stderr, "usage: load SOCKET PID CLIENTS TRANSACTIONS " MESSAGE_KINDS
		                " [ACCOUNTS]\n");
		return 64;
	}
	accounts = argc == 7 ? number(argv[6], ACCOUNTS_MAX) : 0;
	if (!message_make(&message, argv[5])) {
		fprintf(stderr, "load: cannot make a message: %s\n", argv[5]);
		return 1;
	}
	if (clock_getcpuclockid((pid_t)atol(argv[2]), &cpu) != 0) {
		fprintf(stderr, "load: no process %s\n", argv[2]);
		return 64;
	}
	return measure(argv[1], cpu, clients, transactions);
}
