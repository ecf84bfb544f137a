/*
 * What tally_model.c is made of.
 */
#ifndef TESTS_FUZZ_TALLY_INNER_H
#define TESTS_FUZZ_TALLY_INNER_H

#include "policy/octets.h"
#include "tests/fuzz/tally_model.h"

/* The message that is read, and where: all of it is model_read()'s. */
struct reading {
	struct model *model;
	const char *text;
	size_t end; /* its octets */
	struct span boundaries
	    [DEPTH_MAX];         /* of open multiparts, the outermost first; empty: cuts no more */
	size_t stems[DEPTH_MAX]; /* of the boundaries: what some take for all of them, or 0 */
	size_t open;
	size_t parts;
	unsigned fields_seen; /* bits: in the message's header, of those that may stand once */
};
extern struct reading reading;

/* ---- lines (tally_lines.c) ------------------------------------------------ */

/* Where the line ends, in front of its CRLF, or at the end of the message. */
size_t line_end(size_t at);
size_t next_line(size_t at);

/* Whether "--" and an open boundary, in any letter case, stand there. */
bool begins_like_delimiter(size_t at);

/* The line at `at` as the delimiter of open multipart *index. */
bool is_delimiter(size_t at, size_t *index, bool *close);

/*
 * Where the content that begins at `at` meets a delimiter, or the message ends. near: a line of it,
 * or text behind a bare CR or LF, looks like a delimiter: that one then cuts no more.
 */
size_t content_end(size_t at, bool *near);

/* ---- headers (tally_header.c) --------------------------------------------- */

struct header {
	size_t begin,
	    octets;       /* octets: with the empty line behind it, or the 2 that stand for it */
	uint32_t unclean; /* reasons, as bits */
	char *value[CONTENT_FIELDS]; /* of the first field of each; else null; to be freed */
	size_t value_len[CONTENT_FIELDS];
	bool type_twice; /* two that differ */
	bool located;    /* a Content-Location is in it */
};

/* Reads the header that begins at `at`; gives where the content begins. */
size_t read_header(struct header *header, size_t at, bool of_message);

/* ---- content (tally_content.c) -------------------------------------------- */

struct decoded {
	bool known;      /* the encoding is, and the content is well formed in it */
	uint64_t octets; /* decoded if known, else raw */
	bool eight_bit;  /* an octet above 127 where the encoding promised none */
	bool embedded;   /* a line of the decoded text begins a file; only if known */
};

/* As RFC 2045 6.7 and 6.8 say, with nothing forgiven. */
void content_decode(struct span content, enum encoding encoding, struct decoded *out);

#endif
