/*
 * A place with a registry in it, for the registry's tests: two accounts with senders, one
 * suspended.
 *
 * What is done to the files behind SQLite's back, other programs do: a descriptor of the database
 * that this one closes would drop the locks that SQLite holds on it.
 */
#ifndef TESTS_UNIT_REGISTRY_PLACE_H
#define TESTS_UNIT_REGISTRY_PLACE_H

#include "db/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#define NOW 1700000000 /* when everything here is created */

struct place {
	char directory[256];
	char path[300]; /* of the registry in it */
	struct registry_reader *reader;
	struct registry_error error;
	struct registry_answer answer;
};

int place_setup(void **state); /* struct place */
int place_teardown(void **state);

/* A shell command, formatted, in the place's directory, where $db is the database; it must exit
 * with 0. */
void shell(const struct place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* SQL that is not ours, on a handle of its own. */
void sql(const struct place *place, const char *statements);
/* The one number that such a query gives. */
int64_t number(const struct place *place, const char *query);
/* What the database's file holds, by cksum(1) in a child. */
void fingerprint(const struct place *place, char out[64]);

/*
 * SQLite does not live through fork(), so another process is the test's program once more, as
 * `test WORK PATH', with the registry's path. It writes an octet when it has come as far as it is to
 * be waited for.
 */
pid_t another_process(const char *work, const char *path);

/* The same question of every place: may this account use the address, or all of its domain? */
enum registry_status look(struct place *place, const char *account, const char *address);

/* Whether the answer was that it may. */
bool granted(const struct place *place);

/* Terms of a grant that has no end. */
extern const struct registry_terms never;

/* With the status, what went wrong is shown when it is another one. */
#define assert_status(place, call, wanted) assert_status_(place, call, wanted, #call, __LINE__)
void assert_status_(struct place *place, enum registry_status got, enum registry_status wanted,
                    const char *call, int line);

/* alice is there, active, and may use alice@example.com. */
#define assert_served(place) assert_served_(place, __LINE__)
void assert_served_(struct place *place, int line);

/* Whether there is such an account. */
void assert_known(struct place *place, const char *account, bool known);

/* Nothing is there but what every place begins with. */
void assert_as_it_was(struct place *place);

/* Whoever changes something here is "tester", at NOW. */
struct registry *place_open(struct place *place);

/* The holder's grants, or all: "HOLDER PATTERN EXPIRES 'NOTE' CREATED AUTHOR\n" for each. */
void assert_grants(struct place *place, struct registry *registry, const char *holder,
                   const char *wanted);
/* Appends such a line to a text of GRANTS_TEXT octets. */
bool note_grant(const struct registry_grant *grant, void *text);
#define GRANTS_TEXT 1024

/* The handle's last change wrote these rows down: "WHAT|ACCOUNT|ITEM|BEFORE|AFTER\n" for each. */
#define assert_own(place, registry, wanted) assert_own_(place, registry, wanted, __LINE__)
void assert_own_(struct place *place, struct registry *registry, const char *wanted, int line);

#endif
