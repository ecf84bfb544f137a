#include "tests/fuzz/check_limits.h"

#include "policy/network.h"
#include "policy/rules.h"
#include "tests/fuzz/check.h"

#include <arpa/inet.h>
#include <string.h>

#define ENTRIES_MAX (ALLOW_MAX + 4)

void check_network(const char *text)
{
	struct network network, again;
	char address[INET6_ADDRSTRLEN], whole[NETWORK_TEXT_MAX];
	struct ip ip, outside;

	if (ip_parse(text, &ip))
		CHECK(network_parse(text, &network) && network.bits == 128);
	if (!network_parse(text, &network))
		return;
	CHECK(network.bits <= 128);
	CHECK(networks_hold(&network, 1, &network.base));
	CHECK(!networks_hold(&network, 0, &network.base) && !networks_hold(&network, 1, NULL));

	for (unsigned bit = network.bits; bit < 128; bit++)
		CHECK(!(network.base.octet[bit / 8] & (0x80 >> bit % 8)));
	outside = network.base;
	if (network.bits > 0) {
		outside.octet[(network.bits - 1) / 8] ^= 0x80 >> (network.bits - 1) % 8;
		CHECK(!networks_hold(&network, 1, &outside));
	}
	if (network.bits < 128) {
		outside = network.base;
		outside.octet[15] |= 1;
		CHECK(networks_hold(&network, 1, &outside));
	}

	network_show(&network, whole);
	CHECK_NOTE(network_parse(whole, &again), whole);
	CHECK(memcmp(&again, &network, sizeof again) == 0);
	CHECK(inet_ntop(AF_INET6, network.base.octet, address, sizeof address));
	snprintf(whole, sizeof whole, "%s/%u", address, network.bits);
	CHECK_NOTE(network_parse(whole, &again), whole);
	CHECK(memcmp(&again.base, &network.base, sizeof again.base) == 0);
	CHECK(again.bits == network.bits);
}

/* Digits, then K, M or G where octets are meant; *out is their product. */
static bool read_bound(const char *text, const struct range *range, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	unsigned shift = 0;
	uint64_t number = 0;

	if (range->preset == BOUND_UNLIMITED && strcmp(text, "unlimited") == 0) {
		*out = BOUND_UNLIMITED;
		return true;
	}
	if (digits == 0 || strlen(unit) > 1 || (*unit && range->kind != BOUND_OCTETS))
		return false;
	if (*unit && !strchr("KkMmGg", *unit))
		return false;
	if (*unit)
		shift = strchr("Kk", *unit) ? 10 : strchr("Mm", *unit) ? 20 : 30;
	for (; text < unit; text++) {
		number = number * 10 + (unsigned)(*text - '0');
		if (number > range->most >> shift)
			return false; /* before it can overflow */
	}
	*out = number << shift;
	return *out >= range->least;
}

static void check_bound(int id, const char *text)
{
	char shown[BOUND_TEXT_MAX];
	struct limits limits, before;
	uint64_t number;

	limits_init(&limits);
	memcpy(&before, &limits, sizeof before);
	if (read_bound(text, bound_row(id).range, &number)) {
		before.bound[id] = number;
		CHECK(limits_set_bound(&limits, id, text));
		bound_show(id, number, shown);
		CHECK_NOTE(limits_set_bound(&limits, id, shown), shown);
	} else {
		CHECK(!limits_set_bound(&limits, id, text));
	}
	CHECK(memcmp(&before, &limits, sizeof before) == 0);
}

static void check_threshold(enum threshold_id id, const char *text)
{
	char shown[THRESHOLD_TEXT_MAX];
	struct limits limits, again;
	const struct threshold *threshold = &limits.threshold[id];

	limits_init(&limits);
	memcpy(&again, &limits, sizeof again);
	if (!limits_set_threshold(&limits, id, text)) {
		CHECK(memcmp(&again, &limits, sizeof again) == 0);
		return;
	}
	CHECK((threshold->count == 0) == (strcmp(text, "never") == 0));
	CHECK(threshold->count == 0 || (threshold->count >= thresholds[id].least &&
	                                threshold->count <= thresholds[id].most));
	CHECK((threshold->seconds == 0) == (threshold->count == 0));
	threshold_show(id, threshold, shown);
	CHECK_NOTE(limits_set_threshold(&again, id, shown), shown);
	CHECK(memcmp(&again, &limits, sizeof again) == 0);
}

static void check_entry(enum rule_id id, const char *text, const struct allow *allow, size_t i)
{
	static const char octets[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	const char *mechanism = allow->entry[i].mechanism;
	char digits[8];

	switch (rules[id].allow.kind) {
	case ALLOW_MECHANISM:
		CHECK(strlen(mechanism) == strlen(text) && text[0]);
		CHECK(strlen(mechanism) <= MECHANISM_MAX);
		CHECK(strspn(mechanism, octets) == strlen(mechanism));
		break;
	case ALLOW_PORT:
		snprintf(digits, sizeof digits, "%u", allow->entry[i].port);
		CHECK(allow->entry[i].port > 0);
		CHECK(strcmp(text + strspn(text, "0"), digits) == 0);
		break;
	case ALLOW_NETWORK:
		CHECK(networks_hold(&allow->entry[i].network, 1, &allow->entry[i].network.base));
		break;
	case ALLOW_NONE:
		CHECK(!"a rule without a list took one");
	}
}

static void check_allow(enum rule_id id, const char *const *entries, size_t count)
{
	struct limits limits, before;

	limits_init(&limits);
	memcpy(&before, &limits, sizeof before);
	if (!limits_set_allow(&limits, id, entries, count)) {
		CHECK(memcmp(&before, &limits, sizeof before) == 0);
		return;
	}
	CHECK(limits.allow[id].count == count && count <= ALLOW_MAX);
	for (size_t i = 0; i < count; i++)
		check_entry(id, entries[i], &limits.allow[id], i);
}

void check_limits(const char *text)
{
	char *copy = strdup(text), *save = NULL;
	const char *entries[ENTRIES_MAX];
	size_t count = 0;

	CHECK(copy);
	for (char *s = strtok_r(copy, " ", &save); s && count < ENTRIES_MAX;
	     s = strtok_r(NULL, " ", &save))
		entries[count++] = s;
	for (int id = 0; id < BOUND_IDS; id++)
		if (bound_row(id).range->kind != BOUND_NONE)
			check_bound(id, text);
	for (int id = 0; id < THRESHOLD_COUNT; id++)
		check_threshold((enum threshold_id)id, text);
	for (int id = 0; id < RULE_unavailable; id++) {
		if (rules[id].allow.kind != ALLOW_NONE)
			check_allow((enum rule_id)id, entries, count);
	}
	free(copy);
}
