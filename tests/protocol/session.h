/*
 * What the parts of the session player share. A command reports failure by false, and why by
 * session_fail().
 */
#ifndef TESTS_PROTOCOL_SESSION_H
#define TESTS_PROTOCOL_SESSION_H

#include "tests/protocol/daemonlog.h"
#include "tests/protocol/mta.h"
#include "tests/protocol/text.h"

#include <stdbool.h>
#include <stddef.h>

#define CONNECTIONS_MAX 64
#define CROWD_MAX       1024
#define TIMEOUT_MS      10000 /* for one answer of the milter */

struct connection {
	char name[32];
	struct mta *mta; /* null: free */
};

struct session {
	const char *socket;
	struct daemonlog *log;
	struct connection connection[CONNECTIONS_MAX];
	struct mta_options offer; /* in negotiation */
	struct mta *mta;          /* the connection that is spoken on */
	struct mta *crowd[CROWD_MAX];
	size_t crowd_count;
	char sender[1024]; /* the address that messages are from */
	unsigned fences;
	unsigned counter; /* of the innermost `repeat' or `for' */
	char why[8192];   /* of the failure, or of the skip */
	bool skip;        /* the rest of the case */
	char text[TEXT_MAX + 1], scratch[TEXT_MAX + 1];
	size_t text_len; /* of text, which session_unescape() fills */
};

/* args is writable; expect is null where the script expects nothing special. */
typedef bool command_fn(struct session *s, char *args, const char *expect);

struct command {
	const char *name;
	command_fn *fn;
	bool whole; /* the arguments are commands or a program's: leave any " -> " in them */
};

/* Each ends with a null name. */
extern const struct command speak_commands[];  /* the MTA speaks */
extern const struct command around_commands[]; /* hostile peers, the daemon, commands of commands */

bool session_fail(struct session *s, const char *what, const char *detail);
/* Goes over to the connection of that name. */
bool session_on(struct session *s, const char *name);
bool session_unescape(struct session *s, const char *in);
bool session_judge(struct session *s, enum mta_status status, const struct mta_reply *reply,
                   const char *expect);
bool session_judge_sent(struct session *s, enum mta_status status);
/*
 * Waits until all that was said so far is in the log: the daemon writes it in the order in which
 * things happened, so a transaction of our own, whose line we wait for, is behind all of them.
 */
#define FENCE_DOMAIN "fence.invalid"
bool session_fence(struct session *s);
bool session_run_line(struct session *s, char *line);

#endif
