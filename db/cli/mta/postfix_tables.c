/* What Postfix's parameters should be, a row each; and those that depend on our own limits. */
#include "db/cli/mta/postfix_check.h"

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

static void check_row(const struct side *side, const struct row *row, const char *service)
{
	const char *value = postfix_get(side->postfix, service, row->parameter);
	char name[SHOWN_MAX] = "main.cf", wanted[MEND_MAX], mend[MEND_MAX], quoted[SHOWN_MAX];

	if (service)
		service_name(name, service);
	side->check->name = row->parameter;
	shown(quoted, value);
	if (passes(row, value)) {
		check_ok(side->check, "%s: %s", name, *value ? quoted : "empty");
		return;
	}
	mended(row, value, service ? "," : " ", wanted, sizeof wanted); /* -P takes no spaces */
	check_mend(side->check,
	           strlen(value) < sizeof wanted / 2
	               ? postfix_mend(mend, service, row->parameter, wanted)
	               : NULL,
	           "%s: it is %s: %s", name, *value ? quoted : "empty", row->why);
}

/* ---- what depends on our limits ------------------------------------------ */

static uint64_t number(const struct side *side, const char *service, const char *parameter)
{
	return strtoull(postfix_get(side->postfix, service, parameter), NULL, 10);
}

/* One that mends it with a number. */
static const char *mend_number(char out[MEND_MAX], const char *service, const char *parameter,
                               uint64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return postfix_mend(out, service, parameter, text);
}

/* What EHLO announces is what the largest profile lets pass, and Postfix lets the gate say no. */
static void check_size(const struct side *side, const char *service)
{
	uint64_t largest = mta_largest(side->config, RULE_max_message_size);
	uint64_t size = number(side, service, "message_size_limit");
	char name[SHOWN_MAX], mend[MEND_MAX];

	side->check->name = "message_size_limit";
	service_name(name, service);
	if (size == largest)
		check_ok(side->check, "%s: SIZE %" PRIu64 " is announced", name, size);
	else
		check_mend(side->check, mend_number(mend, service, side->check->name, largest),
		           "%s: SIZE %" PRIu64 " is announced, but the largest max_message_size of "
		           "any profile is %" PRIu64,
		           name, size, largest);
}

/* What Postfix counts, too: it stays so much above the gate's limit, or answers before the gate. */
static const struct count {
	const char *parameter;
	int bound;
	const char *limit;
	unsigned above;
} counts[] = {
    {"smtpd_recipient_limit", RULE_max_recipients, "max_recipients", 900},
    {"smtpd_client_connection_count_limit", RULE_max_connections, "max_connections", 90},
};

static void check_count(const struct side *side, const struct count *count, const char *service)
{
	uint64_t largest = mta_largest(side->config, count->bound);
	uint64_t limit = number(side, service, count->parameter);
	char name[SHOWN_MAX], mend[MEND_MAX];

	side->check->name = count->parameter;
	service_name(name, service);
	if (limit > largest || (limit == 0 && count->bound == RULE_max_connections))
		check_ok(side->check, "%s: %" PRIu64, name, limit);
	else
		check_mend(side->check,
		           mend_number(mend, service, count->parameter, largest + count->above),
		           "%s: it is %" PRIu64 ", so that Postfix answers before the gate, whose "
		           "largest %s is %" PRIu64,
		           name, limit, count->limit, largest);
}

/* A queue file holds more than its message. */
static void check_room(const struct side *side)
{
	uint64_t largest = mta_largest(side->config, RULE_max_message_size);
	uint64_t size = number(side, NULL, "message_size_limit");
	char mend[MEND_MAX];

	side->check->name = "message_size_limit";
	if (size == 0 || size >= largest + KEEP_FREE)
		check_ok(side->check, "main.cf: %" PRIu64, size);
	else
		check_mend(side->check,
		           mend_number(mend, NULL, side->check->name, largest + 2 * KEEP_FREE),
		           "main.cf: it is %" PRIu64
		           ", and counts envelope and records too: a message of %" PRIu64
		           " octets does not fit",
		           size, largest);
}

/* Before 3.9 Postfix does not know HELP. */
static void check_help(const struct side *side, const char *service)
{
	static const struct row help = {"smtpd_noop_commands", false, HAS_ALL, "HELP",
	                                "HELP is answered with an error"};
	unsigned major = 0, minor = 0;

	sscanf(postfix_get(side->postfix, NULL, "mail_version"), "%u.%u", &major, &minor);
	if (major < 3 || (major == 3 && minor < 9))
		check_row(side, &help, service);
}

bool side_offers_starttls(const struct side *side, const char *service)
{
	const char *level = postfix_get(side->postfix, service, "smtpd_tls_security_level");

	if (*level)
		return strcasecmp(level, "none") != 0;
	return side_is_yes(side, service, "smtpd_use_tls") ||
	       side_is_yes(side, service, "smtpd_enforce_tls");
}

static bool has_certificate(const struct side *side, const char *service)
{
	static const char *const parameters[] = {"smtpd_tls_chain_files", "smtpd_tls_cert_file",
	                                         "smtpd_tls_eccert_file"};

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (*postfix_get(side->postfix, service, parameters[i]))
			return true;
	return false;
}

/* TLS is for the ports that the rule tls_port lets it be on. */
static void check_tls(const struct side *side, const char *service)
{
	bool starttls = side_offers_starttls(side, service);
	bool wrapped = side_is_yes(side, service, "smtpd_tls_wrappermode");
	unsigned port = service_port(service);
	bool wanted = mta_tls_wanted(side->config, port);
	char name[SHOWN_MAX], mend[MEND_MAX];

	side->check->name = "smtpd_tls_security_level";
	service_name(name, service);
	if (wrapped && !wanted)
		check_mend(side->check, postfix_mend(mend, service, "smtpd_tls_wrappermode", "no"),
		           "%s: it speaks TLS, and port %u is not among those of the rule tls_port",
		           name, port);
	else if (starttls && !wanted)
		check_mend(side->check, postfix_mend(mend, service, side->check->name, "none"),
		           "%s: it offers TLS, and port %u is not among those of the rule tls_port",
		           name, port);
	else if (!starttls && !wrapped && wanted)
		check_mend(side->check, postfix_mend(mend, service, side->check->name, "may"),
		           "%s: it offers no TLS", name);
	else if (wanted && !has_certificate(side, service))
		check_problem(side->check,
		              "%s: it has no certificate: postconf -e 'smtpd_tls_cert_file = FILE' "
		              "'smtpd_tls_key_file = FILE'",
		              name);
	else
		check_ok(side->check, "%s: %s", name, wanted ? "TLS is offered" : "no TLS");
}

/* Postfix's own name and version, which the gate tells Postfix from Sendmail by. */
static void check_version(const struct side *side)
{
	const char *version = postfix_get(side->postfix, NULL, "milter_macro_v");
	char quoted[SHOWN_MAX], mend[MEND_MAX];

	side->check->name = "milter_macro_v";
	shown(quoted, version);
	if (version[0] < '0' || version[0] > '9')
		check_ok(side->check, "main.cf: %s", quoted);
	else
		check_mend(
		    side->check,
		    postfix_mend(mend, NULL, side->check->name, "$mail_name $mail_version"),
		    "main.cf: it is %s: the gate would take it for Sendmail, and read logins "
		    "as xtext",
		    quoted);
}

void postfix_check_tables(const struct side *side)
{
	const char *service;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].everywhere)
			check_row(side, &rows[i], NULL);
	check_version(side);
	check_room(side);
	for (size_t n = 0; (service = postfix_service(side->postfix, n)) != NULL; n++) {
		if (!side_gated(side, service) || service_port(service) == MTA_PORT_SMTP)
			continue; /* what it should be there, has been said */
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			if (!rows[i].everywhere)
				check_row(side, &rows[i], service);
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
			check_count(side, &counts[i], service);
		check_size(side, service);
		check_help(side, service);
		check_tls(side, service);
	}
}
