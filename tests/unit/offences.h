/*
 * Transactions that offend against one rule each, and one that offends against none.
 */
#ifndef TESTS_UNIT_OFFENCES_H
#define TESTS_UNIT_OFFENCES_H

#include "policy/rules.h"

#define FACTS_OF_MAIL                                                                              \
	(FACT_PORT | FACT_ACCOUNT | FACT_CONNECTIONS | FACT_DECLARED_SIZE | FACT_USAGE |           \
	 FACT_NETWORK)
#define FACTS_OF_EOM                                                                               \
	(FACT_ACCOUNT | FACT_MESSAGE_SIZE | FACT_HEADER | FACT_SENDERS | FACT_STRUCTURE |          \
	 FACT_USAGE)

extern struct message message; /* of the transaction that honest() made last */

/* A transaction that every rule lets pass. */
struct facts honest(void);

/* Limits with all rules enforced, and quotas. */
struct limits all_enforced(void);

/* Each way to offend or to leave something unknown, with the rule that must answer. */
enum {
	NO_HELO,
	BAD_HELO,
	NO_LOGIN,
	NO_NETWORK,
	CRAM_MD5,
	NO_MECHANISM,
	NO_TLS,
	TLS_ON_25,
	UNKNOWN_PORT,
	SUSPENDED,
	NO_ACCOUNT,
	ELEVEN_CONNECTIONS,
	NO_CONNECTIONS,
	BAD_SENDER,
	UNKNOWN_SENDER,
	NOT_GRANTED,
	NULL_SENDER,
	DECLARED_OVER,
	NO_DECLARED_SIZE,
	BAD_RECIPIENT,
	RECIPIENT_101,
	SIZE_OVER,
	NO_SIZE,
	NO_FROM,
	TWO_FROM,
	SENDERS_NOT_PARSED,
	NO_HEADER,
	STRANGER,
	UNREADABLE_SENDER,
	NO_LOOKUP,
	NEAR_DELIMITER,
	CONTENT_TWICE,
	NO_STRUCTURE,
	LARGE_ATTACHMENT,
	LARGE_MESSAGE_PART,
	MESSAGE_OVER_HOUR,
	MESSAGE_OVER_HOUR_AND_DAY,
	NO_USAGE,
	RECIPIENT_OVER_MINUTE,
	OCTETS_OVER_DAY,
	NO_VOLUME,
	OFFENCES
};

struct offence {
	const char *name;
	enum stage stage;
	enum rule_id rule;
	enum outcome outcome;
	const char *reply; /* null where only the code is of interest */
};
extern const struct offence offences[OFFENCES];

/* Makes the facts offend so, besides what they do already. */
void offend(struct facts *facts, int offence);

/* honest(), but for this. */
struct facts offending(int offence);

/* Something is wrong with the form of the message. */
void find_fault(enum fault fault, const char *field, const char *part);

#endif
