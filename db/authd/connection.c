#include "config.h"

#include "db/authd/connection.h"

#include "db/authd/clock.h"
#include "db/authd/dovecot.h"
#include "db/authd/saslauthd.h"
#include "db/authd/seal.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One that has not said by then what it wants is closed. */
#define GREETING_SECONDS 30
#define REQUEST_SECONDS  10

/* Nor is one kept that does not read what it asked for. */
#define UNREAD_MAX    65536 /* octets */
#define WRITE_SECONDS 30

struct connection {
	struct connections *all;
	enum protocol protocol;
	struct bufferevent *stream;
	struct event *deadline; /* until it has said what it wants */
	struct dovecot dovecot;
	struct job *jobs;
	unsigned job_count;
	bool full;    /* it is to be closed: it does not read, or it could not be told */
	bool waiting; /* saslauthd's one request is being judged */
	struct connection *next, **link;
};

/* ---- jobs --------------------------------------------------------------- */

static void job_free(struct job *job)
{
	if (job->delay)
		event_free(job->delay);
	attempt_cleanse(&job->attempt);
	free(job);
}

/* The job is no longer the connection's. */
static void end_job(struct connection *connection, struct job *job)
{
	struct job **link = &connection->jobs;

	while (*link != job)
		link = &(*link)->next_there;
	*link = job->next_there;
	connection->job_count--;
	job->connection = NULL;
	if (--connection->all->jobs == 0)
		connection->all->idle(connection->all->arg);
}

static bool begin_job(struct connection *connection, uint32_t id, const struct attempt *attempt)
{
	struct job *job = NULL;

	if (connection->job_count < CONNECTION_JOBS)
		job = malloc(sizeof *job);
	if (!job)
		return false;
	*job = (struct job){.attempt = *attempt,
	                    .came = clock_ms(),
	                    .connection = connection,
	                    .id = id,
	                    .next_there = connection->jobs};
	connection->jobs = job;
	connection->job_count++;
	connection->all->jobs++;
	if (connection->all->judge(connection->all->arg, job))
		return true;
	end_job(connection, job);
	job_free(job);
	return false;
}

/* Those whose answers are delayed are over; the others are with the pool, which gives them back. */
static void leave_jobs(struct connection *connection)
{
	while (connection->jobs) {
		struct job *job = connection->jobs;

		end_job(connection, job);
		if (job->delay)
			job_free(job);
	}
}

/* ---- answers ------------------------------------------------------------ */

static void enter_list(struct connection *connection)
{
	struct connections *all = connection->all;

	connection->next = all->first;
	connection->link = &all->first;
	if (all->first)
		all->first->link = &connection->next;
	all->first = connection;
	all->count++;
}

static void leave_list(struct connection *connection)
{
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	connection->all->count--;
}

static void close_connection(struct connection *connection)
{
	leave_list(connection);
	leave_jobs(connection);
	dovecot_end(&connection->dovecot);
	if (connection->deadline)
		event_free(connection->deadline);
	bufferevent_free(connection->stream);
	free(connection);
}

static void send_text(void *arg, const char *text, size_t len)
{
	struct connection *connection = arg;

	if (evbuffer_get_length(bufferevent_get_output(connection->stream)) + len > UNREAD_MAX ||
	    bufferevent_write(connection->stream, text, len) != 0)
		connection->full = true;
}

static void on_written(struct bufferevent *stream, void *arg)
{
	(void)stream;
	close_connection(arg);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
	(void)stream, (void)what; /* it is closed, reset, or does not read */
	close_connection(arg);
}

/* saslauthd's connection ends with its answer. */
static void answer_saslauthd(struct connection *connection, const struct attempt *attempt)
{
	char text[SASLAUTHD_ANSWER_MAX];

	bufferevent_setcb(connection->stream, NULL, on_written, on_event, connection);
	send_text(connection, text, saslauthd_answer(text, attempt));
}

static void answer_dovecot(struct connection *connection, uint32_t id,
                           const struct attempt *attempt)
{
	char text[DOVECOT_ANSWER_MAX];

	send_text(connection, text, dovecot_answer(text, id, attempt));
}

static void answer(struct job *job)
{
	struct connection *connection = job->connection;

	if (connection) {
		end_job(connection, job);
		if (job->attempt.verdict == VERDICT_UNAVAILABLE)
			connection->full = true;
		else if (connection->protocol == PROTOCOL_SASLAUTHD)
			answer_saslauthd(connection, &job->attempt);
		else
			answer_dovecot(connection, job->id, &job->attempt);
		if (connection->full)
			close_connection(connection);
	}
	job_free(job);
}

static void on_delay(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	answer(arg);
}

bool connection_delay(struct job *job)
{
	int64_t late = clock_ms() - job->came, left = FAILURE_MS - late % FAILURE_MS;
	const struct timeval delay = {left / 1000, left % 1000 * 1000};

	job->delay = evtimer_new(job->connection->all->base, on_delay, job);
	return job->delay && evtimer_add(job->delay, &delay) == 0;
}

void connection_answer(struct job *job)
{
	if (job->connection && job->attempt.verdict == VERDICT_REFUSED) {
		if (connection_delay(job))
			return;
		attempt_unavailable(&job->attempt, "out of memory");
	}
	answer(job);
}

/* ---- what comes --------------------------------------------------------- */

static bool judge_line(void *arg, uint32_t id, const struct attempt *attempt)
{
	return begin_job(arg, id, attempt);
}

static bool without_tls(void *arg)
{
	const struct connection *connection = arg;

	return connection->all->without_tls(connection->all->arg);
}

static const struct dovecot_host dovecot_host = {send_text, judge_line, without_tls};

static void no_deadline(struct connection *connection)
{
	if (connection->deadline)
		event_free(connection->deadline);
	connection->deadline = NULL;
}

static void read_lines(struct bufferevent *stream, void *arg)
{
	struct connection *connection = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	bool goes_on = true;
	char *line;
	size_t len;

	while (goes_on && (line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF))) {
		goes_on = len < DOVECOT_LINE_MAX && dovecot_line(&connection->dovecot, line, len) &&
		          !connection->full;
		explicit_bzero(line, len);
		free(line);
	}
	if (!goes_on || evbuffer_get_length(input) >= DOVECOT_LINE_MAX)
		close_connection(connection);
	else if (connection->dovecot.phase >= DOVECOT_IDLE)
		no_deadline(connection);
}

static void read_request(struct bufferevent *stream, void *arg)
{
	struct connection *connection = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	size_t len = evbuffer_get_length(input);
	struct attempt attempt;

	if (len > SASLAUTHD_REQUEST_MAX)
		len = SASLAUTHD_REQUEST_MAX;
	if (connection->waiting) {
		evbuffer_drain(input, len);
		return;
	}
	if (saslauthd_read((const char *)evbuffer_pullup(input, (ssize_t)len), len, &attempt) ==
	    SASLAUTHD_MORE)
		return;
	explicit_bzero(evbuffer_pullup(input, (ssize_t)len), len);
	evbuffer_drain(input, len);
	no_deadline(connection);
	connection->waiting = true;
	if (!begin_job(connection, 0, &attempt))
		close_connection(connection);
	attempt_cleanse(&attempt);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	close_connection(arg);
}

void connections_stop(struct connections *connections)
{
	for (struct connection *each = connections->first; each; each = each->next)
		bufferevent_disable(each->stream, EV_READ);
}

static bool set_up(struct connection *connection)
{
	bool dovecot = connection->protocol == PROTOCOL_DOVECOT;
	const struct timeval deadline = {dovecot ? GREETING_SECONDS : REQUEST_SECONDS, 0};
	const struct timeval patience = {WRITE_SECONDS, 0};
	unsigned char random[DOVECOT_COOKIE_LEN / 2];
	char cookie[DOVECOT_COOKIE_LEN + 1];

	connection->deadline = evtimer_new(connection->all->base, on_deadline, connection);
	if (!connection->deadline || evtimer_add(connection->deadline, &deadline) != 0 ||
	    !seal_random(random, sizeof random))
		return false;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(cookie + 2 * i, 3, "%02x", random[i]);
	bufferevent_setcb(connection->stream, dovecot ? read_lines : read_request, NULL, on_event,
	                  connection);
	bufferevent_setwatermark(connection->stream, EV_READ, 0,
	                         dovecot ? DOVECOT_LINE_MAX : SASLAUTHD_REQUEST_MAX);
	bufferevent_set_timeouts(connection->stream, NULL, &patience);
	if (dovecot)
		dovecot_begin(&connection->dovecot, &dovecot_host, connection,
		              (unsigned long)getpid(), connection->all->number, cookie);
	return bufferevent_enable(connection->stream, EV_READ | EV_WRITE) == 0;
}

void connection_begin(struct connections *connections, int fd, enum protocol protocol)
{
	struct connection *connection = calloc(1, sizeof *connection);
	struct bufferevent *stream =
	    bufferevent_socket_new(connections->base, fd, BEV_OPT_CLOSE_ON_FREE);

	if (!connection || !stream) {
		free(connection);
		if (stream)
			bufferevent_free(stream);
		else
			close(fd);
		return;
	}
	connection->all = connections;
	connection->protocol = protocol;
	connection->stream = stream;
	connections->number++;
	enter_list(connection);
	if (!set_up(connection))
		close_connection(connection);
}
