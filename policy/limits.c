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

struct bound bound_row(int id)
{
	if (id < RULE_COUNT)
		return (struct bound){rules[id].name, &rules[id].bound};
	return (struct bound){quotas[id - RULE_COUNT].name, &quotas[id - RULE_COUNT].range};
}

int bound_by_name(const char *name)
{
	for (int id = 0; id < BOUND_IDS; id++) {
		struct bound bound = bound_row(id);

		if (bound.range->kind != BOUND_NONE && strcmp(bound.name, name) == 0)
			return id;
	}
	return -1;
}

void bound_show(int id, uint64_t number, char out[BOUND_TEXT_MAX])
{
	const char *unit = "";

	if (number == BOUND_UNLIMITED) {
		strcpy(out, "unlimited");
		return;
	}
	for (const char *next = "KMG"; bound_row(id).range->kind == BOUND_OCTETS && *next; next++) {
		if (number == 0 || number % 1024 != 0)
			break;
		number /= 1024;
		unit = next;
	}
	snprintf(out, BOUND_TEXT_MAX, "%" PRIu64 "%.1s", number, unit);
}

bool limits_set_bound(struct limits *limits, int id, const char *text)
{
	const struct range *range = bound_row(id).range;
	const char *suffix;
	uint64_t number;
	int shift;

	assert(range->kind != BOUND_NONE);
	if (range->preset == BOUND_UNLIMITED && strcmp(text, "unlimited") == 0) {
		limits->bound[id] = BOUND_UNLIMITED;
		return true;
	}
	if (!parse_number(text, &number, &suffix))
		return false;
	if (range->kind == BOUND_COUNT && *suffix != '\0')
		return false;
	shift = binary_shift(suffix);
	if (shift < 0 || number > UINT64_MAX >> shift)
		return false;
	number <<= shift;
	if (number < range->least || number > range->most)
		return false;
	limits->bound[id] = number;
	return true;
}

bool limits_override(struct limits *limits, const char *name, const char *text)
{
	int id = bound_by_name(name);

	return id >= 0 && limits_set_bound(limits, id, text);
}

void limits_expect_bound(int id, char out[EXPECT_MAX])
{
	const struct range *range = bound_row(id).range;

	snprintf(out, EXPECT_MAX, "a number%s from %" PRIu64 " to %" PRIu64 "%s%s",
	         range->kind == BOUND_OCTETS ? " of octets" : "", range->least, range->most,
	         range->kind == BOUND_OCTETS ? " (K, M and G may follow it)" : "",
	         range->preset == BOUND_UNLIMITED ? ", or unlimited" : "");
}

/* ---- thresholds --------------------------------------------------------- */

#define WHILE_MAX (UINT64_C(30) * 86400) /* seconds */

const struct threshold_row thresholds[THRESHOLD_COUNT] = {
    [THRESHOLD_REFUSALS] = {"suspend_after", "refusals", 1, 10000},
    [THRESHOLD_ADDRESSES] = {"suspend_after_addresses", "client addresses", 2, 1000},
};

/* A number and s, m, h or d. */
static bool parse_while(const char *text, uint64_t *seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const char *unit;
	uint64_t number;

	if (!parse_number(text, &number, &unit) || number < 1 || number > WHILE_MAX)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (unit[0] != units[i].unit || unit[1] != '\0')
			continue;
		*seconds = number * units[i].seconds;
		return *seconds <= WHILE_MAX;
	}
	return false;
}

bool limits_set_threshold(struct limits *limits, enum threshold_id id, const char *text)
{
	const struct threshold_row *row = &thresholds[id];
	struct threshold threshold = {0, 0};
	char words[THRESHOLD_TEXT_MAX];
	const char *rest;

	if (strcmp(text, "never") == 0) {
		limits->threshold[id] = threshold;
		return true;
	}
	snprintf(words, sizeof words, " %s in ", row->what);
	if (!parse_number(text, &threshold.count, &rest) ||
	    strncmp(rest, words, strlen(words)) != 0 ||
	    !parse_while(rest + strlen(words), &threshold.seconds) ||
	    threshold.count < row->least || threshold.count > row->most)
		return false;
	limits->threshold[id] = threshold;
	return true;
}

void limits_expect_threshold(enum threshold_id id, char out[EXPECT_MAX])
{
	const struct threshold_row *row = &thresholds[id];

	snprintf(out, EXPECT_MAX,
	         "\"N %s in T\", N from %" PRIu64 " to %" PRIu64
	         ", T like 10m, 1h or 1d and up to 30d; or never",
	         row->what, row->least, row->most);
}

void threshold_show(enum threshold_id id, const struct threshold *threshold,
                    char out[THRESHOLD_TEXT_MAX])
{
	uint64_t number = threshold->seconds;
	char unit = 's';

	if (threshold->count == 0) {
		strcpy(out, "never");
		return;
	}
	if (number % 86400 == 0)
		number /= 86400, unit = 'd';
	else if (number % 3600 == 0)
		number /= 3600, unit = 'h';
	else if (number % 60 == 0)
		number /= 60, unit = 'm';
	snprintf(out, THRESHOLD_TEXT_MAX, "%" PRIu64 " %s in %" PRIu64 "%c", threshold->count,
	         thresholds[id].what, number, unit);
}

bool threshold_reached(const struct threshold *threshold, uint64_t count)
{
	return threshold->count > 0 && count >= threshold->count;
}

/* ---- modes and lists ---------------------------------------------------- */

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
	for (int id = 0; id < BOUND_IDS; id++)
		limits->bound[id] = bound_row(id).range->preset;
	for (int id = 0; id < RULE_unavailable; id++) {
		limits->mode[id] = rules[id].mode;
		if (rules[id].allow.kind != ALLOW_NONE)
			preset_allow(limits, (enum rule_id)id);
	}
}
