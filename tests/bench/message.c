#include "config.h"

#include "tests/bench/message.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_OCTETS 2048

/* A text of 2 KiB and, where there are more octets, two files in base64 that share them. */
static const struct kind {
	const char *name;
	unsigned recipients;
	size_t octets;
} kinds[] = {
    {"small", 1, TEXT_OCTETS},
    {"medium", 5, 204800}, /* 200 KiB */
    {"large", 1, 8283750}, /* 7.9 MiB */
    {"many", 100, TEXT_OCTETS},
};

static const struct message blank = {
    .headers = {
	{"Received", " from client.example (client.example [192.0.2.7])\n\tby mail.example.com "
                     "(Postfix) with ESMTPSA id 4Qid00000001\n\tfor <r@example.net>; "
                     "Mon,  1 Jan 2024 00:00:00 +0000 (UTC)"},
	{"From", " Alice <alice@example.com>"},
	{"To", " R <r@example.net>"},
	{"Subject", " The minutes of Monday's meeting"},
	{"Date", " Mon, 01 Jan 2024 00:00:00 +0000"},
	{"Message-ID", " <20240101000000.4Qid00000001@mail.example.com>"},
	{"MIME-Version", " 1.0"},
	{"User-Agent", " Example/1.0"},
	{"Content-Language", " en-GB"},
	{"X-Priority", " 3"},
	{"Content-Type", " text/plain; charset=utf-8"},
    }};

/* Fills the body up to so many octets with lines of 76 characters, which are all of base64's. */
static void add_lines(struct message *message, size_t up_to)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t column = 0; message->len < up_to; column++) {
		message->body[message->len] = alphabet[message->len * 7 % (sizeof alphabet - 1)];
		message->len++;
		if (column % 76 == 75 && message->len + 2 <= up_to) {
			memcpy(message->body + message->len, "\r\n", 2);
			message->len += 2;
		}
	}
}

static void add_text(struct message *message, const char *text)
{
	size_t len = strlen(text);

	memcpy(message->body + message->len, text, len);
	message->len += len;
}

bool message_make(struct message *message, const char *kind)
{
	static const char file[] = "\r\n--bound\r\nContent-Type: application/octet-stream\r\n"
				   "Content-Disposition: attachment; filename=\"film.mp4\"\r\n"
				   "Content-Transfer-Encoding: base64\r\n\r\n";
	static const char end[] = "\r\n--bound--\r\n";
	size_t i = 0;

	while (i < sizeof kinds / sizeof *kinds && strcmp(kinds[i].name, kind) != 0)
		i++;
	if (i == sizeof kinds / sizeof *kinds)
		return false;
	*message = blank;
	message->recipients = kinds[i].recipients;
	message->body = malloc(kinds[i].octets + sizeof file);
	if (!message->body)
		return false;
	if (kinds[i].octets == TEXT_OCTETS) {
		add_lines(message, TEXT_OCTETS);
		return true;
	}
	message->headers[MESSAGE_HEADERS - 1][1] = " multipart/mixed; boundary=bound";
	add_text(message, "--bound\r\n\r\n");
	add_lines(message, TEXT_OCTETS);
	add_text(message, file);
	add_lines(message, kinds[i].octets / 2);
	add_text(message, file);
	add_lines(message, kinds[i].octets - strlen(end));
	add_text(message, end);
	return true;
}
