/*
 * For the coverage build alone, linked with --wrap=_exit: the daemons end by _exit(2), which would
 * lose what was counted in them.
 */
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
