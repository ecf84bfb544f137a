#include "db/cli/mta/mta.h"

#include <unistd.h>
static bool there_is(const char *directory)
{
	(void)directory;
	return access("/etc/mail/sendmail.cf", F_OK) == 0;
}
static int check(struct check *check, const char *directory)
{
	(void)check;
	(void)directory;
	return EX_UNAVAILABLE;
}
static int setup(struct cli *cli, const char *directory)
{
	(void)cli;
	(void)directory;
	return EX_UNAVAILABLE;
}
const struct mta_kind mta_sendmail = {"sendmail", there_is, check, setup};
