/*
 * Milter events in any order, on several connections, handed to the daemon's callbacks as libmilter
 * does. The README tells the input's format and what is held true.
 */
#include "db/daemon/log.h"
#include "milter/callbacks.h"
#include "tests/fuzz/audit_line.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/libmilter.h"
#include "tests/fuzz/session_model.h"
#include "tests/fuzz/session_place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <sys/un.h>

#define CHUNK_MAX 65535 /* octets of a body chunk: what a packet holds */

/* ---- the log ------------------------------------------------------------- */

/* In the place of db/daemon/log.c: each line is checked at once. What an event brought: */
static struct {
	unsigned passed, refused;
	struct audit_line last;
} told;

void log_line(int priority, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	CHECK(n > 0 && (size_t)n < sizeof line);
	if (priority == LOG_WARNING)
		return; /* about the MTA, and of fixed text */
	audit_line_read(line, &told.last);
	if (strcmp(told.last.word, "pass") == 0 || strcmp(told.last.word, "exempt") == 0)
		told.passed++;
	else if (strcmp(told.last.word, "reject") == 0 || strcmp(told.last.word, "tempfail") == 0)
		told.refused++;
	else
		CHECK_NOTE(strcmp(told.last.word, "shadow") == 0, line);
}

/* ---- what one input plays with ------------------------------------------- */

struct peer {
	struct smfi_str ctx;
	struct smfi_str fresh; /* holds the macros of MAIL that no MAIL has used yet */
};

static struct {
	const struct world *world;
	struct model model;
	struct peer peers[PEERS];
	size_t at; /* the peer whose events come */
} play;

/* The fields of one event; null after the last. */
struct event {
	char *fields[FIELDS_MAX + 1];
	size_t count;
};

/* The field, or "" if there is none. */
static char *field(struct event *event, size_t i)
{
	static char none[] = "";

	return i < event->count ? event->fields[i] : none;
}

static void check_places(const char *account)
{
	uint64_t count;

	if (account[0] == '\0')
		return;
	CHECK(!connections_enter(play.world->service->connections, account, 0, &count));
	CHECK_NOTE(count == model_places(&play.model, account) + 1, account);
}

/* An event is answered with the reply of this rule, or none; `end` is that of a message. */
static void check_verdict(const SMFICTX *ctx, sfsistat got, const struct rule *expected, bool end)
{
	char name[40];

	CHECK_NOTE((got == SMFIS_CONTINUE) == !expected, expected ? expected->name : ctx->text);
	CHECK(told.passed == (unsigned)(end && !expected));
	CHECK(told.refused == (unsigned)(expected != NULL));
	CHECK(ctx->replied == (expected != NULL));
	if (!expected)
		return;
	CHECK(got == (ctx->code[0] == '4' ? SMFIS_TEMPFAIL : SMFIS_REJECT));
	if (expected == &model_any_rule)
		return;
	snprintf(name, sizeof name, " [%s]", expected->name);
	CHECK_NOTE(strstr(ctx->text, name), ctx->text);
	CHECK((unsigned)atoi(ctx->code) == expected->code);
	CHECK(strcmp(ctx->enhanced, expected->enhanced) == 0);
}

/* An event that is not waited for, or one of a peer that never negotiated. */
static void check_plain(const SMFICTX *ctx, sfsistat got, sfsistat expected)
{
	bool negotiated = play.model.peers[play.at].negotiated;

	CHECK(got == (negotiated ? expected : SMFIS_TEMPFAIL));
	CHECK(!ctx->replied && told.passed == 0 && told.refused == 0);
}

/* ---- events -------------------------------------------------------------- */

typedef void event_fn(struct peer *peer, struct model_peer *model, struct event *event);

/* Once for a connection: libmilter lets no second one through. */
static void on_negotiate(struct peer *peer, struct model_peer *model, struct event *event)
{
	const unsigned long answered = SMFIP_NR_MAIL | SMFIP_NR_RCPT;
	unsigned long steps = 0x1fffff, actions = 0x1ff, our_steps, our_actions, our[2];

	if (model->negotiated)
		return;
	if (strchr(field(event, 0), 'l'))
		steps &= ~(unsigned long)SMFIP_HDR_LEADSPC;
	if (strchr(field(event, 0), 's'))
		actions &= ~(unsigned long)SMFIF_SETSYMLIST;
	CHECK(milter.xxfi_negotiate(&peer->ctx, actions, steps, 0, 0, &our_actions, &our_steps,
	                            &our[0], &our[1]) == SMFIS_CONTINUE);
	CHECK((our_actions & ~actions) == 0 && (our_steps & ~steps) == 0);
	CHECK((our_steps & answered) == 0);
	model->negotiated = true;
	model->leading_space = (our_steps & SMFIP_HDR_LEADSPC) != 0;
}

static void on_connect(struct peer *peer, struct model_peer *model, struct event *event)
{
	char host[] = "client.example";
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} address = {.any.sa_family = AF_UNSPEC};
	char *text = field(event, 0);

	milter_event(&peer->ctx, MACROS_MAIL);
	milter_end(&peer->fresh);
	if (inet_pton(AF_INET, text, &address.in.sin_addr) == 1)
		address.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &address.in6.sin6_addr) == 1)
		address.any.sa_family = AF_INET6;
	else if (strcmp(text, "unix") == 0)
		address.any.sa_family = AF_UNIX;
	check_plain(&peer->ctx,
	            milter.xxfi_connect(&peer->ctx, host,
	                                address.any.sa_family == AF_UNSPEC ? NULL : &address.any),
	            SMFIS_NOREPLY);
	if (model->negotiated)
		model_connect(model, text);
}

static void on_helo(struct peer *peer, struct model_peer *model, struct event *event)
{
	milter_event(&peer->ctx, MACROS_MAIL);
	milter_end(&peer->fresh);
	check_plain(&peer->ctx, milter.xxfi_helo(&peer->ctx, field(event, 0)), SMFIS_NOREPLY);
	if (model->negotiated)
		model->helo = helo_form(field(event, 0));
}

/* The first field is the stage: M, R or E. */
static void on_macros(struct peer *peer, struct model_peer *model, struct event *event)
{
	const char *const *fields = (const char *const *)event->fields + 1;
	const char *stages = "MRE", *stage = strchr(stages, field(event, 0)[0]);

	(void)model;
	if (!stage || !*stage)
		return;
	milter_macros(&peer->ctx, (enum macro_stage)(stage - stages), fields, event->count - 1);
	if (stage == stages)
		milter_macros(&peer->fresh, MACROS_MAIL, fields, event->count - 1);
}

static const char *macro(struct peer *peer, const char *name)
{
	char copy[24];
	const char *value;

	snprintf(copy, sizeof copy, "%s", name);
	value = smfi_getsymval(&peer->fresh, copy);
	return value ? value : "";
}

static void on_mail(struct peer *peer, struct model_peer *model, struct event *event)
{
	const char *const *arguments = (const char *const *)event->fields;
	const struct mail_macros macros = {
	    .login = macro(peer, "{auth_authen}"),
	    .mechanism = macro(peer, "{auth_type}"),
	    .address = macro(peer, "{mail_addr}"),
	    .tls = macro(peer, "{tls_version}"),
	    .port = macro(peer, "{daemon_port}"),
	    .queue_id = "",
	};
	const struct rule *expected;
	sfsistat got;

	milter_event(&peer->ctx, MACROS_RCPT);
	got = milter.xxfi_envfrom(&peer->ctx, event->fields);
	if (model->negotiated && event->count > 0) {
		expected = model_mail(&play.model, model, arguments, &macros);
		check_verdict(&peer->ctx, got, expected, false);
		check_places(macros.login);
	} else {
		check_plain(&peer->ctx, got, SMFIS_TEMPFAIL);
	}
	milter_end(&peer->fresh);
}

static void on_rcpt(struct peer *peer, struct model_peer *model, struct event *event)
{
	sfsistat got;

	milter_event(&peer->ctx, MACROS_EOM);
	got = milter.xxfi_envrcpt(&peer->ctx, event->fields);
	if (model->negotiated && event->count > 0)
		check_verdict(&peer->ctx, got, model_rcpt(model, event->fields[0]), false);
	else
		check_plain(&peer->ctx, got, SMFIS_TEMPFAIL);
}

static void on_data(struct peer *peer, struct model_peer *model, struct event *event)
{
	(void)model, (void)event;
	check_plain(&peer->ctx, milter.xxfi_data(&peer->ctx), SMFIS_CONTINUE);
}

static void on_header(struct peer *peer, struct model_peer *model, struct event *event)
{
	check_plain(&peer->ctx, milter.xxfi_header(&peer->ctx, field(event, 0), field(event, 1)),
	            SMFIS_NOREPLY);
	model_header(model, field(event, 0), field(event, 1));
}

/* The fields: how many octets; and a text, whose line ends are CRLF, that they come behind. */
static void on_body(struct peer *peer, struct model_peer *model, struct event *event)
{
	static unsigned char chunk[CHUNK_MAX];
	size_t octets = strtoul(field(event, 0), NULL, 10), len = 0;

	for (const char *s = field(event, 1); *s && len + 2 <= CHUNK_MAX; s++) {
		if (*s == '\n')
			chunk[len++] = '\r';
		chunk[len++] = (unsigned char)*s;
	}
	octets = octets > CHUNK_MAX - len ? CHUNK_MAX - len : octets;
	memset(chunk + len, 'x', octets);
	len += octets;
	check_plain(&peer->ctx, milter.xxfi_body(&peer->ctx, chunk, len), SMFIS_NOREPLY);
	model_body(model, chunk, len);
}

static void on_end_of_message(struct peer *peer, struct model_peer *model, struct event *event)
{
	sfsistat got = milter.xxfi_eom(&peer->ctx);
	struct model_peer before;
	const struct rule *expected;

	(void)event;
	if (!model->negotiated) {
		check_plain(&peer->ctx, got, SMFIS_TEMPFAIL);
		return;
	}
	before = *model;
	expected = model_end_of_message(&play.model, model);
	check_verdict(&peer->ctx, got, expected, true);
	if (expected)
		return;
	CHECK(strcmp(told.last.word, before.exempt ? "exempt" : "pass") == 0);
	CHECK_NOTE(before.exempt || strcmp(told.last.account, before.account) == 0,
	           told.last.account);
	CHECK(told.last.recipients == before.recipients);
	CHECK(told.last.size == (play.model.reads && !before.exempt ? before.size + 2 : 0));
}

static void on_abort(struct peer *peer, struct model_peer *model, struct event *event)
{
	(void)event;
	CHECK(milter.xxfi_abort(&peer->ctx) == SMFIS_CONTINUE && !peer->ctx.replied);
	model_abort(model);
}

static void on_close(struct peer *peer, struct model_peer *model, struct event *event)
{
	char place[sizeof model->place];

	(void)event;
	CHECK(milter.xxfi_close(&peer->ctx) == SMFIS_CONTINUE);
	CHECK(!peer->ctx.private);
	milter_end(&peer->ctx);
	milter_end(&peer->fresh);
	strcpy(place, model->place);
	model_abort(model);
	memset(model, 0, sizeof *model);
	check_places(place);
}

/* By the letters of the milter protocol. */
static const struct {
	char letter;
	event_fn *play;
} events[] = {
    {'O', on_negotiate}, {'C', on_connect}, {'H', on_helo},  {'D', on_macros},
    {'M', on_mail},      {'R', on_rcpt},    {'T', on_data},  {'L', on_header},
    {'B', on_body},      {'A', on_abort},   {'Q', on_close}, {'E', on_end_of_message},
};

/* ---- the input ----------------------------------------------------------- */

/* In place: \n and \t, which would otherwise end the event or the field. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] == '\\' && (text[1] == 'n' || text[1] == 't'))
			*out++ = *++text == 'n' ? '\n' : '\t';
		else
			*out++ = *text;
	}
	*out = '\0';
}

/* Fields stand in one piece of memory, as in a packet. */
static void split(char *text, struct event *event)
{
	event->count = 0;
	if (*text != '\0') {
		while (text && event->count < FIELDS_MAX) {
			char *next = strchr(text, '\t');

			if (next)
				*next++ = '\0';
			unescape(text);
			event->fields[event->count++] = text;
			text = next;
		}
	}
	event->fields[event->count] = NULL;
}

static void play_line(char *line)
{
	struct event event;

	if (line[0] >= '1' && line[0] < '1' + PEERS)
		play.at = (size_t)(line[0] - '1');
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		if (events[i].letter != line[0])
			continue;
		split(line + 1, &event);
		told.passed = told.refused = 0;
		play.peers[play.at].ctx.replied = false;
		events[i].play(&play.peers[play.at], &play.model.peers[play.at], &event);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	place_make();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;

	play.at = 0;
	play.world = &worlds[0];
	for (size_t i = 1; i < WORLDS; i++)
		if (size > 0 && text[0] == worlds[i].letter)
			play.world = &worlds[i];
	play.model.config = play.world->config;
	play.model.has_registry = play.world->has_registry;
	play.model.reads = play.world->reads;
	CHECK(callbacks_register(false));
	callbacks_serve(play.world->service);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		char *line = strndup(text, (size_t)((newline ? newline : end) - text));

		CHECK(line);
		play_line(line);
		free(line);
		text = newline ? newline + 1 : end;
	}
	for (play.at = 0; play.at < PEERS; play.at++)
		on_close(&play.peers[play.at], &play.model.peers[play.at], NULL);
	for (size_t i = 0; i < model_account_count; i++)
		check_places(model_accounts[i].name);
	return 0;
}
