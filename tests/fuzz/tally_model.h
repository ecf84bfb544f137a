/*
 * What fuzz_tally.c holds the message tally against: the same answers, had by the plainest way
 * there is. The whole message lies in memory, parts are read by recursion, content is decoded.
 *
 * It knows the grammar of single fields from policy/media.h and policy/address_list.h, which have
 * targets of their own, and shares nothing else with policy/.
 */
#ifndef TESTS_FUZZ_TALLY_MODEL_H
#define TESTS_FUZZ_TALLY_MODEL_H

#include "policy/tally.h"

#define MODEL_MESSAGE_MAX 80000 /* octets of a message */
#define MODEL_HEADER_MAX                                                                           \
	50000 /* of its header: the tally's bounds on what it keeps of it are not
                                    modelled */
#define MODEL_LEAVES_MAX 20000
#define MODEL_NUMBER_MAX 700 /* DEPTH_MAX times a '.' and five digits, and a word */

#define REASON_BIT(name) (UINT32_C(1) << REASON_##name)

struct model_leaf {
	char part[MODEL_NUMBER_MAX + 1];
	char name[FILE_NAME_MAX + 1];
	enum encoding encoding;
	uint64_t raw, counted;
	/* All that hold, as bits: of several the tally tells one. None of why: it is body text. */
	uint32_t why, opaque;
};

struct model {
	uint64_t octets;
	bool faults[FAULT_COUNT];
	bool senders_unread;
	size_t senders; /* that are told of */
	size_t leaf_count;
	size_t multiparts; /* that were opened */
	struct model_leaf leaves[MODEL_LEAVES_MAX];
};

/* False if its header is longer than MODEL_HEADER_MAX: then *model is of no use. */
bool model_read(struct model *model, const unsigned char *octets, size_t len);

#endif
