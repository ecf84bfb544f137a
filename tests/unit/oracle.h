/*
 * The rules a second time, from what is promised to people and not from policy/, of which this
 * includes nothing: what the judge must say of a transaction that is told in plain words.
 */
#ifndef TESTS_UNIT_ORACLE_H
#define TESTS_UNIT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum oracle_stage {
	ORACLE_MAIL,
	ORACLE_RCPT,
	ORACLE_END,
	ORACLE_STAGES
};

enum oracle_mode {
	ORACLE_ENFORCE,
	ORACLE_SHADOW,
	ORACLE_OFF,
	ORACLE_MODES
};

/* The promise, in its order. */
struct oracle_row {
	const char *name;
	bool at[ORACLE_STAGES];
	bool of_account; /* what it asks is told by the account, so that without it nothing is */
	enum oracle_mode mode; /* unless somebody says otherwise */
	unsigned code;
	const char *enhanced;
};
#define ORACLE_RULES 19
extern const struct oracle_row oracle_rows[ORACLE_RULES];

/* What of a message a rule needs to see, so that it must be asked for. */
enum oracle_reads {
	ORACLE_READS_NOTHING,
	ORACLE_READS_HEADER,
	ORACLE_READS_ALL,
};
enum oracle_reads oracle_reads(int row);

/* What is wrong with the form of a message is told by the first of these that holds. */
struct oracle_fault {
	const char *name;
	const char *rule;
};
#define ORACLE_FAULTS 17
extern const struct oracle_fault oracle_faults[ORACLE_FAULTS];

/* The numbers that a profile, or an account over it, may set. */
enum oracle_bound {
	ORACLE_CONNECTIONS,
	ORACLE_MESSAGE_SIZE,
	ORACLE_RECIPIENTS,
	ORACLE_ATTACHMENT_SIZE,
	ORACLE_QUOTAS, /* the first of them: minute, hour and day of messages */
	ORACLE_MESSAGES = ORACLE_QUOTAS,
	ORACLE_RECIPIENTS_PER = ORACLE_MESSAGES + 3,
	ORACLE_OCTETS_PER = ORACLE_RECIPIENTS_PER + 3, /* hour and day */
	ORACLE_BOUNDS = ORACLE_OCTETS_PER + 2
};
extern const char *const oracle_bounds[ORACLE_BOUNDS];

#define ORACLE_LISTED 3
struct oracle_settings {
	enum oracle_mode mode[ORACLE_RULES];
	uint64_t profile[ORACLE_BOUNDS];       /* 0: it does not say */
	uint64_t account[ORACLE_BOUNDS];       /* likewise */
	bool null_sender;                      /* may be used */
	const char *mechanisms[ORACLE_LISTED]; /* up to the first null */
	unsigned ports[ORACLE_LISTED];         /* up to the first 0 */
};

/* What is in force: UINT64_MAX where nothing is. */
uint64_t oracle_bound(const struct oracle_settings *settings, int bound);

/* Something that is counted, or could not be. */
struct oracle_count {
	bool unknown;
	uint64_t n;
};

enum oracle_who {
	WHO_LOGGED_IN,
	WHO_BY_NETWORK, /* no login, but the client's network stands for an account */
	WHO_NOBODY,
	WHO_UNKNOWN, /* no login, and networks could not be looked up */
};
enum oracle_account {
	ACCOUNT_GOOD,
	ACCOUNT_SUSPENDED,
	ACCOUNT_NONE,    /* there is none of the name */
	ACCOUNT_UNKNOWN, /* it could not be looked up; the limits are another's */
};
enum oracle_path {
	PATH_GOOD,
	PATH_NULL,
	PATH_BAD,
	PATH_UNKNOWN,
};
enum oracle_form {
	FORM_IS_GOOD,
	FORM_HAS_FAULT,
	FORM_NOT_PARSED, /* memory ran out over an address */
	FORM_NOT_READ,   /* there is no header to look at */
};
enum oracle_senders {
	SENDERS_GRANTED,
	SENDERS_STRANGER,
	SENDERS_UNREADABLE,
	SENDERS_NOT_LOOKED_UP,
};

struct oracle_transaction {
	enum {
		GREETED_WELL,
		GREETED_BADLY,
		GREETED_NOT
	} greeting;
	enum oracle_who who;
	const char *mechanism; /* null: the MTA did not tell */
	bool tls;
	bool in_tls_exempt_network;
	unsigned port; /* 0: the MTA did not tell */
	enum oracle_account account;
	struct oracle_count connections;
	enum oracle_path sender;
	bool granted;
	struct oracle_count declared; /* 0: it was not */
	enum oracle_path recipient;
	uint64_t recipients;
	bool usage_unknown;
	uint64_t used[ORACLE_BOUNDS];  /* of quotas, with this in it */
	uint64_t retry[ORACLE_BOUNDS]; /* likewise: seconds */
	struct oracle_count octets;
	enum oracle_form header;
	enum oracle_senders senders;
	bool structure_unknown, structure_fault;
	uint64_t attachment;
};

struct oracle_finding {
	int rule; /* ORACLE_UNAVAILABLE: of none, the account's limits being unknown */
	bool unknown;
	bool counts; /* whether value and limit are told */
	uint64_t value, limit;
	int quota; /* the bound that is used up, or -1 */
};
#define ORACLE_PASS        (-1)
#define ORACLE_UNAVAILABLE ORACLE_RULES

struct oracle_answer {
	struct oracle_finding answer; /* rule ORACLE_PASS: none */
	size_t noted;
	struct oracle_finding notes[ORACLE_RULES]; /* what shadow rules said before the answer */
};

void oracle_judge(enum oracle_stage stage, const struct oracle_transaction *told,
                  const struct oracle_settings *settings, struct oracle_answer *out);

#endif
