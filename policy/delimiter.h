/*
 * Delimiters of multiparts (RFC 2046 5.1.1): whether a line is one of any open multipart, or only
 * looks like one.
 */
#ifndef POLICY_DELIMITER_H
#define POLICY_DELIMITER_H

#include "policy/media.h"
#include "policy/octets.h"

#define DEPTH_MAX 100 /* multiparts within each other */

/* Octets of a line that decide, but for white space behind them: "--", boundary, "--". */
#define DELIMITER_LINE_MAX (2 + BOUNDARY_MAX + 2)

struct boundary {
	size_t len;  /* 0: its multipart was closed, and no line is its delimiter any more */
	size_t stem; /* octets that some readers take for all of it; 0 if none do */
	char text[BOUNDARY_MAX];
};

/* The multiparts that were opened, the outermost first. */
struct boundaries {
	struct boundary at[DEPTH_MAX];
	size_t count;
	size_t open; /* those that were not closed */
};

enum line_kind {
	LINE_OTHER,     /* begins like no delimiter */
	LINE_UNDECIDED, /* more of it is needed */
	LINE_NEAR,      /* begins like a delimiter, but is none */
	LINE_DELIMITER,
};

struct delimiter {
	size_t index; /* of the boundary */
	bool close;   /* "--boundary--" */
};

/*
 * What the line is that begins with these octets. whole: nothing follows but its end, else more
 * does. *out is filled for LINE_DELIMITER alone. After DELIMITER_LINE_MAX octets LINE_UNDECIDED
 * means that white space alone can follow.
 */
enum line_kind delimiter_match(const struct boundaries *boundaries, const unsigned char *line,
                               size_t len, bool whole, struct delimiter *out);

/*
 * Whether a multipart with this boundary (1 to BOUNDARY_MAX octets) could be opened now: none of
 * its delimiters would be one of another that is open, nor one of theirs its own. stem: as in
 * struct boundary.
 */
bool boundary_distinct(const struct boundaries *boundaries, struct span boundary, size_t stem);

/* The outermost one whose delimiter a line of "--" and this text would begin like; count if none. */
size_t boundaries_begun(const struct boundaries *boundaries, struct span text);

/* From the first on, inwards, none cuts any more. */
void boundaries_close(struct boundaries *boundaries, size_t first);

#endif
