/*
 * Content-Type, Content-Transfer-Encoding and Content-Disposition (RFC 2045, RFC 2183), as far as
 * sizes depend on them. All spans borrow from the value.
 */
#ifndef POLICY_MEDIA_H
#define POLICY_MEDIA_H

#include "policy/count.h"
#include "policy/message.h"
#include "policy/octets.h"

#define BOUNDARY_MAX 256 /* octets; RFC 2046 has 70 */

/* The parameters behind a type or disposition, one by one. */
struct parameters {
	struct span rest;
	bool malformed; /* something there is no `; attribute=value` */
};
struct parameter {
	struct span attribute; /* with its RFC 2231 suffix: filename*0* */
	struct span value;     /* without the quotes, but with its quoted pairs */
	bool quoted;
};
/* False at the end. What is malformed is passed over up to the next ';', where one can tell. */
bool parameters_next(struct parameters *parameters, struct parameter *out);

/* Whether the attribute is this one, its RFC 2231 suffix aside. */
bool parameter_is(const struct parameter *parameter, const char *attribute);

struct content_type {
	struct span type, subtype; /* empty if it is not token/token */
	bool malformed;            /* its parameters are */
	bool has_name;             /* a name, in whatever spelling */
	bool has_boundary;         /* likewise */
	struct span boundary;      /* the one usable one; empty if there is none */
	size_t boundary_stem;      /* octets of it before its first = / : ?, if unquoted; else 0 */
};
/* The value of a Content-Type. */
void content_type_parse(struct span value, struct content_type *out);

struct disposition {
	bool inline_;   /* its type is "inline" */
	bool malformed; /* its parameters are */
	bool has_name;
};
void disposition_parse(struct span value, struct disposition *out);

/* By enum encoding, in lower case; "" and "unknown" for the two that have no name. */
extern const char *const encoding_names[ENCODING_UNKNOWN + 1];

enum encoding encoding_parse(struct span value);

/*
 * The file name that the two values give a leaf, for people to read: the disposition's, or else the
 * type's; RFC 2231 and RFC 2047 decoded. "" if there is none. Empty spans stand for no such field.
 */
void file_name(struct span disposition, struct span type, char out[FILE_NAME_MAX + 1]);

#endif
