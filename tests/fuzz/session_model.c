#include "tests/fuzz/session_model.h"

#include "tests/fuzz/check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct model_account model_accounts[] = {
    {"alice", NULL, false, {"alice@example.com", "@alice.example"}},
    {"bob", "bulk", false, {"bob@example.com", "\"b b\"@example.com"}},
    {"carol", NULL, true, {"carol@example.com"}},
    {"dave", "gone", false, {"dave@example.com"}}, /* no configuration has this profile */
};
const size_t model_account_count = sizeof model_accounts / sizeof *model_accounts;

const struct rule model_any_rule = {.name = ""};

static const struct model_account *find_account(const char *name)
{
	for (size_t i = 0; i < model_account_count; i++)
		if (strcmp(model_accounts[i].name, name) == 0)
			return &model_accounts[i];
	return NULL;
}

uint64_t model_places(const struct model *model, const char *account)
{
	uint64_t places = 0;

	for (size_t i = 0; i < PEERS; i++)
		places += strcmp(model->peers[i].place, account) == 0;
	return places;
}

void model_abort(struct model_peer *peer)
{
	free(peer->tally);
	peer->tally = NULL;
	peer->in_body = peer->stranger = false;
	peer->accepted = peer->exempt = peer->utf8 = false;
	peer->account = NULL;
	peer->limits = NULL;
	peer->recipients = peer->size = 0;
}

void model_connect(struct model_peer *peer, const char *address)
{
	peer->has_ip = ip_parse(address, &peer->ip);
}

static bool covers(const char *account, const struct mailbox *mailbox)
{
	const struct model_account *found = account ? find_account(account) : NULL;

	for (size_t i = 0; found && found->grants[i]; i++)
		if (strcmp(found->grants[i], mailbox->key) == 0 ||
		    strcmp(found->grants[i], mailbox->key + mailbox->local_len) == 0)
			return true;
	return false;
}

static void on_sender(void *arg, const char *field, const struct mailbox *mailbox)
{
	struct model_peer *peer = arg;

	(void)field;
	peer->stranger |= !covers(peer->account, mailbox);
}

static struct tally *tally(struct model_peer *peer)
{
	const struct tally_listener listener = {.sender = on_sender, .arg = peer};

	if (!peer->tally) {
		peer->tally = malloc(sizeof *peer->tally);
		CHECK(peer->tally);
		tally_begin(peer->tally, &listener, true);
	}
	return peer->tally;
}

/* Half and half: so it comes in other chunks than to the daemon. */
void model_body(struct model_peer *peer, const unsigned char *octets, size_t len)
{
	peer->in_body = true;
	peer->size += len;
	tally_body(tally(peer), octets, len / 2);
	tally_body(tally(peer), octets + len / 2, len - len / 2);
}

/* No MTA sends a field behind the body; it counts for nothing then. */
void model_header(struct model_peer *peer, const char *name, const char *value)
{
	if (peer->in_body)
		return;
	tally_field(tally(peer), name, value, peer->leading_space);
	peer->size += strlen(name) + strlen(": \r\n") - peer->leading_space;
	for (size_t i = 0; value[i]; i++) {
		bool bare = value[i] == '\n' && (i == 0 || value[i - 1] != '\r');

		peer->size += bare ? 2 : 1;
	}
}

/* ---- what MAIL brings ---------------------------------------------------- */

struct mail {
	const char *login, *mechanism;
	enum form helo, sender;
	bool tls, local_client; /* 127.0.0.0/8 or ::1 */
	bool registered, account_known, suspended, granted;
	uint64_t connections;
	const char *port; /* as it was reported */
	const char *size; /* of SIZE=, null if it was not given */
};

/* A number without leading zeros, up to 19 digits; what is longer is as large as can be. */
static bool read_number(const char *text, uint64_t *out)
{
	if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	text += strspn(text, "0");
	*out = strlen(text) > 19 ? UINT64_MAX : strtoull(text, NULL, 10);
	return true;
}

static const char *find_parameter(const char *const *parameters, const char *with_equals)
{
	size_t len = strlen(with_equals);

	for (; *parameters; parameters++) {
		if (strncasecmp(*parameters, with_equals, len) == 0)
			return *parameters + len;
		if (strlen(*parameters) == len - 1 &&
		    strncasecmp(*parameters, with_equals, len - 1) == 0)
			return "";
	}
	return NULL;
}

/* Takes a place, leaves another account's, and counts. */
static uint64_t take_place(struct model *model, struct model_peer *peer, const char *account,
                           const struct limits *limits)
{
	uint64_t places;

	if (strcmp(peer->place, account) == 0)
		return model_places(model, account);
	peer->place[0] = '\0';
	places = model_places(model, account) + 1;
	if (limits->mode[RULE_max_connections] != MODE_ENFORCE ||
	    places <= limits->bound[RULE_max_connections])
		strcpy(peer->place, account);
	return places;
}

static void read_account(struct model *model, struct model_peer *peer, struct mail *mail,
                         const struct mailbox *sender)
{
	const struct model_account *account = find_account(mail->login);
	const struct profile *profile;

	mail->account_known = true;
	if (mail->login[0] && account_name_form(mail->login) != FORM_OK)
		return;
	if (!model->has_registry) {
		mail->account_known = false;
		return;
	}
	if (!mail->login[0])
		return; /* no network stands for an account here */
	if (account) {
		profile =
		    config_profile(model->config, account->profile ? account->profile : "default");
		if (!profile) {
			mail->account_known = false;
			return;
		}
		peer->account = account->name;
		peer->limits = &profile->limits;
		mail->registered = true;
		mail->suspended = account->suspended;
		mail->granted = mail->sender == FORM_OK && covers(account->name, sender);
	}
	mail->connections = take_place(model, peer, mail->login, peer->limits);
}

/* ---- what the rules say of it -------------------------------------------- */

enum says {
	PASSES,
	REFUSES,
	CANNOT_TELL
};

static enum says refuses_if(bool refused)
{
	return refused ? REFUSES : PASSES;
}

static enum says of_mechanism(const struct mail *mail, const struct allow *allow)
{
	if (!mail->login[0])
		return PASSES;
	if (!mail->mechanism[0])
		return CANNOT_TELL;
	for (size_t i = 0; i < allow->count; i++)
		if (strcasecmp(allow->entry[i].mechanism, mail->mechanism) == 0)
			return PASSES;
	return REFUSES;
}

static enum says of_tls_port(const struct mail *mail, const struct allow *allow)
{
	uint64_t port;

	if (!mail->tls)
		return PASSES;
	if (!read_number(mail->port, &port) || port < 1 || port > 65535)
		return CANNOT_TELL;
	for (size_t i = 0; i < allow->count; i++)
		if (allow->entry[i].port == port)
			return PASSES;
	return REFUSES;
}

static enum says of_mail(enum rule_id id, const struct mail *mail, const struct limits *limits)
{
	uint64_t size = 0;

	if (rules[id].needs && !mail->account_known)
		return CANNOT_TELL;
	switch (id) {
	case RULE_helo_name:
		return refuses_if(mail->helo != FORM_OK);
	case RULE_auth_required:
		return mail->login[0] ? PASSES : mail->account_known ? REFUSES : CANNOT_TELL;
	case RULE_auth_mechanism:
		return of_mechanism(mail, &limits->allow[id]);
	case RULE_tls_required:
		return refuses_if(!mail->tls && !mail->local_client);
	case RULE_tls_port:
		return of_tls_port(mail, &limits->allow[id]);
	case RULE_account_active:
		return refuses_if(mail->suspended);
	case RULE_max_connections:
		return refuses_if(mail->connections > limits->bound[id]);
	case RULE_sender_syntax:
		return refuses_if(mail->sender == FORM_BAD);
	case RULE_sender_registered:
		return refuses_if(mail->sender == FORM_NULL
		                      ? !mail->registered || !limits->allow_null_sender
		                      : !mail->granted);
	case RULE_max_message_size:
		if (mail->size && !read_number(mail->size, &size))
			return CANNOT_TELL;
		return refuses_if(size > limits->bound[id]);
	default:
		return PASSES;
	}
}

const struct rule *model_mail(struct model *model, struct model_peer *peer,
                              const char *const *arguments, const struct mail_macros *macros)
{
	const struct limits *limits;
	struct mailbox sender;
	struct mail mail = {
	    .login = macros->login,
	    .mechanism = macros->mechanism,
	    .helo = peer->helo,
	    .tls = macros->tls[0] != '\0',
	    .port = macros->port,
	    .size = find_parameter(arguments + 1, "SIZE="),
	};

	model_abort(peer);
	peer->limits = &model->config->profiles[0].limits;
	peer->utf8 = find_parameter(arguments + 1, "SMTPUTF8=") != NULL;
	if (peer->has_ip) {
		static const struct ip loopback = {{[15] = 1}};
		static const unsigned char mapped[12] = {[10] = 0xff, 0xff};
		const unsigned char *octet = peer->ip.octet;

		mail.local_client = memcmp(octet, &loopback, sizeof loopback) == 0 ||
		                    (memcmp(octet, mapped, 12) == 0 && octet[12] == 127);
		if (networks_hold(model->config->exempt, model->config->exempt_count, &peer->ip)) {
			peer->accepted = peer->exempt = true;
			return NULL;
		}
	}
	mail.sender = reverse_path_parse(arguments[0], peer->utf8, &sender);
	if (mail.sender != FORM_BAD &&
	    !reverse_path_agrees(arguments[0], mail.sender, &sender, macros->address))
		mail.sender = FORM_BAD;
	read_account(model, peer, &mail, &sender);

	limits = peer->limits;
	for (int id = 0; id < RULE_unavailable; id++) {
		enum says says = of_mail((enum rule_id)id, &mail, limits);

		if (!(rules[id].stages & AT_MAIL) || limits->mode[id] != MODE_ENFORCE ||
		    says == PASSES)
			continue;
		model_abort(peer);
		return &rules[says == REFUSES ? id : RULE_unavailable];
	}
	peer->accepted = true;
	return NULL;
}

/* ---- what comes after MAIL ----------------------------------------------- */

/* Without a MAIL that was let pass nothing is. */
const struct rule *model_rcpt(struct model_peer *peer, const char *recipient)
{
	const struct limits *limits = peer->limits;

	if (!peer->accepted)
		return &model_any_rule;
	if (!peer->exempt) {
		if (limits->mode[RULE_recipient_syntax] == MODE_ENFORCE &&
		    forward_path_parse(recipient, peer->utf8) != FORM_OK)
			return &rules[RULE_recipient_syntax];
		if (limits->mode[RULE_max_recipients] == MODE_ENFORCE &&
		    peer->recipients >= limits->bound[RULE_max_recipients])
			return &rules[RULE_max_recipients];
	}
	peer->recipients++;
	return NULL;
}

static bool has_fault(const struct message *message, enum rule_id rule)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (message->faults[i].found && faults[i].rule == rule)
			return true;
	return false;
}

/* The first enforced rule that refuses what was read, or null. */
static const struct rule *refuse_message(struct model_peer *peer)
{
	const struct message *message = tally_end(tally(peer));
	const struct {
		enum rule_id rule;
		bool refuses;
	} findings[] = {
	    {RULE_max_message_size, peer->size + 2 > peer->limits->bound[RULE_max_message_size]},
	    {RULE_header_form, has_fault(message, RULE_header_form)},
	    {RULE_header_from, peer->stranger || message->senders_unread},
	    {RULE_mime_form, has_fault(message, RULE_mime_form)},
	    {RULE_max_attachment_size,
	     message->largest.octets > peer->limits->bound[RULE_max_attachment_size]},
	};

	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++)
		if (findings[i].refuses && peer->limits->mode[findings[i].rule] == MODE_ENFORCE)
			return &rules[findings[i].rule];
	return NULL;
}

const struct rule *model_end_of_message(const struct model *model, struct model_peer *peer)
{
	const struct rule *rule = NULL;

	if (!peer->accepted)
		rule = &model_any_rule;
	else if (!peer->exempt && model->reads)
		rule = refuse_message(peer);
	model_abort(peer);
	return rule;
}
