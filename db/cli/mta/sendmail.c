#include "config.h"

#include "db/cli/mta/sendmail.h"
#include "db/cli/mta/sendmail_words.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum kind {
	IS_OPTION,
	IS_COMMENT, /* an option that is commented out */
	IS_MACRO,
	IS_CLASS,
	IS_MAILER,
};

struct setting {
	enum kind kind;
	char *name, *value;
};

struct sendmail {
	struct setting *settings;
	size_t setting_count, setting_room;
	struct sendmail_daemon *daemons;
	size_t daemon_count, daemon_room;
	struct sendmail_filter *filters;
	size_t filter_count, filter_room;
};

/* Room for one member more; null if there is none. */
static void *grow(void *members, size_t count, size_t *room, size_t size)
{
	void *grown;

	if (count < *room)
		return members;
	grown = reallocarray(members, *room ? 2 * *room : 64, size);
	if (grown)
		*room = *room ? 2 * *room : 64;
	return grown;
}

/* Without the white space around it. */
static char *copy(const char *text, size_t len)
{
	while (len > 0 && isspace((unsigned char)text[0])) {
		text++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	return strndup(text, len);
}

static bool add(struct sendmail *cf, enum kind kind, const char *name, size_t name_len,
                const char *value)
{
	struct setting *setting =
	    grow(cf->settings, cf->setting_count, &cf->setting_room, sizeof *cf->settings);

	if (!setting)
		return false;
	cf->settings = setting;
	setting += cf->setting_count++;
	*setting = (struct setting){kind, copy(name, name_len), copy(value, strlen(value))};
	return setting->name && setting->value;
}

static char *take_key(const char *text, const char *keys, const char *otherwise)
{
	size_t len = strlen(otherwise);
	const char *value = sendmail_key(text, ',', '=', keys, &len);

	return copy(value ? value : otherwise, len);
}

unsigned long sendmail_timeout(const struct sendmail_filter *filter, char letter)
{
	char keys[] = {letter, '\0'}, text[64];
	size_t len = 0;
	const char *value = sendmail_key(filter->timeouts, ';', ':', keys, &len);

	if (!value)
		return letter == 'S' || letter == 'R' ? 10 : 300;
	snprintf(text, sizeof text, "%.*s", (int)len, value + strspn(value, " "));
	return sendmail_seconds(text, 's');
}

/* ---- the lines ----------------------------------------------------------- */

static bool add_daemon(struct sendmail *cf, const char *text)
{
	struct sendmail_daemon *daemon =
	    grow(cf->daemons, cf->daemon_count, &cf->daemon_room, sizeof *cf->daemons);
	char name[32];
	size_t len;

	if (!daemon)
		return false;
	cf->daemons = daemon;
	snprintf(name, sizeof name, "Daemon%zu", cf->daemon_count);
	daemon += cf->daemon_count++;
	*daemon = (struct sendmail_daemon){
	    .text = copy(text, strlen(text)),
	    .name = take_key(text, "Nn", name),
	    .port = take_key(text, "Pp", "smtp"),
	    .modifiers = take_key(text, "Mm", ""),
	    .filters = take_key(text, "Ii", ""),
	    .has_filters = sendmail_key(text, ',', '=', "Ii", &len) != NULL,
	};
	return daemon->text && daemon->name && daemon->port && daemon->modifiers && daemon->filters;
}

static bool add_filter(struct sendmail *cf, const char *line)
{
	struct sendmail_filter *filter =
	    grow(cf->filters, cf->filter_count, &cf->filter_room, sizeof *cf->filters);
	size_t len = strcspn(line, ", \t\n");

	if (!filter)
		return false;
	cf->filters = filter;
	filter += cf->filter_count++;
	*filter = (struct sendmail_filter){
	    .name = copy(line, len),
	    .socket = take_key(line + len, "S", ""),
	    .flags = take_key(line + len, "F", ""),
	    .timeouts = take_key(line + len, "T", ""),
	};
	return filter->name && filter->socket && filter->flags && filter->timeouts;
}

/*
 * Sendmail takes the beginning of an option's name for it, if there is no other that begins so, and
 * has single letters for some.
 */
static const char *whole_name(const char *name, size_t len)
{
	static const char *const names[] = {
	    "AuthMechanisms", "AuthOptions",      "DaemonPortOptions", "DontBlameSendmail",
	    "HelpFile",       "InputMailFilters", "MaxMessageSize",    "MaxRecipientsPerMessage",
	    "PrivacyOptions", "RejectNUL",        "ServerCertFile",    "ServerKeyFile"};

	if (len < 5)
		return NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(names[i], name, len) == 0)
			return names[i];
	return NULL;
}

static bool add_option(struct sendmail *cf, enum kind kind, const char *line)
{
	const char *name = line + strspn(line, " ");
	size_t len = strcspn(name, "="), bare = len;
	const char *value = name + len + (name[len] == '='), *whole;

	while (bare > 0 && isspace((unsigned char)name[bare - 1]))
		bare--;
	whole = whole_name(name, bare);
	if (kind == IS_OPTION && whole && strcmp(whole, "DaemonPortOptions") == 0)
		return add_daemon(cf, value);
	return add(cf, kind, whole ? whole : name, whole ? strlen(whole) : bare, value);
}

static bool add_letter(struct sendmail *cf, const char *line)
{
	if (line[0] == 'O')
		return add_daemon(cf, line + 1);
	if (line[0] == 'p')
		return add(cf, IS_OPTION, "PrivacyOptions", strlen("PrivacyOptions"), line + 1);
	return true;
}

/* "{Name}value", or one letter and its value. */
static bool add_named(struct sendmail *cf, enum kind kind, const char *line)
{
	size_t len = strcspn(line, "}");

	if (line[0] == '\0')
		return true;
	if (line[0] != '{' || line[len] == '\0')
		return add(cf, kind, line, 1, line + 1);
	return add(cf, kind, line + 1, len - 1, line + len + 1);
}

static bool take_line(struct sendmail *cf, const char *line)
{
	size_t len;

	switch (line[0]) {
	case 'O':
		return line[1] == ' ' ? add_option(cf, IS_OPTION, line + 1)
		                      : add_letter(cf, line + 1);
	case '#':
		return strncmp(line, "#O ", 3) != 0 || add_option(cf, IS_COMMENT, line + 2);
	case 'X':
		return add_filter(cf, line + 1);
	case 'D':
		return add_named(cf, IS_MACRO, line + 1);
	case 'C':
		return add_named(cf, IS_CLASS, line + 1);
	case 'M':
		len = strcspn(line + 1, ", \t\n");
		return add(cf, IS_MAILER, line + 1, len, line + 1 + len);
	}
	return true;
}

/* A line that begins with white space goes on with the one before it. */
static bool continues(const char *line)
{
	return line[0] == ' ' || line[0] == '\t';
}

static bool append(char **whole, size_t *len, const char *line)
{
	size_t more = strlen(line);
	char *grown = realloc(*whole, *len + more + 1);

	if (!grown)
		return false;
	memcpy(grown + *len, line, more + 1);
	*whole = grown;
	*len += more;
	return true;
}

/* As in Sendmail, a NUL ends its line. */
static bool take_all(struct sendmail *cf, FILE *file)
{
	char *line = NULL, *whole = NULL;
	size_t size = 0, len = 0, read = 0;
	ssize_t got;
	bool ok = true;

	while (ok && (got = getline(&line, &size, file)) >= 0) {
		read += (size_t)got;
		if (read > SENDMAIL_CF_MAX) {
			errno = EFBIG;
			ok = false;
			break;
		}
		if (!continues(line)) {
			ok = !whole || take_line(cf, whole);
			len = 0;
		}
		ok = ok && append(&whole, &len, line);
	}
	/* What memory ran out for is not the end of the file. */
	ok = ok && feof(file) && (!whole || take_line(cf, whole));
	free(line);
	free(whole);
	return ok;
}

struct sendmail *sendmail_read(const char *path)
{
	struct sendmail *cf = calloc(1, sizeof *cf);
	FILE *file = cf ? fopen(path, "re") : NULL;
	bool ok = file && take_all(cf, file) && (cf->daemon_count > 0 || add_daemon(cf, ""));
	int error = errno;

	if (file)
		fclose(file);
	if (ok)
		return cf;
	sendmail_free(cf);
	errno = error;
	return NULL;
}

void sendmail_free(struct sendmail *cf)
{
	if (!cf)
		return;
	for (size_t i = 0; i < cf->setting_count; i++) {
		free(cf->settings[i].name);
		free(cf->settings[i].value);
	}
	for (size_t i = 0; i < cf->daemon_count; i++) {
		free(cf->daemons[i].name);
		free(cf->daemons[i].port);
		free(cf->daemons[i].text);
		free(cf->daemons[i].modifiers);
		free(cf->daemons[i].filters);
	}
	for (size_t i = 0; i < cf->filter_count; i++) {
		free(cf->filters[i].name);
		free(cf->filters[i].socket);
		free(cf->filters[i].flags);
		free(cf->filters[i].timeouts);
	}
	free(cf->settings);
	free(cf->daemons);
	free(cf->filters);
	free(cf);
}

/* ---- looking ------------------------------------------------------------- */

/* The last one counts. The case of letters does in the names of macros and mailers. */
static const char *find(const struct sendmail *cf, enum kind kind, const char *name)
{
	for (size_t i = cf->setting_count; i-- > 0;) {
		const struct setting *setting = &cf->settings[i];

		if (setting->kind == kind &&
		    (kind <= IS_COMMENT ? strcasecmp(setting->name, name)
		                        : strcmp(setting->name, name)) == 0)
			return setting->value;
	}
	return NULL;
}

static const char *or_empty(const char *value)
{
	return value ? value : "";
}

const char *sendmail_option(const struct sendmail *cf, const char *name)
{
	return or_empty(find(cf, IS_OPTION, name));
}

const char *sendmail_macro(const struct sendmail *cf, const char *name)
{
	return or_empty(find(cf, IS_MACRO, name));
}

const char *sendmail_mailer(const struct sendmail *cf, const char *name)
{
	return or_empty(find(cf, IS_MAILER, name));
}

bool sendmail_knows(const struct sendmail *cf, const char *name)
{
	return find(cf, IS_OPTION, name) || find(cf, IS_COMMENT, name);
}

bool sendmail_in_class(const struct sendmail *cf, const char *class, const char *word)
{
	for (size_t i = 0; i < cf->setting_count; i++)
		if (cf->settings[i].kind == IS_CLASS && strcmp(cf->settings[i].name, class) == 0 &&
		    sendmail_has_word(cf->settings[i].value, " \t\n", word))
			return true;
	return false;
}

const struct sendmail_daemon *sendmail_daemon(const struct sendmail *cf, size_t index)
{
	return index < cf->daemon_count ? &cf->daemons[index] : NULL;
}

const struct sendmail_filter *sendmail_filter(const struct sendmail *cf, size_t index)
{
	return index < cf->filter_count ? &cf->filters[index] : NULL;
}
