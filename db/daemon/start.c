#include "config.h"

#include "db/daemon/start.h"

#include "db/daemon/background.h"
#include "db/daemon/process.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

static void complain(const char *program, const char *what)
{
	fprintf(stderr, "%s: %s\n", program, what);
}

int start_become(const char *program, const struct identity *identity, bool foreground, int *ready)
{
	if (!identity_become(identity))
		complain(program, "cannot give up root");
	else if (!foreground && !background_enter(ready))
		complain(program, "cannot go to the background");
	else
		return EX_OK;
	return EX_OSERR;
}

int start_daemon(const struct start *start, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'}, {"foreground", no_argument, NULL, 'f'},
	    {"check", no_argument, NULL, 'n'},        {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	struct start_order order = {.path = start->path};
	int option;

	while ((option = getopt_long(argc, argv, "c:fnVh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			order.path = optarg;
			break;
		case 'f':
			order.foreground = true;
			break;
		case 'n':
			order.check = true;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			return EX_OK;
		case 'h':
			fputs(start->usage, stdout);
			return EX_OK;
		default:
			fputs(start->usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		complain(start->program, "it takes options alone, and no other arguments");
		fputs(start->usage, stderr);
		return EX_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!process_has_standard_descriptors())
		return EX_OSERR;
	return start->run(&order);
}
