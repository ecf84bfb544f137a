/* Grants: which sender addresses an account or a group may use. */
#include "db/grant.h"

#include "db/account.h"
#include "db/error.h"

#include <string.h>

/* ---- giving ------------------------------------------------------------- */

/* ?1 to ?6: holder, pattern, time, who, expires, note; ?7: the holder's name, for the log. */
static const char find[] = "SELECT coalesce(expires, 0) = ?5 AND note = coalesce(?6, note), note "
			   "FROM sender_grant WHERE account = ?1 AND pattern = ?2";
static const char insert[] =
    "INSERT INTO sender_grant (account, pattern, created, author, expires, note) "
    "VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), coalesce(?6, ''))";
static const char update[] =
    "UPDATE sender_grant SET created = ?3, author = ?4, expires = nullif(?5, 0), "
    "note = coalesce(?6, note) WHERE account = ?1 AND pattern = ?2";
/* TERMS_SQL within the parentheses is of the row as it is, and outside of them as it will be. */
static const char note_insert[] =
    "INSERT INTO change (time, who, what, account, item, before, after) "
    "SELECT ?3, ?4, 'sender add', ?7, ?2, '', " TERMS_SQL
    " FROM (SELECT nullif(?5, 0) AS expires, coalesce(?6, '') AS note)";
static const char note_update[] =
    "INSERT INTO change (time, who, what, account, item, before, after) "
    "SELECT ?3, ?4, 'sender change', ?7, ?2, before, " TERMS_SQL " FROM (SELECT " TERMS_SQL
    " AS before, nullif(?5, 0) AS expires, coalesce(?6, note) AS note "
    "FROM sender_grant WHERE account = ?1 AND pattern = ?2)";

enum registry_status grant_writer_begin(struct registry *registry, struct grant_writer *out,
                                        struct registry_error *error)
{
	static const char *const sql[] = {find, insert, update, note_insert, note_update};
	sqlite3_stmt **const statements[] = {&out->find, &out->insert, &out->update,
	                                     &out->note_insert, &out->note_update};
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
	sqlite3_finalize(writer->note_insert);
	sqlite3_finalize(writer->note_update);
	memset(writer, 0, sizeof *writer);
}

enum registry_status grant_write(struct registry *registry, const struct grant_writer *writer,
                                 int64_t holder, const char *name, const char *pattern,
                                 const struct registry_terms *terms, bool *added,
                                 struct registry_error *error)
{
	const struct handle *handle = &registry->handle;
	int64_t same = 0;
	const char *note; /* looked at for damage only */
	enum registry_status status =
	    handle_find_again(handle, writer->find, error, "ititit", holder, pattern, registry->now,
	                      registry->who, terms->expires, terms->note);

	*added = status == REGISTRY_UNCHANGED;
	if (status == REGISTRY_OK)
		status = handle_columns(handle, writer->find, error, "it", &same, &note);
	sqlite3_reset(writer->find);
	if (status != REGISTRY_OK && !*added)
		return status;
	if (same)
		return REGISTRY_UNCHANGED;
	/* Written down first: the terms before are still there. */
	status = handle_change_again(handle, *added ? writer->note_insert : writer->note_update,
	                             NULL, error, "itititt", holder, pattern, registry->now,
	                             registry->who, terms->expires, terms->note, name);
	if (status != REGISTRY_OK)
		return status;
	return handle_change_again(handle, *added ? writer->insert : writer->update, NULL, error,
	                           "ititit", holder, pattern, registry->now, registry->who,
	                           terms->expires, terms->note);
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
	enum registry_status status = handle_begin(&registry->handle, "BEGIN", error);

	if (status != REGISTRY_OK)
		return status;
	for (size_t i = 0; i < count && status == REGISTRY_OK && !walk.stopped; i++)
		status =
		    handle_walk(&registry->handle, walk_row, &walk, error,
		                GRANTS "WHERE g.pattern = ?1 ORDER BY a.name", "t", patterns[i]);
	handle_rollback(&registry->handle);
	return status;
}
