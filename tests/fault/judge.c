#include "tests/fault/verbs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

__attribute__((format(printf, 2, 3))) static bool wrong(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, VERB_WHY_MAX, format, args);
	va_end(args);
	return false;
}

/* What SQLite makes of some, and does not tell apart from its usual cause. */
static bool is_excused(const struct run *run, const struct plan *plan)
{
	const char *what = plan_what();

	switch (run->code) {
	case EX_DATAERR: /* a page that cannot be read is a damaged one */
		return plan->errnum == EIO && (plan->for_all || strstr(what, "read")) &&
		       strstr(run->err, "damaged");
	case EX_NOINPUT: /* a file that was named */
		return plan->errnum != EIO && strcmp(what, "open") == 0;
	case EX_NOPERM: /* what cannot be opened to be written is opened to be read */
		return plan->errnum == EACCES || strcmp(what, "open") == 0 ||
		       strcmp(what, "stat") == 0;
	case EX_TEMPFAIL: /* what cannot be locked is somebody else's */
		return plan->for_all || strcmp(what, "lock") == 0;
	default:
		return false;
	}
}

/* The exit codes that postreeve(8) documents for what failed. */
static bool is_failure(const struct run *run, const struct plan *plan)
{
	int code = run->code;

	if (code == EX_CONFIG) /* not the registry, but this file cannot be read */
		return strncmp(run->err, "postreeve: conf: ", strlen("postreeve: conf: ")) == 0;
	switch (plan->kind) {
	case PLAN_MEMORY:
		return code == EX_OSERR;
	case PLAN_DEATH:
		return code == EX_OSERR || code == EX_IOERR;
	case PLAN_CALLS:
		return code == EX_IOERR || is_excused(run, plan);
	default:
		return false;
	}
}

/*
 * One line; two where one database fails, and then the other, which was to be as it had been, or
 * where all fails, and so does what would have kept one of them quiet.
 */
static bool is_complaint(const char *text, int lines)
{
	while (*text && lines-- > 0) {
		if (strncmp(text, "postreeve: ", strlen("postreeve: ")) != 0)
			return false;
		text = strchr(text, '\n');
		if (!text)
			return false;
		text++;
	}
	return *text == '\0';
}

/* `check' tells a part that it cannot look at among what it found, and so does `setup'. */
static bool is_told(const struct verb *verb, const struct run *run, const struct plan *plan)
{
	if (verb->code == 1)
		return run->code == 1 && plan->kind == PLAN_CALLS &&
		       strstr(run->out, strerror(plan->errnum));
	return strcmp(verb->words[0], "check") == 0 && run->code == 1 &&
	       strstr(run->out, "problem: ") && run->err[0] == '\0';
}

/* It did not say that all is done: that must be so, or as if it had never been run, or to be ended. */
static bool judge_rows(const struct verb *verb, const struct wanted *wanted, char *why)
{
	const char *rows = place_rows(0), *damage;
	struct run again = {.code = 0};
	bool whole;

	damage = place_damage();
	if (damage)
		return wrong(why, "damaged: %s", damage);
	if (strcmp(rows, wanted->after) == 0)
		return true;
	whole = strcmp(rows, wanted->before) == 0;
	if (!whole && !verb->two)
		return wrong(why, "changed by half:\n%s", place_difference(rows, wanted->before));
	if (whole)
		return true;
	verb_run(verb, NULL, -1, &again);
	whole = again.code == 0 && place_alike(place_rows(1), wanted->after);
	if (!whole)
		wrong(why, "begun, and run again it gives %d and does not end it: %s\n%s",
		      again.code, again.err, place_difference(place_rows(1), wanted->before));
	free(again.out);
	free(again.err);
	return whole;
}

bool verb_judge(const struct verb *verb, const struct wanted *wanted, const struct run *run,
                const struct plan *plan, char *why)
{
	if (run->code < 0 &&
	    !(run->code == -9 && (plan->kind == PLAN_KILL || plan->kind == PLAN_DEATH)))
		return wrong(why, "died of signal %d: %s", -run->code, run->err);
	if (run->code == verb->code && !is_told(verb, run, plan)) {
		if (!verb->varies && strcmp(run->out, wanted->out) != 0)
			return wrong(why, "exit code %d, but it printed:\n%s", run->code, run->out);
		if (strcmp(place_rows(0), wanted->after) != 0)
			return wrong(why, "exit code %d, but there is:\n%s", run->code,
			             place_difference(place_rows(0), wanted->before));
		return true;
	}
	if (run->code > 0 && !is_told(verb, run, plan)) {
		if (!is_failure(run, plan))
			return wrong(why, "exit code %d: %s%s", run->code, run->err, run->out);
		if (!*run->err || !is_complaint(run->err, verb->two || plan->for_all ? 2 : 1))
			return wrong(why, "exit code %d, and not a line of complaint: %s",
			             run->code, run->err);
	}
	return judge_rows(verb, wanted, why);
}
