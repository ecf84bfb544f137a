#include "config.h"

#include "milter/worker.h"

#include "db/daemon/background.h"
#include "db/daemon/log.h"
#include "db/daemon/sandbox.h"
#include "db/daemon/thread.h"
#include "milter/callbacks.h"
#include "milter/service.h"
#include "milter/status.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define DRAIN_LOOK_MS 50 /* between two looks at what is still open */

/* libmilter writes an answer after its callback has returned: time for the last ones to go out. */
#define LAST_ANSWERS_MS 200

/* ---- the end ------------------------------------------------------------ */

/* Every end of a worker that is not a crash comes by here. */
__attribute__((noreturn)) static void end(int status)
{
	log_flush();
	/* Nothing that the threads use may go before they do, so no exit(3). */
	_exit(status);
}

__attribute__((noreturn)) static void end_stopped(struct service *service)
{
	unsigned cut;

	service_end(service);
	cut = service_open_transactions(service);
	if (cut > 0)
		log_line(LOG_WARNING, "stopped: %u open transactions were cut off", cut);
	else
		log_line(LOG_INFO, "stopped");
	end(EX_OK);
}

/* ---- libmilter ---------------------------------------------------------- */

/* It returns only when its listener cannot go on; then it has removed the socket, too. */
static void *serve(void *unused)
{
	(void)unused;
	smfi_main();
	log_line(LOG_ERR, "libmilter gave up");
	end(EX_SOFTWARE);
}

/*
 * A thread of libmilter's waits for these signals, and would end smfi_main() at once and remove the
 * socket. They are for the master; but a terminal sends them to both, and so does pkill(1). A signal
 * that is ignored is discarded before anybody waits for it, as long as the first thread of the
 * process does not block it: so that thread is ours, and smfi_main(), which blocks them, has another.
 */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGTERM, SIGINT};
	sigset_t none;

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- start-up ----------------------------------------------------------- */

/*
 * A registry that cannot be read now may be there later: then mail is answered 451 until it is. But
 * one that is not for this program, or that others can write to, is for the administrator to mend
 * before the gate serves. One that serves already goes on: the answer is 451 there, too.
 */
static int look_at_registry(const struct service *service, bool again)
{
	const char *outlook = "mail will be refused with 451 until this is mended: ";
	struct registry_answer answer;
	struct registry_error error;
	char text[REGISTRY_ERROR_MAX + 64];
	int status = EX_OK;

	switch (registry_lookup(service->registry, "", NULL, 0, 0, &answer, &error)) {
	case REGISTRY_OK:
		stats_registry(service->stats, NULL);
		return EX_OK;
	case REGISTRY_NEWER:
	case REGISTRY_OLDER:
	case REGISTRY_INSECURE:
		if (again)
			break;
		outlook = "";
		status = EX_CONFIG;
		break;
	default:
		break;
	}
	stats_registry(service->stats, error.text);
	snprintf(text, sizeof text, "%s%s", outlook, error.text);
	if (!again)
		fprintf(stderr, "postreeved: %s\n", text);
	log_line(LOG_ERR, "%s", text);
	return status;
}

static void start_status(const struct worker *worker, struct service *service)
{
	const struct status_sources sources = {.config_file = worker->path, .service = service};
	struct snapshot *snapshot = service_hold(service);

	status_start(snapshot->config->control_socket, &sources);
	service_release(service, snapshot);
}

static void say_started(struct service *service)
{
	struct snapshot *snapshot = service_hold(service);

	log_line(LOG_INFO, "started: version %s, socket %s, user %s", PACKAGE_VERSION,
	         snapshot->config->socket, snapshot->config->user);
	service_release(service, snapshot);
}

/* Says how it went to the master; whoever waits for that is gone then, and so is the terminal. */
static void answer_master(const struct worker *worker, int master, int status)
{
	char octet = (char)status;

	if (send(master, &octet, 1, MSG_NOSIGNAL) != 1)
		end(EX_SOFTWARE);
	if (!worker->foreground)
		background_detach();
}

/* ---- the configuration -------------------------------------------------- */

static void reload(const struct worker *worker, struct service *service)
{
	char error[CONFIG_ERROR_MAX], waiting[SERVICE_WAITING_MAX];
	time_t now = time(NULL);
	struct config *config = config_load(worker->path, error);
	const char *hint = "";

	if (!config) {
		if (access(worker->path, R_OK) != 0 && errno == EACCES)
			hint = ": the daemon's user must be able to read it";
	} else if (!service_reload(service, config, now, waiting)) {
		snprintf(error, sizeof error, "%s: out of memory", worker->path);
		config = NULL;
	}
	if (!config) {
		service_load_failed(service, error);
		log_line(LOG_ERR, "configuration is not reloaded, the old one stays in force: %s%s",
		         error, hint);
		return;
	}
	log_line(LOG_INFO, "configuration is reloaded");
	if (waiting[0] != '\0')
		log_line(LOG_WARNING, "changed, but as before until a restart: %s", waiting);
}

/* With what was in force when another worker died, should the file not be good by now. */
static void go_on(const struct worker *worker, struct service *service)
{
	char waiting[SERVICE_WAITING_MAX];

	if (!worker->latest ||
	    service_reload(service, worker->latest, worker->latest_loaded, waiting))
		return;
	log_line(LOG_ERR, "out of memory");
	end(EX_OSERR);
}

/* ---- commands ----------------------------------------------------------- */

/* Whether one of the commands that are there, or come within so many milliseconds, is to end now. */
static bool told_to_end(int master, int milliseconds)
{
	struct pollfd poll_master = {.fd = master, .events = POLLIN};
	char commands[64];
	ssize_t n;

	if (poll(&poll_master, 1, milliseconds) <= 0)
		return false;
	n = recv(master, commands, sizeof commands, MSG_DONTWAIT);
	return n == 0 || (n > 0 && memchr(commands, WORKER_END, (size_t)n));
}

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void drain(struct service *service, int master)
{
	int64_t until = now_ms() + DRAIN_SECONDS * 1000;

	service_stop(service);
	log_line(LOG_INFO, "stopping: %u transactions are open",
	         service_open_transactions(service));
	while (service_open_transactions(service) > 0)
		if (now_ms() >= until || told_to_end(master, DRAIN_LOOK_MS))
			return;
	told_to_end(master, LAST_ANSWERS_MS);
}

__attribute__((noreturn)) static void obey(const struct worker *worker, struct service *service,
                                           int master)
{
	for (;;) {
		char commands[64];
		ssize_t n = recv(master, commands, sizeof commands, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_line(LOG_ERR, "the master process is gone: the worker ends, too");
			service_end(service);
			end(EX_SOFTWARE);
		}
		if (memchr(commands, WORKER_END, (size_t)n))
			end_stopped(service);
		if (memchr(commands, WORKER_STOP, (size_t)n)) {
			drain(service, master);
			end_stopped(service);
		}
		/* Any number of them at once is one. */
		if (memchr(commands, WORKER_RELOAD, (size_t)n))
			reload(worker, service);
	}
}

void worker_run(const struct worker *worker, int master)
{
	/* The configuration is the service's from here on. */
	struct service *service = service_new(worker->config, worker->loaded);
	pthread_t thread;
	int status;

	ignore_signals();
	threads_keep_small();
	if (!log_start("postreeved", worker->foreground)) {
		fprintf(stderr, "postreeved: cannot start the log\n");
		_exit(EX_OSERR);
	}
	if (!service) {
		fprintf(stderr, "postreeved: out of memory\n");
		end(EX_OSERR);
	}
	if (!service_keep(service)) {
		fprintf(stderr, "postreeved: out of memory\n");
		end(EX_OSERR);
	}
	callbacks_serve(service);
	if (worker->again) {
		go_on(worker, service);
		reload(worker, service);
	}
	status = look_at_registry(service, worker->again);
	if (status == EX_OK)
		start_status(worker, service);
	if (!sandbox_enter(SANDBOX_WORKER) && !worker->again)
		log_line(LOG_WARNING, "there is no sandbox around the daemon: %s", strerror(errno));
	answer_master(worker, master, status);
	if (status != EX_OK)
		end(status);

	say_started(service);
	if (pthread_create(&thread, NULL, serve, NULL) != 0) {
		log_line(LOG_ERR, "cannot start a thread");
		end(EX_OSERR);
	}
	obey(worker, service, master);
}
