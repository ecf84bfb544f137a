/*
 * Arbitrary text as the configuration file. It is read from memory, through the name that the
 * system gives to a descriptor. The README says what is held true.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "db/config/config.h"
#include "policy/address.h"
#include "tests/fuzz/check.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct file {
	int fd;
	char path[32];
};

static struct file input, good;

static const char good_text[] = "database = \"/good\"\n"
				"profile default { max_recipients = 7 }\n"
				"rule tls_port { mode = enforce allow = {\"25\"} }\n";

static void file_open(struct file *file)
{
	file->fd = memfd_create("postreeve.conf", MFD_CLOEXEC);
	CHECK(file->fd >= 0);
	snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

static void file_fill(struct file *file, const void *data, size_t size)
{
	CHECK(ftruncate(file->fd, 0) == 0);
	CHECK(pwrite(file->fd, data, size, 0) == (ssize_t)size);
}

/* "FILE:LINE: what is wrong", or "FILE: what is wrong": one line that a terminal can take. */
static void check_error(const char *error)
{
	size_t len = strlen(input.path);

	CHECK_NOTE(strlen(error) < CONFIG_ERROR_MAX, error);
	CHECK_NOTE(strncmp(error, input.path, len) == 0 && error[len] == ':', error);
	if (error[len + 1] != ' ') {
		size_t digits = strspn(error + len + 1, "0123456789");

		CHECK_NOTE(digits > 0 && strncmp(error + len + 1 + digits, ": ", 2) == 0, error);
	}
	for (const char *s = error; *s; s++)
		CHECK_NOTE(*s >= ' ' && *s <= '~', error);
}

static void check_limits(const struct limits *limits)
{
	for (int id = 0; id < RULE_unavailable; id++) {
		const struct rule *rule = &rules[id];

		CHECK(limits->mode[id] <= MODE_OFF);
		CHECK(limits->bound[id] >= rule->bound.least);
		CHECK(limits->bound[id] <= rule->bound.most);
		CHECK(limits->allow[id].count <= ALLOW_MAX);
		CHECK(rule->allow.kind != ALLOW_NONE || limits->allow[id].count == 0);
	}
}

static void check_config(const struct config *config)
{
	CHECK(config->socket && strchr(config->socket, ':'));
	CHECK(config->database && config->database[0] == '/');
	CHECK(config->user);
	for (size_t i = 0; i < config->exempt_count; i++)
		CHECK(networks_hold(config->exempt, config->exempt_count, &config->exempt[i].base));
	CHECK(config->profile_count > 0 && strcmp(config->profiles[0].name, "default") == 0);
	for (size_t i = 0; i < config->profile_count; i++) {
		const struct profile *profile = &config->profiles[i];

		CHECK(account_name_form(profile->name) == FORM_OK);
		CHECK(config_profile(config, profile->name) == profile);
		check_limits(&profile->limits);
	}
}

/* What one file left behind in the parser must not be read into the next. */
static void check_good(void)
{
	char error[CONFIG_ERROR_MAX];
	struct config *config = config_load(good.path, error);

	CHECK_NOTE(config, error);
	CHECK(strcmp(config->database, "/good") == 0);
	CHECK(config->profile_count == 1 && config->exempt_count == 0);
	CHECK(config->profiles[0].limits.bound[RULE_max_recipients] == 7);
	CHECK(config->profiles[0].limits.mode[RULE_tls_port] == MODE_ENFORCE);
	CHECK(config->profiles[0].limits.allow[RULE_tls_port].entry[0].port == 25);
	config_free(config);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	file_open(&input);
	file_open(&good);
	file_fill(&good, good_text, strlen(good_text));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config *config;

	file_fill(&input, data, size);
	config = config_load(input.path, error);
	if (config)
		check_config(config);
	else
		check_error(error);
	config_free(config);
	check_good();
	return 0;
}
