/*
 * The MTA's side of the milter protocol, as Postfix 3.7 speaks it: what it offers, which macros go
 * before which event, what it leaves out when it was asked to, how it buffers. No libmilter in it,
 * so that the two check each other.
 *
 * Nothing is truncated: what does not fit a bound is MTA_ERROR.
 */
#ifndef TESTS_PROTOCOL_MTA_H
#define TESTS_PROTOCOL_MTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MTA_BODY_CHUNK 65535   /* octets of a body packet (Postfix: MILTER_CHUNK_SIZE) */
#define MTA_REPLY_MAX  65535   /* octets of a packet that a milter may send */
#define MTA_PACKET_MAX 1048576 /* octets of a packet that we send; more than any milter takes */
#define MTA_MACRO_MAX  32      /* macros that have a value at the same time */
#define MTA_ERROR_MAX  256

/* Milter protocol, version 6: SMFIP_*, what the MTA can leave out or the milter will not answer. */
#define MTA_P_NOCONNECT   (UINT32_C(1) << 0)
#define MTA_P_NOHELO      (UINT32_C(1) << 1)
#define MTA_P_NOMAIL      (UINT32_C(1) << 2)
#define MTA_P_NORCPT      (UINT32_C(1) << 3)
#define MTA_P_NOBODY      (UINT32_C(1) << 4)
#define MTA_P_NOHDRS      (UINT32_C(1) << 5)
#define MTA_P_NOEOH       (UINT32_C(1) << 6)
#define MTA_P_NR_HDR      (UINT32_C(1) << 7)
#define MTA_P_NODATA      (UINT32_C(1) << 9)
#define MTA_P_NR_CONN     (UINT32_C(1) << 12)
#define MTA_P_NR_HELO     (UINT32_C(1) << 13)
#define MTA_P_NR_MAIL     (UINT32_C(1) << 14)
#define MTA_P_NR_RCPT     (UINT32_C(1) << 15)
#define MTA_P_NR_DATA     (UINT32_C(1) << 16)
#define MTA_P_NR_EOH      (UINT32_C(1) << 18)
#define MTA_P_NR_BODY     (UINT32_C(1) << 19)
#define MTA_P_HDR_LEADSPC (UINT32_C(1) << 20)

enum mta_status {
	MTA_OK,
	MTA_CLOSED,  /* the milter closed the connection */
	MTA_TIMEOUT, /* no answer in time */
	MTA_ERROR,   /* the milter broke the protocol, or a system call failed: see error */
};

/* The stages that have macros of their own, numbered as SMFIM_* are. */
enum mta_stage {
	MTA_CONNECT,
	MTA_HELO,
	MTA_MAIL,
	MTA_RCPT,
	MTA_DATA,
	MTA_EOM,
	MTA_EOH,
	MTA_STAGES,
};

/* What is said in, or agreed by, option negotiation. */
struct mta_options {
	uint32_t version, actions, protocol;
};

extern const struct mta_options mta_postfix; /* what Postfix 3.7 offers */

struct mta_reply {
	char code;        /* the letter of the answer (SMFIR_*); '\0' where none is due */
	const char *text; /* of code 'y': the SMTP reply; else "". Borrowed until the next event */
};

struct mta_macro {
	char *name;  /* with its braces */
	char *value; /* null when unset */
	bool given;  /* by the caller, so not to be derived here */
};

struct mta {
	int fd; /* -1 while there is no connection */
	struct mta_options options;
	char *asked[MTA_STAGES]; /* macros that the milter asked for (SETSYMLIST), or null */
	bool macros_off;         /* send no macro packets at all, which Postfix never does */
	size_t chunk;            /* octets of a body packet, 1 to MTA_BODY_CHUNK */
	unsigned packets;        /* sent since mta_open() */
	unsigned round_trips;    /* answers waited for since mta_open() */
	char error[MTA_ERROR_MAX];

	/* private */
	struct mta_macro macro[MTA_MACRO_MAX];
	unsigned queue_number;
	bool queued;  /* the transaction has a queue ID */
	char skipped; /* the event that the milter wants no more of (SMFIR_SKIP) */
	int timeout;  /* milliseconds */
	unsigned char *out;
	size_t out_len, out_max;
	unsigned char *body;
	size_t body_len;
	unsigned char reply[MTA_REPLY_MAX + 1];
};

/*
 * Null if memory ran out. Macros are as in Postfix for a client at port 587 without AUTH and TLS.
 */
struct mta *mta_new(int timeout_ms);
void mta_free(struct mta *mta); /* takes null */

/* Sets a macro, named with or without braces; a null value unsets it. False if there is no room. */
bool mta_macro(struct mta *mta, const char *name, const char *value);

/* address is "local:/path", "unix:/path", "inet:port@host" or "inet6:port@host". */
enum mta_status mta_open(struct mta *mta, const char *address);
enum mta_status mta_negotiate(struct mta *mta, const struct mta_options *offer);

/*
 * The events. Each sends what was agreed on, preceded by its macros, and waits for an answer if one
 * is due. argv ends with null.
 */
enum mta_status mta_connect(struct mta *mta, const char *host, const char *ip, unsigned port,
                            struct mta_reply *reply);
enum mta_status mta_helo(struct mta *mta, const char *name, struct mta_reply *reply);
enum mta_status mta_mail(struct mta *mta, const char *const *argv, struct mta_reply *reply);
enum mta_status mta_rcpt(struct mta *mta, const char *const *argv, struct mta_reply *reply);
enum mta_status mta_data(struct mta *mta, struct mta_reply *reply);
/* value begins behind the colon: usually with a space. */
enum mta_status mta_header(struct mta *mta, const char *name, const char *value,
                           struct mta_reply *reply);
enum mta_status mta_eoh(struct mta *mta, struct mta_reply *reply);
/* Collects octets into packets of mta->chunk; *reply is for the last packet that went out. */
enum mta_status mta_body(struct mta *mta, const void *data, size_t len, struct mta_reply *reply);
enum mta_status mta_eom(struct mta *mta, struct mta_reply *reply);

/* No answer is due to these. Postfix aborts after every message, also an accepted one. */
enum mta_status mta_abort(struct mta *mta);
enum mta_status mta_quit(struct mta *mta);

/* Any packet and any octets, for hostile peers. */
enum mta_status mta_packet(struct mta *mta, char command, const void *data, size_t len);
enum mta_status mta_raw(struct mta *mta, const void *data, size_t len);
/* What Postfix does before it reads, and before it hands the socket to cleanup. */
enum mta_status mta_flush(struct mta *mta);

/*
 * Closes our half and waits until the milter has closed its own: libmilter has then called
 * xxfi_close. What the milter still sent is thrown away. MTA_OK also if nothing was open.
 */
enum mta_status mta_close(struct mta *mta);

#endif
