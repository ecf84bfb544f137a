/*
 * How many octets a leaf's content stands for, without decoding it. The hot path.
 */
#ifndef POLICY_COUNT_H
#define POLICY_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 2045 6.1 */
enum encoding {
	ENCODING_NONE, /* no Content-Transfer-Encoding; as 7bit, but nothing was promised */
	ENCODING_7BIT,
	ENCODING_8BIT,
	ENCODING_BINARY,
	ENCODING_BASE64,
	ENCODING_QUOTED_PRINTABLE,
	ENCODING_UNKNOWN,
};

/* Its members are its own. */
struct counter {
	enum encoding encoding;
	bool malformed;
	bool eight_bit;
	uint64_t raw;
	uint64_t units;   /* base64: alphabet octets; quoted-printable: what decoding takes away */
	unsigned padding; /* base64: octets of '=', until they are too many */
	unsigned char pending; /* quoted-printable: where in an =HH or =CRLF the last octet was */
};

void counter_init(struct counter *counter, enum encoding encoding);

/* Any division of the content into calls gives the same. */
void counter_add(struct counter *counter, const unsigned char *octets, size_t len);

/*
 * What the content that was added stands for: decoded, or its raw octets where the encoding is
 * unknown or the content is not well formed in it; then *decoded is false. Identity encodings are
 * always well formed. As if the content ended here: a last '=' of quoted-printable is a soft break.
 */
uint64_t counter_octets(const struct counter *counter, bool *decoded);

/* Whether an octet above 127 was there though 7bit, base64 or quoted-printable promised none. */
bool counter_eight_bit(const struct counter *counter);

#endif
