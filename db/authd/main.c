/*
 * postreeve-authd(8): the daemon that judges logins.
 *
 * Start-up in order: read the configuration, bind the sockets (as root, if started so), become the
 * configured user for good, go to the background; and then serve, see server.h.
 */
#include "config.h"

#include "db/authd/listen.h"
#include "db/authd/server.h"
#include "db/daemon/background.h"
#include "db/daemon/identity.h"
#include "db/daemon/place.h"
#include "db/daemon/process.h"

#include <getopt.h>
#include <signal.h>
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
	if (status == EX_OK && !identity_become(&identity)) {
		complain("cannot give up root");
		status = EX_OSERR;
	} else if (status == EX_OK && !foreground && !background_enter(&start.ready)) {
		complain("cannot go to the background");
		status = EX_OSERR;
	} else if (status == EX_OK) {
		start.path = absolute;
		status = server_run(&start);
	}
	unlink_sockets(config, start.listeners);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'}, {"foreground", no_argument, NULL, 'f'},
	    {"check", no_argument, NULL, 'n'},        {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	const char *path = CONFIG_DEFAULT_PATH;
	bool foreground = false, check = false;
	char error[CONFIG_ERROR_MAX];
	struct config *config;
	int option, status = EX_OK;

	while ((option = getopt_long(argc, argv, "c:fnVh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'f':
			foreground = true;
			break;
		case 'n':
			check = true;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			return EX_OK;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		complain("it takes options alone, and no other arguments");
		fputs(usage, stderr);
		return EX_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!process_has_standard_descriptors())
		return EX_OSERR;

	config = config_load(path, error);
	if (!config) {
		complain(error);
		return EX_CONFIG;
	}
	if (check)
		printf("%s: ok\n", path);
	else
		status = serve(path, config, foreground);
	/* Threads may still run: nothing that they use may go before they do, so no exit(3). */
	fflush(stdout);
	_exit(status);
}
