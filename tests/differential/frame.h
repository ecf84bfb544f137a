/*
 * Messages over a pipe: each is its number of octets in decimal, LF, and they. For each an answer of
 * one line goes back.
 */
#ifndef TESTS_DIFFERENTIAL_FRAME_H
#define TESTS_DIFFERENTIAL_FRAME_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The next message, which the caller frees; false at the end. Exits if it was cut off. */
static inline bool frame_read(unsigned char **octets, size_t *len)
{
	if (scanf("%zu", len) != 1)
		return false;
	*octets = malloc(*len + 1);
	if (!*octets || getchar() != '\n' || fread(*octets, 1, *len, stdin) != *len) {
		fputs("the message is cut off\n", stderr);
		exit(1);
	}
	return true;
}

#endif
