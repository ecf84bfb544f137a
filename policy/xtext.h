/* xtext (RFC 3461 4): what stands in the place of octets that an SMTP parameter cannot have. */
#ifndef POLICY_XTEXT_H
#define POLICY_XTEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes into a buffer of size octets, '\0' and all. False where it is no xtext, holds a NUL, or
 * does not fit: what is in the buffer then is of no use.
 */
bool xtext_decode(const char *text, char *out, size_t size);

#endif
