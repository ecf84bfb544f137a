/* postreeve(8): the command line. */
#include "config.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"
#include "db/cli/vault.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The command line, taken apart. */
struct line {
	struct cli cli;
	char **words; /* all that are no options */
	size_t word_count;
	unsigned given; /* TAKES() of each option that only some commands take */
	bool help, version;
};

/* Those that only some commands take, with which line_options[] begins. */
enum option_id {
	OPT_ACCOUNT,
	OPT_ACCOUNTS,
	OPT_ALL,
	OPT_APPLY,
	OPT_CREATE_ACCOUNTS,
	OPT_DELETE,
	OPT_EXPIRES,
	OPT_GENERATE,
	OPT_GRANTS,
	OPT_HASH,
	OPT_NOTE,
	OPT_PASSWORD_STDIN,
	OPT_PROFILE,
	OPT_PROMETHEUS,
	OPT_REASON,
	OPT_SHADOW,
	OPT_SINCE,
	OPT_OWN_COUNT,
};
#define TAKES(option) (1u << (option))

/* What is set in the line: a bool, or a const char *, for an option that wants an argument. */
#define FLAG(name, letter, member)                                                                 \
	{                                                                                          \
		{name, no_argument, NULL, letter}, offsetof(struct line, member)                   \
	}
#define ARGUMENT(name, letter, member)                                                             \
	{                                                                                          \
		{name, required_argument, NULL, letter}, offsetof(struct line, member)             \
	}

static const struct line_option {
	struct option option; /* whose val is a letter, or 0 */
	size_t member;
} line_options[] = {
    [OPT_ACCOUNT] = ARGUMENT("account", 0, cli.account),
    [OPT_ACCOUNTS] = FLAG("accounts", 0, cli.accounts),
    [OPT_ALL] = FLAG("all", 0, cli.all),
    [OPT_APPLY] = FLAG("apply", 0, cli.apply),
    [OPT_CREATE_ACCOUNTS] = FLAG("create-accounts", 0, cli.create_accounts),
    [OPT_DELETE] = FLAG("delete", 0, cli.delete_it),
    [OPT_EXPIRES] = ARGUMENT("expires", 0, cli.expires),
    [OPT_GENERATE] = FLAG("generate", 0, cli.generate),
    [OPT_GRANTS] = ARGUMENT("grants", 0, cli.grants),
    [OPT_HASH] = ARGUMENT("hash", 0, cli.hash),
    [OPT_NOTE] = ARGUMENT("note", 0, cli.note),
    [OPT_PASSWORD_STDIN] = FLAG("password-stdin", 0, cli.password_stdin),
    [OPT_PROFILE] = ARGUMENT("profile", 0, cli.profile),
    [OPT_PROMETHEUS] = FLAG("prometheus", 0, cli.prometheus),
    [OPT_REASON] = ARGUMENT("reason", 0, cli.reason),
    [OPT_SHADOW] = FLAG("shadow", 0, cli.shadow),
    [OPT_SINCE] = ARGUMENT("since", 0, cli.since),
    ARGUMENT("config", 'c', cli.conf),
    ARGUMENT("database", 'd', cli.database),
    FLAG("json", 0, cli.json),
    FLAG("help", 'h', help),
    FLAG("version", 'V', version),
};
#define OPTION_BASE  256 /* what getopt says for one without a letter: this, and its place here */
#define OPTION_COUNT (sizeof line_options / sizeof *line_options)

static const char option_help[] =
    "Options, anywhere on the line; `--' ends them:\n"
    "  -c, --config FILE    read this configuration instead of " CONFIG_DEFAULT_PATH "\n"
    "  -d, --database FILE  use this registry, and read no configuration\n"
    "      --json           print JSON\n"
    "  -h, --help           say how a command is used\n"
    "  -V, --version        say which version this is\n";

static const struct command {
	const char *noun, *verb; /* verb null if there is none */
	const char *usage;       /* what follows them */
	const char *does;
	size_t least, most; /* arguments */
	unsigned takes;     /* options of its own: TAKES() of each */
	int (*run)(struct cli *cli);
} commands[] = {
    {"init", NULL, "", "make the registry, or bring it to this version", 0, 0, 0, init_run},
    {"account", "add", " NAME [--profile PROFILE] [--password-stdin]",
     "register an account, or move it to a profile", 1, 1,
     TAKES(OPT_PROFILE) | TAKES(OPT_PASSWORD_STDIN), account_add},
    {"account", "delete", " NAME", "delete an account and its senders", 1, 1, 0, account_delete},
    {"account", "list", "", "list the accounts", 0, 0, 0, account_list},
    {"account", "show", " NAME", "show an account, its senders and the limits in force", 1, 1, 0,
     account_show},
    {"account", "suspend", " NAME --reason TEXT", "let an account send nothing", 1, 1,
     TAKES(OPT_REASON), account_suspend},
    {"account", "resume", " NAME", "let a suspended account send again", 1, 1, 0, account_resume},
    {"account", "password", " NAME [--password-stdin | --generate | --hash HASH | --delete]",
     "set the password that an account logs in with, or delete it", 1, 1,
     TAKES(OPT_PASSWORD_STDIN) | TAKES(OPT_GENERATE) | TAKES(OPT_HASH) | TAKES(OPT_DELETE),
     account_password},
    {"account", "limit", " NAME KEY=VALUE...",
     "set limits of an account's own; KEY=default is the profile's again", 2, SIZE_MAX, 0,
     account_limit},
    {"account", "network", " [NAME [add|delete CIDR...]]",
     "judge clients there that do not log in as an account", 0, SIZE_MAX, 0, account_network},
    {"group", "add", " GROUP", "make a group, whose name begins with '%'", 1, 1, 0, group_add},
    {"group", "delete", " GROUP", "delete a group and its senders; its accounts stay", 1, 1, 0,
     group_delete},
    {"group", "list", "", "list the groups", 0, 0, 0, group_list},
    {"group", "show", " GROUP", "show a group, its accounts and its senders", 1, 1, 0, group_show},
    {"group", "join", " GROUP ACCOUNT...", "let accounts send as a group may", 2, SIZE_MAX, 0,
     group_join},
    {"group", "leave", " GROUP ACCOUNT...", "let them no longer", 2, SIZE_MAX, 0, group_leave},
    {"sender", "add", " HOLDER PATTERN... [--expires WHEN] [--note TEXT]",
     "let an account or %group send as user@domain, @domain, @.domain or @.", 2, SIZE_MAX,
     TAKES(OPT_EXPIRES) | TAKES(OPT_NOTE), sender_add},
    {"sender", "delete", " HOLDER PATTERN...", "let it no longer", 2, SIZE_MAX, 0, sender_delete},
    {"sender", "list", " [HOLDER]", "list what accounts and groups may send as", 0, 1, 0,
     sender_list},
    {"sender", "import", " FILE [--create-accounts]", "add senders from CSV or JSON, all or none",
     1, 1, TAKES(OPT_CREATE_ACCOUNTS), sender_import},
    {"sender", "export", " [FILE] [--all]", "write senders as CSV, or as JSON with --json", 0, 1,
     TAKES(OPT_ALL), sender_export},
    {"explain", NULL, " ACCOUNT ADDRESS", "say whether an account may send as an address, and why",
     2, 2, 0, explain_run},
    {"usage", NULL, " [ACCOUNT]", "show what accounts have used of their quotas", 0, 1, 0,
     usage_run},
    {"log", NULL, " [ACCOUNT] [--since WHEN]", "show who changed what", 0, 1, TAKES(OPT_SINCE),
     log_run},
    {"check", "config", "", "look for what is wrong with the configuration", 0, 0, 0, check_config},
    {"check", "database", "", "look for what is wrong with the files of the database", 0, 0, 0,
     check_database},
    {"check", "mta", " [MTA [DIRECTORY]]",
     "look for what is wrong with the settings of postfix or sendmail", 0, 2, 0, check_mta},
    {"setup", NULL, " MTA [DIRECTORY] [--apply]",
     "show what postfix or sendmail is to be told; with --apply, tell it", 1, 2, TAKES(OPT_APPLY),
     setup_run},
    {"backup", NULL, " FILE", "copy the registry into a file, while the daemon runs", 1, 1, 0,
     backup_run},
    {"scan", NULL, " FILE... [--account NAME]", "show what the gate sees in messages", 1, SIZE_MAX,
     TAKES(OPT_ACCOUNT), scan_run},
    {"status", NULL, " [--json | --prometheus] [--accounts]", "show how the running daemon is", 0,
     0, TAKES(OPT_PROMETHEUS) | TAKES(OPT_ACCOUNTS), status_run},
    {"report", NULL, " [LOG...] [--shadow] [--grants FILE]",
     "count the verdicts in the log, and propose grants", 0, SIZE_MAX,
     TAKES(OPT_SHADOW) | TAKES(OPT_GRANTS), report_run},
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static int open_database(struct cli *cli)
{
	struct registry_error error;

	if (registry_open(cli->database, REGISTRY_WAIT_MS, &cli->registry, &error) != REGISTRY_OK)
		return complain_registry(&error);
	registry_as(cli->registry, cli->who, time(NULL));
	return EX_OK;
}

int cli_open(struct cli *cli)
{
	int code;

	who_am_i(cli->who);
	code = become_owner(cli->database, cli->config ? cli->config->user : NULL);
	return code == EX_OK ? open_database(cli) : code;
}

/* How many of the command's words the line says: 0 if it is not this one. */
static size_t match(const struct command *command, char *const *words, size_t count)
{
	if (count < 1 || strcmp(words[0], command->noun) != 0)
		return 0;
	if (!command->verb)
		return 1;
	return count > 1 && strcmp(words[1], command->verb) == 0 ? 2 : 0;
}

static const struct command *find_command(char *const *words, size_t count)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (match(&commands[i], words, count) > 0)
			return &commands[i];
	return NULL;
}

/* Of the commands that begin with the words; of all if none does. */
static void help(char *const *words, size_t count)
{
	const struct command *one = find_command(words, count);
	bool noun = false;

	for (size_t i = 0; i < COMMAND_COUNT && count > 0; i++)
		noun |= strcmp(words[0], commands[i].noun) == 0;
	printf("Usage: postreeve [OPTION]... COMMAND\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command *command = &commands[i];

		if (one ? command != one : noun && strcmp(words[0], command->noun) != 0)
			continue;
		printf("  %s%s%s%s\n        %s\n", command->noun, command->verb ? " " : "",
		       command->verb ? command->verb : "", command->usage, command->does);
	}
	printf("\n%s", option_help);
}

/* The option of this letter, or of this place behind them. */
static const struct line_option *option_of(int value)
{
	const struct line_option *option = line_options;

	if (value >= OPTION_BASE)
		return &line_options[value - OPTION_BASE];
	while (option->option.val != value)
		option++;
	return option;
}

static void set(struct line *line, const struct line_option *option, const char *argument)
{
	char *member = (char *)line + option->member;
	size_t own = (size_t)(option - line_options);

	if (option->option.has_arg == required_argument)
		memcpy(member, &argument, sizeof argument);
	else
		*(bool *)member = true;
	if (own < OPT_OWN_COUNT)
		line->given |= TAKES(own);
}

/* The leading '-' gives the words in their order, whatever POSIXLY_CORRECT says. */
static int take_apart(struct line *line, int argc, char **argv)
{
	struct option options[OPTION_COUNT + 1] = {0};
	char quoted[SHOWN_MAX];
	int option;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		options[i] = line_options[i].option;
		if (options[i].val == 0)
			options[i].val = OPTION_BASE + (int)i;
	}
	opterr = 0; /* getopt's own messages would show arguments raw */
	while ((option = getopt_long(argc, argv, "-:c:d:hV", options, NULL)) != -1) {
		if (option == 1)
			line->words[line->word_count++] = optarg;
		else if (option == ':')
			return complain(EX_USAGE,
			                "option %s wants an argument: see postreeve --help",
			                shown(quoted, argv[optind - 1]));
		else if (option == '?')
			return complain(
			    EX_USAGE,
			    "option %s is unknown or ambiguous, or wants no argument: see "
			    "postreeve --help",
			    shown(quoted, argv[optind - 1]));
		else
			set(line, option_of(option), optarg);
	}
	while (optind < argc)
		line->words[line->word_count++] = argv[optind++];
	return EX_OK;
}

static int complain_words(const struct line *line)
{
	char first[SHOWN_MAX], second[SHOWN_MAX];

	if (line->word_count == 0)
		return complain(EX_USAGE, "no command was given: see postreeve --help");
	if (line->word_count == 1)
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			if (strcmp(commands[i].noun, line->words[0]) == 0)
				return complain(EX_USAGE, "%s what? See postreeve %s --help",
				                commands[i].noun, commands[i].noun);
	return complain(EX_USAGE, "there is no command \"%s%s%s\": see postreeve --help",
	                shown(first, line->words[0]), line->word_count > 1 ? " " : "",
	                line->word_count > 1 ? shown(second, line->words[1]) : "");
}

/* The name of the first of these options. */
static const char *option_name(unsigned given)
{
	size_t first = 0;

	while (!(given & TAKES(first)))
		first++;
	return line_options[first].option.name;
}

/* The arguments and options that the command takes, and no others. */
static int check_line(const struct command *command, const struct line *line)
{
	const struct cli *cli = &line->cli;
	unsigned excess = line->given & ~command->takes;
	const char *problem = NULL;
	char text[SHOWN_MAX];

	if (excess)
		snprintf(text, sizeof text, "--%s is not for this command", option_name(excess));
	if (cli->arg_count < command->least)
		problem = "too few arguments";
	else if (cli->arg_count > command->most)
		problem = "too many arguments";
	else if (excess)
		problem = text;
	else if (cli->database && (!*cli->database || strlen(cli->database) >= PATH_MAX))
		problem = "--database wants the path of a file";
	if (!problem)
		return EX_OK;
	return complain(EX_USAGE, "%s: use postreeve %s%s%s%s", problem, command->noun,
	                command->verb ? " " : "", command->verb ? command->verb : "",
	                command->usage);
}

/* What is in a message or a log, a machine without gate and registry can be asked, too. */
static bool wants_configuration(const struct command *command, const struct cli *cli)
{
	return command->run != report_run && (command->run != scan_run || cli->account);
}

/*
 * The others may walk through a database as they print; these have none open then. And a password
 * that was generated shall not come to a disk.
 */
static bool prints_at_once(const struct command *command)
{
	return command->run == account_password || command->run == scan_run ||
	       command->run == status_run || command->run == report_run;
}

static int run(struct line *line)
{
	const struct command *command = find_command(line->words, line->word_count);
	char error[CONFIG_ERROR_MAX];
	struct cli *cli = &line->cli;
	struct config *config = NULL;
	size_t words;
	int code;

	if (!command)
		return complain_words(line);
	words = match(command, line->words, line->word_count);
	cli->args = line->words + words;
	cli->arg_count = line->word_count - words;
	code = check_line(command, line);
	if (code != EX_OK)
		return code;
	if (!cli->database && wants_configuration(command, cli)) {
		config = config_load(cli->conf, error);
		cli->config_error = error;
		if (!config && command->run != check_config)
			return complain(EX_CONFIG, "%s", error);
		cli->config = config;
		cli->database = config ? config->database : NULL;
	}
	if (!prints_at_once(command))
		output_hold();
	code = command->run(cli);
	if (cli->registry)
		changes_tell(cli->registry);
	registry_close(cli->registry);
	vault_close(cli->vault);
	output_release();
	config_free(config);
	return code;
}

int main(int argc, char **argv)
{
	struct line line = {.cli = {.conf = CONFIG_DEFAULT_PATH}};
	int code;

	/* A full disk or a closed pipe is an error to report, not a signal to die of. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	umask(077);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* two programs' complaints shall not mix */
	line.words = calloc((size_t)argc + 1, sizeof *line.words);
	if (!line.words)
		return complain(EX_OSERR, "out of memory");
	code = take_apart(&line, argc, argv);
	if (code == EX_OK && line.version)
		puts("postreeve " PACKAGE_VERSION);
	else if (code == EX_OK && line.help)
		help(line.words, line.word_count);
	else if (code == EX_OK)
		code = run(&line);
	free(line.words);
	return output_end(code);
}
