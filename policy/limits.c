#include "policy/rules.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits alone, up to UINT64_MAX; *end is what follows them. */
static bool parse_number(const char *text, uint64_t *out, const char **end)
{
	uint64_t number = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*out = number;
	*end = text;
	return true;
}

/* K, M or G behind a number of octets, as a shift; -1 if it is none of them. */
static int binary_shift(const char *suffix)
{
	static const char units[] = "KMG";
	const char *unit;

	if (*suffix == '\0')
		return 0;
	unit = strchr(units, toupper((unsigned char)*suffix));
	return unit && suffix[1] == '\0' ? 10 * (int)(unit - units + 1) : -1;
}

bool limits_set_bound(struct limits *limits, enum rule_id id, const char *text)
{
	const struct rule *rule = &rules[id];
	const char *suffix;
	uint64_t number;
	int shift;

	assert(rule->bound.kind != BOUND_NONE);
	if (!parse_number(text, &number, &suffix))
		return false;
	if (rule->bound.kind == BOUND_COUNT && *suffix != '\0')
		return false;
	shift = binary_shift(suffix);
	if (shift < 0 || number > UINT64_MAX >> shift)
		return false;
	number <<= shift;
	if (number < rule->bound.least || number > rule->bound.most)
		return false;
	limits->bound[id] = number;
	return true;
}

void limits_expect_bound(enum rule_id id, char out[EXPECT_MAX])
{
	const struct rule *rule = &rules[id];

	snprintf(out, EXPECT_MAX, "a number%s from %" PRIu64 " to %" PRIu64 "%s",
	         rule->bound.kind == BOUND_OCTETS ? " of octets" : "", rule->bound.least,
	         rule->bound.most,
	         rule->bound.kind == BOUND_OCTETS ? " (K, M and G may follow it)" : "");
}

bool limits_set_mode(struct limits *limits, enum rule_id id, const char *text)
{
	for (int mode = MODE_ENFORCE; mode <= MODE_OFF; mode++) {
		if (strcmp(text, mode_names[mode]) == 0) {
			limits->mode[id] = (enum rule_mode)mode;
			return true;
		}
	}
	return false;
}

/* RFC 4422 3.1: 1 to 20 upper-case letters, digits, hyphens and underscores. Any case is read. */
static bool parse_mechanism(const char *text, char out[MECHANISM_MAX + 1])
{
	static const char octets[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strlen(text);

	if (len == 0 || len > MECHANISM_MAX)
		return false;
	for (size_t i = 0; i <= len; i++) {
		out[i] = (char)toupper((unsigned char)text[i]);
		if (i < len && !strchr(octets, out[i]))
			return false;
	}
	return true;
}

static bool parse_port(const char *text, uint16_t *out)
{
	const char *end;
	uint64_t port;

	if (!parse_number(text, &port, &end) || *end != '\0' || port < 1 || port > UINT16_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

bool limits_set_allow(struct limits *limits, enum rule_id id, const char *const *entries,
                      size_t count)
{
	struct allow allow = {.count = count};

	if (count > ALLOW_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		bool ok = false;

		switch (rules[id].allow.kind) {
		case ALLOW_MECHANISM:
			ok = parse_mechanism(entries[i], allow.entry[i].mechanism);
			break;
		case ALLOW_PORT:
			ok = parse_port(entries[i], &allow.entry[i].port);
			break;
		case ALLOW_NETWORK:
			ok = network_parse(entries[i], &allow.entry[i].network);
			break;
		case ALLOW_NONE:
			break;
		}
		if (!ok)
			return false;
	}
	limits->allow[id] = allow;
	return true;
}

void limits_expect_allow(enum rule_id id, char out[EXPECT_MAX])
{
	static const char *const entries[] = {
	    [ALLOW_NONE] = "nothings",
	    [ALLOW_MECHANISM] = "SASL mechanisms",
	    [ALLOW_PORT] = "ports from 1 to 65535",
	    [ALLOW_NETWORK] = "networks in CIDR notation without host bits",
	};

	snprintf(out, EXPECT_MAX, "a list of at most %d %s", ALLOW_MAX,
	         entries[rules[id].allow.kind]);
}

/* The table's own default list, whose entries a space divides. */
static void preset_allow(struct limits *limits, enum rule_id id)
{
	char text[128], *entries[ALLOW_MAX], *save = NULL;
	size_t count = 0;

	assert(strlen(rules[id].allow.preset) < sizeof text);
	strcpy(text, rules[id].allow.preset);
	for (char *s = strtok_r(text, " ", &save); s && count < ALLOW_MAX;
	     s = strtok_r(NULL, " ", &save))
		entries[count++] = s;
	if (!limits_set_allow(limits, id, (const char *const *)entries, count))
		assert(!"a default in rules.def is no good list");
}

void limits_init(struct limits *limits)
{
	memset(limits, 0, sizeof *limits);
	for (int id = 0; id < RULE_unavailable; id++) {
		limits->mode[id] = rules[id].mode;
		limits->bound[id] = rules[id].bound.preset;
		if (rules[id].allow.kind != ALLOW_NONE)
			preset_allow(limits, (enum rule_id)id);
	}
}
