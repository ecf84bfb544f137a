/* What the log says of the gate: verdicts by rule and account, and the grants that were missed. */
#include "config.h"

#include "db/cli/cli.h"
#include "db/cli/log_line.h"
#include "db/cli/output.h"
#include "db/cli/report_count.h"
#include "policy/address.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 8192 /* a longer one is none of ours */

struct report {
	const struct cli *cli;
	uint64_t lines, broken;
	struct counts verdicts; /* by verdict, rule, account */
	struct counts grants;   /* by account, pattern */
	uint64_t left_out;      /* lines that would propose a grant, but do not tell for what */
};

/* ---- grants ------------------------------------------------------------- */

/* The address that a grant would have let pass; false if the line does not ask for one. */
static bool wants_grant(const struct log_line *line, bool *known, struct mailbox *mailbox)
{
	if (strcmp(line->verdict, "shadow") != 0 && strcmp(line->verdict, "reject") != 0)
		return false;
	if (strcmp(line->rule, "sender_registered") == 0)
		*known = reverse_path_parse(line->sender, true, mailbox) == FORM_OK;
	else if (strcmp(line->rule, "header_from") == 0)
		*known = mailbox_parse(line->about, strlen(line->about), true, mailbox) == FORM_OK;
	else
		return false;
	*known &= !line->inexact && account_name_form(line->account) == FORM_OK;
	return true;
}

static bool take_grant(struct report *report, const struct log_line *line)
{
	struct mailbox mailbox;
	bool known;

	if (!report->cli->grants || !wants_grant(line, &known, &mailbox))
		return true;
	if (known)
		return counts_add(&report->grants,
		                  (const char *[]){line->account, mailbox.key, ""});
	report->left_out++;
	return true;
}

/* RFC 4180 2: in quotes where it must be. */
static void put_csv(FILE *stream, const char *text)
{
	bool quote = text[strcspn(text, ",\"\r\n")] != '\0';

	if (quote)
		fputc('"', stream);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
	if (quote)
		fputc('"', stream);
}

static int write_grants(struct report *report, FILE *stream)
{
	struct count **all = counts_sorted(&report->grants, false);

	if (!all)
		return complain(EX_OSERR, "out of memory");
	fputs("account,pattern,expires,note\n", stream);
	for (size_t i = 0; i < report->grants.size; i++) {
		put_csv(stream, all[i]->parts[0]);
		fputc(',', stream);
		put_csv(stream, all[i]->parts[1]);
		fprintf(stream, ",,in the log: %" PRIu64 "\n", all[i]->times);
	}
	free(all);
	return EX_OK;
}

/* ---- the verdicts ------------------------------------------------------- */

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void verdict_row(struct table *table, const struct count *count)
{
	char times[24];

	snprintf(times, sizeof times, "%" PRIu64, count->times);
	table_row(table, (const char *[]){count->parts[0], or_dash(count->parts[1]),
	                                  or_dash(count->parts[2]), times});
}

static json_t *verdict_json(const struct count *count)
{
	const char *rule = count->parts[1];

	return json_pack("{s:s, s:o, s:o, s:I}", "verdict", count->parts[0], "rule",
	                 *rule ? json_text(rule) : json_null(), "account",
	                 json_text(count->parts[2]), "count", (json_int_t)count->times);
}

static void print_object(const struct report *report, struct count *const *all)
{
	bool grants = report->cli->grants != NULL;

	fputs("{\"verdicts\": [", stdout);
	for (size_t i = 0; i < report->verdicts.size; i++)
		print_piece(i > 0 ? ",\n" : "\n", verdict_json(all[i]));
	print_piece("\n], \"lines\": ", json_integer((json_int_t)report->lines));
	print_piece(", \"unreadable\": ", json_integer((json_int_t)report->broken));
	print_piece(", \"uncounted\": ", json_integer((json_int_t)report->verdicts.lost));
	print_piece(", \"grants\": ",
	            grants ? json_integer((json_int_t)report->grants.size) : json_null());
	print_piece(", \"left_out\": ",
	            grants ? json_integer((json_int_t)report->left_out) : json_null());
	fputs("}\n", stdout);
}

static int print_verdicts(const struct report *report)
{
	struct table table = {.columns = 4, .head = {"VERDICT", "RULE", "ACCOUNT", "COUNT"}};
	struct count **all = counts_sorted(&report->verdicts, true);

	if (!all)
		return complain(EX_OSERR, "out of memory");
	if (report->cli->json) {
		print_object(report, all);
	} else {
		for (size_t i = 0; i < report->verdicts.size; i++)
			verdict_row(&table, all[i]);
		table_print(&table);
		for (size_t i = 0; i < report->verdicts.size && output_good(); i++)
			verdict_row(&table, all[i]);
	}
	free(all);
	return EX_OK;
}

/* What the numbers do not hold. */
static void tell_rest(const struct report *report)
{
	if (report->broken > 0)
		complain(EX_OK,
		         "%" PRIu64 " of postreeved's lines could not be read: cut by syslog?",
		         report->broken);
	if (report->verdicts.lost > 0)
		complain(EX_OK,
		         "there are more than %d kinds of verdicts: %" PRIu64
		         " of other kinds are not counted, report on less of the log",
		         COUNTS_MAX, report->verdicts.lost);
	if (report->grants.lost > 0)
		complain(
		    EX_OK,
		    "there are more than %d grants to propose: the others are left out, report on "
		    "less of the log",
		    COUNTS_MAX);
	if (report->left_out > 0)
		complain(
		    EX_OK,
		    "lines that propose no grant, since nobody logged in, or the address is none "
		    "or cut: %" PRIu64,
		    report->left_out);
}

/* ---- the log ------------------------------------------------------------ */

static bool take_line(struct report *report, const char *text)
{
	struct log_line line;

	report->lines++;
	switch (log_line_read(text, &line)) {
	case LOG_OTHER:
		return true;
	case LOG_BROKEN:
		report->broken++;
		return true;
	case LOG_VERDICT:
		break;
	}
	if (report->cli->shadow && strcmp(line.verdict, "shadow") != 0)
		return true;
	return counts_add(&report->verdicts,
	                  (const char *[]){line.verdict, line.subject[0] ? line.subject : line.rule,
	                                   line.account}) &&
	       take_grant(report, &line);
}

/* False when memory ran out. A line that is too long, or holds a NUL, is passed over. */
static bool take_stream(struct report *report, FILE *stream)
{
	char text[LINE_MAX_OCTETS + 1];
	size_t len = 0;
	bool good = true;

	for (int c; (c = getc_unlocked(stream)) != EOF || len > 0 || !good;) {
		if (c != '\n' && c != EOF) {
			good = good && c != '\0' && len < LINE_MAX_OCTETS;
			if (good)
				text[len++] = (char)c;
			continue;
		}
		if (len > 0 && text[len - 1] == '\r')
			len--;
		text[len] = '\0';
		if (good && !take_line(report, text))
			return false;
		len = 0;
		good = true;
		if (c == EOF)
			break;
	}
	return true;
}

static int take_file(struct report *report, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *stream = is_stdin ? stdin : fopen(path, "re");
	char quoted[SHOWN_MAX];
	int code = EX_OK;

	if (!stream)
		return complain_input(path, errno);
	errno = 0;
	if (!take_stream(report, stream))
		code = complain(EX_OSERR, "out of memory");
	else if (ferror(stream))
		code = complain(EX_IOERR, "%s: %s", shown(quoted, path),
		                errno ? strerror(errno) : "read error");
	if (!is_stdin)
		fclose(stream);
	return code;
}

/* ---- the command -------------------------------------------------------- */

/* Before anything is read: a file that is there is not written over. */
static int open_grants(const char *path, FILE **stream)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char quoted[SHOWN_MAX];

	*stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (*stream)
		return EX_OK;
	if (errno == EEXIST)
		return complain(EX_CANTCREAT,
		                "%s is there already: remove it, or name another file",
		                shown(quoted, path));
	return complain(EX_CANTCREAT, "%s: %s", shown(quoted, path), strerror(errno));
}

static int close_grants(struct report *report, FILE *stream, int code)
{
	const char *path = report->cli->grants;
	char quoted[SHOWN_MAX];
	bool good;

	if (code == EX_OK)
		code = write_grants(report, stream);
	good = !ferror(stream);
	good = fclose(stream) == 0 && good;
	if (!good && code == EX_OK)
		code = complain(EX_IOERR, "%s: %s", shown(quoted, path), strerror(errno));
	if (code != EX_OK)
		unlink(path);
	else if (!report->cli->json)
		say("%s: %zu grants", path, report->grants.size);
	return code;
}

static int read_all(struct report *report)
{
	const struct cli *cli = report->cli;
	int code = EX_OK;

	if (cli->arg_count == 0)
		return take_file(report, "-");
	for (size_t i = 0; i < cli->arg_count && code == EX_OK; i++)
		code = take_file(report, cli->args[i]);
	return code;
}

int report_run(struct cli *cli)
{
	bool to_stdout = cli->grants && strcmp(cli->grants, "-") == 0;
	struct report report = {.cli = cli};
	FILE *stream = NULL;
	int code = EX_OK;

	if (to_stdout && cli->json)
		return complain(EX_USAGE,
		                "--grants - and --json both go to standard output: name a file");
	if (cli->grants && !to_stdout)
		code = open_grants(cli->grants, &stream);
	if (code == EX_OK)
		code = read_all(&report);
	if (code == EX_OK)
		code = to_stdout ? write_grants(&report, stdout) : print_verdicts(&report);
	if (stream)
		code = close_grants(&report, stream, code);
	if (code == EX_OK)
		tell_rest(&report);
	counts_free(&report.verdicts);
	counts_free(&report.grants);
	return code;
}
