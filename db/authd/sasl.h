/*
 * What the mechanisms PLAIN (RFC 4616) and LOGIN send, in base64 (RFC 4648). Pure.
 */
#ifndef DB_AUTHD_SASL_H
#define DB_AUTHD_SASL_H

#include "db/authd/attempt.h"

#include <stdbool.h>
#include <stddef.h>

/* Octets of base64 that hold any credential: two names, a password, and two '\0'. */
#define SASL_BASE64_MAX 4096

/*
 * Decodes strictly: padded, nothing around it, no bits left over. out has room for len / 4 * 3
 * octets. False for what is not base64.
 */
bool base64_decode(const char *text, size_t len, char *out, size_t *out_len);

/*
 * The response of PLAIN, and the two of LOGIN. What is no such response, or asks to act as another
 * account, makes the attempt a refused one.
 */
void sasl_plain(struct attempt *attempt, const char *text, size_t len);
void sasl_login_name(struct attempt *attempt, const char *text, size_t len);
void sasl_login_password(struct attempt *attempt, const char *text, size_t len);

/* LOGIN's prompts, in base64. */
#define SASL_LOGIN_NAME     "VXNlcm5hbWU6" /* "Username:" */
#define SASL_LOGIN_PASSWORD "UGFzc3dvcmQ6" /* "Password:" */

#endif
