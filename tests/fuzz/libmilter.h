/*
 * In libmilter's place: what milter/callbacks.c calls of it, as libmilter 8.17 does it, and the
 * state of one connection. What the callbacks hand over is checked on the way.
 */
#ifndef TESTS_FUZZ_LIBMILTER_H
#define TESTS_FUZZ_LIBMILTER_H

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stddef.h>

#define FIELDS_MAX 16 /* strings of one packet; what is more is not looked at */

/* The stages that macros are sent for, in the order in which they are searched, backwards. */
enum macro_stage {
	MACROS_MAIL,
	MACROS_RCPT,
	MACROS_EOM,
	MACROS_STAGES
};

struct macros {
	char *packet;            /* allocated, or null; what the names and values are part of */
	char *names[FIELDS_MAX]; /* null after the last */
	char *values[FIELDS_MAX];
};

/* libmilter's name for a connection. All zero is a new one. */
struct smfi_str {
	void *private;
	struct macros macros[MACROS_STAGES];
	bool replied; /* since milter_event() */
	char code[4]; /* of that reply */
	char enhanced[12];
	char text[1024];
};

/* What callbacks_register() made known. */
extern struct smfiDesc milter;

/* Keeps "name=value" fields as the stage's macros, instead of those that were there. */
void milter_macros(SMFICTX *ctx, enum macro_stage stage, const char *const *fields, size_t count);

/* An event begins: the macros of stages from `forgotten` on are dropped, and no reply is set. */
void milter_event(SMFICTX *ctx, enum macro_stage forgotten);

/* The connection is over: what it held is freed. */
void milter_end(SMFICTX *ctx);

#endif
