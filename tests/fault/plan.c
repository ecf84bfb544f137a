#include "tests/fault/plan.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct plan current;
static _Atomic int active;
/* Shared once a plan was made; what is allocated before that is no run's. */
static struct shared {
	_Atomic uint64_t count;
	char what[16];
} * shared;

void plan_start(const struct plan *plan)
{
	if (!shared) {
		shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (shared == MAP_FAILED)
			abort();
	}
	current = *plan;
	atomic_store(&shared->count, 0);
	shared->what[0] = '\0';
	atomic_store(&active, (int)plan->kind);
}

uint64_t plan_stop(void)
{
	atomic_store(&active, PLAN_NOTHING);
	return shared ? atomic_load(&shared->count) : 0;
}

void plan_pause(void)
{
	atomic_store(&active, PLAN_NOTHING);
}

void plan_resume(void)
{
	atomic_store(&active, (int)current.kind);
}

const char *plan_what(void)
{
	return shared->what;
}

bool plan_hurries(void)
{
	int kind = atomic_load(&active);

	return kind == PLAN_CALLS || kind == PLAN_MEMORY;
}

static bool is_hit(const char *what)
{
	uint64_t number = atomic_fetch_add(&shared->count, 1) + 1;

	if (number == current.at)
		strncpy(shared->what, what, sizeof shared->what - 1);
	return current.at != 0 &&
	       (number == current.at || (current.for_all && number > current.at));
}

bool plan_fails(enum plan_kind kind, const char *what, int *errnum)
{
	if (atomic_load_explicit(&active, memory_order_relaxed) != (int)kind || !is_hit(what))
		return false;
	*errnum = current.errnum;
	return true;
}

bool plan_kills(const char *what)
{
	int now = atomic_load_explicit(&active, memory_order_relaxed);

	return (now == PLAN_KILL || now == PLAN_DEATH) && is_hit(what);
}

void plan_die(void)
{
	kill(current.kind == PLAN_KILL ? 0 : getpid(), SIGKILL);
	for (;;)
		pause();
}
