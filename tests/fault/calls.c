/*
 * System calls that follow the plan, in three places: in SQLite's default VFS, which has a table of
 * those it makes; fsync() and fdatasync(), which it makes past that table; and where Postreeve's own
 * objects look at files.
 */
#include "tests/fault/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* All that is called here would come by here again. */
int __real_open(const char *path, int flags, ...);
int __real_access(const char *path, int mode);
int __real_stat(const char *path, struct stat *st);
int __real_lstat(const char *path, struct stat *st);

static bool fails(const char *what)
{
	int errnum;

	if (!plan_fails(PLAN_CALLS, what, &errnum))
		return false;
	errno = errnum;
	return true;
}

/* One that changes a file as a whole or not at all: the process dies before it. */
static void changes(const char *what)
{
	if (plan_kills(what))
		plan_die();
}

/* ---- SQLite's ----------------------------------------------------------- */

static int (*real_fcntl)(int, int, ...);

static int call_open(const char *path, int flags, int mode)
{
	if (flags & O_CREAT)
		changes("open");
	return fails("open") ? -1 : __real_open(path, flags, mode);
}

static int call_access(const char *path, int mode)
{
	return fails("access") ? -1 : __real_access(path, mode);
}

static int call_stat(const char *path, struct stat *st)
{
	return fails("stat") ? -1 : __real_stat(path, st);
}

static int call_lstat(const char *path, struct stat *st)
{
	return fails("lstat") ? -1 : __real_lstat(path, st);
}

static int call_fstat(int fd, struct stat *st)
{
	return fails("fstat") ? -1 : fstat(fd, st);
}

static int call_ftruncate(int fd, off_t size)
{
	changes("ftruncate");
	return fails("ftruncate") ? -1 : ftruncate(fd, size);
}

/* To let a lock go always works. A lock that is refused with EACCES is somebody else's. */
static int call_fcntl(int fd, int command, ...)
{
	void *argument;
	va_list args;
	bool is_lock = command == F_SETLK || command == F_SETLKW || command == F_GETLK;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	if (is_lock && ((struct flock *)argument)->l_type != F_UNLCK && fails("lock")) {
		if (errno == EACCES)
			errno = EIO;
		return -1;
	}
	return real_fcntl(fd, command, argument);
}

static ssize_t call_read(int fd, void *octets, size_t len)
{
	return fails("read") ? -1 : read(fd, octets, len);
}

static ssize_t call_pread(int fd, void *octets, size_t len, off_t at)
{
	return fails("pread") ? -1 : pread(fd, octets, len, at);
}

static ssize_t call_write(int fd, const void *octets, size_t len)
{
	if (plan_kills("write")) {
		if (write(fd, octets, len / 2) >= 0)
			plan_die();
	}
	return fails("write") ? -1 : write(fd, octets, len);
}

static ssize_t call_pwrite(int fd, const void *octets, size_t len, off_t at)
{
	if (plan_kills("pwrite")) {
		if (pwrite(fd, octets, len / 2, at) >= 0)
			plan_die();
	}
	return fails("pwrite") ? -1 : pwrite(fd, octets, len, at);
}

static int call_unlink(const char *path)
{
	changes("unlink");
	return fails("unlink") ? -1 : unlink(path);
}

static void *call_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails("mmap") ? MAP_FAILED : mmap(at, len, protection, flags, fd, offset);
}

static int call_mkdir(const char *path, mode_t mode)
{
	return fails("mkdir") ? -1 : mkdir(path, mode);
}

void calls_begin(void)
{
#define ROW(name, call)                                                                            \
	{                                                                                          \
		name, (sqlite3_syscall_ptr)(call)                                                  \
	}
	static const struct {
		const char *name;
		sqlite3_syscall_ptr call;
	} rows[] = {
	    ROW("open", call_open),       ROW("access", call_access),
	    ROW("stat", call_stat),       ROW("lstat", call_lstat),
	    ROW("fstat", call_fstat),     ROW("ftruncate", call_ftruncate),
	    ROW("fcntl", call_fcntl),     ROW("read", call_read),
	    ROW("pread", call_pread),     ROW("pread64", call_pread),
	    ROW("write", call_write),     ROW("pwrite", call_pwrite),
	    ROW("pwrite64", call_pwrite), ROW("unlink", call_unlink),
	    ROW("mmap", call_mmap),       ROW("mkdir", call_mkdir),
	};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	size_t replaced = 0;

	real_fcntl = fcntl;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (vfs->xGetSystemCall(vfs, rows[i].name) &&
		    vfs->xSetSystemCall(vfs, rows[i].name, rows[i].call) == SQLITE_OK)
			replaced++;
	if (replaced < sizeof rows / sizeof *rows - 2)
		abort(); /* another SQLite: its table has other names */
}

/* Nothing is waited for: what a killed process has written stays. */
int fsync(int fd)
{
	(void)fd;
	changes("fsync");
	return fails("fsync") ? -1 : 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

/* ---- time --------------------------------------------------------------- */

static int64_t ahead; /* nanoseconds that were not slept */

int nanosleep(const struct timespec *time, struct timespec *left)
{
	if (!plan_hurries())
		return clock_nanosleep(CLOCK_REALTIME, 0, time, left);
	ahead += time->tv_sec * 1000000000L + time->tv_nsec;
	return 0;
}

int usleep(useconds_t time)
{
	struct timespec t = {.tv_sec = time / 1000000, .tv_nsec = time % 1000000 * 1000L};

	return nanosleep(&t, NULL);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, out);

	if (clock != CLOCK_MONOTONIC || rc != 0)
		return rc;
	out->tv_nsec += ahead % 1000000000;
	out->tv_sec += ahead / 1000000000 + out->tv_nsec / 1000000000;
	out->tv_nsec %= 1000000000;
	return 0;
}

/* ---- Postreeve's own ---------------------------------------------------- */

int __wrap_open(const char *path, int flags, ...);
int __wrap_access(const char *path, int mode);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (flags & O_CREAT)
		changes("open");
	return fails("open") ? -1 : __real_open(path, flags, mode);
}

int __wrap_access(const char *path, int mode)
{
	return fails("access") ? -1 : __real_access(path, mode);
}

int __wrap_stat(const char *path, struct stat *st)
{
	return fails("stat") ? -1 : __real_stat(path, st);
}

int __wrap_lstat(const char *path, struct stat *st)
{
	return fails("lstat") ? -1 : __real_lstat(path, st);
}
