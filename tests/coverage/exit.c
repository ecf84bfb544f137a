/*
 * For the coverage build alone, linked with --wrap=_exit: the daemons end by _exit(2), which would
 * lose what was counted in them.
 */
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

/* Of tests/fault, where that is linked: what writes the counts is not to fail. */
void plan_pause(void) __attribute__((weak));

/* Before gcov's own, whose priority is another one. */
__attribute__((destructor)) static void let_be(void)
{
	if (plan_pause)
		plan_pause();
}

void __wrap__exit(int status)
{
	let_be();
	__gcov_dump();
	__real__exit(status);
}
