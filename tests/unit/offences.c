#include "tests/unit/offences.h"

#include <string.h>

#define QUOTA_LIMIT 5000

struct message message;

struct facts honest(void)
{
	static struct ip client;
	struct facts facts;

	ip_parse("192.0.2.7", &client);
	message = (struct message){.octets = 6000000, .largest = {4000000, "2", "report.pdf"}};
	facts = (struct facts){
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
	for (int id = 0; id < QUOTA_COUNT; id++) {
		facts.used[id] = QUOTA_LIMIT;
		facts.retry[id] = quotas[id].seconds;
	}
	return facts;
}

struct limits all_enforced(void)
{
	struct limits limits;

	limits_init(&limits);
	for (int id = 0; id < RULE_unavailable; id++)
		limits.mode[id] = MODE_ENFORCE;
	for (int id = 0; id < QUOTA_COUNT; id++)
		limits.bound[BOUND_OF_QUOTA(id)] = QUOTA_LIMIT;
	return limits;
}

const struct offence offences[OFFENCES] = {
    [NO_HELO] =
	{"no HELO", AT_MAIL, RULE_helo_name, OUTCOME_OVER,
         "501 5.5.2 Say HELO or EHLO with a valid host name or IP address first [helo_name]"},
    [BAD_HELO] = {"bad HELO", AT_MAIL, RULE_helo_name, OUTCOME_OVER, NULL},
    [NO_LOGIN] = {"no login", AT_MAIL, RULE_auth_required, OUTCOME_OVER,
                  "530 5.7.0 Authentication required: log in before you send [auth_required]"},
    [NO_NETWORK] = {"no login, and networks unknown", AT_MAIL, RULE_auth_required, OUTCOME_UNKNOWN,
                    NULL},
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
    [MESSAGE_OVER_HOUR] = {"a message over an hour's quota", AT_MAIL, RULE_message_rate,
                           OUTCOME_OVER,
                           "450 4.7.1 This account has sent what it may for now, 5000 messages per "
                           "hour: try again in "
                           "60 minutes [message_rate]"},
    /* The one that takes longest is told: then nothing else is in the way. */
    [MESSAGE_OVER_HOUR_AND_DAY] =
	{"a message over two quotas", AT_MAIL, RULE_message_rate, OUTCOME_OVER,
         "450 4.7.1 This account has sent what it may for now, 5000 messages per day: try again in "
         "24 hours [message_rate]"},
    [NO_USAGE] = {"usage unknown", AT_MAIL, RULE_message_rate, OUTCOME_UNKNOWN, NULL},
    [RECIPIENT_OVER_MINUTE] =
	{"a recipient over a minute's quota", AT_RCPT, RULE_recipient_rate, OUTCOME_OVER,
         "450 4.7.1 This account has sent to as many recipients as it may for now, 5000 recipients "
         "per minute: try again in 1 second [recipient_rate]"},
    [OCTETS_OVER_DAY] =
	{"octets over a day's quota", AT_EOM, RULE_volume_rate, OUTCOME_OVER,
         "450 4.7.1 With this message the account would send more than it may for now, 5000 octets "
         "per day: try again in 3 hours [volume_rate]"},
    [NO_VOLUME] = {"volume unknown", AT_EOM, RULE_volume_rate, OUTCOME_UNKNOWN, NULL},
};

void find_fault(enum fault fault, const char *field, const char *part)
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
	case OCTETS_OVER_DAY:
		facts->used[QUOTA_octets_per_day]++;
		facts->retry[QUOTA_octets_per_day] = 7201;
		break;
	case NO_VOLUME:
		facts->known &= ~(unsigned)FACT_USAGE;
		break;
	case LARGE_MESSAGE_PART:
		message.largest.octets = 4194305;
		strcpy(message.largest.part, "3.1");
		message.largest.name[0] = '\0';
		break;
	}
}

void offend(struct facts *facts, int offence)
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
	case NO_NETWORK:
		facts->login = "";
		facts->mechanism = "";
		facts->known &= ~(unsigned)FACT_NETWORK;
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
	case MESSAGE_OVER_HOUR:
		facts->used[QUOTA_messages_per_hour]++;
		break;
	case MESSAGE_OVER_HOUR_AND_DAY:
		facts->used[QUOTA_messages_per_hour] += 2;
		facts->used[QUOTA_messages_per_day]++;
		break;
	case NO_USAGE:
		facts->known &= ~(unsigned)FACT_USAGE;
		break;
	case RECIPIENT_OVER_MINUTE:
		facts->used[QUOTA_recipients_per_minute]++;
		facts->retry[QUOTA_recipients_per_minute] = 1;
		break;
	case RECIPIENT_101:
		facts->recipients = 101;
		break;
	}
}

struct facts offending(int offence)
{
	struct facts facts = honest();

	if (offences[offence].stage == AT_EOM)
		facts.known = FACTS_OF_EOM;
	offend(&facts, offence);
	return facts;
}
