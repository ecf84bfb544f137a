/* A copy of the registry in a file. */
#include "config.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The file's octets, to standard output: 0, or an errno value. */
static int print_file(const char *path)
{
	char octets[1 << 14];
	int fd = open(path, O_RDONLY | O_CLOEXEC), errnum;
	ssize_t n;

	if (fd < 0)
		return errno;
	while ((n = read(fd, octets, sizeof octets)) > 0 && output_good())
		fwrite(octets, 1, (size_t)n, stdout);
	errnum = n < 0 ? errno : 0;
	close(fd);
	return errnum;
}

static char path[PATH_MAX]; /* of the copy */

static void on_signal(int number)
{
	unlink(path);
	signal(number, SIG_DFL);
	raise(number);
}

/* Who ends the program shall find no copy left behind. */
static void catch_signals(void)
{
	static const int ending[] = {SIGHUP, SIGINT, SIGTERM};

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (signal(ending[i], on_signal) == SIG_IGN)
			signal(ending[i], SIG_IGN);
}

/*
 * SQLite writes the copy as the owner of the registry, who may not write where it is to be: so it
 * is made beside the registry, and goes from there.
 */
static int write_backup(struct cli *cli)
{
	struct registry_error error;
	int fd, errnum, code = cli_open(cli);

	if (code != EX_OK)
		return code;
	if (snprintf(path, sizeof path, "%s.backup.XXXXXX", cli->database) >= (int)sizeof path)
		return complain(EX_CONFIG, "the database's name is too long");
	catch_signals();
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return complain(errno == EACCES ? EX_NOPERM : EX_CANTCREAT, "%s: %s", path,
		                strerror(errno));
	close(fd);
	if (registry_backup(cli->registry, path, &error) != REGISTRY_OK)
		code = complain_registry(&error);
	else if ((errnum = print_file(path)) != 0)
		code = complain(EX_IOERR, "%s: %s", path, strerror(errnum));
	unlink(path);
	return code;
}

int backup_run(struct cli *cli)
{
	const char *file = cli->args[0];
	int code = replace_file(file, write_backup, cli);

	if (code != EX_OK)
		return code;
	if (cli->json)
		print_json(json_pack("{s:o}", "file", json_text(file)));
	else
		say("%s: the registry is in it", file);
	return EX_OK;
}
