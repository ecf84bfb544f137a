#include "config.h"

#include "db/cli/status_show.h"

#include "db/cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PERCENT 99 /* of the answers, for the time that most of them take */

json_int_t status_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const char *status_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static const char *digits(char buffer[24], json_int_t number)
{
	snprintf(buffer, 24, "%" JSON_INTEGER_FORMAT, number);
	return buffer;
}

static void say_counts(const char *what, const json_t *object)
{
	say("%-14s %" JSON_INTEGER_FORMAT " open, %" JSON_INTEGER_FORMAT " in all", what,
	    status_number(object, "open"), status_number(object, "total"));
}

static void say_registry(const json_t *registry)
{
	bool ok = json_is_true(json_object_get(registry, "ok"));

	say("registry       %s, %" JSON_INTEGER_FORMAT " lookups, %" JSON_INTEGER_FORMAT " failed",
	    ok ? "ok" : "cannot be read", status_number(registry, "lookups"),
	    status_number(registry, "failures"));
	if (json_is_string(json_object_get(registry, "last_error")))
		say("last failure   %s: %s", status_text(registry, "last_error_time"),
		    status_text(registry, "last_error"));
}

static void say_configuration(const json_t *configuration)
{
	say("configuration  %s, loaded %s", status_text(configuration, "file"),
	    status_text(configuration, "loaded"));
	if (json_is_string(json_object_get(configuration, "error")))
		say("not reloaded   %s", status_text(configuration, "error"));
}

static void say_usage(const json_t *usage)
{
	say("usage          %s, %.1f s behind",
	    json_is_true(json_object_get(usage, "kept")) ? "kept" : "not kept",
	    json_number_value(json_object_get(usage, "lag")));
}

static void say_uptime(const json_t *status)
{
	json_int_t seconds = status_number(status, "uptime");

	say("started        %s, %" JSON_INTEGER_FORMAT " days %02d:%02d:%02d ago",
	    status_text(status, "started"), seconds / 86400, (int)(seconds / 3600 % 24),
	    (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* ---- tables ------------------------------------------------------------- */

static void row_of_account(struct table *table, const json_t *row)
{
	char open[24];

	table_row(table, (const char *[]){status_text(row, "account"),
	                                  digits(open, status_number(row, "connections"))});
}

static void row_of_verdict(struct table *table, const json_t *row)
{
	char count[24];

	table_row(table, (const char *[]){status_text(row, "outcome"), status_text(row, "rule"),
	                                  status_text(row, "stage"),
	                                  digits(count, status_number(row, "count"))});
}

static const char *duration(char buffer[32], double seconds)
{
	if (seconds < 1e-3)
		snprintf(buffer, 32, "%.0f us", seconds * 1e6);
	else
		snprintf(buffer, 32, "%.4g ms", seconds * 1e3);
	return buffer;
}

static void row_of_latency(struct table *table, const json_t *row)
{
	const json_t *buckets = json_object_get(row, "buckets");
	json_int_t count = status_number(row, "count");
	char answers[24], mean[32], most[32], within[40] = "more";
	size_t i = 0;

	if (count == 0)
		return;
	while (i < json_array_size(buckets) &&
	       status_number(json_array_get(buckets, i), "count") * 100 < count * PERCENT)
		i++;
	if (i < json_array_size(buckets))
		snprintf(within, sizeof within, "%s",
		         duration(most, json_number_value(
					    json_object_get(json_array_get(buckets, i), "le"))));
	table_row(table,
	          (const char *[]){status_text(row, "stage"), digits(answers, count),
	                           duration(mean, json_number_value(json_object_get(row, "sum")) /
	                                              (double)count),
	                           within});
}

/* Nothing at all where the array is empty. */
static void show_table(struct table table, const json_t *rows,
                       void (*row)(struct table *table, const json_t *row))
{
	if (json_array_size(rows) == 0)
		return;
	for (size_t i = 0; i < json_array_size(rows); i++)
		row(&table, json_array_get(rows, i));
	putchar('\n');
	table_print(&table);
	for (size_t i = 0; i < json_array_size(rows); i++)
		row(&table, json_array_get(rows, i));
}

void status_show(const json_t *status)
{
	const json_t *connections = json_object_get(status, "connections");
	bool stopping = json_is_true(json_object_get(status, "stopping"));

	say("version        %s, process %" JSON_INTEGER_FORMAT "%s", status_text(status, "version"),
	    status_number(status, "pid"), stopping ? ", stopping" : "");
	say_uptime(status);
	say_configuration(json_object_get(status, "configuration"));
	say_registry(json_object_get(status, "registry"));
	say_usage(json_object_get(status, "usage"));
	say_counts("sessions", json_object_get(status, "sessions"));
	say_counts("transactions", json_object_get(status, "transactions"));
	say("connections    %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " accounts",
	    status_number(connections, "total"), status_number(connections, "accounts"));
	show_table((struct table){.columns = 2, .head = {"ACCOUNT", "CONNECTIONS"}},
	           json_object_get(connections, "top"), row_of_account);
	show_table((struct table){.columns = 4, .head = {"VERDICT", "RULE", "STAGE", "COUNT"}},
	           json_object_get(status, "verdicts"), row_of_verdict);
	show_table(
	    (struct table){.columns = 4, .head = {"STAGE", "ANSWERS", "MEAN", "99 % WITHIN"}},
	    json_object_get(status, "latency"), row_of_latency);
}
