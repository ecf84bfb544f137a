#include "config.h"

#include "db/authd/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define TEXT_MAX 4096 /* octets, of one that is sealed */

/* Written by seal_start() alone. */
static unsigned char secret[SEAL_LEN];

bool seal_random(void *out, size_t len)
{
	return RAND_bytes(out, (int)len) == 1;
}

bool seal_start(void)
{
	return seal_random(secret, sizeof secret);
}

bool seal_make(char purpose, const void *octets, size_t len, struct seal *out)
{
	unsigned char text[TEXT_MAX + 1];
	bool ok;

	if (len > TEXT_MAX)
		return false;
	text[0] = (unsigned char)purpose;
	memcpy(text + 1, octets, len);
	ok = HMAC(EVP_sha256(), secret, sizeof secret, text, len + 1, out->octets, NULL) != NULL;
	OPENSSL_cleanse(text, len + 1);
	return ok;
}

bool seal_text(char purpose, const char *text, struct seal *out)
{
	return seal_make(purpose, text, strlen(text), out);
}

bool seal_is(const struct seal *a, const struct seal *b)
{
	return CRYPTO_memcmp(a->octets, b->octets, SEAL_LEN) == 0;
}
