/* What postreeve-authd keeps of logins: those of the last minute, and failures. */
#include "db/authd/cache.h"
#include "db/authd/failures.h"
#include "db/authd/seal.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <string.h>

static struct credential credential(const char *account, const char *hash, const char *password)
{
	return (struct credential){account, hash, password, strlen(password)};
}

static void only_the_very_same_credential_is_known(void **state)
{
	static const struct {
		const char *account, *hash, *password;
		bool known;
	} rows[] = {
	    {"alice", "$h$1", "secret", true},  {"bob", "$h$1", "secret", false},
	    {"alice", "$h$2", "secret", false}, {"alice", "$h$1", "Secret", false},
	    {"alice", "$h$1", "secre", false},  {"alice", "$h$1", "secret ", false},
	    {"alice", "$h$1s", "ecret", false}, {"alic", "e$h$1", "secret", false},
	    {"alice$h$1", "", "secret", false}, {"alice", "$h$1", "", false},
	    {"alice", "$h$1secret", "", false},
	};
	struct cache *cache = cache_new();
	struct credential right = credential("alice", "$h$1", "secret");

	(void)state;
	cache_put(cache, &right, 1000);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct credential asked =
		    credential(rows[i].account, rows[i].hash, rows[i].password);

		assert_row(cache_has(cache, &asked, 1000) == rows[i].known, rows[i].password);
	}
	cache_free(cache);
}

static void it_is_known_for_a_minute_and_the_last_one_alone(void **state)
{
	struct cache *cache = cache_new();
	struct credential one = credential("alice", "$h$1", "secret");
	struct credential two = credential("alice", "$h$2", "other");

	(void)state;
	cache_put(cache, &one, 1);
	assert_true(cache_has(cache, &one, CACHE_MS));
	assert_false(cache_has(cache, &one, 1 + CACHE_MS));
	cache_put(cache, &one, 1);
	cache_put(cache, &two, 2);
	assert_false(cache_has(cache, &one, 2));
	assert_true(cache_has(cache, &two, 2));
	cache_free(cache);
}

static void of_more_accounts_than_there_is_room_for_the_last_are_known(void **state)
{
	struct cache *cache = cache_new();
	unsigned known = 0;
	char name[16];

	(void)state;
	for (int i = 0; i < 3 * CACHE_ACCOUNTS; i++) {
		struct credential each = credential(name, "$h$1", "secret");

		snprintf(name, sizeof name, "a%d", i);
		cache_put(cache, &each, 1 + i / 10);
		assert_true(cache_has(cache, &each, 1 + i / 10));
	}
	for (int i = 0; i < 3 * CACHE_ACCOUNTS; i++) {
		struct credential each = credential(name, "$h$1", "secret");

		snprintf(name, sizeof name, "a%d", i);
		known += cache_has(cache, &each, 4000);
	}
	assert_in_range(known, CACHE_ACCOUNTS / 2, CACHE_ACCOUNTS);
	cache_free(cache);
}

static void failures_of_ten_minutes_count(void **state)
{
	struct failures *failures = failures_new();

	(void)state;
	assert_int_equal(failures_count(failures, "a", 0), 0);
	for (int64_t i = 0; i < 20; i++)
		failures_add(failures, "a", 100 + i);
	failures_add(failures, "b", 100);
	assert_int_equal(failures_count(failures, "a", 119), 20);
	assert_int_equal(failures_count(failures, "b", 119), 1);
	/* none of the last ten minutes is missing, and none counts for half a minute more */
	assert_int_equal(failures_count(failures, "a", 100 + FAILURES_SECONDS), 20);
	assert_int_equal(failures_count(failures, "a", 119 + FAILURES_SECONDS + 31), 0);
	failures_add(failures, "a", 119 + FAILURES_SECONDS + 31);
	assert_int_equal(failures_count(failures, "a", 119 + FAILURES_SECONDS + 31), 1);
	failures_free(failures);
}

/* At every second of an hour, against a plain count. */
static void no_failure_of_ten_minutes_is_missed(void **state)
{
	enum {
		HOUR = 3600
	};
	static int at[HOUR];
	struct failures *failures = failures_new();
	unsigned random = 1;

	(void)state;
	for (int64_t now = 0; now < HOUR; now++) {
		uint32_t least = 0, most = 0, n;

		random = random * 1103515245 + 12345;
		at[now] = (random >> 16) % 50 == 0 ? (int)((random >> 20) % 5) : 0;
		for (int i = 0; i < at[now]; i++)
			failures_add(failures, "a", now);
		for (int64_t i = now; i >= 0 && i > now - FAILURES_SECONDS - 30; i--) {
			if (i > now - FAILURES_SECONDS)
				least += (uint32_t)at[i];
			most += (uint32_t)at[i];
		}
		n = failures_count(failures, "a", now);
		assert_in_range(n, least, most);
	}
	failures_free(failures);
}

static void those_with_many_are_not_forgotten_for_those_with_few(void **state)
{
	struct failures *failures = failures_new();
	char name[16];

	(void)state;
	for (int i = 0; i < 10; i++)
		failures_add(failures, "guesser", 100);
	for (int i = 0; i < 4 * FAILURES_NAMES; i++) {
		snprintf(name, sizeof name, "n%d", i);
		failures_add(failures, name, 101);
	}
	assert_int_equal(failures_count(failures, "guesser", 102), 10);
	failures_free(failures);
}

static void a_client_is_an_address_or_a_network(void **state)
{
	static const struct {
		const char *client, *name;
	} rows[] = {
	    {"192.0.2.7", "192.0.2.7"},
	    {"::ffff:192.0.2.7", "192.0.2.7"},
	    {"2001:db8::1", "2001:db8::"},
	    {"2001:DB8:0:0:ffff::1", "2001:db8::"},
	    {"2001:db8:0:1::1", "2001:db8:0:1::"},
	    {"unknown", "unknown"},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char name[FAILURES_CLIENT_MAX];

		failures_client(rows[i].client, name);
		assert_row(strcmp(name, rows[i].name) == 0, rows[i].client);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_the_very_same_credential_is_known),
	    cmocka_unit_test(it_is_known_for_a_minute_and_the_last_one_alone),
	    cmocka_unit_test(of_more_accounts_than_there_is_room_for_the_last_are_known),
	    cmocka_unit_test(failures_of_ten_minutes_count),
	    cmocka_unit_test(no_failure_of_ten_minutes_is_missed),
	    cmocka_unit_test(those_with_many_are_not_forgotten_for_those_with_few),
	    cmocka_unit_test(a_client_is_an_address_or_a_network),
	};

	if (!seal_start())
		return 1;
	return cmocka_run_group_tests_name("authd_kept", tests, NULL, NULL);
}
