/* What the daemon asks of the registry. An account is never less, or more, than it is. */
#include "tests/fault/scenario.h"

#include <string.h>

static struct registry_error error;

static enum ending look(struct registry_reader *reader, const char *account,
                        const char *const *patterns, const struct registry_answer *wanted)
{
	struct registry_answer got;
	enum registry_status status =
	    registry_lookup(reader, account, patterns, 2, PLACE_NOW + 60, &got, &error);

	if (status != REGISTRY_OK)
		return of_status(status, &error);
	if (got.known != wanted->known || got.suspended != wanted->suspended ||
	    got.match != wanted->match || strcmp(got.profile, wanted->profile) != 0 ||
	    got.limit_count != wanted->limit_count)
		return wrong("%s: known %d, suspended %d, match %zu, profile %s, limits %zu",
		             account, got.known, got.suspended, got.match, got.profile,
		             got.limit_count);
	return RIGHT;
}

/* On handles that are opened for it, and then on one that is open. */
static enum ending look_twice(const char *account, const char *const *patterns,
                              const struct registry_answer *wanted)
{
	struct registry_reader *reader = registry_reader_new(place.database);
	enum ending first, second;

	if (!reader)
		return FAILED;
	first = look(reader, account, patterns, wanted);
	second = look(reader, account, patterns, wanted);
	registry_reader_free(reader);
	return first > second ? first : second;
}

static const char *const mine[] = {"any@alice.example", "@alice.example"};
static const char *const groups[] = {"any@a.sales.example", "@.sales.example"};
static const char *const ended[] = {"bob@example.com", "@example.com"};

static enum ending holder(void)
{
	return look_twice("alice", mine,
	                  &(struct registry_answer){.known = true, .match = 1, .profile = "bulk"});
}

static enum ending member(void)
{
	return look_twice("bob", groups,
	                  &(struct registry_answer){
			      .known = true, .match = 1, .profile = "default", .limit_count = 1});
}

static enum ending stranger(void)
{
	return look_twice("bob", mine,
	                  &(struct registry_answer){
			      .known = true, .match = 2, .profile = "default", .limit_count = 1});
}

static enum ending suspended(void)
{
	return look_twice("carol", ended,
	                  &(struct registry_answer){
			      .known = true, .suspended = true, .match = 2, .profile = "default"});
}

static enum ending unknown(void)
{
	return look_twice("nobody", mine, &(struct registry_answer){.match = 2});
}

static enum ending of_network(const char *network, const char *wanted)
{
	struct registry_reader *reader = registry_reader_new(place.database);
	const char *const networks[] = {"10.0.0.0/8", network};
	char account[REGISTRY_ACCOUNT_MAX + 1];
	enum registry_status status;

	if (!reader)
		return FAILED;
	status = registry_network_lookup(reader, networks, 2, account, &error);
	registry_reader_free(reader);
	if (status == REGISTRY_OK && strcmp(account, wanted) != 0)
		return wrong("%s stands for \"%s\"", network, account);
	return of_status(status, &error);
}

static enum ending network(void)
{
	return of_network("192.0.2.128/25", "alice");
}

static enum ending other_network(void)
{
	return of_network("192.0.2.0/25", "");
}

#define ROW(what)                                                                                  \
	{                                                                                          \
		.name = "lookup: " #what, .run = what                                              \
	}
const struct scenario reader_scenarios[] = {
    ROW(holder),  ROW(member),  ROW(stranger),      ROW(suspended),
    ROW(unknown), ROW(network), ROW(other_network), {.name = NULL},
};
