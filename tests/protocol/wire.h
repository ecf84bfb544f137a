/*
 * Octets and packets beneath mta.h: what mta.c and wire.c share.
 */
#ifndef TESTS_PROTOCOL_WIRE_H
#define TESTS_PROTOCOL_WIRE_H

#include "tests/protocol/mta.h"

/* Notes what went wrong; gives MTA_ERROR. detail may be "". */
enum mta_status wire_fail(struct mta *mta, const char *what, const char *detail);

/* Reads one packet: its letter, and its data with a '\0' after it into mta->reply. */
enum mta_status wire_receive(struct mta *mta, char *code, size_t *len);

#endif
