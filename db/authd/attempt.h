/*
 * An attempt to log in: what the MTA says of it, and what came of it.
 */
#ifndef DB_AUTHD_ATTEMPT_H
#define DB_AUTHD_ATTEMPT_H

#include "db/hash.h"
#include "policy/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVICE_MAX 63 /* octets; of what is longer, the rest is left out */
#define CLIENT_MAX  63

enum login_verdict {
	VERDICT_OPEN, /* the password is to be judged */
	VERDICT_LOGIN,
	VERDICT_REFUSED,
	VERDICT_UNAVAILABLE, /* it could not be told */
};

enum reason {
	REASON_PASSWORD, /* it is another */
	REASON_UNKNOWN,  /* no such account has a password */
	REASON_DISABLED,
	REASON_HASH,  /* what is stored cannot be judged: see `postreeve check database' */
	REASON_LIMIT, /* too many failures of the account or the client */
	REASON_FORM,  /* what came is no credential */
	REASON_TLS,   /* the password came in the clear */
};

#define CAUSE_MAX 256 /* octets, '\0' and all */

struct attempt {
	char account[ACCOUNT_NAME_MAX +
	             1];             /* of good form, or what came in its place: REASON_FORM */
	char password[PASSWORD_MAX]; /* no '\0' among them, and none at the end */
	size_t password_len;
	char mechanism[16];
	char service[SERVICE_MAX + 1];
	char client[CLIENT_MAX + 1]; /* IP address, or what the MTA says; "" if it does not */
	enum login_verdict verdict;
	enum reason reason;    /* if refused */
	char cause[CAUSE_MAX]; /* if unavailable: one line */
};

/* A word for the log. */
const char *attempt_reason(enum reason reason);

/* What came of it. */
void attempt_refuse(struct attempt *attempt, enum reason reason);
void attempt_unavailable(struct attempt *attempt, const char *cause);

/*
 * The account's name and the password, from len octets each; refuses the attempt if they are none.
 * What of a bad name can be shown is kept, for the log.
 */
void attempt_account(struct attempt *attempt, const char *name, size_t len);
void attempt_password(struct attempt *attempt, const char *password, size_t len);

/* Forgets the password. */
void attempt_cleanse(struct attempt *attempt);

#endif
