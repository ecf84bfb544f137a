/*
 * What any input may take: a target that holds its run to this says so in the README.
 */
#ifndef TESTS_FUZZ_CPU_H
#define TESTS_FUZZ_CPU_H

#define CPU_MS_MAX 100

/*
 * Runs it, and holds true that it takes no more CPU time than that: again, up to four times, if it
 * did, for on a busy machine what is charged to a thread may not be its own.
 */
void check_cpu(void (*run)(void *arg), void *arg, const char *note);

#endif
