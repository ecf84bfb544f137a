#include "milter/session.h"

#include "milter/audit.h"
#include "milter/content.h"
#include "milter/standing.h"
#include "policy/xtext.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Octets kept of what is wanted for the log; audit.h cuts there anyway. */
#define LOG_COPY_MAX (AUDIT_FIELD_MAX + 1)
_Static_assert(LOG_COPY_MAX > ACCOUNT_NAME_MAX, "a login that is cut could be an account's name");

/* What a MAIL begins and an abort or the end of the message ends. */
struct transaction {
	bool counted;            /* by the service, as open */
	bool open;               /* MAIL was let pass */
	bool exempt;             /* not judged */
	bool utf8;               /* MAIL said SMTPUTF8 (RFC 6531 3.4) */
	uint64_t recipients;     /* accepted */
	struct content *content; /* the message that comes; null if there is none */
	bool content_lost;       /* memory ran out when it began */
	unsigned port;
	struct standing standing;
	char granted[MAILBOX_KEY_MAX + 1]; /* the sender, if it is granted; else "" */
	char login[LOG_COPY_MAX + 1];      /* what is cut is longer than any account's name */
	char sender[LOG_COPY_MAX + 1];     /* for the log */
};

struct session {
	struct service *service;
	struct snapshot *snapshot;     /* the configuration, from the first to the last event */
	struct connections_slot *slot; /* counts this connection for its account */
	enum form helo;
	bool has_ip;
	struct ip ip;
	char client[INET6_ADDRSTRLEN];
	struct reply reply;
	struct transaction transaction;
};

/* ---- the connection ----------------------------------------------------- */

struct session *session_new(struct service *service)
{
	struct session *session = calloc(1, sizeof *session);

	if (!session)
		return NULL;
	session->service = service;
	session->snapshot = service_hold(service);
	stats_count(&service->stats->sessions_begun);
	session->helo = FORM_NONE;
	strcpy(session->client, "unknown");
	standing_begin(&session->transaction.standing, service, session->snapshot->config);
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	session_abort(session);
	stats_count(&session->service->stats->sessions_ended);
	connections_leave(session->service->connections, session->slot);
	service_release(session->service, session->snapshot);
	free(session);
}

unsigned session_reads(const struct session *session)
{
	return session->snapshot->reads;
}

void session_connect(struct session *session, const struct sockaddr *address)
{
	const void *octets = NULL;

	session->has_ip = false;
	strcpy(session->client, "unknown");
	if (!address)
		return;
	if (address->sa_family == AF_INET)
		octets = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		octets = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	else if (address->sa_family == AF_UNIX)
		strcpy(session->client, "local");
	if (octets &&
	    inet_ntop(address->sa_family, octets, session->client, sizeof session->client))
		session->has_ip = ip_parse(session->client, &session->ip);
}

void session_helo(struct session *session, const char *name)
{
	session->helo = helo_form(name);
}

/* ---- verdicts ----------------------------------------------------------- */

static struct audit whom(const struct session *session, const char *queue_id, const char *recipient)
{
	const struct standing *standing = &session->transaction.standing;
	const struct config *config = session->snapshot->config;

	return (struct audit){
	    .queue_id = queue_id,
	    .account = standing->by_network ? standing->account : session->transaction.login,
	    .by_network = standing->by_network,
	    .sender = session->transaction.sender,
	    .recipient = recipient,
	    .client = session->client,
	    .port = session->transaction.port,
	    .format = config->log_json ? AUDIT_JSON : AUDIT_TEXT,
	    .no_passes = !config->log_passes,
	};
}

static bool counts_usage(enum rule_id rule)
{
	for (int id = 0; id < QUOTA_COUNT; id++)
		if (quotas[id].rule == rule)
			return true;
	return false;
}

/* Why a fact was missing, in words for the administrator. */
static const char *cause_of(const struct transaction *transaction, enum stage stage,
                            const struct finding *finding)
{
	if (finding->outcome != OUTCOME_UNKNOWN)
		return "";
	if (finding->rule == RULE_unavailable && stage != AT_MAIL)
		return "no MAIL was let pass before it";
	if (finding->rule == RULE_auth_mechanism)
		return "the MTA did not report {auth_type}";
	if (finding->rule == RULE_tls_port)
		return "the MTA did not report {daemon_port}";
	if (transaction->standing.cause[0] &&
	    (!transaction->standing.known || finding->rule == RULE_header_from ||
	     counts_usage(finding->rule)))
		return transaction->standing.cause;
	if (finding->rule == RULE_max_message_size && stage == AT_MAIL)
		return "SIZE= came without a number";
	return "out of memory";
}

/* Judges, writes down what was found, and gives null or the reply. */
static const struct reply *answer(struct session *session, enum stage stage,
                                  const struct facts *facts, const struct audit *who)
{
	struct transaction *transaction = &session->transaction;
	const struct limits *limits = transaction->standing.limits;
	struct reply *reply = &session->reply;
	struct verdict verdict = {
	    .finding = {.rule = RULE_unavailable, .outcome = OUTCOME_UNKNOWN},
	};

	/* libmilter lets RCPT through after a MAIL that was refused, given an odd enough peer. */
	if (stage == AT_MAIL || transaction->open)
		judge(stage, facts, limits, &verdict);
	for (size_t i = 0; i < verdict.shadow_count; i++) {
		const struct finding *finding = &verdict.shadow[i];

		reply_format(finding, limits, reply);
		audit_finding(who, stage, finding, reply, true,
		              cause_of(transaction, stage, finding));
		stats_finding(session->service->stats, stage, finding, true);
	}
	if (verdict.finding.outcome == OUTCOME_OK)
		return NULL;
	reply_format(&verdict.finding, limits, reply);
	audit_finding(who, stage, &verdict.finding, reply, false,
	              cause_of(transaction, stage, &verdict.finding));
	if (verdict.finding.outcome == OUTCOME_OVER)
		standing_refused(&transaction->standing);
	stats_finding(session->service->stats, stage, &verdict.finding, false);
	return reply;
}

/* ---- MAIL --------------------------------------------------------------- */

/* The value of an ESMTP parameter, "" if it has none, or null if it is not there. */
static const char *parameter(const char *const *parameters, const char *keyword)
{
	size_t len = strlen(keyword);

	for (; *parameters; parameters++) {
		if (strncasecmp(*parameters, keyword, len) != 0)
			continue;
		if ((*parameters)[len] == '=')
			return *parameters + len + 1;
		if ((*parameters)[len] == '\0')
			return "";
	}
	return NULL;
}

/*
 * RFC 1870 3: up to 20 digits. What is more than a uint64_t holds is over any limit all the same.
 */
static bool parse_size(const char *text, uint64_t *out)
{
	uint64_t size = 0;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		size = size > (UINT64_MAX - digit) / 10 ? UINT64_MAX : size * 10 + digit;
	}
	*out = size;
	return true;
}

static bool parse_port(const char *text, unsigned *out)
{
	uint64_t port;

	if (!parse_size(text, &port) || port < 1 || port > UINT16_MAX)
		return false;
	*out = (unsigned)port;
	return true;
}

/*
 * Sendmail reports logins in xtext; its version is a number. Postfix's, which begins with its name,
 * are as they are: a "+3D" in them is part of the name.
 */
static void take_login(const struct mail_macros *macros, char login[LOG_COPY_MAX + 1])
{
	bool encoded = macros->version[0] >= '0' && macros->version[0] <= '9';

	if (!encoded || !xtext_decode(macros->login, login, LOG_COPY_MAX + 1))
		snprintf(login, LOG_COPY_MAX + 1, "%s", macros->login);
}

/* Told to stop, the gate lets nothing more in: the client comes back when it serves again. */
static const struct reply *refuse_to_go_on(struct session *session, enum stage stage,
                                           const struct audit *who)
{
	const struct finding finding = {.rule = RULE_unavailable, .outcome = OUTCOME_UNKNOWN};

	reply_format(&finding, session->transaction.standing.limits, &session->reply);
	audit_finding(who, stage, &finding, &session->reply, false, "the gate is stopping");
	stats_finding(session->service->stats, stage, &finding, false);
	return &session->reply;
}

/* What it holds of what all sessions share. */
static void end_transaction(struct session *session)
{
	standing_end(&session->transaction.standing);
	if (session->transaction.counted)
		service_leave(session->service);
	session->transaction.counted = false;
}

const struct reply *session_mail(struct session *session, const char *const *arguments,
                                 const struct mail_macros *macros)
{
	struct transaction *transaction = &session->transaction;
	const char *size = parameter(arguments + 1, "SIZE");
	const struct config *config = session->snapshot->config;
	struct facts facts = {.known = 0};
	const struct reply *reply;
	struct mailbox sender;
	struct audit who;

	session_abort(session);
	transaction->utf8 = parameter(arguments + 1, "SMTPUTF8") != NULL;
	take_login(macros, transaction->login);
	snprintf(transaction->sender, sizeof transaction->sender, "%s", arguments[0]);
	if (parse_port(macros->port, &transaction->port))
		facts.known |= FACT_PORT;
	who = whom(session, macros->queue_id, "");
	transaction->counted = service_enter(session->service);
	if (!transaction->counted)
		return refuse_to_go_on(session, AT_MAIL, &who);
	if (session->has_ip && networks_hold(config->exempt, config->exempt_count, &session->ip)) {
		transaction->open = transaction->exempt = true;
		stats_count(&session->service->stats->transactions_begun);
		return NULL;
	}

	facts.helo = session->helo;
	facts.login = transaction->login;
	facts.mechanism = macros->mechanism;
	facts.tls = macros->tls[0] != '\0';
	facts.port = transaction->port;
	facts.client = session->has_ip ? &session->ip : NULL;
	facts.sender = reverse_path_parse(arguments[0], transaction->utf8, &sender);
	if (!reverse_path_agrees(arguments[0], facts.sender, &sender, macros->address))
		facts.sender = FORM_BAD;
	if (!size || parse_size(size, &facts.declared_size))
		facts.known |= FACT_DECLARED_SIZE;
	standing_learn(&transaction->standing, transaction->login, facts.client, &sender, &facts);
	standing_connect(&transaction->standing, &session->slot, &facts);
	standing_take(&transaction->standing, MEASURE_MESSAGES, 1, &facts);
	if (facts.granted)
		strcpy(transaction->granted, sender.key);

	who = whom(session, macros->queue_id, "");
	reply = answer(session, AT_MAIL, &facts, &who);
	transaction->open = !reply;
	if (reply)
		end_transaction(session);
	else
		stats_count(&session->service->stats->transactions_begun);
	return reply;
}

/* ---- RCPT, the message, its end ----------------------------------------- */

const struct reply *session_rcpt(struct session *session, const char *const *arguments,
                                 const char *queue_id)
{
	struct transaction *transaction = &session->transaction;
	struct facts facts = {
	    .known = transaction->standing.known ? FACT_ACCOUNT : 0,
	    .recipient = forward_path_parse(arguments[0], transaction->utf8),
	    .recipients = transaction->recipients + 1,
	};
	struct audit who = whom(session, queue_id, arguments[0]);
	const struct reply *reply = NULL;

	if (transaction->open && !transaction->exempt)
		standing_take(&transaction->standing, MEASURE_RECIPIENTS, 1, &facts);
	if (!transaction->exempt)
		reply = answer(session, AT_RCPT, &facts, &who);
	if (!reply)
		transaction->recipients++;
	standing_keep(&transaction->standing, MEASURE_RECIPIENTS, transaction->recipients);
	return reply;
}

/* The content of the message that comes; null where none is to be looked at, or cannot be. */
static struct content *content(struct session *session)
{
	struct transaction *transaction = &session->transaction;
	const struct envelope envelope = {
	    .standing = &transaction->standing,
	    .bodies = (session->snapshot->reads & READS_BODY) != 0,
	    .granted = transaction->granted,
	};

	if (transaction->content || transaction->content_lost || !transaction->open ||
	    transaction->exempt || limits_read(transaction->standing.limits) == 0)
		return transaction->content;
	transaction->content = content_new(&envelope);
	transaction->content_lost = !transaction->content;
	return transaction->content;
}

void session_header(struct session *session, const char *name, const char *value,
                    bool has_leading_space)
{
	if (content(session))
		content_header(session->transaction.content, name, value, has_leading_space);
}

void session_body(struct session *session, const unsigned char *octets, size_t len)
{
	if (content(session))
		content_body(session->transaction.content, octets, len);
}

const struct reply *session_end_of_message(struct session *session, const char *queue_id)
{
	struct transaction *transaction = &session->transaction;
	struct facts facts = {.known = transaction->standing.known ? FACT_ACCOUNT : 0};
	struct audit who = whom(session, queue_id, "");
	const struct reply *reply = NULL;
	uint64_t size = 0;

	if (content(session))
		content_end(transaction->content, &facts);
	if (facts.known & FACT_MESSAGE_SIZE)
		size = facts.message->octets;
	if (size > 0 && transaction->open && !transaction->exempt)
		standing_take(&transaction->standing, MEASURE_OCTETS, size, &facts);
	if (!transaction->exempt)
		reply = answer(session, AT_EOM, &facts, &who);
	if (!reply) {
		standing_use(&transaction->standing);
		/* Asked after it: what was used before the end is counted, and this may not be. */
		if (service_has_ended(session->service))
			reply = refuse_to_go_on(session, AT_EOM, &who);
	}
	if (!reply) {
		audit_pass(&who, transaction->exempt, transaction->recipients, size);
		stats_pass(session->service->stats, transaction->exempt);
	}
	session_abort(session);
	return reply;
}

void session_abort(struct session *session)
{
	end_transaction(session);
	content_free(session->transaction.content);
	session->transaction = (struct transaction){.open = false};
	standing_begin(&session->transaction.standing, session->service, session->snapshot->config);
}
