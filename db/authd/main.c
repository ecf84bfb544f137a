/*
 * postreeve-authd(8): the daemon that judges logins.
 *
 * Start-up in order: read the configuration, bind the sockets (as root, if started so), become the
 * configured user for good, go to the background; and then serve, see server.h.
 */
#include "config.h"

#include "db/authd/listen.h"
#include "db/authd/server.h"
#include "db/daemon/place.h"
#include "db/daemon/process.h"
#include "db/daemon/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static const char usage[] =
    "usage: postreeve-authd [-f] [-n] [-c FILE]\n"
    "       postreeve-authd -V | -h\n"
    "\n"
    "Judges logins for Postfix (as Dovecot does) and for Sendmail (as saslauthd does).\n"
    "\n"
    "  -c, --config FILE   read this configuration (" CONFIG_DEFAULT_PATH ")\n"
    "  -f, --foreground    stay in the foreground and log to standard error too\n"
    "  -n, --check         check the configuration, say what is wrong, and exit\n"
    "  -V, --version       print the version\n"
    "  -h, --help          print this\n"
    "\n"
    "SIGHUP makes it read the configuration again; SIGTERM stops it.\n"
    "\n"
    "Example: postreeve-authd -n && postreeve-authd\n"
    "Manual:  postreeve-authd(8), postreeve.conf(5), postreeve(8)\n";

/* Says what is wrong while there is still somebody to read it. */
static void complain(const char *what)
{
	fprintf(stderr, "postreeve-authd: %s\n", what);
}

static void unlink_sockets(const struct config *config, const int listeners[PROTOCOLS])
{
	if (listeners[PROTOCOL_DOVECOT] >= 0)
		unlink(config->auth_dovecot_socket);
	if (listeners[PROTOCOL_SASLAUTHD] >= 0)
		unlink(config->auth_saslauthd_socket);
}

static int bind_sockets(const struct config *config, uid_t owner, int listeners[PROTOCOLS])
{
	const char *const paths[PROTOCOLS] = {
	    [PROTOCOL_DOVECOT] = config->auth_dovecot_socket,
	    [PROTOCOL_SASLAUTHD] = config->auth_saslauthd_socket,
	};
	int status = EX_OK, bound = 0;

	for (int i = 0; i < PROTOCOLS && status == EX_OK; i++) {
		if (paths[i][0] == '\0')
			continue;
		status = listen_at(paths[i], owner, &listeners[i]);
		bound++;
	}
	if (status == EX_OK && bound == 0) {
		complain("there is nothing to serve: set `auth_dovecot_socket' or "
		         "`auth_saslauthd_socket' in the configuration");
		status = EX_CONFIG;
	}
	return status;
}

/* Serves until told to stop. Returns the exit status. */
static int serve(const char *path, struct config *config, bool foreground)
{
	struct server_start start = {
	    .config = config, .listeners = {-1, -1}, .foreground = foreground, .ready = -1};
	char *absolute = process_absolute_path(path);
	struct identity identity;
	int status;

	status = identity_find("postreeve-authd", "auth_user", config->auth_user, &identity);
	if (status == EX_OK)
		status = place_check_file("postreeve-authd", path, &identity);
	if (status == EX_OK)
		status = place_check_owner("postreeve-authd", config->auth_database, &identity);
	if (status != EX_OK)
		return status;
	if (!absolute) {
		complain("out of memory, or there is no working directory");
		return EX_OSERR;
	}
	process_raise_descriptor_limit();
	status = bind_sockets(config, identity.uid, start.listeners);
	if (status == EX_OK)
		status = start_become("postreeve-authd", &identity, foreground, &start.ready);
	if (status == EX_OK) {
		start.path = absolute;
		status = server_run(&start);
	}
	unlink_sockets(config, start.listeners);
	return status;
}

static int run(const struct start_order *order)
{
	char error[CONFIG_ERROR_MAX];
	struct config *config = config_load(order->path, error);
	int status = EX_OK;

	if (!config) {
		complain(error);
		return EX_CONFIG;
	}
	if (order->check)
		printf("%s: ok\n", order->path);
	else
		status = serve(order->path, config, order->foreground);
	return status;
}

int main(int argc, char **argv)
{
	static const struct start start = {"postreeve-authd", usage, CONFIG_DEFAULT_PATH, run};
	int status = start_daemon(&start, argc, argv);

	/* Threads may still run: nothing that they use may go before they do, so no exit(3). */
	fflush(stdout);
	_exit(status);
}
