/* The sandbox of each kind of process: what it may do and what it may not, each in a process that ends. */
#include "config.h"

#include "db/daemon/sandbox.h"

#include "tests/unit/table.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is tried: 0 or errno ------------------------------------------- */

static int result(long rc)
{
	return rc < 0 ? errno : 0;
}

static int execute(void)
{
	return result(execl("/bin/true", "true", (char *)NULL));
}

static int trace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int make_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int mount_proc(void)
{
	return result(syscall(SYS_mount, "proc", "/nonexistent", "proc", 0, NULL));
}

static int of_family(int family)
{
	return result(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int socket_inet(void)
{
	return of_family(AF_INET);
}

static int socket_inet6(void)
{
	return of_family(AF_INET6);
}

static int socket_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int socket_unix(void)
{
	return of_family(AF_UNIX);
}

/* Only a name that no file has. */
static int bind_unix(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX};

	return result(bind(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&address,
	                   sizeof address.sun_family));
}

static int start_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return result(child < 0 ? child : waitpid(child, NULL, 0));
}

static void *nothing(void *arg)
{
	return arg;
}

static int start_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, nothing, NULL);

	return rc != 0 ? rc : pthread_join(thread, NULL);
}

static int signal_process(void)
{
	return result(kill(getpid(), 0));
}

static void *map(int protection)
{
	return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int map_executable(void)
{
	return map(PROT_READ | PROT_EXEC) == MAP_FAILED ? errno : 0;
}

static int make_executable(void)
{
	return result(mprotect(map(PROT_READ | PROT_WRITE), 4096, PROT_READ | PROT_EXEC));
}

static int map_plain(void)
{
	return map(PROT_READ | PROT_WRITE) == MAP_FAILED ? errno : 0;
}

static int read_file(void)
{
	return result(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static int change_mode(void)
{
	return result(chmod("/dev/null/nothing", 0600));
}

static int become_root(void)
{
	return result(setuid(0));
}

static int lower_limit(void)
{
	const struct rlimit limit = {0, 0};

	return result(setrlimit(RLIMIT_CORE, &limit));
}

static int read_limit(void)
{
	struct rlimit limit;

	return result(getrlimit(RLIMIT_NOFILE, &limit));
}

static int use_ring(void)
{
	return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int call_nothing(void)
{
	return result(syscall(4095));
}

/* ---- the table ----------------------------------------------------------- */

#define KILLED (-1)
#define ANY    (-2)

/* The sanitizers do such things themselves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNLESS_SANITIZED(outcome) ANY
#else
#define UNLESS_SANITIZED(outcome) outcome
#endif

static const struct row {
	const char *name;
	int (*attempt)(void);
	int master, worker, authd;
} rows[] = {
    {"execve", execute, KILLED, KILLED, KILLED},
    {"ptrace", trace, UNLESS_SANITIZED(KILLED), UNLESS_SANITIZED(KILLED), UNLESS_SANITIZED(KILLED)},
    {"unshare", make_namespace, KILLED, KILLED, KILLED},
    {"mount", mount_proc, KILLED, KILLED, KILLED},
    {"an IPv4 socket", socket_inet, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {"an IPv6 socket", socket_inet6, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {"a netlink socket", socket_netlink, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT},
    {"a local socket", socket_unix, 0, 0, 0},
    {"a socket's name", bind_unix, 0, ENOSYS, ENOSYS},
    {"a process", start_process, 0, UNLESS_SANITIZED(ENOSYS), UNLESS_SANITIZED(ENOSYS)},
    {"a thread", start_thread, 0, 0, 0},
    {"a signal to a process", signal_process, 0, UNLESS_SANITIZED(ENOSYS),
     UNLESS_SANITIZED(ENOSYS)},
    {"memory that can be executed", map_executable, ENOSYS, ENOSYS, ENOSYS},
    {"memory that is made so", make_executable, ENOSYS, ENOSYS, ENOSYS},
    {"memory", map_plain, 0, 0, 0},
    {"a file", read_file, 0, 0, 0},
    {"a file's mode", change_mode, ENOTDIR, ENOSYS, ENOSYS},
    {"another user", become_root, ENOSYS, ENOSYS, ENOSYS},
    {"a limit", lower_limit, UNLESS_SANITIZED(ENOSYS), UNLESS_SANITIZED(ENOSYS),
     UNLESS_SANITIZED(ENOSYS)},
    {"what a limit is", read_limit, 0, 0, 0},
    {"io_uring", use_ring, ENOSYS, ENOSYS, ENOSYS},
    {"what no kernel has", call_nothing, ENOSYS, ENOSYS, ENOSYS},
};

/* How it goes: 0, errno, or KILLED; within these sandboxes, one in another. */
static int outcome(int (*attempt)(void), const enum sandbox *sandboxes, int count)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		const struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		for (int i = 0; i < count; i++)
			if (!sandbox_enter(sandboxes[i]))
				_exit(255);
		_exit(attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

static void expect(const char *what, const char *who, int got, int wanted)
{
	if (wanted != ANY && got != wanted)
		fail_msg("%s, %s: %d (%s), not %d", who, what, got, got > 0 ? strerror(got) : "",
		         wanted);
}

static void each_may_do_what_it_needs(void **state)
{
	static const enum sandbox worker[] = {SANDBOX_MASTER, SANDBOX_WORKER};
	static const enum sandbox authd[] = {SANDBOX_AUTHD};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];

		expect(row->name, "master", outcome(row->attempt, worker, 1), row->master);
		expect(row->name, "worker", outcome(row->attempt, worker, 2), row->worker);
		expect(row->name, "authd", outcome(row->attempt, authd, 1), row->authd);
	}
}

static pthread_barrier_t barrier;

static void *execute_in_thread(void *arg)
{
	pthread_barrier_wait(&barrier);
	execute();
	return arg;
}

/* The thread is there before the sandbox is. */
static int enter_beside_thread(void)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&thread, NULL, execute_in_thread, NULL) != 0 ||
	    !sandbox_enter(SANDBOX_WORKER))
		return 255;
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	return 0;
}

static void it_is_around_threads_that_run_already(void **state)
{
	(void)state;
	assert_int_equal(outcome(enter_beside_thread, NULL, 0), KILLED);
}

static int no_new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void no_privileges_come_back(void **state)
{
	static const enum sandbox master[] = {SANDBOX_MASTER};

	(void)state;
	assert_int_equal(outcome(no_new_privileges, master, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_may_do_what_it_needs),
	    cmocka_unit_test(it_is_around_threads_that_run_already),
	    cmocka_unit_test(no_privileges_come_back),
	};

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		puts("1..0 # SKIP this kernel has no seccomp(2)");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
