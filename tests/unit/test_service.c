/* What all sessions share, and how it ends. */
#include "milter/service.h"

#include "db/daemon/log.h"
#include "milter/session.h"
#include "tests/unit/registry_place.h"
#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A service over the place's registry, under which no message need be read. */
static struct service *serve(struct place *place)
{
	char path[sizeof place->directory + 16], error[CONFIG_ERROR_MAX];
	struct service *service;
	struct config *config;
	FILE *file;

	snprintf(path, sizeof path, "%s/conf", place->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "database = \"%s\"\n", place->path);
	for (int id = 0; id < RULE_unavailable; id++)
		if (rules[id].reads != 0)
			fprintf(file, "rule %s { mode = off }\n", rules[id].name);
	fputs("profile bulk {}\n", file);
	assert_int_equal(fclose(file), 0);
	config = config_load(path, error);
	if (!config)
		fail_msg("%s", error);
	service = service_new(config, 0);
	assert_non_null(service);
	assert_true(service_keep(service));
	return service;
}

static const struct reply *mail(struct session *session)
{
	static const char *const arguments[] = {"<alice@example.com>", NULL};
	static const struct mail_macros macros = {
	    .login = "alice",
	    .mechanism = "PLAIN",
	    .address = "alice@example.com",
	    .tls = "TLSv1.3",
	    .port = "587",
	    .queue_id = "4Xy1z2",
	    .version = "Postfix 3.7.11",
	};

	session_helo(session, "client.example.net");
	return session_mail(session, arguments, &macros);
}

static const struct reply *rcpt(struct session *session)
{
	static const char *const arguments[] = {"<r@example.net>", NULL};

	return session_rcpt(session, arguments, "4Xy1z2");
}

static void assert_passed(const struct reply *reply)
{
	if (reply)
		fail_msg("%u %s %s (%s)", reply->code, reply->enhanced, reply->text, reply->rule);
}

static void assert_put_off(const struct reply *reply)
{
	assert_non_null(reply);
	assert_int_equal(reply->code, 451);
}

static uint64_t kept(const struct place *place)
{
	struct place counts = *place;

	snprintf(counts.path, sizeof counts.path, "%s/usage.sqlite3", place->directory);
	return (uint64_t)number(&counts, "SELECT used FROM usage WHERE quota = 'messages_per_day'");
}

/* Its sender would have it, and the account would not have been charged. */
static void what_can_be_counted_no_more_is_not_accepted(void **state)
{
	struct place *place = *state;
	struct service *service = serve(place);
	struct session *before = session_new(service), *after = session_new(service);

	assert_passed(mail(before));
	assert_passed(rcpt(before));
	assert_passed(mail(after));
	assert_passed(rcpt(after));
	assert_passed(session_end_of_message(before, "4Xy1z2"));
	assert_int_equal(service_open_transactions(service), 1);
	service_end(service);
	assert_int_equal(kept(place), 1);
	assert_put_off(session_end_of_message(after, "4Xy1z3"));
	assert_int_equal(service_open_transactions(service), 0);
	assert_put_off(mail(before));

	session_free(before);
	session_free(after);
	service_free(service);
	assert_int_equal(kept(place), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(what_can_be_counted_no_more_is_not_accepted),
	};

	/* What the session says of why is shown beside a failure. */
	if (!log_start("service", true))
		return 99;
	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
