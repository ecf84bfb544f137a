/*
 * The audit trail: one line for each verdict, key=value in a fixed order.
 *
 *   4Xy1z2: reject rule=max_recipients stage=rcpt account=alice sender=<a@example.com>
 *   recipient=<b@example.net> client=192.0.2.7 port=587 value=101 limit=100 reply="452 4.5.3 ..."
 *
 *   4Xy1z3: reject rule=max_attachment_size stage=eom account=alice sender=<a@example.com>
 *   client=192.0.2.7 port=587 value=4194305 limit=4194304 part=2 about=film.mp4 reply="552 ..."
 *
 * The first word is pass, reject, tempfail (`unavailable`, with its cause), shadow (what a shadow
 * rule would have answered) or exempt. How values are written, in text or JSON, line.h says.
 */
#ifndef MILTER_AUDIT_H
#define MILTER_AUDIT_H

#include "db/daemon/line.h"
#include "policy/rules.h"

#include <stdbool.h>
#include <stdint.h>

/* Whom a line is about, and how it is written. The strings are as they came; none is null. */
struct audit {
	const char *queue_id;  /* "" while there is none */
	const char *account;   /* "" if nobody logged in */
	const char *sender;    /* the argument of MAIL FROM: */
	const char *recipient; /* the argument of RCPT TO:, "" at other stages */
	const char *client;    /* IP address, or another word for where it comes from */
	unsigned port;         /* of the MTA's listener, 0 if unknown */
	bool by_network;       /* nobody logged in: the client's network stands for the account */
	enum audit_format format;
	bool no_passes; /* what passes is not logged, unless nobody judged it */
};

const char *audit_stage(enum stage stage);

/*
 * A rule that refused with this reply, or in shadow would have. cause says why a fact was missing,
 * or is "".
 */
void audit_finding(const struct audit *who, enum stage stage, const struct finding *finding,
                   const struct reply *reply, bool shadow, const char *cause);

/*
 * A message that may go. size in octets; 0 where nothing asked for it, and then it is not logged.
 */
void audit_pass(const struct audit *who, bool exempt, uint64_t recipients, uint64_t size);

#endif
