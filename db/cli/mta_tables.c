/* What Postfix's parameters should be, a row each; and those that depend on our own limits. */
#include "db/cli/check_mta.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP_FREE (1024 * 1024) /* octets of a queue file beside the message: envelope, records */

/* ---- one parameter, one test -------------------------------------------- */

enum test {
	IS_ONE_OF,  /* these words, of which the first mends it */
	IS_EMPTY,   /* "" mends it */
	IS_EXACTLY, /* these words, in whatever order */
	HAS_ALL,    /* these words among others */
	HAS_ANY,
	HAS_NONE,
	AT_MOST,  /* so many seconds */
	AT_LEAST, /* likewise */
};

struct row {
	const char *parameter;
	bool
	    everywhere; /* main.cf's value for all services; else that of each that the gate serves */
	enum test test;
	const char *words;
	const char *why; /* it matters, where it is not so */
};

static const struct row rows[] = {
    /* What opens the gate. */
    {"milter_default_action", true, IS_ONE_OF, "tempfail",
     "while the gate is down, mail goes by it, or is lost to its sender"},
    {"receive_override_options", false, HAS_NONE, "no_milters", "mail goes by the gate"},
    {"smtpd_milter_maps", false, IS_EMPTY, "", "it can send clients by the gate"},
    {"smtpd_proxy_filter", false, IS_EMPTY, "",
     "the gate does not see the messages, so that nobody looks at From, sizes and attachments"},
    {"smtpd_command_filter", false, IS_EMPTY, "",
     "the gate would judge other commands than the client sent"},
    {"smtpd_authorized_xclient_hosts", false, IS_EMPTY, "",
     "who may use XCLIENT can say to have logged in as anybody"},
    {"smtpd_sasl_auth_enable", false, IS_ONE_OF, "yes",
     "nobody can log in, so that the gate refuses everything"},
    {"smtpd_relay_restrictions", false, HAS_ANY,
     "reject reject_unauth_destination defer_unauth_destination defer",
     "who did not log in could relay while the gate lets it"},
    {"strict_rfc821_envelopes", false, IS_ONE_OF, "yes",
     "Postfix and the gate could take an address for two different ones"},
    {"smtpd_forbid_bare_newline", false, IS_ONE_OF, "normalize yes reject note",
     "a message can hide another one (SMTP smuggling)"},
    {"message_reject_characters", true, HAS_ALL, "\\0",
     "a NUL cuts header fields short for the gate"},
    /* What the gate goes by. */
    {"milter_protocol", true, IS_ONE_OF, "6", "the gate cannot ask for the macros that it needs"},
    {"milter_mail_macros", true, HAS_ALL, "{auth_authen} {auth_type} {mail_addr}",
     "the gate must learn who logged in"},
    {"milter_connect_timeout", true, AT_LEAST, "5", "a busy gate would count as down"},
    {"milter_command_timeout", true, AT_LEAST, "10", "a busy gate would count as down"},
    {"milter_content_timeout", true, AT_LEAST, "30", "a busy gate would count as down"},
    /* What clients are promised. */
    {"smtpd_sasl_mechanism_filter", false, IS_EXACTLY, "plain login",
     "other mechanisms are announced, or refused by the gate"},
    {"smtpd_sasl_security_options", false, HAS_ALL, "noanonymous",
     "clients could log in as nobody"},
    {"smtpd_sasl_exceptions_networks", false, IS_EMPTY, "", "clients there are offered no AUTH"},
    {"broken_sasl_auth_clients", false, IS_ONE_OF, "no", "AUTH is announced twice"},
    {"smtpd_discard_ehlo_keywords", false, HAS_NONE, "auth size starttls",
     "EHLO must announce them"},
    {"smtpd_discard_ehlo_keyword_address_maps", false, IS_EMPTY, "",
     "EHLO must announce the same to everybody"},
    {"smtpd_helo_required", false, IS_ONE_OF, "yes", "EHLO or HELO comes first"},
    {"smtpd_timeout", false, AT_MOST, "30", "a client that is idle holds a process"},
};

/* Gives 0 for what is no time. Without a unit it is in seconds, as it is with these parameters. */
static unsigned long seconds(const char *text)
{
	static const struct {
		char unit;
		unsigned long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (*end == units[i].unit)
			return number * units[i].seconds;
	return number;
}

/* How many of the words stand in the text. */
static size_t count_words(const char *words, const char *text, size_t *count)
{
	char word[64];
	size_t found = 0;

	*count = 0;
	while (postfix_next_word(&words, word, sizeof word)) {
		++*count;
		found += postfix_has_word(text, word);
	}
	return found;
}

static bool passes(const struct row *row, const char *value)
{
	size_t count, others, found = count_words(row->words, value, &count);

	switch (row->test) {
	case IS_ONE_OF:
	case HAS_ANY:
		return found > 0;
	case IS_EMPTY:
		return value[0] == '\0';
	case IS_EXACTLY:
		count_words(value, "", &others);
		return found == count && others == count;
	case HAS_ALL:
		return found == count;
	case HAS_NONE:
		return found == 0;
	case AT_MOST:
		return seconds(value) > 0 && seconds(value) <= seconds(row->words);
	case AT_LEAST:
		break;
	}
	return seconds(value) >= seconds(row->words);
}

static void append(char *out, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s", used > 0 ? separator : "", word);
}

/* What it is to be, from what it is, its words with the separator between them. */
static void mended(const struct row *row, const char *value, const char *separator, char *out,
                   size_t size)
{
	const char *words = row->words;
	bool keeps = row->test == HAS_ALL || row->test == HAS_NONE, first = true;
	bool lists = row->test == HAS_ALL || row->test == IS_EXACTLY;
	char word[256];

	out[0] = '\0';
	while (keeps && postfix_next_word(&value, word, sizeof word))
		if (!postfix_has_word(row->words, word))
			append(out, size, separator, word);
	for (; row->test != HAS_NONE && (lists || first); first = false) {
		if (!postfix_next_word(&words, word, sizeof word))
			break;
		append(out, size, separator, word);
	}
	if (row->test == AT_MOST || row->test == AT_LEAST)
		append(out, size, "", "s");
}

/* The command that mends it. */
static void say_mend(const char *service, const char *parameter, const char *value, char *out,
                     size_t size)
{
	if (service)
		snprintf(out, size, "postconf -P '%s/%s=%s'", service, parameter, value);
	else
		snprintf(out, size, "postconf -e '%s = %s'", parameter, value);
}

static void check_row(const struct mta *mta, const struct row *row, const char *service)
{
	const char *value = postfix_get(mta->postfix, service, row->parameter);
	char name[SHOWN_MAX] = "main.cf", wanted[512], mend[768], quoted[SHOWN_MAX];

	if (service)
		mta_name(name, service);
	mta->check->name = row->parameter;
	shown(quoted, value);
	if (passes(row, value)) {
		check_ok(mta->check, "%s: %s", name, *value ? quoted : "empty");
		return;
	}
	mended(row, value, service ? "," : " ", wanted, sizeof wanted); /* -P takes no spaces */
	say_mend(service, row->parameter, wanted, mend, sizeof mend);
	check_problem(mta->check, "%s: it is %s: %s: %s", name, *value ? quoted : "empty", row->why,
	              mend);
}

/* ---- what depends on our limits ------------------------------------------ */

static uint64_t number(const struct mta *mta, const char *service, const char *parameter)
{
	return strtoull(postfix_get(mta->postfix, service, parameter), NULL, 10);
}

/* What EHLO announces is what the largest profile lets pass, and Postfix lets the gate say no. */
static void check_size(const struct mta *mta, const char *service)
{
	uint64_t largest = mta_largest(mta->config, RULE_max_message_size);
	uint64_t size = number(mta, service, "message_size_limit");
	char name[SHOWN_MAX];

	mta->check->name = "message_size_limit";
	mta_name(name, service);
	if (size == largest)
		check_ok(mta->check, "%s: SIZE %" PRIu64 " is announced", name, size);
	else
		check_problem(mta->check,
		              "%s: SIZE %" PRIu64 " is announced, but the largest "
		              "max_message_size of any profile is %" PRIu64
		              ": postconf -P '%s/message_size_limit=%" PRIu64 "'",
		              name, size, largest, service, largest);
}

static void check_recipients(const struct mta *mta, const char *service)
{
	uint64_t largest = mta_largest(mta->config, RULE_max_recipients);
	uint64_t limit = number(mta, service, "smtpd_recipient_limit");
	char name[SHOWN_MAX];

	mta->check->name = "smtpd_recipient_limit";
	mta_name(name, service);
	if (limit > largest)
		check_ok(mta->check, "%s: %" PRIu64, name, limit);
	else
		check_problem(mta->check,
		              "%s: it is %" PRIu64
		              ", so that Postfix answers before the gate, whose "
		              "largest max_recipients is %" PRIu64
		              ": postconf -P '%s/smtpd_recipient_limit=%" PRIu64 "'",
		              name, limit, largest, service, largest + 900);
}

/* A queue file holds more than its message. */
static void check_room(const struct mta *mta)
{
	uint64_t largest = mta_largest(mta->config, RULE_max_message_size);
	uint64_t size = number(mta, NULL, "message_size_limit");

	mta->check->name = "message_size_limit";
	if (size == 0 || size >= largest + KEEP_FREE)
		check_ok(mta->check, "main.cf: %" PRIu64, size);
	else
		check_problem(mta->check,
		              "main.cf: it is %" PRIu64 ", and counts envelope and records too: a "
		              "message of %" PRIu64
		              " octets does not fit: postconf -e 'message_size_limit = %" PRIu64
		              "'",
		              size, largest, largest + 2 * KEEP_FREE);
}

static bool offers_starttls(const struct mta *mta, const char *service)
{
	const char *level = postfix_get(mta->postfix, service, "smtpd_tls_security_level");

	if (*level)
		return strcasecmp(level, "none") != 0;
	return mta_is_yes(mta, service, "smtpd_use_tls") ||
	       mta_is_yes(mta, service, "smtpd_enforce_tls");
}

static bool has_certificate(const struct mta *mta, const char *service)
{
	static const char *const parameters[] = {"smtpd_tls_chain_files", "smtpd_tls_cert_file",
	                                         "smtpd_tls_eccert_file"};

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (*postfix_get(mta->postfix, service, parameters[i]))
			return true;
	return false;
}

/* TLS is for the ports that the rule tls_port lets it be on. */
static void check_tls(const struct mta *mta, const char *service)
{
	const struct allow *allow = &mta->config->profiles[0].limits.allow[RULE_tls_port];
	bool starttls = offers_starttls(mta, service);
	bool wrapped = mta_is_yes(mta, service, "smtpd_tls_wrappermode"), wanted = false;
	unsigned port = mta_port(service);
	char name[SHOWN_MAX];

	mta->check->name = "smtpd_tls_security_level";
	mta_name(name, service);
	for (size_t i = 0; i < allow->count; i++)
		wanted = wanted || allow->entry[i].port == port;
	if ((starttls || wrapped) && !wanted)
		check_problem(mta->check,
		              "%s: it offers TLS, and port %u is not among those of the rule "
		              "tls_port: postconf -P '%s/smtpd_tls_security_level=none'",
		              name, port, service);
	else if (!starttls && !wrapped && wanted)
		check_problem(mta->check,
		              "%s: it offers no TLS: postconf -P '%s/smtpd_tls_security_level=may'",
		              name, service);
	else if (wanted && !has_certificate(mta, service))
		check_problem(mta->check,
		              "%s: it has no certificate: postconf -e 'smtpd_tls_cert_file = FILE' "
		              "'smtpd_tls_key_file = FILE'",
		              name);
	else
		check_ok(mta->check, "%s: %s", name, wanted ? "TLS is offered" : "no TLS");
}

void mta_check_tables(const struct mta *mta)
{
	const char *service;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].everywhere)
			check_row(mta, &rows[i], NULL);
	check_room(mta);
	for (size_t n = 0; (service = postfix_service(mta->postfix, n)) != NULL; n++) {
		if (!mta_gated(mta, service) || mta_port(service) == MTA_PORT_SMTP)
			continue; /* what it should be there, has been said */
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			if (!rows[i].everywhere)
				check_row(mta, &rows[i], service);
		check_size(mta, service);
		check_recipients(mta, service);
		check_tls(mta, service);
	}
}
