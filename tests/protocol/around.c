/*
 * The commands around the MTA: hostile peers, the daemon and its log, commands of commands.
 */
#include "config.h"

#include "tests/protocol/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTUALLY_MS      10000 /* for `eventually', with EVENTUALLY_STEP_MS between two tries */
#define EVENTUALLY_STEP_MS 20

static void sleep_ms(long ms)
{
	const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&wait, NULL);
}

/* ---- commands: hostile peers -------------------------------------------- */

static bool do_packet(struct session *s, char *args, const char *expect)
{
	char command = args[0];
	(void)expect;
	if (command == '\0' || (args[1] != ' ' && args[1] != '\0'))
		return session_fail(s, "packet: wants LETTER TEXT", args);
	return session_unescape(s, args + (args[1] == ' ' ? 2 : 1)) &&
	       session_judge_sent(s, mta_packet(s->mta, command, s->text, s->text_len)) &&
	       session_judge_sent(s, mta_flush(s->mta));
}

/* Sends octets that are written in hexadecimal, with blanks where one likes. */
static bool send_hex(struct session *s, struct mta *mta, const char *hex)
{
	char *to = s->text;
	while (*(hex += strspn(hex, " ")) != '\0') {
		char digits[3] = {hex[0], hex[1], '\0'}, *end;
		*to++ = (char)strtoul(digits, &end, 16);
		if (end != digits + 2 || to == s->text + TEXT_MAX)
			return session_fail(s, "not hexadecimal, or too long", hex);
		hex += 2;
	}
	enum mta_status status = mta_raw(mta, s->text, (size_t)(to - s->text));
	if (status == MTA_OK)
		status = mta_flush(mta);
	/* The milter may have had enough of us before all was sent. */
	return status == MTA_CLOSED ? true : session_judge_sent(s, status);
}

static bool do_raw(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return send_hex(s, s->mta, args);
}

/* The milter ends the connection by itself; what it still says does not matter. */
static bool do_closed(struct session *s, char *args, const char *expect)
{
	char rest[4096];
	ssize_t n;
	(void)args;
	(void)expect;
	if (s->mta->fd < 0)
		return session_fail(s, "not connected", "");
	do
		n = read(s->mta->fd, rest, sizeof rest);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && errno != ECONNRESET)
		return session_fail(s, "still open", strerror(errno));
	return true;
}

/* N peers that connect, send something, and stay until the end of the case. */
static bool do_crowd(struct session *s, char *args, const char *expect)
{
	char *hex;
	unsigned long n = strtoul(args, &hex, 10);
	(void)expect;
	for (; n > 0; n--) {
		if (s->crowd_count == CROWD_MAX)
			return session_fail(s, "crowd: too many", "");
		struct mta *mta = mta_new(TIMEOUT_MS);
		if (!mta)
			return session_fail(s, "out of memory", "");
		s->crowd[s->crowd_count++] = mta;
		if (mta_open(mta, s->socket) != MTA_OK)
			return session_fail(s, "crowd", mta->error);
		if (!send_hex(s, mta, hex))
			return false;
	}
	return true;
}

/* ---- commands: around the daemon ---------------------------------------- */

static bool do_run(struct session *s, char *args, const char *expect)
{
	static const char head[] = "set -eu; exec >run.out 2>&1; ";
	char *command = s->scratch;
	(void)expect;
	if (snprintf(command, sizeof s->scratch, "%s%s", head, args) >= (int)sizeof s->scratch)
		return session_fail(s, "run: too long", "");
	fflush(stdout);
	int status = system(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	int len = snprintf(s->why, sizeof s->why,
	                   "exit status %d: ", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	FILE *out = fopen("run.out", "r");
	if (out) { /* its beginning is enough to know why */
		size_t n = fread(s->why + len, 1, sizeof s->why - (size_t)len - 1, out);
		s->why[(size_t)len + n] = '\0';
		fclose(out);
	}
	return false;
}

static bool do_needs(struct session *s, char *args, const char *expect)
{
	(void)expect;
	snprintf(s->scratch, sizeof s->scratch, "command -v '%.200s' >/dev/null 2>&1", args);
	if (system(s->scratch) == 0)
		return true;
	s->skip = true;
	return session_fail(s, "not installed", args);
}

static bool do_log(struct session *s, char *args, const char *expect)
{
	(void)expect;
	return session_fence(s) && (daemonlog_count(s->log, args, "*" FENCE_DOMAIN "*") > 0 ||
	                            session_fail(s, "no such line in the log", args));
}

static bool do_log_count(struct session *s, char *args, const char *expect)
{
	char *pattern;
	unsigned long n = strtoul(args, &pattern, 10);
	(void)expect;
	if (!session_fence(s))
		return false;
	unsigned found = daemonlog_count(s->log, pattern, "*" FENCE_DOMAIN "*");
	if (found == n)
		return true;
	snprintf(s->why, sizeof s->why, "%u lines in the log, expected %lu:%s", found, n, pattern);
	return false;
}

/* ---- commands: of commands ---------------------------------------------- */

/* Commands with "; " between them. */
static bool run_commands(struct session *s, const char *commands)
{
	char *copy = strdup(commands);
	char *next = copy;
	bool ok = copy != NULL;
	while (ok && next) {
		char *command = next;
		char *end = strstr(command, "; ");
		next = end ? end + 2 : NULL;
		if (end)
			*end = '\0';
		ok = session_run_line(s, command);
	}
	free(copy);
	return ok;
}

static bool run_counted(struct session *s, unsigned long from, unsigned long to,
                        const char *commands, bool named)
{
	bool ok = true;
	for (unsigned long i = from; ok && i <= to; i++) {
		char name[16];
		snprintf(name, sizeof name, "%lu", i);
		s->counter = (unsigned)i;
		ok = (!named || session_on(s, name)) && run_commands(s, commands);
		if (!ok) {
			size_t len = strlen(s->why);
			snprintf(s->why + len, sizeof s->why - len, " (at number %lu)", i);
		}
	}
	return ok;
}

static bool do_repeat(struct session *s, char *args, const char *expect)
{
	char *commands;
	unsigned long n = strtoul(args, &commands, 10);
	(void)expect;
	return run_counted(s, 1, n, commands, false);
}

static bool do_for(struct session *s, char *args, const char *expect)
{
	unsigned long from, to;
	int used = 0;
	(void)expect;
	if (sscanf(args, "%lu..%lu %n", &from, &to, &used) != 2 || used == 0)
		return session_fail(s, "for: wants FROM..TO COMMANDS", args);
	return run_counted(s, from, to, args + used, true);
}

static bool do_eventually(struct session *s, char *args, const char *expect)
{
	(void)expect;
	for (int waited = 0;; waited += EVENTUALLY_STEP_MS) {
		if (run_commands(s, args))
			return true;
		if (waited >= EVENTUALLY_MS)
			return false;
		sleep_ms(EVENTUALLY_STEP_MS);
	}
}

const struct command around_commands[] = {
    {"closed", do_closed, false}, {"crowd", do_crowd, false},   {"eventually", do_eventually, true},
    {"for", do_for, true},        {"log", do_log, true},        {"log-count", do_log_count, true},
    {"needs", do_needs, false},   {"packet", do_packet, false}, {"raw", do_raw, false},
    {"repeat", do_repeat, true},  {"run", do_run, true},        {NULL, NULL, false},
};
