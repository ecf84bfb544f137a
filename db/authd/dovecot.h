/*
 * The server's side of the Dovecot authentication protocol, version 1, as Postfix speaks it: lines
 * of fields with a TAB between them. One connection's state, and no I/O: what is to be sent and
 * judged goes to its host.
 *
 *   > VERSION 1 0            < VERSION 1 2, MECH ..., SPID, CUID, COOKIE, DONE
 *   > CPID 4711
 *   > AUTH 1 PLAIN service=smtp rip=192.0.2.7 secured resp=AGFsaWNlAHNlY3JldA==
 *                            < OK 1 user=alice
 *   > AUTH 2 LOGIN service=smtp rip=192.0.2.7 secured
 *                            < CONT 2 VXNlcm5hbWU6
 *   > CONT 2 Ym9i            < CONT 2 UGFzc3dvcmQ6
 *   > CONT 2 c2VjcmV0        < FAIL 2 user=bob
 */
#ifndef DB_AUTHD_DOVECOT_H
#define DB_AUTHD_DOVECOT_H

#include "db/authd/attempt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOVECOT_LINE_MAX   16384 /* octets, '\n' and all */
#define DOVECOT_COOKIE_LEN 32    /* hexadecimal digits */

struct dovecot_host {
	void (*send)(void *arg, const char *text, size_t len);
	/* The attempt is to be judged, unless it is refused already. False: no more fit in. */
	bool (*judge)(void *arg, uint32_t id, const struct attempt *attempt);
	bool (*without_tls)(void *arg); /* passwords may come in the clear */
};

enum dovecot_phase {
	DOVECOT_VERSION, /* the next line must be this */
	DOVECOT_CPID,
	DOVECOT_IDLE,
	DOVECOT_PLAIN, /* or this dialogue goes on, with CONT */
	DOVECOT_LOGIN_NAME,
	DOVECOT_LOGIN_PASSWORD,
};

struct dovecot {
	const struct dovecot_host *host;
	void *arg;
	enum dovecot_phase phase;
	uint32_t id;             /* of the last AUTH */
	struct attempt *attempt; /* while a dialogue goes on */
};

/* Sends the handshake. cookie: hexadecimal digits of randomness. */
void dovecot_begin(struct dovecot *dovecot, const struct dovecot_host *host, void *arg,
                   unsigned long pid, uint64_t connection, const char *cookie);
void dovecot_end(struct dovecot *dovecot);

/* A line without its '\n'. False if the connection is to be closed: this is not the protocol. */
bool dovecot_line(struct dovecot *dovecot, const char *line, size_t len);

/* The answer to one that was judged, login or refused; gives its length. */
#define DOVECOT_ANSWER_MAX (ACCOUNT_NAME_MAX + 64)
size_t dovecot_answer(char out[DOVECOT_ANSWER_MAX], uint32_t id, const struct attempt *attempt);

#endif
