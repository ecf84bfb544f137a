/*
 * How fast the message tally is, on messages made in memory: beside memchr() over the same octets,
 * and beside GMime's parse of them where GMime is there. README says how to read the table.
 */
#include "policy/tally.h"
#include "tests/unit/chunks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_GMIME
#include <gmime/gmime.h>
#endif

#define MIB    (1024 * 1024)
#define CHUNK  65535 /* Postfix's */
#define ROUNDS 5
#define ENOUGH 0.01 /* seconds in a round */
#define ABSENT 0xff /* no message has it, so that memchr() goes through all of it */

/* ---- messages ----------------------------------------------------------- */

struct text {
	char *at;
	size_t len, room;
};

static void put(struct text *text, const char *octets, size_t len)
{
	if (text->room - text->len < len) {
		text->room = 2 * (text->room + len);
		text->at = realloc(text->at, text->room);
		if (!text->at)
			abort();
	}
	memcpy(text->at + text->len, octets, len);
	text->len += len;
}

static void puts_to(struct text *text, const char *string)
{
	put(text, string, strlen(string));
}

__attribute__((format(printf, 2, 3))) static void putf(struct text *text, const char *format, ...)
{
	char line[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	puts_to(text, line);
}

static void put_often(struct text *text, const char *line, size_t octets)
{
	for (size_t end = text->len + octets; text->len < end;)
		puts_to(text, line);
}

/* Lines of len octets out of the alphabet. */
static void put_random(struct text *text, const char *alphabet, size_t len, size_t octets)
{
	unsigned n = (unsigned)strlen(alphabet);

	for (size_t end = text->len + octets; text->len < end; puts_to(text, "\r\n"))
		for (size_t i = 0; i < len; i++)
			put(text, alphabet + random_below(n), 1);
}

static void put_header(struct text *text)
{
	puts_to(text, "From: Alice <alice@example.com>\r\nTo: bob@example.com\r\n"
	              "Date: Mon, 1 Jan 2024 12:00:00 +0000\r\nSubject: bench\r\n"
	              "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n");
}

static void put_body(struct text *text, const char *type, const char *encoding)
{
	put_header(text);
	putf(text, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", type, encoding);
}

/* A text and the beginning of an attachment. */
static void put_attachment(struct text *text, const char *encoding)
{
	put_header(text);
	putf(text,
	     "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n--=_1\r\n"
	     "Content-Type: text/plain\r\n\r\nSee there.\r\n--=_1\r\n"
	     "Content-Type: application/octet-stream; name=x\r\n"
	     "Content-Disposition: attachment; filename=x\r\nContent-Transfer-Encoding: %s\r\n\r\n",
	     encoding);
}

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define PROSE  "Dear Bob, the figures of the last quarter are in, and they are good news; see\r\n"

static void base64_attachment(struct text *text, unsigned n)
{
	put_attachment(text, "base64");
	put_random(text, BASE64, 76, n);
	puts_to(text, "--=_1--\r\n");
}

static void quoted_text(struct text *text, unsigned n)
{
	put_body(text, "text/plain; charset=utf-8", "quoted-printable");
	put_often(
	    text,
	    "Sehr geehrte Damen und Herren, die Zahlen f=C3=BCr das letzte Quartal sind =\r\n", n);
}

static void quoted_dense(struct text *text, unsigned n)
{
	put_body(text, "text/plain; charset=utf-8", "quoted-printable");
	put_often(text,
	          "=D0=A2=D0=BE=D1=82 =D0=BA=D1=82=D0=BE =D1=85=D0=BE=D1=87=D0=B5=D1=82 =\r\n", n);
}

static void quoted_attachment(struct text *text, unsigned n)
{
	put_attachment(text, "quoted-printable");
	put_often(text, "=D0=A2=D0=BE=D1=82=00=D0=BA=D1=82=D0=BE=FF=D1=85=D0=BE=D1=87=D0=B5=\r\n",
	          n);
	puts_to(text, "\r\n--=_1--\r\n");
}

static void binary_attachment(struct text *text, unsigned n)
{
	put_attachment(text, "binary");
	for (unsigned i = 0; i < n; i++) {
		char octet = (char)random_below(ABSENT);

		put(text, &octet, 1);
	}
	puts_to(text, "\r\n--=_1--\r\n");
}

static void plain_text(struct text *text, unsigned n)
{
	put_body(text, "text/plain", "7bit");
	put_often(text, PROSE, n);
}

static void html_text(struct text *text, unsigned n)
{
	static const char tag[] =
	    "<td class=\"a\" style=\"color: #000000; padding: 0 4px\">1,234</td>";

	put_body(text, "text/html; charset=utf-8", "8bit");
	while (text->len < n) {
		for (unsigned i = 0; i < 15; i++)
			puts_to(text, tag);
		puts_to(text, "\r\n");
	}
}

static void dash_lines(struct text *text, unsigned n)
{
	put_attachment(text, "8bit");
	put_often(text,
	          "- the first thing to be done, with a word on why\r\n"
	          "-- \r\n-       the line that was there\r\n+       the line that is\r\n"
	          "--- a/policy/count.c\r\n-------------------------------------------\r\n",
	          n);
	puts_to(text, "--=_1--\r\n");
}

static void short_dash_lines(struct text *text, unsigned n)
{
	put_attachment(text, "8bit");
	put_often(text, "--\r\n--x\r\n---\r\n", n);
	puts_to(text, "--=_1--\r\n");
}

static void base64_text(struct text *text, unsigned n)
{
	put_body(text, "text/plain; charset=utf-8", "base64");
	put_random(text, BASE64, 76, n);
}

static void embedded_lines(struct text *text, unsigned n)
{
	put_body(text, "text/plain", "7bit");
	put_often(text, "begin \r\nbegin 64\r\n(This file must be\r\n", n);
}

static void many_parts(struct text *text, unsigned n)
{
	put_header(text);
	puts_to(text, "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n");
	for (unsigned i = 0; i < n; i++)
		putf(text,
		     "--=_1\r\nContent-Type: text/plain; name=\"%u.txt\"\r\n"
		     "Content-Transfer-Encoding: 7bit\r\n\r\n" PROSE PROSE,
		     i);
	puts_to(text, "--=_1--\r\n");
}

static void many_levels(struct text *text, unsigned n)
{
	put_header(text);
	for (unsigned i = 0; i < n; i++) {
		putf(text,
		     "Content-Type: multipart/mixed; boundary=\"=_%u_\"\r\n\r\n--=_%u_\r\n\r\n", i,
		     i);
		put_often(text, PROSE, 10000);
		putf(text, "--=_%u_\r\n", i);
	}
	puts_to(text, "\r\n");
}

static void many_parameters(struct text *text, unsigned n)
{
	put_header(text);
	puts_to(text, "Content-Type: multipart/mixed; boundary=\"=_1\"");
	for (unsigned i = 0; text->len < n; i++)
		putf(text, ";\r\n x%u=\"a \\\" b\"; filename*%u*=utf-8''%%41", i, i);
	puts_to(text, "\r\n\r\n--=_1\r\n\r\nHello\r\n--=_1--\r\n");
}

static void many_address_fields(struct text *text, unsigned n)
{
	put_header(text);
	for (unsigned i = 0; i < n / 4; i++)
		putf(
		    text,
		    "From: \"A. %u\" <a.%u@example.com>\r\nCc: b@example.com (B), c@example.net\r\n"
		    "Sender: <d@example.org>\r\nReply-To: friends: e@example.com, "
		    "f@example.com;\r\n",
		    i, i);
	puts_to(text, "\r\nHello\r\n");
}

/* Nothing is looked for behind one, up to the outer delimiter: so each has a multipart of its own. */
static void near_delimiters(struct text *text, unsigned n)
{
	put_header(text);
	puts_to(text, "Content-Type: multipart/mixed; boundary=\"=_0\"\r\n\r\n");
	for (unsigned i = 0; i < n; i++)
		putf(text, "--=_0\r\nContent-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n"
		           "--=_1\r\n\r\n" PROSE "--=_1x\r\n" PROSE "--=_1\r\n\r\n" PROSE);
	puts_to(text, "--=_0--\r\n");
}

/*
 * Lines that are the open delimiters up to their last octets: each is held against all of these, and
 * none is found to be near.
 */
static void put_like_delimiters(struct text *text, unsigned levels, unsigned n)
{
	char like[BOUNDARY_MAX];

	memset(like, '=', sizeof like);
	put_header(text);
	for (unsigned i = 0; i < levels; i++)
		putf(text,
		     "Content-Type: multipart/mixed; boundary=\"%.*s%02u\"\r\n\r\n--%.*s%02u\r\n",
		     BOUNDARY_MAX - 2, like, i, BOUNDARY_MAX - 2, like, i);
	puts_to(text, "\r\n");
	for (size_t end = text->len + n; text->len < end;)
		putf(text, "--%.*sxx\r\n", BOUNDARY_MAX - 2, like);
}

static void like_a_delimiter(struct text *text, unsigned n)
{
	put_like_delimiters(text, 1, n);
}

static void like_100_delimiters(struct text *text, unsigned n)
{
	put_like_delimiters(text, DEPTH_MAX, n);
}

static const struct kind {
	const char *name;
	void (*make)(struct text *text, unsigned n);
	unsigned n;  /* of what it is made of: octets, parts, ... */
	bool linear; /* shown at half of n, too */
} kinds[] = {
    {"base64 attachment", base64_attachment, 8 * MIB, false},
    {"binary attachment", binary_attachment, 8 * MIB, false},
    {"quoted-printable attachment", quoted_attachment, 8 * MIB, false},
    {"plain text", plain_text, 8 * MIB, false},
    {"HTML, long lines", html_text, 8 * MIB, false},
    {"quoted-printable text", quoted_text, 8 * MIB, false},
    {"quoted-printable, dense text", quoted_dense, 8 * MIB, false},
    {"base64 text", base64_text, 8 * MIB, false},
    {"lines of '-'", dash_lines, 8 * MIB, false},
    {"short lines of '--'", short_dash_lines, 8 * MIB, true},
    {"lines that nearly begin a file", embedded_lines, 8 * MIB, true},
    {"10,000 parts", many_parts, 10000, true},
    {"100 levels", many_levels, 100, true},
    {"1 MB of parameters", many_parameters, 1000000, true},
    {"100,000 address fields", many_address_fields, 100000, true},
    {"3,300 near-delimiters", near_delimiters, 3300, true},
    {"lines like a delimiter", like_a_delimiter, 8 * MIB, true},
    {"lines like 100 delimiters", like_100_delimiters, 8 * MIB, true},
};

/* ---- what is measured --------------------------------------------------- */

static void run_tally(const struct text *text)
{
	static const struct tally_listener nobody;
	static struct tally tally;
	const unsigned char *octets = (const unsigned char *)text->at;

	tally_begin(&tally, &nobody, true);
	for (size_t i = 0; i < text->len; i += CHUNK)
		tally_octets(&tally, octets + i, text->len - i < CHUNK ? text->len - i : CHUNK);
	if (tally_end(&tally)->octets != text->len) {
		fprintf(stderr, "bench: the tally lost octets\n");
		exit(EXIT_FAILURE);
	}
}

static void run_memchr(const struct text *text)
{
	if (memchr(text->at, ABSENT, text->len)) {
		fprintf(stderr, "bench: the octet is there\n");
		exit(EXIT_FAILURE);
	}
}

#ifdef HAVE_GMIME
static void run_gmime(const struct text *text)
{
	GByteArray octets = {.data = (guint8 *)text->at, .len = (guint)text->len};
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&octets);
	GMimeParser *parser;
	GMimeMessage *message;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	if (!message) {
		fprintf(stderr, "bench: GMime reads no message\n");
		exit(EXIT_FAILURE);
	}
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}
#endif

/* Seconds of CPU for one run. */
static double measure(void (*run)(const struct text *text), const struct text *text)
{
	struct timespec t;
	double start, spent = 0;
	unsigned runs = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	start = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
	while (spent < ENOUGH) {
		run(text);
		runs++;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		spent = (double)t.tv_sec + (double)t.tv_nsec * 1e-9 - start;
	}
	return spent / runs;
}

/* The least that anything took: what disturbs only adds. */
static void note(double *least, double seconds)
{
	if (*least == 0 || seconds < *least)
		*least = seconds;
}

static void bench(const struct kind *kind)
{
	struct text text = {0}, half = {0};
	double tally = 0, least_memchr = 0, least_half = 0;

	kind->make(&text, kind->n);
	kind->make(&half, kind->n / 2);
	for (unsigned i = 0; i < ROUNDS; i++) {
		note(&tally, measure(run_tally, &text));
		note(&least_memchr, measure(run_memchr, &text));
		if (kind->linear)
			note(&least_half, measure(run_tally, &half));
	}
	printf("%-30s %6.2f %7.2f %9.3f", kind->name, (double)text.len / MIB,
	       (double)text.len / tally * 1e-9, least_memchr / tally);
#ifdef HAVE_GMIME
	double gmime = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		note(&gmime, measure(run_gmime, &text));
	printf(" %9.2f", gmime / tally);
#endif
	if (kind->linear)
		printf(" %9.2f", tally / least_half);
	putchar('\n');
	free(text.at);
	free(half.at);
}

int main(void)
{
	const char *gmime = "", *speed = "";

#ifdef HAVE_GMIME
	g_mime_init();
	gmime = "  to GMime";
	speed = "     speed";
#endif
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%-30s %6s %7s %9s%s %9s\n", "message tally", "", "", "to memchr", gmime, "to half");
	printf("%-30s %6s %7s %9s%s %9s\n", "", "MiB", "GB/s", "speed", speed, "time");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		bench(&kinds[i]);
	return 0;
}
