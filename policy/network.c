#include "policy/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_OFFSET 12 /* where an IPv4-mapped address holds its four octets */

/* Parses either family; *offset is how many of the 16 octets its notation leaves out. */
static bool parse_octets(const char *text, struct ip *out, unsigned *offset)
{
	struct ip ip = {{0}};

	if (inet_pton(AF_INET, text, ip.octet + IPV4_OFFSET) == 1) {
		ip.octet[10] = ip.octet[11] = 0xff;
		*offset = IPV4_OFFSET;
	} else if (inet_pton(AF_INET6, text, ip.octet) == 1) {
		*offset = 0;
	} else {
		return false;
	}
	*out = ip;
	return true;
}

bool ip_parse(const char *text, struct ip *out)
{
	unsigned offset;

	return parse_octets(text, out, &offset);
}

/* Whether the two agree in their first bits. */
static bool same_prefix(const struct ip *a, const struct ip *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	unsigned char mask = (unsigned char)(0xff00 >> rest);

	if (memcmp(a->octet, b->octet, whole) != 0)
		return false;
	return rest == 0 || ((a->octet[whole] ^ b->octet[whole]) & mask) == 0;
}

static bool has_host_bits(const struct network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++)
		if (network->base.octet[bit / 8] & (0x80 >> bit % 8))
			return true;
	return false;
}

bool network_parse(const char *text, struct network *out)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct network network;
	unsigned offset, bits;

	if (len >= sizeof address)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!parse_octets(address, &network.base, &offset))
		return false;

	bits = 128 - offset * 8;
	if (slash) {
		unsigned given = 0;
		size_t digits = strspn(slash + 1, "0123456789");

		if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
			return false;
		given = (unsigned)strtoul(slash + 1, NULL, 10);
		if (given > bits)
			return false;
		bits = given;
	}
	network.bits = bits + offset * 8;
	if (has_host_bits(&network))
		return false;
	*out = network;
	return true;
}

bool networks_hold(const struct network *networks, size_t count, const struct ip *address)
{
	if (!address)
		return false;
	for (size_t i = 0; i < count; i++)
		if (same_prefix(&networks[i].base, address, networks[i].bits))
			return true;
	return false;
}
