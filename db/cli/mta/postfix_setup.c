/*
 * `postreeve setup postfix': what `check mta' says that mends its problems, until it finds none. All
 * of that happens to copies of main.cf and master.cf, which may then take the place of the real ones.
 */
#include "config.h"

#include "db/cli/mta/amend.h"
#include "db/cli/mta/postfix_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEPS_MAX 1000 /* far more than there are checks */

struct step {
	char *name, *text;
	char *mend; /* null where no command of postconf's mends it */
};

struct setup {
	struct cli *cli;
	char etc[PATH_MAX], copy[PATH_MAX];
	struct step steps[STEPS_MAX]; /* that are done to the copies */
	size_t count;
	struct step left[STEPS_MAX]; /* of the last look */
	size_t left_count;
	int failed; /* memory ran out (EX_OSERR), or a copy could not be tried (EX_SOFTWARE) */
};

static const char *const files[] = {"main.cf", "master.cf"};
#define FILE_COUNT (sizeof files / sizeof *files)

/* ---- the copies ----------------------------------------------------------- */

/*
 * postconf(1) waits until a file that it changes has been as it is for two seconds, so that no
 * reader takes it for unchanged. Nobody else reads the copies.
 */
static bool make_old(const char *path)
{
	return utimensat(AT_FDCWD, path, (struct timespec[]){{.tv_sec = 1}, {.tv_sec = 1}}, 0) == 0;
}

static bool path_of(const char *directory, const char *file, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s/%s", directory, file) < PATH_MAX;
}

static bool make_all_old(const struct setup *setup)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < FILE_COUNT; i++)
		if (!path_of(setup->copy, files[i], path) || !make_old(path))
			return false;
	return true;
}

static bool write_copy(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool good = file && fputs(text, file) >= 0;

	return file && fclose(file) == 0 && good;
}

static int make_copies(struct setup *setup)
{
	char path[PATH_MAX], from[PATH_MAX];

	const char *tmp = getenv("TMPDIR");

	if (!tmp || !*tmp)
		tmp = "/tmp";
	if (!path_of(tmp, "postreeve-setup.XXXXXX", setup->copy) || !mkdtemp(setup->copy)) {
		setup->copy[0] = '\0';
		return complain(EX_CANTCREAT, "cannot make a directory in %s: %s", tmp,
		                strerror(errno));
	}
	for (size_t i = 0; i < FILE_COUNT; i++) {
		char *text = path_of(setup->etc, files[i], from) ? amend_read(from) : NULL;
		bool good = text && path_of(setup->copy, files[i], path) && write_copy(path, text);

		if (!text)
			return amend_unread(from);
		free(text);
		if (!good)
			return complain(EX_IOERR, "%s cannot be written: %s", path,
			                strerror(errno));
	}
	if (!make_all_old(setup) || setenv("MAIL_CONFIG", setup->copy, 1) != 0)
		return complain(EX_OSERR, "%s: %s", setup->copy, strerror(errno));
	return EX_OK;
}

static void remove_copies(struct setup *setup)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < FILE_COUNT; i++)
		if (path_of(setup->copy, files[i], path))
			unlink(path);
	rmdir(setup->copy);
}

/* ---- what mends, tried on them -------------------------------------------- */

static bool add_step(struct setup *setup, struct step *steps, size_t *count, const char *name,
                     const char *text, const char *mend)
{
	struct step *step;

	if (*count == STEPS_MAX) {
		setup->failed = EX_SOFTWARE;
		return false;
	}
	step = &steps[(*count)++];
	*step = (struct step){strdup(name), strdup(text), mend ? strdup(mend) : NULL};
	if (!step->name || !step->text || (mend && !step->mend))
		setup->failed = EX_OSERR;
	return setup->failed == EX_OK;
}

static void clear(struct step *steps, size_t *count)
{
	while (*count > 0) {
		struct step *step = &steps[--*count];

		free(step->name);
		free(step->text);
		free(step->mend);
	}
}

static bool is_done(const struct setup *setup, const char *mend)
{
	for (size_t i = 0; i < setup->count; i++)
		if (strcmp(setup->steps[i].mend, mend) == 0)
			return true;
	return false;
}

static void take(struct check *check, const char *text, const char *mend)
{
	struct setup *setup = check->arg;
	bool runs;

	if (setup->failed)
		return; /* the last step may have no words */
	runs = mend && strncmp(mend, "postconf ", 9) == 0 && !is_done(setup, mend);
	if (!runs) {
		add_step(setup, setup->left, &setup->left_count, check->name, text, mend);
		return;
	}
	if (!add_step(setup, setup->steps, &setup->count, check->name, text, mend))
		return;
	fflush(stdout);
	if (system(mend) != 0 || !make_all_old(setup))
		setup->failed = EX_SOFTWARE;
}

/* One problem that is mended may show another: a service that was not there has settings. */
static int mend_all(struct setup *setup)
{
	size_t before;

	do {
		struct check check = {.cli = setup->cli, .found = take, .arg = setup};
		struct postfix *postfix = postfix_read();

		if (!postfix)
			return postfix_unread();
		before = setup->count;
		clear(setup->left, &setup->left_count);
		postfix_check_all(&(struct side){&check, postfix, setup->cli->config, setup->etc});
		postfix_free(postfix);
	} while (setup->count > before && !setup->failed);
	if (setup->failed == EX_OSERR)
		return complain(EX_OSERR, "out of memory");
	if (setup->failed)
		return complain(EX_SOFTWARE,
		                "the settings could not be tried on a copy of Postfix's in %s",
		                setup->copy);
	return EX_OK;
}

/* ---- what is said and done ------------------------------------------------ */

static void print_steps(const struct setup *setup, const struct step *steps, size_t count,
                        struct array *array, bool by_hand)
{
	for (size_t i = 0; i < count; i++)
		mta_print_step(setup->cli, array, steps[i].name, steps[i].text, steps[i].mend,
		               by_hand);
}

static void print(const struct setup *setup)
{
	bool script = !setup->cli->json;
	struct array array;

	if (!script)
		array_begin(&array);
	else if (setup->count == 0)
		say("# %s: nothing to change.", setup->etc);
	else if (setup->cli->apply)
		say("# %s is changed so:", setup->etc);
	else
		say("# Nothing has been changed. In %s, these commands, or --apply, would:",
		    setup->etc);
	print_steps(setup, setup->steps, setup->count, &array, false);
	if (script && setup->count > 0)
		say("postfix reload");
	if (script && setup->left_count > 0)
		say("# Left to be done by hand:");
	print_steps(setup, setup->left, setup->left_count, &array, true);
	if (!script)
		array_end(&array);
}

static int apply(const struct setup *setup)
{
	char from[PATH_MAX], path[PATH_MAX];
	int code = EX_OK;

	for (size_t i = 0; i < FILE_COUNT && code == EX_OK; i++) {
		char *text =
		    path_of(setup->copy, files[i], from) && path_of(setup->etc, files[i], path)
			? amend_read(from)
			: NULL;

		code = text ? amend_file(path, text, !setup->cli->json) : amend_unread(from);
		free(text);
	}
	return code;
}

static int set_up(struct setup *setup)
{
	int code = make_copies(setup);

	if (code == EX_OK)
		code = mend_all(setup);
	if (code != EX_OK)
		return code;
	print(setup);
	if (setup->cli->apply)
		code = apply(setup);
	if (code == EX_OK && setup->left_count > 0)
		code = CHECK_FINDINGS;
	return code;
}

int postfix_setup(struct cli *cli, const char *directory)
{
	struct setup *setup = calloc(1, sizeof *setup);
	struct postfix *postfix = postfix_read();
	int code;

	(void)directory;
	if (!setup || !postfix) {
		code = setup ? postfix_unread() : complain(EX_OSERR, "out of memory");
	} else {
		setup->cli = cli;
		snprintf(setup->etc, sizeof setup->etc, "%s",
		         postfix_get(postfix, NULL, "config_directory"));
		code = set_up(setup);
		if (*setup->copy)
			remove_copies(setup);
		clear(setup->steps, &setup->count);
		clear(setup->left, &setup->left_count);
	}
	postfix_free(postfix);
	free(setup);
	return code;
}
