#include "config.h"

#include "db/cli/vault.h"

#include "db/cli/output.h"
#include "db/passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum what {
	SET,
	SET_DISABLED,
	DISABLE,
	ENABLE,
	DELETE,
	FIND,
	NEXT,
	CHECK
};

struct request {
	enum what what;
	char account[REGISTRY_ACCOUNT_MAX + 1];
	char hash[PASSWORD_HASH_MAX];
};

struct answer {
	int code; /* to the opening alone: unless EX_OK, it was complained of already */
	enum registry_status status;
	struct registry_error error;
	struct vault_row row;
};

struct vault {
	int fd;
	pid_t child;
};

/* ---- the child ---------------------------------------------------------- */

static bool take_row(const struct password_row *row, void *arg)
{
	struct vault_row *out = arg;

	snprintf(out->account, sizeof out->account, "%s", row->account);
	out->good = hash_is_good(row->hash);
	out->disabled = row->disabled;
	out->changed = row->changed;
	return false;
}

static bool take_problem(const char *problem, void *arg)
{
	struct registry_error *error = arg;

	error->status = REGISTRY_BAD;
	snprintf(error->text, sizeof error->text, "%s", problem);
	return false;
}

/* An account's name is never empty: an empty one is what no row was found for. */
static enum registry_status found(enum registry_status status, struct answer *answer)
{
	if (status != REGISTRY_OK || answer->row.account[0])
		return status;
	answer->error.status = REGISTRY_NOT_FOUND;
	strcpy(answer->error.text, "there is no password");
	return REGISTRY_NOT_FOUND;
}

static enum registry_status check(struct passwords *passwords, struct registry_error *error)
{
	struct registry_error problem = {.status = REGISTRY_OK};
	enum registry_status status = passwords_check(passwords, take_problem, &problem, error);

	if (status != REGISTRY_OK || problem.status == REGISTRY_OK)
		return status;
	*error = problem;
	return problem.status;
}

static enum registry_status serve(struct passwords *passwords, const struct request *request,
                                  struct answer *answer)
{
	const char *account = request->account;
	struct registry_error *error = &answer->error;

	switch (request->what) {
	case SET:
		return passwords_set(passwords, account, request->hash, time(NULL), error);
	case SET_DISABLED:
		return passwords_set_disabled(passwords, account, request->hash, time(NULL), error);
	case DISABLE:
	case ENABLE:
		return passwords_disable(passwords, account, request->what == DISABLE, error);
	case DELETE:
		return passwords_delete(passwords, account, error);
	case FIND:
		return found(passwords_walk(passwords, account, take_row, &answer->row, error),
		             answer);
	case NEXT:
		return found(
		    passwords_walk_behind(passwords, account, take_row, &answer->row, error),
		    answer);
	case CHECK:
		return check(passwords, error);
	}
	return REGISTRY_IO;
}

/* Its own complaints are not wanted where nothing is to be said. */
static void be_quiet(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

static void run_child(const struct cli *cli, enum vault_need need, int fd)
{
	const struct config *config = cli->config;
	struct passwords *passwords = NULL;
	struct answer answer = {.status = REGISTRY_OK};
	struct request request;

	if (need == VAULT_SEEN)
		be_quiet();
	answer.code = become_owner(config->auth_database, config->auth_user);
	if (answer.code == EX_OK)
		answer.status = passwords_open(
		    config->auth_database,
		    need == VAULT_SEEN || need == VAULT_CHECKED ? PASSWORDS_READ : PASSWORDS_WRITE,
		    REGISTRY_WAIT_MS, &passwords, &answer.error);
	while (send(fd, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer && passwords &&
	       recv(fd, &request, sizeof request, 0) == sizeof request) {
		memset(&answer, 0, sizeof answer);
		answer.status = serve(passwords, &request, &answer);
	}
	explicit_bzero(&request, sizeof request);
	passwords_close(passwords);
}

/* ---- the program -------------------------------------------------------- */

enum reach {
	ABSENT,
	REACHABLE,
	FORBIDDEN
};

/* Only root and the owner can tell what is in the directory. */
static enum reach reach(const char *database)
{
	char directory[PATH_MAX];
	struct stat st;

	if (directory_of(database, directory) != EX_OK)
		return FORBIDDEN;
	if (stat(directory, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? ABSENT : FORBIDDEN;
	if (geteuid() != 0 && st.st_uid != geteuid())
		return FORBIDDEN;
	if (lstat(database, &st) != 0)
		return errno == ENOENT ? ABSENT : FORBIDDEN;
	return REACHABLE;
}

bool vault_exists(const struct cli *cli)
{
	return cli->config && reach(cli->config->auth_database) == REACHABLE;
}

bool vault_missing(const struct cli *cli)
{
	return cli->config && reach(cli->config->auth_database) == ABSENT;
}

static int start(struct cli *cli, enum vault_need need, struct vault *vault)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return complain(EX_OSERR, "cannot make a socket: %s", strerror(errno));
	/* Where standard input is closed, that is no place for it: it would be read. */
	for (int i = 0; i < 2; i++) {
		int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		close(ends[i]);
		ends[i] = fd;
	}
	if (ends[0] < 0 || ends[1] < 0)
		return complain(EX_OSERR, "cannot make a socket: %s", strerror(errno));
	fflush(NULL); /* or the child could write it, too */
	vault->child = fork();
	if (vault->child == 0) {
		close(ends[0]);
		run_child(cli, need, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	vault->fd = ends[0];
	if (vault->child > 0)
		return EX_OK;
	close(vault->fd);
	return complain(EX_OSERR, "cannot start another process: %s", strerror(errno));
}

static enum registry_status receive(struct vault *vault, struct answer *answer,
                                    struct registry_error *error)
{
	ssize_t n;

	do
		n = recv(vault->fd, answer, sizeof *answer, 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof *answer) {
		answer->code = EX_OK;
		answer->status = error->status = REGISTRY_IO;
		strcpy(error->text, "who had the file of passwords open has ended: try again");
		return REGISTRY_IO;
	}
	*error = answer->error;
	return answer->status;
}

int vault_open(struct cli *cli, enum vault_need need, struct registry_error *error)
{
	enum reach there = cli->config ? reach(cli->config->auth_database) : ABSENT;
	struct registry_error own;
	enum registry_status status;
	struct answer answer;
	struct vault *vault;
	int code;

	if (error)
		error->status = REGISTRY_OK;
	if (!cli->config || (need != VAULT_MADE && there == ABSENT) ||
	    (need == VAULT_SEEN && there == FORBIDDEN))
		return EX_OK;
	vault = malloc(sizeof *vault);
	if (!vault)
		return complain(EX_OSERR, "out of memory");
	code = start(cli, need, vault);
	if (code != EX_OK) {
		free(vault);
		return code;
	}
	status = receive(vault, &answer, &own);
	if (answer.code == EX_OK && status == REGISTRY_OK) {
		cli->vault = vault;
		return EX_OK;
	}
	vault_close(vault);
	if (need == VAULT_SEEN)
		return EX_OK;
	if (answer.code != EX_OK || !error)
		return answer.code != EX_OK ? answer.code : complain_registry(&own);
	*error = own;
	return EX_OK;
}

void vault_close(struct vault *vault)
{
	if (!vault)
		return;
	close(vault->fd);
	while (waitpid(vault->child, NULL, 0) < 0 && errno == EINTR)
		;
	free(vault);
}

static enum registry_status ask(struct vault *vault, enum what what, const char *account,
                                const char *hash, struct vault_row *out,
                                struct registry_error *error)
{
	struct request request = {.what = what};
	struct answer answer;
	enum registry_status status;

	snprintf(request.account, sizeof request.account, "%s", account);
	snprintf(request.hash, sizeof request.hash, "%s", hash);
	/* If it has ended, there is no answer either. */
	send(vault->fd, &request, sizeof request, MSG_NOSIGNAL);
	explicit_bzero(&request, sizeof request);
	status = receive(vault, &answer, error);
	if (status == REGISTRY_OK && out)
		*out = answer.row;
	return status;
}

enum registry_status vault_set(struct vault *vault, const char *account, const char *hash,
                               bool disabled, struct registry_error *error)
{
	return ask(vault, disabled ? SET_DISABLED : SET, account, hash, NULL, error);
}

enum registry_status vault_disable(struct vault *vault, const char *account, bool disabled,
                                   struct registry_error *error)
{
	return ask(vault, disabled ? DISABLE : ENABLE, account, "", NULL, error);
}

enum registry_status vault_delete(struct vault *vault, const char *account,
                                  struct registry_error *error)
{
	return ask(vault, DELETE, account, "", NULL, error);
}

enum registry_status vault_find(struct vault *vault, const char *account, struct vault_row *out,
                                struct registry_error *error)
{
	return ask(vault, FIND, account, "", out, error);
}

enum registry_status vault_next(struct vault *vault, const char *account, struct vault_row *out,
                                struct registry_error *error)
{
	return ask(vault, NEXT, account, "", out, error);
}

enum registry_status vault_check(struct vault *vault, struct registry_error *error)
{
	return ask(vault, CHECK, "", "", NULL, error);
}
