/*
 * One SMTP connection and the transaction on it: takes what happens, as the MTA tells it, and says
 * whether it may go on. It knows policy, the registry and the audit trail, but no libmilter.
 *
 * A session belongs to one connection, whose events come one at a time, though on different
 * threads. While a message comes that some rule of its account looks at, it holds memory for that
 * message, allocated when it begins; nothing else is allocated after session_new().
 */
#ifndef MILTER_SESSION_H
#define MILTER_SESSION_H

#include "milter/service.h"
#include "policy/rules.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct session;

/*
 * Null when memory ran out. service outlives the session. The configuration that is in force now is
 * the session's until it ends.
 */
struct session *session_new(struct service *service);

/* The connection is closed. session may be null. */
void session_free(struct session *session);

/* Bits of enum reads: what of messages the session looks at. */
unsigned session_reads(const struct session *session);

/* address is null if the MTA knows none. */
void session_connect(struct session *session, const struct sockaddr *address);

/* The last one counts. */
void session_helo(struct session *session, const char *name);

/* What the MTA reports with MAIL; "" where it reports nothing. */
struct mail_macros {
	const char *login;     /* {auth_authen} */
	const char *mechanism; /* {auth_type} */
	const char *address;   /* {mail_addr}: the sender as the MTA itself understood it */
	const char *tls;       /* {tls_version} */
	const char *port;      /* {daemon_port} */
	const char *version;   /* v: of the MTA */
	const char *queue_id;  /* i */
};

/*
 * MAIL and RCPT: arguments as the client typed them, the path first, then the ESMTP parameters,
 * then null. End of message. Each gives null to go on, or the reply to refuse with, which is the
 * session's and lives until its next event. End of message ends the transaction. Where queue_id is
 * asked for, "" says that there is none yet. Once the service is stopping every MAIL is refused.
 */
const struct reply *session_mail(struct session *session, const char *const *arguments,
                                 const struct mail_macros *macros);
const struct reply *session_rcpt(struct session *session, const char *const *arguments,
                                 const char *queue_id);
const struct reply *session_end_of_message(struct session *session, const char *queue_id);

/*
 * The message as it comes, what session_reads() of it. A header field's value holds '\n' where the
 * field was folded, and its leading white space if has_leading_space; else the one space that is
 * usual is taken for it.
 */
void session_header(struct session *session, const char *name, const char *value,
                    bool has_leading_space);
void session_body(struct session *session, const unsigned char *octets, size_t len);

/* The transaction is over without a message: RSET, or whatever else the MTA aborts for. */
void session_abort(struct session *session);

#endif
