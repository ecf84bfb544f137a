#include "config.h"

#include "milter/status.h"

#include "db/daemon/log.h"
#include "db/daemon/socket.h"
#include "db/daemon/thread.h"
#include "milter/audit.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG    16
#define SEND_MS    1000 /* for one reader: the next one waits */
#define PAUSE_MS   20   /* between two documents, whose making holds the connections' lock */
#define NANOSECOND 1e-9

struct status {
	struct status_sources sources;
	int64_t started; /* seconds of the epoch */
	int64_t began;   /* of a clock that goes on evenly, in nanoseconds */
	int listener;
};

/* ---- the document ------------------------------------------------------- */

static json_int_t get(_Atomic uint64_t *counter)
{
	return (json_int_t)atomic_load_explicit(counter, memory_order_relaxed);
}

/* What may hold anything: a path, or what SQLite quotes of a file that is damaged. null for "". */
static json_t *foreign(const char *text)
{
	char plain[PATH_MAX];
	json_t *string = text[0] != '\0' ? json_string(text) : json_null();

	if (string)
		return string;
	snprintf(plain, sizeof plain, "%s", text);
	for (char *c = plain; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return json_string(plain);
}

/* RFC 3339; null for 0. */
static json_t *when(int64_t seconds)
{
	time_t clock = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (seconds == 0 || !gmtime_r(&clock, &tm) ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

/* What ended is read first, so that it is never more than what began. */
static json_t *sessions_json(struct stats *stats)
{
	json_int_t ended = get(&stats->sessions_ended), begun = get(&stats->sessions_begun);

	return json_pack("{s:I, s:I}", "open", begun - ended, "total", begun);
}

static json_t *configuration_json(const struct status_sources *sources)
{
	char error[CONFIG_ERROR_MAX];

	service_load_error(sources->service, error);
	return json_pack("{s:o, s:o, s:o}", "file", foreign(sources->config_file), "loaded",
	                 when(service_loaded_at(sources->service)), "error", foreign(error));
}

static json_t *connections_json(struct connections *connections)
{
	struct connections_top top[STATUS_TOP];
	struct connections_sum sum;
	size_t count = connections_top(connections, top, STATUS_TOP, &sum);
	json_t *accounts = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(accounts, json_pack("{s:s, s:I}", "account", top[i].account,
		                                          "connections", (json_int_t)top[i].open));
	return json_pack("{s:I, s:I, s:o}", "total", (json_int_t)sum.connections, "accounts",
	                 (json_int_t)sum.accounts, "top", accounts);
}

/* rule is null for what passed. */
static void add_verdict(json_t *array, const char *rule, enum stage stage, const char *outcome,
                        json_int_t count)
{
	if (count > 0)
		json_array_append_new(array, json_pack("{s:s?, s:s, s:s, s:I}", "rule", rule,
		                                       "stage", audit_stage(stage), "outcome",
		                                       outcome, "count", count));
}

static json_t *verdicts_json(struct stats *stats)
{
	json_t *array = json_array();

	add_verdict(array, NULL, AT_EOM, "pass", get(&stats->passed));
	add_verdict(array, NULL, AT_EOM, "exempt", get(&stats->exempt));
	for (int rule = 0; rule < RULE_COUNT; rule++)
		for (int stage = 0; stage < STATS_STAGES; stage++)
			for (int outcome = 0; outcome < STATS_OUTCOMES; outcome++)
				add_verdict(array, rules[rule].name, (enum stage)(1 << stage),
				            stats_outcomes[outcome],
				            get(&stats->findings[rule][stage][outcome]));
	return array;
}

/* Each bucket counts what is in those before it, too. */
static json_t *latency_json(struct stats *stats)
{
	json_t *array = json_array();

	for (int stage = 0; stage < STATS_STAGES; stage++) {
		json_t *buckets = json_array();
		json_int_t count = 0;

		for (int i = 0; i < STATS_BUCKETS; i++) {
			count += get(&stats->took[stage].buckets[i]);
			json_array_append_new(buckets,
			                      json_pack("{s:f, s:I}", "le",
			                                (double)stats_bounds[i] * NANOSECOND,
			                                "count", count));
		}
		count += get(&stats->took[stage].buckets[STATS_BUCKETS]);
		json_array_append_new(
		    array, json_pack("{s:s, s:I, s:f, s:o}", "stage",
		                     audit_stage((enum stage)(1 << stage)), "count", count, "sum",
		                     (double)get(&stats->took[stage].nanoseconds) * NANOSECOND,
		                     "buckets", buckets));
	}
	return array;
}

static json_t *registry_json(struct stats *stats)
{
	char error[STATS_ERROR_MAX];
	int64_t failed;

	pthread_mutex_lock(&stats->lock);
	strcpy(error, stats->error);
	failed = stats->failed;
	pthread_mutex_unlock(&stats->lock);
	return json_pack("{s:b, s:I, s:I, s:o, s:o}", "ok", !atomic_load(&stats->failing),
	                 "lookups", get(&stats->lookups), "failures", get(&stats->failures),
	                 "last_error", foreign(error), "last_error_time", when(failed));
}

/* Whether what accounts use is kept, and how long the oldest count has waited for the disk. */
static json_t *usage_json(struct keeper *keeper)
{
	if (!keeper)
		return json_null();
	return json_pack("{s:b, s:f}", "kept", keeper_healthy(keeper), "lag",
	                 (double)keeper_lag(keeper) / 1000);
}

/* To be freed; null when memory ran out. */
static char *document(const struct status *status)
{
	const struct status_sources *sources = &status->sources;
	struct service *service = sources->service;
	struct stats *stats = service->stats;
	json_t *object = json_pack(
	    "{s:s, s:I, s:o, s:I, s:b, s:o, s:o, s:{s:I, s:I}, s:o, s:o, s:o, s:o, s:o}", "version",
	    PACKAGE_VERSION, "pid", (json_int_t)getpid(), "started", when(status->started),
	    "uptime", (json_int_t)((stats_begin() - status->began) / 1000000000), "stopping",
	    service_is_stopping(service), "configuration", configuration_json(sources), "sessions",
	    sessions_json(stats), "transactions", "open",
	    (json_int_t)service_open_transactions(service), "total",
	    get(&stats->transactions_begun), "connections", connections_json(service->connections),
	    "verdicts", verdicts_json(stats), "latency", latency_json(stats), "registry",
	    registry_json(stats), "usage", usage_json(sources->service->keeper));
	char *text =
	    object ? json_dumps(object, JSON_ENSURE_ASCII | JSON_COMPACT | JSON_REAL_PRECISION(15))
		   : NULL;

	json_decref(object);
	return text;
}

/* ---- the socket --------------------------------------------------------- */

/* All of it, or as much as the reader takes in its time. */
static void send_text(int fd, const char *text)
{
	int64_t until = stats_begin() / 1000000 + SEND_MS;
	size_t len = strlen(text);

	while (len > 0) {
		int64_t left = until - stats_begin() / 1000000;
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return;
		} else if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
			return;
		}
	}
}

static void *answer(void *arg)
{
	static const struct timespec pause_time = {.tv_nsec = PAUSE_MS * 1000000L};
	const struct status *status = arg;

	for (;;) {
		int fd = accept4(status->listener, NULL, NULL, SOCK_CLOEXEC);
		char *text = fd >= 0 ? document(status) : NULL;

		if (text)
			send_text(fd, text);
		if (fd >= 0)
			close(fd);
		free(text);
		nanosleep(&pause_time, NULL);
	}
	return NULL;
}

/* Nobody can connect before listen(): by then the mode is right, whatever the umask. */
static int bind_path(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    chmod(path, 0660) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool complain(const char *what)
{
	log_line(LOG_ERR, "there is no control socket, and so no `postreeve status': %s", what);
	return false;
}

bool status_start(const char *path, const struct status_sources *sources)
{
	struct status *status = malloc(sizeof *status);
	char error[SOCKET_ERROR_MAX];

	if (!status)
		return complain("out of memory");
	*status = (struct status){
	    .sources = *sources,
	    .started = time(NULL),
	    .began = stats_begin(),
	    .listener = -1,
	};
	if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
		snprintf(error, sizeof error, "%s: the path is too long: set `control_socket'",
		         path);
	else if (socket_make_way(path, geteuid(), error)) {
		status->listener = bind_path(path);
		snprintf(error, sizeof error, "%s: %s", path, strerror(errno));
	}
	if (status->listener >= 0 && thread_start(answer, status))
		return true;
	if (status->listener >= 0)
		close(status->listener);
	free(status);
	return complain(error);
}
