/*
 * What the benchmarks send: one of some kinds of message, made once, before anything is measured.
 */
#ifndef TESTS_BENCH_MESSAGE_H
#define TESTS_BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_KINDS   "small|medium|large|many"
#define MESSAGE_HEADERS 11

struct message {
	unsigned recipients;                     /* r1@example.net and so on */
	const char *headers[MESSAGE_HEADERS][2]; /* name, and value from behind the colon on */
	char *body;
	size_t len;
};

/* False: no such kind, or no memory. */
bool message_make(struct message *message, const char *kind);

#endif
