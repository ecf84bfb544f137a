/*
 * Hostile messages, one row each: what is wrong with them, and their largest attachment.
 */
#ifndef TESTS_UNIT_TALLY_CASE_H
#define TESTS_UNIT_TALLY_CASE_H

#include "tests/unit/table.h"
#include "tests/unit/tally_feed.h"

struct tally_case {
	const char *name;
	const char *octets;
	size_t len;
	const char *faults; /* names, a space behind each */
	uint64_t largest;   /* octets of the largest attachment; 0 if there is none */
	const char *part;   /* its number */
	enum reason why;    /* it is an attachment: why; REASON_opaque: what follows */
	enum reason opaque;
};

#define LEN(s)     (sizeof(s) - 1)
#define MESSAGE(s) s, LEN(s)
#define NOTHING    0, "", REASON_NONE, REASON_NONE

/* The address fields without which no header is in form. */
#define HEAD "From: joe@example.com\r\nDate: Mon, 6 Mar 2023 09:12:44 +0100\r\n"

#define MIXED       HEAD "Content-Type: multipart/mixed; boundary=bound\r\n\r\n"
#define ALTERNATIVE HEAD "Content-Type: multipart/alternative; boundary=bound\r\n\r\n"
#define NEXT        "\r\n--bound\r\n"
#define END         "\r\n--bound--\r\n"

/* Content of a type that is never body text, so that its size shows. */
#define PNG    "Content-Type: image/png\r\n"
#define BASE64 "Content-Transfer-Encoding: base64\r\n"
#define QUOTED "Content-Transfer-Encoding: quoted-printable\r\n"

/* One part in a multipart/mixed: its header fields, its content. */
#define PART(header, content) MESSAGE(MIXED "--bound\r\n" header "\r\n" content END)

/* It is a leaf of so many octets, or none that counts. */
#define COUNTED(octets, why) octets, "1", REASON_##why, REASON_NONE
#define EXEMPT               NOTHING

/* It is opaque: for its content, or for its header, which then counts too. */
#define OPAQUE(content, reason)                LEN(content), "1", REASON_opaque, REASON_##reason
#define OPAQUE_HEADER(header, content, reason) OPAQUE(header "\r\n" content, reason)

void tally_check(const struct tally_case *cases, size_t count);

#endif
