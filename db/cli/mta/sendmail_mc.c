#include "config.h"

#include "db/cli/mta/sendmail_mc.h"

#include "db/cli/mta/sendmail_check.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTER        "postreeve"
#define STATEMENT_MAX 4096 /* octets */

static const char mark[] = "dnl # postreeve: "; /* before what is commented out */

/* ---- statements ----------------------------------------------------------- */

/*
 * How long a line is, with those behind it until what it opened is closed; the line alone where that
 * never is. Behind dnl nothing counts.
 */
static size_t statement_len(const char *text)
{
	size_t line = strcspn(text, "\n"), i;
	int quotes = 0, brackets = 0;
	bool closed = true;

	line += text[line] == '\n';
	for (i = 0; text[i] && i < STATEMENT_MAX; i++) {
		if (closed && strncmp(text + i, "dnl", 3) == 0) {
			i += strcspn(text + i, "\n");
			return i + (text[i] == '\n');
		}
		quotes += (text[i] == '`') - (text[i] == '\'');
		brackets += (text[i] == '(') - (text[i] == ')');
		closed = quotes <= 0 && brackets <= 0;
		if (text[i] == '\n' && closed)
			return i + 1;
	}
	return text[i] == '\0' && closed ? i : line;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text + strspn(text, " \t"), with, strlen(with)) == 0;
}

/* What stands in the quotes of DAEMON_OPTIONS(`...'), on one line. False if it is none. */
static bool daemon_text(const char *statement, char out[SENDMAIL_TEXT_MAX])
{
	static const char before[] = "DAEMON_OPTIONS(`";
	const char *begin = statement + strspn(statement, " \t");
	size_t len;

	if (strncmp(begin, before, sizeof before - 1) != 0)
		return false;
	begin += sizeof before - 1;
	len = strcspn(begin, "'`");
	if (begin[len] != '\'' || len >= SENDMAIL_TEXT_MAX)
		return false;
	snprintf(out, SENDMAIL_TEXT_MAX, "%.*s", (int)len, begin);
	for (char *c = out; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return true;
}

/* ---- what becomes of them ------------------------------------------------- */

/* A value, by the letters that its key may begin with. */
static void key(const char *text, const char *letters, char *out, size_t size)
{
	size_t len = 0;
	const char *value = sendmail_key(text, ',', '=', letters, &len);
	size_t space = value ? strspn(value, " \t") : 0;

	snprintf(out, size, "%.*s", value ? (int)(len - space) : 0, value ? value + space : "");
	while (*out && isspace((unsigned char)out[strlen(out) - 1]))
		out[strlen(out) - 1] = '\0';
}

enum fate {
	STAYS,
	GOES,
	CHANGES
};

/* The included file has one of its own for the port of submission. */
static enum fate daemon_fate(const char *text, char out[SENDMAIL_TEXT_MAX])
{
	char port[64], family[32], modifiers[64], filters[256], with[300];
	bool internet, asks;

	key(text, "Pp", port, sizeof port);
	key(text, "Ff", family, sizeof family);
	key(text, "Mm", modifiers, sizeof modifiers);
	key(text, "Ii", filters, sizeof filters);
	internet = !*port || mta_port(port) == MTA_PORT_SMTP;
	asks = sendmail_has_word(filters, ";", FILTER);
	if (mta_port(port) == MTA_PORT_SUBMISSION && strcasecmp(family, "inet6") != 0)
		return GOES;
	if (internet ? strchr(modifiers, 'A') && !asks : strchr(modifiers, 'A') || asks)
		return STAYS;
	snprintf(with, sizeof with, "%s%s%s", filters, *filters ? ";" : "", FILTER);
	if (!sendmail_amended(text, internet ? "A" : "", "", internet ? (asks ? "" : NULL) : with,
	                      out))
		return STAYS;
	return CHANGES;
}

static enum fate fate(const char *statement, char changed[SENDMAIL_TEXT_MAX])
{
	char text[SENDMAIL_TEXT_MAX];

	if (begins(statement, "MAIL_FILTER(`" FILTER "'") ||
	    begins(statement, "INPUT_MAIL_FILTER(`" FILTER "'"))
		return GOES;
	if (begins(statement, "include(") && strstr(statement, "/postreeve.mc'"))
		return GOES; /* the shipped settings as they are */
	return daemon_text(statement, text) ? daemon_fate(text, changed) : STAYS;
}

static void tell(const struct mc_told *told, const char *what, const char *line)
{
	if (told)
		told->line(told->arg, what, line);
}

/* False if memory ran out. */
static bool comment_out(FILE *file, const char *statement, const struct mc_told *told)
{
	char *copy = strdup(statement), *rest = copy, *line;

	while (copy && (line = strsep(&rest, "\n")) != NULL) {
		if (!*line && !rest)
			break;
		fprintf(file, "%s%s\n", mark, line);
		tell(told, "commented out", line);
	}
	free(copy);
	return copy != NULL;
}

static bool put_statement(FILE *file, const char *statement, const struct mc_told *told)
{
	char changed[SENDMAIL_TEXT_MAX], line[SENDMAIL_TEXT_MAX + 32];
	enum fate of = fate(statement, changed);

	if (of == STAYS) {
		fputs(statement, file);
		return true;
	}
	if (!comment_out(file, statement, told))
		return false;
	if (of != CHANGES)
		return true;
	snprintf(line, sizeof line, "DAEMON_OPTIONS(`%s')dnl", changed);
	fprintf(file, "%s\n", line);
	tell(told, "added", line);
	return true;
}

/* ---- all of it ------------------------------------------------------------ */

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, line, len) == 0)
			return true;
	return false;
}

static void put_include(FILE *file, const char *line, const struct mc_told *told)
{
	fprintf(file, "%sdnl\n", line);
	tell(told, "added", line);
}

char *mc_amended(const char *mc, const char *included, const struct mc_told *told)
{
	char *text = NULL, *include = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool there, good;

	if (!file || asprintf(&include, "include(`%s')", included) < 0) {
		if (file)
			fclose(file);
		free(text);
		return NULL;
	}
	there = has_line(mc, include);
	good = true;
	while (good && *mc) {
		char *next = strndup(mc, statement_len(mc));

		good = next != NULL;
		if (!good)
			break;
		if (!there && begins(next, "MAILER")) {
			put_include(file, include, told);
			there = true;
		}
		good = put_statement(file, next, told);
		mc += strlen(next);
		if (*mc == '\0' && mc[-1] != '\n')
			fputc('\n', file);
		free(next);
	}
	if (!there)
		put_include(file, include, told);
	free(include);
	good = good && !ferror(file);
	if (fclose(file) == 0 && good)
		return text;
	free(text);
	return NULL;
}

/* With none in sendmail.mc, Sendmail has one for mail from the Internet, until there is another. */
static bool has_daemons(const char *mc)
{
	char commented[64];

	snprintf(commented, sizeof commented, "%sDAEMON_OPTIONS(", mark);
	return has_line(mc, "DAEMON_OPTIONS(") || has_line(mc, commented);
}

/* A line with one text in the place of another, if that is there. */
static void put_with(FILE *file, const char *line, const char *old, const char *new)
{
	const char *at = strstr(line, old);

	if (at)
		fprintf(file, "%.*s%s%s\n", (int)(at - line), line, new, at + strlen(old));
	else
		fprintf(file, "%s\n", line);
}

static void put_shipped(FILE *file, const char *line, const struct config *config)
{
	char largest[32];

	snprintf(largest, sizeof largest, "%" PRIu64, mta_largest(config, RULE_max_message_size));
	if (begins(line, "MAIL_FILTER("))
		put_with(file, line, "local:/var/spool/postreeve/milter.sock", config->socket);
	else if (begins(line, "define(`confMAX_MESSAGE_SIZE'"))
		put_with(file, line, "8388608", largest);
	else if (begins(line, "DAEMON_OPTIONS(`Port=2525"))
		fprintf(file, "dnl %s\n", line); /* whose network is trusted, takes that away */
	else
		fprintf(file, "%s\n", line);
}

char *mc_included(const struct config *config, const char *mc)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fprintf(file, "dnl # Made by `postreeve setup sendmail', which overwrites it.\ndnl\n");
	if (!has_daemons(mc))
		fprintf(file, "dnl # Mail from the Internet, as Sendmail takes it while nothing is "
		              "said of daemons; nobody\ndnl # logs in there.\n"
		              "DAEMON_OPTIONS(`Name=MTA, M=A')dnl\ndnl\n");
	for (size_t i = 0; sendmail_shipped[i]; i++)
		put_shipped(file, sendmail_shipped[i], config);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}
