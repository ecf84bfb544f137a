/* What Sendmail's options should be, a row each; and those that depend on our own limits. */
#include "db/cli/mta/sendmail_check.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- one option, one test ------------------------------------------------ */

enum test {
	IS_ONE_OF,  /* these words, of which the first mends it */
	IS_EXACTLY, /* these words, in whatever order */
	HAS_ANY,    /* of these words among others; the first mends it */
	HAS_LETTER,
	NO_LETTERS, /* of these */
	AT_MOST,    /* so many seconds; by itself a number is in minutes */
};

struct row {
	const char *option, *define; /* as sendmail.cf has it, and sendmail.mc */
	enum test test;
	const char *words;
	const char *why; /* it matters, where it is not so */
};

static const struct row rows[] = {
    {"AuthMechanisms", "confAUTH_MECHANISMS", IS_EXACTLY, "LOGIN PLAIN",
     "other mechanisms are announced, or refused by the gate"},
    {"AuthOptions", "confAUTH_OPTIONS", HAS_LETTER, "y", "clients could log in as nobody"},
    {"AuthOptions", "confAUTH_OPTIONS", NO_LETTERS, "adfm", "PLAIN and LOGIN are not offered"},
    {"PrivacyOptions", "confPRIVACY_FLAGS", HAS_ANY, "needmailhelo goaway",
     "EHLO or HELO comes first"},
    {"PrivacyOptions", "confPRIVACY_FLAGS", HAS_ANY, "novrfy goaway",
     "VRFY tells strangers who is there"},
    {"PrivacyOptions", "confPRIVACY_FLAGS", HAS_ANY, "noexpn goaway",
     "EXPN tells strangers who is behind an alias"},
    {"RejectNUL", "confREJECT_NUL", IS_ONE_OF, "true yes",
     "a NUL may pass, which readers of a message take for different things"},
    {"Timeout.command", "confTO_COMMAND", AT_MOST, "30", "a client that is idle holds a process"},
};

static const char separators[] = ", \t\n";

/* How many of the words stand in the text. */
static size_t count_words(const char *words, const char *text, size_t *count)
{
	char word[64];
	size_t found = 0;

	*count = 0;
	while (sendmail_next_word(&words, separators, word, sizeof word)) {
		++*count;
		found += sendmail_has_word(text, separators, word);
	}
	return found;
}

/* Sendmail takes the first letter of a switch for it. */
static bool is_one_of(const char *words, const char *value)
{
	char word[64];

	while (sendmail_next_word(&words, separators, word, sizeof word))
		if (tolower((unsigned char)*value) == word[0])
			return true;
	return false;
}

static bool passes(const struct row *row, const char *value)
{
	size_t count, others, found = count_words(row->words, value, &count);

	switch (row->test) {
	case IS_ONE_OF:
		return is_one_of(row->words, value);
	case IS_EXACTLY:
		count_words(value, "", &others);
		return found == count && others == count;
	case HAS_ANY:
		return found > 0;
	case HAS_LETTER:
		return strpbrk(value, row->words) != NULL;
	case NO_LETTERS:
		return strpbrk(value, row->words) == NULL;
	case AT_MOST:
		break;
	}
	return sendmail_seconds(value, 'm') > 0 &&
	       sendmail_seconds(value, 'm') <= strtoul(row->words, NULL, 10);
}

/* What it is to be, from what it is. False if it is too long. */
static bool mended(const struct row *row, const char *value, char *out, size_t size)
{
	size_t len = strcspn(row->words, " ");
	const char *between;

	if (strlen(value) + len + 2 > size || strlen(row->words) >= size)
		return false;
	switch (row->test) {
	case IS_EXACTLY:
		snprintf(out, size, "%s", row->words);
		break;
	case IS_ONE_OF:
		snprintf(out, size, "%.*s", (int)len, row->words);
		break;
	case HAS_ANY:
	case HAS_LETTER:
		between = row->test == HAS_LETTER ? " " : ",";
		return snprintf(out, size, "%s%s%.*s", value, *value ? between : "", (int)len,
		                row->words) < (int)size;
	case NO_LETTERS:
		for (len = 0; *value; value++)
			if (!strchr(row->words, *value))
				out[len++] = *value;
		while (len > 0 && strchr(separators, out[len - 1]))
			len--;
		out[len] = '\0';
		break;
	case AT_MOST:
		return snprintf(out, size, "%ss", row->words) < (int)size;
	}
	return true;
}

/* What mends all that is wrong with the option, so that the lines of several rows are one. */
static const char *mend_option(const struct row *of, const char *value, char out[SENDMAIL_MEND_MAX])
{
	char wanted[SENDMAIL_MEND_MAX / 2], next[SENDMAIL_MEND_MAX / 2];

	if (strlen(value) >= sizeof wanted || strpbrk(value, "`'"))
		return NULL;
	snprintf(wanted, sizeof wanted, "%s", value);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].option, of->option) != 0 || passes(&rows[i], wanted))
			continue;
		if (!mended(&rows[i], wanted, next, sizeof next))
			return NULL;
		snprintf(wanted, sizeof wanted, "%s", next);
	}
	return sendmail_mend(out, "define(`%s', `%s')dnl", of->define, wanted);
}

static void check_row(const struct sendmail_side *side, const struct row *row)
{
	const char *value = sendmail_option(side->cf, row->option);
	char mend[SENDMAIL_MEND_MAX], quoted[SHOWN_MAX];

	side->check->name = row->option;
	shown(quoted, value);
	if (passes(row, value))
		check_ok(side->check, "%s", *value ? quoted : "not set");
	else
		check_mend(side->check, mend_option(row, value, mend), "it is %s: %s",
		           *value ? quoted : "not set", row->why);
}

/* ---- what depends on our limits ------------------------------------------ */

/* What EHLO announces is what the largest profile lets pass. */
static void check_size(const struct sendmail_side *side)
{
	uint64_t largest = mta_largest(side->config, RULE_max_message_size);
	uint64_t size = strtoull(sendmail_option(side->cf, "MaxMessageSize"), NULL, 10);
	char mend[SENDMAIL_MEND_MAX];

	side->check->name = "MaxMessageSize";
	if (size == largest)
		check_ok(side->check, "SIZE %" PRIu64 " is announced", size);
	else
		check_mend(side->check,
		           sendmail_mend(mend, "define(`confMAX_MESSAGE_SIZE', `%" PRIu64 "')dnl",
		                         largest),
		           "SIZE %" PRIu64 " is announced, but the largest max_message_size of any "
		           "profile is %" PRIu64,
		           size, largest);
}

/* What Sendmail counts, too: it stays above the gate's limit, or answers before the gate. */
static void check_recipients(const struct sendmail_side *side)
{
	uint64_t largest = mta_largest(side->config, RULE_max_recipients);
	uint64_t limit = strtoull(sendmail_option(side->cf, "MaxRecipientsPerMessage"), NULL, 10);
	char mend[SENDMAIL_MEND_MAX];

	side->check->name = "MaxRecipientsPerMessage";
	if (limit == 0 || limit > largest)
		check_ok(side->check, "%" PRIu64, limit);
	else
		check_mend(
		    side->check,
		    sendmail_mend(mend, "define(`confMAX_RCPTS_PER_MESSAGE', `%" PRIu64 "')dnl",
		                  largest + 900),
		    "it is %" PRIu64 ", so that Sendmail answers before the gate, whose largest "
		    "max_recipients is %" PRIu64,
		    limit, largest);
}

/* ---- TLS ----------------------------------------------------------------- */

static bool is_smtps(const struct sendmail_daemon *daemon)
{
	return strchr(daemon->modifiers, 's') != NULL;
}

static bool has_starttls(const struct sendmail_daemon *daemon)
{
	return !strchr(daemon->modifiers, 'S');
}

/* TLS is for the ports that the rule tls_port lets it be on. */
static void check_tls(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	unsigned port = mta_port(daemon->port);
	bool wanted = mta_tls_wanted(side->config, port);
	bool tls = is_smtps(daemon) || has_starttls(daemon);
	char mend[SENDMAIL_MEND_MAX], name[SHOWN_MAX];

	shown(name, daemon->name);
	if (tls && !wanted)
		check_mend(side->check, sendmail_mend_daemon(side, daemon, NULL, mend),
		           "%s: it %s TLS, and port %u is not among those of the rule tls_port",
		           name, is_smtps(daemon) ? "speaks" : "offers", port);
	else if (!tls && wanted)
		check_mend(side->check, sendmail_mend_daemon(side, daemon, NULL, mend),
		           "%s: it offers no TLS", name);
	else
		check_ok(side->check, "%s: %s", name, wanted ? "TLS is offered" : "no TLS");
	if (!tls && strchr(sendmail_option(side->cf, "AuthOptions"), 'p'))
		check_problem(side->check,
		              "%s: nobody can log in here: AuthOptions has p, which is for TLS "
		              "alone: take the daemon out of sendmail.mc, or the p out of "
		              "confAUTH_OPTIONS",
		              name);
}

static void check_etrn(const struct sendmail_side *side, const struct sendmail_daemon *daemon)
{
	bool off =
	    strchr(daemon->modifiers, 'E') ||
	    sendmail_has_word(sendmail_option(side->cf, "PrivacyOptions"), separators, "noetrn");
	char mend[SENDMAIL_MEND_MAX], name[SHOWN_MAX];

	shown(name, daemon->name);
	if (off)
		check_ok(side->check, "%s: no ETRN", name);
	else
		check_mend(side->check, sendmail_mend_daemon(side, daemon, NULL, mend),
		           "%s: it offers ETRN, by which strangers start queue runs", name);
}

/* A file that an option names. A key is the owner's alone, or Sendmail does not use it. */
static void check_file(const struct sendmail_side *side, const char *option, const char *define,
                       bool secret, const char *without)
{
	const char *path = sendmail_option(side->cf, option);
	char mend[SENDMAIL_MEND_MAX];
	struct stat st;

	/* Behind a comma there may be a second one. */
	side->check->name = option;
	if (!*path)
		check_mend(side->check, sendmail_mend(mend, "define(`%s', `FILE')dnl", define),
		           "it is not set: %s", without);
	else if (stat(path, &st) != 0 && !strchr(path, ','))
		check_problem(side->check, "%s: %s: %s; have one there, or set %s in sendmail.mc",
		              path, strerror(errno), without, define);
	else if (secret && !strchr(path, ',') && (st.st_mode & (S_IRWXG | S_IRWXO)))
		check_problem(side->check,
		              "%s: Sendmail does not use a key that others can read: chmod 600 it",
		              path);
	else
		check_ok(side->check, "%s", path);
}

static void check_certificate(const struct sendmail_side *side)
{
	const struct sendmail_daemon *daemon;

	for (size_t i = 0; (daemon = sendmail_daemon(side->cf, i)) != NULL; i++)
		if (sendmail_gated(side, daemon) && (is_smtps(daemon) || has_starttls(daemon))) {
			check_file(side, "ServerCertFile", "confSERVER_CERT", false,
			           "there is no TLS");
			check_file(side, "ServerKeyFile", "confSERVER_KEY", true,
			           "there is no TLS");
			return;
		}
}

/* Who logged in may send to others, since the class has his mechanism. */
static void check_trusted(const struct sendmail_side *side)
{
	char mend[SENDMAIL_MEND_MAX];

	side->check->name = "TrustAuthMech";
	if (sendmail_in_class(side->cf, "TrustAuthMech", "LOGIN") &&
	    sendmail_in_class(side->cf, "TrustAuthMech", "PLAIN"))
		check_ok(side->check, "who logged in may relay");
	else
		check_mend(side->check, sendmail_mend(mend, "TRUST_AUTH_MECH(`LOGIN PLAIN')dnl"),
		           "who logged in with LOGIN or PLAIN may not relay");
}

void sendmail_check_tables(const struct sendmail_side *side)
{
	const struct sendmail_daemon *daemon;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].option, "RejectNUL") != 0 ||
		    sendmail_knows(side->cf, "RejectNUL"))
			check_row(side, &rows[i]);
	check_trusted(side);
	check_size(side);
	check_recipients(side);
	check_file(side, "HelpFile", "HELP_FILE", false, "HELP is answered with an error");
	check_certificate(side);
	side->check->name = "DaemonPortOptions";
	for (size_t i = 0; (daemon = sendmail_daemon(side->cf, i)) != NULL; i++) {
		if (!sendmail_gated(side, daemon))
			continue;
		check_tls(side, daemon);
		check_etrn(side, daemon);
	}
}
