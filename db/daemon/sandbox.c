#include "config.h"

#include "db/daemon/sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MASTER (1U << SANDBOX_MASTER)
#define WORKER (1U << SANDBOX_WORKER)
#define AUTHD  (1U << SANDBOX_AUTHD)
#define ALL    (MASTER | WORKER | AUTHD)

/* The sanitizers look at a process that ends as a debugger would. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef __s390__
#define CLONE_FLAGS 1 /* which argument */
#else
#define CLONE_FLAGS 0
#endif
#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

/*
 * Names that the machine, or libseccomp, does not know are passed over: older ones have not all of
 * them, 64-bit ones not those of times and files that were too short, and arm64 none of the oldest.
 */
static const struct allowed {
	unsigned who;
	const char *names;
} allowed[] = {
    /* files: the configuration, databases, the time zone */
    {ALL, "open openat close close_range read readv pread64 preadv write writev pwrite64 pwritev "
          "lseek _llseek"},
    {ALL, "stat fstat lstat newfstatat statx stat64 fstat64 lstat64 fstatat64 statfs fstatfs "
          "statfs64 fstatfs64 access faccessat faccessat2 readlink readlinkat getcwd"},
    {ALL, "fcntl fcntl64 flock dup dup2 dup3 umask unlink unlinkat"},
    {ALL, "fsync fdatasync ftruncate ftruncate64 fallocate fchmod fchown fchown32 "
          "getdents getdents64"},
    /* sockets that are there, and those that socket(2) may make */
    {ALL, "accept accept4 connect send sendto sendmsg recv recvfrom recvmsg shutdown "
          "getsockname getpeername getsockopt setsockopt"},
    {ALL, "poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 pipe pipe2 eventfd2"},
    /* memory, but see below for what could be executed */
    {ALL, "brk munmap mremap madvise mincore mlock munlock membarrier"},
    /* time */
    {ALL, "clock_gettime clock_gettime64 clock_getres clock_getres_time64 gettimeofday time "
          "nanosleep clock_nanosleep clock_nanosleep_time64"},
    /* threads and signals */
    {ALL, "futex futex_time64 futex_waitv set_robust_list get_robust_list rseq set_tid_address "
          "arch_prctl map_shadow_stack set_thread_area sched_yield sched_getaffinity "
          "sched_getparam sched_getscheduler getcpu exit exit_group"},
    {ALL, "rt_sigaction rt_sigprocmask rt_sigreturn sigreturn rt_sigtimedwait "
          "rt_sigtimedwait_time64 rt_sigsuspend rt_sigpending sigaltstack tgkill "
          "restart_syscall"},
    /* who we are, and what there is of the machine */
    {ALL, "getpid getppid gettid getpgrp getuid getuid32 geteuid geteuid32 getgid getgid32 getegid "
          "getegid32 getresuid getresuid32 getresgid getresgid32 getrandom sysinfo uname getrlimit "
          "ugetrlimit getrusage times"},
    {AUTHD, "epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 timerfd_create "
            "timerfd_settime timerfd_settime64"},
    /* the workers, and what these do before they serve */
    {MASTER, "wait4 waitid waitpid kill setitimer bind listen chmod fchmodat seccomp prctl"},
    /* see load_quietly() */
    {ALL, "clone3"},
#ifdef SANITIZED
    {ALL, "ptrace clone prctl wait4 process_vm_readv personality prlimit64 kill sched_setaffinity"},
#endif
};

/* No library of ours has a use for them, not even where it could do without. */
static const char fatal[] = "execve execveat process_vm_writev kcmp init_module finit_module "
			    "delete_module kexec_load kexec_file_load bpf perf_event_open "
			    "userfaultfd mount umount2 pivot_root chroot setns unshare "
			    "open_by_handle_at add_key request_key keyctl swapon swapoff reboot"
#ifndef SANITIZED
			    " ptrace process_vm_readv"
#endif
    ;

/* One that depends on an argument. */
struct condition {
	unsigned who;
	const char *name;
	uint32_t action;
	struct scmp_arg_cmp arg;
};
#define MASKED(n, mask, value) SCMP_CMP64(n, SCMP_CMP_MASKED_EQ, mask, value)
static const struct condition conditions[] = {
    /* To syslog, and the socket of the worker's status. Others do without a network, too. */
    {ALL, "socket", SCMP_ACT_ALLOW, SCMP_CMP64(0, SCMP_CMP_EQ, AF_UNIX)},
    {ALL, "socket", SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_CMP64(0, SCMP_CMP_NE, AF_UNIX)},
    {ALL, "socketpair", SCMP_ACT_ALLOW, SCMP_CMP64(0, SCMP_CMP_EQ, AF_UNIX)},
    /* Nothing that was not there at the start can be executed. */
    {ALL, "mmap", SCMP_ACT_ALLOW, MASKED(2, PROT_EXEC, 0)},
    {ALL, "mmap2", SCMP_ACT_ALLOW, MASKED(2, PROT_EXEC, 0)},
    {ALL, "mprotect", SCMP_ACT_ALLOW, MASKED(2, PROT_EXEC, 0)},
    /* Threads and, for the master alone, processes. */
    {MASTER, "clone", SCMP_ACT_ALLOW, MASKED(CLONE_FLAGS, CLONE_NAMESPACES, 0)},
    {WORKER | AUTHD, "clone", SCMP_ACT_ALLOW,
     MASKED(CLONE_FLAGS, CLONE_NAMESPACES | CLONE_THREAD, CLONE_THREAD)},
    /* isatty(3), as what reads the configuration asks; libevent. */
    {ALL, "ioctl", SCMP_ACT_ALLOW, SCMP_CMP64(1, SCMP_CMP_EQ, TCGETS)},
    {ALL, "ioctl", SCMP_ACT_ALLOW, SCMP_CMP64(1, SCMP_CMP_EQ, FIONREAD)},
    {ALL, "ioctl", SCMP_ACT_ALLOW, SCMP_CMP64(1, SCMP_CMP_EQ, FIONBIO)},
    {WORKER | AUTHD, "prctl", SCMP_ACT_ALLOW, SCMP_CMP64(0, SCMP_CMP_EQ, PR_SET_NAME)},
    /* Limits may be read, and this process's alone. */
    {ALL, "prlimit64", SCMP_ACT_ALLOW, SCMP_CMP64(2, SCMP_CMP_EQ, 0)},
};

/* ---- making a filter ---------------------------------------------------- */

/* All functions here give 0 or -errno, as libseccomp does. */

static int add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
               const struct scmp_arg_cmp *arg)
{
	int number = seccomp_syscall_resolve_name(name);

	return number == __NR_SCMP_ERROR
	           ? 0
	           : seccomp_rule_add_array(filter, action, number, count, arg);
}

static int add_all(scmp_filter_ctx filter, uint32_t action, const char *names)
{
	char name[32];
	int used, rc = 0;

	for (; rc == 0 && sscanf(names, "%31s%n", name, &used) == 1; names += used)
		rc = add(filter, action, name, 0, NULL);
	return rc;
}

static int add_rules(scmp_filter_ctx filter, unsigned who)
{
	int rc = add_all(filter, SCMP_ACT_KILL_PROCESS, fatal);

	for (size_t i = 0; rc == 0 && i < sizeof allowed / sizeof *allowed; i++)
		if (allowed[i].who & who)
			rc = add_all(filter, SCMP_ACT_ALLOW, allowed[i].names);
	for (size_t i = 0; rc == 0 && i < sizeof conditions / sizeof *conditions; i++) {
		if (conditions[i].who & who)
			rc = add(filter, conditions[i].action, conditions[i].name, 1,
			         &conditions[i].arg);
		/* The arguments of socketcall(2), which some machines have, cannot be seen. */
		if (rc == -EEXIST)
			rc = 0;
	}
	return rc;
}

/* ---- loading it --------------------------------------------------------- */

/* Those that are allowed always cost next to nothing; the others are found in few steps. */
static scmp_filter_ctx filter_new(uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);

	if (filter &&
	    (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
	     seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)) {
		seccomp_release(filter);
		return NULL;
	}
	if (filter)
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return filter;
}

static int load(scmp_filter_ctx filter, int rc)
{
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/*
 * The C library tries clone3(2) whenever it starts a thread, and what it is asked to do cannot be seen
 * from here. It knows another way, and there is nothing to log.
 */
static int load_quietly(void)
{
	scmp_filter_ctx filter = filter_new(SCMP_ACT_ALLOW);

	if (!filter)
		return -ENOTSUP;
	return load(filter, add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL));
}

bool sandbox_enter(enum sandbox who)
{
	scmp_filter_ctx filter;
	int rc = load_quietly();

	if (rc == 0) {
		filter = filter_new(SCMP_ACT_ERRNO(ENOSYS));
		rc = -ENOTSUP;
		if (filter) {
			/* Kernels before 4.14 have no log of it. */
			seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
			rc = load(filter, add_rules(filter, 1U << who));
		}
	}
	errno = -rc;
	return rc == 0;
}
