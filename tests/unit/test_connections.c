/* Connections per account. */
#include "milter/connections.h"

#include "tests/unit/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static void the_one_over_the_limit_gets_no_place(void **state)
{
	struct connections *connections = connections_new();
	struct connections_slot *slots[10];
	uint64_t count;

	(void)state;
	for (int i = 0; i < 10; i++) {
		slots[i] = connections_enter(connections, "alice", 10, &count);
		assert_non_null(slots[i]);
		assert_int_equal(count, i + 1);
	}
	assert_null(connections_enter(connections, "alice", 10, &count));
	assert_int_equal(count, 11);
	assert_int_equal(connections_count(connections, slots[0]), 10);

	/* another account is not affected, and once one closes the next is let in */
	connections_leave(connections, connections_enter(connections, "bob", 10, &count));
	assert_int_equal(count, 1);
	connections_leave(connections, slots[9]);
	slots[9] = connections_enter(connections, "alice", 10, &count);
	assert_non_null(slots[9]);
	for (int i = 0; i < 10; i++)
		connections_leave(connections, slots[i]);
	connections_leave(connections, NULL);
	connections_free(connections);
}

static void names_are_told_apart_octet_for_octet(void **state)
{
	struct connections *connections = connections_new();
	uint64_t count;
	struct connections_slot *slot = connections_enter(connections, "alice", 1, &count);
	struct connections_slot *other = connections_enter(connections, "Alice", 1, &count);

	(void)state;
	assert_non_null(other);
	assert_true(connections_is_of(slot, "alice"));
	assert_false(connections_is_of(slot, "Alice"));
	connections_leave(connections, slot);
	connections_leave(connections, other);
	connections_free(connections);
}

static void the_accounts_with_the_most_come_first(void **state)
{
	static const int open[] = {3, 9, 1, 5, 9, 2};
	struct connections *connections = connections_new();
	struct connections_slot *slots[40];
	struct connections_top top[4];
	struct connections_sum sum;
	size_t count = 0;
	uint64_t now;

	(void)state;
	assert_int_equal(connections_top(connections, top, ROWS(top), &sum), 0);
	assert_int_equal(sum.connections + sum.accounts, 0);
	for (size_t i = 0; i < ROWS(open); i++)
		for (int n = 0; n < open[i]; n++)
			slots[count++] = connections_enter(
			    connections, (const char[]){(char)('a' + i), '\0'}, 10, &now);
	assert_int_equal(connections_top(connections, top, ROWS(top), &sum), 4);
	assert_int_equal(sum.connections, 29);
	assert_int_equal(sum.accounts, 6);
	assert_int_equal(top[0].open, 9);
	assert_int_equal(top[1].open, 9);
	assert_string_equal(top[2].account, "d");
	assert_string_equal(top[3].account, "a");
	assert_int_equal(top[3].open, 3);
	while (count > 0)
		connections_leave(connections, slots[--count]);
	connections_free(connections);
}

#define THREADS 16
#define ROUNDS  2000
#define LIMIT   5

static struct connections *shared;
static atomic_int inside, most;

static void *hurry(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t count;
		struct connections_slot *slot = connections_enter(shared, "alice", LIMIT, &count);
		int now, seen;

		if (!slot)
			continue;
		now = atomic_fetch_add(&inside, 1) + 1;
		seen = atomic_load(&most);
		while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
			;
		sched_yield();
		atomic_fetch_sub(&inside, 1);
		connections_leave(shared, slot);
	}
	return NULL;
}

static void threads_never_exceed_the_limit_and_all_is_given_back(void **state)
{
	pthread_t threads[THREADS];
	uint64_t count;

	(void)state;
	shared = connections_new();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hurry, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_in_range(atomic_load(&most), 1, LIMIT);
	connections_leave(shared, connections_enter(shared, "alice", LIMIT, &count));
	assert_int_equal(count, 1);
	connections_free(shared);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_over_the_limit_gets_no_place),
	    cmocka_unit_test(the_accounts_with_the_most_come_first),
	    cmocka_unit_test(names_are_told_apart_octet_for_octet),
	    cmocka_unit_test(threads_never_exceed_the_limit_and_all_is_given_back),
	};

	return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
