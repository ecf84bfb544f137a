#include "milter/content.h"

#include "policy/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct content {
	struct envelope envelope;
	bool in_body;
	bool stopped; /* what the parts are is not known */
	bool lookup_failed;
	char granted[MAILBOX_KEY_MAX + 1];  /* the address last found to be granted, or "" */
	char stranger[MAILBOX_KEY_MAX + 1]; /* the first address that is not, or "" */
	struct tally tally;
};

/* What a connection holds in the middle of a message: with libmilter's buffers below 256 KiB. */
_Static_assert(sizeof(struct content) <= 160 * 1024, "a message takes too much memory");

static bool is_on(const struct content *content, enum rule_id rule)
{
	return content->envelope.limits->mode[rule] != MODE_OFF;
}

static bool senders_asked(const struct content *content)
{
	return content->envelope.account_known && is_on(content, RULE_header_from);
}

static bool structure_asked(const struct content *content)
{
	return is_on(content, RULE_mime_form) || is_on(content, RULE_max_attachment_size);
}

/* Whether the account may use the address; *granted is set if that could be told. */
static bool look_up(const struct envelope *envelope, const struct mailbox *mailbox, bool *granted)
{
	struct registry_answer found;
	struct registry_error error;
	struct patterns patterns;

	if (!envelope->account[0]) {
		*granted = false;
		return true;
	}
	mailbox_patterns(mailbox, &patterns);
	if (registry_lookup(envelope->registry, envelope->account, patterns.at, patterns.tagged,
	                    time(NULL), &found, &error) != REGISTRY_OK) {
		stats_registry(envelope->stats, error.text);
		snprintf(envelope->cause, REGISTRY_ERROR_MAX, "%s", error.text);
		return false;
	}
	stats_registry(envelope->stats, NULL);
	*granted = found.match < patterns.tagged;
	return true;
}

/* One stranger settles it, and one failure too: no more is asked of the registry then. */
static void on_sender(void *arg, const char *field, const struct mailbox *mailbox)
{
	struct content *content = arg;
	bool granted;

	(void)field;
	if (!senders_asked(content) || content->stranger[0] || content->lookup_failed ||
	    strcmp(mailbox->key, content->envelope.granted) == 0 ||
	    strcmp(mailbox->key, content->granted) == 0)
		return;
	if (!look_up(&content->envelope, mailbox, &granted))
		content->lookup_failed = true;
	else
		strcpy(granted ? content->granted : content->stranger, mailbox->key);
}

struct content *content_new(const struct envelope *envelope)
{
	struct content *content = malloc(sizeof *content);
	const struct tally_listener listener = {.sender = on_sender, .arg = content};

	if (!content)
		return NULL;
	content->envelope = *envelope;
	content->in_body = content->stopped = content->lookup_failed = false;
	content->granted[0] = content->stranger[0] = '\0';
	tally_begin(&content->tally, &listener, structure_asked(content));
	return content;
}

void content_free(struct content *content)
{
	free(content);
}

/* What is known so far; the size is a lower bound until the message is over. */
static void learn(const struct content *content, struct facts *facts)
{
	facts->message = tally_so_far(&content->tally);
	facts->stranger = content->stranger;
	facts->known |= FACT_HEADER;
	if (content->envelope.bodies)
		facts->known |= FACT_MESSAGE_SIZE;
	if (senders_asked(content) && (content->stranger[0] || !content->lookup_failed))
		facts->known |= FACT_SENDERS;
}

/*
 * Whether the header alone is refused, so that the body need not be taken apart: the rules that do
 * stand behind those of the header in the table. The size, which stands before them, is counted
 * all the same.
 */
static bool header_is_refused(const struct content *content)
{
	struct facts facts = {.known = FACT_ACCOUNT};
	struct verdict verdict;

	if (!content->envelope.account_known)
		return false;
	learn(content, &facts);
	judge(AT_EOM, &facts, content->envelope.limits, &verdict);
	return verdict.finding.outcome == OUTCOME_OVER &&
	       !(rules[verdict.finding.rule].reads & READS_BODY);
}

void content_header(struct content *content, const char *name, const char *value,
                    bool leading_space)
{
	tally_field(&content->tally, name, value, leading_space);
}

void content_body(struct content *content, const unsigned char *octets, size_t len)
{
	tally_body(&content->tally, octets, len);
	if (content->in_body)
		return;
	content->in_body = true;
	content->stopped = header_is_refused(content);
	if (content->stopped)
		tally_stop(&content->tally);
}

void content_end(struct content *content, struct facts *facts)
{
	tally_end(&content->tally);
	learn(content, facts);
	if (structure_asked(content) && content->envelope.bodies && !content->stopped)
		facts->known |= FACT_STRUCTURE;
}
