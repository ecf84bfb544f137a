/* JSON: an array of objects, of which one is in memory at a time. */
#include "db/cli/import.h"
#include "db/cli/output.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

struct reader {
	struct import *import;
	uint64_t begin; /* line of the object */
	size_t octets;  /* of it that were read */
	bool ended;     /* the file was over before it */
	int code;
};

/*
 * One octet each: what stands behind the object is not the library's to read. The '{' that told
 * that there is one was read already.
 */
static size_t feed(void *buffer, size_t len, void *arg)
{
	struct reader *reader = arg;
	int octet = '{';

	(void)len;
	if (reader->octets++ > 0)
		octet = import_octet(reader->import);
	if (octet == EOF)
		reader->ended = true;
	if (octet == EOF || reader->octets > IMPORT_ROW_MAX)
		return (size_t)-1;
	*(unsigned char *)buffer = (unsigned char)octet;
	return 1;
}

static int complain_syntax(const struct reader *reader, const json_error_t *error)
{
	/* The library itself does not always tell. */
	if (errno == ENOMEM)
		return complain(EX_OSERR, "out of memory");
	if (reader->ended)
		return import_complain(reader->import, reader->begin,
		                       "the file ends within this object: get all of it");
	if (reader->octets > IMPORT_ROW_MAX)
		return import_complain(reader->import, reader->begin,
		                       "over %d octets in one object", IMPORT_ROW_MAX);
	return import_complain(reader->import, reader->begin, "no JSON object: %s", error->text);
}

/* Into *out, if the member is a string; null, where that may be, leaves it. */
static int take_member(const struct reader *reader, const char *key, const json_t *value,
                       bool nullable, const char **out)
{
	if (json_is_string(value)) {
		*out = json_string_value(value);
		return EX_OK;
	}
	if (nullable && json_is_null(value))
		return EX_OK;
	return import_complain(reader->import, reader->begin, "\"%s\" must be a string%s", key,
	                       nullable ? " or null" : "");
}

static int take_object(const struct reader *reader, json_t *object)
{
	struct import_row row = {.line = reader->begin, .expires = "", .note = ""};
	const struct {
		const char *key;
		const char **out;
		bool nullable;
	} members[] = {{"account", &row.account, false},
	               {"pattern", &row.pattern, false},
	               {"expires", &row.expires, true},
	               {"note", &row.note, true}};
	const size_t count = sizeof members / sizeof *members;
	char quoted[SHOWN_MAX];
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;
		int code;

		while (i < count && strcmp(key, members[i].key) != 0)
			i++;
		if (i == count)
			return import_complain(reader->import, reader->begin,
			                       "there is no key \"%s\": give account, pattern, "
			                       "expires and note",
			                       shown(quoted, key));
		code = take_member(reader, key, value, members[i].nullable, members[i].out);
		if (code != EX_OK)
			return code;
	}
	if (!row.account || !row.pattern)
		return import_complain(reader->import, reader->begin,
		                       "there is no \"%s\": each object must have one",
		                       row.account ? "pattern" : "account");
	return import_row(reader->import, &row);
}

static int read_object(struct import *import)
{
	struct reader reader = {.import = import, .begin = import->line};
	json_error_t error;
	json_t *object;
	int code;

	errno = 0;
	object = json_load_callback(feed, &reader, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK,
	                            &error);
	code = object ? take_object(&reader, object) : complain_syntax(&reader, &error);
	json_decref(object);
	return code;
}

int import_json(struct import *import)
{
	int octet = import_octet_behind_blanks(import);
	int code;

	if (octet != ']') {
		for (;; octet = import_octet_behind_blanks(import)) {
			if (octet != '{')
				return import_complain(
				    import, import->line,
				    octet == EOF
					? "the file ends before the array does: get all of it"
					: "an object {...} is wanted here");
			code = read_object(import);
			if (code != EX_OK)
				return code;
			octet = import_octet_behind_blanks(import);
			if (octet == ']')
				break;
			if (octet != ',')
				return import_complain(
				    import, import->line,
				    octet == EOF
					? "the file ends before the array does: get all of it"
					: "a comma or the end of the array is wanted here");
		}
	}
	if (import_octet_behind_blanks(import) != EOF)
		return import_complain(import, import->line, "something stands behind the array");
	return EX_OK;
}
