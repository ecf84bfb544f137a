#include "config.h"

#include "db/authd/dovecot.h"

#include "db/authd/sasl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next field of a line, up to a TAB or the end. */
struct field {
	const char *text;
	size_t len;
};

/* What is left of a line; text is null behind its last field. */
static bool next(struct field *rest, struct field *out)
{
	const char *tab;

	if (!rest->text)
		return false;
	tab = memchr(rest->text, '\t', rest->len);
	*out = *rest;
	if (!tab) {
		rest->text = NULL;
		return true;
	}
	out->len = (size_t)(tab - out->text);
	rest->text = tab + 1;
	rest->len -= out->len + 1;
	return true;
}

static bool is(const struct field *field, const char *word)
{
	return field->len == strlen(word) && memcmp(field->text, word, field->len) == 0;
}

/* Whether it is `name=...'; *value is then what follows. */
static bool is_named(const struct field *field, const char *name, struct field *value)
{
	size_t len = strlen(name);

	if (field->len < len || memcmp(field->text, name, len) != 0)
		return false;
	*value = (struct field){field->text + len, field->len - len};
	return true;
}

static bool is_number(const struct field *field, uint32_t *out)
{
	uint64_t number = 0;

	if (field->len == 0 || field->len > 10)
		return false;
	for (size_t i = 0; i < field->len; i++) {
		if (field->text[i] < '0' || field->text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(field->text[i] - '0');
	}
	*out = (uint32_t)number;
	return number <= UINT32_MAX;
}

static void copy(char *out, size_t size, const struct field *field)
{
	snprintf(out, size, "%.*s", (int)field->len, field->text);
}

/* ---- what is sent ------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void say(struct dovecot *dovecot, const char *format,
                                                      ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof text)
		dovecot->host->send(dovecot->arg, text, (size_t)n);
}

void dovecot_begin(struct dovecot *dovecot, const struct dovecot_host *host, void *arg,
                   unsigned long pid, uint64_t connection, const char *cookie)
{
	*dovecot = (struct dovecot){.host = host, .arg = arg, .phase = DOVECOT_VERSION};
	/* Postfix tells its clients the mechanisms in this order. */
	say(dovecot,
	    "VERSION\t1\t2\nMECH\tLOGIN\tplaintext\nMECH\tPLAIN\tplaintext\n"
	    "SPID\t%lu\nCUID\t%" PRIu64 "\nCOOKIE\t%.*s\nDONE\n",
	    pid, connection, DOVECOT_COOKIE_LEN, cookie);
}

size_t dovecot_answer(char out[DOVECOT_ANSWER_MAX], uint32_t id, const struct attempt *attempt)
{
	int n;

	if (attempt->verdict == VERDICT_LOGIN)
		n = snprintf(out, DOVECOT_ANSWER_MAX, "OK\t%" PRIu32 "\tuser=%s\n", id,
		             attempt->account);
	else if (account_name_form(attempt->account) == FORM_OK)
		n = snprintf(out, DOVECOT_ANSWER_MAX, "FAIL\t%" PRIu32 "\tuser=%s\n", id,
		             attempt->account);
	else
		n = snprintf(out, DOVECOT_ANSWER_MAX, "FAIL\t%" PRIu32 "\n", id);
	return (size_t)n;
}

/* ---- the dialogue ------------------------------------------------------- */

/* The dialogue is over, whatever came of it. */
static void drop(struct dovecot *dovecot)
{
	if (dovecot->attempt) {
		attempt_cleanse(dovecot->attempt);
		free(dovecot->attempt);
		dovecot->attempt = NULL;
	}
	if (dovecot->phase > DOVECOT_IDLE)
		dovecot->phase = DOVECOT_IDLE;
}

void dovecot_end(struct dovecot *dovecot)
{
	drop(dovecot);
}

/* Has the attempt of this dialogue judged. */
static bool judge(struct dovecot *dovecot)
{
	bool fits = dovecot->host->judge(dovecot->arg, dovecot->id, dovecot->attempt);

	drop(dovecot);
	return fits;
}

/* Refuses a request that is not the one in hand. */
static bool refuse(struct dovecot *dovecot, uint32_t id)
{
	struct attempt attempt = {.mechanism = "-"};

	attempt_refuse(&attempt, REASON_FORM);
	return dovecot->host->judge(dovecot->arg, id, &attempt);
}

static bool ask(struct dovecot *dovecot, enum dovecot_phase phase, const char *prompt)
{
	dovecot->phase = phase;
	say(dovecot, "CONT\t%" PRIu32 "\t%s\n", dovecot->id, prompt);
	return true;
}

/* What the client of the MTA said, in base64. */
static bool respond(struct dovecot *dovecot, const struct field *response)
{
	struct attempt *attempt = dovecot->attempt;

	switch (dovecot->phase) {
	case DOVECOT_LOGIN_NAME:
		sasl_login_name(attempt, response->text, response->len);
		if (attempt->verdict == VERDICT_OPEN)
			return ask(dovecot, DOVECOT_LOGIN_PASSWORD, SASL_LOGIN_PASSWORD);
		break;
	case DOVECOT_LOGIN_PASSWORD:
		sasl_login_password(attempt, response->text, response->len);
		break;
	default:
		sasl_plain(attempt, response->text, response->len);
		break;
	}
	return judge(dovecot);
}

/* ---- what comes --------------------------------------------------------- */

/* VERSION, or CPID: each once, and in this order. A minor version of theirs changes nothing. */
static bool on_greeting(struct dovecot *dovecot, struct field *rest)
{
	bool version = dovecot->phase == DOVECOT_VERSION;
	struct field word, number;
	uint32_t value;

	if (!next(rest, &word) || !is(&word, version ? "VERSION" : "CPID") ||
	    !next(rest, &number) || !is_number(&number, &value))
		return false;
	if (version && (value != 1 || !next(rest, &number) || !is_number(&number, &value)))
		return false;
	dovecot->phase = version ? DOVECOT_CPID : DOVECOT_IDLE;
	return true;
}

/* The parameters that we know; *response, with its text null if there is none, is the last. */
static void read_parameters(struct attempt *attempt, struct field rest, bool *secured,
                            struct field *response)
{
	struct field parameter, value;

	*secured = false;
	response->text = NULL;
	while (rest.text && !is_named(&rest, "resp=", response) && next(&rest, &parameter)) {
		if (is(&parameter, "secured") || is_named(&parameter, "secured=", &value))
			*secured = true;
		else if (is_named(&parameter, "service=", &value))
			copy(attempt->service, sizeof attempt->service, &value);
		else if (is_named(&parameter, "rip=", &value))
			copy(attempt->client, sizeof attempt->client, &value);
	}
	if (response->text && response->len == 1 && response->text[0] == '=')
		response->len = 0; /* as SMTP spells one that is empty */
}

static bool on_auth(struct dovecot *dovecot, uint32_t id, struct field *rest)
{
	struct field mechanism = {"", 0}, response;
	struct attempt *attempt;
	bool secured, plain;

	if (id <= dovecot->id)
		return refuse(dovecot, id);
	drop(dovecot);
	dovecot->id = id;
	attempt = calloc(1, sizeof *attempt);
	dovecot->attempt = attempt;
	if (!attempt)
		return false;
	if (!next(rest, &mechanism))
		return false;
	read_parameters(attempt, *rest, &secured, &response);
	copy(attempt->mechanism, sizeof attempt->mechanism, &mechanism);
	plain = is(&mechanism, "PLAIN");
	if (!plain && !is(&mechanism, "LOGIN")) {
		attempt_refuse(attempt, REASON_FORM);
		return judge(dovecot);
	}
	if (!secured && !dovecot->host->without_tls(dovecot->arg)) {
		attempt_refuse(attempt, REASON_TLS);
		return judge(dovecot);
	}
	if (!response.text)
		return plain ? ask(dovecot, DOVECOT_PLAIN, "")
		             : ask(dovecot, DOVECOT_LOGIN_NAME, SASL_LOGIN_NAME);
	dovecot->phase = plain ? DOVECOT_PLAIN : DOVECOT_LOGIN_NAME;
	return respond(dovecot, &response);
}

static bool on_cont(struct dovecot *dovecot, uint32_t id, struct field *rest)
{
	/* Base64 has no TAB: all that follows is it. */
	if (!rest->text)
		return false;
	if (!dovecot->attempt || id != dovecot->id)
		return refuse(dovecot, id);
	return respond(dovecot, rest);
}

bool dovecot_line(struct dovecot *dovecot, const char *line, size_t len)
{
	struct field rest = {line, len}, word, number;
	uint32_t id;

	if (memchr(line, '\0', len))
		return false;
	if (dovecot->phase < DOVECOT_IDLE)
		return on_greeting(dovecot, &rest);
	if (!next(&rest, &word) || !next(&rest, &number) || !is_number(&number, &id))
		return false;
	if (is(&word, "AUTH"))
		return on_auth(dovecot, id, &rest);
	if (is(&word, "CONT"))
		return on_cont(dovecot, id, &rest);
	if (!is(&word, "CANCEL"))
		return false;
	if (dovecot->attempt && id == dovecot->id)
		drop(dovecot);
	return true;
}
