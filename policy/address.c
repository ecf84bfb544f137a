#include "policy/address.h"

#include "policy/octets.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <idn2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

/* ---- octets ------------------------------------------------------------- */

static bool is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* ---- domains ------------------------------------------------------------ */

/*
 * RFC 1123 2.1: labels of letters, digits and inner hyphens. This is also sub-domain of RFC 5321
 * 4.1.2. A HELO argument may hold '_' wherever a letter may stand.
 */
static bool is_host_name(const char *s, size_t len, bool underscore)
{
	size_t label = 0;

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool hyphen = s[i] == '-';

		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_let_dig((unsigned char)s[i]) && !hyphen && !(underscore && s[i] == '_'))
			return false;
		if ((hyphen && label == 0) || ++label > LABEL_MAX)
			return false;
	}
	return label > 0 && s[len - 1] != '-';
}

/*
 * RFC 5321 4.1.3: [192.0.2.7] or [IPv6:2001:db8::7], to its one spelling. General-address-literals
 * are refused: no tag was ever registered. out holds at least DOMAIN_MAX + 1 octets.
 */
static enum form parse_literal(const char *s, size_t len, char *out)
{
	static const char tag[] = "IPv6:";
	const size_t tag_len = sizeof tag - 1;
	char text[INET6_ADDRSTRLEN];
	unsigned char octets[16];
	bool v6;

	if (len < 2 || s[0] != '[' || s[len - 1] != ']')
		return FORM_BAD;
	s++, len -= 2;
	v6 = len > tag_len && strncasecmp(s, tag, tag_len) == 0;
	if (v6)
		s += tag_len, len -= tag_len;
	if (len >= sizeof text)
		return FORM_BAD;
	memcpy(text, s, len);
	text[len] = '\0';
	if (strlen(text) != len || inet_pton(v6 ? AF_INET6 : AF_INET, text, octets) != 1)
		return FORM_BAD;
	inet_ntop(v6 ? AF_INET6 : AF_INET, octets, text, sizeof text);
	snprintf(out, DOMAIN_MAX + 1, "[%s%s]", v6 ? "ipv6:" : "", text);
	return FORM_OK;
}

/*
 * U-labels to A-labels, and a check of the A-labels that are there. IDNA2008 without the mappings
 * of UTS 46, which would let different spellings be one domain. domain has DOMAIN_MAX + 1 octets.
 */
static enum form to_a_labels(char *domain)
{
	uint8_t *ascii = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)domain, &ascii, IDN2_NFC_INPUT | IDN2_NO_TR46);
	enum form form = FORM_BAD;

	if (rc == IDN2_MALLOC) {
		form = FORM_UNKNOWN;
	} else if (rc == IDN2_OK && strlen((const char *)ascii) <= DOMAIN_MAX) {
		strcpy(domain, (const char *)ascii);
		form = FORM_OK;
	}
	idn2_free(ascii);
	return form;
}

/* Domain or address-literal, canonical. out holds at least DOMAIN_MAX + 1 octets. */
static enum form parse_domain(const char *s, size_t len, char *out)
{
	bool ascii = is_ascii(s, len);

	if (len > 0 && s[0] == '[')
		return parse_literal(s, len, out);
	if (len == 0 || len > DOMAIN_MAX || memchr(s, '\0', len))
		return FORM_BAD;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)to_lower((unsigned char)s[i]);
	out[len] = '\0';
	if (!ascii) {
		enum form form = to_a_labels(out);

		if (form != FORM_OK)
			return form;
	}
	return is_host_name(out, strlen(out), false) ? FORM_OK : FORM_BAD;
}

/* ---- local parts -------------------------------------------------------- */

static bool is_dot_string(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' ? i == 0 || s[i - 1] == '.' : !is_atext((unsigned char)s[i]))
			return false;
	}
	return len > 0 && s[len - 1] != '.';
}

/*
 * The octets that a local part (RFC 5321 4.1.2) stands for, without quotes. *used is how many
 * octets of s it takes; *content_len is zero where it is no local part. content holds
 * LOCAL_PART_MAX octets.
 */
static void unquote(const char *s, size_t len, size_t *used, char *content, size_t *content_len)
{
	size_t i = 0, n = 0;

	*content_len = 0;
	if (len == 0 || s[0] != '"') {
		const char *at = memchr(s, '@', len);

		i = at ? (size_t)(at - s) : len;
		if (i > LOCAL_PART_MAX || !is_dot_string(s, i))
			return;
		memcpy(content, s, i);
		*used = *content_len = i;
		return;
	}
	for (i = 1; i < len && s[i] != '"'; i++) {
		bool escaped = s[i] == '\\';
		unsigned char c;

		i += escaped;
		if (i >= len || i >= LOCAL_PART_MAX)
			return;
		/* quoted-pairSMTP escapes ASCII alone; UTF8-non-ascii stands for itself */
		c = (unsigned char)s[i];
		if (c < ' ' || c == 0x7f || (escaped && c >= 0x80))
			return;
		content[n++] = s[i];
	}
	if (i == len || i + 1 > LOCAL_PART_MAX)
		return;
	*used = i + 1;
	*content_len = n;
}

static void fold(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s[i] = (char)to_lower((unsigned char)s[i]);
}

/*
 * NFC with ASCII folded, in place: *len octets of size. Twice, since what folding makes of a letter
 * may compose with the mark behind it (J and a caron).
 */
static enum form normalize_and_fold(char *s, size_t *len, size_t size)
{
	for (int round = 0; round < 2 && !is_ascii(s, *len); round++) {
		uint8_t nfc[3 * LOCAL_PART_MAX], *out;
		size_t nfc_len = sizeof nfc;

		out = u8_normalize(UNINORM_NFC, (const uint8_t *)s, *len, nfc, &nfc_len);
		if (!out)
			return errno == ENOMEM ? FORM_UNKNOWN : FORM_BAD;
		if (out != nfc)
			free(out); /* it did not fit, which three octets for one rule out */
		if (out != nfc || nfc_len > size)
			return FORM_BAD;
		memcpy(s, nfc, nfc_len);
		*len = nfc_len;
		fold(s, *len);
	}
	fold(s, *len);
	return FORM_OK;
}

/* Writes the canonical local part, '\0' after it, and gives its form. */
static enum form canonical_local(const char *content, size_t len, char out[MAILBOX_KEY_MAX + 1])
{
	char local[3 * LOCAL_PART_MAX];
	enum form form;
	size_t n = 0;
	bool quote;

	memcpy(local, content, len);
	form = normalize_and_fold(local, &len, sizeof local);
	if (form != FORM_OK)
		return form;
	quote = !is_dot_string(local, len);
	if (quote)
		out[n++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (quote && (local[i] == '"' || local[i] == '\\'))
			out[n++] = '\\';
		out[n++] = local[i];
	}
	if (quote)
		out[n++] = '"';
	out[n] = '\0';
	return FORM_OK;
}

/* ---- mailboxes and paths ------------------------------------------------ */

enum form mailbox_parse(const char *s, size_t len, bool utf8, struct mailbox *out)
{
	char content[LOCAL_PART_MAX], domain[DOMAIN_MAX + 1];
	size_t used, content_len;
	struct mailbox mailbox;
	enum form form;

	if (len > MAILBOX_MAX)
		return FORM_BAD;
	if (!is_ascii(s, len) && !(utf8 && is_clean_utf8(s, len)))
		return FORM_BAD;

	unquote(s, len, &used, content, &content_len);
	if (content_len == 0 || used == len || s[used] != '@')
		return FORM_BAD;
	form = canonical_local(content, content_len, mailbox.key);
	if (form != FORM_OK)
		return form;
	form = parse_domain(s + used + 1, len - used - 1, domain);
	if (form != FORM_OK)
		return form;

	mailbox.local_len = strlen(mailbox.key);
	mailbox.key[mailbox.local_len] = '@';
	strcpy(mailbox.key + mailbox.local_len + 1, domain);
	*out = mailbox;
	return FORM_OK;
}

/*
 * What stands between angle brackets that are the first and the last octet; null if they are not.
 */
static const char *inside_brackets(const char *arg, size_t *len)
{
	size_t n = strlen(arg);

	if (n < 2 || arg[0] != '<' || arg[n - 1] != '>')
		return NULL;
	*len = n - 2;
	return arg + 1;
}

enum form reverse_path_parse(const char *arg, bool utf8, struct mailbox *out)
{
	size_t len;
	const char *s = inside_brackets(arg, &len);

	if (!s)
		return FORM_BAD;
	return len == 0 ? FORM_NULL : mailbox_parse(s, len, utf8, out);
}

enum form forward_path_parse(const char *arg, bool utf8)
{
	struct mailbox mailbox;
	size_t len;
	const char *s = inside_brackets(arg, &len);

	if (!s)
		return FORM_BAD;
	if (strcasecmp(arg, "<postmaster>") == 0)
		return FORM_OK;
	return mailbox_parse(s, len, utf8, &mailbox);
}

/* ---- grants, accounts, HELO --------------------------------------------- */

enum form pattern_parse(const char *s, char *out)
{
	char domain[DOMAIN_MAX + 1];
	struct mailbox mailbox;
	size_t len = strlen(s);
	enum form form;

	if (strcmp(s, "@.") == 0) {
		strcpy(out, s);
		return FORM_OK;
	}
	if (s[0] == '@') {
		size_t skip = s[1] == '.' && s[2] != '[' ? 2 : 1; /* a literal has no subdomains */

		if (len > MAILBOX_MAX || !is_clean_utf8(s, len))
			return FORM_BAD;
		form = parse_domain(s + skip, len - skip, domain);
		if (form == FORM_OK)
			sprintf(out, "%.*s%s", (int)skip, s, domain);
		return form;
	}
	form = mailbox_parse(s, len, true, &mailbox);
	if (form == FORM_OK)
		strcpy(out, mailbox.key);
	return form;
}

/* Whether the two are one but for case, as Unicode folds it: Postfix folds what it reports. */
static bool same_but_for_case(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order;

	return u8_casecmp((const uint8_t *)a, a_len, (const uint8_t *)b, b_len, NULL, UNINORM_NFC,
	                  &order) == 0 &&
	       order == 0;
}

bool reverse_path_agrees(const char *arg, enum form form, const struct mailbox *mailbox,
                         const char *reported)
{
	size_t len = strlen(reported), typed_len = 0;
	const char *typed = inside_brackets(arg, &typed_len);
	struct mailbox theirs;

	if (form == FORM_NULL)
		return strchr(reported, '@') == NULL;
	if (form != FORM_OK || len == 0)
		return true;
	if (!strchr(reported, '@')) {
		const char *plus = memchr(mailbox->key, '+', mailbox->local_len);

		return same_but_for_case(reported, len, mailbox->key, mailbox->local_len) ||
		       (plus && same_but_for_case(reported, len, mailbox->key,
		                                  (size_t)(plus - mailbox->key)));
	}
	if (reported[len - 1] == '.')
		len--;
	if (mailbox_parse(reported, len, true, &theirs) == FORM_OK &&
	    strcmp(theirs.key, mailbox->key) == 0)
		return true;
	return typed && same_but_for_case(typed, typed_len, reported, len);
}

/* Appends head, of so many octets, and tail. *used is how much of the text is. */
static void add_pattern(struct patterns *out, size_t *used, const char *head, size_t head_len,
                        const char *tail)
{
	size_t size = strlen(tail) + 1;

	assert(out->count < PATTERNS_MAX && size <= sizeof out->text - *used - head_len);
	out->at[out->count++] = out->text + *used;
	memcpy(out->text + *used, head, head_len);
	memcpy(out->text + *used + head_len, tail, size);
	*used += head_len + size;
}

void mailbox_patterns(const struct mailbox *mailbox, struct patterns *out)
{
	const char *key = mailbox->key, *domain = key + mailbox->local_len;
	const char *plus = key[0] == '"' ? NULL : memchr(key, '+', mailbox->local_len);
	size_t used = 0;

	out->count = 0;
	add_pattern(out, &used, "", 0, key);
	add_pattern(out, &used, "", 0, domain);
	if (domain[1] != '[')
		for (const char *dot = domain; (dot = strchr(dot, '.')) != NULL; dot++)
			add_pattern(out, &used, "@", 1, dot);
	add_pattern(out, &used, "", 0, "@.");
	out->tagged = out->count;
	if (plus && plus > key)
		add_pattern(out, &used, key, (size_t)(plus - key), domain);
}

enum form group_name_form(const char *name)
{
	return name[0] == '%' ? account_name_form(name + 1) : FORM_BAD;
}

enum form account_name_form(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > ACCOUNT_NAME_MAX || name[0] == '-' || name[0] == '%' ||
	    !is_clean_utf8(name, len))
		return FORM_BAD;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
			return FORM_BAD;
	return FORM_OK;
}

enum form helo_form(const char *arg)
{
	unsigned char octets[16];
	char literal[DOMAIN_MAX + 1];
	size_t len = strlen(arg);

	if (arg[0] == '[')
		return parse_literal(arg, len, literal);
	if (is_host_name(arg, len, true) ||
	    (len > 0 && arg[len - 1] == '.' && is_host_name(arg, len - 1, true)))
		return FORM_OK;
	if (inet_pton(AF_INET, arg, octets) == 1 || inet_pton(AF_INET6, arg, octets) == 1)
		return FORM_OK;
	return FORM_BAD;
}
