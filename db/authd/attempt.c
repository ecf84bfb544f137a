#include "config.h"

#include "db/authd/attempt.h"

#include <stdio.h>
#include <string.h>

const char *attempt_reason(enum reason reason)
{
	static const char *const names[] = {
	    [REASON_PASSWORD] = "password", [REASON_UNKNOWN] = "unknown",
	    [REASON_DISABLED] = "disabled", [REASON_HASH] = "hash",
	    [REASON_LIMIT] = "limit",       [REASON_FORM] = "form",
	    [REASON_TLS] = "tls",
	};

	return names[reason];
}

void attempt_refuse(struct attempt *attempt, enum reason reason)
{
	attempt->verdict = VERDICT_REFUSED;
	attempt->reason = reason;
}

void attempt_unavailable(struct attempt *attempt, const char *cause)
{
	attempt->verdict = VERDICT_UNAVAILABLE;
	snprintf(attempt->cause, sizeof attempt->cause, "%s", cause);
}

void attempt_account(struct attempt *attempt, const char *name, size_t len)
{
	size_t kept = len < ACCOUNT_NAME_MAX ? len : ACCOUNT_NAME_MAX;

	memcpy(attempt->account, name, kept);
	attempt->account[kept] = '\0';
	/* What would end it must not make another's name of it, in the log. */
	for (size_t i = 0; i < kept; i++)
		if (name[i] == '\0')
			attempt->account[i] = '\1';
	if (kept < len || account_name_form(attempt->account) != FORM_OK)
		attempt_refuse(attempt, REASON_FORM);
}

void attempt_password(struct attempt *attempt, const char *password, size_t len)
{
	if (len == 0 || len > PASSWORD_MAX || memchr(password, '\0', len)) {
		attempt_refuse(attempt, REASON_FORM);
		return;
	}
	memcpy(attempt->password, password, len);
	attempt->password_len = len;
}

void attempt_cleanse(struct attempt *attempt)
{
	explicit_bzero(attempt->password, sizeof attempt->password);
	attempt->password_len = 0;
}
