/*
 * postreeved(8): the policy daemon.
 *
 * Start-up in order: read the configuration, bind the socket (as root, if started so), claim the
 * counts, become the configured user for good, go to the background; and then be the master
 * (master.h), whose child, the worker, opens the log, looks at the registry and serves.
 */
#include "config.h"

#include "db/config/config.h"
#include "db/daemon/identity.h"
#include "db/daemon/place.h"
#include "db/daemon/process.h"
#include "db/daemon/socket.h"
#include "db/daemon/start.h"
#include "db/usage.h"
#include "milter/callbacks.h"
#include "milter/master.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define LISTEN_BACKLOG 256

/* For a daemon that ends in this one's favour, though its master was killed: see keeper_stop(). */
#define CLAIM_MS 4000

static const char usage[] =
    "usage: postreeved [-f] [-n] [-c FILE]\n"
    "       postreeved -V | -h\n"
    "\n"
    "The policy gate for submitted mail, a milter for Postfix and Sendmail.\n"
    "\n"
    "  -c, --config FILE   read this configuration (" CONFIG_DEFAULT_PATH ")\n"
    "  -f, --foreground    stay in the foreground and log to standard error too\n"
    "  -n, --check         check the configuration, say what is wrong, and exit\n"
    "  -V, --version       print the version\n"
    "  -h, --help          print this\n"
    "\n"
    "SIGHUP makes it read the configuration again; SIGTERM stops it when open\n"
    "messages are finished, and a second one at once.\n"
    "\n"
    "Example: postreeved -n && postreeved\n"
    "Manual:  postreeved(8), postreeve.conf(5), postreeve(8)\n";

/* Says what is wrong while there is still somebody to read it. */
static void complain(const char *what)
{
	fprintf(stderr, "postreeved: %s\n", what);
}

/* Binds the milter socket, for its owner and group alone: mode 0660. */
static int bind_socket(const struct config *config, const struct identity *identity)
{
	const char *path = socket_path(config->socket);
	char error[SOCKET_ERROR_MAX];
	int rc;

	if (path && !socket_make_way(path, identity->uid, error)) {
		complain(error);
		return EX_CONFIG;
	}
	umask(0117);
	rc = smfi_setconn(config->socket);
	if (rc == MI_SUCCESS)
		rc = smfi_opensocket(false);
	umask(077);
	if (rc != MI_SUCCESS) {
		fprintf(stderr, "postreeved: cannot listen on %s: %s\n", config->socket,
		        errno ? strerror(errno) : "see the mail log");
		return EX_UNAVAILABLE;
	}
	if (path && !socket_hand_over(path, identity->uid, error)) {
		complain(error);
		return EX_NOPERM;
	}
	return EX_OK;
}

/* What others could change would not be the administrator's will. */
static int look_at_places(const char *path, const struct config *config,
                          const struct identity *identity)
{
	int status = place_check_file("postreeved", path, identity);

	if (status == EX_OK)
		status = place_check_owner("postreeved", config->database, identity);
	return status == EX_OK ? place_check_directory("postreeved", config->control_socket)
	                       : status;
}

/* Serves until told to stop. Returns the exit status. */
static int serve(const char *path, struct config *config, bool foreground)
{
	struct worker worker = {.config = config, .loaded = time(NULL), .foreground = foreground};
	char *absolute = process_absolute_path(path);
	struct registry_error error;
	struct identity identity;
	int ready = -1, status;

	status = identity_find("postreeved", "user", config->user, &identity);
	if (status == EX_OK)
		status = look_at_places(path, config, &identity);
	if (status != EX_OK)
		goto out;
	status = EX_OSERR;
	if (!absolute || !callbacks_register(!socket_path(config->socket)) ||
	    smfi_setbacklog(LISTEN_BACKLOG) != MI_SUCCESS) {
		complain("out of memory, or there is no working directory");
		goto out;
	}
	process_raise_descriptor_limit();
	status = bind_socket(config, &identity);
	if (status != EX_OK)
		goto out;
	if (usage_store_claim(config->database, CLAIM_MS, &error) != REGISTRY_OK) {
		complain(error.text);
		if (socket_path(config->socket))
			unlink(socket_path(config->socket));
		status = EX_TEMPFAIL;
		goto out;
	}
	status = start_become("postreeved", &identity, foreground, &ready);
	if (status == EX_OK) {
		worker.path = absolute;
		status = master_run(worker, socket_path(config->socket), ready);
	}
out:
	free(absolute);
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
	config_free(config);
	return status;
}

int main(int argc, char **argv)
{
	static const struct start start = {"postreeved", usage, CONFIG_DEFAULT_PATH, run};

	return start_daemon(&start, argc, argv);
}
