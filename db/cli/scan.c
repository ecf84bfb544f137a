/* What the gate sees in a message that is a file. */
#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/scan_show.h"
#include "policy/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536 /* octets that are read at once */

struct scan {
	const struct cli *cli;
	struct show show;

	/* With --account: where to ask, and the account's limits. */
	struct registry_reader *registry;
	struct limits limits;

	/* The file that is read. */
	char stranger[MAILBOX_KEY_MAX + 1]; /* the first address that is not granted, or "" */
	int code;                           /* of asking the registry */
	struct tally tally;
	unsigned char octets[CHUNK], crlf[2 * CHUNK];
};

/* ---- the message -------------------------------------------------------- */

/* As the daemon will ask; nothing more is asked once one address is found that is not granted. */
static void take_sender(void *arg, const char *field, const struct mailbox *mailbox)
{
	struct registry_answer found;
	struct registry_error error;
	struct patterns patterns;
	struct scan *scan = arg;

	show_address(&scan->show, field, mailbox->key);
	if (!scan->registry || scan->stranger[0] || scan->code != EX_OK)
		return;
	mailbox_patterns(mailbox, &patterns);
	if (registry_lookup(scan->registry, scan->cli->account, patterns.at, patterns.tagged,
	                    time(NULL), &found, &error) != REGISTRY_OK)
		scan->code = complain_registry(&error);
	else if (!(found.match < patterns.tagged))
		strcpy(scan->stranger, mailbox->key);
}

static void take_leaf(void *arg, const struct leaf *leaf)
{
	struct scan *scan = arg;

	show_leaf(&scan->show, leaf);
}

static void message_end(struct scan *scan)
{
	const struct message *message = tally_end(&scan->tally);
	/* All is known, as if no quota was used; of the senders not if the registry failed. */
	const struct facts facts = {
	    .known = FACT_ACCOUNT | FACT_MESSAGE_SIZE | FACT_HEADER | FACT_STRUCTURE | FACT_USAGE |
	             (scan->code == EX_OK ? FACT_SENDERS : 0),
	    .login = scan->cli->account,
	    .mechanism = "",
	    .registered = true,
	    .message = message,
	    .stranger = scan->stranger,
	};
	struct judgement judgement = {.account = scan->cli->account, .limits = &scan->limits};

	if (judgement.account)
		judge(AT_EOM, &facts, &scan->limits, &judgement.verdict);
	show_end(&scan->show, message, judgement.account ? &judgement : NULL);
}

/* ---- the file ----------------------------------------------------------- */

/* Files are not stored as they are sent: each bare LF becomes CRLF. Gives the octets of out. */
static size_t to_crlf(const unsigned char *octets, size_t len, bool *after_cr, unsigned char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (octets[i] == '\n' && !*after_cr)
			out[used++] = '\r';
		out[used++] = octets[i];
		*after_cr = octets[i] == '\r';
	}
	return used;
}

/* A descriptor, or -errno. */
static int open_file(const char *name)
{
	int fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_NOCTTY);

	return fd >= 0 ? fd : -errno;
}

static ssize_t read_chunk(struct scan *scan, int fd)
{
	ssize_t len;

	do
		len = read(fd, scan->octets, CHUNK);
	while (len < 0 && errno == EINTR);
	return len;
}

static int complain_file(int code, const char *name, int errnum)
{
	char quoted[SHOWN_MAX];

	return complain(code, "%s: %s", shown(quoted, name), strerror(errnum));
}

static int scan_file(struct scan *scan, const char *name, int fd)
{
	const struct tally_listener listener = {take_sender, take_leaf, scan};
	bool after_cr = false;
	ssize_t len;

	if (fd < 0)
		return complain_input(name, -fd);
	len = read_chunk(scan, fd);
	if (len < 0)
		return complain_file(errno == EIO ? EX_IOERR : EX_NOINPUT, name, errno);
	scan->stranger[0] = '\0';
	scan->code = EX_OK;
	show_begin(&scan->show, name);
	tally_begin(&scan->tally, &listener, true);
	for (; len > 0 && output_good(); len = read_chunk(scan, fd))
		tally_octets(&scan->tally, scan->crlf,
		             to_crlf(scan->octets, (size_t)len, &after_cr, scan->crlf));
	if (len < 0) {
		scan->code = complain_file(EX_IOERR, name, errno);
		show_cut(&scan->show);
	} else {
		message_end(scan);
	}
	return scan->code;
}

/* ---- the command -------------------------------------------------------- */

static int complain_profile(const struct config *config, const char *profile)
{
	char quoted[SHOWN_MAX];

	if (config)
		return complain(EX_CONFIG,
		                "the account's profile \"%s\" is not in the configuration: add it "
		                "there, or move the account to another",
		                shown(quoted, profile));
	return complain(EX_CONFIG,
	                "the account's profile is \"%s\", and with -d no configuration is read "
	                "that says its limits: leave -d out",
	                shown(quoted, profile));
}

/* Those of the profile, and the account's own over them. */
static int find_limits(struct scan *scan, const struct registry_answer *account)
{
	const struct config *config = scan->cli->config;
	const struct profile *profile = config ? config_profile(config, account->profile) : NULL;
	char quoted[SHOWN_MAX];

	if (profile)
		scan->limits = profile->limits;
	else if (!config && strcmp(account->profile, "default") == 0)
		limits_init(&scan->limits);
	else
		return complain_profile(config, account->profile);
	for (size_t i = 0; i < account->limit_count; i++)
		if (!limits_override(&scan->limits, account->limits[i].name,
		                     account->limits[i].value))
			return complain(EX_CONFIG,
			                "the account's own limit %s cannot be read: see `postreeve "
			                "account show'",
			                shown(quoted, account->limits[i].name));
	return EX_OK;
}

static int find_account(struct scan *scan)
{
	const struct cli *cli = scan->cli;
	struct registry_answer found;
	struct registry_error error;
	int code = become_owner(cli->database, cli->config ? cli->config->user : NULL);

	if (code != EX_OK)
		return code;
	scan->registry = registry_reader_new(cli->database);
	if (!scan->registry)
		return complain(EX_OSERR, "out of memory");
	if (registry_lookup(scan->registry, cli->account, NULL, 0, time(NULL), &found, &error) !=
	    REGISTRY_OK)
		return complain_registry(&error);
	if (!found.known)
		return complain(EX_DATAERR, "%s: no such account: see `postreeve account list'",
		                cli->account);
	return find_limits(scan, &found);
}

/* All of them at once: the owner of the registry, whom root becomes, might not be allowed to. */
static int *open_files(const struct cli *cli)
{
	int *fds = calloc(cli->arg_count, sizeof *fds);

	for (size_t i = 0; fds && i < cli->arg_count; i++)
		fds[i] = open_file(cli->args[i]);
	return fds;
}

/* fds is null if the files are not open yet. Gives the code of the first that made trouble. */
static int scan_files(struct scan *scan, const int *fds)
{
	const struct cli *cli = scan->cli;
	int first = EX_OK;

	for (size_t i = 0; i < cli->arg_count && output_good(); i++) {
		int fd = fds ? fds[i] : open_file(cli->args[i]);
		int code = scan_file(scan, cli->args[i], fd);

		if (first == EX_OK)
			first = code;
		if (fd >= 0)
			close(fd);
	}
	return first;
}

int scan_run(struct cli *cli)
{
	struct scan *scan = NULL;
	int *fds = NULL;
	int code = cli->account ? check_name(cli->account) : EX_OK;

	if (code != EX_OK)
		return code;
	scan = calloc(1, sizeof *scan);
	if (cli->account)
		fds = open_files(cli);
	if (!scan || (cli->account && !fds)) {
		code = complain(EX_OSERR, "out of memory");
		goto out;
	}
	scan->cli = cli;
	scan->show.json = cli->json;
	if (cli->account)
		code = find_account(scan);
	if (code == EX_OK)
		code = scan_files(scan, fds);
	registry_reader_free(scan->registry);
out:
	free(fds); /* what is still open in it, the end of the program closes */
	free(scan);
	return code;
}
