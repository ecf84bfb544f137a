/*
 * Address lists of header fields: RFC 5322 3.4 with UTF-8 (RFC 6532), strict. What two readers could
 * read differently is an error, even where an obsolete grammar gives it a meaning: comments and
 * white space within an address, unquoted '@', source routes, encoded words in an address.
 *
 * Linear time, no recursion, no allocation.
 */
#ifndef POLICY_ADDRESS_LIST_H
#define POLICY_ADDRESS_LIST_H

#include "policy/address.h"
#include "policy/octets.h"

#define COMMENT_DEPTH_MAX 32

enum address_list_kind {
	ADDRESSES_OF_SENDERS,    /* From, Sender, Resent-...: mailboxes, at least one, no group */
	ADDRESSES_OF_RECIPIENTS, /* To, Cc, Bcc, Reply-To: groups too; may be empty */
};

struct address_list {
	struct span rest; /* what is still to be read */
	enum address_list_kind kind;
	bool begun;
	bool in_group;
};

/* value: what stands behind the colon, with '\n' alone where it was folded; borrowed. */
void address_list_begin(struct address_list *list, struct span value, enum address_list_kind kind);

/*
 * The next mailbox: FORM_OK, and *out is filled; FORM_NONE at the end of the list; FORM_BAD where it
 * is malformed, FORM_UNKNOWN where memory ran out: both end it.
 */
enum form address_list_next(struct address_list *list, struct mailbox *out);

#endif
