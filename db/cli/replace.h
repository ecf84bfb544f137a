/*
 * Output to a file that is there as a whole or as it was before.
 */
#ifndef DB_CLI_REPLACE_H
#define DB_CLI_REPLACE_H

#include "db/cli/cli.h"

/*
 * What write() prints on standard output, to a new file that then takes the place of this one. It
 * runs in a process of its own, in which root can become somebody else: this one stays who it is,
 * and may do in the file's directory what its caller may.
 */
int replace_file(const char *file, int (*write)(struct cli *cli), struct cli *cli);

/* Whether the name of a file is on the disk, which it is when its directory is. */
bool sync_directory(const char *file);

#endif
