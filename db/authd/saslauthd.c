#include "config.h"

#include "db/authd/saslauthd.h"

#include <stdio.h>
#include <string.h>

enum {
	LOGIN,
	PASSWORD,
	SERVICE,
	REALM,
	STRINGS
};

struct string {
	const char *octets;
	size_t len;
};

static void read_account(struct attempt *out, const struct string *login,
                         const struct string *realm)
{
	char name[2 * SASLAUTHD_STRING_MAX + 1];
	size_t len = login->len;

	memcpy(name, login->octets, len);
	if (realm->len > 0) {
		name[len++] = '@';
		memcpy(name + len, realm->octets, realm->len);
		len += realm->len;
	}
	attempt_account(out, name, len);
}

enum saslauthd_state saslauthd_read(const char *octets, size_t len, struct attempt *out)
{
	struct string strings[STRINGS];
	size_t at = 0;

	*out = (struct attempt){.mechanism = "saslauthd", .verdict = VERDICT_OPEN};
	for (int i = 0; i < STRINGS; i++) {
		if (len - at < 2)
			return SASLAUTHD_MORE;
		strings[i].len =
		    (size_t)(unsigned char)octets[at] << 8 | (unsigned char)octets[at + 1];
		at += 2;
		if (strings[i].len > SASLAUTHD_STRING_MAX) {
			attempt_refuse(out, REASON_FORM);
			return SASLAUTHD_DONE;
		}
		if (len - at < strings[i].len)
			return SASLAUTHD_MORE;
		strings[i].octets = octets + at;
		at += strings[i].len;
	}
	snprintf(out->service, sizeof out->service, "%.*s", (int)strings[SERVICE].len,
	         strings[SERVICE].octets);
	read_account(out, &strings[LOGIN], &strings[REALM]);
	attempt_password(out, strings[PASSWORD].octets, strings[PASSWORD].len);
	return SASLAUTHD_DONE;
}

size_t saslauthd_answer(char out[SASLAUTHD_ANSWER_MAX], const struct attempt *attempt)
{
	const char *word = attempt->verdict == VERDICT_LOGIN ? "OK" : "NO";

	memcpy(out, "\0\2", 2);
	memcpy(out + 2, word, 2);
	return 4;
}
