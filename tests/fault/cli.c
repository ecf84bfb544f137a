/*
 * Each verb of postreeve(8) again and again, and each time something else fails: see README.
 *
 *   cli memory|calls|kill|random [TEXT]     TEXT: only verbs that have it in their name
 *   FAULT_EVERY=N                           only each Nth, from one on that FAULT_SEED says
 *   FAULT_KILLS=N                           of `random'
 *   FAULT_OWN=1                             of allocations only those that our own code makes
 *   FAULT_AT=N                              this one alone, and what it came to
 */
#include "tests/fault/verbs.h"
#include "tests/fuzz/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct way {
	const char *name;
	struct plan plan;
};

static const struct way memory_ways[] = {
    {"one allocation", {.kind = PLAN_MEMORY}},
    {"all allocations from", {.kind = PLAN_MEMORY, .for_all = true}},
    {NULL},
};
static const struct way call_ways[] = {
    {"EIO", {.kind = PLAN_CALLS, .errnum = EIO}},
    {"ENOSPC", {.kind = PLAN_CALLS, .errnum = ENOSPC}},
    {"EROFS", {.kind = PLAN_CALLS, .errnum = EROFS}},
    {"EACCES", {.kind = PLAN_CALLS, .errnum = EACCES}},
    {"EIO from", {.kind = PLAN_CALLS, .errnum = EIO, .for_all = true}},
    {"ENOSPC from", {.kind = PLAN_CALLS, .errnum = ENOSPC, .for_all = true}},
    {NULL},
};
static const struct way kill_ways[] = {
    {"killed at", {.kind = PLAN_KILL}},
    {"one process killed at", {.kind = PLAN_DEATH}},
    {NULL},
};

static unsigned tests, failed;
static uint64_t faults;
static uint64_t every, turn; /* of all faults, each so manieth is tried; and where that stands */
static struct run run;
static char what[16]; /* failed in it first */

static void report(bool good, const char *mode, const struct verb *verb, uint64_t count)
{
	tests++;
	failed += !good;
	printf("%sok %u - %s: %s (%llu)\n", good ? "" : "not ", tests, mode, verb_name(verb),
	       (unsigned long long)count);
	fflush(stdout);
}

static void explain(const struct way *way, uint64_t at, const char *why)
{
	printf("# %s %llu (%s): ", way->name, (unsigned long long)at, what);
	for (const char *c = why; *c; c++) {
		putchar(*c);
		if (*c == '\n' && c[1])
			fputs("#   ", stdout);
	}
	if (!*why || why[strlen(why) - 1] != '\n')
		putchar('\n');
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Whether it is this one's turn. */
static bool is_due(const struct verb *verb)
{
	return turn++ % (every * (verb->slow ? verb->slow : 1)) == 0;
}

/* The first, the second, and so on, until a run has fewer than that. */
static unsigned go_through(const struct verb *verb, const struct wanted *wanted,
                           const struct way *way, uint64_t *count)
{
	uint64_t only = number("FAULT_AT", 0), at = only ? only : 1;
	struct plan plan = way->plan;
	char why[VERB_WHY_MAX];
	unsigned bad = 0;

	for (;; at++) {
		plan.at = at;
		if (!only && !is_due(verb))
			continue;
		place_restore(verb->base);
		verb_run(verb, &plan, -1, &run);
		if (run.count < at)
			break;
		snprintf(what, sizeof what, "%s", plan_what());
		++*count;
		if (!verb_judge(verb, wanted, &run, &plan, why) && ++bad <= 3)
			explain(way, at, why);
		if (only) {
			printf("# %s %llu: exit code %d: %s", way->name, (unsigned long long)at,
			       run.code, run.err[0] ? run.err : "\n");
			break;
		}
	}
	return bad;
}

static bool has_program(const char *name)
{
	char command[64];

	if (!name)
		return true;
	snprintf(command, sizeof command, "command -v %s >/dev/null", name);
	return system(command) == 0;
}

static void each_verb(const char *mode, const struct way *ways, const char *text)
{
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *verb = &verbs[i];
		struct wanted wanted;
		uint64_t count = 0;
		unsigned bad = 0;

		if (!strstr(verb_name(verb), text) || !has_program(verb->needs))
			continue;
		verb_learn(verb, &wanted);
		for (const struct way *way = ways; way->name; way++)
			bad += go_through(verb, &wanted, way, &count);
		report(bad == 0, mode, verb, count);
		faults += count;
		verb_forget(&wanted);
	}
}

/* ---- at any time -------------------------------------------------------- */

static long microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

/*
 * What a killed one leaves is not cleared away as long as it comes to nothing: the next one, killed
 * or not, begins with its log.
 */
static void kill_at_random(const struct verb *verb, uint64_t kills)
{
	static const struct way way = {"killed, of all", {.kind = PLAN_KILL}};
	char why[VERB_WHY_MAX];
	struct wanted wanted;
	unsigned bad = 0, done = 0;
	bool as_it_was = false;
	uint64_t count = 0;
	long took;

	verb_learn(verb, &wanted);
	place_restore(verb->base);
	took = -microseconds();
	verb_run(verb, NULL, -1, &run);
	took += microseconds();
	while (count < kills && bad <= 3) {
		if (!as_it_was)
			place_restore(verb->base);
		verb_run(verb, NULL, random() % (took + took / 8), &run);
		if (run.code == 0)
			done++;
		else
			count++;
		if (!verb_judge(verb, &wanted, &run, &way.plan, why)) {
			explain(&way, count, why);
			bad++;
		}
		as_it_was = strcmp(place_rows(2), wanted.before) == 0;
	}
	printf("# %u had ended before they were killed, within %ld us\n", done, took);
	report(bad == 0, "killed at any time", verb, count);
	faults += count;
	verb_forget(&wanted);
}

static void each_kill(const char *text)
{
	uint64_t kills = number("FAULT_KILLS", 300), changing = 0;

	for (size_t i = 0; i < verb_count; i++)
		changing += verbs[i].changes && strstr(verb_name(&verbs[i]), text);
	for (size_t i = 0; i < verb_count; i++)
		if (verbs[i].changes && strstr(verb_name(&verbs[i]), text))
			kill_at_random(&verbs[i], (kills + changing - 1) / changing);
}

/* ---- what verbs read ---------------------------------------------------- */

static void write_inputs(void)
{
	place_file("password", "another secret\n");
	place_file("senders.csv", "account,pattern,expires,note\n"
	                          "bob,b1@example.com,2030-01-01T00:00:00Z,\"a, b\"\n"
	                          "dave,@dave.example,,\n"
	                          "alice,alice@example.com,,a test\n");
	place_file("senders.json", "[{\"account\": \"bob\", \"pattern\": \"@b1.example\"},"
	                           " {\"account\": \"%sales\", \"pattern\": \"@s.example\"}]\n");
	place_file("message.eml", "From: alice@example.com\r\n"
	                          "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n\r\nHello.\r\n");
	place_file("mail.log", "Jan  5 10:00:00 host postreeved[1]: 4Xy1z2: reject "
	                       "rule=max_recipients stage=rcpt account=alice "
	                       "sender=<a@example.com> recipient=<b@example.net> client=192.0.2.7 "
	                       "port=587 value=101 limit=100 reply=\"452 4.5.3 no\"\n");
}

/* Those of a Postfix and of a Sendmail that know nothing of the gate. */
static void write_settings(void)
{
	CHECK(mkdir("mta", 0755) == 0);
	CHECK(setenv("TMPDIR", place.directory, 1) == 0); /* for copies of them */
	place_file("mta/main.cf", "compatibility_level = 3.6\n");
	place_file("mta/master.cf", "smtp inet n - n - - smtpd\n"
	                            "submission inet n - n - - smtpd\n"
	                            "  -o smtpd_tls_security_level=encrypt\n");
	place_file("mta/sendmail.cf", "V10/Berkeley\nO DaemonPortOptions=Name=MTA\n"
	                              "O DaemonPortOptions=Port=587, Name=MSA, M=Ea\n"
	                              "Xother, S=local:/run/other.sock, F=T\n"
	                              "O Timeout.command=1h\nKaccess hash /etc/mail/access\n");
	place_file("mta/sendmail.mc", "OSTYPE(`linux')dnl\nDOMAIN(`generic')dnl\n"
	                              "DAEMON_OPTIONS(`Port=587, Name=MSA')dnl\n"
	                              "MAILER(`smtp')dnl\n");
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "", *text = argc > 2 ? argv[2] : "";

	every = number("FAULT_EVERY", 1);
	turn = number("FAULT_SEED", (uint64_t)time(NULL));
	CHECK(every > 0);
	srandom((unsigned)turn);
	printf("# FAULT_SEED=%llu\n", (unsigned long long)turn);
	memory_spare("libconfuse");
	if (getenv("FAULT_OWN"))
		memory_own();
	calls_begin();
	place_make();
	write_inputs();
	write_settings();
	serve_status();
	if (strcmp(mode, "memory") == 0)
		each_verb("no memory", memory_ways, text);
	else if (strcmp(mode, "calls") == 0)
		each_verb("a call fails", call_ways, text);
	else if (strcmp(mode, "kill") == 0)
		each_verb("killed at a write or sync", kill_ways, text);
	else if (strcmp(mode, "random") == 0)
		each_kill(text);
	else
		return 64;
	printf("# %llu in all\n1..%u\n", (unsigned long long)faults, tests);
	free(run.out);
	free(run.err);
	return failed > 0;
}
