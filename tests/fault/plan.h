/*
 * What is to go wrong, and when: the Nth allocation or system call of a run, or that and all behind
 * it. The count is shared with the processes that a run forks.
 */
#ifndef TESTS_FAULT_PLAN_H
#define TESTS_FAULT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum plan_kind {
	PLAN_NOTHING, /* all goes well */
	PLAN_MEMORY,  /* allocations fail: ours, SQLite's, and those of all other libraries */
	PLAN_CALLS,   /* system calls on files fail */
	PLAN_KILL,    /* the process group is killed at a call that changes a file */
	PLAN_DEATH,   /* likewise the process alone */
};

struct plan {
	enum plan_kind kind;
	uint64_t at;  /* 1 for the first; 0: none, they are only counted */
	bool for_all; /* those behind it, too */
	int errnum;   /* of calls that fail */
};

void plan_start(const struct plan *plan);
/* Nothing goes wrong any more. Gives how many there were. */
uint64_t plan_stop(void);

/* Between the two, nothing is counted, and all goes well. */
void plan_pause(void);
void plan_resume(void);
/* The call or allocation that was the first to fail, or to be killed at; "" if none was. */
const char *plan_what(void);
/* Whether sleeping takes no time: what fails for good is not waited for. */
bool plan_hurries(void);

/* For whoever allocates, or calls the system. */
bool plan_fails(enum plan_kind kind, const char *what, int *errnum);
/* Before a call that changes a file: whether the process is to die in the middle of it. */
bool plan_kills(const char *what);
void plan_die(void) __attribute__((noreturn));

/*
 * Allocations of this library do not fail: libconfuse does not live through it (cfg_free() reads what
 * was not allocated, and its scanner ends the process).
 */
void memory_spare(const char *library);
/* Only those that the program itself asks for, none of what libraries do for themselves. */
void memory_own(void);
/* Blocks that are allocated now; so many more than before is a leak. */
int64_t memory_live(void);

/*
 * The default VFS of SQLite gets system calls that follow the plan. Others of the same functions that
 * Postreeve's own objects make do so by --wrap.
 */
void calls_begin(void);

#endif
