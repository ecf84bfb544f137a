#include "tests/fault/verbs.h"

#include <string.h>

#define READS(...)                                                                                 \
	{                                                                                          \
		.words = { __VA_ARGS__ }                                                           \
	}
#define CHANGES(...)                                                                               \
	{                                                                                          \
		.words = {__VA_ARGS__}, .changes = true                                            \
	}
#define CHANGES_TWO(file, ...)                                                                     \
	{                                                                                          \
		.words = {__VA_ARGS__}, .changes = true, .two = true, .input = (file)              \
	}

const struct verb verbs[] = {
    /* What of it was there already, says another one that was killed. */
    {.words = {"init"}, .base = BASE_NONE, .changes = true, .two = true, .varies = true},
    {.words = {"init", "--json"}, .base = BASE_OLD, .changes = true, .two = true, .varies = true},
    {.words = {"init"}, .varies = true},
    CHANGES("account", "add", "dave"),
    CHANGES("account", "add", "bob", "--profile", "bulk"),
    CHANGES_TWO("password", "account", "add", "dave", "--password-stdin"),
    CHANGES_TWO(NULL, "account", "delete", "alice"),
    READS("account", "list"),
    /* Of passwords that cannot be looked at these say nothing. */
    {.words = {"account", "list", "--json"}, .varies = true},
    {.words = {"account", "show", "bob"}, .varies = true},
    {.words = {"account", "show", "alice", "--json"}, .varies = true},
    CHANGES_TWO(NULL, "account", "suspend", "alice", "--reason", "unpaid"),
    CHANGES_TWO(NULL, "account", "resume", "carol"),
    CHANGES_TWO("password", "account", "password", "alice", "--password-stdin"),
    {.words = {"account", "password", "alice", "--generate"},
     .changes = true,
     .two = true,
     .varies = true},
    CHANGES_TWO(NULL, "account", "password", "alice", "--delete"),
    CHANGES("account", "limit", "alice", "max_recipients=7", "messages_per_day=9"),
    CHANGES("account", "network", "bob", "add", "198.51.100.0/24", "203.0.113.7"),
    CHANGES("account", "network", "alice", "delete", "192.0.2.128/25"),
    READS("account", "network"),
    CHANGES("group", "add", "%new"),
    CHANGES("group", "delete", "%sales"),
    READS("group", "list"),
    READS("group", "show", "%sales"),
    CHANGES("group", "join", "%empty", "alice", "bob"),
    CHANGES("group", "leave", "%sales", "alice", "bob"),
    CHANGES("sender", "add", "bob", "b1@example.com", "@b2.example", "--note", "two"),
    CHANGES("sender", "add", "alice", "@alice.example", "--expires", "2030-01-01T00:00:00Z"),
    CHANGES("sender", "delete", "alice", "alice@example.com", "@alice.example"),
    READS("sender", "list"),
    READS("sender", "list", "%sales", "--json"),
    CHANGES("sender", "import", "senders.csv", "--create-accounts"),
    CHANGES("sender", "import", "senders.json", "--json"),
    READS("sender", "export"),
    READS("sender", "export", "--json", "--all"),
    READS("sender", "export", "exported.csv"),
    READS("backup", "copied.db"),
    READS("explain", "alice", "alice@example.com"),
    READS("explain", "bob", "any@a.sales.example", "--json"),
    {.words = {"usage"}},
    {.words = {"usage", "alice", "--json"}},
    READS("log"),
    READS("log", "alice", "--json"),
    READS("check", "config"),
    {.words = {"check", "database"}, .varies = true},
    READS("scan", "message.eml", "--account", "alice"),
    READS("report", "mail.log"),
    /* The times are other ones. */
    {.words = {"status"}, .varies = true},
    {.words = {"status", "--json"}, .varies = true},
    {.words = {"status", "--accounts"}, .varies = true},
    {.words = {"status", "--prometheus"}, .varies = true},
    /* There is much to find in the settings, and it is found again. */
    {.words = {"check", "mta", "sendmail", "mta"}, .code = 1},
    {.words = {"check", "mta", "postfix", "mta"}, .code = 1, .needs = "postconf", .slow = 20},
    {.words = {"setup", "sendmail", "mta"}},
    {.words = {"setup", "postfix", "mta"}, .code = 1, .needs = "postconf", .slow = 200},
};
const size_t verb_count = sizeof verbs / sizeof *verbs;

const char *verb_name(const struct verb *verb)
{
	static char name[256];
	static const char *const bases[] = {"", " (of nothing)", " (of schema 1)"};
	size_t len = 0;

	for (size_t i = 0; i < VERB_WORDS && verb->words[i]; i++)
		len += (size_t)snprintf(name + len, sizeof name - len, "%s%s", i > 0 ? " " : "",
		                        verb->words[i]);
	snprintf(name + len, sizeof name - len, "%s", bases[verb->base]);
	return name;
}
