#include "config.h"

#include "db/daemon/thread.h"
#include "tests/unit/table.h"

#include <pthread.h>

static void *stack_size(void *out)
{
	pthread_attr_t attributes;

	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		pthread_attr_getstacksize(&attributes, out);
		pthread_attr_destroy(&attributes);
	}
	return NULL;
}

/* As a library starts them, which says nothing of their stacks. */
static size_t size_of_one(void)
{
	size_t size = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, stack_size, &size), 0);
	pthread_join(thread, NULL);
	return size;
}

static void stacks_are_small_once_they_are_wanted_so(void **state)
{
	(void)state;
	assert_true(size_of_one() > THREAD_STACK);
	threads_keep_small();
	assert_int_equal(size_of_one(), THREAD_STACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stacks_are_small_once_they_are_wanted_so),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
