/*
 * The rule table, the limits it is judged against, and the judge.
 *
 * Pure: facts and limits in, verdict out. No I/O, no clock, no threads, no writable globals.
 */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/facts.h"
#include "policy/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_id {
#define RULE(name, ...) RULE_##name,
#include "policy/rules.def"
#undef RULE
	RULE_unavailable, /* a fact that a rule needs could not be had */
	RULE_COUNT
};

/* The stages at which a verdict is asked for. */
enum stage {
	AT_MAIL = 1 << 0,
	AT_RCPT = 1 << 1,
	AT_EOM = 1 << 2,
};

/* What of a message a rule looks at. */
enum reads {
	READS_HEADER = 1 << 0,
	READS_BODY = 1 << 1,
};

enum rule_mode {
	MODE_ENFORCE, /* refuse */
	MODE_SHADOW,  /* log what would have been answered, let it pass */
	MODE_OFF,
};

enum bound_kind {
	BOUND_NONE,
	BOUND_COUNT,
	BOUND_OCTETS,
};

#define BOUND_UNLIMITED UINT64_MAX /* "unlimited" in the configuration */

/* What a bound may be; inclusive. */
struct range {
	enum bound_kind kind;
	uint64_t preset, least, most;
};

enum allow_kind {
	ALLOW_NONE,
	ALLOW_MECHANISM, /* a SASL mechanism name (RFC 4422 3.1) */
	ALLOW_PORT,      /* 1 to 65535 */
	ALLOW_NETWORK,   /* CIDR */
};

#define ALLOW_MAX     16 /* entries of one list */
#define MECHANISM_MAX 20 /* octets of a SASL mechanism name (RFC 4422 3.1) */

/* One list that a rule is judged against; what its entries are, the rule's row says. */
struct allow {
	size_t count;
	union {
		char mechanism[MECHANISM_MAX + 1]; /* upper case */
		uint16_t port;
		struct network network;
	} entry[ALLOW_MAX];
};

/* Bounds are numbered: that of a rule by the rule's id, and the quotas' behind them. */
#define BOUND_OF_QUOTA(quota) (RULE_COUNT + (quota))
#define BOUND_IDS             BOUND_OF_QUOTA(QUOTA_COUNT)

/* So much in a while suspends an account: what it is, thresholds[] says. */
enum threshold_id {
	THRESHOLD_REFUSALS,  /* refused commands and messages */
	THRESHOLD_ADDRESSES, /* client addresses that differ */
	THRESHOLD_COUNT
};
struct threshold {
	uint64_t count; /* 0: never */
	uint64_t seconds;
};

/* What one profile sets. A plain value: copy it to inherit from it. */
struct limits {
	enum rule_mode mode[RULE_COUNT];
	uint64_t bound[BOUND_IDS];      /* where there is one */
	struct allow allow[RULE_COUNT]; /* where the rule has one */
	struct threshold threshold[THRESHOLD_COUNT];
	bool allow_null_sender;   /* whether a login may send as <> */
	bool allow_tagged_sender; /* whether user@domain covers user+tag@domain */
};

enum outcome {
	OUTCOME_OK,
	OUTCOME_OVER,    /* the rule refuses */
	OUTCOME_UNKNOWN, /* a fact that it needs could not be had */
};

/* What can be wrong with the form of a message: faults.def, by enum fault. */
struct fault_row {
	const char *name;
	enum rule_id rule; /* that refuses it */
	const char *what;  /* printable ASCII */
};
extern const struct fault_row faults[FAULT_COUNT];

/* What a quota counts. */
enum measure {
	MEASURE_MESSAGES,
	MEASURE_RECIPIENTS,
	MEASURE_OCTETS,
	MEASURE_COUNT
};

struct quota {
	const char *name;
	enum rule_id rule; /* that refuses what is over it */
	enum measure measure;
	uint64_t seconds; /* one window of counting */
	struct range range;
	const char *what; /* behind a number: "messages per hour" */
};
extern const struct quota quotas[QUOTA_COUNT];

/* What one rule found. */
struct finding {
	enum rule_id rule; /* the rule that was judged, also where the outcome is UNKNOWN */
	enum outcome outcome;
	uint64_t value; /* what was measured, where the rule has a bound */
	uint64_t limit; /* the bound it was measured against */
	/* What more there is to tell, or null; the strings borrow from the facts. */
	const struct fault_row *fault;
	const char *part;          /* the number of the part it is about */
	const char *about;         /* the file name, header field or address it is about */
	const struct quota *quota; /* the one that is used up, or null */
	uint64_t retry;            /* seconds until there is something of it again */
};

struct verdict {
	struct finding finding; /* the first enforced one that is not OK; else outcome OK */
	size_t shadow_count;
	struct finding shadow[RULE_COUNT]; /* what shadow rules would have said before it */
};

struct rule {
	const char *name;
	unsigned stages; /* bits of enum stage */
	unsigned needs;  /* bits of enum fact: without one of them the outcome is UNKNOWN */
	unsigned reads;  /* bits of enum reads */
	enum rule_mode mode;
	struct range bound;
	struct {
		enum allow_kind kind;
		const char *preset; /* entries with a space between them */
	} allow;
	unsigned code;
	const char *enhanced;
	const char *text;
	/*
	 * Judges; sets finding->value where the rule has a bound, and what there is to tell. Null
	 * for `unavailable`.
	 */
	enum outcome (*judge)(const struct facts *facts, const struct limits *limits,
	                      struct finding *finding);
};

/* By enum rule_id, which is also the order of judging. */
extern const struct rule rules[RULE_COUNT];

/* By the names of the configuration: "enforce", "shadow", "off". */
extern const char *const mode_names[MODE_OFF + 1];

/* What of a message the rules that are not off look at, of all stages: bits of enum reads. */
unsigned limits_read(const struct limits *limits);

/*
 * Whether a grant on the pattern of this index, the first of them that there is one on, covers the
 * mailbox that they are of. The count, or more: there is none.
 */
bool patterns_cover(const struct patterns *patterns, size_t match, const struct limits *limits);

/*
 * Runs the rules of one stage in table order until one refuses. Where none does and the limits are
 * a stand-in, the answer is `unavailable`.
 */
void judge(enum stage stage, const struct facts *facts, const struct limits *limits,
           struct verdict *out);

/*
 * Limits: start from the table's defaults, then set what the configuration says. A setter that
 * gives false has left the limits as they were, and limits_expect_*() tells what it wants to read,
 * as the end of a sentence: "a number from 1 to 1000000".
 */
void limits_init(struct limits *limits);
bool limits_set_mode(struct limits *limits, enum rule_id rule, const char *text);
bool limits_set_bound(struct limits *limits, int bound, const char *text);
/* An account's own limit over that of its profile. False also where there is no bound of the name. */
bool limits_override(struct limits *limits, const char *name, const char *text);
bool limits_set_threshold(struct limits *limits, enum threshold_id id, const char *text);
bool limits_set_allow(struct limits *limits, enum rule_id rule, const char *const *entries,
                      size_t count);

#define EXPECT_MAX 128 /* octets of what limits_expect_*() write, '\0' and all */
void limits_expect_bound(int bound, char out[EXPECT_MAX]);
void limits_expect_threshold(enum threshold_id id, char out[EXPECT_MAX]);
void limits_expect_allow(enum rule_id rule, char out[EXPECT_MAX]);

/*
 * A bound's name, the same in the configuration and in the registry, and what it may be. Rules
 * without one have the kind BOUND_NONE.
 */
struct bound {
	const char *name;
	const struct range *range;
};
struct bound bound_row(int bound);
/* The bound of that name, or -1. */
int bound_by_name(const char *name);

/* A bound as limits_set_bound() reads it, in the fewest octets: "8M". */
#define BOUND_TEXT_MAX 24 /* octets, '\0' and all */
void bound_show(int bound, uint64_t number, char out[BOUND_TEXT_MAX]);

/* The key of a threshold in the configuration, and the words that stand behind its number. */
struct threshold_row {
	const char *name;
	const char *what;
	uint64_t least, most;
};
extern const struct threshold_row thresholds[THRESHOLD_COUNT];

/* A threshold as limits_set_threshold() reads it: "50 refusals in 600s". */
#define THRESHOLD_TEXT_MAX 64 /* octets, '\0' and all */
void threshold_show(enum threshold_id id, const struct threshold *threshold,
                    char out[THRESHOLD_TEXT_MAX]);

/* Whether so many, in the threshold's time, are as many as it says. */
bool threshold_reached(const struct threshold *threshold, uint64_t count);

/* The reply that a refusal is answered with. */
#define REPLY_TEXT_MAX 490 /* octets; a whole reply line has 512 (RFC 5321 4.5.3.1.5) */
struct reply {
	unsigned code;        /* 4xx or 5xx */
	const char *enhanced; /* static */
	const char *rule;     /* static: the name of the rule that answers, or "unavailable" */
	char text[REPLY_TEXT_MAX + 1];
};
/*
 * Fills *out for a finding that is not OK. Printable ASCII only: of what a client sent, a file name
 * or address is told with '?' for all other octets, and cut where it is long.
 */
void reply_format(const struct finding *finding, const struct limits *limits, struct reply *out);

#endif
