/*
 * One SQLite handle, and what its errors mean. Internal to db's library.
 */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include "db/registry.h"

#include <sqlite3.h>
#include <stdint.h>

/*
 * How long a lock is waited for, in milliseconds. A reader meets one only while a log is recovered,
 * or where somebody took the database out of WAL mode.
 */
#define READER_BUSY_MS 50
#define WRITER_BUSY_MS 5000

struct handle {
	sqlite3 *db;      /* null while closed */
	const char *path; /* borrowed from whoever opened it */
};

enum handle_use {
	HANDLE_READ,  /* by the daemon: small, and waits for nobody */
	HANDLE_WRITE, /* by the administrator's programs */
};

/* How long a handle waits for a lock, if not as long as its use says. */
void handle_patience(const struct handle *handle, int ms);

/* Opens what file_look() found; whether it is a registry is for schema_check() to say. */
enum registry_status handle_open(struct handle *handle, const char *path, enum handle_use use,
                                 struct registry_error *error);
void handle_close(struct handle *handle); /* statements finalized; closed already is fine */

/* What the last call on the handle went wrong with. */
enum registry_status handle_fail(const struct handle *handle, struct registry_error *error);

/*
 * Statements with their parameters: a letter of types for each, 't' for const char * (null is
 * NULL) and 'i' for int64_t. The strings are borrowed until the statement is finalized.
 */
enum registry_status handle_prepare(const struct handle *handle, sqlite3_stmt **out,
                                    struct registry_error *error, const char *sql,
                                    const char *types, ...);
/* Runs a statement that gives no rows; *changed, unless null, is how many it changed. */
enum registry_status handle_change(const struct handle *handle, size_t *changed,
                                   struct registry_error *error, const char *sql, const char *types,
                                   ...);
/* The same with a statement that was prepared without parameters, again and again. */
enum registry_status handle_change_again(const struct handle *handle, sqlite3_stmt *statement,
                                         size_t *changed, struct registry_error *error,
                                         const char *types, ...);
/* A row of such a statement: REGISTRY_OK, or REGISTRY_UNCHANGED if it gives none. Reset it then. */
enum registry_status handle_find_again(const struct handle *handle, sqlite3_stmt *statement,
                                       struct registry_error *error, const char *types, ...);
/* Runs statements that have neither parameters nor results. */
enum registry_status handle_run(const struct handle *handle, const char *sql,
                                struct registry_error *error);
/*
 * Transactions: "BEGIN" or "BEGIN IMMEDIATE", and the end of one that is not to be. That may fail for
 * want of memory; what is then still open ends with the next one's beginning.
 */
enum registry_status handle_begin(const struct handle *handle, const char *sql,
                                  struct registry_error *error);
void handle_rollback(const struct handle *handle);
/* The one number that a query gives. */
enum registry_status handle_number(const struct handle *handle, const char *sql, int64_t *out,
                                   struct registry_error *error);

/*
 * Calls fn for each row of a query, with the statement standing on it, until it gives something
 * else than REGISTRY_OK: that is given back, but for REGISTRY_UNCHANGED, which only ends the walk.
 */
typedef enum registry_status handle_row_fn(const struct handle *handle, sqlite3_stmt *row,
                                           void *arg, struct registry_error *error);
enum registry_status handle_walk(const struct handle *handle, handle_row_fn *fn, void *arg,
                                 struct registry_error *error, const char *sql, const char *types,
                                 ...);

/* The columns of a row, a letter of types for each: const char **, or 'i' for int64_t *. */
enum registry_status handle_columns(const struct handle *handle, sqlite3_stmt *row,
                                    struct registry_error *error, const char *types, ...);

/* A column's text in *out until the next step; REGISTRY_BAD for NULL, and for a '\0' within. */
enum registry_status handle_text(const struct handle *handle, sqlite3_stmt *statement, int column,
                                 const char **out, struct registry_error *error);

#endif
