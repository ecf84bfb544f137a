/* Who makes a change: whom the change log names. */
#include "db/cli/cli.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Root through sudo(8) is somebody; what the environment says of a user that is none is nothing. */
static const struct passwd *sudo_user(void)
{
	const char *name = getenv("SUDO_USER");

	return name && *name ? getpwnam(name) : NULL;
}

void who_am_i(char out[WHO_MAX])
{
	uid_t uid = getuid();
	const struct passwd *entry = uid == 0 ? sudo_user() : NULL;

	if (!entry)
		entry = getpwuid(uid);
	if (entry)
		snprintf(out, WHO_MAX, "%s", entry->pw_name);
	else
		snprintf(out, WHO_MAX, "uid %lu", (unsigned long)uid);
}
