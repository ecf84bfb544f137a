/*
 * What the program prints: one line of complaint, tables for people, JSON for programs.
 *
 * Nothing that was typed or stored reaches a terminal raw: control characters (C0, DEL, C1), the
 * ones that turn or hide text, and what is no UTF-8 are shown as \xHH, octet by octet.
 */
#ifndef DB_CLI_OUTPUT_H
#define DB_CLI_OUTPUT_H

#include "db/registry.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- errors ------------------------------------------------------------- */

/* "postreeve: what: what to do" on standard error; gives the code back. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The registry's own words, and the exit code that its status stands for. */
int complain_registry(const struct registry_error *error);

/* A file that was named and cannot be opened: EX_NOINPUT, EX_OSERR for want of memory, EX_IOERR. */
int complain_input(const char *name, int errnum);

/* An argument as a message quotes it, cut short. Lives in buffer, which is returned. */
#define SHOWN_MAX 64 /* octets, the '\0' too */
const char *shown(char buffer[SHOWN_MAX], const char *text);

/* A text made safe to show, cut short to size octets. Lives in buffer, which is returned. */
const char *text_safe(char *buffer, size_t size, const char *text);

/* Whether a text could be shown as it is. */
bool text_plain(const char *text);

/* ---- standard output ---------------------------------------------------- */

/* One line, its arguments made safe to show. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Columns of even width. Walk the rows twice, the first time to measure; nothing is kept. */
#define TABLE_COLUMNS 7
struct table {
	size_t columns;
	const char *head[TABLE_COLUMNS];
	size_t width[TABLE_COLUMNS];
	bool printing;
};
void table_row(struct table *table, const char *const *cells);
void table_print(struct table *table); /* measured: the head, and from now on rows are printed */

/* JSON; the references are taken over. A null one means that memory ran out: the program ends. */
json_t *json_text(const char *text);
void json_put(json_t *object, const char *key, json_t *value);
void json_add(json_t *array, json_t *value);
void print_json(json_t *json);
/* For what is too much to be kept: this text as it is, then the JSON, and no line end. */
void print_piece(const char *text, json_t *json);

/* An array, member by member. */
struct array {
	bool any;
};
void array_begin(struct array *array);
void array_add(struct array *array, json_t *json);
void array_end(struct array *array);

/* An account as all of its lists have it. */
json_t *account_json(const struct registry_account *account);

/* A grant with all that is known of it. */
json_t *grant_json(const struct registry_grant *grant);

/* A row of CSV (RFC 4180), with quotation marks where they are needed, made safe to show. */
void print_csv(const char *const *fields, size_t count);

/* What a change says with --json: to which account, and how many rows it was. */
void print_changed(const char *account, size_t changed);

/* Seconds since the epoch as RFC 3339 has them, in UTC. Lives in buffer, which is returned. */
#define DATE_MAX 32
const char *date(char buffer[DATE_MAX], int64_t seconds);

/*
 * Between the two, what is meant for a pipe or a terminal is kept in a file without a name, and goes
 * there with the second: whoever is slow to read it shall not hold up what runs in between, with a
 * database's transaction open. Without such a file all goes there at once.
 */
void output_hold(void);
void output_release(void);

/* False once something could not be written. */
bool output_good(void);
/* To be called last: the code, or EX_IOERR with a complaint if standard output was lost. */
int output_end(int code);

#endif
