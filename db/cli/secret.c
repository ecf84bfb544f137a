#include "db/cli/secret.h"

#include "db/cli/cli.h"
#include "db/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof *secret);
}

/* The line that stands next, without its end, and cut if it is too long. False: a signal, or an error. */
static bool take_line(int fd, struct secret *out)
{
	bool kept = true;
	ssize_t n;
	char c = '\0';

	out->len = 0;
	while ((n = read(fd, &c, 1)) == 1 && c != '\n') {
		kept = out->len < sizeof out->text;
		if (kept)
			out->text[out->len++] = c;
	}
	if (n == 1 && kept && out->len > 0 && out->text[out->len - 1] == '\r')
		out->len--;
	c = '\0';
	return n >= 0;
}

/* C0, DEL, and C1 as UTF-8 has it. */
static bool has_control(const struct secret *secret)
{
	for (size_t i = 0; i < secret->len; i++) {
		unsigned char c = (unsigned char)secret->text[i];

		if (c < ' ' || c == 0x7f ||
		    (c == 0xc2 && i + 1 < secret->len &&
		     ((unsigned char)secret->text[i + 1] & 0xe0) == 0x80))
			return true;
	}
	return false;
}

static int check(struct secret *secret)
{
	const char *problem = NULL;

	if (secret->len == 0)
		problem = "is empty";
	else if (secret->len > PASSWORD_MAX)
		problem = "is too long";
	else if (has_control(secret))
		problem = "has control characters in it";
	if (!problem)
		return EX_OK;
	secret_wipe(secret);
	return complain(EX_DATAERR,
	                "the password %s: give 1 to %d octets without control characters", problem,
	                PASSWORD_MAX);
}

int secret_read(struct secret *out)
{
	if (take_line(STDIN_FILENO, out))
		return check(out);
	secret_wipe(out);
	return complain(EX_IOERR, "standard input: %s", strerror(errno));
}

/* ---- the terminal ------------------------------------------------------- */

/* Those that end or stop the program: the terminal shall show again first what is typed. */
static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
#define SIGNALS (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

static void print(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; /* they will not know what to type, and it will say so */
}

static bool ask_both(int fd, const char *account, struct secret *first, struct secret *second)
{
	bool good;

	print(fd, "New password of ");
	print(fd, account);
	print(fd, ": ");
	good = take_line(fd, first);
	print(fd, "\n");
	if (!good)
		return false;
	print(fd, "The same again: ");
	good = take_line(fd, second);
	print(fd, "\n");
	return good;
}

/* With the terminal silent in between; false if it is none, or was interrupted. */
static bool ask_silently(int fd, const char *account, struct secret *first, struct secret *second)
{
	struct sigaction action = {.sa_handler = on_signal}, before[SIGNALS];
	struct termios shown, hidden;
	bool good = false;

	caught = 0;
	for (size_t i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		/* One that is ignored, as behind nohup(1), would end nothing. */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	if (tcgetattr(fd, &shown) == 0) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		/* What was typed before was shown: it is no password. */
		good =
		    tcsetattr(fd, TCSAFLUSH, &hidden) == 0 && ask_both(fd, account, first, second);
		while (tcsetattr(fd, TCSADRAIN, &shown) != 0 && errno == EINTR && caught != SIGTTOU)
			;
	}
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	return good;
}

int secret_check_terminal(void)
{
	int fd = isatty(STDIN_FILENO) ? open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;

	if (fd < 0)
		return complain(EX_USAGE, "there is no terminal to ask for the password: give it "
		                          "with --password-stdin");
	close(fd);
	return EX_OK;
}

int secret_ask(const char *account, struct secret *out)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), code;
	struct secret again;
	bool good = false;

	while (fd >= 0 && !(good = ask_silently(fd, account, out, &again)) && caught)
		raise(caught); /* whoever was only stopped is asked anew */
	if (fd >= 0)
		close(fd);
	if (!good)
		code = complain(EX_IOERR, "the terminal cannot be read: %s", strerror(errno));
	else if (out->len != again.len || memcmp(out->text, again.text, out->len) != 0)
		code = complain(EX_DATAERR, "the two passwords differ: nothing was changed");
	else
		code = check(out);
	secret_wipe(&again);
	if (code != EX_OK)
		secret_wipe(out);
	return code;
}
