#include "policy/address_list.h"

#include "policy/encoded_word.h"

/* Every reader of a part takes it from the beginning of s, which is then what is behind it. */

static void advance(struct span *s, size_t n)
{
	s->at += n;
	s->len -= n;
}

/* The first octet, '\0' at the end: no value that is read holds one. */
static char first(const struct span *s)
{
	return s->len > 0 ? s->at[0] : '\0';
}

/* From start to where s now begins. */
static struct span taken(const char *start, const struct span *s)
{
	return (struct span){start, (size_t)(s->at - start)};
}

/*
 * Whether the octets of a value may be there at all: UTF-8; no controls; no fold whose line is
 * blank, as the obsolete FWS has it (RFC 5322 4.2): a reader that trims its lines would end the
 * header there.
 */
static bool is_legal(struct span s)
{
	bool blank = false;

	if (s.len > 0 && !is_clean_utf8(s.at, s.len))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (c == '\n') {
			if (blank || i + 1 == s.len || (s.at[i + 1] != ' ' && s.at[i + 1] != '\t'))
				return false;
			blank = true;
		} else if (c != ' ' && c != '\t') {
			if (c < ' ' || c == 0x7f)
				return false;
			blank = false;
		}
	}
	return !blank;
}

/*
 * Whether a word or comment says the same to all who show it. A quoted pair could hide an encoded
 * word from us that others see.
 */
static bool is_clear(struct span s)
{
	if (memchr(s.at, '\\', s.len) && memchr(s.at, '=', s.len) && memchr(s.at, '?', s.len))
		return false;
	return !encoded_word_breaks_lines(s);
}

/* An octet of a comment or quoted string, or a quoted pair, which no fold can be part of. */
static bool take_octet(struct span *s)
{
	size_t n = first(s) == '\\' ? 2 : 1;

	if (s->len < n || (n == 2 && s->at[1] == '\n'))
		return false;
	advance(s, n);
	return true;
}

static void skip_space(struct span *s)
{
	while (is_space((unsigned char)first(s)))
		advance(s, 1);
}

/*
 * RFC 5322 3.2.2. One that holds what an address could be made of is refused: there are readers who
 * would make one.
 */
static bool take_comment(struct span *s)
{
	const char *start = s->at;
	size_t depth = 0;

	do {
		depth += first(s) == '(';
		depth -= first(s) == ')';
		if (depth > COMMENT_DEPTH_MAX || !take_octet(s))
			return false;
	} while (depth > 0);
	for (const char *at = start; at < s->at; at++)
		if (strchr("<>@", *at))
			return false;
	return is_clear(taken(start, s));
}

/* White space and comments. */
static bool skip_between(struct span *s)
{
	skip_space(s);
	while (first(s) == '(') {
		if (!take_comment(s))
			return false;
		skip_space(s);
	}
	return true;
}

/* RFC 5322 3.2.4 */
static bool take_quoted_string(struct span *s)
{
	do {
		if (!take_octet(s))
			return false;
	} while (first(s) != '"');
	advance(s, 1);
	return true;
}

/* Atoms, with the white space between them, and dots (RFC 5322 4.1: obs-phrase). */
static void take_atoms(struct span *s)
{
	while (s->len > 0 && (is_atext((unsigned char)s->at[0]) ||
	                      is_space((unsigned char)s->at[0]) || s->at[0] == '.'))
		advance(s, 1);
}

/* ---- addresses ------------------------------------------------------------ */

/*
 * What could be an encoded word is no address, though the grammar would have it (RFC 2047 5), nor
 * is what could begin one that ends further on.
 */
static enum form parse_address(struct span s, struct mailbox *out)
{
	bool quoted = first(&s) == '"';

	if (s.len > MAILBOX_MAX || encoded_word_in(s) ||
	    (s.len >= 2 && memcmp(s.at, "=?", 2) == 0) || (quoted && !is_clear(s)))
		return FORM_BAD;
	return mailbox_parse(s.at, s.len, true, out);
}

/* RFC 5322 3.4: angle-addr, without white space or comments */
static enum form take_angle(struct span *s, struct mailbox *out)
{
	struct span address;
	const char *start, *end;

	advance(s, 1);
	start = s->at;
	if (first(s) == '"' && !take_quoted_string(s))
		return FORM_BAD;
	end = s->len > 0 ? memchr(s->at, '>', s->len) : NULL;
	if (!end)
		return FORM_BAD;
	advance(s, (size_t)(end - s->at));
	address = taken(start, s);
	advance(s, 1);
	return parse_address(address, out);
}

/* An addr-spec without angle brackets: its local part begins at start, s is at its '@'. */
static enum form take_bare(struct span *s, const char *start, struct mailbox *out)
{
	advance(s, 1);
	if (first(s) == '[')
		while (s->len > 0 && first(s) != ']')
			advance(s, 1);
	while (s->len > 0 && !is_space((unsigned char)first(s)) && !strchr("(),:;<>", first(s)))
		advance(s, 1);
	return parse_address(taken(start, s), out);
}

/* One word or several: atoms or a quoted string. FORM_NONE, or what the address is they begin. */
static enum form take_words(struct span *s, bool first_words, struct mailbox *out)
{
	const char *start = s->at;

	if (first(s) == '"') {
		if (!take_quoted_string(s))
			return FORM_BAD;
	} else if (!first_words || first(s) != '.') { /* with which not even obs-phrase begins */
		take_atoms(s);
	}
	if (s->at == start)
		return FORM_BAD;
	if (first_words && first(s) == '@')
		return take_bare(s, start, out);
	return is_clear(taken(start, s)) ? FORM_NONE : FORM_BAD;
}

/* A mailbox; or FORM_NONE for the name of a group, with s at the ':' behind it. */
static enum form take_mailbox(struct span *s, struct mailbox *out)
{
	bool named = false;
	enum form form;

	for (;;) {
		if (!skip_between(s))
			return FORM_BAD;
		if (first(s) == '<')
			return take_angle(s, out);
		if (first(s) == ':')
			return named ? FORM_NONE : FORM_BAD;
		form = take_words(s, !named, out);
		if (form != FORM_NONE)
			return form;
		named = true;
	}
}

/* ---- lists ---------------------------------------------------------------- */

void address_list_begin(struct address_list *list, struct span value, enum address_list_kind kind)
{
	*list = (struct address_list){.rest = value, .kind = kind};
}

/* Whether what was taken ends where an element of the list may end. */
static bool at_end_of_element(struct address_list *list)
{
	char c;

	if (!skip_between(&list->rest))
		return false;
	c = first(&list->rest);
	return c == ',' || c == (list->in_group ? ';' : '\0');
}

/* Comes to the next mailbox or group. FORM_OK if there is one. */
static enum form seek_recipient(struct address_list *list)
{
	for (;;) {
		if (!skip_between(&list->rest))
			return FORM_BAD;
		switch (first(&list->rest)) {
		case ',': /* RFC 5322 4.4: elements may be empty */
			advance(&list->rest, 1);
			break;
		case ';':
			if (!list->in_group)
				return FORM_BAD;
			advance(&list->rest, 1);
			list->in_group = false;
			if (!at_end_of_element(list))
				return FORM_BAD;
			break;
		case '\0':
			return list->in_group ? FORM_BAD : FORM_NONE;
		default:
			return FORM_OK;
		}
	}
}

static enum form next_recipient(struct address_list *list, struct mailbox *out)
{
	for (;;) {
		enum form form = seek_recipient(list);

		if (form != FORM_OK)
			return form;
		form = take_mailbox(&list->rest, out);
		if (form != FORM_NONE)
			return form;
		if (list->in_group)
			return FORM_BAD;
		list->in_group = true;
		advance(&list->rest, 1); /* ':' */
	}
}

static enum form next_sender(struct address_list *list, struct mailbox *out)
{
	enum form form;

	if (list->begun) {
		if (list->rest.len == 0)
			return FORM_NONE;
		advance(&list->rest, 1); /* ',' */
	}
	form = take_mailbox(&list->rest, out);
	return form == FORM_NONE ? FORM_BAD : form;
}

enum form address_list_next(struct address_list *list, struct mailbox *out)
{
	struct mailbox mailbox;
	enum form form;

	if (!list->begun && !is_legal(list->rest))
		form = FORM_BAD;
	else if (list->kind == ADDRESSES_OF_SENDERS)
		form = next_sender(list, &mailbox);
	else
		form = next_recipient(list, &mailbox);
	list->begun = true;

	if (form == FORM_OK && !at_end_of_element(list))
		form = FORM_BAD;
	if (form == FORM_OK)
		*out = mailbox;
	else
		*list = (struct address_list){.kind = list->kind, .begun = true};
	return form;
}
