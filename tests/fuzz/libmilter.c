#include "tests/fuzz/libmilter.h"

#include "tests/fuzz/check.h"

#include <string.h>

struct smfiDesc milter;

/* ---- what callbacks.c calls ---------------------------------------------- */

int smfi_register(struct smfiDesc description)
{
	milter = description;
	return MI_SUCCESS;
}

int smfi_setpriv(SMFICTX *ctx, void *private)
{
	ctx->private = private;
	return MI_SUCCESS;
}

void *smfi_getpriv(SMFICTX *ctx)
{
	return ctx->private;
}

/* From the latest stage back to the first; within a stage the first of a name counts. */
char *smfi_getsymval(SMFICTX *ctx, char *name)
{
	for (int stage = MACROS_STAGES - 1; stage >= 0; stage--) {
		struct macros *macros = &ctx->macros[stage];

		for (size_t i = 0; i < FIELDS_MAX && macros->names[i]; i++)
			if (strcmp(macros->names[i], name) == 0)
				return macros->values[i];
	}
	return NULL;
}

int smfi_setsymlist(SMFICTX *ctx, int stage, char *macros)
{
	(void)ctx;
	CHECK(stage >= 0 && stage <= SMFIM_LAST && macros);
	return MI_SUCCESS;
}

/* Strict where libmilter is: it refuses a reply that is not of this form, silently for us. */
int smfi_setreply(SMFICTX *ctx, char *code, char *enhanced, char *text)
{
	size_t len = 0;

	CHECK(!ctx->replied);
	CHECK(strlen(code) == 3 && (code[0] == '4' || code[0] == '5'));
	CHECK(strspn(code, "0123456789") == 3);
	CHECK(enhanced[0] == code[0] && enhanced[1] == '.');
	CHECK(strlen(text) < 980);
	snprintf(ctx->code, sizeof ctx->code, "%s", code);
	snprintf(ctx->enhanced, sizeof ctx->enhanced, "%s", enhanced);
	for (const char *s = text; *s; s++) {
		CHECK_NOTE(*s >= ' ' && *s <= '~', text);
		if (*s == '%') /* which the MTA takes for one, of two */
			CHECK_NOTE(*++s == '%', text);
		ctx->text[len++] = *s;
	}
	ctx->text[len] = '\0';
	ctx->replied = true;
	return MI_SUCCESS;
}

/* ---- what the target calls ----------------------------------------------- */

static void forget(struct macros *macros)
{
	free(macros->packet);
	*macros = (struct macros){.packet = NULL};
}

void milter_macros(SMFICTX *ctx, enum macro_stage stage, const char *const *fields, size_t count)
{
	struct macros *macros = &ctx->macros[stage];
	size_t octets = 1, used = 0, n = 0;

	forget(macros);
	for (size_t i = 0; i < count; i++)
		octets += strlen(fields[i]) + 1;
	macros->packet = malloc(octets);
	CHECK(macros->packet);
	for (size_t i = 0; i < count && n + 1 < FIELDS_MAX; i++) {
		char *name = macros->packet + used, *equals;

		strcpy(name, fields[i]);
		used += strlen(name) + 1;
		equals = strchr(name, '=');
		if (!equals)
			continue;
		*equals = '\0';
		macros->names[n] = name;
		macros->values[n++] = equals + 1;
	}
}

void milter_event(SMFICTX *ctx, enum macro_stage forgotten)
{
	for (int stage = (int)forgotten; stage < MACROS_STAGES; stage++)
		forget(&ctx->macros[stage]);
	ctx->replied = false;
}

void milter_end(SMFICTX *ctx)
{
	milter_event(ctx, MACROS_MAIL);
	memset(ctx, 0, sizeof *ctx);
}
