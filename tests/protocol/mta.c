#include "config.h"

#include "tests/protocol/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct mta_options mta_postfix = {6, 0x1ff, 0x1fffff};

/* Which event has which macros, and what leaves it or its answer out (milter8.c). */
static const struct event {
	char command;
	enum mta_stage stage;
	uint32_t left_out, unanswered;
} events[] = {
    {'C', MTA_CONNECT, MTA_P_NOCONNECT, MTA_P_NR_CONN},
    {'H', MTA_HELO, MTA_P_NOHELO, MTA_P_NR_HELO},
    {'M', MTA_MAIL, MTA_P_NOMAIL, MTA_P_NR_MAIL},
    {'R', MTA_RCPT, MTA_P_NORCPT, MTA_P_NR_RCPT},
    {'T', MTA_DATA, MTA_P_NODATA, MTA_P_NR_DATA},
    {'L', MTA_EOH, MTA_P_NOHDRS, MTA_P_NR_HDR},
    {'N', MTA_EOH, MTA_P_NOEOH, MTA_P_NR_EOH},
    {'B', MTA_EOM, MTA_P_NOBODY, MTA_P_NR_BODY},
    {'E', MTA_EOM, 0, 0},
};

/* Sent where the milter asked for nothing or for an empty list (MILTER_MACRO_EVAL). */
static const char *const default_macros[MTA_STAGES] = {
    [MTA_CONNECT] = "j {daemon_name} {daemon_addr} v _",
    [MTA_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    [MTA_MAIL] = "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
    [MTA_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    [MTA_DATA] = "i",
    [MTA_EOM] = "i",
    [MTA_EOH] = "i",
};

static struct mta_macro *find_macro(struct mta *mta, const char *name, size_t len)
{
	for (size_t i = 0; i < MTA_MACRO_MAX; i++) {
		struct mta_macro *macro = &mta->macro[i];
		if (macro->name && strlen(macro->name) == len &&
		    memcmp(macro->name, name, len) == 0)
			return macro;
	}
	return NULL;
}

static bool set_macro(struct mta *mta, const char *name, const char *value, bool given)
{
	char braced[64];
	int len = snprintf(braced, sizeof braced, name[0] == '{' ? "%s" : "{%s}", name);
	if (len < 0 || (size_t)len >= sizeof braced)
		return false;
	struct mta_macro *macro = find_macro(mta, braced, (size_t)len);
	for (size_t i = 0; i < MTA_MACRO_MAX && !macro; i++)
		if (!mta->macro[i].name)
			macro = &mta->macro[i];
	if (!macro)
		return false;
	if (!macro->name && !(macro->name = strdup(braced)))
		return false;
	if (macro->given && !given)
		return true;
	char *copy = NULL;
	if (value && !(copy = strdup(value)))
		return false;
	free(macro->value);
	macro->value = copy;
	macro->given = given;
	return true;
}

bool mta_macro(struct mta *mta, const char *name, const char *value)
{
	return set_macro(mta, name, value, true);
}

struct mta *mta_new(int timeout_ms)
{
	static const char *const preset[][2] = {
	    {"j", "mail.example.com"},           {"v", "Postfix 3.7.11"},
	    {"_", "client.example [192.0.2.7]"}, {"{daemon_name}", "mail.example.com"},
	    {"{daemon_addr}", "192.0.2.1"},      {"{daemon_port}", "587"},
	};
	struct mta *mta = calloc(1, sizeof *mta);
	if (!mta)
		return NULL;
	mta->fd = -1;
	mta->chunk = MTA_BODY_CHUNK;
	mta->timeout = timeout_ms;
	mta->body = malloc(MTA_BODY_CHUNK);
	if (!mta->body)
		goto out;
	for (size_t i = 0; i < sizeof preset / sizeof preset[0]; i++)
		if (!set_macro(mta, preset[i][0], preset[i][1], false))
			goto out;
	return mta;
out:
	mta_free(mta);
	return NULL;
}

void mta_free(struct mta *mta)
{
	if (!mta)
		return;
	if (mta->fd >= 0)
		close(mta->fd);
	for (size_t i = 0; i < MTA_MACRO_MAX; i++) {
		free(mta->macro[i].name);
		free(mta->macro[i].value);
	}
	for (size_t i = 0; i < MTA_STAGES; i++)
		free(mta->asked[i]);
	free(mta->out);
	free(mta->body);
	free(mta);
}

/* ---- negotiation -------------------------------------------------------- */

static uint32_t get32(const unsigned char *from)
{
	uint32_t n;
	memcpy(&n, from, sizeof n);
	return ntohl(n);
}

/*
 * What follows the three numbers: a stage's number, then its macros as a string, again and again.
 */
static enum mta_status take_macro_lists(struct mta *mta, const unsigned char *from, size_t len)
{
	while (len > 0) {
		const unsigned char *end = len < 5 ? NULL : memchr(from + 4, '\0', len - 4);
		if (!end)
			return wire_fail(mta, "malformed macro list in negotiation", "");
		uint32_t stage = get32(from);
		if (stage >= MTA_STAGES)
			return wire_fail(mta, "unknown stage in the macro lists", "");
		free(mta->asked[stage]);
		mta->asked[stage] = strdup((const char *)from + 4);
		if (!mta->asked[stage])
			return wire_fail(mta, "out of memory", "");
		len -= (size_t)(end + 1 - from);
		from = end + 1;
	}
	return MTA_OK;
}

enum mta_status mta_negotiate(struct mta *mta, const struct mta_options *offer)
{
	uint32_t numbers[3] = {htonl(offer->version), htonl(offer->actions),
	                       htonl(offer->protocol)};
	char code;
	size_t len;
	enum mta_status status = mta_packet(mta, 'O', numbers, sizeof numbers);
	if (status == MTA_OK)
		status = mta_flush(mta);
	if (status == MTA_OK)
		status = wire_receive(mta, &code, &len);
	if (status != MTA_OK)
		return status;
	mta->round_trips++;
	if (code != 'O' || len < sizeof numbers)
		return wire_fail(mta, "negotiation was not answered with negotiation", "");
	mta->options =
	    (struct mta_options){get32(mta->reply), get32(mta->reply + 4), get32(mta->reply + 8)};
	if (mta->options.version > offer->version)
		return wire_fail(mta, "the milter wants a newer protocol", "");
	if (mta->options.actions & ~offer->actions)
		return wire_fail(mta, "the milter wants actions that were not offered", "");
	/* Postfix only logs this one; what we do not offer we cannot do. */
	if (mta->options.protocol & ~offer->protocol)
		return wire_fail(mta, "the milter wants protocol flags that were not offered", "");
	return take_macro_lists(mta, mta->reply + sizeof numbers, len - sizeof numbers);
}

/* ---- events ------------------------------------------------------------- */

/* A macro packet: the event's letter, then name and value of each macro that has one. */
static enum mta_status send_macros(struct mta *mta, const struct event *event)
{
	const char *asked = mta->asked[event->stage];
	const char *list = asked && asked[0] != '\0' ? asked : default_macros[event->stage];
	char *packet = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&packet, &len);
	if (!out)
		return wire_fail(mta, "open_memstream", strerror(errno));
	fputc(event->command, out);
	while (*(list += strspn(list, " ,")) != '\0') {
		size_t n = strcspn(list, " ,");
		char name[64];
		int braced =
		    snprintf(name, sizeof name, list[0] == '{' ? "%.*s" : "{%.*s}", (int)n, list);
		const struct mta_macro *macro = NULL;
		if (braced > 0 && (size_t)braced < sizeof name)
			macro = find_macro(mta, name, (size_t)braced);
		if (macro && macro->value) {
			fprintf(out, "%.*s%c", (int)n, list, '\0');
			fprintf(out, "%s%c", macro->value, '\0');
		}
		list += n;
	}
	enum mta_status status;
	if (fclose(out) != 0)
		status = wire_fail(mta, "out of memory", "");
	else
		status = mta_packet(mta, 'D', packet, len);
	free(packet);
	return status;
}

/* An SMTP reply as Postfix takes it (milter8.c, SMFIR_REPLYCODE); '%' comes doubled. */
static enum mta_status take_smtp_reply(struct mta *mta, size_t len)
{
	char *to = (char *)mta->reply;
	const char *text = to;
	if (len < 5 || text[len - 1] != '\0' || strlen(text) != len - 1)
		return wire_fail(mta, "malformed reply: not one string", "");
	if ((text[0] != '4' && text[0] != '5') || strspn(text, "0123456789") != 3 || text[3] != ' ')
		return wire_fail(mta, "malformed reply", text);
	if (text[4] >= '0' && text[4] <= '9' && text[4] != text[0])
		return wire_fail(mta, "reply code and enhanced status code disagree", text);
	for (const char *from = text; *from != '\0'; from++) {
		if (*from < ' ' || *from > '~')
			return wire_fail(mta, "a reply line that is not printable US-ASCII", "");
		if (*from == '%' && *++from != '%')
			return wire_fail(mta, "a single '%' in the reply", "");
		*to++ = *from;
	}
	*to = '\0';
	return MTA_OK;
}

static enum mta_status take_reply(struct mta *mta, char command, struct mta_reply *reply)
{
	size_t len;
	enum mta_status status = mta_flush(mta);
	if (status != MTA_OK)
		return status;
	mta->round_trips++;
	do
		status = wire_receive(mta, &reply->code, &len);
	while (status == MTA_OK && reply->code == 'p'); /* still working on it */
	if (status != MTA_OK)
		return status;
	reply->text = (const char *)mta->reply;
	if (reply->code == 'y')
		return take_smtp_reply(mta, len);
	/*
	 * Continue, accept, discard, reject, tempfail, skip, 421. Nothing that edits the message.
	 */
	if (reply->code == '\0' || !strchr("cadrts4", reply->code) || len > 0) {
		char letter[2] = {reply->code, '\0'};
		return wire_fail(mta, "unexpected answer", letter);
	}
	if (reply->code == 's')
		mta->skipped = command;
	return MTA_OK;
}

static enum mta_status event(struct mta *mta, char command, const void *data, size_t len,
                             struct mta_reply *reply)
{
	const struct event *event = events;
	enum mta_status status = MTA_OK;

	*reply = (struct mta_reply){'\0', ""};
	while (event->command != command)
		event++;
	bool left_out = event->left_out & mta->options.protocol;
	bool content = strchr("LNB", command) != NULL;
	if (mta->skipped == command)
		return MTA_OK;
	mta->skipped = '\0';
	if (left_out && content)
		return MTA_OK;
	/* The macros of a command go out even where the command does not. */
	if (!mta->macros_off)
		status = send_macros(mta, event);
	if (status != MTA_OK || left_out)
		return status;
	status = mta_packet(mta, command, data, len);
	if (status != MTA_OK || event->unanswered & mta->options.protocol)
		return status;
	return take_reply(mta, command, reply);
}

/* An event whose data is strings, each with its '\0'. */
static enum mta_status string_event(struct mta *mta, char command, const char *const *argv,
                                    struct mta_reply *reply)
{
	char *data = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&data, &len);
	if (!out)
		return wire_fail(mta, "open_memstream", strerror(errno));
	for (; *argv; argv++)
		fprintf(out, "%s%c", *argv, '\0');
	enum mta_status status;
	if (fclose(out) != 0)
		status = wire_fail(mta, "out of memory", "");
	else
		status = event(mta, command, data, len, reply);
	free(data);
	return status;
}

enum mta_status mta_connect(struct mta *mta, const char *host, const char *ip, unsigned port,
                            struct mta_reply *reply)
{
	char data[16384];
	bool known = strcmp(ip, "unknown") != 0;
	char family = !known ? 'U' : strchr(ip, ':') ? '6' : '4';
	int len = snprintf(data, sizeof data - 3, "%s%c%c", host, '\0', family);
	if (len < 0 || (size_t)len + 3 + strlen(ip) > sizeof data)
		return wire_fail(mta, "host name too long", "");
	if (known) {
		data[len++] = (char)(port >> 8);
		data[len++] = (char)port;
		strcpy(data + len, ip);
		len += (int)strlen(ip) + 1;
	}
	return event(mta, 'C', data, (size_t)len, reply);
}

enum mta_status mta_helo(struct mta *mta, const char *name, struct mta_reply *reply)
{
	return string_event(mta, 'H', (const char *const[]){name, NULL}, reply);
}

enum mta_status mta_mail(struct mta *mta, const char *const *argv, struct mta_reply *reply)
{
	/* Postfix has its own reading of the address, {mail_addr}: here simply what is in <>. */
	size_t len = strlen(argv[0]);
	bool brackets = len >= 2 && argv[0][0] == '<' && argv[0][len - 1] == '>';
	char *address = strndup(argv[0] + brackets, len - 2 * (size_t)brackets);
	bool set = address && set_macro(mta, "{mail_addr}", address, false);
	free(address);
	if (!set || !set_macro(mta, "i", NULL, false))
		return wire_fail(mta, "out of memory", "");
	mta->queued = false;
	return string_event(mta, 'M', argv, reply);
}

enum mta_status mta_rcpt(struct mta *mta, const char *const *argv, struct mta_reply *reply)
{
	enum mta_status status = string_event(mta, 'R', argv, reply);
	/* The first accepted recipient opens a queue file. */
	if (status == MTA_OK && !mta->queued && (reply->code == '\0' || reply->code == 'c')) {
		char id[32];
		snprintf(id, sizeof id, "4Qid%08X", ++mta->queue_number);
		if (!set_macro(mta, "i", id, false))
			return wire_fail(mta, "out of memory", "");
		mta->queued = true;
	}
	return status;
}

enum mta_status mta_data(struct mta *mta, struct mta_reply *reply)
{
	enum mta_status status = event(mta, 'T', NULL, 0, reply);
	/* smtpd empties its buffer when it hands the socket to cleanup. */
	return status == MTA_OK ? mta_flush(mta) : status;
}

enum mta_status mta_header(struct mta *mta, const char *name, const char *value,
                           struct mta_reply *reply)
{
	if (value[0] == ' ' && !(mta->options.protocol & MTA_P_HDR_LEADSPC))
		value++;
	return string_event(mta, 'L', (const char *const[]){name, value, NULL}, reply);
}

enum mta_status mta_eoh(struct mta *mta, struct mta_reply *reply)
{
	return event(mta, 'N', NULL, 0, reply);
}

static enum mta_status send_body(struct mta *mta, struct mta_reply *reply)
{
	size_t len = mta->body_len;
	mta->body_len = 0;
	return event(mta, 'B', mta->body, len, reply);
}

enum mta_status mta_body(struct mta *mta, const void *data, size_t len, struct mta_reply *reply)
{
	const unsigned char *from = data;
	enum mta_status status = MTA_OK;

	*reply = (struct mta_reply){'\0', ""};
	while (len > 0 && status == MTA_OK && (reply->code == '\0' || strchr("cs", reply->code))) {
		size_t room = mta->chunk - mta->body_len;
		size_t n = len < room ? len : room;
		memcpy(mta->body + mta->body_len, from, n);
		mta->body_len += n;
		from += n;
		len -= n;
		if (mta->body_len == mta->chunk)
			status = send_body(mta, reply);
	}
	return status;
}

enum mta_status mta_eom(struct mta *mta, struct mta_reply *reply)
{
	enum mta_status status = MTA_OK;
	*reply = (struct mta_reply){'\0', ""};
	if (mta->body_len > 0)
		status = send_body(mta, reply);
	if (status != MTA_OK || (reply->code != '\0' && !strchr("cs", reply->code)))
		return status;
	return event(mta, 'E', NULL, 0, reply);
}

enum mta_status mta_abort(struct mta *mta)
{
	mta->body_len = 0;
	mta->queued = false;
	if (!set_macro(mta, "i", NULL, false))
		return wire_fail(mta, "out of memory", "");
	return mta_packet(mta, 'A', NULL, 0);
}

enum mta_status mta_quit(struct mta *mta)
{
	enum mta_status status = mta_packet(mta, 'Q', NULL, 0);
	return status == MTA_OK ? mta_flush(mta) : status;
}
