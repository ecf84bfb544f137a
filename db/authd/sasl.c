#include "config.h"

#include "db/authd/sasl.h"

#include <stdint.h>
#include <string.h>

/* ---- base64 ------------------------------------------------------------- */

/* The six bits of a character, or -1. */
static int bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(const char *text, size_t len, char *out, size_t *out_len)
{
	size_t padding = 0, n = 0;
	uint32_t word = 0;

	if (len % 4 != 0)
		return false;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i++) {
		int six = i < len - padding ? bits(text[i]) : 0;

		if (six < 0)
			return false;
		word = word << 6 | (uint32_t)six;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			out[n++] = (char)(word >> shift & 0xff);
		/* what the padding stands for must not hold anything */
		if (i + 1 == len && (word & ((1U << 8 * padding) - 1)) != 0)
			return false;
		word = 0;
	}
	*out_len = n - padding;
	return true;
}

/* ---- the mechanisms ----------------------------------------------------- */

struct secret {
	size_t len;
	char octets[SASL_BASE64_MAX / 4 * 3];
};

/* False, and the attempt is refused, if it is no base64. */
static bool decode(struct attempt *attempt, const char *text, size_t len, struct secret *out)
{
	if (len <= SASL_BASE64_MAX && base64_decode(text, len, out->octets, &out->len))
		return true;
	attempt_refuse(attempt, REASON_FORM);
	return false;
}

/* [authzid] NUL authcid NUL password */
static void read_plain(struct attempt *attempt, const struct secret *secret)
{
	const char *authzid = secret->octets, *end = authzid + secret->len;
	const char *name = memchr(authzid, '\0', secret->len), *password = NULL;
	size_t authzid_len, name_len;

	if (name)
		password = memchr(name + 1, '\0', (size_t)(end - name - 1));
	if (!password) {
		attempt_refuse(attempt, REASON_FORM);
		return;
	}
	authzid_len = (size_t)(name++ - authzid);
	name_len = (size_t)(password++ - name);
	attempt_account(attempt, name, name_len);
	attempt_password(attempt, password, (size_t)(end - password));
	if (authzid_len > 0 && (authzid_len != name_len || memcmp(authzid, name, name_len) != 0))
		attempt_refuse(attempt, REASON_FORM);
}

void sasl_plain(struct attempt *attempt, const char *text, size_t len)
{
	struct secret secret;

	if (decode(attempt, text, len, &secret))
		read_plain(attempt, &secret);
	explicit_bzero(&secret, sizeof secret);
}

void sasl_login_name(struct attempt *attempt, const char *text, size_t len)
{
	struct secret secret;

	if (decode(attempt, text, len, &secret))
		attempt_account(attempt, secret.octets, secret.len);
	explicit_bzero(&secret, sizeof secret);
}

void sasl_login_password(struct attempt *attempt, const char *text, size_t len)
{
	struct secret secret;

	if (decode(attempt, text, len, &secret))
		attempt_password(attempt, secret.octets, secret.len);
	explicit_bzero(&secret, sizeof secret);
}
