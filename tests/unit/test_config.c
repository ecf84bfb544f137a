/* The configuration file. */
#include "db/config/config.h"

#include "tests/unit/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes the text to a file of its own, loads it, and removes it. */
static struct config *load(const char *text, char error[CONFIG_ERROR_MAX])
{
	char path[] = "/tmp/postreeve-conf-XXXXXX";
	int fd = mkstemp(path);
	struct config *config;
	char *at;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config = config_load(path, error);
	unlink(path);

	/* Rows say FILE for it. */
	at = strstr(error, path);
	if (at) {
		memmove(at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
		memcpy(at, "FILE", 4);
	}
	return config;
}

static struct config *load_good(const char *text)
{
	char error[CONFIG_ERROR_MAX];
	struct config *config = load(text, error);

	assert_string_equal(error, "");
	assert_non_null(config);
	return config;
}

static void an_empty_file_gives_the_defaults(void **state)
{
	struct config *config = load_good("");
	struct limits limits;

	(void)state;
	limits_init(&limits);
	assert_string_equal(config->socket, "local:/var/spool/postfix/postreeve/milter.sock");
	assert_string_equal(config->user, "postreeve");
	assert_non_null(strstr(config->auth_database, "/lib/postreeve-auth/passwords.sqlite3"));
	assert_string_equal(config->auth_user, "postreeve-auth");
	assert_string_equal(config->auth_dovecot_socket,
	                    "/var/spool/postfix/postreeve-auth/auth.sock");
	assert_string_equal(config->auth_saslauthd_socket, "");
	assert_false(config->auth_without_tls);
	assert_int_equal(config->auth_cost, 15);
	assert_int_equal(config->auth_failures_account, 20);
	assert_int_equal(config->auth_failures_client, 50);
	assert_int_equal(config->exempt_count, 0);
	assert_int_equal(config->profile_count, 1);
	assert_string_equal(config->profiles[0].name, "default");
	assert_memory_equal(&config->profiles[0].limits, &limits, sizeof limits);
	config_free(config);
}

static void a_profile_inherits_from_default_wherever_that_stands(void **state)
{
	struct config *config = load_good("profile big { max_recipients = 1000 }\n"
	                                  "profile default {\n"
	                                  "  max_recipients = 50\n"
	                                  "  max_connections = 3\n"
	                                  "  max_message_size = 2M\n"
	                                  "  max_attachment_size = 512K\n"
	                                  "  allow_null_sender = yes\n"
	                                  "}\n");
	const struct profile *big = config_profile(config, "big");

	(void)state;
	assert_ptr_equal(config_profile(config, "default"), &config->profiles[0]);
	assert_null(config_profile(config, "small"));
	assert_int_equal(config->profiles[0].limits.bound[RULE_max_recipients], 50);
	assert_int_equal(big->limits.bound[RULE_max_recipients], 1000);
	assert_int_equal(big->limits.bound[RULE_max_connections], 3);
	assert_int_equal(big->limits.bound[RULE_max_message_size], 2 << 20);
	assert_int_equal(big->limits.bound[RULE_max_attachment_size], 512 << 10);
	assert_true(big->limits.allow_null_sender);
	config_free(config);
}

static void where_a_profile_has_its_settings_from_is_known(void **state)
{
	struct config *config = load_good("profile default {\n"
	                                  "  max_recipients = 50\n"
	                                  "  messages_per_hour = 100\n"
	                                  "  suspend_after = \"5 refusals in 1m\"\n"
	                                  "  allow_null_sender = no\n"
	                                  "}\n"
	                                  "profile big {\n"
	                                  "  max_recipients = 50\n"
	                                  "  suspend_after = never\n"
	                                  "  allow_tagged_sender = yes\n"
	                                  "}\n");
	const struct profile *preset = &config->profiles[0], *big = config_profile(config, "big");
	int hourly = BOUND_OF_QUOTA(QUOTA_messages_per_hour);

	(void)state;
	assert_int_equal(preset->source[RULE_max_recipients], SOURCE_DEFAULT);
	assert_int_equal(preset->source[RULE_max_connections], SOURCE_BUILT_IN);
	assert_int_equal(preset->threshold_source[THRESHOLD_REFUSALS], SOURCE_DEFAULT);
	assert_int_equal(preset->threshold_source[THRESHOLD_ADDRESSES], SOURCE_BUILT_IN);
	assert_int_equal(preset->null_sender_source, SOURCE_DEFAULT);
	assert_int_equal(preset->tagged_sender_source, SOURCE_BUILT_IN);

	assert_int_equal(big->source[RULE_max_recipients], SOURCE_PROFILE);
	assert_int_equal(big->source[hourly], SOURCE_DEFAULT);
	assert_int_equal(big->source[RULE_max_connections], SOURCE_BUILT_IN);
	assert_int_equal(big->threshold_source[THRESHOLD_REFUSALS], SOURCE_PROFILE);
	assert_int_equal(big->threshold_source[THRESHOLD_ADDRESSES], SOURCE_BUILT_IN);
	assert_int_equal(big->null_sender_source, SOURCE_DEFAULT);
	assert_int_equal(big->tagged_sender_source, SOURCE_PROFILE);
	config_free(config);
}

static void a_configuration_of_all_sections_is_read(void **state)
{
	struct config *config =
	    load_good("socket   = \"local:/var/spool/postfix/postreeve/milter.sock\"\n"
	              "database = \"/var/lib/postreeve/postreeve.sqlite3\"\n"
	              "user     = \"postreeve\"\n"
	              "exempt_networks = {\"192.0.2.25/32\"}\n"
	              "\n"
	              "profile default {\n"
	              "    max_connections     = 10\n"
	              "    max_recipients      = 100\n"
	              "    max_message_size    = 8M\n"
	              "    max_attachment_size = 4M\n"
	              "}\n"
	              "profile newsletter {            # what is not said comes from default\n"
	              "    max_recipients      = 1000\n"
	              "}\n"
	              "rule header_from { mode = shadow }\n");
	const struct limits *newsletter = &config_profile(config, "newsletter")->limits;

	(void)state;
	assert_int_equal(config->exempt_count, 1);
	assert_int_equal(newsletter->bound[RULE_max_recipients], 1000);
	assert_int_equal(newsletter->bound[RULE_max_attachment_size], 4 << 20);
	assert_int_equal(newsletter->mode[RULE_header_from], MODE_SHADOW);
	assert_int_equal(config->profiles[0].limits.mode[RULE_header_from], MODE_SHADOW);
	assert_int_equal(newsletter->mode[RULE_header_form], MODE_ENFORCE);
	config_free(config);
}

static void a_rule_is_set_for_all_for_default_or_for_one_profile(void **state)
{
	struct config *config =
	    load_good("rule tls_required { mode = enforce allow = {} }\n"
	              "rule helo_name { mode = off }\n"
	              "rule tls_port { allow = {587, 2587} }\n"
	              "profile default { rule helo_name { mode = shadow } }\n"
	              "profile printers { rule tls_required { mode = off }\n"
	              "                   rule auth_mechanism { allow = {LOGIN} } }\n");
	const struct limits *preset = &config->profiles[0].limits;
	const struct limits *printers = &config_profile(config, "printers")->limits;

	(void)state;
	assert_int_equal(preset->mode[RULE_tls_required], MODE_ENFORCE);
	assert_int_equal(preset->allow[RULE_tls_required].count, 0);
	assert_int_equal(preset->mode[RULE_helo_name], MODE_SHADOW);
	assert_int_equal(preset->mode[RULE_tls_port], MODE_SHADOW);
	assert_int_equal(preset->allow[RULE_tls_port].count, 2);
	assert_int_equal(preset->allow[RULE_tls_port].entry[1].port, 2587);
	assert_int_equal(preset->allow[RULE_auth_mechanism].count, 2);
	assert_int_equal(printers->mode[RULE_tls_required], MODE_OFF);
	assert_int_equal(printers->mode[RULE_helo_name], MODE_SHADOW);
	assert_int_equal(printers->allow[RULE_auth_mechanism].count, 1);
	config_free(config);
}

static void exempt_networks_are_parsed(void **state)
{
	struct config *config =
	    load_good("exempt_networks = {\"192.0.2.25/32\", \"2001:db8::/32\"}");
	struct ip inside, outside;

	(void)state;
	assert_true(ip_parse("2001:db8::1", &inside) && ip_parse("192.0.2.26", &outside));
	assert_int_equal(config->exempt_count, 2);
	assert_true(networks_hold(config->exempt, 2, &inside));
	assert_false(networks_hold(config->exempt, 2, &outside));
	config_free(config);
}

static void the_log_and_the_control_socket_are_set(void **state)
{
	struct config *config = load_good("database = \"/d/reg\"\n");

	(void)state;
	assert_string_equal(config->control_socket, "/d/control.sock");
	assert_false(config->log_json);
	assert_true(config->log_passes);
	config_free(config);
	config = load_good("control_socket = \"/run/c\" log_format = json log_passes = no\n");
	assert_string_equal(config->control_socket, "/run/c");
	assert_true(config->log_json);
	assert_false(config->log_passes);
	config_free(config);
}

static void logins_are_set(void **state)
{
	struct config *config = load_good("auth_database = \"/d/pw\"\n"
	                                  "auth_user = \"keys\"\n"
	                                  "auth_dovecot_socket = \"\"\n"
	                                  "auth_saslauthd_socket = \"/run/saslauthd/mux\"\n"
	                                  "auth_without_tls = yes\n"
	                                  "auth_cost = 20\n"
	                                  "auth_failures_account = 1\n"
	                                  "auth_failures_client = 1000000\n");

	(void)state;
	assert_string_equal(config->auth_database, "/d/pw");
	assert_string_equal(config->auth_user, "keys");
	assert_string_equal(config->auth_dovecot_socket, "");
	assert_string_equal(config->auth_saslauthd_socket, "/run/saslauthd/mux");
	assert_true(config->auth_without_tls);
	assert_int_equal(config->auth_cost, 20);
	assert_int_equal(config->auth_failures_account, 1);
	assert_int_equal(config->auth_failures_client, 1000000);
	config_free(config);
}

#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10

static void mistakes_are_told_with_file_and_line(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"profile default {\n max_recipients = 0\n}",
	     "FILE:2: max_recipients = '0': must be a number from 1 to 1000000"},
	    {"\n\nprofile default { max_message_size = 8Q }",
	     "FILE:3: max_message_size = '8Q': must be a number of octets from 1024 to "
	     "1099511627776 (K, "
	     "M and G may follow it)"},
	    {"profile default {\n max_foo = 1\n}", "FILE:2: no such option 'max_foo'"},
	    {"foo = 1", "FILE:1: no such option 'foo'"},
	    {"# a\n## b # c\n// d\n/* e\n * f */\n\nuser = a # g\nfoo = 1",
	     "FILE:8: no such option 'foo'"},
	    {"database = \"/a#b//c\"\nsocket = local:/a//b\nuser = 'a\\'#b'\nfoo = 1",
	     "FILE:4: no such option 'foo'"},
	    {"database = \"/a\\\"#b\nc\"\nfoo = 1", "FILE:3: no such option 'foo'"},
	    {"profile default {\n}\nprofile default {\n}",
	     "FILE:3: found duplicate title 'default'"},
	    {"rule helo_name {\n}\nrule helo_name {\n}",
	     "FILE:3: found duplicate title 'helo_name'"},
	    {"user = a\nuser = b", "FILE:2: 'user' stands here a second time"},
	    {"profile default {\n max_recipients = 5\n max_recipients = 6\n}",
	     "FILE:3: 'max_recipients' stands here a second time"},
	    {"exempt_networks = {10.0.0.0/8}\nexempt_networks = {\"::1\"}",
	     "FILE:2: 'exempt_networks' stands here a second time"},
	    {"rule tls_port { allow = {1, 2, 3}\n allow = {4} }",
	     "FILE:2: 'allow' stands here a second time"},
	    {"rule tls_port { allow = {1, 2}\n allow = {3, 4, 5} }",
	     "FILE:2: 'allow' stands here a second time"},
	    {"rule tls_port { allow = {1, 2}\n allow += {3} }",
	     "FILE:2: 'allow' stands here a second time"},
	    {"rule helo { mode = off }",
	     "FILE:1: there is no rule 'helo': see postreeve.conf(5) for their names"},
	    {"rule unavailable { mode = off }",
	     "FILE:1: there is no rule 'unavailable': see postreeve.conf(5) for their names"},
	    {"profile default { rule helo { } }",
	     "FILE:1: there is no rule 'helo': see postreeve.conf(5) for their names"},
	    {"rule helo_name { mode = on }", "FILE:1: mode = 'on': must be enforce, shadow or off"},
	    {"rule helo_name { allow = {x} }", "FILE:1: the rule 'helo_name' has no list 'allow'"},
	    {"rule tls_port {\n allow = {0}\n}",
	     "FILE:2: allow = '0': must be a list of at most 16 ports from 1 to 65535"},
	    {"rule auth_mechanism {\n allow = {\"A B\"}\n}",
	     "FILE:2: allow = 'A B': must be a list of at most 16 SASL mechanisms"},
	    {"exempt_networks = {\"10.0.0.1/8\"}", "FILE:1: exempt_networks = '10.0.0.1/8': must "
	                                           "be a network in CIDR notation without host "
	                                           "bits"},
	    {"socket = \"/run/x\"", "FILE:1: socket = '/run/x': must be \"local:/path\", "
	                            "\"inet:port@host\" or \"inet6:port@host\""},
	    {"socket = \"local:x\"",
	     "FILE:1: socket = 'local:x': its path must begin with '/' and have "
	     "at most 107 octets"},
	    {"socket = \"inet:99999@127.0.0.1\"", "FILE:1: socket = 'inet:99999@127.0.0.1': behind "
	                                          "inet: stands a port from 1 to 65535, and "
	                                          "perhaps @ and a host"},
	    {"socket = \"inet6:smtp@::1\"",
	     "FILE:1: socket = 'inet6:smtp@::1': behind inet6: stands a port from 1 to 65535, and "
	     "perhaps @ and a host"},
	    {"user = \"\"", "FILE:1: user = '': must be the name of a user other than root"},
	    {"user = root", "FILE:1: user = 'root': must be the name of a user other than root"},
	    {"database = \"x\"", "FILE:1: database = 'x': must be a path that begins with '/'"},
	    {"control_socket = \"x\"",
	     "FILE:1: control_socket = 'x': must be a path that begins with '/'"},
	    {"control_socket = \"/" A100 "1234567\"",
	     "FILE:1: control_socket = '/" A100 "1234567': must have at most 107 octets"},
	    {"auth_database = \"pw\"",
	     "FILE:1: auth_database = 'pw': must be a path that begins with '/'"},
	    {"auth_database = \"\"",
	     "FILE:1: auth_database = '': must be a path that begins with '/'"},
	    {"auth_user = root",
	     "FILE:1: auth_user = 'root': must be the name of a user other than root"},
	    {"auth_dovecot_socket = \"a/b\"",
	     "FILE:1: auth_dovecot_socket = 'a/b': must be a path that begins with '/'"},
	    {"\nauth_saslauthd_socket = \"/" A100 "1234567\"",
	     "FILE:2: auth_saslauthd_socket = '/" A100 "1234567': must have at most 107 octets"},
	    {"auth_without_tls = perhaps",
	     "FILE:1: invalid boolean value for option 'auth_without_tls'"},
	    {"auth_cost = 9", "FILE:1: auth_cost = 9: must be a number from 10 to 20"},
	    {"auth_cost = 21", "FILE:1: auth_cost = 21: must be a number from 10 to 20"},
	    {"auth_cost = x", "FILE:1: invalid integer value for option 'auth_cost'"},
	    {"auth_cost = 15\nauth_cost = 15", "FILE:2: 'auth_cost' stands here a second time"},
	    {"auth_failures_account = 0",
	     "FILE:1: auth_failures_account = 0: must be a number from 1 to 1000000"},
	    {"auth_failures_client = -5",
	     "FILE:1: auth_failures_client = -5: must be a number from 1 to 1000000"},
	    {"auth_failures_client = 1000001",
	     "FILE:1: auth_failures_client = 1000001: must be a number from 1 to 1000000"},
	    {"auth_failures_client = 99999999999999999999",
	     "FILE:1: integer value for option 'auth_failures_client' is out of range"},
	    {"log_format = xml", "FILE:1: log_format = 'xml': must be text or json"},
	    {"log_passes = 2", "FILE:1: invalid boolean value for option 'log_passes'"},
	    {"log_passes = no\nlog_passes = no", "FILE:2: 'log_passes' stands here a second time"},
	    {"profile \"a b\" { }",
	     "FILE:1: a profile's name is 1 to 64 octets without white space"},
	    {"profile default { allow_null_sender = maybe }",
	     "FILE:1: invalid boolean value for option 'allow_null_sender'"},
	    {"profile default {\n", "FILE:3: the file ends before a section is closed with '}'"},
	    {"profile default { rule helo_name { }",
	     "FILE:2: the file ends before a section is closed with '}'"},
	    {"user = \"a", "FILE:3: premature end of file"},
	    {"/* a comment", "FILE:3: the file ends in the middle of something"},
	    {"user = ", "FILE:2: unexpected token '='"},
	    {"exempt_networks = {", "FILE:2: the file ends before a section is closed with '}'"},
	    {"\x1b[2J = 1", "FILE:1: no such option '?[2J'"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char error[CONFIG_ERROR_MAX];

		assert_row(!load(rows[i].text, error), rows[i].text);
		assert_string_equal(error, rows[i].error);
	}
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	char error[CONFIG_ERROR_MAX], fifo[] = "/tmp/postreeve-fifo-XXXXXX", *slash;

	(void)state;
	assert_null(config_load("/nonexistent/postreeve.conf", error));
	assert_string_equal(
	    error, "/nonexistent/postreeve.conf: cannot be read: No such file or directory");
	assert_null(config_load("/tmp", error));
	assert_string_equal(error, "/tmp: is no regular file");

	/* nor does one without a writer hold us up */
	assert_non_null(mkdtemp(fifo));
	slash = malloc(sizeof fifo + 2);
	snprintf(slash, sizeof fifo + 2, "%s/f", fifo);
	assert_int_equal(mkfifo(slash, 0600), 0);
	assert_null(config_load(slash, error));
	assert_non_null(strstr(error, "/f: is no regular file"));
	unlink(slash);
	rmdir(fifo);
	free(slash);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_file_gives_the_defaults),
	    cmocka_unit_test(a_profile_inherits_from_default_wherever_that_stands),
	    cmocka_unit_test(where_a_profile_has_its_settings_from_is_known),
	    cmocka_unit_test(a_configuration_of_all_sections_is_read),
	    cmocka_unit_test(a_rule_is_set_for_all_for_default_or_for_one_profile),
	    cmocka_unit_test(exempt_networks_are_parsed),
	    cmocka_unit_test(the_log_and_the_control_socket_are_set),
	    cmocka_unit_test(logins_are_set),
	    cmocka_unit_test(mistakes_are_told_with_file_and_line),
	    cmocka_unit_test(a_file_that_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
