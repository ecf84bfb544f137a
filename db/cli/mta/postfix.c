#include "config.h"

#include "db/cli/mta/postfix.h"

#include "db/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

/* One line of postconf's: what it is of ("" for main.cf), and its name; fields begin with a dot. */
struct setting {
	char *service, *name, *value;
};

struct postfix {
	struct setting *settings;
	size_t count, room;
	const char **services;
	size_t service_count;
};

/* The strings are copied. */
static bool add(struct postfix *postfix, const char *service, const char *dot, const char *name,
                const char *value)
{
	struct setting *setting;

	if (postfix->count == postfix->room) {
		size_t room = postfix->room ? 2 * postfix->room : 1024;
		struct setting *settings = realloc(postfix->settings, room * sizeof *settings);

		if (!settings)
			return false;
		postfix->settings = settings;
		postfix->room = room;
	}
	setting = &postfix->settings[postfix->count++];
	*setting = (struct setting){.service = strdup(service), .value = strdup(value)};
	if (asprintf(&setting->name, "%s%s", dot, name) < 0)
		setting->name = NULL;
	return setting->service && setting->name && setting->value;
}

/* "name = value", or "service/type/name = value". */
static bool take_line(struct postfix *postfix, char *line, const char *dot, bool of_service)
{
	char *equals = strstr(line, " ="), *name = line;
	const char *value;

	line[strcspn(line, "\n")] = '\0';
	if (!equals)
		return true;
	*equals = '\0';
	value = equals + 2 + strspn(equals + 2, " ");
	if (of_service) {
		name = strrchr(line, '/');
		if (!name)
			return true;
		*name++ = '\0';
	}
	return add(postfix, of_service ? line : "", dot, name, value);
}

/* Gives pclose()'s status, or -1. */
static int take(struct postfix *postfix, const char *command, const char *dot, bool of_service)
{
	FILE *pipe = popen(command, "r");
	char *line = NULL;
	size_t size = 0;
	bool ok = true;
	int status;

	if (!pipe)
		return -1;
	while (ok && getline(&line, &size, pipe) > 0)
		ok = take_line(postfix, line, dot, of_service);
	ok = ok && feof(pipe); /* else memory ran out for a line */
	free(line);
	status = pclose(pipe);
	errno = ok ? 0 : ENOMEM;
	return ok ? status : -1;
}

static bool is_of_smtpd(const struct setting *setting)
{
	const char *type = strrchr(setting->service, '/'), *command = setting->value;

	return strcmp(setting->name, ".command") == 0 && type &&
	       (strcmp(type, "/inet") == 0 || strcmp(type, "/pass") == 0) &&
	       strncmp(command, "smtpd", 5) == 0 && (command[5] == ' ' || command[5] == '\0');
}

static bool find_services(struct postfix *postfix)
{
	postfix->services = calloc(postfix->count + 1, sizeof *postfix->services);
	if (!postfix->services)
		return false;
	for (size_t i = 0; i < postfix->count; i++)
		if (is_of_smtpd(&postfix->settings[i]))
			postfix->services[postfix->service_count++] = postfix->settings[i].service;
	return true;
}

struct postfix *postfix_read(void)
{
	struct postfix *postfix = calloc(1, sizeof *postfix);

	if (postfix && take(postfix, "postconf -x 2>/dev/null", "", false) == 0 &&
	    take(postfix, "postconf -F 2>/dev/null", ".", true) == 0 &&
	    take(postfix, "postconf -xP 2>/dev/null", "", true) == 0 && find_services(postfix))
		return postfix;
	postfix_free(postfix);
	return NULL;
}

int postfix_unread(void)
{
	if (errno == ENOMEM)
		return complain(EX_OSERR, "out of memory");
	return complain(EX_UNAVAILABLE, "postconf cannot tell Postfix's settings: see what "
	                                "`postconf -n' says");
}

void postfix_free(struct postfix *postfix)
{
	if (!postfix)
		return;
	for (size_t i = 0; i < postfix->count; i++) {
		free(postfix->settings[i].service);
		free(postfix->settings[i].name);
		free(postfix->settings[i].value);
	}
	free(postfix->settings);
	free(postfix->services);
	free(postfix);
}

/* ---- looking ------------------------------------------------------------ */

static const char *find(const struct postfix *postfix, const char *service, const char *dot,
                        const char *name)
{
	size_t len = strlen(dot);

	for (size_t i = 0; i < postfix->count; i++) {
		const struct setting *setting = &postfix->settings[i];

		if (strcmp(setting->service, service) == 0 &&
		    strncmp(setting->name, dot, len) == 0 && strcmp(setting->name + len, name) == 0)
			return setting->value;
	}
	return NULL;
}

const char *postfix_get(const struct postfix *postfix, const char *service, const char *parameter)
{
	const char *value = service ? find(postfix, service, "", parameter) : NULL;

	if (!value)
		value = find(postfix, "", "", parameter);
	return value ? value : "";
}

const char *postfix_field(const struct postfix *postfix, const char *service, const char *field)
{
	const char *value = find(postfix, service, ".", field);

	return value ? value : "";
}

const char *postfix_service(const struct postfix *postfix, size_t index)
{
	return index < postfix->service_count ? postfix->services[index] : NULL;
}

/* ---- lists -------------------------------------------------------------- */

static const char separators[] = ", \t";

bool postfix_next_word(const char **text, char *word, size_t size)
{
	const char *begin = *text + strspn(*text, separators);
	size_t len = strcspn(begin, separators);

	if (begin[0] == '{')
		len = strcspn(begin, "}") + (strchr(begin, '}') != NULL);
	*text = begin + len;
	snprintf(word, size, "%.*s", (int)len, begin);
	return len > 0;
}

bool postfix_has_word(const char *text, const char *word)
{
	char next[256];

	while (postfix_next_word(&text, next, sizeof next))
		if (strcasecmp(next, word) == 0)
			return true;
	return false;
}
