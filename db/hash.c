#include "db/hash.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of hashes that we make; at these sizes nobody has to wonder. */
#define R           8
#define P           1
#define SALT_OCTETS 16
#define KEY_OCTETS  32

/* Of those that others made. */
#define R_MAX    32
#define P_MAX    16
#define SALT_MIN 4
#define SALT_MAX 64
#define KEY_MIN  16
#define KEY_MAX  64

/* N times r times p: what the costliest of ours takes. */
#define WORK_MAX ((UINT64_C(1) << HASH_COST_MAX) * R * P)

/* ---- base64, as PHC strings have it: no padding, one spelling alone ----- */

#define BASE64_SIZE(octets) (((octets)*4 + 2) / 3 + 1) /* '\0' and all */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode(const unsigned char *octets, size_t count, char *out)
{
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < count; i++) {
		bits = (bits << 8 | octets[i]) & 0xffff;
		for (held += 8; held >= 6; held -= 6)
			*out++ = base64[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*out++ = base64[bits << (6 - held) & 63];
	*out = '\0';
}

/* Gives how many octets it was, 0 if it is none or longer than size. */
static size_t decode(const char *text, size_t len, unsigned char *out, size_t size)
{
	unsigned bits = 0, held = 0;
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] ? strchr(base64, text[i]) : NULL;

		if (!at)
			return 0;
		bits = (bits << 6 | (unsigned)(at - base64)) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (count == size)
			return 0;
		out[count++] = (unsigned char)(bits >> held);
	}
	/* A letter too many, or bits that no octet has. */
	if (held >= 6 || bits & ((1u << held) - 1))
		return 0;
	return count;
}

/* ---- scrypt ------------------------------------------------------------- */

struct scrypt {
	unsigned ln, r, p;
	unsigned char salt[SALT_MAX], key[KEY_MAX];
	size_t salt_len, key_len;
};

static bool is_affordable(unsigned ln, unsigned r, unsigned p)
{
	return ln >= 1 && ln <= HASH_COST_MAX && r >= 1 && r <= R_MAX && p >= 1 && p <= P_MAX &&
	       (UINT64_C(1) << ln) * r * p <= WORK_MAX && ln < 16 * r; /* RFC 7914, section 2 */
}

/* "NAME=NUMBER" with this octet behind it; gives what follows, or null. */
static const char *take_number(const char *at, const char *name, char end, unsigned *out)
{
	size_t len = strlen(name);
	unsigned number = 0;

	if (strncmp(at, name, len) != 0)
		return NULL;
	at += len;
	if (*at == '0')
		return NULL;
	for (len = 0; at[len] >= '0' && at[len] <= '9'; len++) {
		if (len == 6)
			return NULL;
		number = number * 10 + (unsigned)(at[len] - '0');
	}
	if (len == 0 || at[len] != end)
		return NULL;
	*out = number;
	return at + len + 1;
}

static const char scrypt_prefix[] = "$scrypt$";

static bool is_scrypt(const char *hash)
{
	return strncmp(hash, scrypt_prefix, sizeof scrypt_prefix - 1) == 0;
}

static bool parse(const char *hash, struct scrypt *out)
{
	const char *at = hash + sizeof scrypt_prefix - 1, *end;

	if (!is_scrypt(hash))
		return false;
	at = take_number(at, "ln=", ',', &out->ln);
	if (at)
		at = take_number(at, "r=", ',', &out->r);
	if (at)
		at = take_number(at, "p=", '$', &out->p);
	end = at ? strchr(at, '$') : NULL;
	if (!end || !is_affordable(out->ln, out->r, out->p))
		return false;
	out->salt_len = decode(at, (size_t)(end - at), out->salt, sizeof out->salt);
	at = end + 1;
	out->key_len = decode(at, strlen(at), out->key, sizeof out->key);
	return out->salt_len >= SALT_MIN && out->key_len >= KEY_MIN;
}

/* A key of this scrypt's length from the password. */
static bool derive(const struct scrypt *scrypt, const char *password, size_t len,
                   unsigned char key[KEY_MAX])
{
	/* For the blocks and what is worked with beside them. */
	uint64_t memory =
	    128 * scrypt->r * ((UINT64_C(1) << scrypt->ln) + scrypt->p + 2) + (UINT64_C(1) << 20);

	if (EVP_PBE_scrypt(password, len, scrypt->salt, scrypt->salt_len, UINT64_C(1) << scrypt->ln,
	                   scrypt->r, scrypt->p, memory, key, scrypt->key_len) == 1)
		return true;
	ERR_clear_error();
	return false;
}

static enum hash_verdict verify_scrypt(const char *hash, const char *password, size_t len)
{
	unsigned char key[KEY_MAX];
	struct scrypt scrypt;
	enum hash_verdict verdict = HASH_BAD;

	if (!parse(hash, &scrypt))
		goto out;
	if (!derive(&scrypt, password, len, key))
		verdict = HASH_FAILED;
	else
		verdict = CRYPTO_memcmp(key, scrypt.key, scrypt.key_len) == 0 ? HASH_MATCHES
		                                                              : HASH_DIFFERS;
out:
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(&scrypt, sizeof scrypt);
	return verdict;
}

/* ---- crypt(3) ----------------------------------------------------------- */

/* Digits of crypt(5)'s own base64, in the order of their values. */
static const char digits64[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static unsigned digit64(char c)
{
	const char *at = c ? strchr(digits64, c) : NULL;

	return at ? (unsigned)(at - digits64) : 64;
}

/* "j9T$": what crypt_gensalt(3) writes. A longer one may ask for anything. */
static bool yescrypt_is_affordable(const char *at)
{
	return at[0] == 'j' && at[1] && at[2] && at[3] == '$' &&
	       is_affordable(digit64(at[1]) + 1, digit64(at[2]) + 1, 1);
}

/* log2 N, then r and p of five digits each, the lowest first. */
static bool scrypt7_is_affordable(const char *at)
{
	unsigned number[2] = {0};

	if (strlen(at) < 11)
		return false;
	for (unsigned i = 0; i < 10; i++) {
		if (digit64(at[1 + i]) > 63)
			return false;
		number[i / 5] |= digit64(at[1 + i]) << 6 * (i % 5);
	}
	return is_affordable(digit64(at[0]), number[0], number[1]);
}

/* "b$12$"; at 16, seconds */
static bool bcrypt_is_affordable(const char *at)
{
	return at[0] && strchr("aby", at[0]) && at[1] == '$' && strspn(at + 2, "0123456789") == 2 &&
	       (at[2] - '0') * 10 + (at[3] - '0') <= 16 && at[4] == '$';
}

/* "rounds=10000$" perhaps; at the most of them, seconds */
static bool sha_is_affordable(const char *at)
{
	unsigned rounds;

	return strncmp(at, "rounds=", 7) != 0 ||
	       (strspn(at + 7, "0123456789") <= 6 && take_number(at, "rounds=", '$', &rounds));
}

/* Those that the administrator of a system may still have: neither DES nor MD5. */
static const struct scheme {
	const char *prefix;
	size_t len; /* of what stands behind the last '$' */
	bool (*is_affordable)(const char *behind_prefix);
} schemes[] = {
    {"$y$", 43, yescrypt_is_affordable}, {"$gy$", 43, yescrypt_is_affordable},
    {"$7$", 43, scrypt7_is_affordable},  {"$2", 53, bcrypt_is_affordable},
    {"$6$", 86, sha_is_affordable},      {"$5$", 43, sha_is_affordable},
};

/* crypt_checksalt(3) looks at little more than the beginning. */
static bool is_crypt(const char *hash)
{
	const char *last = strrchr(hash, '$');
	int salt = crypt_checksalt(hash);

	if (!last || salt == CRYPT_SALT_INVALID || salt == CRYPT_SALT_METHOD_DISABLED)
		return false;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t len = strlen(schemes[i].prefix);

		if (strncmp(hash, schemes[i].prefix, len) == 0)
			return strlen(last + 1) == schemes[i].len &&
			       strspn(last + 1, digits64) == schemes[i].len && last >= hash + len &&
			       schemes[i].is_affordable(hash + len);
	}
	return false;
}

static enum hash_verdict verify_crypt(const char *hash, const char *password, size_t len)
{
	enum hash_verdict verdict = HASH_FAILED;
	struct crypt_data *data;
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	char *computed;

	/* What is too long for crypt(3) cannot have been hashed by it. */
	if (len >= sizeof phrase)
		return HASH_DIFFERS;
	data = OPENSSL_zalloc(sizeof *data);
	if (!data)
		return HASH_FAILED;
	memcpy(phrase, password, len);
	phrase[len] = '\0';
	computed = crypt_rn(phrase, hash, data, (int)sizeof *data);
	if (computed)
		verdict = strlen(computed) == strlen(hash) &&
		                  CRYPTO_memcmp(computed, hash, strlen(hash)) == 0
		              ? HASH_MATCHES
		              : HASH_DIFFERS;
	else if (errno == EINVAL || errno == ERANGE)
		verdict = HASH_BAD;
	OPENSSL_cleanse(phrase, sizeof phrase);
	OPENSSL_clear_free(data, sizeof *data);
	return verdict;
}

/* ---- all of them -------------------------------------------------------- */

static bool is_password(const char *password, size_t len)
{
	return len > 0 && len <= PASSWORD_MAX && !memchr(password, '\0', len);
}

bool hash_make(const char *password, size_t len, unsigned cost, char out[PASSWORD_HASH_MAX])
{
	struct scrypt scrypt = {
	    .ln = cost, .r = R, .p = P, .salt_len = SALT_OCTETS, .key_len = KEY_OCTETS};
	char salt[BASE64_SIZE(SALT_OCTETS)], key[BASE64_SIZE(KEY_OCTETS)];
	bool good = false;

	if (!is_password(password, len) || cost < HASH_COST_MIN || cost > HASH_COST_MAX)
		return false;
	if (RAND_bytes(scrypt.salt, SALT_OCTETS) != 1)
		ERR_clear_error();
	else
		good = derive(&scrypt, password, len, scrypt.key);
	if (good) {
		encode(scrypt.salt, SALT_OCTETS, salt);
		encode(scrypt.key, KEY_OCTETS, key);
		snprintf(out, PASSWORD_HASH_MAX, "%sln=%u,r=%d,p=%d$%s$%s", scrypt_prefix, cost, R,
		         P, salt, key);
	}
	OPENSSL_cleanse(&scrypt, sizeof scrypt);
	OPENSSL_cleanse(key, sizeof key);
	return good;
}

enum hash_verdict hash_verify(const char *hash, const char *password, size_t len)
{
	if (!hash_is_good(hash))
		return HASH_BAD;
	if (!is_password(password, len))
		return HASH_DIFFERS;
	return is_scrypt(hash) ? verify_scrypt(hash, password, len)
	                       : verify_crypt(hash, password, len);
}

bool hash_is_good(const char *hash)
{
	struct scrypt scrypt;

	if (strnlen(hash, PASSWORD_HASH_MAX) == PASSWORD_HASH_MAX)
		return false;
	return is_scrypt(hash) ? parse(hash, &scrypt) : is_crypt(hash);
}

bool hash_is_outdated(const char *hash, unsigned cost)
{
	struct scrypt scrypt;

	return strnlen(hash, PASSWORD_HASH_MAX) == PASSWORD_HASH_MAX || !parse(hash, &scrypt) ||
	       scrypt.ln < cost || scrypt.r < R || scrypt.salt_len < SALT_OCTETS ||
	       scrypt.key_len < KEY_OCTETS;
}

/* 55 of them: 24 are 138 bits. */
static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

bool hash_generate(char out[PASSWORD_GENERATED])
{
	const unsigned count = sizeof letters - 1;
	unsigned char octet;

	for (size_t i = 0; i < PASSWORD_GENERATED - 1;) {
		if (RAND_bytes(&octet, 1) != 1) {
			ERR_clear_error();
			return false;
		}
		/* What is over the last multiple would make some letters likelier. */
		if (octet < 256 / count * count)
			out[i++] = letters[octet % count];
	}
	out[PASSWORD_GENERATED - 1] = '\0';
	return true;
}
