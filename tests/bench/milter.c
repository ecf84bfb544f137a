/*
 * Two milters to measure against. Neither looks at anything.
 *   null    answers every event with "continue"
 *   floor   answers MAIL, RCPT and end of message alone, and DATA on a TCP socket: what a policy
 *           milter cannot do without
 */
#include "config.h"

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Set once, before smfi_main(). */
static bool answer_everything, answer_data;

static sfsistat pass(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat pass_unless_floor(void)
{
	return answer_everything ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)host;
	(void)address;
	return pass_unless_floor();
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return pass_unless_floor();
}

static sfsistat on_path(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat on_data(SMFICTX *ctx)
{
	(void)ctx;
	return answer_data ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return pass_unless_floor();
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return pass_unless_floor();
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *body, size_t len)
{
	(void)ctx;
	(void)body;
	(void)len;
	return pass_unless_floor();
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long protocol,
                             unsigned long unused2, unsigned long unused3,
                             unsigned long *want_actions, unsigned long *want_protocol,
                             unsigned long *want2, unsigned long *want3)
{
	unsigned long want = SMFIP_NOUNKNOWN;
	(void)ctx;
	(void)actions;
	(void)unused2;
	(void)unused3;
	if (!answer_everything)
		want |= SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;
	if (!answer_data)
		want |= SMFIP_NR_DATA;
	*want_actions = 0;
	*want_protocol = want & protocol;
	*want2 = *want3 = 0;
	return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
	char name[] = "bench";
	struct smfiDesc milter = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_path,
	    .xxfi_envrcpt = on_path,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_body = on_body,
	    .xxfi_eom = pass,
	    .xxfi_abort = pass,
	    .xxfi_close = pass,
	    .xxfi_data = on_data,
	    .xxfi_negotiate = on_negotiate,
	};
	if (argc != 3 || (strcmp(argv[1], "null") != 0 && strcmp(argv[1], "floor") != 0)) {
		fprintf(stderr, "usage: milter null|floor SOCKET\n");
		return 64;
	}
	answer_everything = strcmp(argv[1], "null") == 0;
	answer_data = answer_everything || strncmp(argv[2], "inet", 4) == 0;
	if (smfi_register(milter) != MI_SUCCESS || smfi_setconn(argv[2]) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS) {
		fprintf(stderr, "milter: cannot listen on %s\n", argv[2]);
		return 69;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
