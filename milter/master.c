#include "milter/master.h"

#include "db/daemon/background.h"
#include "db/daemon/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MAX      30 /* seconds before another worker is started, at most */
#define STEADY_SECONDS 10 /* a worker that lived for so long has not died at once */

/* Beyond DRAIN_SECONDS, and when told to end now: then the worker does not answer, and is killed. */
#define PATIENCE_SECONDS 5

/* A worker that has not said by then whether it serves is stuck, in a disk or a name service. */
#define START_SECONDS 60

#define NEVER INT64_MAX

struct master {
	struct worker worker;
	const char *path; /* of the milter socket, or null */
	struct stat socket;
	sigset_t signals;
	pid_t pid;        /* the worker's, 0 while there is none */
	int to_worker;    /* and the way to it */
	int ready;        /* see background.h */
	int64_t started;  /* when the worker was, in seconds */
	int64_t deadline; /* when something is due: NEVER, a worker's start, or its violent end */
	unsigned deaths;  /* in a row, of workers that were not steady */
	bool stopping, told_twice;
};

/* ---- the log ------------------------------------------------------------ */

/* What waits is interrupted, and again until it is let go. None: it waits for as long as it likes. */
static void interrupt_after(time_t seconds)
{
	const struct itimerval timer = {{seconds, 0}, {seconds, 0}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_alarm(int signal)
{
	(void)signal; /* it has interrupted something, and that is all it is for */
}

/*
 * Straight to syslog(3), for a thread that writes for it, as the worker's log has one, would be in
 * the way of fork(2). One that is stuck, which tries twice, holds the master up no longer than this.
 */
__attribute__((format(printf, 3, 4))) static void say(const struct master *master, int priority,
                                                      const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	interrupt_after(1);
	syslog(priority, "%s", text);
	if (master->worker.foreground)
		dprintf(STDERR_FILENO, "postreeved[%ld]: %s\n", (long)getpid(), text);
	interrupt_after(0);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* ---- the socket --------------------------------------------------------- */

/* Whether the socket that was bound still stands in its place. */
static bool has_socket(const struct master *master)
{
	struct stat st;

	return !master->path ||
	       (lstat(master->path, &st) == 0 && st.st_dev == master->socket.st_dev &&
	        st.st_ino == master->socket.st_ino);
}

/* ---- the configuration -------------------------------------------------- */

/* What the worker is about to read, for the one that may have to take its place. */
static void read_configuration(struct master *master)
{
	char error[CONFIG_ERROR_MAX];
	time_t now_read = time(NULL);
	struct config *config = config_load(master->worker.path, error);

	if (!config)
		return; /* the worker says why */
	config_free(master->worker.latest);
	master->worker.latest = config;
	master->worker.latest_loaded = now_read;
}

/* ---- the worker --------------------------------------------------------- */

static bool start_worker(struct master *master)
{
	int ends[2];

	if (master->worker.again)
		read_configuration(master);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	master->pid = fork();
	if (master->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		master->pid = 0;
		return false;
	}
	if (master->pid == 0) {
		close(ends[0]);
		if (master->ready >= 0)
			close(master->ready);
		worker_run(&master->worker, ends[1]);
	}
	close(ends[1]);
	master->to_worker = ends[0];
	master->started = now();
	master->deadline = NEVER;
	return true;
}

/* A worker that does not read is told often enough, or is killed in the end. */
static void tell_worker(struct master *master, enum worker_command command)
{
	char octet = (char)command;

	if (master->pid != 0)
		(void)send(master->to_worker, &octet, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Takes note that the worker has ended. *how is a sentence about it. */
static void bury_worker(struct master *master, int status, char *how, size_t size)
{
	long pid = master->pid;

	if (WIFSIGNALED(status))
		snprintf(how, size, "worker %ld died of signal %d (%s)", pid, WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(how, size, "worker %ld ended with exit status %d", pid,
		         WEXITSTATUS(status));
	close(master->to_worker);
	master->pid = 0;
}

/* The first worker says how it went, and ends if it went badly. */
static int first_answer(struct master *master)
{
	struct pollfd answer = {.fd = master->to_worker, .events = POLLIN};
	int status = 0;
	char octet, how[128];

	if (poll(&answer, 1, START_SECONDS * 1000) == 0)
		kill(master->pid, SIGKILL);
	else if (recv(master->to_worker, &octet, 1, 0) == 1 && octet == EX_OK)
		return EX_OK;
	while (waitpid(master->pid, &status, 0) < 0 && errno == EINTR)
		;
	bury_worker(master, status, how, sizeof how);
	if (WIFEXITED(status) && WEXITSTATUS(status) != EX_OK)
		return WEXITSTATUS(status);
	say(master, LOG_ERR, "%s before it served", how);
	return EX_SOFTWARE;
}

/* ---- what happens ------------------------------------------------------- */

/* Starts another worker, or sets a time for it. */
static void replace_worker(struct master *master, const char *how)
{
	int pause = 0;

	if (now() - master->started >= STEADY_SECONDS)
		master->deaths = 0;
	if (master->deaths > 0)
		pause = master->deaths > 5 ? PAUSE_MAX : 1 << (master->deaths - 1);
	master->deaths++;
	if (pause == 0 && start_worker(master)) {
		say(master, LOG_ERR, "%s: another one is started", how);
		return;
	}
	if (pause == 0)
		pause = 1;
	master->deadline = now() + pause;
	say(master, LOG_ERR, "%s: another one is started in %d s", how, pause);
}

/* Without a worker there is nothing to wait for. */
static void begin_to_stop(struct master *master)
{
	tell_worker(master, master->stopping ? WORKER_END : WORKER_STOP);
	if (!master->told_twice)
		master->deadline =
		    now() + PATIENCE_SECONDS + (master->stopping ? 0 : DRAIN_SECONDS);
	master->told_twice = master->stopping;
	master->stopping = true;
}

static void on_deadline(struct master *master)
{
	if (now() < master->deadline)
		return;
	master->deadline = NEVER;
	if (master->stopping) {
		say(master, LOG_ERR, "worker %ld does not end: it is killed", (long)master->pid);
		kill(master->pid, SIGKILL);
	} else if (master->pid == 0 && !start_worker(master)) {
		replace_worker(master, "a worker cannot be started");
	}
}

/* The next signal, or something else when the deadline may have come. */
static int wait_for_signal(const struct master *master)
{
	struct timespec left = {0};
	int64_t seconds = master->deadline - now();

	if (master->deadline == NEVER)
		return sigwaitinfo(&master->signals, NULL);
	left.tv_sec = seconds > 0 ? (time_t)seconds : 0;
	return sigtimedwait(&master->signals, NULL, &left);
}

/* Until the worker has ended as it was told to, or no other one can take its place. */
static int watch(struct master *master)
{
	char how[128];
	int status;

	for (;;) {
		switch (wait_for_signal(master)) {
		case SIGHUP:
			read_configuration(master);
			tell_worker(master, WORKER_RELOAD);
			break;
		case SIGTERM:
		case SIGINT:
			begin_to_stop(master);
			break;
		default:
			on_deadline(master);
			break;
		}
		if (master->stopping && master->pid == 0)
			return EX_OK;
		if (master->pid == 0 || waitpid(master->pid, &status, WNOHANG) != master->pid)
			continue;
		bury_worker(master, status, how, sizeof how);
		if (master->stopping && WIFEXITED(status) && WEXITSTATUS(status) == EX_OK)
			return EX_OK;
		if (!master->stopping && has_socket(master)) {
			replace_worker(master, how);
			continue;
		}
		say(master, LOG_ERR, "%s: %s", how,
		    master->stopping ? "the gate has stopped"
		                     : "the socket is gone, so start the gate again");
		return EX_SOFTWARE;
	}
}

/* Blocked, and taken one by one. Who started us may have left them ignored. */
static void take_signals(sigset_t *signals)
{
	static const int taken[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
	const struct sigaction interrupt = {.sa_handler = on_alarm}; /* no SA_RESTART */

	sigaction(SIGALRM, &interrupt, NULL);
	sigemptyset(signals);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		sigaddset(signals, taken[i]);
		signal(taken[i], SIG_DFL);
	}
	sigprocmask(SIG_BLOCK, signals, NULL);
}

int master_run(struct worker worker, const char *path, int ready)
{
	struct master master = {.worker = worker, .path = path, .ready = ready, .deadline = NEVER};
	int status = EX_OSERR;

	openlog("postreeved", LOG_PID | LOG_NDELAY, LOG_MAIL);
	take_signals(&master.signals);
	/* A place that the user may not look at is not watched. */
	if (path && lstat(path, &master.socket) != 0)
		master.path = NULL;
	/* For the workers, too. Where there is no such thing, the first of them says so. */
	sandbox_enter(SANDBOX_MASTER);
	if (!start_worker(&master))
		fprintf(stderr, "postreeved: cannot start a worker: %s\n", strerror(errno));
	else
		status = first_answer(&master);
	if (!background_answer(&master.ready, status))
		say(&master, LOG_WARNING, "the process that was started did not wait");
	if (!worker.foreground)
		background_detach();
	if (status == EX_OK) {
		master.worker.again = true;
		status = watch(&master);
	}
	if (master.path && has_socket(&master))
		unlink(master.path);
	config_free(master.worker.latest);
	return status;
}
