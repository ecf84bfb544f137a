/*
 * `postreeve setup sendmail': the settings that are shipped become a file beside sendmail.mc, which
 * includes it; sendmail.cf is made anew, and what `check mta' still finds is left to be done by hand.
 */
#include "config.h"

#include "db/cli/mta/amend.h"
#include "db/cli/mta/sendmail_check.h"
#include "db/cli/mta/sendmail_mc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct setup {
	struct cli *cli;
	char directory[PATH_MAX], mc[PATH_MAX], included[PATH_MAX], cf[PATH_MAX];
	char rebuild[3 * PATH_MAX]; /* the command */
	bool has_makefile;
	char *old_mc, *new_mc, *new_included;
	bool changes_mc, changes_included;
	bool left; /* something is, to be done by hand */
	struct array array;
};

/* ---- what is said --------------------------------------------------------- */

static void comment(const struct setup *setup, const char *text)
{
	if (!setup->cli->json)
		say("# %s", text);
}

static void tell_line(void *arg, const char *what, const char *line)
{
	struct setup *setup = arg;
	char text[SENDMAIL_MEND_MAX];

	snprintf(text, sizeof text, "%s: %s", what, line);
	mta_print_step(setup->cli, &setup->array, "sendmail.mc", text, NULL, false);
}

static void print_left(struct check *check, const char *text, const char *mend)
{
	struct setup *setup = check->arg;

	if (!setup->left)
		comment(setup, "Left to be done by hand:");
	setup->left = true;
	mta_print_step(setup->cli, &setup->array, check->name, text, mend, true);
}

/* ---- what is to be done --------------------------------------------------- */

static int find_files(struct setup *setup, const char *directory)
{
	char path[PATH_MAX];

	if (!realpath(directory, setup->directory))
		return complain(EX_NOINPUT, "%s: %s", directory, strerror(errno));
	if (strpbrk(setup->directory, "'`\\") || strpbrk(setup->cli->config->socket, "'`,"))
		return complain(EX_CONFIG,
		                "m4 and the shell take no quotation marks in names: %s, %s",
		                setup->directory, setup->cli->config->socket);
	if (!sendmail_path(setup->directory, "sendmail.mc", setup->mc) ||
	    !sendmail_path(setup->directory, "sendmail.cf", setup->cf) ||
	    !sendmail_path(setup->directory, "postreeve.m4", setup->included) ||
	    !sendmail_path(setup->directory, "Makefile", path))
		return complain(EX_USAGE, "the name of the directory is too long");
	setup->has_makefile = access(path, F_OK) == 0;
	if (setup->has_makefile)
		snprintf(setup->rebuild, sizeof setup->rebuild, "make -C '%s'", setup->directory);
	else
		snprintf(setup->rebuild, sizeof setup->rebuild, "m4 '%s' >'%s'", setup->mc,
		         setup->cf);
	return EX_OK;
}

static bool differs(const char *path, const char *text)
{
	char *old = amend_read(path);
	bool same = old && strcmp(old, text) == 0;

	free(old);
	return !same;
}

static int read_mc(struct setup *setup)
{
	setup->old_mc = amend_read(setup->mc);
	if (!setup->old_mc && errno == ENOENT)
		return complain(
		    EX_NOINPUT,
		    "there is no %s: name the directory of the sendmail.mc from which "
		    "sendmail.cf is made, or put what `check mta sendmail' says into it",
		    setup->mc);
	if (!setup->old_mc)
		return amend_unread(setup->mc);
	setup->new_mc = mc_amended(setup->old_mc, setup->included, NULL);
	setup->new_included = mc_included(setup->cli->config, setup->old_mc);
	if (!setup->new_mc || !setup->new_included)
		return complain(EX_OSERR, "out of memory");
	setup->changes_mc = strcmp(setup->old_mc, setup->new_mc) != 0;
	setup->changes_included = differs(setup->included, setup->new_included);
	return EX_OK;
}

/* What m4 makes something of. */
static void print_included(struct setup *setup)
{
	const char *line = setup->new_included;
	char text[128];

	snprintf(text, sizeof text,
	         "%s: the gate on port 587, open to all addresses, and what clients are promised",
	         access(setup->included, F_OK) == 0 ? "made anew" : "made");
	mta_print_step(setup->cli, &setup->array, "postreeve.m4", text, NULL, false);
	while (!setup->cli->json && *line) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, "dnl", 3) != 0)
			say("#   %.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static int print(struct setup *setup)
{
	const struct mc_told told = {tell_line, setup};
	char text[PATH_MAX + 128];

	if (!setup->changes_mc && !setup->changes_included) {
		snprintf(text, sizeof text, "%s: nothing to change.", setup->directory);
		comment(setup, text);
		return EX_OK;
	}
	snprintf(text, sizeof text,
	         setup->cli->apply ? "%s is changed so:"
	                           : "Nothing has been changed. In %s, --apply "
	                             "would do this:",
	         setup->directory);
	comment(setup, text);
	if (setup->changes_included)
		print_included(setup);
	if (setup->changes_mc) {
		char *again = mc_amended(setup->old_mc, setup->included, &told);

		if (!again)
			return complain(EX_OSERR, "out of memory");
		free(again);
	}
	mta_print_step(setup->cli, &setup->array, "sendmail.cf", "made anew from these",
	               setup->rebuild, false);
	return EX_OK;
}

/* ---- doing it ------------------------------------------------------------- */

/* make(1) sees that sendmail.mc has changed, and may not know what that includes. */
static int write_files(const struct setup *setup)
{
	bool tell = !setup->cli->json;
	int code = amend_file(setup->included, setup->new_included, tell);

	if (code == EX_OK)
		code = amend_file(setup->mc, setup->new_mc, tell);
	if (code == EX_OK && utimensat(AT_FDCWD, setup->mc, NULL, 0) != 0)
		code = complain(EX_IOERR, "%s: %s", setup->mc, strerror(errno));
	return code;
}

/* What it makes is for everybody to read, and what it writes is no part of what we say. */
static int rebuild(const struct setup *setup)
{
	char command[sizeof setup->rebuild + 32];

	if (!setup->has_makefile)
		return EX_OK;
	snprintf(command, sizeof command, "umask 022; %s >&2", setup->rebuild);
	fflush(stdout);
	if (system(command) == 0)
		return EX_OK;
	return complain(EX_SOFTWARE, "`%s' failed, and sendmail.cf is not made anew: see above",
	                setup->rebuild);
}

static int check_left(struct setup *setup)
{
	struct check check = {.cli = setup->cli, .found = print_left, .arg = setup};
	struct sendmail *cf = sendmail_read(setup->cf);

	if (!cf)
		return amend_unread(setup->cf);
	sendmail_check_all(
	    &(struct sendmail_side){&check, cf, setup->cli->config, setup->directory});
	sendmail_free(cf);
	return EX_OK;
}

static int apply(struct setup *setup)
{
	bool changes = setup->changes_mc || setup->changes_included;
	int code = EX_OK;

	if (changes) {
		code = write_files(setup);
		if (code == EX_OK)
			code = rebuild(setup);
	}
	if (code != EX_OK)
		return code;
	if (changes && !setup->has_makefile)
		comment(setup,
		        "There is no Makefile: make sendmail.cf anew, as above or as you do; "
		        "`postreeve check mta sendmail' then says what is left.");
	else
		code = check_left(setup);
	if (changes)
		comment(setup, "Then restart Sendmail: systemctl restart sendmail");
	return code;
}

static int go_on(struct setup *setup)
{
	if (setup->cli->apply)
		return apply(setup);
	if (!setup->changes_mc && !setup->changes_included)
		return check_left(setup);
	comment(setup, "Then restart Sendmail: systemctl restart sendmail. What is left to be done "
	               "by hand, is told then.");
	return EX_OK;
}

static int set_up(struct setup *setup, const char *directory)
{
	int code = find_files(setup, directory);

	if (code == EX_OK)
		code = read_mc(setup);
	if (code != EX_OK)
		return code;
	if (setup->cli->json)
		array_begin(&setup->array);
	code = print(setup);
	if (code == EX_OK)
		code = go_on(setup);
	if (setup->cli->json)
		array_end(&setup->array);
	return code == EX_OK && setup->left ? CHECK_FINDINGS : code;
}

int sendmail_setup(struct cli *cli, const char *directory)
{
	struct setup *setup = calloc(1, sizeof *setup);
	int code;

	if (!setup)
		return complain(EX_OSERR, "out of memory");
	setup->cli = cli;
	code = set_up(setup, directory ? directory : SENDMAIL_DIRECTORY);
	free(setup->old_mc);
	free(setup->new_mc);
	free(setup->new_included);
	free(setup);
	return code;
}
