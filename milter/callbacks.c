#include "milter/callbacks.h"

#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Rules of this file, each bought dearly:
 *   - An event that was negotiated as unanswered is answered SMFIS_NOREPLY, always: a refusal there
 *     loses the verdict, and end of message is never called. libmilter itself answers for us an MTA
 *     that cannot do without a reply.
 *   - Callbacks of one connection run on different threads.
 *   - Nothing blocks, exits, or answers ACCEPT or DISCARD.
 */

static struct service *the_service; /* set once, before smfi_main() */
static bool data_is_answered;       /* likewise */

struct connection {
	struct session *session;
	bool leading_space; /* header values come with their leading white space */
};

/*
 * Null where a peer sends events without having negotiated first, which libmilter lets pass. No MTA
 * does; it is answered TEMPFAIL whatever the event.
 */
static struct session *session_of(SMFICTX *ctx)
{
	struct connection *connection = smfi_getpriv(ctx);

	return connection ? connection->session : NULL;
}

/* ---- macros ------------------------------------------------------------- */

/* libmilter wants writable strings, though it does not write. */
static char queue_id_name[] = "i", login_name[] = "{auth_authen}", mechanism_name[] = "{auth_type}",
	    address_name[] = "{mail_addr}", tls_name[] = "{tls_version}",
	    port_name[] = "{daemon_port}", version_name[] = "v";
static char mail_list[] = "i {auth_authen} {auth_type} {mail_addr} {tls_version} {daemon_port} v";
static char queue_id_list[] = "i", empty_list[] = "";

static char *macro(SMFICTX *ctx, char *name)
{
	static char none[] = "";
	char *value = smfi_getsymval(ctx, name);

	return value ? value : none;
}

/*
 * libmilter keeps the macros of one MAIL until another MAIL brings new ones, also when the next
 * transaction brings none at all: that one would inherit the login. So they are emptied once used.
 * TLS and the port are the connection's, and may have come before MAIL, once for all.
 */
static void forget_transaction(SMFICTX *ctx)
{
	char *const names[] = {queue_id_name, login_name, mechanism_name, address_name};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *value = smfi_getsymval(ctx, names[i]);

		if (value)
			value[0] = '\0';
	}
}

/* ---- replies ------------------------------------------------------------ */

/* To the MTA "%" is the beginning of something. out has room for twice the text. */
static void double_percents(const char *text, char *out)
{
	for (; *text; text++) {
		if (*text == '%')
			*out++ = '%';
		*out++ = *text;
	}
	*out = '\0';
}

/* Sets the reply, if there is one, and gives what the callback returns. */
static sfsistat respond(SMFICTX *ctx, const struct reply *reply)
{
	char code[4], enhanced[12], text[2 * REPLY_TEXT_MAX + 1];

	if (!reply)
		return SMFIS_CONTINUE;
	snprintf(code, sizeof code, "%u", reply->code % 1000);
	snprintf(enhanced, sizeof enhanced, "%s", reply->enhanced);
	double_percents(reply->text, text);
	/*
	 * Should this fail for want of memory, the MTA makes a reply of its own: refused it stays.
	 */
	(void)smfi_setreply(ctx, code, enhanced, text);
	return reply->code < 500 ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

/* ---- callbacks ---------------------------------------------------------- */

/* Null when memory ran out, or when the gate is stopping and takes no more. */
static struct connection *new_connection(void)
{
	struct connection *connection;

	if (service_is_stopping(the_service))
		return NULL;
	connection = calloc(1, sizeof *connection);
	if (!connection)
		return NULL;
	connection->session = session_new(the_service);
	if (!connection->session) {
		free(connection);
		return NULL;
	}
	return connection;
}

/* Asks for what is needed and for nothing else, and to be waited for only where we may refuse. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
                             unsigned long unused2, unsigned long unused3,
                             unsigned long *our_actions, unsigned long *our_steps,
                             unsigned long *our2, unsigned long *our3)
{
	struct connection *connection = new_connection();
	unsigned reads;

	(void)unused2, (void)unused3;
	if (!connection)
		return SMFIS_TEMPFAIL; /* libmilter hangs up; the MTA falls back to its default */
	connection->leading_space = (steps & SMFIP_HDR_LEADSPC) != 0;
	smfi_setpriv(ctx, connection);

	reads = session_reads(connection->session);
	*our_actions = actions & SMFIF_SETSYMLIST;
	*our_steps = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY | SMFIP_NOEOH |
	             SMFIP_NOUNKNOWN | (steps & SMFIP_HDR_LEADSPC);
	*our2 = *our3 = 0;
	if (!data_is_answered)
		*our_steps |= SMFIP_NODATA;
	if (!(reads & READS_HEADER))
		*our_steps |= SMFIP_NOHDRS;
	if (!(reads & READS_BODY))
		*our_steps |= SMFIP_NOBODY;
	if (*our_actions) {
		smfi_setsymlist(ctx, SMFIM_CONNECT, empty_list);
		smfi_setsymlist(ctx, SMFIM_HELO, empty_list);
		smfi_setsymlist(ctx, SMFIM_ENVFROM, mail_list);
		smfi_setsymlist(ctx, SMFIM_ENVRCPT, queue_id_list);
		smfi_setsymlist(ctx, SMFIM_DATA, empty_list);
		/* Sendmail mixes these two up: both, or neither. */
		smfi_setsymlist(ctx, SMFIM_EOH, queue_id_list);
		smfi_setsymlist(ctx, SMFIM_EOM, queue_id_list);
	}
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct session *session = session_of(ctx);

	(void)host;
	if (!session)
		return SMFIS_TEMPFAIL;
	session_connect(session, address);
	return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	struct session *session = session_of(ctx);

	if (!session)
		return SMFIS_TEMPFAIL;
	session_helo(session, name);
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *ctx, char **arguments)
{
	struct session *session = session_of(ctx);
	struct mail_macros macros = {
	    .login = macro(ctx, login_name),
	    .mechanism = macro(ctx, mechanism_name),
	    .address = macro(ctx, address_name),
	    .tls = macro(ctx, tls_name),
	    .port = macro(ctx, port_name),
	    .version = macro(ctx, version_name),
	    .queue_id = macro(ctx, queue_id_name),
	};
	const struct reply *reply = NULL;
	bool usable = session && arguments[0];
	int64_t begin = stats_begin();
	sfsistat status = SMFIS_TEMPFAIL;

	if (usable)
		reply = session_mail(session, (const char *const *)arguments, &macros);
	forget_transaction(ctx);
	if (usable)
		status = respond(ctx, reply);
	stats_took(the_service->stats, AT_MAIL, begin);
	return status;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **arguments)
{
	struct session *session = session_of(ctx);
	int64_t begin = stats_begin();
	sfsistat status;

	if (!session || !arguments[0])
		return SMFIS_TEMPFAIL;
	status = respond(
	    ctx, session_rcpt(session, (const char *const *)arguments, macro(ctx, queue_id_name)));
	stats_took(the_service->stats, AT_RCPT, begin);
	return status;
}

/*
 * Only on TCP sockets, where Postfix would stall for some 40 ms (Nagle's algorithm and delayed
 * acknowledgement) if it got no answer before it hands the connection to cleanup(8).
 */
static sfsistat on_data(SMFICTX *ctx)
{
	return session_of(ctx) ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct connection *connection = smfi_getpriv(ctx);

	if (!connection)
		return SMFIS_TEMPFAIL;
	session_header(connection->session, name, value, connection->leading_space);
	return SMFIS_NOREPLY;
}

/*
 * Once the verdict is settled the rest could be skipped (SMFIS_SKIP), but only in answer to a
 * chunk: to be able to, all chunks of all messages would have to wait for an answer, and a round
 * trip costs more than to count 64 KiB.
 */
static sfsistat on_body(SMFICTX *ctx, unsigned char *chunk, size_t len)
{
	struct session *session = session_of(ctx);

	if (!session)
		return SMFIS_TEMPFAIL;
	session_body(session, chunk, len);
	return SMFIS_NOREPLY;
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);
	int64_t begin = stats_begin();
	sfsistat status;

	if (!session)
		return SMFIS_TEMPFAIL;
	status = respond(ctx, session_end_of_message(session, macro(ctx, queue_id_name)));
	stats_took(the_service->stats, AT_EOM, begin);
	return status;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);

	if (session)
		session_abort(session);
	return SMFIS_CONTINUE;
}

/* May come first, or after a negotiation that failed. */
static sfsistat on_close(SMFICTX *ctx)
{
	session_free(session_of(ctx));
	free(smfi_getpriv(ctx));
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

bool callbacks_register(bool over_tcp)
{
	static char name[] = "postreeve";
	struct smfiDesc description = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = 0,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_rcpt,
	    .xxfi_header = on_header,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_end_of_message,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_data = on_data,
	    .xxfi_negotiate = on_negotiate,
	};

	data_is_answered = over_tcp;
	return smfi_register(description) == MI_SUCCESS;
}

void callbacks_serve(struct service *service)
{
	the_service = service;
}
