/*
 * Plays session scripts at a milter's socket as an MTA would, and prints TAP, a test for each case.
 * The language is told in the README beside this file.
 */
#include "config.h"

#include "tests/protocol/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool session_fail(struct session *s, const char *what, const char *detail)
{
	snprintf(s->why, sizeof s->why, "%s%s%s", what, detail[0] == '\0' ? "" : ": ", detail);
	return false;
}

/* ---- connections -------------------------------------------------------- */

static struct mta *connection(struct session *s, const char *name)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &s->connection[i];
		if (c->mta && strcmp(c->name, name) == 0)
			return c->mta;
		if (!c->mta && strlen(name) < sizeof c->name) {
			strcpy(c->name, name);
			return c->mta = mta_new(TIMEOUT_MS);
		}
	}
	return NULL;
}

/* Closes everything, so that no case finds the connections of another still counted. */
static bool close_all(struct session *s)
{
	bool ok = true;
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct mta *mta = s->connection[i].mta;
		if (mta && mta_close(mta) != MTA_OK)
			ok = false;
		mta_free(mta);
		s->connection[i].mta = NULL;
	}
	for (; s->crowd_count > 0; s->crowd_count--)
		mta_free(s->crowd[s->crowd_count - 1]);
	s->mta = NULL;
	return ok ? true : session_fail(s, "the milter left a connection open", "");
}

static const char *answer(struct session *s, enum mta_status status, const struct mta_reply *reply)
{
	static const struct {
		char code;
		const char *word;
	} words[] = {{'\0', "unanswered"}, {'c', "continue"}, {'r', "reject"}, {'t', "tempfail"},
	             {'a', "accept"},      {'d', "discard"},  {'s', "skip"},   {'4', "shutdown"}};

	if (status == MTA_CLOSED)
		return "closed";
	if (status == MTA_TIMEOUT)
		return "timeout";
	if (status == MTA_ERROR)
		return s->mta->error;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].code == reply->code)
			return words[i].word;
	return reply->text;
}

bool session_judge(struct session *s, enum mta_status status, const struct mta_reply *reply,
                   const char *expect)
{
	const char *got = answer(s, status, reply);
	bool quiet = status == MTA_OK && (reply->code == '\0' || strchr("cs", reply->code));
	if (expect ? text_glob(expect, got) : quiet)
		return true;
	snprintf(s->why, sizeof s->why, "got \"%s\", expected \"%s\"", got,
	         expect ? expect : "no objection");
	return false;
}

bool session_judge_sent(struct session *s, enum mta_status status)
{
	const struct mta_reply none = {'\0', ""};
	return session_judge(s, status, &none, NULL);
}

bool session_unescape(struct session *s, const char *in)
{
	return text_unescape(in, s->counter, s->text, &s->text_len)
	           ? true
	           : session_fail(s, "bad escape, or text too long", in);
}

bool session_on(struct session *s, const char *name)
{
	s->mta = connection(s, name);
	return s->mta ? true : session_fail(s, "no room for this connection", name);
}

/* A message, or as much of one as is let through. Either way the daemon writes about it. */
static enum mta_status fence_transaction(struct session *s, struct mta *mta, const char *sender)
{
	const char *const from[] = {sender, NULL}, *const to[] = {"<r@" FENCE_DOMAIN ">", NULL};
	struct mta_reply reply;
	enum mta_status status = mta_open(mta, s->socket);
	mta_macro(mta, "{auth_type}", "PLAIN");
	mta_macro(mta, "{auth_authen}", "fence");
	if (status == MTA_OK)
		status = mta_negotiate(mta, &mta_postfix);
	if (status == MTA_OK)
		status = mta_connect(mta, FENCE_DOMAIN, "192.0.2.99", 1, &reply);
	if (status == MTA_OK)
		status = mta_helo(mta, FENCE_DOMAIN, &reply);
	if (status == MTA_OK)
		status = mta_mail(mta, from, &reply);
	if (status == MTA_OK && reply.code == 'c')
		status = mta_rcpt(mta, to, &reply);
	if (status == MTA_OK && reply.code == 'c')
		status = mta_data(mta, &reply);
	if (status == MTA_OK && strchr("c", reply.code))
		status = mta_eoh(mta, &reply);
	if (status == MTA_OK && strchr("c", reply.code))
		status = mta_eom(mta, &reply);
	return status;
}

bool session_fence(struct session *s)
{
	char sender[64], pattern[80];
	struct mta *mta = mta_new(TIMEOUT_MS);
	bool ok = false;
	if (!mta)
		return session_fail(s, "out of memory", "");
	snprintf(sender, sizeof sender, "<%ld.%u@" FENCE_DOMAIN ">", (long)getpid(), ++s->fences);
	snprintf(pattern, sizeof pattern, "*%s*", sender);
	if (fence_transaction(s, mta, sender) != MTA_OK)
		session_fail(s, "the milter does not answer", mta->error);
	else if (!daemonlog_wait(s->log, pattern))
		session_fail(s, "no line in the log for", sender);
	else
		ok = mta_close(mta) == MTA_OK;
	mta_free(mta);
	return ok;
}

static const struct command *find_command(const char *name)
{
	static const struct command *const tables[] = {speak_commands, around_commands};
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (const struct command *command = tables[i]; command->name; command++)
			if (strcmp(command->name, name) == 0)
				return command;
	return NULL;
}

bool session_run_line(struct session *s, char *line)
{
	char *rest = line;
	char *name = text_word(&rest);
	const char *expect = NULL;
	if (!name)
		return true;
	const struct command *command = find_command(name);
	if (!command)
		return session_fail(s, "no such command", name);
	rest += strspn(rest, " \t");
	char *arrow = command->whole ? NULL : strstr(rest, "-> ");
	if (arrow) {
		expect = arrow + 3;
		while (arrow > rest && arrow[-1] == ' ')
			arrow--;
		*arrow = '\0';
	}
	if (!s->mta && !session_on(s, "A"))
		return false;
	return command->fn(s, rest, expect);
}

/* ---- scripts ------------------------------------------------------------ */

struct script {
	const char *file;
	char title[256];
	unsigned cases, failed;
	bool in_case, in_config;
	bool stopped; /* the case failed or is skipped: leave the rest of it out */
};

static void end_case(struct session *s, struct script *script)
{
	if (!script->in_case)
		return;
	bool closed = close_all(s);
	if (s->skip) {
		printf("ok %u - %s # SKIP %s\n", script->cases, script->title, s->why);
	} else {
		bool ok = !script->stopped && closed;
		printf("%sok %u - %s\n", ok ? "" : "not ", script->cases, script->title);
		if (!script->stopped && !closed)
			printf("# %s\n", s->why);
		if (!ok) {
			script->failed++;
			daemonlog_print(s->log, "#   log: ");
		}
	}
	fflush(stdout);
	script->in_case = false;
}

static void begin_case(struct session *s, struct script *script, const char *title)
{
	end_case(s, script);
	snprintf(script->title, sizeof script->title, "%s", title);
	script->cases++;
	script->in_case = true;
	s->skip = false;
	s->counter = 0;
	s->offer = mta_postfix;
	strcpy(s->sender, "alice@example.com");
	script->stopped = !session_fence(s);
	if (script->stopped)
		printf("# %s: %s\n", script->file, s->why);
	daemonlog_mark(s->log);
}

/* False if the script cannot go on. */
static bool play_line(struct session *s, struct script *script, unsigned number, char *line)
{
	char *text = line + strspn(line, " \t");
	text[strcspn(text, "\n")] = '\0';
	if (text[0] == '\0' || text[0] == '#')
		return true;
	/* The configuration is for the program that starts the daemon. */
	if (strcmp(text, "config") == 0 || strcmp(text, "end") == 0) {
		script->in_config = text[0] == 'c';
		return true;
	}
	if (script->in_config)
		return true;
	if (strncmp(text, "case ", 5) == 0) {
		begin_case(s, script, text + 5);
		return true;
	}
	if (script->stopped)
		return true;
	char *shown = strdup(text);
	bool ok = shown && session_run_line(s, text);
	if (!ok && !s->skip)
		printf("# %s:%u: %.200s\n#   %s\n", script->file, number, shown ? shown : "",
		       s->why);
	free(shown);
	script->stopped = !ok;
	if (!ok && !script->in_case) /* what stands before the first case prepares them all */
		printf("Bail out! The preparation failed\n");
	return ok || script->in_case;
}

static int play(struct session *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct script script = {.file = slash ? slash + 1 : path};
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	bool ok = true;
	FILE *in = fopen(path, "r");
	if (!in) {
		perror(path);
		return 99;
	}
	while (ok && getline(&line, &room, in) >= 0)
		ok = play_line(s, &script, ++number, line);
	end_case(s, &script);
	free(line);
	fclose(in);
	if (!ok)
		return 99;
	printf("1..%u\n", script.cases);
	return script.failed > 0;
}

/* Whether a milter answers there. */
static int ping(struct session *s)
{
	struct mta *mta = mta_new(TIMEOUT_MS);
	bool ok =
	    mta && mta_open(mta, s->socket) == MTA_OK && mta_negotiate(mta, &mta_postfix) == MTA_OK;
	mta_free(mta);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	static struct session session;
	struct rlimit files;
	session.socket = argc > 1 ? argv[1] : "";
	if (argc == 2)
		return ping(&session);
	if (argc != 4) {
		fprintf(stderr, "usage: session SOCKET [LOG FILE.session]\n");
		return 99;
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	session.log = daemonlog_open(argv[2]);
	if (!session.log) {
		perror(argv[2]);
		return 99;
	}
	int code = play(&session, argv[3]);
	close_all(&session);
	daemonlog_close(session.log);
	return code;
}
