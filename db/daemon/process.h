/*
 * What a daemon sees to before it serves.
 */
#ifndef DB_DAEMON_PROCESS_H
#define DB_DAEMON_PROCESS_H

#include <stdbool.h>

/* Started without them, a socket would become one of the standard descriptors, and be lost. */
bool process_has_standard_descriptors(void);

/* As many descriptors as are allowed: a listener that runs out of them spins, or is deaf. */
void process_raise_descriptor_limit(void);

/* As it will be found from another directory, too. To be freed; null when memory ran out. */
char *process_absolute_path(const char *path);

#endif
