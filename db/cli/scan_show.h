/*
 * What `postreeve scan' prints of a message: as it is read, for ten thousand parts are not kept. In
 * JSON it is one line.
 */
#ifndef DB_CLI_SCAN_SHOW_H
#define DB_CLI_SCAN_SHOW_H

#include "db/cli/output.h"
#include "policy/rules.h"
#include "policy/tally.h"

/* Its members are its own, but for json; all else is null at first. */
struct show {
	bool json;
	bool begun;     /* a file was shown */
	bool in_leaves; /* the addresses are over */
	bool any;       /* one is printed of the array that is open */
	struct table leaves;
};

/* The verdict of an account, whose name and limits these are. */
struct judgement {
	const char *account;
	const struct limits *limits;
	struct verdict verdict;
};

/* In this order; the addresses first, as the header is, and then the leaves. */
void show_begin(struct show *show, const char *file);
void show_address(struct show *show, const char *field, const char *address);
void show_leaf(struct show *show, const struct leaf *leaf);
/* judgement is null without an account. */
void show_end(struct show *show, const struct message *message, const struct judgement *judgement);
/* Instead of show_end(): the file could not be read to its end. */
void show_cut(struct show *show);

#endif
