/* What the daemon counts, from many threads at once. */
#include "milter/stats.h"

#include "tests/unit/table.h"

#include <pthread.h>
#include <string.h>

static uint64_t answers(struct stats *stats, size_t stage)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= STATS_BUCKETS; i++)
		count += atomic_load(&stats->took[stage].buckets[i]);
	return count;
}

static void findings_count_by_rule_stage_and_outcome(void **state)
{
	const struct finding over = {.rule = RULE_helo_name, .outcome = OUTCOME_OVER};
	const struct finding unknown = {.rule = RULE_helo_name, .outcome = OUTCOME_UNKNOWN};
	struct stats *stats = stats_new();

	(void)state;
	stats_finding(stats, AT_MAIL, &over, false);
	stats_finding(stats, AT_EOM, &over, false);
	stats_finding(stats, AT_EOM, &over, true);
	stats_finding(stats, AT_RCPT, &unknown, false);
	stats_finding(stats, AT_RCPT, &unknown, true);
	stats_pass(stats, false);
	stats_pass(stats, true);
	assert_int_equal(stats->findings[RULE_helo_name][0][STATS_REJECT], 1);
	assert_int_equal(stats->findings[RULE_helo_name][2][STATS_REJECT], 1);
	assert_int_equal(stats->findings[RULE_helo_name][2][STATS_SHADOW], 1);
	assert_int_equal(stats->findings[RULE_helo_name][1][STATS_TEMPFAIL], 1);
	assert_int_equal(stats->findings[RULE_helo_name][1][STATS_SHADOW], 1);
	assert_int_equal(stats->passed, 1);
	assert_int_equal(stats->exempt, 1);
	stats_free(stats);
}

static void an_answer_counts_where_it_took_no_longer(void **state)
{
	struct stats *stats = stats_new();

	(void)state;
	stats_took(stats, AT_RCPT, stats_begin() - 3000000); /* 3 ms */
	stats_took(stats, AT_RCPT, stats_begin() - 700000000);
	assert_int_equal(stats->took[1].buckets[6], 1); /* up to 5 ms */
	assert_int_equal(stats->took[1].buckets[STATS_BUCKETS], 1);
	assert_in_range(stats->took[1].nanoseconds, 703000000, 3000000000);
	assert_int_equal(answers(stats, 0), 0);
	stats_free(stats);
}

static void the_last_lookup_says_whether_the_registry_is_well(void **state)
{
	struct stats *stats = stats_new();
	char large[2 * STATS_ERROR_MAX];

	(void)state;
	stats_registry(stats, NULL);
	assert_false(stats->failing);
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	stats_registry(stats, large);
	assert_true(stats->failing);
	assert_int_equal(strlen(stats->error), STATS_ERROR_MAX - 1);
	assert_true(stats->failed > 0);
	stats_registry(stats, NULL);
	assert_false(stats->failing);
	assert_int_equal(stats->lookups, 3);
	assert_int_equal(stats->failures, 1);
	stats_free(stats);
	stats_free(NULL);
}

#define THREADS 8
#define ROUNDS  20000

static void *count(void *arg)
{
	const struct finding over = {.rule = RULE_helo_name, .outcome = OUTCOME_OVER};
	struct stats *stats = arg;

	for (int i = 0; i < ROUNDS; i++) {
		stats_finding(stats, AT_MAIL, &over, false);
		stats_took(stats, AT_MAIL, stats_begin());
		stats_registry(stats, i % 100 == 0 ? "gone" : NULL);
		stats_count(&stats->sessions_begun);
	}
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	struct stats *stats = stats_new();
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, stats), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(stats->findings[RULE_helo_name][0][STATS_REJECT], THREADS * ROUNDS);
	assert_int_equal(answers(stats, 0), THREADS * ROUNDS);
	assert_int_equal(stats->lookups, THREADS * ROUNDS);
	assert_int_equal(stats->failures, THREADS * ROUNDS / 100);
	assert_int_equal(stats->sessions_begun, THREADS * ROUNDS);
	stats_free(stats);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(findings_count_by_rule_stage_and_outcome),
	    cmocka_unit_test(an_answer_counts_where_it_took_no_longer),
	    cmocka_unit_test(the_last_lookup_says_whether_the_registry_is_well),
	    cmocka_unit_test(nothing_is_lost_between_threads),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
