/*
 * What `postreeve explain' found, and how it is told. Internal to explain.
 */
#ifndef DB_CLI_EXPLAIN_H
#define DB_CLI_EXPLAIN_H

#include "db/registry.h"

#include <jansson.h>
#include <stdbool.h>

/* What comes near to a sender that would allow it. */
enum why {
	WHY_EXPIRED, /* its own, but ended */
	WHY_TAGGED,  /* its own, for the address without the tag */
	WHY_DOMAIN,  /* its own, for the domain above, or for those below */
	WHY_GROUP,   /* that of a group it does not belong to */
	WHY_OTHER,   /* that of another account */
	WHY_COUNT
};

#define MISSES_MOST 5 /* of one kind */

struct explanation {
	const char *account;
	const char *address; /* canonical; "<>" */
	bool allowed;
	const char *mode;  /* of the rule sender_registered, or null if nobody knows */
	char because[700]; /* the end of a sentence */
	json_t *grant;     /* that allows it, or null */
	json_t *misses;    /* an array of grants, each with "why" */
	size_t miss_count[WHY_COUNT];
	json_t *commands; /* an array of strings */
};

/* Takes memory running out for the end of the program, as all of the output does. */
void explain_found(struct explanation *explanation, const struct registry_grant *grant);
void explain_miss(struct explanation *explanation, enum why why,
                  const struct registry_grant *grant);
/* "postreeve WORDS FIRST SECOND", quoted for a shell; once each. second may be null. */
void explain_command(struct explanation *explanation, const char *words, const char *first,
                     const char *second);

/* Takes the references over. */
void explain_print(struct explanation *explanation, bool json);

#endif
