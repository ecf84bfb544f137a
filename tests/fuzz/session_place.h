/* Where fuzz_session.c plays: one registry, and configurations of the daemon that uses it. */
#ifndef TESTS_FUZZ_SESSION_PLACE_H
#define TESTS_FUZZ_SESSION_PLACE_H

#include "db/config/config.h"
#include "milter/session.h"

/*
 * Limits that are soon reached; rules that are off, in shadow, or on where they are not by default;
 * a registry that is not there; messages that are looked at closely.
 */
#define WORLDS 4

struct world {
	char letter; /* the octet that an input for it begins with; any other is for the first */
	bool has_registry;
	bool reads;       /* the message comes by */
	const char *text; /* of the configuration */
	struct config *config;
	struct service *service;
};
extern struct world worlds[WORLDS];

/* Makes them, in a directory that is removed at exit. */
void place_make(void);

#endif
