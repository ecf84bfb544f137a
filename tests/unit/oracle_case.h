/*
 * What the oracle is asked to begin with, and the same in policy's terms, so that the judge can be
 * asked, too.
 */
#ifndef TESTS_UNIT_ORACLE_CASE_H
#define TESTS_UNIT_ORACLE_CASE_H

#include "policy/rules.h"
#include "tests/unit/oracle.h"

/* The row of the oracle's table that has the name; the test fails if there is none. */
int row_of(const char *name);

/* One that offends against nothing. */
struct oracle_transaction honest_transaction(void);

/* Who sets the bounds: nobody, the profile, or the account over its profile. */
enum layer {
	LAYER_TABLE,
	LAYER_PROFILE,
	LAYER_ACCOUNT,
	LAYERS
};

struct oracle_settings settings_of(enum layer layer);

/* ---- in policy's terms --------------------------------------------------- */

/* All of the settings but the lists, as the configuration and the registry would have them. */
void take_settings(const struct oracle_settings *settings, struct limits *limits);
void set_mode(struct limits *limits, int row, enum oracle_mode mode);
void set_lists(struct limits *limits, const struct oracle_settings *settings);

/* facts->message is there until the next call. */
void take_facts(enum oracle_stage stage, const struct oracle_transaction *t, struct facts *facts);

#endif
