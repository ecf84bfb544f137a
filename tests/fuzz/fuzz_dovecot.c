/*
 * What may come at a socket of postreeve-authd: lines of the Dovecot protocol, cut where the input
 * says, and the same octets as a request of saslauthd's. The README says what is held true.
 */
#include "db/authd/dovecot.h"
#include "db/authd/saslauthd.h"
#include "tests/fuzz/check.h"

#include <stdbool.h>
#include <string.h>

#define COOKIE "0123456789abcdef0123456789abcdef"

/* What the host has been asked for. */
struct host {
	unsigned sent, judged;
	uint32_t last; /* id that is open to be answered */
	unsigned room;
};

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if (*text == '\t' || *text == '\n')
			return false;
	return true;
}

static void check_attempt(const struct attempt *attempt)
{
	CHECK(attempt->verdict == VERDICT_OPEN || attempt->verdict == VERDICT_REFUSED);
	CHECK(memchr(attempt->account, '\0', sizeof attempt->account));
	CHECK(attempt->password_len <= PASSWORD_MAX);
	if (attempt->verdict == VERDICT_OPEN) {
		CHECK_NOTE(account_name_form(attempt->account) == FORM_OK, attempt->account);
		CHECK(attempt->password_len > 0);
		CHECK(!memchr(attempt->password, '\0', attempt->password_len));
	} else {
		CHECK(attempt->reason == REASON_FORM || attempt->reason == REASON_TLS);
	}
}

/* An answer is one line, whatever was asked. */
static void check_answer(uint32_t id, struct attempt attempt)
{
	char text[DOVECOT_ANSWER_MAX];
	size_t len = dovecot_answer(text, id, &attempt);

	CHECK(len > 0 && len < sizeof text && strlen(text) == len);
	CHECK(strchr(text, '\n') == text + len - 1);
	if (attempt.verdict == VERDICT_REFUSED)
		CHECK(strncmp(text, "FAIL\t", 5) == 0);
	else
		CHECK(is_clean(attempt.account));
}

static void on_send(void *arg, const char *text, size_t len)
{
	struct host *host = arg;

	CHECK(len > 0 && text[len - 1] == '\n');
	CHECK(host->sent == 0 ||
	      (strncmp(text, "CONT\t", 5) == 0 && memchr(text, '\n', len) == text + len - 1));
	host->sent++;
}

static bool on_judge(void *arg, uint32_t id, const struct attempt *attempt)
{
	struct host *host = arg;
	struct attempt other = *attempt;

	check_attempt(attempt);
	check_answer(id, *attempt);
	if (attempt->verdict == VERDICT_OPEN) {
		CHECK(id > host->last); /* each is judged once */
		host->last = id;
		other.verdict = VERDICT_LOGIN;
		check_answer(id, other);
	}
	host->judged++;
	return host->room-- > 1;
}

static bool without_tls(void *arg)
{
	const struct host *host = arg;

	return host->room % 2 == 0;
}

static void check_saslauthd(const char *octets, size_t len)
{
	char answer[SASLAUTHD_ANSWER_MAX];
	struct attempt attempt, again;

	if (saslauthd_read(octets, len, &attempt) == SASLAUTHD_MORE)
		return;
	check_attempt(&attempt);
	CHECK(saslauthd_answer(answer, &attempt) == 4);
	/* what comes behind a request changes nothing of it */
	for (size_t n = 0; n < len; n++)
		if (saslauthd_read(octets, n, &again) == SASLAUTHD_DONE)
			CHECK(strcmp(again.account, attempt.account) == 0 &&
			      again.verdict == attempt.verdict);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dovecot_host callbacks = {on_send, on_judge, without_tls};
	const char *rest = (const char *)data, *end = rest + size, *line_end;
	struct host host = {.room = size > 0 ? data[0] : 1};
	struct dovecot dovecot;

	check_saslauthd(rest, size);
	dovecot_begin(&dovecot, &callbacks, &host, 1, 1, COOKIE);
	while (rest < end && (line_end = memchr(rest, '\n', (size_t)(end - rest)))) {
		size_t len = (size_t)(line_end - rest);

		if (!dovecot_line(&dovecot, rest, len))
			break;
		CHECK((dovecot.attempt != NULL) == (dovecot.phase > DOVECOT_IDLE));
		rest = line_end + 1;
	}
	dovecot_end(&dovecot);
	CHECK(!dovecot.attempt);
	return 0;
}
