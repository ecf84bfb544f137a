/*
 * Load on a milter, as Postfix makes it: some SMTP clients at once, each with one message per
 * connection (Postfix opens a milter connection for each SMTP connection).
 *
 *   load SOCKET PID CLIENTS TRANSACTIONS small|large
 *
 * The small message is 2 KiB of text, the large one 7.9 MiB: a text and two files in base64.
 *
 * Prints, in one line: transactions/s, their median time in microseconds, CPU time of the milter
 * (process PID) per transaction in microseconds, round trips and packets per transaction.
 */
#include "config.h"

#include "tests/protocol/mta.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX      64
#define TRANSACTIONS_MAX 1000000
#define SMALL_OCTETS     2048
#define LARGE_OCTETS     8283750 /* 7.9 MiB */
#define TIMEOUT_MS       10000

struct client {
	pthread_t thread;
	const char *socket;
	unsigned transactions;
	uint64_t *ns;                  /* the time of each */
	unsigned round_trips, packets; /* the most of any */
	char error[MTA_ERROR_MAX];     /* "" if all went well */
};

static const char *const headers[][2] = {
    {"Received", " from client.example (client.example [192.0.2.7])\n\tby mail.example.com "
                 "(Postfix) with ESMTPSA id 4Qid00000001\n\tfor <r@example.net>; "
                 "Mon,  1 Jan 2024 00:00:00 +0000 (UTC)"},
    {"From", " Alice <alice@example.com>"},
    {"To", " R <r@example.net>"},
    {"Subject", " The minutes of Monday's meeting"},
    {"Date", " Mon, 01 Jan 2024 00:00:00 +0000"},
    {"Message-ID", " <20240101000000.4Qid00000001@mail.example.com>"},
    {"MIME-Version", " 1.0"},
    {"User-Agent", " Example/1.0"},
    {"Content-Language", " en-GB"},
    {"X-Priority", " 3"},
};

/* What is sent; made once, before the clients begin. */
static struct {
	const char *type; /* Content-Type */
	char *body;
	size_t len;
} message;

/* Fills the body up to so many octets with lines of 76 characters, which are all of base64's. */
static void add_lines(size_t up_to)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t column = 0; message.len < up_to; column++) {
		message.body[message.len++] = alphabet[message.len * 7 % (sizeof alphabet - 1)];
		if (column % 76 == 75 && message.len + 2 <= up_to) {
			memcpy(message.body + message.len, "\r\n", 2);
			message.len += 2;
		}
	}
}

static void add_text(const char *text)
{
	size_t len = strlen(text);

	memcpy(message.body + message.len, text, len);
	message.len += len;
}

static bool make_message(bool large)
{
	static const char file[] = "\r\n--bound\r\nContent-Type: application/octet-stream\r\n"
				   "Content-Disposition: attachment; filename=\"film.mp4\"\r\n"
				   "Content-Transfer-Encoding: base64\r\n\r\n";

	message.body = malloc((large ? LARGE_OCTETS : SMALL_OCTETS) + sizeof file);
	if (!message.body)
		return false;
	if (!large) {
		message.type = " text/plain; charset=utf-8";
		add_lines(SMALL_OCTETS);
		return true;
	}
	message.type = " multipart/mixed; boundary=bound";
	add_text("--bound\r\n\r\n");
	add_lines(SMALL_OCTETS);
	add_text(file);
	add_lines(LARGE_OCTETS / 2);
	add_text(file);
	add_lines(LARGE_OCTETS - strlen("\r\n--bound--\r\n"));
	add_text("\r\n--bound--\r\n");
	return true;
}

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

static bool send_message(struct mta *mta, struct mta_reply *reply)
{
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (!passed(mta_header(mta, headers[i][0], headers[i][1], reply), reply))
			return false;
	return passed(mta_header(mta, "Content-Type", message.type, reply), reply) &&
	       passed(mta_eoh(mta, reply), reply) &&
	       passed(mta_body(mta, message.body, message.len, reply), reply) &&
	       passed(mta_eom(mta, reply), reply);
}

/* From the client's connection to its end. */
static bool transaction(struct mta *mta, const char *socket)
{
	static const char *const sender[] = {"<alice@example.com>", "SIZE=8000", NULL};
	static const char *const recipient[] = {"<r@example.net>", NULL};
	struct mta_reply reply = {'\0', ""};
	bool ok = mta_open(mta, socket) == MTA_OK && mta_negotiate(mta, &mta_postfix) == MTA_OK &&
	          passed(mta_connect(mta, "client.example", "192.0.2.7", 40000, &reply), &reply) &&
	          passed(mta_helo(mta, "client.example", &reply), &reply) &&
	          passed(mta_mail(mta, sender, &reply), &reply) &&
	          passed(mta_rcpt(mta, recipient, &reply), &reply) &&
	          passed(mta_data(mta, &reply), &reply) && send_message(mta, &reply) &&
	          mta_abort(mta) == MTA_OK && mta_quit(mta) == MTA_OK;
	if (!ok && reply.text[0] != '\0')
		snprintf(mta->error, sizeof mta->error, "%.200s", reply.text);
	return ok;
}

static void *run(void *arg)
{
	struct client *client = arg;
	struct mta *mta = mta_new(TIMEOUT_MS);
	if (!mta || !mta_macro(mta, "{auth_type}", "PLAIN") ||
	    !mta_macro(mta, "{auth_authen}", "alice")) {
		strcpy(client->error, "out of memory");
		mta_free(mta);
		return NULL;
	}
	for (unsigned i = 0; i < client->transactions; i++) {
		uint64_t start = now_ns(CLOCK_MONOTONIC);
		if (!transaction(mta, client->socket)) {
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
	unsigned clients = argc == 6 ? number(argv[3], CLIENTS_MAX) : 0;
	unsigned transactions = argc == 6 ? number(argv[4], TRANSACTIONS_MAX) : 0;
	bool large = argc == 6 && strcmp(argv[5], "large") == 0;
	clockid_t cpu;
	if (clients == 0 || transactions == 0 || (!large && strcmp(argv[5], "small") != 0)) {
		fprintf(stderr, "usage: load SOCKET PID CLIENTS TRANSACTIONS small|large\n");
		return 64;
	}
	if (!make_message(large)) {
		fprintf(stderr, "load: out of memory\n");
		return 1;
	}
	if (clock_getcpuclockid((pid_t)atol(argv[2]), &cpu) != 0) {
		fprintf(stderr, "load: no process %s\n", argv[2]);
		return 64;
	}
	return measure(argv[1], cpu, clients, transactions);
}
