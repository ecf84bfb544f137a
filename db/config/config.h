/*
 * The configuration file, as all of the programs read it. The one doorway to libconfuse.
 *
 * A loaded configuration never changes; share it between threads as you like.
 */
#ifndef DB_CONFIG_CONFIG_H
#define DB_CONFIG_CONFIG_H

#include "policy/network.h"
#include "policy/rules.h"

#include <stddef.h>

#define CONFIG_DEFAULT_PATH SYSCONFDIR "/postreeve.conf"

/* Where a profile has a limit from. */
enum limit_source {
	SOURCE_BUILT_IN,
	SOURCE_DEFAULT, /* the default profile */
	SOURCE_PROFILE, /* itself */
};

struct profile {
	char *name;
	struct limits limits;
	/* Of each bound, threshold and switch. */
	enum limit_source source[BOUND_IDS], threshold_source[THRESHOLD_COUNT];
	enum limit_source null_sender_source, tagged_sender_source;
};

struct config {
	char *
	    socket; /* as libmilter spells it: "local:/path", "inet:port@host", "inet6:port@host" */
	char *database;         /* path of the registry */
	char *user;             /* whom the daemon becomes */
	char *control_socket;   /* path of the socket at which the daemon tells how it is */
	struct network *exempt; /* clients that are not judged */
	size_t exempt_count;
	char *auth_database;       /* path of the file of passwords */
	char *auth_user;           /* whom the daemon that checks them becomes */
	char *auth_dovecot_socket, /* where it speaks that protocol: a path, or "" for nowhere */
	    *auth_saslauthd_socket;
	bool auth_without_tls;          /* logins are heard without TLS, too */
	unsigned auth_cost;             /* of new hashes: HASH_COST_MIN to HASH_COST_MAX */
	unsigned auth_failures_account; /* within ten minutes, of one account, 1 to 1000000 */
	unsigned auth_failures_client;  /* and from one address */
	bool log_json;                  /* a verdict's line is a JSON object; else text */
	bool log_passes;                /* what passes is logged, too */
	bool pass_without_usage;  /* mail goes on while usage cannot be kept; else it is refused */
	struct profile *profiles; /* the first is "default", always there */
	size_t profile_count;
};

#define CONFIG_ERROR_MAX 512

/*
 * Null on error, with one line "FILE:LINE: what is wrong" in error (CONFIG_ERROR_MAX octets).
 * Free the result with config_free(), which takes null.
 */
struct config *config_load(const char *path, char *error);
void config_free(struct config *config);

/*
 * Where the control socket is unless the configuration says otherwise: beside the registry. To be
 * freed; null when memory ran out.
 */
char *config_control_socket(const char *database);

/* The profile of that name, or null. */
const struct profile *config_profile(const struct config *config, const char *name);

#endif
