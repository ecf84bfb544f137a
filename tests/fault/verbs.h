/*
 * The verbs of postreeve(8), each as it is run, and what may be found when it did not end well.
 */
#ifndef TESTS_FAULT_VERBS_H
#define TESTS_FAULT_VERBS_H

#include "tests/fault/place.h"
#include "tests/fault/plan.h"

#include <stdbool.h>
#include <stddef.h>

#define VERB_WORDS 10

struct verb {
	const char *words[VERB_WORDS];
	enum place_base base;
	bool changes; /* the databases; else it only reads */
	bool varies;  /* prints what is another each time */
	bool two;     /* changes two databases, one behind the other: run again, it ends that */
	const char *input; /* a file, or null: none */
	int code;          /* that it gives when all goes well */
	const char *needs; /* a program without which it cannot be run, or null */
	unsigned slow;     /* so many times fewer of its faults are tried; 0 is 1 */
};
extern const struct verb verbs[];
extern const size_t verb_count;

/* To be called once there is a place, and before the first run: a daemon for `status'. */
void serve_status(void);

/* How it is called in what is printed. Lives until the next call. */
const char *verb_name(const struct verb *verb);

/* One run of one, in a process of its own. */
struct run {
	int code;       /* the exit status, or minus the signal */
	char *out;      /* what it printed, to the end of the next run */
	char *err;      /* what it complained of, likewise */
	uint64_t count; /* allocations or calls */
};
/* kill_after: microseconds until it is killed, or -1. */
void verb_run(const struct verb *verb, const struct plan *plan, long kill_after, struct run *out);

/* What it comes to without faults. */
struct wanted {
	int code;
	char *out, *before, *after;
};
void verb_learn(const struct verb *verb, struct wanted *out);
void verb_forget(struct wanted *wanted);

/*
 * Whether what is found after a run that failed, or was killed, may be so; says in why, of
 * VERB_WHY_MAX octets, what is wrong otherwise. May take the databases back, or run the verb again.
 */
#define VERB_WHY_MAX 8192
bool verb_judge(const struct verb *verb, const struct wanted *wanted, const struct run *run,
                const struct plan *plan, char *why);

#endif
