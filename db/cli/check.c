#include "db/cli/check.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDINGS     1    /* the exit code of problems */
#define SENTENCE_MAX 1000 /* octets, '\0' and all */

__attribute__((format(printf, 3, 0))) static void tell(struct check *check, bool ok,
                                                       const char *format, va_list args)
{
	char text[SENTENCE_MAX];

	vsnprintf(text, sizeof text, format, args);
	if (!check->cli->json)
		say("%s: %s: %s", ok ? "ok" : "problem", check->name, text);
	else
		array_add(&check->array, json_pack("{s:s, s:b, s:o}", "check", check->name, "ok",
		                                   ok, "text", json_text(text)));
}

void check_ok(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(check, true, format, args);
	va_end(args);
}

void check_problem(struct check *check, const char *format, ...)
{
	va_list args;

	check->problem = true;
	va_start(args, format);
	tell(check, false, format, args);
	va_end(args);
}

bool check_failed(struct check *check, int code)
{
	check->code = code;
	return false;
}

bool check_open(struct check *check)
{
	struct cli *cli = check->cli;
	struct registry_error error;
	int code = become_owner(cli->database, NULL);

	if (code != EX_OK)
		return check_failed(check, code);
	switch (registry_open(cli->database, REGISTRY_WAIT_MS, &cli->registry, &error)) {
	case REGISTRY_OK:
		return true;
	case REGISTRY_MISSING:
	case REGISTRY_DENIED: /* to the owner of its directory */
	case REGISTRY_INSECURE:
	case REGISTRY_BAD:
	case REGISTRY_OLDER:
	case REGISTRY_NEWER:
		check_problem(check, "%s", error.text);
		return false;
	default:
		return check_failed(check, complain_registry(&error));
	}
}

void check_begin(struct check *check, struct cli *cli)
{
	*check = (struct check){.cli = cli, .code = EX_OK};
	if (cli->json)
		array_begin(&check->array);
}

int check_end(struct check *check)
{
	if (check->cli->json)
		array_end(&check->array);
	if (check->code != EX_OK)
		return check->code;
	return check->problem ? FINDINGS : EX_OK;
}

int check_run(struct cli *cli, const struct check_row *rows, size_t count)
{
	struct check check;

	check_begin(&check, cli);
	for (size_t i = 0; i < count; i++) {
		check.name = rows[i].name;
		if (!rows[i].look(&check))
			break;
	}
	return check_end(&check);
}
