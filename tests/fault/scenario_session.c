/* The gate's sessions, and the configuration. What is refused without faults never passes with one. */
#include "tests/fault/plan.h"
#include "tests/fault/scenario.h"

#include "db/daemon/log.h"
#include "milter/session.h"
#include "policy/address_list.h"
#include "tests/fuzz/check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static unsigned lines; /* of the audit trail */

/* Stands in for the log's thread. */
void log_line(int priority, const char *format, ...)
{
	(void)priority, (void)format;
	lines++;
}

/* ---- the configuration --------------------------------------------------- */

static char told[CONFIG_ERROR_MAX];

static enum ending not_loaded(void)
{
	return told[0] && !strchr(told, '\n') ? FAILED : wrong("null, and it is said: %s", told);
}

static enum ending config_good(void)
{
	struct config *config = config_load("conf", told);
	char text[4096];
	size_t used;

	if (!config)
		return not_loaded();
	used = (size_t)snprintf(text, sizeof text, "%s %s %s %u %zu %d %zu\n", config->socket,
	                        config->database, config->user, config->auth_cost,
	                        config->exempt_count, config->log_json, config->profile_count);
	for (size_t i = 0; i < config->profile_count; i++) {
		const struct profile *profile = &config->profiles[i];

		used += (size_t)snprintf(text + used, sizeof text - used, "%s", profile->name);
		for (int id = 0; id < BOUND_IDS; id++)
			used += (size_t)snprintf(text + used, sizeof text - used, " %llu",
			                         (unsigned long long)profile->limits.bound[id]);
		for (int id = 0; id < RULE_unavailable; id++)
			used += (size_t)snprintf(text + used, sizeof text - used, " %d",
			                         (int)profile->limits.mode[id]);
	}
	config_free(config);
	return of_text(text);
}

static enum ending config_bad(void)
{
	struct config *config = config_load("conf.bad", told);

	if (!config)
		return not_loaded() == FAILED ? RIGHT : WRONG;
	config_free(config);
	return wrong("a bad configuration is loaded");
}

/* ---- sessions ------------------------------------------------------------ */

/* What a client does, and the code that it is answered in the end. */
struct talk {
	const char *login, *sender, *from, *address;
	unsigned recipients, messages;
	unsigned code;
};

static struct config *load(const char *path)
{
	struct config *config;

	plan_pause();
	config = config_load(path, told);
	CHECK_NOTE(config, told);
	plan_resume();
	return config;
}

static struct service *serve(void)
{
	struct config *config = load("conf.gate");
	struct service *service = service_new(config, 0);

	if (!service)
		config_free(config);
	return service;
}

static unsigned code(const struct reply *reply)
{
	return reply ? reply->code : 250;
}

static unsigned envelope(struct session *session, const struct talk *talk)
{
	const char *const mail[] = {talk->sender, NULL}, *const rcpt[] = {"<r@example.net>", NULL};
	char address[256];
	const struct mail_macros macros = {.login = talk->login,
	                                   .mechanism = talk->login[0] ? "PLAIN" : "",
	                                   .address = address,
	                                   .tls = "TLSv1.3",
	                                   .port = "587",
	                                   .version = "Postfix 3.7.11",
	                                   .queue_id = "4Xy1z2"};
	unsigned got;

	snprintf(address, sizeof address, "%.*s", (int)strlen(talk->sender) - 2, talk->sender + 1);
	session_helo(session, "client.example.net");
	got = code(session_mail(session, mail, &macros));
	for (unsigned i = 0; i < talk->recipients && got == 250; i++)
		got = code(session_rcpt(session, rcpt, "4Xy1z2"));
	return got;
}

static unsigned message(struct session *session, const struct talk *talk)
{
	static const char body[] = "Hello.\r\n";
	unsigned got = envelope(session, talk);

	if (got != 250)
		return got;
	session_header(session, "Date", "Mon, 05 Jan 2026 10:00:00 +0000", false);
	session_header(session, "From", talk->from, false);
	session_body(session, (const unsigned char *)body, strlen(body));
	return code(session_end_of_message(session, "4Xy1z2"));
}

static unsigned converse(struct service *service, const struct talk *talk)
{
	struct sockaddr_in client = {.sin_family = AF_INET};
	struct session *session = session_new(service);
	unsigned got = 451; /* as the MTA says where there is none */

	inet_pton(AF_INET, talk->address, &client.sin_addr);
	lines = 0;
	if (session) {
		session_connect(session, (const struct sockaddr *)&client);
		got = message(session, talk);
		for (unsigned i = 1; i < talk->messages && got == 250; i++)
			got = message(session, talk);
		if (lines == 0)
			wrong("no line is in the log"), got = 0;
	}
	session_free(session);
	return got;
}

static enum ending says(const struct talk *talk)
{
	struct service *service = serve();
	unsigned got;

	if (!service)
		return FAILED;
	got = converse(service, talk);
	if (got != 0 && service_open_transactions(service) != 0)
		got = 0, wrong("a transaction is left open");
	service_free(service);
	if (got == talk->code)
		return RIGHT;
	if (got == 451)
		return FAILED;
	return got == 0 ? WRONG : wrong("it is answered with %u, not %u", got, talk->code);
}

#define TALK(name, ...)                                                                            \
	static enum ending name(void)                                                              \
	{                                                                                          \
		static const struct talk talk = {.address = "192.0.2.7",                           \
		                                 .recipients = 1,                                  \
		                                 .messages = 1,                                    \
		                                 .from = "alice@example.com",                      \
		                                 .sender = "<alice@example.com>",                  \
		                                 .login = "alice",                                 \
		                                 __VA_ARGS__};                                     \
                                                                                                   \
		return says(&talk);                                                                \
	}

#pragma GCC diagnostic ignored "-Woverride-init"
TALK(passes, .code = 250)
TALK(passes_by_group, .login = "bob", .sender = "<any@a.sales.example>",
     .from = "any@a.sales.example", .code = 250)
TALK(passes_by_network, .login = "", .address = "192.0.2.200", .code = 250)
TALK(passes_exempt, .login = "", .address = "192.0.2.25", .sender = "<any@example.org>",
     .code = 250)
TALK(refused_idn_from, .from = "Alice <any@b\303\274cher.alice.example>, alice@example.com",
     .sender = "<alice@example.com>", .code = 550)
TALK(refused_sender, .sender = "<ceo@example.com>", .code = 553)
TALK(refused_idn_sender, .sender = "<ceo@xn--bcher-kva.example>", .code = 553)
TALK(refused_from, .from = "ceo@example.com", .code = 550)
TALK(refused_suspended, .login = "carol", .sender = "<carol@example.com>", .code = 525)
TALK(refused_unknown, .login = "nobody", .code = 553)
TALK(refused_no_login, .login = "", .code = 530)
TALK(refused_recipients, .login = "bob", .sender = "<bob@example.com>", .from = "bob@example.com",
     .recipients = 4, .code = 452)
TALK(refused_quota, .messages = 3, .code = 450)

/* ---- another configuration ------------------------------------------------ */

/* Whichever is in force then, it is all of that. */
static enum ending reload(void)
{
	static const struct talk talk = {.login = "alice",
	                                 .sender = "<alice@example.com>",
	                                 .from = "alice@example.com",
	                                 .address = "192.0.2.7",
	                                 .recipients = 2,
	                                 .messages = 1};
	struct service *service = serve();
	char waiting[SERVICE_WAITING_MAX];
	unsigned got;
	bool other;

	if (!service)
		return FAILED;
	other = service_reload(service, load("conf.narrow"), 1, waiting);
	got = converse(service, &talk);
	service_free(service);
	if (other ? got == 452 : got == 250)
		return other ? RIGHT : FAILED;
	return got == 451 ? FAILED : wrong("reloaded %d, and answered with %u", other, got);
}

/* ---- addresses ------------------------------------------------------------ */

static enum ending addresses(void)
{
	static const char field[] = "a@example.com, \"b b\"@b\303\274cher.example, c@example.org";
	struct address_list list;
	struct mailbox mailbox;
	char text[1024] = "";
	enum form form;

	address_list_begin(&list, (struct span){field, sizeof field - 1}, ADDRESSES_OF_SENDERS);
	while ((form = address_list_next(&list, &mailbox)) == FORM_OK) {
		strcat(text, mailbox.key);
		strcat(text, "\n");
	}
	if (form == FORM_UNKNOWN)
		return FAILED;
	return form == FORM_NONE ? of_text(text) : wrong("it is said to be malformed");
}

static enum ending paths(void)
{
	struct mailbox mailbox;

	switch (reverse_path_parse("<a@b\303\274cher.example>", true, &mailbox)) {
	case FORM_OK:
		return of_text(mailbox.key);
	case FORM_UNKNOWN:
		return FAILED;
	default:
		return wrong("it is said to be malformed");
	}
}

#define ROW(what)                                                                                  \
	{                                                                                          \
		.name = "session: " #what, .run = what                                             \
	}
const struct scenario session_scenarios[] = {
    {.name = "configuration: good", .run = config_good},
    {.name = "configuration: bad", .run = config_bad},
    ROW(passes),
    ROW(passes_by_group),
    ROW(passes_by_network),
    ROW(passes_exempt),
    ROW(refused_idn_from),
    ROW(refused_sender),
    ROW(refused_idn_sender),
    ROW(refused_from),
    ROW(refused_suspended),
    ROW(refused_unknown),
    ROW(refused_no_login),
    ROW(refused_recipients),
    ROW(refused_quota),
    ROW(reload),
    {.name = "addresses: a list", .run = addresses},
    {.name = "addresses: a path", .run = paths},
    {.name = NULL},
};
