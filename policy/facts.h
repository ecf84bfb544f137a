/*
 * What is known of a transaction, stage by stage. The caller fills in; pointers are borrowed for
 * the length of the call. A fact that could not be had is left out of `known`: the rules that need
 * it then answer "could not tell".
 */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

#include "policy/address.h"
#include "policy/message.h"
#include "policy/network.h"

#include <stdbool.h>
#include <stdint.h>

/* What an account may send in a while: quotas.def. */
enum quota_id {
#define QUOTA(name, ...) QUOTA_##name,
#include "policy/quotas.def"
#undef QUOTA
	QUOTA_COUNT
};

enum fact {
	FACT_PORT = 1 << 0,          /* port */
	FACT_ACCOUNT = 1 << 1,       /* registered, suspended, granted, and whose limits */
	FACT_CONNECTIONS = 1 << 2,   /* connections */
	FACT_DECLARED_SIZE = 1 << 3, /* declared_size */
	FACT_MESSAGE_SIZE = 1 << 4,  /* message->octets */
	FACT_HEADER = 1 << 5,        /* what message says of the header */
	FACT_SENDERS = 1 << 6,       /* stranger */
	FACT_STRUCTURE = 1 << 7,     /* what message says of parts and attachments */
	FACT_USAGE = 1 << 8,         /* used and retry, of the quotas judged at the stage */
	FACT_NETWORK = 1 << 9,       /* without a login: by_network */
};

struct facts {
	unsigned known; /* bits of enum fact; what has no bit is always known at its stage */

	/* MAIL */
	enum form helo;          /* of the last HELO or EHLO; FORM_NONE if there was none */
	const char *login;       /* the authenticated login, "" if there is none */
	bool by_network;         /* it is none: the client's network stands for the account */
	const char *mechanism;   /* SASL mechanism, "" if there is none */
	bool tls;                /* TLS is in use on the connection */
	unsigned port;           /* of the MTA's listener */
	const struct ip *client; /* null if it has no IP address */
	/*
	 * Without FACT_ACCOUNT: the limits are only those of the profile that stands in for the
	 * account's own, which may refuse more. What they let pass could not be told.
	 */
	bool stand_in;
	bool registered;        /* the login is an account's name */
	bool suspended;         /* the account is */
	uint64_t connections;   /* open ones of the account on this node, this one included */
	enum form sender;       /* of MAIL FROM: */
	bool granted;           /* a live grant of the account covers the sender */
	uint64_t declared_size; /* octets, from SIZE=; 0 if it was not given */

	/* RCPT */
	enum form recipient; /* of RCPT TO: */
	uint64_t recipients; /* accepted in this transaction, this one included */

	/* MAIL, RCPT, EOM: of each quota's window, what it would count with this one in it */
	uint64_t used[QUOTA_COUNT];
	uint64_t retry[QUOTA_COUNT]; /* seconds until it ends */

	/* EOM */
	const struct message *message;
	/*
	 * The first address in From, Sender, Resent-From or Resent-Sender that no live grant of
	 * the account covers, as a mailbox key; "" if there is none.
	 */
	const char *stranger;
};

#endif
