#include "config.h"

#include "db/daemon/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool process_has_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void process_raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

char *process_absolute_path(const char *path)
{
	char *directory = path[0] == '/' ? strdup("") : getcwd(NULL, 0), *out = NULL;

	if (directory && asprintf(&out, "%s%s%s", directory, directory[0] ? "/" : "", path) < 0)
		out = NULL;
	free(directory);
	return out;
}
