/*
 * What is known of a message once it has been tallied: its size, what is wrong with its form, its
 * largest attachment.
 */
#ifndef POLICY_MESSAGE_H
#define POLICY_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PART_NUMBER_MAX 127 /* octets; a longer one is cut and ends in "..." */
#define FILE_NAME_MAX   127 /* octets of UTF-8; likewise */

enum fault {
#define FAULT(name, rule, what) FAULT_##name,
#include "policy/faults.def"
#undef FAULT
	FAULT_COUNT
};

struct message {
	uint64_t octets; /* header, 2, body */
	struct {
		bool found;
		const char *field;              /* static: the field it is about, or "" */
		char part[PART_NUMBER_MAX + 1]; /* the part it is about, or "" */
	} faults[FAULT_COUNT];                  /* the first of each */
	bool senders_unknown;                   /* memory ran out over an address */
	bool senders_unread; /* an address field that says who sends could not be read */
	struct {
		uint64_t octets; /* 0 if there is none; an empty one is none */
		char part[PART_NUMBER_MAX + 1];
		char name[FILE_NAME_MAX + 1];
	} largest; /* attachment */
};

#endif
