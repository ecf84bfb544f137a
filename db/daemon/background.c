#include "db/daemon/background.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

bool background_enter(int *ready)
{
	int ends[2], status = EX_OSERR;
	pid_t child;
	char octet;

	if (pipe(ends) != 0)
		return false;
	child = fork();
	if (child < 0)
		return false;
	if (child > 0) {
		close(ends[1]);
		if (read(ends[0], &octet, 1) == 1)
			status = octet;
		_exit(status);
	}
	close(ends[0]);
	*ready = ends[1];
	return setsid() >= 0 && chdir("/") == 0;
}

bool background_answer(int *ready, int status)
{
	char octet = (char)status;
	bool ok;

	if (*ready < 0)
		return true;
	ok = write(*ready, &octet, 1) == 1;
	close(*ready);
	*ready = -1;
	return ok;
}

void background_detach(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}
