#include "policy/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
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

static bool is_ipv4(const struct network *network)
{
	static const unsigned char mapped[IPV4_OFFSET] = {[10] = 0xff, [11] = 0xff};

	return network->bits >= IPV4_OFFSET * 8 &&
	       memcmp(network->base.octet, mapped, sizeof mapped) == 0;
}

void network_show(const struct network *network, char out[NETWORK_TEXT_MAX])
{
	bool ipv4 = is_ipv4(network);
	size_t offset = ipv4 ? IPV4_OFFSET : 0;

	inet_ntop(ipv4 ? AF_INET : AF_INET6, network->base.octet + offset, out, INET6_ADDRSTRLEN);
	snprintf(out + strlen(out), NETWORK_TEXT_MAX - INET6_ADDRSTRLEN, "/%u",
	         network->bits - (unsigned)offset * 8);
}

void ip_prefixes(const struct ip *address, struct prefixes *out)
{
	struct network network = {.base = *address, .bits = 128};

	for (out->count = 0; out->count < PREFIXES_MAX; out->count++) {
		network_show(&network, out->text[out->count]);
		out->at[out->count] = out->text[out->count];
		if (network.bits == 0)
			continue;
		network.bits--;
		network.base.octet[network.bits / 8] &= (unsigned char)~(0x80 >> network.bits % 8);
	}
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
