/* What a configuration says, to limits: bounds, thresholds, lists, networks. */
#include "policy/rules.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>

static void bounds_are_read_strictly(void **state)
{
	static const struct {
		int id;
		const char *text;
		uint64_t bound; /* 0: refused */
	} rows[] = {
	    {RULE_max_recipients, "1", 1},
	    {RULE_max_recipients, "1000000", 1000000},
	    {RULE_max_recipients, "1000001", 0},
	    {RULE_max_recipients, "0", 0},
	    {RULE_max_recipients, "-1", 0},
	    {RULE_max_recipients, "+1", 0},
	    {RULE_max_recipients, "", 0},
	    {RULE_max_recipients, " 1", 0},
	    {RULE_max_recipients, "1 ", 0},
	    {RULE_max_recipients, "1K", 0},
	    {RULE_max_recipients, "0x10", 0},
	    {RULE_max_recipients, "1e3", 0},
	    {RULE_max_recipients, "18446744073709551617", 0},
	    {RULE_max_message_size, "8M", 8 << 20},
	    {RULE_max_message_size, "8m", 8 << 20},
	    {RULE_max_message_size, "8192K", 8 << 20},
	    {RULE_max_message_size, "8388608", 8388608},
	    {RULE_max_message_size, "1G", 1 << 30},
	    {RULE_max_message_size, "1T", 0},
	    {RULE_max_message_size, "8MB", 0},
	    {RULE_max_message_size, "8 M", 0},
	    {RULE_max_message_size, "M", 0},
	    {RULE_max_message_size, "1023", 0},
	    {RULE_max_message_size, "18014398509481985K", 0}, /* 1024 past 2^64 */
	    {RULE_max_attachment_size, "1024", 1024},
	    {RULE_max_attachment_size, "1023", 0},
	    {RULE_max_attachment_size, "1024G", UINT64_C(1) << 40},
	    {RULE_max_attachment_size, "1025G", 0},
	    {RULE_max_recipients, "unlimited", 0},
	    {BOUND_OF_QUOTA(QUOTA_messages_per_hour), "unlimited", BOUND_UNLIMITED},
	    {BOUND_OF_QUOTA(QUOTA_messages_per_hour), "Unlimited", 0},
	    {BOUND_OF_QUOTA(QUOTA_messages_per_hour), "5000", 5000},
	    {BOUND_OF_QUOTA(QUOTA_messages_per_hour), "5K", 0},
	    {BOUND_OF_QUOTA(QUOTA_messages_per_hour), "0", 0},
	    {BOUND_OF_QUOTA(QUOTA_octets_per_day), "5G", UINT64_C(5) << 30},
	    {BOUND_OF_QUOTA(QUOTA_octets_per_day), "18446744073709551615", 0},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct limits limits;
		uint64_t preset = bound_row(rows[i].id).range->preset;
		char shown[BOUND_TEXT_MAX];
		bool ok;

		limits_init(&limits);
		ok = limits_set_bound(&limits, rows[i].id, rows[i].text);
		assert_row(ok == (rows[i].bound != 0), rows[i].text);
		assert_row(limits.bound[rows[i].id] == (ok ? rows[i].bound : preset), rows[i].text);
		if (!ok)
			continue;
		bound_show(rows[i].id, rows[i].bound, shown);
		assert_row(limits_set_bound(&limits, rows[i].id, shown), shown);
		assert_row(limits.bound[rows[i].id] == rows[i].bound, shown);
	}
}

static void bounds_have_names(void **state)
{
	(void)state;
	assert_int_equal(bound_by_name("max_recipients"), RULE_max_recipients);
	assert_int_equal(bound_by_name("octets_per_day"), BOUND_OF_QUOTA(QUOTA_octets_per_day));
	assert_int_equal(bound_by_name("helo_name"), -1); /* a rule without one */
	assert_int_equal(bound_by_name("unavailable"), -1);
	assert_int_equal(bound_by_name(""), -1);
}

static void an_account_overrides_its_profile(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
	} rows[] = {
	    {"max_recipients", "7", true},
	    {"max_message_size", "2K", true},
	    {"messages_per_hour", "7", true},
	    {"messages_per_hour", "unlimited", true},
	    {"max_recipients", "unlimited", false},
	    {"max_recipients", "0", false},
	    {"max_recipients", "", false},
	    {"helo_name", "7", false}, /* a rule without a bound */
	    {"unavailable", "7", false},
	    {"suspend_after", "never", false},
	    {"MAX_RECIPIENTS", "7", false},
	    {"gone_since_then", "7", false},
	    {"", "7", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct limits limits, before;
		char shown[BOUND_TEXT_MAX];
		int id = bound_by_name(rows[i].name);

		limits_init(&before);
		limits = before;
		assert_row(limits_override(&limits, rows[i].name, rows[i].text) == rows[i].ok,
		           rows[i].name);
		if (rows[i].ok) {
			bound_show(id, limits.bound[id], shown);
			assert_string_equal(shown, rows[i].text);
			limits.bound[id] = before.bound[id];
		}
		assert_memory_equal(&limits, &before, sizeof limits);
	}
}

static void thresholds_are_read_strictly(void **state)
{
	static const struct {
		enum threshold_id id;
		const char *text;
		struct threshold threshold;
		const char *shown; /* null: refused */
	} rows[] = {
	    {THRESHOLD_REFUSALS, "50 refusals in 10m", {50, 600}, "50 refusals in 10m"},
	    {THRESHOLD_REFUSALS, "1 refusals in 90s", {1, 90}, "1 refusals in 90s"},
	    {THRESHOLD_REFUSALS,
	     "10000 refusals in 30d",
	     {10000, 2592000},
	     "10000 refusals in 30d"},
	    {THRESHOLD_REFUSALS, "2 refusals in 60m", {2, 3600}, "2 refusals in 1h"},
	    {THRESHOLD_REFUSALS, "never", {0, 0}, "never"},
	    {THRESHOLD_ADDRESSES,
	     "20 client addresses in 1h",
	     {20, 3600},
	     "20 client addresses in 1h"},
	    {THRESHOLD_ADDRESSES, "1 client addresses in 1h", {0, 0}, NULL},
	    {THRESHOLD_ADDRESSES, "1001 client addresses in 1h", {0, 0}, NULL},
	    {THRESHOLD_ADDRESSES, "20 refusals in 1h", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "0 refusals in 1h", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "10001 refusals in 1h", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 31d", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 0m", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 10", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 10 m", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 10m ", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 in 10m", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "-1 refusals in 10m", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "50 refusals in 18446744073709551616d", {0, 0}, NULL},
	    {THRESHOLD_REFUSALS, "", {0, 0}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char shown[THRESHOLD_TEXT_MAX];
		struct threshold *threshold;
		struct limits limits;
		bool ok;

		limits_init(&limits);
		threshold = &limits.threshold[rows[i].id];
		ok = limits_set_threshold(&limits, rows[i].id, rows[i].text);
		assert_row(ok == (rows[i].shown != NULL), rows[i].text);
		assert_row(threshold->count == rows[i].threshold.count &&
		               threshold->seconds == rows[i].threshold.seconds,
		           rows[i].text);
		if (!ok)
			continue;
		threshold_show(rows[i].id, threshold, shown);
		assert_string_equal(shown, rows[i].shown);
		assert_row(!threshold_reached(threshold, threshold->count - 1), rows[i].text);
		assert_row(threshold_reached(threshold, threshold->count) == (threshold->count > 0),
		           rows[i].text);
	}
}

static void lists_are_read_strictly(void **state)
{
	static const struct {
		enum rule_id rule;
		const char *entry;
		bool ok;
	} rows[] = {
	    {RULE_auth_mechanism, "PLAIN", true},
	    {RULE_auth_mechanism, "scram-sha-256", true},
	    {RULE_auth_mechanism, "", false},
	    {RULE_auth_mechanism, "A B", false},
	    {RULE_auth_mechanism, "012345678901234567890", false},
	    {RULE_tls_port, "1", true},
	    {RULE_tls_port, "65535", true},
	    {RULE_tls_port, "0", false},
	    {RULE_tls_port, "65536", false},
	    {RULE_tls_port, "smtp", false},
	    {RULE_tls_required, "10.0.0.0/8", true},
	    {RULE_tls_required, "10.0.0.1/8", false},
	    {RULE_helo_name, "x", false},
	};
	const char *many[ALLOW_MAX + 1];
	struct limits limits;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		limits_init(&limits);
		assert_row(limits_set_allow(&limits, rows[i].rule, &rows[i].entry, 1) == rows[i].ok,
		           rows[i].entry);
	}
	for (size_t i = 0; i <= ALLOW_MAX; i++)
		many[i] = "587";
	assert_true(limits_set_allow(&limits, RULE_tls_port, many, ALLOW_MAX));
	assert_false(limits_set_allow(&limits, RULE_tls_port, many, ALLOW_MAX + 1));
	assert_true(limits_set_allow(&limits, RULE_tls_port, NULL, 0));
	assert_int_equal(limits.allow[RULE_tls_port].count, 0);
}

static void networks(void **state)
{
	static const struct {
		const char *network;
		const char *address; /* null: the network is refused */
		bool held;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.7/32", "192.0.2.7", true},
	    {"0.0.0.0/0", "203.0.113.1", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "2001:db8::1", true},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true}, /* IPv4-mapped */
	    {"192.0.2.0/24", "::ffff:192.0.2.9", true},
	    {"::1", "::1", true},
	    {"192.0.2.1/24", NULL, false},
	    {"192.0.2.0/33", NULL, false},
	    {"2001:db8::/129", NULL, false},
	    {"192.0.2.0/", NULL, false},
	    {"192.0.2.0/-1", NULL, false},
	    {"192.0.2.0/ 24", NULL, false},
	    {"192.0.2.0/024x", NULL, false},
	    {"192.0.2/24", NULL, false},
	    {"", NULL, false},
	    {"/8", NULL, false},
	    {"example.com", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct network network;
		struct ip ip;

		assert_row(network_parse(rows[i].network, &network) == (rows[i].address != NULL),
		           rows[i].network);
		if (!rows[i].address)
			continue;
		assert_true(ip_parse(rows[i].address, &ip));
		assert_row(networks_hold(&network, 1, &ip) == rows[i].held, rows[i].network);
		assert_false(networks_hold(&network, 1, NULL));
	}
}

static void networks_have_one_spelling(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"192.0.2.7", "192.0.2.7/32"},
	    {"0.0.0.0/0", "0.0.0.0/0"},
	    {"::ffff:192.0.2.0/120", "192.0.2.0/24"},
	    {"2001:DB8:0::/32", "2001:db8::/32"},
	    {"::/0", "::/0"},
	    {"::1", "::1/128"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char shown[NETWORK_TEXT_MAX];
		struct network network;

		assert_true(network_parse(rows[i].in, &network));
		network_show(&network, shown);
		assert_string_equal(shown, rows[i].out);
	}
}

static void an_address_lies_in_a_network_of_each_length(void **state)
{
	static const struct {
		const char *address;
		unsigned index;
		const char *network;
	} rows[] = {
	    {"192.0.2.7", 0, "192.0.2.7/32"},     {"192.0.2.7", 1, "192.0.2.6/31"},
	    {"192.0.2.7", 8, "192.0.2.0/24"},     {"192.0.2.7", 32, "0.0.0.0/0"},
	    {"192.0.2.7", 128, "::/0"},           {"2001:db8::5", 0, "2001:db8::5/128"},
	    {"2001:db8::5", 96, "2001:db8::/32"}, {"2001:db8::5", 128, "::/0"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct prefixes prefixes;
		struct ip ip;

		assert_true(ip_parse(rows[i].address, &ip));
		ip_prefixes(&ip, &prefixes);
		assert_int_equal(prefixes.count, PREFIXES_MAX);
		assert_string_equal(prefixes.at[rows[i].index], rows[i].network);
		for (size_t k = 0; k < prefixes.count; k++) {
			struct network network;

			assert_row(network_parse(prefixes.at[k], &network), prefixes.at[k]);
			assert_row(networks_hold(&network, 1, &ip), prefixes.at[k]);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bounds_are_read_strictly),
	    cmocka_unit_test(bounds_have_names),
	    cmocka_unit_test(an_account_overrides_its_profile),
	    cmocka_unit_test(thresholds_are_read_strictly),
	    cmocka_unit_test(lists_are_read_strictly),
	    cmocka_unit_test(networks),
	    cmocka_unit_test(networks_have_one_spelling),
	    cmocka_unit_test(an_address_lies_in_a_network_of_each_length),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
