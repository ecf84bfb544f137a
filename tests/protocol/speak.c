/*
 * The commands by which the MTA speaks.
 */
#include "config.h"

#include "tests/protocol/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX    32
#define LOGIN_SHOWN 200 /* octets of a login that may become part of an address */

/* ---- commands: the MTA's tables ----------------------------------------- */

static bool do_on(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return session_on(s, args);
}

static bool do_macro(struct session *s, char *args, const char *expect)
{
	(void)expect;
	char *equals = strchr(args, '=');
	if (strcmp(args, "off") == 0) {
		s->mta->macros_off = true;
		return true;
	}
	if (!equals)
		return session_fail(s, "macro: wants NAME=VALUE", args);
	*equals = '\0';
	return session_unescape(s, equals + 1) &&
	       (mta_macro(s->mta, args, s->text) || session_fail(s, "no room for the macro", args));
}

static bool do_unset(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return mta_macro(s->mta, args, NULL) || session_fail(s, "no room for the macro", args);
}

static bool do_login(struct session *s, char *args, const char *expect)
{
	(void)expect;
	if (!session_unescape(s, args))
		return false;
	snprintf(s->sender, sizeof s->sender, "%.*s@example.com", LOGIN_SHOWN, s->text);
	return mta_macro(s->mta, "{auth_type}", "PLAIN") &&
	       mta_macro(s->mta, "{auth_authen}", s->text);
}

static bool do_chunk(struct session *s, char *args, const char *expect)
{
	(void)expect;
	unsigned long n = strtoul(args, NULL, 10);
	if (n < 1 || n > MTA_BODY_CHUNK)
		return session_fail(s, "chunk: wants 1 to 65535", args);
	s->mta->chunk = n;
	return true;
}

/* ---- commands: the protocol --------------------------------------------- */

static bool do_open(struct session *s, char *args, const char *expect)
{
	const struct mta_reply none = {'\0', ""};
	(void)args;
	return session_judge(s, mta_open(s->mta, s->socket), &none, expect);
}

/* What the next negotiations of the case offer. */
static bool do_offer(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return sscanf(args, "%" SCNu32 " %" SCNx32 " %" SCNx32, &s->offer.version,
	              &s->offer.actions, &s->offer.protocol) == 3 ||
	       session_fail(s, "offer: wants VERSION ACTIONS PROTOCOL", args);
}

static bool do_negotiate(struct session *s, char *args, const char *expect)
{
	const struct mta_reply none = {'\0', ""};
	(void)args;
	return session_judge(s, mta_negotiate(s->mta, &s->offer), &none, expect);
}

static bool do_connect(struct session *s, char *args, const char *expect)
{
	char *address = text_word(&args);
	char *host = text_word(&args);
	struct mta_reply reply;
	char none[] = "";
	if (!do_open(s, none, NULL) || !do_negotiate(s, none, NULL) ||
	    !session_unescape(s, host ? host : "client.example"))
		return false;
	return session_judge(
	    s, mta_connect(s->mta, s->text, address ? address : "192.0.2.7", 40000, &reply), &reply,
	    expect);
}

static bool do_helo(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	return session_unescape(s, args) &&
	       session_judge(s, mta_helo(s->mta, s->text, &reply), &reply, expect);
}

static bool do_client(struct session *s, char *args, const char *expect)
{
	char none[] = "", host[] = "client.example";
	(void)expect;
	return do_login(s, args, NULL) && do_connect(s, none, NULL) && do_helo(s, host, NULL);
}

/* What the messages to come say that they are from: the sender of MAIL, if it is an address. */
static void note_sender(struct session *s, const char *path)
{
	size_t len = strlen(path);
	if (len > 2 && len <= sizeof s->sender && path[0] == '<' && path[len - 1] == '>')
		snprintf(s->sender, sizeof s->sender, "%.*s", (int)len - 2, path + 1);
}

static bool do_path(struct session *s, char *args, const char *expect, bool mail)
{
	const char *argv[ARGS_MAX + 1];
	size_t count = 0, used = 0;
	struct mta_reply reply;
	for (char *word; (word = text_word(&args)) != NULL;) {
		if (!session_unescape(s, word))
			return false;
		if (count == ARGS_MAX || s->text_len + 1 > sizeof s->scratch - used)
			return session_fail(s, "too many arguments", "");
		argv[count++] = memcpy(s->scratch + used, s->text, s->text_len + 1);
		used += s->text_len + 1;
	}
	if (count == 0)
		return session_fail(s, "wants an address", "");
	argv[count] = NULL;
	if (mail)
		note_sender(s, argv[0]);
	enum mta_status status =
	    mail ? mta_mail(s->mta, argv, &reply) : mta_rcpt(s->mta, argv, &reply);
	return session_judge(s, status, &reply, expect);
}

static bool do_mail(struct session *s, char *args, const char *expect)
{
	return do_path(s, args, expect, true);
}

static bool do_rcpt(struct session *s, char *args, const char *expect)
{
	return do_path(s, args, expect, false);
}

static bool do_data(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	(void)args;
	return session_judge(s, mta_data(s->mta, &reply), &reply, expect);
}

static bool do_header(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	if (!session_unescape(s, args))
		return false;
	char *colon = strchr(s->text, ':');
	if (!colon)
		return session_fail(s, "header: wants NAME: VALUE", args);
	*colon = '\0';
	return session_judge(s, mta_header(s->mta, s->text, colon + 1, &reply), &reply, expect);
}

static bool do_eoh(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	(void)args;
	return session_judge(s, mta_eoh(s->mta, &reply), &reply, expect);
}

/* Lines of 78 octets and CRLF. */
static bool body_octets(struct session *s, unsigned long long n, const char *expect)
{
	static const char line[] =
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
	struct mta_reply reply = {'\0', ""};
	enum mta_status status = MTA_OK;
	while (n > 0 && status == MTA_OK && (reply.code == '\0' || reply.code == 'c')) {
		size_t len = n < sizeof line - 1 ? (size_t)n : sizeof line - 1;
		status = mta_body(s->mta, line, len, &reply);
		n -= len;
	}
	return session_judge(s, status, &reply, expect);
}

/* What so many octets of value 0 are in base64: lines of 76 octets and CRLF. */
static bool body_base64(struct session *s, unsigned long long n, const char *expect)
{
	static const char *const last[] = {"", "AA==", "AAA="};
	struct mta_reply reply = {'\0', ""};
	enum mta_status status = MTA_OK;
	char line[76 + 2 + 1];
	for (; n > 0 && status == MTA_OK && (reply.code == '\0' || reply.code == 'c');) {
		size_t octets = n < 57 ? (size_t)n : 57;
		snprintf(
		    line, sizeof line, "%.*s%s\r\n", (int)(octets / 3 * 4),
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		    last[octets % 3]);
		status = mta_body(s->mta, line, strlen(line), &reply);
		n -= octets;
	}
	return session_judge(s, status, &reply, expect);
}

static bool do_body(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	char *end;
	unsigned long long n = strtoull(args, &end, 10);
	if (end != args && strcmp(end, " octets") == 0)
		return body_octets(s, n, expect);
	if (end != args && strcmp(end, " in base64") == 0)
		return body_base64(s, n, expect);
	return session_unescape(s, args) &&
	       session_judge(s, mta_body(s->mta, s->text, s->text_len, &reply), &reply, expect);
}

static bool do_eom(struct session *s, char *args, const char *expect)
{
	struct mta_reply reply;
	(void)args;
	return session_judge(s, mta_eom(s->mta, &reply), &reply, expect);
}

/* A whole message from DATA on, of so many octets as transmitted; a small one if not told. */
static bool do_message(struct session *s, char *args, const char *expect)
{
	char from[sizeof s->sender + 3];
	const char *const headers[][2] = {
	    {"From", from},
	    {"To", " <r@example.net>"},
	    {"Subject", " folded\n\tonce"},
	    {"Date", " Mon, 01 Jan 2024 00:00:00 +0000"},
	};
	snprintf(from, sizeof from, " <%s>", s->sender);
	unsigned long long n = args[0] == '\0' ? 1000 : strtoull(args, NULL, 10);
	unsigned long long head = 2 + 1; /* the empty line; the fold's line end is '\n' here */
	char none[] = "";

	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		head += strlen(headers[i][0]) + 1 + strlen(headers[i][1]) + 2;
	if (n < head)
		return session_fail(s, "message: too small", args);
	if (!do_data(s, none, NULL))
		return false;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct mta_reply reply;
		enum mta_status status = mta_header(s->mta, headers[i][0], headers[i][1], &reply);
		if (!session_judge(s, status, &reply, NULL))
			return false;
	}
	return do_eoh(s, none, NULL) && body_octets(s, n - head, NULL) && do_eom(s, none, expect);
}

/* Header fields, with " | " between them. */
static bool say_fields(struct session *s, char *fields)
{
	for (char *next; fields; fields = next) {
		next = strstr(fields, " | ");
		if (next) {
			*next = '\0';
			next += 3;
		}
		if (!do_header(s, fields, NULL))
			return false;
	}
	return true;
}

/* A transaction to the end of its header: these fields, and a Date. */
static bool do_begin(struct session *s, char *args, const char *expect)
{
	const char *const to[] = {"<r@example.net>", NULL};
	char path[sizeof s->sender + 3], date[] = "Date: Mon, 01 Jan 2024 00:00:00 +0000",
					 none[] = "";
	struct mta_reply reply;

	snprintf(path, sizeof path, "<%s>", s->sender);
	return session_judge(s, mta_mail(s->mta, (const char *const[]){path, NULL}, &reply), &reply,
	                     NULL) &&
	       session_judge(s, mta_rcpt(s->mta, to, &reply), &reply, NULL) &&
	       do_data(s, none, NULL) && say_fields(s, args) && do_header(s, date, NULL) &&
	       do_eoh(s, none, expect);
}

/* A whole one, " || " before its body; then an abort. */
static bool do_submit(struct session *s, char *args, const char *expect)
{
	char standard[] = "Hello\\r\\n", none[] = "", *body = strstr(args, " || ");

	if (body) {
		*body = '\0';
		body += strlen(" || ");
	}
	return do_begin(s, args, NULL) && do_body(s, body ? body : standard, NULL) &&
	       do_eom(s, none, expect) && session_judge_sent(s, mta_abort(s->mta));
}

static bool do_abort(struct session *s, char *args, const char *expect)
{
	(void)args;
	(void)expect;
	return session_judge_sent(s, mta_abort(s->mta));
}

static bool do_drop(struct session *s, char *args, const char *expect)
{
	(void)args;
	(void)expect;
	return session_judge_sent(s, mta_close(s->mta));
}

static bool do_quit(struct session *s, char *args, const char *expect)
{
	return session_judge_sent(s, mta_quit(s->mta)) && do_drop(s, args, expect);
}

static bool judge_count(struct session *s, const char *what, unsigned count, const char *expected)
{
	if (count == strtoul(expected, NULL, 10))
		return true;
	snprintf(s->why, sizeof s->why, "%u %s, expected %s", count, what, expected);
	return false;
}

static bool do_round_trips(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return judge_count(s, "round trips", s->mta->round_trips, args);
}

/* What of a message the milter did not ask for: these and nothing else. */
static bool do_left_out(struct session *s, char *args, const char *expect)
{
	(void)expect;
	snprintf(s->why, sizeof s->why, "left out:%s%s",
	         s->mta->options.protocol & MTA_P_NOHDRS ? " headers" : "",
	         s->mta->options.protocol & MTA_P_NOBODY ? " body" : "");
	const char *got = s->why + strlen("left out:");
	return strcmp(got + (*got == ' '), args) == 0;
}

static bool do_packets(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return judge_count(s, "packets", s->mta->packets, args);
}

const struct command speak_commands[] = {
    {"abort", do_abort, false},
    {"begin", do_begin, false},
    {"body", do_body, false},
    {"chunk", do_chunk, false},
    {"client", do_client, false},
    {"connect", do_connect, false},
    {"data", do_data, false},
    {"drop", do_drop, false},
    {"eoh", do_eoh, false},
    {"eom", do_eom, false},
    {"header", do_header, false},
    {"helo", do_helo, false},
    {"left-out", do_left_out, false},
    {"login", do_login, false},
    {"macro", do_macro, false},
    {"mail", do_mail, false},
    {"message", do_message, false},
    {"negotiate", do_negotiate, false},
    {"offer", do_offer, false},
    {"on", do_on, false},
    {"open", do_open, false},
    {"packets", do_packets, false},
    {"quit", do_quit, false},
    {"rcpt", do_rcpt, false},
    {"round-trips", do_round_trips, false},
    {"submit", do_submit, false},
    {"unset", do_unset, false},
    {NULL, NULL, false},
};
