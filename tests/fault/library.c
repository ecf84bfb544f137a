/*
 * The scenarios, each again and again, and each time something else fails: see README.
 *
 *   library memory|calls [TEXT]    TEXT: only scenarios that have it in their name
 *   FAULT_AT=N                     this one alone
 *   FAULT_EVERY=N                  only each Nth
 *   FAULT_OWN=1                    of allocations only those that our own code makes
 */
#include "tests/fault/plan.h"
#include "tests/fault/scenario.h"
#include "tests/fuzz/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct plan memory_plans[] = {
    {.kind = PLAN_MEMORY},
    {.kind = PLAN_MEMORY, .for_all = true},
    {.kind = PLAN_NOTHING},
};
static const struct plan call_plans[] = {
    {.kind = PLAN_CALLS, .errnum = EIO},
    {.kind = PLAN_CALLS, .errnum = ENOSPC},
    {.kind = PLAN_CALLS, .errnum = EROFS},
    {.kind = PLAN_CALLS, .errnum = EACCES},
    {.kind = PLAN_CALLS, .errnum = EIO, .for_all = true},
    {.kind = PLAN_CALLS, .errnum = EACCES, .for_all = true},
    {.kind = PLAN_NOTHING},
};

static unsigned tests, failed;
static unsigned long long faults;
static uint64_t every = 1, turn; /* of all faults, each so manieth is tried */
static int64_t live_most;        /* blocks there were before any run of the scenario */
static char why[1024], *text_wanted;

/* ---- for the scenarios --------------------------------------------------- */

/* No allocation: it is called while they fail. */
enum ending wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	return WRONG;
}

enum ending of_status(enum registry_status status, const struct registry_error *error)
{
	switch (status) {
	case REGISTRY_OK:
		return RIGHT;
	case REGISTRY_BUSY:
	case REGISTRY_DENIED:
	case REGISTRY_IO:
	case REGISTRY_BAD:
	case REGISTRY_NO_MEMORY:
		if (error->status != status || !error->text[0] || strchr(error->text, '\n'))
			return wrong("status %d without a line that says why", (int)status);
		return FAILED;
	default:
		return wrong("status %d: %s", (int)status, error->text);
	}
}

enum ending of_text(const char *text)
{
	if (text_wanted)
		return strcmp(text, text_wanted) == 0 ? RIGHT : wrong("it is\n%s", text);
	text_wanted = strdup(text);
	return RIGHT;
}

/* ---- one run -------------------------------------------------------------- */

static enum ending run(const struct scenario *scenario, const struct plan *plan, uint64_t *count)
{
	enum ending outcome;
	int64_t live;

	place_restore(scenario->base);
	why[0] = '\0';
	live = memory_live();
	/* What OpenSSL had cached it may let go of, to cache it again: that is no leak. */
	if (live < live_most)
		live = live_most;
	live_most = live;
	plan_start(plan);
	outcome = scenario->run();
	*count = plan_stop();
	if (outcome != WRONG && memory_live() > live)
		outcome = wrong("%lld blocks are left", (long long)(memory_live() - live));
	return outcome;
}

/* ---- all of them ---------------------------------------------------------- */

static void report(bool good, const char *mode, const char *name, unsigned long long count)
{
	tests++;
	failed += !good;
	faults += count;
	printf("%sok %u - %s: %s (%llu)\n", good ? "" : "not ", tests, mode, name, count);
	fflush(stdout);
}

/* The databases are as they were, or as they are without faults; only that if all is right. */
static enum ending judge(enum ending outcome, enum place_base base, const char *before,
                         const char *after)
{
	const char *rows = place_rows(0);

	if (outcome == WRONG || strcmp(rows, after) == 0)
		return outcome;
	/* It is made in steps; one that has taken the first is whole. */
	if (outcome == FAILED && (strcmp(rows, before) == 0 ||
	                          (base != BASE_FULL && strncmp(rows, "version|1|", 10) == 0)))
		return outcome;
	return wrong("%s:\n%s", outcome == RIGHT ? "right, but there is" : "changed by half",
	             place_difference(rows, before));
}

static unsigned go_through(const struct scenario *scenario, struct plan plan, const char *before,
                           const char *after, unsigned long long *total)
{
	const char *only = getenv("FAULT_AT");
	uint64_t at = only ? strtoull(only, NULL, 10) : 1, count;
	unsigned bad = 0;

	for (;; at++) {
		enum ending outcome;

		if (turn++ % every != 0)
			continue;
		plan.at = at;
		outcome = judge(run(scenario, &plan, &count), scenario->base, before, after);
		if (count < at && outcome != RIGHT)
			outcome = wrong("without a fault, after others: %s", why);
		if (count < at && outcome == RIGHT)
			break;
		++*total;
		if ((outcome == WRONG || count < at) && ++bad <= 3)
			printf("# %s %s%llu (%s): %s\n",
			       plan.errnum ? strerror(plan.errnum) : "no memory",
			       plan.for_all ? "from " : "", (unsigned long long)at, plan_what(),
			       why);
		if (only || count < at)
			break;
	}
	return bad;
}

static void each(const struct scenario *scenario, const char *mode, const struct plan *plans,
                 const char *text)
{
	static const struct plan nothing = {.kind = PLAN_NOTHING};
	unsigned long long total;
	char *before, *after;
	uint64_t count;
	unsigned bad;

	for (; scenario->name; scenario++) {
		if (!strstr(scenario->name, text))
			continue;
		bad = 0, total = 0;
		/* Twice: what libraries keep for good they have then. */
		text_wanted = NULL;
		live_most = 0;
		run(scenario, &nothing, &count);
		if (run(scenario, &nothing, &count) != RIGHT)
			printf("# without any fault: %s\n", why), bad++;
		after = strdup(place_rows(0));
		place_restore(scenario->base);
		before = strdup(place_rows(0));
		for (const struct plan *plan = plans; plan->kind != PLAN_NOTHING && !bad; plan++)
			bad += go_through(scenario, *plan, before, after, &total);
		report(bad == 0, mode, scenario->name, total);
		free(before);
		free(after);
		free(text_wanted);
	}
}

static void write_configurations(void)
{
	static char good[4096];
	char text[sizeof good + 256];

	snprintf(good, sizeof good, "%s", place_read("conf"));
	snprintf(text, sizeof text, "%srule nonsense { mode = off }\n", good);
	place_file("conf.bad", text);
	/* Another mode for a rule, and profiles that are soon at their end. */
	snprintf(text, sizeof text,
	         "database = \"%s\"\nexempt_networks = {\"192.0.2.25/32\"}\n"
	         "profile bulk { messages_per_day = 2 }\n",
	         place.database);
	place_file("conf.gate", text);
	snprintf(text, sizeof text, "database = \"%s\"\nprofile bulk { max_recipients = 1 }\n",
	         place.database);
	place_file("conf.narrow", text);
}

int main(int argc, char **argv)
{
	static const struct scenario *const all[] = {registry_scenarios, reader_scenarios,
	                                             session_scenarios, login_scenarios};
	const char *mode = argc > 1 ? argv[1] : "", *text = argc > 2 ? argv[2] : "";
	bool memory = strcmp(mode, "memory") == 0;

	if (!memory && strcmp(mode, "calls") != 0)
		return 64;
	if (getenv("FAULT_EVERY"))
		every = strtoull(getenv("FAULT_EVERY"), NULL, 10);
	turn =
	    getenv("FAULT_SEED") ? strtoull(getenv("FAULT_SEED"), NULL, 10) : (uint64_t)time(NULL);
	CHECK(every > 0);
	printf("# FAULT_SEED=%llu\n", (unsigned long long)turn);
	memory_spare("libconfuse");
	if (getenv("FAULT_OWN"))
		memory_own();
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	calls_begin();
	place_make();
	write_configurations();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		each(all[i], memory ? "no memory" : "a call fails",
		     memory ? memory_plans : call_plans, text);
	printf("# %llu in all\n1..%u\n", faults, tests);
	return failed > 0;
}
