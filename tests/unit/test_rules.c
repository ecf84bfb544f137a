/* The rule table, the limits, the judge and the replies. */
#include "policy/rules.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>

#define FACTS_OF_MAIL (FACT_PORT | FACT_ACCOUNT | FACT_CONNECTIONS | FACT_DECLARED_SIZE)
#define FACTS_OF_EOM                                                                               \
	(FACT_ACCOUNT | FACT_MESSAGE_SIZE | FACT_HEADER | FACT_SENDERS | FACT_STRUCTURE)

static struct message message; /* of the transaction that honest() made last */

/* A transaction that every rule lets pass. */
static struct facts honest(void)
{
	static struct ip client;

	ip_parse("192.0.2.7", &client);
	message = (struct message){.octets = 6000000, .largest = {4000000, "2", "report.pdf"}};
	return (struct facts){
	    .known = FACTS_OF_MAIL,
	    .helo = FORM_OK,
	    .login = "alice",
	    .mechanism = "PLAIN",
	    .tls = true,
	    .port = 587,
	    .client = &client,
	    .registered = true,
	    .connections = 1,
	    .sender = FORM_OK,
	    .granted = true,
	    .recipient = FORM_OK,
	    .recipients = 1,
	    .message = &message,
	    .stranger = "",
	};
}

static struct limits all_enforced(void)
{
	struct limits limits;

	limits_init(&limits);
	for (int id = 0; id < RULE_unavailable; id++)
		limits.mode[id] = MODE_ENFORCE;
	return limits;
}

/* Each way to offend or to leave something unknown, with the rule that must answer. */
enum {
	NO_HELO,
	BAD_HELO,
	NO_LOGIN,
	CRAM_MD5,
	NO_MECHANISM,
	NO_TLS,
	TLS_ON_25,
	UNKNOWN_PORT,
	SUSPENDED,
	NO_ACCOUNT,
	ELEVEN_CONNECTIONS,
	NO_CONNECTIONS,
	BAD_SENDER,
	UNKNOWN_SENDER,
	NOT_GRANTED,
	NULL_SENDER,
	DECLARED_OVER,
	NO_DECLARED_SIZE,
	BAD_RECIPIENT,
	RECIPIENT_101,
	SIZE_OVER,
	NO_SIZE,
	NO_FROM,
	TWO_FROM,
	SENDERS_NOT_PARSED,
	NO_HEADER,
	STRANGER,
	UNREADABLE_SENDER,
	NO_LOOKUP,
	NEAR_DELIMITER,
	CONTENT_TWICE,
	NO_STRUCTURE,
	LARGE_ATTACHMENT,
	LARGE_MESSAGE_PART,
	OFFENCES
};

static const struct offence {
	const char *name;
	enum stage stage;
	enum rule_id rule;
	enum outcome outcome;
	const char *reply;
} offences[OFFENCES] = {
    [NO_HELO] =
	{"no HELO", AT_MAIL, RULE_helo_name, OUTCOME_OVER,
         "501 5.5.2 Say HELO or EHLO with a valid host name or IP address first [helo_name]"},
    [BAD_HELO] = {"bad HELO", AT_MAIL, RULE_helo_name, OUTCOME_OVER, NULL},
    [NO_LOGIN] = {"no login", AT_MAIL, RULE_auth_required, OUTCOME_OVER,
                  "530 5.7.0 Authentication required: log in before you send [auth_required]"},
    [CRAM_MD5] = {"CRAM-MD5", AT_MAIL, RULE_auth_mechanism, OUTCOME_OVER,
                  "550 5.7.1 This authentication mechanism is not accepted: use PLAIN or LOGIN "
                  "[auth_mechanism]"},
    [NO_MECHANISM] = {"no mechanism", AT_MAIL, RULE_auth_mechanism, OUTCOME_UNKNOWN, NULL},
    [NO_TLS] = {"no TLS", AT_MAIL, RULE_tls_required, OUTCOME_OVER,
                "530 5.7.0 TLS required: issue STARTTLS before you send [tls_required]"},
    [TLS_ON_25] = {"TLS on port 25", AT_MAIL, RULE_tls_port, OUTCOME_OVER,
                   "554 5.7.1 TLS is not offered on this port: use port 587 or 465 [tls_port]"},
    [UNKNOWN_PORT] = {"unknown port", AT_MAIL, RULE_tls_port, OUTCOME_UNKNOWN, NULL},
    [SUSPENDED] = {"suspended", AT_MAIL, RULE_account_active, OUTCOME_OVER,
                   "525 5.7.13 This account is suspended: ask your administrator [account_active]"},
    [NO_ACCOUNT] =
	{"no registry", AT_MAIL, RULE_account_active, OUTCOME_UNKNOWN,
         "451 4.3.0 The policy service could not tell whether this may be sent: try again "
         "later [unavailable]"},
    [ELEVEN_CONNECTIONS] =
	{"11 connections", AT_MAIL, RULE_max_connections, OUTCOME_OVER,
         "421 4.7.0 Too many connections: this is number 11 of this account, the "
         "limit is 10; close one first [max_connections]"},
    [NO_CONNECTIONS] = {"connections unknown", AT_MAIL, RULE_max_connections, OUTCOME_UNKNOWN,
                        NULL},
    [BAD_SENDER] = {"bad sender", AT_MAIL, RULE_sender_syntax, OUTCOME_OVER,
                    "501 5.1.7 Bad sender address: MAIL FROM wants one mailbox in angle brackets, "
                    "<user@example.com> [sender_syntax]"},
    [UNKNOWN_SENDER] = {"sender not parsed", AT_MAIL, RULE_sender_syntax, OUTCOME_UNKNOWN, NULL},
    [NOT_GRANTED] =
	{"not granted", AT_MAIL, RULE_sender_registered, OUTCOME_OVER,
         "553 5.7.1 This sender address is not registered for the account you logged in "
         "with: ask your administrator [sender_registered]"},
    [NULL_SENDER] = {"<>", AT_MAIL, RULE_sender_registered, OUTCOME_OVER, NULL},
    [DECLARED_OVER] = {"SIZE=8388609", AT_MAIL, RULE_max_message_size, OUTCOME_OVER,
                       "552 5.3.4 Message too big: 8388609 octets, the limit is 8388608 "
                       "[max_message_size]"},
    [NO_DECLARED_SIZE] = {"SIZE=garbage", AT_MAIL, RULE_max_message_size, OUTCOME_UNKNOWN, NULL},
    [BAD_RECIPIENT] = {"bad recipient", AT_RCPT, RULE_recipient_syntax, OUTCOME_OVER,
                       "501 5.1.3 Bad recipient address: RCPT TO wants one mailbox in angle "
                       "brackets, <user@example.com> [recipient_syntax]"},
    [RECIPIENT_101] =
	{"recipient 101", AT_RCPT, RULE_max_recipients, OUTCOME_OVER,
         "452 4.5.3 Too many recipients: this is number 101 of the message, the limit "
         "is 100 [max_recipients]"},
    [SIZE_OVER] = {"8388609 octets", AT_EOM, RULE_max_message_size, OUTCOME_OVER,
                   "552 5.3.4 Message too big: 8388609 octets, the limit is 8388608 "
                   "[max_message_size]"},
    [NO_SIZE] = {"size unknown", AT_EOM, RULE_max_message_size, OUTCOME_UNKNOWN, NULL},
    [NO_FROM] = {"no From", AT_EOM, RULE_header_form, OUTCOME_OVER,
                 "554 5.6.0 This message is not in the form of RFC 5322: it has no From field "
                 "[header_form]"},
    [TWO_FROM] = {"two From", AT_EOM, RULE_header_form, OUTCOME_OVER,
                  "554 5.6.0 This message is not in the form of RFC 5322: a field that may stand "
                  "once stands twice (From) [header_form]"},
    [SENDERS_NOT_PARSED] = {"senders not parsed", AT_EOM, RULE_header_form, OUTCOME_UNKNOWN, NULL},
    [NO_HEADER] = {"no header", AT_EOM, RULE_header_form, OUTCOME_UNKNOWN, NULL},
    [STRANGER] = {"a stranger", AT_EOM, RULE_header_from, OUTCOME_OVER,
                  "550 5.7.1 This message says it is from an address that is not registered for "
                  "the account you logged in with (eve@example.com): ask your administrator "
                  "[header_from]"},
    [UNREADABLE_SENDER] =
	{"an unreadable sender", AT_EOM, RULE_header_from, OUTCOME_OVER,
         "550 5.7.1 This message says it is from an address that is not registered for the account "
         "you logged in with (a field that cannot be read): ask your administrator "
         "[header_from]"},
    [NO_LOOKUP] = {"no lookup", AT_EOM, RULE_header_from, OUTCOME_UNKNOWN, NULL},
    [NEAR_DELIMITER] = {"near delimiter", AT_EOM, RULE_mime_form, OUTCOME_OVER,
                        "554 5.6.0 Mail programs would take this message apart differently: a line "
                        "looks like a boundary but is none (part 2.1) [mime_form]"},
    [CONTENT_TWICE] = {"two types", AT_EOM, RULE_mime_form, OUTCOME_OVER,
                       "554 5.6.0 Mail programs would take this message apart differently: its "
                       "content type or encoding is given twice, and differs (part 1) "
                       "[mime_form]"},
    [NO_STRUCTURE] = {"structure unknown", AT_EOM, RULE_mime_form, OUTCOME_UNKNOWN, NULL},
    [LARGE_ATTACHMENT] = {"4194305 octets attached", AT_EOM, RULE_max_attachment_size, OUTCOME_OVER,
                          "552 5.3.4 Attachment too big (part 2, report.pdf): 4194305 octets, the "
                          "limit is 4194304 [max_attachment_size]"},
    [LARGE_MESSAGE_PART] = {"4194305 octets without a name", AT_EOM, RULE_max_attachment_size,
                            OUTCOME_OVER,
                            "552 5.3.4 Attachment too big (part 3.1): 4194305 octets, the limit is "
                            "4194304 [max_attachment_size]"},
};

static void find_fault(enum fault fault, const char *field, const char *part)
{
	message.faults[fault].found = true;
	message.faults[fault].field = field;
	strcpy(message.faults[fault].part, part);
}

static void commit_in_message(struct facts *facts, int offence)
{
	switch (offence) {
	case SIZE_OVER:
		message.octets = 8388609;
		break;
	case NO_SIZE:
		facts->known &= ~(unsigned)FACT_MESSAGE_SIZE;
		break;
	case NO_FROM:
		find_fault(FAULT_from_missing, "", "");
		break;
	case TWO_FROM:
		find_fault(FAULT_field_twice, "From", "");
		break;
	case SENDERS_NOT_PARSED:
		message.senders_unknown = true;
		break;
	case NO_HEADER:
		facts->known &= ~(unsigned)FACT_HEADER;
		break;
	case STRANGER:
		facts->stranger = "eve@example.com";
		break;
	case UNREADABLE_SENDER:
		message.senders_unread = true;
		break;
	case NO_LOOKUP:
		facts->known &= ~(unsigned)FACT_SENDERS;
		break;
	case NEAR_DELIMITER:
		find_fault(FAULT_near_delimiter, "", "2.1");
		break;
	case CONTENT_TWICE:
		find_fault(FAULT_content_twice, "", "1");
		break;
	case NO_STRUCTURE:
		facts->known &= ~(unsigned)FACT_STRUCTURE;
		break;
	case LARGE_ATTACHMENT:
		message.largest.octets = 4194305;
		break;
	case LARGE_MESSAGE_PART:
		message.largest.octets = 4194305;
		strcpy(message.largest.part, "3.1");
		message.largest.name[0] = '\0';
		break;
	}
}

static void commit(struct facts *facts, int offence)
{
	commit_in_message(facts, offence);
	switch (offence) {
	case NO_HELO:
		facts->helo = FORM_NONE;
		break;
	case BAD_HELO:
		facts->helo = FORM_BAD;
		break;
	case NO_LOGIN:
		facts->login = "";
		facts->mechanism = "";
		break;
	case CRAM_MD5:
		facts->mechanism = "CRAM-MD5";
		break;
	case NO_MECHANISM:
		facts->mechanism = "";
		break;
	case NO_TLS:
		facts->tls = false;
		break;
	case TLS_ON_25:
		facts->port = 25;
		break;
	case UNKNOWN_PORT:
		facts->known &= ~(unsigned)FACT_PORT;
		break;
	case SUSPENDED:
		facts->suspended = true;
		break;
	case NO_ACCOUNT:
		facts->known &= ~(unsigned)FACT_ACCOUNT;
		break;
	case ELEVEN_CONNECTIONS:
		facts->connections = 11;
		break;
	case NO_CONNECTIONS:
		facts->known &= ~(unsigned)FACT_CONNECTIONS;
		break;
	case BAD_SENDER:
		facts->sender = FORM_BAD;
		facts->granted = false;
		break;
	case UNKNOWN_SENDER:
		facts->sender = FORM_UNKNOWN;
		facts->granted = false;
		break;
	case NOT_GRANTED:
		facts->granted = false;
		break;
	case NULL_SENDER:
		facts->sender = FORM_NULL;
		facts->granted = false;
		break;
	case DECLARED_OVER:
		facts->declared_size = 8388609;
		break;
	case NO_DECLARED_SIZE:
		facts->known &= ~(unsigned)FACT_DECLARED_SIZE;
		break;
	case BAD_RECIPIENT:
		facts->recipient = FORM_BAD;
		break;
	case RECIPIENT_101:
		facts->recipients = 101;
		break;
	}
}

static struct facts offending(int offence)
{
	struct facts facts = honest();

	if (offences[offence].stage == AT_EOM)
		facts.known = FACTS_OF_EOM;
	commit(&facts, offence);
	return facts;
}

static void honest_mail_passes_each_stage(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	for (int stage = AT_MAIL; stage <= AT_EOM; stage <<= 1) {
		facts.known = stage == AT_EOM ? FACTS_OF_EOM : FACTS_OF_MAIL;
		judge((enum stage)stage, &facts, &limits, &verdict);
		assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
		assert_int_equal(verdict.shadow_count, 0);
	}
}

static void limits_are_inclusive(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.connections = 10;
	facts.declared_size = 8388608;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.recipients = 100;
	judge(AT_RCPT, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.known = FACTS_OF_EOM;
	message.octets = 8388608;
	message.largest.octets = 4194304;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
}

static void each_offence_is_answered_by_its_rule(void **state)
{
	struct limits limits = all_enforced();

	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct facts facts = offending(i);
		struct verdict verdict;
		struct reply reply;
		char line[600];

		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.finding.outcome == offence->outcome, offence->name);
		assert_row(verdict.finding.rule == offence->rule, offence->name);
		reply_format(&verdict.finding, &limits, &reply);
		if (offence->outcome == OUTCOME_UNKNOWN) {
			assert_row(reply.code == 451, offence->name);
			assert_string_equal(reply.rule, "unavailable");
		}
		snprintf(line, sizeof line, "%u %s %s", reply.code, reply.enhanced, reply.text);
		if (offence->reply)
			assert_string_equal(line, offence->reply);
	}
}

static void shadow_notes_and_lets_pass(void **state)
{
	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct limits limits = all_enforced();
		struct facts facts = offending(i);
		struct verdict verdict;

		limits.mode[offence->rule] = MODE_SHADOW;
		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.shadow_count == 1, offence->name);
		assert_row(verdict.shadow[0].rule == offence->rule, offence->name);
		assert_row(verdict.shadow[0].outcome == offence->outcome, offence->name);
	}
}

static void off_is_not_judged(void **state)
{
	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		const struct offence *offence = &offences[i];
		struct limits limits = all_enforced();
		struct facts facts = offending(i);
		struct verdict verdict;

		limits.mode[offence->rule] = MODE_OFF;
		judge(offence->stage, &facts, &limits, &verdict);
		assert_row(verdict.finding.outcome == OUTCOME_OK ||
		               verdict.finding.rule != offence->rule,
		           offence->name);
		assert_row(verdict.shadow_count == 0, offence->name);
	}
}

/* Of two offences at one stage, the rule that stands first in the table answers. */
static void the_first_rule_of_the_table_answers(void **state)
{
	struct limits limits = all_enforced();
	int pairs = 0;

	(void)state;
	for (int i = 0; i < OFFENCES; i++) {
		for (int j = 0; j < OFFENCES; j++) {
			struct facts facts = offending(i);
			struct limits alone;
			struct verdict verdict;

			if (offences[i].stage != offences[j].stage ||
			    offences[i].rule >= offences[j].rule)
				continue;
			commit(&facts, j);

			/* The second may have undone the first: another sender, say. */
			limits_init(&alone);
			for (int id = 0; id < RULE_unavailable; id++)
				alone.mode[id] =
				    id == (int)offences[i].rule ? MODE_ENFORCE : MODE_OFF;
			judge(offences[i].stage, &facts, &alone, &verdict);
			if (verdict.finding.outcome == OUTCOME_OK)
				continue;

			judge(offences[i].stage, &facts, &limits, &verdict);
			assert_row(verdict.finding.rule == offences[i].rule, offences[i].name);
			pairs++;
		}
	}
	assert_true(pairs > OFFENCES);
}

static void without_an_account_nothing_that_needs_it_passes(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.known = FACTS_OF_EOM & ~(unsigned)FACT_ACCOUNT;
	for (int stage = AT_MAIL; stage <= AT_EOM; stage <<= 1) {
		judge((enum stage)stage, &facts, &limits, &verdict);
		assert_int_equal(verdict.finding.outcome, OUTCOME_UNKNOWN);
	}
}

static void null_sender_where_the_profile_allows_it(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(NULL_SENDER);
	struct verdict verdict;

	(void)state;
	limits.allow_null_sender = true;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);

	facts.registered = false; /* a login that is no account has nobody's profile */
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_sender_registered);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OVER);
}

static void a_sender_that_could_not_be_parsed_is_never_told_that_it_is_not_registered(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(UNKNOWN_SENDER);
	struct verdict verdict;

	(void)state;
	limits.mode[RULE_sender_syntax] = MODE_OFF;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_sender_registered);
	assert_int_equal(verdict.finding.outcome, OUTCOME_UNKNOWN);
}

static void tls_required_spares_its_networks(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(NO_TLS);
	struct verdict verdict;
	struct ip loopback;

	(void)state;
	assert_true(ip_parse("127.0.0.1", &loopback));
	facts.client = &loopback;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
	facts.client = NULL;
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_tls_required);
}

static void mechanisms_in_any_case(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = honest();
	struct verdict verdict;

	(void)state;
	facts.mechanism = "plain";
	judge(AT_MAIL, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OK);
}

/* What a reply may hold: RFC 5321 4.2. */
static void assert_sound(const struct finding *finding, const struct limits *limits)
{
	const char *name = rules[finding->rule].name;
	char tail[80];
	struct reply reply;

	reply_format(finding, limits, &reply);
	assert_row(reply.code >= 400 && reply.code < 600, name);
	assert_row((unsigned)(reply.enhanced[0] - '0') == reply.code / 100, name);
	for (const char *s = reply.text; *s; s++)
		assert_row(*s >= ' ' && *s <= '~' && *s != '{', name);
	snprintf(tail, sizeof tail, " [%s]", name);
	assert_row(strlen(reply.text) > strlen(tail), name);
	assert_string_equal(reply.text + strlen(reply.text) - strlen(tail), tail);
	assert_row(strlen(reply.text) < REPLY_TEXT_MAX, name);
}

/* With all that can be filled in as long as can be, and of octets that no reply may hold. */
static void every_reply_is_sound(void **state)
{
	char part[PART_NUMBER_MAX + 1], about[1000];
	struct limits limits;

	(void)state;
	limits_init(&limits);
	memset(part, '\x1b', sizeof part - 1);
	memset(about, '\xc2', sizeof about - 1);
	part[sizeof part - 1] = about[sizeof about - 1] = '\0';
	for (int id = 0; id < RULE_COUNT; id++) {
		struct finding finding = {
		    .rule = (enum rule_id)id,
		    .outcome = id == RULE_unavailable ? OUTCOME_UNKNOWN : OUTCOME_OVER,
		    .value = UINT64_MAX,
		    .limit = UINT64_MAX,
		    .part = part,
		    .about = about,
		};

		for (size_t i = 0; i < ALLOW_MAX && rules[id].allow.kind == ALLOW_MECHANISM; i++)
			memset(limits.allow[id].entry[i].mechanism, 'X', MECHANISM_MAX);
		limits.allow[id].count = rules[id].allow.kind == ALLOW_NONE ? 0 : ALLOW_MAX;
		assert_sound(&finding, &limits);
		for (size_t i = 0; i < FAULT_COUNT; i++) {
			finding.fault = &faults[i];
			if (faults[i].rule == finding.rule)
				assert_sound(&finding, &limits);
		}
	}
}

static void what_a_client_sent_is_told_in_printable_ascii_and_cut(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {"a.pdf", " (a.pdf)"},
	    {"a b%n{value}.pdf", " (a b%n{value}.pdf)"},
	    {"r\xc3\xa9sum\xc3\xa9", " (r?"
	                             "?sum?"
	                             "?)"},
	    {"a\r\n250 OK\t\x1b[2J\x7f", " (a?"
	                                 "?250 OK?"
	                                 "?[2J?)"},
	};
	char about[FILE_NAME_MAX + 10], expected[REPLY_TEXT_MAX];
	struct finding finding = {RULE_max_attachment_size, OUTCOME_OVER, 2, 1, NULL, NULL, about};
	struct limits limits;
	struct reply reply;

	(void)state;
	limits_init(&limits);
	for (size_t i = 0; i < ROWS(rows); i++) {
		strcpy(about, rows[i].in);
		snprintf(expected, sizeof expected,
		         "Attachment too big%s: 2 octets, the limit is 1 [max_attachment_size]",
		         rows[i].out);
		reply_format(&finding, &limits, &reply);
		assert_string_equal(reply.text, expected);
	}
	memset(about, 'x', sizeof about - 1);
	about[sizeof about - 1] = '\0';
	reply_format(&finding, &limits, &reply);
	assert_non_null(strstr(reply.text, "xxx...): 2 octets"));
}

static unsigned read_with(enum rule_id rule, enum rule_mode mode)
{
	struct limits limits;

	limits_init(&limits);
	for (int id = 0; id < RULE_unavailable; id++)
		limits.mode[id] = id == (int)rule ? mode : MODE_OFF;
	return limits_read(&limits);
}

static void only_what_a_rule_looks_at_is_read(void **state)
{
	const unsigned both = READS_HEADER | READS_BODY;

	(void)state;
	assert_int_equal(read_with(RULE_header_form, MODE_OFF), 0);
	assert_int_equal(read_with(RULE_max_recipients, MODE_ENFORCE), 0);
	assert_int_equal(read_with(RULE_header_form, MODE_ENFORCE), READS_HEADER);
	assert_int_equal(read_with(RULE_header_from, MODE_SHADOW), READS_HEADER);
	assert_int_equal(read_with(RULE_max_message_size, MODE_ENFORCE), both);
	assert_int_equal(read_with(RULE_mime_form, MODE_SHADOW), both);
	assert_int_equal(read_with(RULE_max_attachment_size, MODE_ENFORCE), both);
}

/* The rest of a body need not be taken apart once the header is refused: milter/content.c. */
static void rules_of_the_body_come_after_those_of_the_header(void **state)
{
	bool body = false;

	(void)state;
	for (int id = 0; id < RULE_unavailable; id++) {
		if (!(rules[id].stages & AT_EOM) || id == RULE_max_message_size)
			continue;
		body |= (rules[id].reads & READS_BODY) != 0;
		assert_row(((rules[id].reads & READS_BODY) != 0) == body, rules[id].name);
		assert_row((rules[id].reads & READS_HEADER) != 0, rules[id].name);
	}
	assert_true(body);
}

static void an_address_that_cannot_be_read_is_not_granted_though_header_form_is_off(void **state)
{
	struct limits limits = all_enforced();
	struct facts facts = offending(UNREADABLE_SENDER);
	struct verdict verdict;

	(void)state;
	find_fault(FAULT_address_list, "From", "");
	limits.mode[RULE_header_form] = MODE_OFF;
	judge(AT_EOM, &facts, &limits, &verdict);
	assert_int_equal(verdict.finding.rule, RULE_header_from);
	assert_int_equal(verdict.finding.outcome, OUTCOME_OVER);
}

static void bounds_are_read_strictly(void **state)
{
	static const struct {
		enum rule_id rule;
		const char *text;
		uint64_t bound; /* 0: refused */
	} rows[] = {
	    {RULE_max_recipients, "1", 1},
	    {RULE_max_recipients, "1000000", 1000000},
	    {RULE_max_recipients, "1000001", 0},
	    {RULE_max_recipients, "0", 0},
	    {RULE_max_recipients, "-1", 0},
	    {RULE_max_recipients, "+1", 0},
	    {RULE_max_recipients, "", 0},
	    {RULE_max_recipients, " 1", 0},
	    {RULE_max_recipients, "1 ", 0},
	    {RULE_max_recipients, "1K", 0},
	    {RULE_max_recipients, "0x10", 0},
	    {RULE_max_recipients, "1e3", 0},
	    {RULE_max_recipients, "18446744073709551617", 0},
	    {RULE_max_message_size, "8M", 8 << 20},
	    {RULE_max_message_size, "8m", 8 << 20},
	    {RULE_max_message_size, "8192K", 8 << 20},
	    {RULE_max_message_size, "8388608", 8388608},
	    {RULE_max_message_size, "1G", 1 << 30},
	    {RULE_max_message_size, "1T", 0},
	    {RULE_max_message_size, "8MB", 0},
	    {RULE_max_message_size, "8 M", 0},
	    {RULE_max_message_size, "M", 0},
	    {RULE_max_message_size, "1023", 0},
	    {RULE_max_message_size, "18014398509481985K", 0}, /* 1024 past 2^64 */
	    {RULE_max_attachment_size, "1024", 1024},
	    {RULE_max_attachment_size, "1023", 0},
	    {RULE_max_attachment_size, "1024G", UINT64_C(1) << 40},
	    {RULE_max_attachment_size, "1025G", 0},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct limits limits;
		uint64_t preset = rules[rows[i].rule].bound.preset;
		bool ok;

		limits_init(&limits);
		ok = limits_set_bound(&limits, rows[i].rule, rows[i].text);
		assert_row(ok == (rows[i].bound != 0), rows[i].text);
		assert_row(limits.bound[rows[i].rule] == (ok ? rows[i].bound : preset),
		           rows[i].text);
	}
}

static void lists_are_read_strictly(void **state)
{
	static const struct {
		enum rule_id rule;
		const char *entry;
		bool ok;
	} rows[] = {
	    {RULE_auth_mechanism, "PLAIN", true},
	    {RULE_auth_mechanism, "scram-sha-256", true},
	    {RULE_auth_mechanism, "", false},
	    {RULE_auth_mechanism, "A B", false},
	    {RULE_auth_mechanism, "012345678901234567890", false},
	    {RULE_tls_port, "1", true},
	    {RULE_tls_port, "65535", true},
	    {RULE_tls_port, "0", false},
	    {RULE_tls_port, "65536", false},
	    {RULE_tls_port, "smtp", false},
	    {RULE_tls_required, "10.0.0.0/8", true},
	    {RULE_tls_required, "10.0.0.1/8", false},
	    {RULE_helo_name, "x", false},
	};
	const char *many[ALLOW_MAX + 1];
	struct limits limits;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		limits_init(&limits);
		assert_row(limits_set_allow(&limits, rows[i].rule, &rows[i].entry, 1) == rows[i].ok,
		           rows[i].entry);
	}
	for (size_t i = 0; i <= ALLOW_MAX; i++)
		many[i] = "587";
	assert_true(limits_set_allow(&limits, RULE_tls_port, many, ALLOW_MAX));
	assert_false(limits_set_allow(&limits, RULE_tls_port, many, ALLOW_MAX + 1));
	assert_true(limits_set_allow(&limits, RULE_tls_port, NULL, 0));
	assert_int_equal(limits.allow[RULE_tls_port].count, 0);
}

static void networks(void **state)
{
	static const struct {
		const char *network;
		const char *address; /* null: the network is refused */
		bool held;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.7/32", "192.0.2.7", true},
	    {"0.0.0.0/0", "203.0.113.1", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "2001:db8::1", true},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true}, /* IPv4-mapped */
	    {"192.0.2.0/24", "::ffff:192.0.2.9", true},
	    {"::1", "::1", true},
	    {"192.0.2.1/24", NULL, false},
	    {"192.0.2.0/33", NULL, false},
	    {"2001:db8::/129", NULL, false},
	    {"192.0.2.0/", NULL, false},
	    {"192.0.2.0/-1", NULL, false},
	    {"192.0.2.0/ 24", NULL, false},
	    {"192.0.2.0/024x", NULL, false},
	    {"192.0.2/24", NULL, false},
	    {"", NULL, false},
	    {"/8", NULL, false},
	    {"example.com", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct network network;
		struct ip ip;

		assert_row(network_parse(rows[i].network, &network) == (rows[i].address != NULL),
		           rows[i].network);
		if (!rows[i].address)
			continue;
		assert_true(ip_parse(rows[i].address, &ip));
		assert_row(networks_hold(&network, 1, &ip) == rows[i].held, rows[i].network);
		assert_false(networks_hold(&network, 1, NULL));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(honest_mail_passes_each_stage),
	    cmocka_unit_test(limits_are_inclusive),
	    cmocka_unit_test(each_offence_is_answered_by_its_rule),
	    cmocka_unit_test(shadow_notes_and_lets_pass),
	    cmocka_unit_test(off_is_not_judged),
	    cmocka_unit_test(the_first_rule_of_the_table_answers),
	    cmocka_unit_test(without_an_account_nothing_that_needs_it_passes),
	    cmocka_unit_test(null_sender_where_the_profile_allows_it),
	    cmocka_unit_test(
		a_sender_that_could_not_be_parsed_is_never_told_that_it_is_not_registered),
	    cmocka_unit_test(tls_required_spares_its_networks),
	    cmocka_unit_test(mechanisms_in_any_case),
	    cmocka_unit_test(every_reply_is_sound),
	    cmocka_unit_test(what_a_client_sent_is_told_in_printable_ascii_and_cut),
	    cmocka_unit_test(only_what_a_rule_looks_at_is_read),
	    cmocka_unit_test(rules_of_the_body_come_after_those_of_the_header),
	    cmocka_unit_test(
		an_address_that_cannot_be_read_is_not_granted_though_header_form_is_off),
	    cmocka_unit_test(bounds_are_read_strictly),
	    cmocka_unit_test(lists_are_read_strictly),
	    cmocka_unit_test(networks),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
