#include "tests/fuzz/session_place.h"

#include "db/registry.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/session_model.h"

#include <unistd.h>

#define PLACE_MAX 256 /* octets of the directory's name */

struct world worlds[WORLDS] = {
    {.has_registry = true,
     .reads = true,
     .text = "rule header_form { mode = off }\n"
             "rule header_from { mode = off }\n"
             "exempt_networks = {\"192.0.2.25/32\", \"2001:db8:25::/48\"}\n"
             "profile default { max_connections = 2 max_recipients = 3 max_message_size = 2K }\n"
             "profile bulk {\n"
             "	max_connections = 1 max_recipients = 5 max_message_size = 1K\n"
             "	allow_null_sender = true\n"
             "	rule tls_required { mode = enforce }\n"
             "}\n"},
    {.letter = '=',
     .has_registry = true,
     .text = "rule helo_name { mode = off }\n"
             "rule auth_mechanism { allow = {\"SCRAM-SHA-256\"} }\n"
             "rule tls_port { mode = enforce }\n"
             "rule max_connections { mode = shadow }\n"
             "rule max_recipients { mode = shadow }\n"
             "rule max_message_size { mode = off }\n"
             "rule volume_rate { mode = off }\n"
             "rule header_form { mode = off }\n"
             "rule header_from { mode = off }\n"
             "rule mime_form { mode = off }\n"
             "rule max_attachment_size { mode = off }\n"
             "profile bulk { rule sender_syntax { mode = shadow } }\n"},
    {.letter = '-', .reads = true, .text = "exempt_networks = {\"192.0.2.25/32\"}\n"},
    {.letter = '+',
     .has_registry = true,
     .reads = true,
     .text = "rule sender_registered { mode = shadow }\n"
             "profile default { max_message_size = 8K max_attachment_size = 1K }\n"
             "profile bulk {\n"
             "	max_attachment_size = 2K\n"
             "	rule header_form { mode = shadow }\n"
             "	rule mime_form { mode = off }\n"
             "}\n"},
};

static char directory[PLACE_MAX], database[PLACE_MAX + 16], config_path[PLACE_MAX + 16];

static void remove_place(void)
{
	char path[sizeof database + 8];
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	unlink(config_path);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s%s", database, suffixes[i]);
		unlink(path);
	}
	rmdir(directory);
}

static void make_registry(void)
{
	const struct registry_terms never = {.expires = 0};
	struct registry_error error = {.text = ""};
	struct registry *registry;
	size_t changed;

	CHECK_NOTE(registry_create(database, &error) == REGISTRY_OK, error.text);
	CHECK_NOTE(registry_open(database, REGISTRY_WAIT_MS, &registry, &error) == REGISTRY_OK,
	           error.text);
	for (size_t i = 0; i < model_account_count; i++) {
		const struct model_account *account = &model_accounts[i];
		size_t grants = 0;

		while (account->grants[grants])
			grants++;
		CHECK_NOTE(registry_account_add(registry, account->name, account->profile,
		                                &error) == REGISTRY_OK,
		           error.text);
		CHECK_NOTE(registry_grant_add(registry, account->name, account->grants, grants,
		                              &never, &changed, &error) == REGISTRY_OK,
		           error.text);
		if (account->suspended)
			CHECK_NOTE(registry_account_suspend(registry, account->name, "unpaid",
			                                    &error) == REGISTRY_OK,
			           error.text);
	}
	registry_close(registry);
}

static void make_world(struct world *world)
{
	char error[CONFIG_ERROR_MAX];
	FILE *stream = fopen(config_path, "w");

	CHECK(stream && fprintf(stream, "database = \"%s%s\"\n%s", database,
	                        world->has_registry ? "" : "-gone", world->text) > 0);
	CHECK(fclose(stream) == 0);
	world->config = config_load(config_path, error);
	CHECK_NOTE(world->config, error);
	world->service = service_new(world->config, 0);
	CHECK(world->service);
}

void place_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%s/session.XXXXXX", tmp ? tmp : "/tmp");
	CHECK(mkdtemp(directory));
	snprintf(database, sizeof database, "%s/db", directory);
	snprintf(config_path, sizeof config_path, "%s/conf", directory);
	atexit(remove_place);
	make_registry();
	for (size_t i = 0; i < WORLDS; i++)
		make_world(&worlds[i]);
}
