/* Grants: which sender addresses an account or a group may use. */
#include "db/grant.h"

#include "db/account.h"
#include "db/error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TERMS_MAX 1024 /* octets of terms in words; longer ones are cut */

/* ---- giving ------------------------------------------------------------- */

enum registry_status grant_writer_begin(struct registry *registry, struct grant_writer *out,
                                        struct registry_error *error)
{
	static const char *const sql[] = {
	    "SELECT coalesce(expires, 0), note FROM sender_grant "
	    "WHERE account = ?1 AND pattern = ?2",
	    "INSERT INTO sender_grant (account, pattern, created, author, expires, note) "
	    "VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6)",
	    "UPDATE sender_grant SET created = ?3, author = ?4, expires = nullif(?5, 0), note = ?6 "
	    "WHERE account = ?1 AND pattern = ?2",
	    NOTE_SQL,
	};
	sqlite3_stmt **const statements[] = {&out->find, &out->insert, &out->update, &out->note};
	enum registry_status status = REGISTRY_OK;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < sizeof sql / sizeof *sql && status == REGISTRY_OK; i++)
		status = handle_prepare(&registry->handle, statements[i], error, sql[i], "");
	if (status != REGISTRY_OK)
		grant_writer_end(out);
	return status;
}

void grant_writer_end(struct grant_writer *writer)
{
	sqlite3_finalize(writer->find);
	sqlite3_finalize(writer->insert);
	sqlite3_finalize(writer->update);
	sqlite3_finalize(writer->note);
	memset(writer, 0, sizeof *writer);
}

/* As TERMS_SQL has them. */
static void terms_text(int64_t expires, const char *note, char out[TERMS_MAX])
{
	char date[32] = "";
	time_t when = (time_t)expires;
	struct tm tm;

	if (expires && gmtime_r(&when, &tm))
		strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(out, TERMS_MAX, "%s%s%s%s%s", *date ? "expires=" : "", date,
	         *date && *note ? " " : "", *note ? "note=" : "", note);
}

/* What stands there: before, in words; REGISTRY_UNCHANGED if it is as it is to be. */
static enum registry_status compare(struct registry *registry, const struct grant_writer *writer,
                                    const struct registry_terms *terms, char note[TERMS_MAX],
                                    char before[TERMS_MAX], struct registry_error *error)
{
	int64_t expires;
	const char *was;
	enum registry_status status =
	    handle_columns(&registry->handle, writer->find, error, "it", &expires, &was);

	if (status != REGISTRY_OK)
		return status;
	terms_text(expires, was, before);
	snprintf(note, TERMS_MAX, "%s", terms->note ? terms->note : was);
	return expires == terms->expires && strcmp(note, was) == 0 ? REGISTRY_UNCHANGED
	                                                           : REGISTRY_OK;
}

enum registry_status grant_write(struct registry *registry, const struct grant_writer *writer,
                                 int64_t holder, const char *name, const char *pattern,
                                 const struct registry_terms *terms, bool *added,
                                 struct registry_error *error)
{
	char note[TERMS_MAX], before[TERMS_MAX] = "", after[TERMS_MAX];
	const struct handle *handle = &registry->handle;
	enum registry_status status =
	    handle_find_again(handle, writer->find, error, "it", holder, pattern);

	*added = status == REGISTRY_UNCHANGED;
	if (*added) {
		snprintf(note, sizeof note, "%s", terms->note ? terms->note : "");
		status = REGISTRY_OK;
	} else if (status == REGISTRY_OK) {
		status = compare(registry, writer, terms, note, before, error);
	}
	sqlite3_reset(writer->find);
	if (status != REGISTRY_OK)
		return status;
	status = handle_change_again(handle, *added ? writer->insert : writer->update, NULL, error,
	                             "ititit", holder, pattern, registry->now, registry->who,
	                             terms->expires, note);
	if (status != REGISTRY_OK)
		return status;
	terms_text(terms->expires, note, after);
	return handle_change_again(handle, writer->note, NULL, error, "itttttt", registry->now,
	                           registry->who, *added ? "sender add" : "sender change", name,
	                           pattern, before, after);
}

struct add {
	const char *const *patterns;
	const struct registry_terms *terms;
	struct grant_writer writer;
};

static enum registry_status add(struct registry *registry, int64_t holder, const char *name,
                                size_t i, void *arg, struct registry_error *error)
{
	struct add *add = arg;
	bool added;
	enum registry_status status = REGISTRY_OK;

	if (!add->writer.find)
		status = grant_writer_begin(registry, &add->writer, error);
	if (status == REGISTRY_OK)
		status = grant_write(registry, &add->writer, holder, name, add->patterns[i],
		                     add->terms, &added, error);
	/* Before the transaction ends. */
	if (status != REGISTRY_OK && status != REGISTRY_UNCHANGED)
		grant_writer_end(&add->writer);
	return status;
}

enum registry_status registry_grant_add(struct registry *registry, const char *holder,
                                        const char *const *patterns, size_t count,
                                        const struct registry_terms *terms, size_t *changed,
                                        struct registry_error *error)
{
	struct add arg = {.patterns = patterns, .terms = terms};
	enum registry_status status =
	    writer_each(registry, HOLDER_ANY, holder, count, add, &arg, changed, error);

	grant_writer_end(&arg.writer);
	return status;
}

/* ---- taking away -------------------------------------------------------- */

static enum registry_status delete (struct registry *registry, int64_t holder, const char *name,
                                    size_t i, void *arg, struct registry_error *error) {
	const char *pattern = ((const char *const *)arg)[i]; size_t changed;
	    enum registry_status status =
		handle_change(&registry->handle, &changed, error,
	                      "INSERT INTO change (time, who, what, account, item, before, after) "
	                      "SELECT ?1, ?2, 'sender delete', ?3, pattern, " TERMS_SQL ", '' "
	                      "FROM sender_grant WHERE account = ?4 AND pattern = ?5",
	                      "ittit", registry->now, registry->who, name, holder, pattern);

	    if (status != REGISTRY_OK || changed == 0) return status == REGISTRY_OK
		? REGISTRY_UNCHANGED
		: status;
	    return handle_change(&registry->handle, NULL, error,
	                         "DELETE FROM sender_grant WHERE account = ?1 AND pattern = ?2",
	                         "it", holder, pattern);
}

enum registry_status registry_grant_delete(struct registry *registry, const char *holder,
                                           const char *const *patterns, size_t count,
                                           size_t *changed, struct registry_error *error)
{
	return writer_each(registry, HOLDER_ANY, holder, count, delete, (void *)(uintptr_t)patterns,
	                   changed, error);
}

/* ---- walking ------------------------------------------------------------ */

struct walk {
	registry_grant_fn *fn;
	void *arg;
	bool stopped;
};

static enum registry_status walk_row(const struct handle *handle, sqlite3_stmt *row, void *arg,
                                     struct registry_error *error)
{
	struct walk *walk = arg;
	struct registry_grant grant;
	enum registry_status status =
	    handle_columns(handle, row, error, "ttitit", &grant.holder, &grant.pattern,
	                   &grant.expires, &grant.note, &grant.created, &grant.author);

	if (status != REGISTRY_OK)
		return status;
	walk->stopped = !walk->fn(&grant, walk->arg);
	return walk->stopped ? REGISTRY_UNCHANGED : REGISTRY_OK;
}

#define GRANTS                                                                                     \
	"SELECT a.name, g.pattern, coalesce(g.expires, 0), g.note, g.created, g.author "           \
	"FROM account AS a CROSS JOIN sender_grant AS g ON g.account = a.id "

enum registry_status registry_grant_walk(struct registry *registry, const char *holder,
                                         registry_grant_fn *fn, void *arg,
                                         struct registry_error *error)
{
	struct walk walk = {.fn = fn, .arg = arg};

	return writer_walk_of(registry, HOLDER_ANY, holder, walk_row, &walk, error,
	                      holder ? GRANTS "WHERE a.id = ?1 ORDER BY a.name, g.pattern"
	                             : GRANTS "WHERE ?1 = 0 ORDER BY a.name, g.pattern");
}

enum registry_status registry_grant_find(struct registry *registry, const char *const *patterns,
                                         size_t count, registry_grant_fn *fn, void *arg,
                                         struct registry_error *error)
{
	struct walk walk = {.fn = fn, .arg = arg};
	enum registry_status status = handle_run(&registry->handle, "BEGIN", error);

	if (status != REGISTRY_OK)
		return status;
	for (size_t i = 0; i < count && status == REGISTRY_OK && !walk.stopped; i++)
		status =
		    handle_walk(&registry->handle, walk_row, &walk, error,
		                GRANTS "WHERE g.pattern = ?1 ORDER BY a.name", "t", patterns[i]);
	sqlite3_exec(registry->handle.db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
