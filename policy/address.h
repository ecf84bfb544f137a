/*
 * Mailboxes, paths, grant patterns, account names and HELO arguments: their grammar, and the one
 * canonical form in which the registry stores and the daemon compares them.
 *
 * Canonical form of a mailbox ("key"): local part, '@', domain.
 *   - local part: unquoted, in NFC, ASCII letters in lower case; quoted again, with the fewest
 *     quoted pairs, only where it is no dot-string ("joe"@d and "j\oe"@d are joe@d).
 *   - domain: lower-case A-labels (IDNA2008), or an address literal in its one spelling.
 *
 * Nothing is ever truncated: what is too long is FORM_BAD.
 */
#ifndef POLICY_ADDRESS_H
#define POLICY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 5321 4.5.3.1, in octets as transmitted. */
#define LOCAL_PART_MAX 64
#define MAILBOX_MAX    254
#define DOMAIN_MAX     253 /* 255 on the DNS wire */
#define LABEL_MAX      63

/* NFC makes at most three octets of one; quoting again adds less than unquoting took away. */
#define MAILBOX_KEY_MAX (3 * LOCAL_PART_MAX + 1 + DOMAIN_MAX)

#define ACCOUNT_NAME_MAX 255 /* octets */

/* What became of parsing. */
enum form {
	FORM_NONE,    /* nothing was there to parse */
	FORM_OK,      /* a mailbox; for other things, well formed */
	FORM_NULL,    /* the null reverse-path, <> */
	FORM_BAD,     /* not what the grammar asks for */
	FORM_UNKNOWN, /* could not tell: memory ran out */
};

struct mailbox {
	size_t local_len;              /* octets of key before its '@' */
	char key[MAILBOX_KEY_MAX + 1]; /* canonical, '\0' after it */
};

/*
 * RFC 5321 4.1.2 Mailbox, RFC 6531 3.3 with utf8. Gives FORM_OK, FORM_BAD or FORM_UNKNOWN; *out is
 * filled for FORM_OK alone. The len octets at s need no '\0'.
 */
enum form mailbox_parse(const char *s, size_t len, bool utf8, struct mailbox *out);

/*
 * The argument of MAIL FROM: as the client typed it, brackets and all (RFC 5321 4.1.1.2).
 * Source routes are FORM_BAD. FORM_NULL for "<>".
 */
enum form reverse_path_parse(const char *arg, bool utf8, struct mailbox *out);

/*
 * Whether the MTA understood the sender as reverse_path_parse() did, which gave form and mailbox
 * for arg. It acts on its own reading: a difference is an attack on one of the two. reported is its
 * {mail_addr}, "" if it tells none. Agrees too what the MTAs are known to make of an honest one:
 *   - Postfix folds the case of all letters, not of ASCII alone.
 *   - Sendmail gives the local part alone, without its +detail, where the domain is its own; and it
 *     may leave a dot at the end of the domain.
 */
bool reverse_path_agrees(const char *arg, enum form form, const struct mailbox *mailbox,
                         const char *reported);

/* The argument of RCPT TO:, which may be <postmaster> in any case (RFC 5321 4.1.1.3). */
enum form forward_path_parse(const char *arg, bool utf8);

/*
 * A grant's pattern to its canonical text. out holds at least MAILBOX_KEY_MAX + 1 octets.
 *   user@domain  one mailbox: its key
 *   @domain      all of a domain: the tail of a key from its '@' on
 *   @.domain     all of its subdomains, but not the domain itself
 *   @.           anything
 */
enum form pattern_parse(const char *s, char *out);

/*
 * The patterns that cover a mailbox, in canonical text, the narrowest first: its key, its domain,
 * the domains above it, anything. user@domain, which covers user+tag@domain only where somebody
 * says so, is the last one.
 */
#define PATTERNS_MAX      (DOMAIN_MAX / 2 + 4)
#define PATTERNS_TEXT_MAX (3 * (MAILBOX_KEY_MAX + 1) + DOMAIN_MAX * DOMAIN_MAX / 4 + 512)
struct patterns {
	size_t count;
	size_t tagged; /* the index of the one without the tag; count if there is none */
	const char *at[PATTERNS_MAX]; /* in text */
	char text[PATTERNS_TEXT_MAX];
};
void mailbox_patterns(const struct mailbox *mailbox, struct patterns *out);

/*
 * An account's name is compared octet for octet. FORM_OK for 1 to ACCOUNT_NAME_MAX octets of valid
 * UTF-8 without spaces or control characters (C0, DEL, C1), that begin with neither '-' nor '%'.
 */
enum form account_name_form(const char *name);

/* A group's name is '%' and then what could be an account's name. */
enum form group_name_form(const char *name);

/*
 * The argument of HELO or EHLO: a host name (RFC 1123 2.1; '_' and a single label too), an address
 * literal (RFC 5321 4.1.3) or a bare IP address.
 */
enum form helo_form(const char *arg);

#endif
