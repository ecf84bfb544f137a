/*
 * What an MTA may expect of the daemon: a second, slower account of what a transaction has come to,
 * kept beside the daemon's own. It reads paths and names with policy's grammar, and messages with
 * policy's tally, all of them and in other chunks; everything else it works out for itself.
 */
#ifndef TESTS_FUZZ_SESSION_MODEL_H
#define TESTS_FUZZ_SESSION_MODEL_H

#include "milter/session.h"
#include "policy/tally.h"

/* The accounts of the registry. */
struct model_account {
	const char *name;
	const char *profile; /* null for the default one */
	bool suspended;
	const char *grants[3]; /* canonical patterns, null after the last */
};
extern const struct model_account model_accounts[];
extern const size_t model_account_count;

#define PEERS 4 /* connections at once */

struct model_peer {
	bool negotiated;
	bool leading_space; /* header values come with theirs */
	enum form helo;
	bool has_ip;
	struct ip ip;
	char place[ACCOUNT_NAME_MAX + 1]; /* the account it is counted for, "" if none */

	/* From a MAIL that was let pass until an abort or the end of the message. */
	bool accepted;
	bool exempt;
	bool utf8;
	const char *account; /* whose it is; null if exempt */
	const struct limits *limits;
	uint64_t recipients;
	uint64_t size;
	bool in_body;
	bool stranger;       /* an address it says it is from is not granted */
	struct tally *tally; /* of the message; null before it, and if it is not looked at */
};

struct model {
	const struct config *config;
	bool has_registry;
	bool reads; /* the message comes by */
	struct model_peer peers[PEERS];
};

/* Null for no refusal; else the row of the rule that answers, or this for any. */
extern const struct rule model_any_rule;
const struct rule *model_mail(struct model *model, struct model_peer *peer,
                              const char *const *arguments, const struct mail_macros *macros);
const struct rule *model_rcpt(struct model_peer *peer, const char *recipient);
const struct rule *model_end_of_message(const struct model *model, struct model_peer *peer);

void model_connect(struct model_peer *peer, const char *address);
void model_header(struct model_peer *peer, const char *name, const char *value);
void model_body(struct model_peer *peer, const unsigned char *octets, size_t len);
void model_abort(struct model_peer *peer);

/* How many connections are counted for the account. */
uint64_t model_places(const struct model *model, const char *account);

#endif
