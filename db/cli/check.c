#include "db/cli/check.h"

#include <stdarg.h>
#include <stdio.h>

#define SENTENCE_MAX 1000 /* octets, '\0' and all */

static void tell(struct check *check, bool ok, const char *text, const char *mend)
{
	json_t *json;

	if (check->found) {
		if (!ok)
			check->found(check, text, mend);
		return;
	}
	if (!check->cli->json) {
		say("%s: %s: %s%s%s", ok ? "ok" : "problem", check->name, text, mend ? ": " : "",
		    mend ? mend : "");
		return;
	}
	json =
	    json_pack("{s:s, s:b, s:o}", "check", check->name, "ok", ok, "text", json_text(text));
	if (mend)
		json_put(json, "mend", json_text(mend));
	array_add(&check->array, json);
}

void check_ok(struct check *check, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tell(check, true, text, NULL);
}

void check_problem(struct check *check, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	check->problem = true;
	tell(check, false, text, NULL);
}

void check_mend(struct check *check, const char *mend, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	check->problem = true;
	tell(check, false, text, mend);
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
	return check->problem ? CHECK_FINDINGS : EX_OK;
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
