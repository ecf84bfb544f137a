/* Logins. Nobody is let in by a fault. */
#include "tests/fault/scenario.h"

#include "db/authd/dovecot.h"
#include "db/authd/saslauthd.h"
#include "db/authd/verify.h"
#include "db/passwords.h"

#include <openssl/err.h>
#include <string.h>

static struct attempt judged;
static bool was_asked;

static void on_send(void *arg, const char *text, size_t len)
{
	(void)arg, (void)text, (void)len;
}

static bool on_judge(void *arg, uint32_t id, const struct attempt *attempt)
{
	(void)arg, (void)id;
	judged = *attempt;
	was_asked = true;
	return true;
}

static bool without_tls(void *arg)
{
	(void)arg;
	return true;
}

/* Whether the attempt came through; a daemon without memory closes the connection, or refuses. */
static bool dialogue(const char *const *script)
{
	static const struct dovecot_host host = {on_send, on_judge, without_tls};
	struct dovecot dovecot;
	bool goes_on = true;

	was_asked = false;
	dovecot_begin(&dovecot, &host, NULL, 1, 1, "0123456789abcdef0123456789abcdef");
	for (; *script && goes_on; script++)
		goes_on = dovecot_line(&dovecot, *script, strlen(*script));
	dovecot_end(&dovecot);
	return was_asked && judged.verdict == VERDICT_OPEN;
}

static enum ending judge(enum login_verdict wanted, enum reason reason)
{
	static struct settings settings = {
	    .cost = 10, .failures_account = 20, .failures_client = 50};
	struct verify *verify = verify_new(place.passwords, &settings);
	struct verifier verifier;
	struct found found;

	if (!verify)
		return FAILED;
	verifier_begin(&verifier, verify);
	if (verify_look(&verifier, &judged, &found))
		verify_derive(&verifier, &judged, &found);
	verifier_end(&verifier);
	verify_free(verify);
	ERR_clear_error(); /* it keeps the last ones, of each thread */
	if (judged.verdict == VERDICT_UNAVAILABLE)
		return judged.cause[0] ? FAILED : wrong("unavailable, and no cause");
	if (judged.verdict != wanted || (wanted == VERDICT_REFUSED && judged.reason != reason))
		return wrong("verdict %d, reason %d", (int)judged.verdict, (int)judged.reason);
	return RIGHT;
}

#define PLAIN(response)                                                                            \
	(const char *const[])                                                                      \
	{                                                                                          \
		"VERSION\t1\t0", "CPID\t1",                                                        \
		    "AUTH\t1\tPLAIN\tservice=smtp\tsecured\tresp=" response, NULL                  \
	}

static enum ending plain(void)
{
	if (!dialogue(PLAIN("AGFsaWNlAHNlY3JldA=="))) /* alice, secret */
		return FAILED;
	return judge(VERDICT_LOGIN, REASON_PASSWORD);
}

static enum ending plain_wrong(void)
{
	if (!dialogue(PLAIN("AGFsaWNlAHNlY3JlVA==")))
		return FAILED;
	return judge(VERDICT_REFUSED, REASON_PASSWORD);
}

static enum ending plain_disabled(void)
{
	if (!dialogue(PLAIN("AGNhcm9sAHNlY3JldA=="))) /* carol */
		return FAILED;
	return judge(VERDICT_REFUSED, REASON_DISABLED);
}

static enum ending login(void)
{
	static const char *const script[] = {
	    "VERSION\t1\t0",     "CPID\t1",           "AUTH\t1\tLOGIN\tservice=smtp\tsecured",
	    "CONT\t1\tYWxpY2U=", "CONT\t1\tc2VjcmV0", NULL};

	if (!dialogue(script))
		return FAILED;
	return judge(VERDICT_LOGIN, REASON_PASSWORD);
}

static enum ending saslauthd_unknown(void)
{
	static const char request[] = "\0\3bob\0\6secret\0\4smtp\0\0"; /* he has no password */

	if (saslauthd_read(request, sizeof request - 1, &judged) != SASLAUTHD_DONE)
		return wrong("the request is not read");
	return judge(VERDICT_REFUSED, REASON_UNKNOWN);
}

static enum ending set_password(void)
{
	char hash[PASSWORD_HASH_MAX];
	struct passwords *passwords;
	struct registry_error error;
	enum registry_status status;
	bool made;

	made = hash_make("another", strlen("another"), 10, hash);
	ERR_clear_error();
	if (!made)
		return FAILED;
	status = passwords_open(place.passwords, PASSWORDS_CHANGE, 100, &passwords, &error);
	if (status != REGISTRY_OK)
		return of_status(status, &error);
	status = passwords_set(passwords, "alice", hash, PLACE_NOW, &error);
	passwords_close(passwords);
	return of_status(status, &error);
}

const struct scenario login_scenarios[] = {
    {.name = "login: PLAIN", .run = plain},
    {.name = "login: PLAIN, another password", .run = plain_wrong},
    {.name = "login: PLAIN, disabled", .run = plain_disabled},
    {.name = "login: LOGIN", .run = login},
    {.name = "login: saslauthd, no password", .run = saslauthd_unknown},
    {.name = "login: a new password", .run = set_password},
    {.name = NULL},
};
