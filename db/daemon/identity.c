#include "config.h"

#include "db/daemon/identity.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

int identity_find(const char *program, const char *key, const char *user, struct identity *out)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry) {
		fprintf(stderr,
		        "%s: there is no user '%s': make it, or set `%s' in the configuration\n",
		        program, user, key);
		return EX_CONFIG;
	}
	if (entry->pw_uid == 0) {
		fprintf(stderr,
		        "%s: will not serve as root: set `%s' in the configuration to another\n",
		        program, key);
		return EX_CONFIG;
	}
	if (geteuid() != 0 && geteuid() != entry->pw_uid) {
		fprintf(stderr, "%s: start it as root or as the user '%s'\n", program, user);
		return EX_NOPERM;
	}
	*out = (struct identity){entry->pw_uid, entry->pw_gid, user};
	return EX_OK;
}

bool identity_become(const struct identity *identity)
{
	uid_t real, effective, saved;

	if (geteuid() == 0 && (initgroups(identity->name, identity->gid) != 0 ||
	                       setgid(identity->gid) != 0 || setuid(identity->uid) != 0))
		return false;
	return getresuid(&real, &effective, &saved) == 0 && real == identity->uid &&
	       effective == identity->uid && saved == identity->uid && setuid(0) != 0;
}
