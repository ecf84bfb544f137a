#include "config.h"

#include "db/authd/server.h"

#include "db/authd/audit.h"
#include "db/authd/clock.h"
#include "db/authd/pool.h"
#include "db/authd/reload.h"
#include "db/authd/seal.h"
#include "db/daemon/background.h"
#include "db/daemon/log.h"
#include "db/daemon/sandbox.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

/* After an accept(2) that failed, as without descriptors, the next one waits. */
static const struct timeval accept_pause = {0, 200000};
static const struct timeval drain_time = {SERVER_DRAIN_MS / 1000, SERVER_DRAIN_MS % 1000 * 1000};
/* For the last answers to go out. */
static const struct timeval last_answers = {0, 100000};

#define COMPLAIN_MS 60000 /* between two complaints about connections */

struct server {
	struct connections connections;
	struct settings settings;
	struct verify *verify;
	struct pool *pool;
	struct config *config;
	const char *path;
	struct evconnlistener *listeners[PROTOCOLS];
	struct event *resume; /* listening */
	int64_t complained;
	bool stopping;
};

/* At most once a minute, for anybody can bring it about. */
static void complain(struct server *server, const char *what)
{
	int64_t now = clock_ms();

	if (server->complained > 0 && now - server->complained < COMPLAIN_MS)
		return;
	server->complained = now;
	log_line(LOG_ERR, "%s", what);
}

/* ---- jobs --------------------------------------------------------------- */

static bool take(void *arg, struct job *job)
{
	struct server *server = arg;

	if (job->attempt.verdict == VERDICT_REFUSED) {
		audit_attempt(&job->attempt);
		return connection_delay(job);
	}
	if (pool_submit(server->pool, job))
		return true;
	attempt_unavailable(&job->attempt, "too many logins at once");
	audit_attempt(&job->attempt);
	return false;
}

static bool without_tls(void *arg)
{
	const struct server *server = arg;

	return server->settings.without_tls;
}

static void end_if_idle(void *arg)
{
	struct server *server = arg;

	if (server->stopping)
		event_base_loopexit(server->connections.base, &last_answers);
}

static void on_done(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	struct job *job;

	(void)fd, (void)what;
	pool_woken(server->pool);
	while ((job = pool_done(server->pool))) {
		audit_attempt(&job->attempt);
		connection_answer(job);
	}
}

/* ---- connections -------------------------------------------------------- */

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *arg)
{
	struct server *server = arg;

	(void)address, (void)len;
	if (server->connections.count >= SERVER_CONNECTIONS) {
		complain(server, "too many connections at once: those beyond are closed");
		close(fd);
		return;
	}
	connection_begin(&server->connections, fd,
	                 listener == server->listeners[PROTOCOL_DOVECOT] ? PROTOCOL_DOVECOT
	                                                                 : PROTOCOL_SASLAUTHD);
}

static void listen_on(struct server *server, bool on)
{
	for (int i = 0; i < PROTOCOLS; i++) {
		if (!server->listeners[i])
			continue;
		if (on)
			evconnlistener_enable(server->listeners[i]);
		else
			evconnlistener_disable(server->listeners[i]);
	}
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct server *server = arg;

	(void)listener;
	complain(server, "connections cannot be taken: raise LimitNOFILE, or the memory");
	listen_on(server, false);
	evtimer_add(server->resume, &accept_pause);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd, (void)what;
	if (!server->stopping)
		listen_on(server, true);
}

/* ---- signals ------------------------------------------------------------ */

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd, (void)what;
	settings_reload(&server->settings, server->path, server->config);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd, (void)what;
	log_line(LOG_INFO, "stopping: %u logins are open", server->connections.jobs);
	listen_on(server, false);
	connections_stop(&server->connections);
	event_base_loopexit(server->connections.base, server->stopping ? NULL : &drain_time);
	server->stopping = true;
	if (server->connections.jobs == 0)
		end_if_idle(server);
}

static bool on_signal(struct server *server, int signal, event_callback_fn fn)
{
	struct event *event = evsignal_new(server->connections.base, signal, fn, server);

	return event && evsignal_add(event, NULL) == 0;
}

/* ---- start-up ----------------------------------------------------------- */

/*
 * Passwords that cannot be read now may be there later, and until then logins fail for the time
 * being. But those that others can read or write, or that are not for this program, are for the
 * administrator to mend first.
 */
static int look_at_passwords(const char *path)
{
	struct registry_error error;
	struct passwords *passwords;

	switch (passwords_open(path, PASSWORDS_READ, 0, &passwords, &error)) {
	case REGISTRY_OK:
		passwords_close(passwords);
		return EX_OK;
	case REGISTRY_NEWER:
	case REGISTRY_OLDER:
	case REGISTRY_INSECURE:
		fprintf(stderr, "postreeve-authd: %s\n", error.text);
		log_line(LOG_ERR, "%s", error.text);
		return EX_CONFIG;
	default:
		fprintf(stderr,
		        "postreeve-authd: logins are unavailable until this is mended: %s\n",
		        error.text);
		log_line(LOG_ERR, "logins are unavailable until this is mended: %s", error.text);
		return EX_OK;
	}
}

static bool set_up(struct server *server, const struct server_start *start)
{
	struct event_base *base = event_base_new();
	struct event *done;

	server->connections = (struct connections){
	    .base = base,
	    .judge = take,
	    .without_tls = without_tls,
	    .idle = end_if_idle,
	    .arg = server,
	};
	settings_apply(&server->settings, start->config);
	server->verify = verify_new(start->config->auth_database, &server->settings);
	if (!base || !server->verify || !seal_start())
		return false;
	server->pool = pool_start(server->verify);
	server->resume = evtimer_new(base, on_resume, server);
	if (!server->pool || !server->resume)
		return false;
	done =
	    event_new(base, pool_descriptor(server->pool), EV_READ | EV_PERSIST, on_done, server);
	if (!done || event_add(done, NULL) != 0)
		return false;
	for (int i = 0; i < PROTOCOLS; i++) {
		if (start->listeners[i] < 0)
			continue;
		server->listeners[i] = evconnlistener_new(
		    base, on_accept, server, LEV_OPT_CLOSE_ON_EXEC, 0, start->listeners[i]);
		if (!server->listeners[i])
			return false;
		evconnlistener_set_error_cb(server->listeners[i], on_accept_error);
	}
	return on_signal(server, SIGHUP, on_reload) && on_signal(server, SIGTERM, on_stop) &&
	       on_signal(server, SIGINT, on_stop);
}

int server_run(const struct server_start *start)
{
	static struct server server;
	int ready = start->ready, status = EX_OSERR;

	server.config = start->config;
	server.path = start->path;
	if (!log_start("postreeve-authd", start->foreground) || !set_up(&server, start))
		fprintf(stderr, "postreeve-authd: out of memory, or of threads\n");
	else
		status = look_at_passwords(start->config->auth_database);
	if (status == EX_OK && !sandbox_enter(SANDBOX_AUTHD))
		log_line(LOG_WARNING, "there is no sandbox around the daemon: %s", strerror(errno));
	if (!background_answer(&ready, status))
		log_line(LOG_WARNING, "the process that was started did not wait");
	if (!start->foreground)
		background_detach();
	if (status == EX_OK) {
		log_line(LOG_INFO, "started: version %s, user %s", PACKAGE_VERSION,
		         start->config->auth_user);
		event_base_dispatch(server.connections.base);
		if (server.connections.jobs > 0)
			log_line(LOG_WARNING, "stopped: %u logins were cut off",
			         server.connections.jobs);
		else
			log_line(LOG_INFO, "stopped");
	}
	log_flush();
	return status;
}
