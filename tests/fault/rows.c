/* What the databases hold, and whether they are whole. No plan is in force here. */
#include "tests/fault/place.h"
#include "tests/fuzz/check.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS_MAX (1 << 16)
#define CHANGE   "change"

struct text {
	char octets[ROWS_MAX];
	size_t len;
};

static void add(struct text *out, const char *text)
{
	size_t len = strlen(text);

	CHECK(out->len + len < ROWS_MAX);
	memcpy(out->octets + out->len, text, len + 1);
	out->len += len;
}

/* A hash is new or what it was: no two are alike. */
static void add_column(struct text *out, const char *text)
{
	if (text && text[0] == '$')
		text = strcmp(text, place_hash) == 0 ? "(old hash)" : "(new hash)";
	add(out, text ? text : "-");
	add(out, "|");
}

static bool add_query(struct text *out, sqlite3 *db, const char *sql)
{
	sqlite3_stmt *row;
	int rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(row)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(row); i++)
			add_column(out, (const char *)sqlite3_column_text(row, i));
		add(out, "\n");
		rc = SQLITE_OK;
	}
	/* A table or column that an older schema has not, or an empty one. */
	if (rc != SQLITE_DONE && strncmp(sqlite3_errmsg(db), "no such ", strlen("no such ")) != 0)
		add(out, sqlite3_errmsg(db));
	sqlite3_finalize(row);
	return rc == SQLITE_DONE;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0;
}

/* Those of one file. One that was made and not filled is none; a query of what is not there, too. */
static void add_file(struct text *out, const char *path, const char *const *queries)
{
	sqlite3 *db;

	if (!is_there(path))
		return;
	CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	for (; *queries; queries++)
		if (!add_query(out, db, *queries))
			break;
	CHECK(sqlite3_close(db) == SQLITE_OK);
}

const char *place_rows(int number)
{
	static const char *const registry[] = {
	    "SELECT 'version', user_version FROM pragma_user_version WHERE user_version > 0",
	    "SELECT name, profile, suspended FROM account ORDER BY name",
	    "SELECT name, pattern FROM sender_grant AS g JOIN account AS a ON a.id = g.account "
	    "ORDER BY 1, 2",
	    "SELECT name, pattern, expires, note, author FROM sender_grant AS g "
	    "JOIN account AS a ON a.id = g.account ORDER BY 1, 2",
	    "SELECT name FROM account WHERE is_group ORDER BY 1",
	    "SELECT g.name, a.name FROM membership AS m JOIN account AS a ON a.id = m.account "
	    "JOIN account AS g ON g.id = m.in_group ORDER BY 1, 2",
	    "SELECT a.name, l.name, value FROM account_limit AS l "
	    "JOIN account AS a ON a.id = l.account ORDER BY 1, 2",
	    "SELECT network, name FROM network JOIN account ON id = account ORDER BY 1",
	    "SELECT '" CHANGE "', who, what, account, item, before, after FROM change ORDER BY id",
	    NULL,
	};
	static const char *const usage[] = {"SELECT account, quota, used FROM usage ORDER BY 1, 2",
	                                    NULL};
	static const char *const passwords[] = {
	    "SELECT account, hash, disabled FROM password ORDER BY 1", NULL};
	static struct text texts[4];
	struct text *out = &texts[number];

	out->len = 0;
	out->octets[0] = '\0';
	add_file(out, place.database, registry);
	add_file(out, place.usage, usage);
	add_file(out, place.passwords, passwords);
	return out->octets;
}

const char *place_damage(void)
{
	static const char *const queries[] = {"PRAGMA integrity_check", "PRAGMA foreign_key_check",
	                                      NULL};
	static struct text text;

	text.len = 0;
	text.octets[0] = '\0';
	add_file(&text, place.database, queries);
	add_file(&text, place.usage, queries);
	add_file(&text, place.passwords, queries);
	for (const char *line = text.octets; *line; line += strlen("ok|\n"))
		if (strncmp(line, "ok|\n", strlen("ok|\n")) != 0)
			return text.octets;
	return NULL;
}

/* The next line that is no row of that table. */
static const char *skip_changes(const char *text)
{
	while (strncmp(text, CHANGE "|", strlen(CHANGE "|")) == 0)
		text = strchr(text, '\n') + 1;
	return text;
}

bool place_alike(const char *a, const char *b)
{
	for (;;) {
		size_t len;

		a = skip_changes(a);
		b = skip_changes(b);
		len = strcspn(a, "\n");
		if (strncmp(a, b, len + 1) != 0)
			return false;
		if (a[len] == '\0')
			return true;
		a += len + 1;
		b += len + 1;
	}
}

const char *place_difference(const char *rows, const char *before)
{
	static struct text text;
	char line[1024];

	text.len = 0;
	text.octets[0] = '\0';
	for (size_t len; *rows; rows += len + (rows[len] == '\n')) {
		len = strcspn(rows, "\n");
		snprintf(line, sizeof line, "%.*s\n", (int)len, rows);
		if (!strstr(before, line))
			add(&text, line);
	}
	return text.octets[0] ? text.octets : "(rows are missing)\n";
}
