/* postreeve(8) in a process of its own: its main() under another name. */
#include "tests/fault/verbs.h"
#include "tests/fuzz/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int cli_main(int argc, char **argv);

static void redirect(int fd, const char *name, int flags)
{
	int other = open(name, flags | O_CLOEXEC, 0600);

	CHECK(other >= 0 && dup2(other, fd) == fd);
}

static void child(const struct verb *verb, const struct plan *plan)
{
	char program[] = "postreeve", option[] = "-c", conf[] = "conf";
	char *argv[VERB_WORDS + 4] = {program, option, conf};
	int argc = 3;

	setpgid(0, 0);
	for (size_t i = 0; i < VERB_WORDS && verb->words[i]; i++) {
		argv[argc] = strdup(verb->words[i]);
		CHECK(argv[argc++]);
	}
	redirect(STDIN_FILENO, verb->input ? verb->input : "/dev/null", O_RDONLY);
	redirect(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC);
	redirect(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC);
	plan_start(plan);
	exit(cli_main(argc, argv));
}

/* Its own children become ours when it is killed: all are gone then, and have let go of all. */
static int wait_for(pid_t pid)
{
	int status = 0, one;
	pid_t gone;

	while ((gone = waitpid(-pid, &one, 0)) > 0 || errno == EINTR)
		if (gone == pid)
			status = one;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void verb_run(const struct verb *verb, const struct plan *plan, long kill_after, struct run *out)
{
	static const struct plan nothing = {.kind = PLAN_NOTHING};
	pid_t pid;

	plan_start(&nothing); /* so that the count is shared */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		child(verb, plan ? plan : &nothing);
	setpgid(pid, pid);
	if (kill_after >= 0) {
		usleep((useconds_t)kill_after);
		kill(-pid, SIGKILL);
	}
	out->code = wait_for(pid);
	out->count = plan_stop();
	free(out->out);
	free(out->err);
	out->out = strdup(place_read("out"));
	out->err = strdup(place_read("err"));
}

void verb_learn(const struct verb *verb, struct wanted *out)
{
	struct run run = {.code = 0};

	place_restore(verb->base);
	out->before = strdup(place_rows(0));
	verb_run(verb, NULL, -1, &run);
	out->code = run.code;
	out->after = strdup(place_rows(0));
	out->out = run.out;
	if (run.code != verb->code || run.err[0] ||
	    (strcmp(out->before, out->after) != 0) != verb->changes)
		printf("# %s: exit code %d, %s%s", verb_name(verb), run.code, run.err,
		       run.out[0] ? run.out : "\n");
	CHECK(run.code == verb->code && (strcmp(out->before, out->after) != 0) == verb->changes);
	free(run.err);
}

void verb_forget(struct wanted *wanted)
{
	free(wanted->out);
	free(wanted->before);
	free(wanted->after);
}
