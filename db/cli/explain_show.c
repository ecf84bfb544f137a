#include "db/cli/explain.h"

#include "db/cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char *const why_names[WHY_COUNT] = {
    [WHY_EXPIRED] = "expired", [WHY_TAGGED] = "tagged", [WHY_DOMAIN] = "domain",
    [WHY_GROUP] = "group",     [WHY_OTHER] = "other",
};

static json_t *need(json_t *json)
{
	if (!json)
		exit(complain(EX_OSERR, "out of memory"));
	return json;
}

void explain_found(struct explanation *explanation, const struct registry_grant *grant)
{
	json_decref(explanation->grant);
	explanation->grant = need(grant_json(grant));
}

void explain_miss(struct explanation *explanation, enum why why, const struct registry_grant *grant)
{
	json_t *miss;

	if (explanation->miss_count[why]++ >= MISSES_MOST)
		return;
	miss = need(grant_json(grant));
	json_object_set_new(miss, "why", need(json_string(why_names[why])));
	json_array_append_new(explanation->misses, miss);
}

/* ---- commands ------------------------------------------------------------- */

/* One word of a shell's command line. */
static void put_word(FILE *stream, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "%+,-./:=@_";

	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, stream);
		return;
	}
	fputc('\'', stream);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\'", stream);
		fputc(*word, stream);
	}
	fputc('\'', stream);
}

void explain_command(struct explanation *explanation, const char *words, const char *first,
                     const char *second)
{
	char *text = NULL;
	size_t size, i;
	json_t *command, *other;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		exit(complain(EX_OSERR, "out of memory"));
	fprintf(stream, "postreeve %s ", words);
	if (second && second[0] == '-')
		fputs("-- ", stream);
	put_word(stream, first);
	if (second) {
		fputc(' ', stream);
		put_word(stream, second);
	}
	if (fclose(stream) != 0)
		exit(complain(EX_OSERR, "out of memory"));
	command = need(json_text(text));
	free(text);
	json_array_foreach(explanation->commands, i, other)
	{
		if (json_equal(command, other)) {
			json_decref(command);
			return;
		}
	}
	json_array_append_new(explanation->commands, command);
}

/* ---- for people ----------------------------------------------------------- */

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static void show_miss(const char *account, const json_t *miss)
{
	const char *why = member(miss, "why"), *pattern = member(miss, "pattern");
	const char *holder = member(miss, "account");

	if (strcmp(why, "expired") == 0)
		say("expired    %s of %s, since %s", pattern, holder, member(miss, "expires"));
	else if (strcmp(why, "tagged") == 0)
		say("tag        %s of %s covers no +tag, unless the profile says "
		    "allow_tagged_sender = yes",
		    pattern, holder);
	else if (strcmp(why, "domain") == 0)
		say("domain     %s of %s covers %s", pattern, holder,
		    pattern[1] == '.' ? "only the domains below it"
		                      : "only this domain, none below it");
	else if (strcmp(why, "group") == 0)
		say("group      %s holds %s, and %s does not belong to it", holder, pattern,
		    account);
	else
		say("other      %s holds %s", holder, pattern);
}

static void show(const struct explanation *explanation)
{
	json_t *one;
	size_t i;

	say("%s %s send as %s: %s", explanation->account, explanation->allowed ? "may" : "may not",
	    explanation->address, explanation->because);
	if (explanation->mode && strcmp(explanation->mode, "enforce") != 0)
		say("mode       %s: the rule sender_registered refuses nothing in this profile",
		    explanation->mode);
	if (explanation->grant) {
		say("sender     %s", member(explanation->grant, "pattern"));
		say("holder     %s", member(explanation->grant, "account"));
		say("expires    %s", member(explanation->grant, "expires"));
		say("note       %s", member(explanation->grant, "note"));
		say("given by   %s, %s", member(explanation->grant, "author"),
		    member(explanation->grant, "created"));
	}
	json_array_foreach(explanation->misses, i, one) show_miss(explanation->account, one);
	if (json_array_size(explanation->commands) > 0)
		say("What would allow it%s:",
		    json_array_size(explanation->commands) > 1 ? ", each of these" : "");
	json_array_foreach(explanation->commands, i, one) say("    %s", json_string_value(one));
}

void explain_print(struct explanation *explanation, bool json)
{
	if (!json)
		show(explanation);
	else
		print_json(json_pack(
		    "{s:o, s:o, s:b, s:o, s:o, s:O?, s:O, s:O}", "account",
		    json_text(explanation->account), "address", json_text(explanation->address),
		    "allowed", explanation->allowed, "because", json_text(explanation->because),
		    "mode", explanation->mode ? json_string(explanation->mode) : json_null(),
		    "grant", explanation->grant ? explanation->grant : json_null(), "misses",
		    explanation->misses, "commands", explanation->commands));
	json_decref(explanation->grant);
	json_decref(explanation->misses);
	json_decref(explanation->commands);
}
