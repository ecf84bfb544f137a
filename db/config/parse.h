/*
 * A configuration file, as libconfuse reads it. Internal to db's library of the configuration.
 */
#ifndef DB_CONFIG_PARSE_H
#define DB_CONFIG_PARSE_H

#include "policy/rules.h"

#include <confuse.h>
#include <stdbool.h>

/*
 * What the file says, every value checked: to be freed with cfg_free(). Null on error, with a line
 * in error (CONFIG_ERROR_MAX octets) unless memory ran out.
 */
cfg_t *parse_file(const char *path, char *error);

#define AUTH_FAILURES_MAX                                                                          \
	1000000 /* of auth_failures_account and auth_failures_client; at least 1 */

/* Has all values checked as they are read. */
void checks_set(cfg_t *cfg);

/* An id, or -1. */
int rule_by_name(const char *name);

/* Sets the list `allow' of a rule's section; false if it cannot be one. */
bool apply_allow(cfg_opt_t *opt, enum rule_id id, struct limits *limits);

#endif
