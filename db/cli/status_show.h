/* What `postreeve status' prints of the daemon's document (milter/status.h). */
#ifndef DB_CLI_STATUS_SHOW_H
#define DB_CLI_STATUS_SHOW_H

#include <jansson.h>
#include <stdbool.h>

void status_show(const json_t *status);

/*
 * The text exposition format of Prometheus, without times, as node_exporter's textfile collector
 * wants it. accounts: with a series for each account that is named.
 */
void status_prometheus(const json_t *status, bool accounts);

/* What is not there is 0, or "-". */
json_int_t status_number(const json_t *object, const char *key);
const char *status_text(const json_t *object, const char *key);

#endif
