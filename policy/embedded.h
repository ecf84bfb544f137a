/*
 * Files that hide in a text: lines that begin uuencode, yEnc or BinHex. What mail programs decode
 * by themselves is found in the decoded text, line by line (after CR, LF or CRLF).
 *
 *   begin NNN name, begin-base64 NNN name    (NNN: three octal digits or more)
 *   =ybegin ...
 *   (This file must be converted with BinHex (in any case)
 *
 * The name may be missing, but not the white space before it: Thunderbird takes that for a file.
 */
#ifndef POLICY_EMBEDDED_H
#define POLICY_EMBEDDED_H

#include "policy/count.h"

/* Its members are its own. */
struct embedded {
	enum encoding encoding;
	bool found;
	enum {
		EMBEDDED_LINE_START,
		EMBEDDED_WORD,         /* the first octets of words[word] stood there */
		EMBEDDED_WORD_END,     /* all of them, and white space must follow */
		EMBEDDED_MODE,         /* white space before the octal digits */
		EMBEDDED_DIGITS,       /* they, or white space behind them */
		EMBEDDED_REST_OF_LINE, /* of no interest */
	} state;                       /* where in a line of the decoded text */
	unsigned word, matched;        /* octets of the word, or digits */
	uint32_t bits;                 /* base64: of the quantum that is begun */
	unsigned bit_count;
	unsigned char pending[2]; /* quoted-printable: what of =HH or =CRLF is there already */
	unsigned pending_len;
};

/* A text that is not well formed in its encoding is read as lenient programs do: one of many ways. */
void embedded_init(struct embedded *embedded, enum encoding encoding);

/* The content as transmitted; any division into calls gives the same. */
void embedded_add(struct embedded *embedded, const unsigned char *octets, size_t len);

/* As if the text ended here. */
bool embedded_found(const struct embedded *embedded);

#endif
