/* Held true of networks and limits, for fuzz_address.c. */
#ifndef TESTS_FUZZ_CHECK_LIMITS_H
#define TESTS_FUZZ_CHECK_LIMITS_H

void check_network(const char *text);

/*
 * As the bound of each rule that has one; and, split at spaces, as the list of each that has one.
 */
void check_limits(const char *text);

#endif
