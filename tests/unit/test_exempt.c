/*
 * Clients in exempt networks are not judged, whatever they do, and each of their transactions is
 * written down; of the others none is exempt. Enumerated through a session, with the verdict's line.
 */
#include "db/daemon/log.h"
#include "milter/session.h"
#include "tests/unit/table.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the place of db/daemon/log.c. */
static struct {
	unsigned exempt, passed, refused;
} told;

void log_line(int priority, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	(void)priority;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	told.exempt += strstr(line, ": exempt ") != NULL;
	told.passed += strstr(line, ": pass ") != NULL;
	told.refused += strstr(line, ": reject ") != NULL || strstr(line, ": tempfail ") != NULL;
}

/* ---- what is enumerated -------------------------------------------------- */

static const struct {
	const char *address; /* null: the MTA knows none */
	bool exempt;
} clients[] = {
    {"198.51.100.25", true},
    {"::ffff:198.51.100.25", true},
    {"198.51.100.24", false},
    {"198.51.100.26", false},
    {"203.0.113.0", true},
    {"203.0.113.255", true},
    {"203.0.112.255", false},
    {"203.0.114.0", false},
    {"::ffff:203.0.113.7", true},
    {"2001:db8:1::", true},
    {"2001:db8:1:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:db8:0:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db8:2::", false},
    {"127.0.0.1", false},
    {"::1", false},
    {"::", true},
    {NULL, false}, /* which is not all zeros */
};
/* In each table what no rule would let pass, and something that it would. */
static const char *const greetings[] = {NULL, "-bad-", "client.example"};
static const char *const logins[] = {"", "nobody", "eve"};
static const char *const mechanisms[] = {"", "CRAM-MD5", "PLAIN"};
static const char *const ports[] = {"", "25", "587"};
static const char *const versions[] = {"", "TLSv1.3"};
static const char *const senders[] = {"nonsense", "<>", "<@relay.example:a@example.com>",
                                      "<eve@example.com>"};
static const char *const sizes[] = {NULL, "SIZE=18446744073709551616", "SIZE=nonsense"};
static const char *const recipients[] = {"nonsense", "<>", "<r@example.net>"};
static const char *const fields[] = {NULL, "From", "X-Other"};

static struct config *load(void)
{
	char path[] = "/tmp/exempt.XXXXXX", error[CONFIG_ERROR_MAX];
	struct config *config;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	dprintf(fd, "database = \"/nonexistent/postreeve\"\n"
	            "exempt_networks = {\"198.51.100.25\", \"203.0.113.0/24\", "
	            "\"2001:db8:1::/48\", \"::\"}\n"
	            "profile default { max_recipients = 1 max_message_size = 1K }\n");
	close(fd);
	config = config_load(path, error);
	unlink(path);
	if (!config)
		fail_msg("%s", error);
	return config;
}

static void connect_from(struct session *session, const char *text)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address = {.any.sa_family = AF_INET};

	if (text && inet_pton(AF_INET, text, &address.in.sin_addr) != 1) {
		address.any.sa_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &address.in6.sin6_addr), 1);
	}
	session_connect(session, text ? &address.any : NULL);
}

/* Takes one of a table, and leaves of the number what tells the rest. */
#define TAKE(table, n) (table)[take((n), ROWS(table))]
static size_t take(uint64_t *n, size_t rows)
{
	size_t i = *n % rows;

	*n /= rows;
	return i;
}

/* Two recipients and a message, all larger than may be. False: it was refused on the way. */
static bool send_message(struct session *session, const char *recipient, const char *field)
{
	const char *arguments[] = {recipient, NULL};
	unsigned char body[1024];

	memset(body, 'x', sizeof body);
	for (int i = 0; i < 2; i++)
		if (session_rcpt(session, arguments, ""))
			return false;
	if (field)
		session_header(session, field, " a@example.com, @", true);
	session_body(session, body, sizeof body);
	return !session_end_of_message(session, "4Xy1z2");
}

static bool transact(struct session *session, uint64_t n)
{
	const char *greeting = TAKE(greetings, &n);
	const struct mail_macros macros = {
	    .login = TAKE(logins, &n),
	    .mechanism = TAKE(mechanisms, &n),
	    .address = "",
	    .port = TAKE(ports, &n),
	    .tls = TAKE(versions, &n),
	    .queue_id = "",
	    .version = "",
	};
	const char *arguments[3] = {TAKE(senders, &n)};

	arguments[1] = TAKE(sizes, &n);
	if (greeting)
		session_helo(session, greeting);
	if (session_mail(session, arguments, &macros))
		return false;
	return send_message(session, TAKE(recipients, &n), TAKE(fields, &n));
}

/* The registry cannot be had: so none but exempt clients can pass. */
static void only_clients_in_exempt_networks_are_not_judged(void **state)
{
	const uint64_t ways = ROWS(greetings) * ROWS(logins) * ROWS(mechanisms) * ROWS(ports) *
	                      ROWS(versions) * ROWS(senders) * ROWS(sizes) * ROWS(recipients) *
	                      ROWS(fields);
	struct service *service = service_new(load(), 0);
	char *title = *state;

	assert_non_null(service);
	for (size_t i = 0; i < ROWS(clients); i++) {
		const char *name = clients[i].address ? clients[i].address : "no address";

		for (uint64_t n = 0; n < ways; n++) {
			struct session *session = session_new(service);

			memset(&told, 0, sizeof told);
			connect_from(session, clients[i].address);
			assert_row(transact(session, n) == clients[i].exempt, name);
			assert_row(told.exempt == clients[i].exempt, name);
			assert_row(told.refused == !clients[i].exempt, name);
			assert_row(told.passed == 0, name);
			session_free(session);
		}
	}
	assert_int_equal(service_open_transactions(service), 0);
	service_free(service);
	sprintf(title + strlen(title), ": %" PRIu64 " transactions", ways * ROWS(clients));
}

int main(void)
{
	static char title[100] = "only_clients_in_exempt_networks_are_not_judged";
	const struct CMUnitTest tests[] = {
	    {title, only_clients_in_exempt_networks_are_not_judged, NULL, NULL, title},
	};

	return cmocka_run_group_tests_name("exempt", tests, NULL, NULL);
}
