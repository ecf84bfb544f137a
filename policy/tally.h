/*
 * The message tally: takes a message as it comes, header fields first and then the body in chunks
 * of any size, and tells how many octets it has, whom its header says it is from, what is wrong
 * with its form (faults.def) and how big its largest attachment is.
 *
 * The promise: no mail program takes a file over the limit out of a message that was let pass. So
 * the whole message is one attachment of its raw octets, and a discount (cut at delimiters,
 * counted decoded, exempt as body text) is given only for syntax that no two readers take apart
 * differently.
 *
 * One pass, linear time, constant memory, no recursion, no allocation. Octets are those of the
 * milter's stream: a line end is CRLF and counts two, every other octet one.
 */
#ifndef POLICY_TALLY_H
#define POLICY_TALLY_H

#include "policy/address.h"
#include "policy/count.h"
#include "policy/delimiter.h"
#include "policy/embedded.h"
#include "policy/media.h"
#include "policy/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_MAX          65536 /* octets of a part's header, and of what is kept of the message's */
#define MESSAGE_CONTENT_MAX 4096  /* octets of a content field in the message's own header */
#define ADDRESS_FIELD_MAX   54000 /* octets; Postfix cuts a field somewhere from there to 60,000 */
#define LINE_LIMIT          998 /* octets, without its CRLF: MTAs break longer ones (RFC 5322 2.1.1) */
#define RECIPIENTS_MAX      10000 /* addresses in fields of recipients that are read */
#define SENDERS_MAX         1000  /* addresses in From, Sender and the Resent- fields together */
#define PARTS_MAX           10000
#define MEDIA_TYPE_MAX      127 /* octets; a longer one is cut and ends in "..." */

enum reason {
#define REASON(name, text) REASON_##name,
#include "policy/reasons.def"
#undef REASON
	REASON_COUNT,
	REASON_NONE = REASON_COUNT
};
struct reason_words {
	const char *name, *text;
};
extern const struct reason_words reasons[REASON_COUNT];

/* Part numbers as IMAP has them (RFC 3501 6.4.5): "1", "2.1"; "2.preamble"; "message" for all. */

struct leaf {
	const char *part;
	const char *type; /* "image/png", in lower case; "" if none is given */
	const char *name; /* file name, as file_name() */
	enum encoding encoding;
	uint64_t raw, counted; /* octets */
	enum reason why;       /* REASON_body_text: it is no attachment */
	enum reason opaque;    /* REASON_NONE if it is not */
};

/* What is told as it is found; each may be null. The strings live until the function returns. */
struct tally_listener {
	/* An address of a field that says who sends: From, Sender, Resent-From, Resent-Sender. */
	void (*sender)(void *arg, const char *field, const struct mailbox *mailbox);
	/* A leaf; and a multipart that is one attachment as a whole (REASON_whole). */
	void (*leaf)(void *arg, const struct leaf *leaf);
	void *arg;
};

/* Below here the members are the tally's own: made public so that the caller can allocate it. */

enum content_field {
	CONTENT_TYPE,
	CONTENT_TRANSFER_ENCODING,
	CONTENT_DISPOSITION,
	CONTENT_FIELDS
};

/* A multipart that was opened. It stays until the end of its epilogue. */
struct multipart {
	unsigned children;
	bool alternative, digest;
	bool cover;      /* it stands in cover-letter position, as all around it */
	bool attachment; /* it is one attachment as a whole */
	uint64_t octets; /* of its leaves */
	size_t number_len;
	char name[FILE_NAME_MAX + 1]; /* if attachment */
};

struct tally {
	struct tally_listener listener;
	struct message message;
	bool structure;       /* parts are looked at */
	unsigned fields_seen; /* bits: fields that may stand once */
	uint64_t senders, recipients;

	/* Where in the stream (tally_body.c). */
	enum {
		IN_HEADER,
		IN_CONTENT
	} state;
	enum {
		MID_LINE,
		AFTER_CR,
		AFTER_BARE,
		AFTER_CRLF
	} before;    /* the next octet of content */
	size_t held; /* octets of the CRLF before it: content, unless a delimiter follows */
	bool collecting, collected_cr;
	unsigned char line[DELIMITER_LINE_MAX + 1];
	size_t line_len;
	uint64_t line_tail; /* white space behind them */

	/* The header that is read, or was last (tally_header.c): first the content fields, which
	 * are kept. */
	char header[HEADER_MAX + CONTENT_FIELDS * MESSAGE_CONTENT_MAX];
	size_t kept, used, line_start;
	struct span content[CONTENT_FIELDS]; /* their values; at is null where there was none */
	uint64_t header_octets;
	uint64_t line_octets;                 /* of the line that is read */
	bool in_field, field_cut, field_long; /* a line of it is over LINE_LIMIT */
	bool located;                         /* it has a Content-Location */
	enum reason unclean;
	bool unread; /* other readers may find fields in it that were not looked at */

	/* Which part, and what is around it (tally_part.c). */
	struct multipart multiparts[DEPTH_MAX];
	struct boundaries boundaries; /* of the multiparts */
	char number[PART_NUMBER_MAX + 1];
	size_t number_len; /* 0 for the message itself */
	uint64_t parts;

	/* The leaf that is read (tally_leaf.c). */
	enum leaf_kind {
		LEAF_OF_PART,
		LEAF_PREAMBLE,
		LEAF_EPILOGUE
	} leaf_kind;
	enum reason why, opaque;
	enum encoding encoding;
	bool near; /* a near-delimiter is in it */
	struct counter counter;
	bool watched; /* for embedded files */
	struct embedded embedded;
};

/*
 * structure: false if nobody asks for the parts: then only header fields are looked at and octets
 * counted.
 */
void tally_begin(struct tally *tally, const struct tally_listener *listener, bool structure);

/*
 * A header field as a milter gets it: '\n' in the value where it was folded, and its leading white
 * space if leading_space; else the one space that is usual is taken for it.
 */
void tally_field(struct tally *tally, const char *name, const char *value, bool leading_space);

/* A chunk of the body. No field may follow. */
void tally_body(struct tally *tally, const unsigned char *octets, size_t len);

/* From here on only octets are counted: the verdict is settled. */
void tally_stop(struct tally *tally);

/* A chunk of a whole message, header and all, instead of the two above. */
void tally_octets(struct tally *tally, const unsigned char *octets, size_t len);

/* What is known so far: the octets as a lower bound, and the faults but for what is missing. */
const struct message *tally_so_far(const struct tally *tally);

/* The message is over. The answer is the tally's, until it begins again. */
const struct message *tally_end(struct tally *tally);

#endif
