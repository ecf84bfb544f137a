#include "config.h"

#include "db/cli/replace.h"

#include "db/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int complain_file(int code, const char *file, const char *problem)
{
	char quoted[SHOWN_MAX];

	return complain(code, "%s: %s", shown(quoted, file), problem);
}

/* A device or link shall not be replaced by a file. */
static int check_file(const char *file)
{
	struct stat st;

	if (lstat(file, &st) != 0 || S_ISREG(st.st_mode))
		return EX_OK;
	return complain_file(EX_CANTCREAT, file,
	                     "is not a regular file: give another, or none for standard output");
}

/* The child's whole life. It shares no output with its parent, who has printed nothing yet. */
static void run(int fd, int (*write)(struct cli *cli), struct cli *cli)
{
	int code;

	if (dup2(fd, STDOUT_FILENO) < 0)
		_exit(complain(EX_OSERR, "cannot write: %s", strerror(errno)));
	close(fd);
	code = write(cli);
	registry_close(cli->registry);
	_exit(output_end(code));
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return complain(EX_OSERR, "cannot wait: %s", strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return complain(EX_OSERR, "interrupted: nothing is written");
}

bool sync_directory(const char *file)
{
	char directory[PATH_MAX];
	int fd = directory_of(file, directory) == EX_OK
	             ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
	             : -1;
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

int replace_file(const char *file, int (*write)(struct cli *cli), struct cli *cli)
{
	char temporary[PATH_MAX];
	int fd, code = check_file(file);
	void (*interrupt)(int);
	pid_t child;

	if (code != EX_OK)
		return code;
	if (!*file ||
	    snprintf(temporary, sizeof temporary, "%s.XXXXXX", file) >= (int)sizeof temporary)
		return complain_file(EX_USAGE, file, "cannot be a file's name");
	/* Who interrupts the child gives this one the time to clean up. */
	interrupt = signal(SIGINT, SIG_IGN);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return complain_file(EX_CANTCREAT, file, strerror(errno));
	child = fork();
	if (child == 0) {
		signal(SIGINT, interrupt);
		run(fd, write, cli);
	}
	code = child > 0 ? wait_for(child) : complain_file(EX_OSERR, file, strerror(errno));
	if (code == EX_OK && (fsync(fd) != 0 || rename(temporary, file) != 0))
		code = complain_file(EX_IOERR, file, strerror(errno));
	if (code != EX_OK)
		unlink(temporary);
	else if (!sync_directory(file))
		code = complain_file(EX_IOERR, file, "it may not outlive a loss of power");
	close(fd);
	return code;
}
