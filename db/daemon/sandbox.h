/*
 * What a process may still ask of the kernel once it serves: a seccomp(2) filter. What a daemon has no
 * use for is answered ENOSYS, as by a kernel that does not have it, for which libraries have another
 * way: mail goes on, and the kernel's audit log says which call it was. What only an intruder would
 * call, as execve(2), ends the process.
 */
#ifndef DB_DAEMON_SANDBOX_H
#define DB_DAEMON_SANDBOX_H

#include <stdbool.h>

enum sandbox {
	SANDBOX_MASTER, /* starts processes and signals them; what it may not, its children may not */
	SANDBOX_WORKER, /* serves the MTA, under a master */
	SANDBOX_AUTHD,  /* judges logins */
};

/*
 * For all threads, for good, and for the processes that this one starts. Root is given up before, and
 * sockets are bound. False, with errno, if the kernel or who started us does not let us: then nothing
 * has changed, or only little is forbidden yet.
 */
bool sandbox_enter(enum sandbox who);

#endif
