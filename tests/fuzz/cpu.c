#include "tests/fuzz/cpu.h"

#include "tests/fuzz/check.h"

#include <time.h>

static double cpu_ms(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void check_cpu(void (*run)(void *arg), void *arg, const char *note)
{
	for (int tries = 1;; tries++) {
		double begin = cpu_ms();

		run(arg);
		if (cpu_ms() - begin <= CPU_MS_MAX)
			return;
		CHECK_NOTE(tries < 5, note);
	}
}
