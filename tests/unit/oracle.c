#include "tests/unit/oracle.h"

#include <string.h>
#include <strings.h>

enum {
	HELO_NAME,
	AUTH_REQUIRED,
	AUTH_MECHANISM,
	TLS_REQUIRED,
	TLS_PORT,
	ACCOUNT_ACTIVE,
	MAX_CONNECTIONS,
	SENDER_SYNTAX,
	SENDER_REGISTERED,
	MAX_MESSAGE_SIZE,
	MESSAGE_RATE,
	RECIPIENT_SYNTAX,
	MAX_RECIPIENTS,
	RECIPIENT_RATE,
	VOLUME_RATE,
	HEADER_FORM,
	HEADER_FROM,
	MIME_FORM,
	MAX_ATTACHMENT_SIZE,
};

#define M                                                                                          \
	{                                                                                          \
		[ORACLE_MAIL] = true                                                               \
	}
#define R                                                                                          \
	{                                                                                          \
		[ORACLE_RCPT] = true                                                               \
	}
#define E                                                                                          \
	{                                                                                          \
		[ORACLE_END] = true                                                                \
	}
#define MANDE                                                                                      \
	{                                                                                          \
		[ORACLE_MAIL] = true, [ORACLE_END] = true                                          \
	}

/* clang-format off */
const struct oracle_row oracle_rows[ORACLE_RULES] = {
    {"helo_name",           M,     false, ORACLE_ENFORCE, 501, "5.5.2"},
    {"auth_required",       M,     false, ORACLE_ENFORCE, 530, "5.7.0"},
    {"auth_mechanism",      M,     false, ORACLE_ENFORCE, 550, "5.7.1"},
    {"tls_required",        M,     false, ORACLE_OFF,     530, "5.7.0"},
    {"tls_port",            M,     false, ORACLE_SHADOW,  554, "5.7.1"},
    {"account_active",      M,     true,  ORACLE_ENFORCE, 525, "5.7.13"},
    {"max_connections",     M,     true,  ORACLE_ENFORCE, 421, "4.7.0"},
    {"sender_syntax",       M,     false, ORACLE_ENFORCE, 501, "5.1.7"},
    {"sender_registered",   M,     true,  ORACLE_ENFORCE, 553, "5.7.1"},
    {"max_message_size",    MANDE, true,  ORACLE_ENFORCE, 552, "5.3.4"},
    {"message_rate",        M,     true,  ORACLE_ENFORCE, 450, "4.7.1"},
    {"recipient_syntax",    R,     false, ORACLE_ENFORCE, 501, "5.1.3"},
    {"max_recipients",      R,     true,  ORACLE_ENFORCE, 452, "4.5.3"},
    {"recipient_rate",      R,     true,  ORACLE_ENFORCE, 450, "4.7.1"},
    {"volume_rate",         E,     true,  ORACLE_ENFORCE, 450, "4.7.1"},
    {"header_form",         E,     true,  ORACLE_ENFORCE, 554, "5.6.0"},
    {"header_from",         E,     true,  ORACLE_ENFORCE, 550, "5.7.1"},
    {"mime_form",           E,     true,  ORACLE_ENFORCE, 554, "5.6.0"},
    {"max_attachment_size", E,     true,  ORACLE_ENFORCE, 552, "5.3.4"},
};
/* clang-format on */

enum oracle_reads oracle_reads(int row)
{
	if (row == HEADER_FORM || row == HEADER_FROM)
		return ORACLE_READS_HEADER;
	if (row == MAX_MESSAGE_SIZE || row == VOLUME_RATE || row == MIME_FORM ||
	    row == MAX_ATTACHMENT_SIZE)
		return ORACLE_READS_ALL;
	return ORACLE_READS_NOTHING;
}

const struct oracle_fault oracle_faults[ORACLE_FAULTS] = {
    {"header_line", "header_form"},     {"illegal_octet", "header_form"},
    {"from_missing", "header_form"},    {"date_missing", "header_form"},
    {"field_twice", "header_form"},     {"field_too_long", "header_form"},
    {"address_list", "header_form"},    {"too_many_addresses", "header_form"},
    {"near_delimiter", "mime_form"},    {"content_twice", "mime_form"},
    {"multipart_encoded", "mime_form"}, {"message_encoded", "mime_form"},
    {"message_elsewhere", "mime_form"}, {"multipart_unopened", "mime_form"},
    {"too_deep", "mime_form"},          {"too_many_parts", "mime_form"},
    {"eight_bit", "mime_form"},
};

const char *const oracle_bounds[ORACLE_BOUNDS] = {
    "max_connections",     "max_message_size",   "max_recipients",   "max_attachment_size",
    "messages_per_minute", "messages_per_hour",  "messages_per_day", "recipients_per_minute",
    "recipients_per_hour", "recipients_per_day", "octets_per_hour",  "octets_per_day",
};

uint64_t oracle_bound(const struct oracle_settings *settings, int bound)
{
	static const uint64_t promised[ORACLE_QUOTAS] = {10, 8388608, 100, 4194304};

	if (settings->account[bound])
		return settings->account[bound];
	if (settings->profile[bound])
		return settings->profile[bound];
	return bound < ORACLE_QUOTAS ? promised[bound] : UINT64_MAX;
}

/* ---- one rule ------------------------------------------------------------ */

enum says {
	PASSES,
	REFUSES,
	CANNOT_TELL
};

static enum says refuses_if(bool refuses)
{
	return refuses ? REFUSES : PASSES;
}

static enum says at_most(struct oracle_finding *out, uint64_t value,
                         const struct oracle_settings *settings, int bound)
{
	out->counts = true;
	out->value = value;
	out->limit = oracle_bound(settings, bound);
	return refuses_if(out->value > out->limit);
}

static enum says of_who(enum oracle_who who)
{
	static const enum says says[] = {
	    [WHO_LOGGED_IN] = PASSES,
	    [WHO_BY_NETWORK] = PASSES,
	    [WHO_NOBODY] = REFUSES,
	    [WHO_UNKNOWN] = CANNOT_TELL,
	};

	return says[who];
}

/* Only of who has logged in can it be said how. */
static enum says of_mechanism(const struct oracle_transaction *told,
                              const struct oracle_settings *settings)
{
	if (told->who != WHO_LOGGED_IN)
		return PASSES;
	if (!told->mechanism)
		return CANNOT_TELL;
	for (int i = 0; i < ORACLE_LISTED && settings->mechanisms[i]; i++)
		if (strcasecmp(settings->mechanisms[i], told->mechanism) == 0)
			return PASSES;
	return REFUSES;
}

static enum says of_port(const struct oracle_transaction *told,
                         const struct oracle_settings *settings)
{
	if (!told->tls)
		return PASSES;
	if (!told->port)
		return CANNOT_TELL;
	for (int i = 0; i < ORACLE_LISTED && settings->ports[i]; i++)
		if (settings->ports[i] == told->port)
			return PASSES;
	return REFUSES;
}

static enum says of_path(enum oracle_path path)
{
	return path == PATH_UNKNOWN ? CANNOT_TELL : refuses_if(path == PATH_BAD);
}

static enum says of_grant(const struct oracle_transaction *told,
                          const struct oracle_settings *settings)
{
	switch (told->sender) {
	case PATH_UNKNOWN:
		return CANNOT_TELL;
	case PATH_NULL:
		return refuses_if(told->account == ACCOUNT_NONE || !settings->null_sender);
	default:
		return refuses_if(!told->granted);
	}
}

static enum says of_size(enum oracle_stage stage, const struct oracle_transaction *told,
                         const struct oracle_settings *settings, struct oracle_finding *out)
{
	const struct oracle_count *size = stage == ORACLE_MAIL ? &told->declared : &told->octets;

	if (size->unknown)
		return CANNOT_TELL;
	return at_most(out, size->n, settings, ORACLE_MESSAGE_SIZE);
}

/* Of the quotas that are used up, the one that takes longest; of two, the shorter window's. */
static enum says of_quotas(const struct oracle_transaction *told,
                           const struct oracle_settings *settings, int first, int count,
                           struct oracle_finding *out)
{
	enum says says = PASSES;
	uint64_t longest = 0;

	for (int i = first; i < first + count; i++) {
		uint64_t limit = oracle_bound(settings, i);
		bool over = limit != UINT64_MAX && told->used[i] > limit;

		if (limit != UINT64_MAX && told->usage_unknown)
			return CANNOT_TELL;
		if (!over || (says == REFUSES && told->retry[i] <= longest))
			continue;
		says = at_most(out, told->used[i], settings, i);
		longest = told->retry[i];
		out->quota = i;
	}
	return says;
}

static enum says of_header(enum oracle_form form)
{
	static const enum says says[] = {
	    [FORM_IS_GOOD] = PASSES,
	    [FORM_HAS_FAULT] = REFUSES,
	    [FORM_NOT_PARSED] = CANNOT_TELL,
	    [FORM_NOT_READ] = CANNOT_TELL,
	};

	return says[form];
}

/* One who is not granted is not, whatever is wrong with the others. */
static enum says of_senders(const struct oracle_transaction *told)
{
	if (told->header == FORM_NOT_READ || told->senders == SENDERS_NOT_LOOKED_UP)
		return CANNOT_TELL;
	if (told->senders == SENDERS_STRANGER)
		return REFUSES;
	if (told->header == FORM_NOT_PARSED)
		return CANNOT_TELL;
	return refuses_if(told->senders == SENDERS_UNREADABLE);
}

static enum says of_rule(int rule, enum oracle_stage stage, const struct oracle_transaction *told,
                         const struct oracle_settings *settings, struct oracle_finding *out)
{
	if (oracle_rows[rule].of_account && told->account == ACCOUNT_UNKNOWN)
		return CANNOT_TELL;
	switch (rule) {
	case HELO_NAME:
		return refuses_if(told->greeting != GREETED_WELL);
	case AUTH_REQUIRED:
		return of_who(told->who);
	case AUTH_MECHANISM:
		return of_mechanism(told, settings);
	case TLS_REQUIRED:
		return refuses_if(!told->tls && !told->in_tls_exempt_network);
	case TLS_PORT:
		return of_port(told, settings);
	case ACCOUNT_ACTIVE:
		return refuses_if(told->account == ACCOUNT_SUSPENDED);
	case MAX_CONNECTIONS:
		if (told->connections.unknown)
			return CANNOT_TELL;
		return at_most(out, told->connections.n, settings, ORACLE_CONNECTIONS);
	case SENDER_SYNTAX:
		return of_path(told->sender);
	case SENDER_REGISTERED:
		return of_grant(told, settings);
	case MAX_MESSAGE_SIZE:
		return of_size(stage, told, settings, out);
	case MESSAGE_RATE:
		return of_quotas(told, settings, ORACLE_MESSAGES, 3, out);
	case RECIPIENT_SYNTAX:
		return of_path(told->recipient);
	case MAX_RECIPIENTS:
		return at_most(out, told->recipients, settings, ORACLE_RECIPIENTS);
	case RECIPIENT_RATE:
		return of_quotas(told, settings, ORACLE_RECIPIENTS_PER, 3, out);
	case VOLUME_RATE:
		return of_quotas(told, settings, ORACLE_OCTETS_PER, 2, out);
	case HEADER_FORM:
		return of_header(told->header);
	case HEADER_FROM:
		return of_senders(told);
	case MIME_FORM:
		return told->structure_unknown ? CANNOT_TELL : refuses_if(told->structure_fault);
	case MAX_ATTACHMENT_SIZE:
		if (told->structure_unknown)
			return CANNOT_TELL;
		return at_most(out, told->attachment, settings, ORACLE_ATTACHMENT_SIZE);
	}
	return CANNOT_TELL;
}

/* ---- all of them --------------------------------------------------------- */

void oracle_judge(enum oracle_stage stage, const struct oracle_transaction *told,
                  const struct oracle_settings *settings, struct oracle_answer *out)
{
	out->answer.rule = ORACLE_PASS;
	out->noted = 0;
	for (int rule = 0; rule < ORACLE_RULES; rule++) {
		struct oracle_finding finding = {.rule = rule, .quota = -1};
		enum says says;

		if (!oracle_rows[rule].at[stage] || settings->mode[rule] == ORACLE_OFF)
			continue;
		says = of_rule(rule, stage, told, settings, &finding);
		finding.unknown = says == CANNOT_TELL;
		if (says == PASSES)
			continue;
		if (settings->mode[rule] == ORACLE_SHADOW) {
			out->notes[out->noted++] = finding;
		} else {
			out->answer = finding;
			return;
		}
	}
	/* What the limits of another let pass, the account's own might have refused. */
	if (told->account == ACCOUNT_UNKNOWN)
		out->answer = (struct oracle_finding){
		    .rule = ORACLE_UNAVAILABLE, .unknown = true, .quota = -1};
}
