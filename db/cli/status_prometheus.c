#include "config.h"

#include "db/cli/output.h"
#include "db/cli/status_show.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LABEL_MAX (255 * 3 + 1) /* of an account's name, each octet escaped */

static void head(const char *name, const char *type, const char *help)
{
	printf("# HELP postreeve_%s %s\n# TYPE postreeve_%s %s\n", name, help, name, type);
}

/* One number without labels. */
static void metric(const char *name, const char *type, const char *help, double value)
{
	head(name, type, help);
	printf("postreeve_%s %.15g\n", name, value);
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/*
 * A label's value. Of a name that could not be shown as it is, the octets that are not ASCII stand
 * as %HH: \xHH would be no escape of this format.
 */
static const char *label(char buffer[LABEL_MAX], const char *text)
{
	bool plain = text_plain(text);
	size_t n = 0;

	for (; *text && n + 4 < LABEL_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			n += (size_t)sprintf(buffer + n, "\\%c", c);
		else if (!plain && (c < ' ' || c > '~'))
			n += (size_t)sprintf(buffer + n, "%%%02x", c);
		else
			buffer[n++] = (char)c;
	}
	buffer[n] = '\0';
	return buffer;
}

/* Seconds of the epoch, 0 if it is no time. */
static double epoch(const json_t *object, const char *key)
{
	struct tm tm = {0};
	const char *end = strptime(status_text(object, key), "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? (double)timegm(&tm) : 0;
}

static void verdicts(const json_t *rows)
{
	char rule[LABEL_MAX], stage[LABEL_MAX], outcome[LABEL_MAX];
	const json_t *row;
	size_t i;

	head("verdicts_total", "counter",
	     "Verdicts: messages passed or exempt, and what rules refused or would have.");
	json_array_foreach(rows, i, row)
	{
		bool ruled = json_is_string(json_object_get(row, "rule"));

		printf("postreeve_verdicts_total{outcome=\"%s\",rule=\"%s\",stage=\"%s\"} "
		       "%" JSON_INTEGER_FORMAT "\n",
		       label(outcome, status_text(row, "outcome")),
		       label(rule, ruled ? status_text(row, "rule") : ""),
		       label(stage, status_text(row, "stage")), status_number(row, "count"));
	}
}

static void latency(const json_t *rows)
{
	const json_t *row, *bucket;
	char stage[LABEL_MAX];
	size_t i, at;

	head("answer_seconds", "histogram", "Time the gate itself took for its answers.");
	json_array_foreach(rows, i, row)
	{
		json_int_t count = status_number(row, "count");

		label(stage, status_text(row, "stage"));
		json_array_foreach(json_object_get(row, "buckets"), at, bucket)
		{
			printf("postreeve_answer_seconds_bucket{stage=\"%s\",le=\"%.15g\"} "
			       "%" JSON_INTEGER_FORMAT "\n",
			       stage, number_of(bucket, "le"), status_number(bucket, "count"));
		}
		printf("postreeve_answer_seconds_bucket{stage=\"%s\",le=\"+Inf\"} "
		       "%" JSON_INTEGER_FORMAT "\n",
		       stage, count);
		printf("postreeve_answer_seconds_sum{stage=\"%s\"} %.15g\n", stage,
		       number_of(row, "sum"));
		printf("postreeve_answer_seconds_count{stage=\"%s\"} %" JSON_INTEGER_FORMAT "\n",
		       stage, count);
	}
}

static void connections_of_accounts(const json_t *rows)
{
	char account[LABEL_MAX];
	const json_t *row;
	size_t i;

	head("account_connections", "gauge", "Open connections of the accounts with the most.");
	json_array_foreach(rows, i, row)
	{
		printf("postreeve_account_connections{account=\"%s\"} %" JSON_INTEGER_FORMAT "\n",
		       label(account, status_text(row, "account")),
		       status_number(row, "connections"));
	}
}

void status_prometheus(const json_t *status, bool accounts)
{
	const json_t *configuration = json_object_get(status, "configuration"),
		     *sessions = json_object_get(status, "sessions"),
		     *transactions = json_object_get(status, "transactions"),
		     *connections = json_object_get(status, "connections"),
		     *registry = json_object_get(status, "registry"),
		     *usage = json_object_get(status, "usage");
	char version[LABEL_MAX];

	head("info", "gauge", "Always 1, with the version.");
	printf("postreeve_info{version=\"%s\"} 1\n",
	       label(version, status_text(status, "version")));
	metric("start_time_seconds", "gauge", "When the daemon was started, since the epoch.",
	       epoch(status, "started"));
	metric("configuration_load_time_seconds", "gauge",
	       "When the configuration in force was loaded, since the epoch.",
	       epoch(configuration, "loaded"));
	metric("configuration_ok", "gauge", "Whether the last configuration could be loaded.",
	       json_is_null(json_object_get(configuration, "error")));
	metric("sessions", "gauge", "Open SMTP sessions.", number_of(sessions, "open"));
	metric("sessions_total", "counter", "SMTP sessions.", number_of(sessions, "total"));
	metric("transactions", "gauge", "Open mail transactions.", number_of(transactions, "open"));
	metric("transactions_total", "counter", "Mail transactions that were let begin.",
	       number_of(transactions, "total"));
	metric("connections", "gauge", "Open connections that count for an account.",
	       number_of(connections, "total"));
	metric("connected_accounts", "gauge", "Accounts with open connections.",
	       number_of(connections, "accounts"));
	if (accounts)
		connections_of_accounts(json_object_get(connections, "top"));
	verdicts(json_object_get(status, "verdicts"));
	latency(json_object_get(status, "latency"));
	metric("registry_up", "gauge", "Whether the last lookup in the registry went well.",
	       json_is_true(json_object_get(registry, "ok")));
	metric("registry_lookups_total", "counter", "Lookups in the registry.",
	       number_of(registry, "lookups"));
	metric("registry_failures_total", "counter", "Lookups that failed.",
	       number_of(registry, "failures"));
	metric("usage_up", "gauge", "Whether what accounts use could be written down.",
	       json_is_true(json_object_get(usage, "kept")));
	metric("usage_lag_seconds", "gauge", "Age of the oldest usage that is not on the disk.",
	       number_of(usage, "lag"));
}
