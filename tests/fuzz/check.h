/*
 * What a fuzz target holds true. A property that fails ends the program, as a sanitizer's finding
 * does: libFuzzer then keeps the input.
 */
#ifndef TESTS_FUZZ_CHECK_H
#define TESTS_FUZZ_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) CHECK_NOTE(condition, "")

/* With a text that helps to see why. */
#define CHECK_NOTE(condition, note)                                                                \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s  %s\n", __FILE__, __LINE__,      \
			        #condition, note);                                                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What a target defines: both are called by libFuzzer, or by replay.c where there is none. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
