/*
 * Clients that mean no good, or are broken: what they send is no milter protocol, or stops in the
 * middle of it. Nothing is expected of the milter but that it goes on serving others.
 */
#ifndef TESTS_SOAK_HOSTILE_H
#define TESTS_SOAK_HOSTILE_H

/* One of them, on a connection of its own: turn says which. False if the milter did not take it. */
bool hostile_visit(const char *socket, unsigned turn);

#endif
