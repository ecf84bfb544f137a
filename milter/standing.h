/*
 * How the account of a transaction stands: who it is, which limits are its own, whether it may use
 * an address, how many connections it has, how much of its quotas is left. What is asked of the
 * registry and of the tables that all sessions share becomes facts for policy to judge.
 */
#ifndef MILTER_STANDING_H
#define MILTER_STANDING_H

#include "milter/service.h"
#include "milter/usage.h"
#include "policy/rules.h"

#include <stdbool.h>

struct standing {
	struct service *service;
	const struct config *config;
	const struct limits *limits; /* of the account; the default profile's while it is unknown */
	struct limits *own;          /* where they are no profile's */
	bool known;                  /* the registry has told */
	bool registered;             /* that there is such an account */
	bool suspended;              /* the registry, or the watch */
	bool by_network;             /* by the client's network, not by a login */
	struct usage_hold hold;
	char account[ACCOUNT_NAME_MAX + 1]; /* "" if nobody, or nobody's name, logged in */
	char cause[REGISTRY_ERROR_MAX];     /* why something could not be told, for the log */
};

/* service and config are borrowed. */
void standing_begin(struct standing *standing, struct service *service,
                    const struct config *config);
/* Gives back what it holds, and frees what is its own. More than once does nothing. */
void standing_end(struct standing *standing);

/*
 * At MAIL: who sends, by the login or, without one, by the client's address, which may be null; and
 * whether the account may use the address, which is looked at where facts->sender is FORM_OK. Fills
 * in what the rules need to know of the account.
 */
void standing_learn(struct standing *standing, const char *login, const struct ip *client,
                    const struct mailbox *sender, struct facts *facts);

/* Whether the account may use an address; false when that could not be told. */
bool standing_covers(struct standing *standing, const struct mailbox *mailbox, bool *covered);

/*
 * Counts the connection for the account, in its place, which is null at first; it stays counted
 * until connections_leave().
 */
void standing_connect(struct standing *standing, struct connections_slot **slot,
                      struct facts *facts);

/* Takes an amount of the account's quotas, as far as they are enforced. */
void standing_take(struct standing *standing, enum measure measure, uint64_t amount,
                   struct facts *facts);
/* Gives back what was taken of this measure beyond the amount. */
void standing_keep(struct standing *standing, enum measure measure, uint64_t amount);
/* The message is accepted: what was taken is used. */
void standing_use(struct standing *standing);

/* Something was refused to the account: it may have been hijacked, unless it is suspended. */
void standing_refused(struct standing *standing);

#endif
