/*
 * Networks in CIDR notation, and whether a client address lies in one.
 */
#ifndef POLICY_NETWORK_H
#define POLICY_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

/* An IP address; IPv4 is held as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so the two compare as one. */
struct ip {
	unsigned char octet[16];
};

struct network {
	struct ip base;
	unsigned bits; /* 0 to 128, of the 16 octets */
};

/* "192.0.2.7" or "2001:db8::7". False if it is neither. */
bool ip_parse(const char *text, struct ip *out);

/*
 * An address, or an address and '/' and a prefix length of 0 to 32 or 0 to 128. False if it is
 * neither, or has bits set behind the prefix: 192.0.2.7/24 is more often a slip than a wish.
 */
bool network_parse(const char *text, struct network *out);

/* As network_parse() reads it, in its one spelling; IPv4 without "::ffff:". */
#define NETWORK_TEXT_MAX 64 /* octets, '\0' and all */
void network_show(const struct network *network, char out[NETWORK_TEXT_MAX]);

/* All networks that hold an address, the smallest first, as network_show() gives them. */
#define PREFIXES_MAX 129
struct prefixes {
	size_t count;
	const char *at[PREFIXES_MAX]; /* in text */
	char text[PREFIXES_MAX][NETWORK_TEXT_MAX];
};
void ip_prefixes(const struct ip *address, struct prefixes *out);

/* Whether any of the networks holds the address; a null address is in none. */
bool networks_hold(const struct network *networks, size_t count, const struct ip *address);

#endif
