#include "config.h"

#include "db/authd/pool.h"

#include "db/authd/clock.h"
#include "db/daemon/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS_MIN 2
#define THREADS_MAX 4

/* First in, first out. Everything in it belongs to the lock. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *first, **end;
	size_t count, max;
};

struct pool {
	struct verify *verify;
	struct queue looks, derivations, done;
	int wake;
};

/* ---- a queue ------------------------------------------------------------ */

static void queue_begin(struct queue *queue, size_t max)
{
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
	queue->end = &queue->first;
	queue->max = max;
}

static bool put(struct queue *queue, struct job *job)
{
	bool fits;

	pthread_mutex_lock(&queue->lock);
	fits = queue->count < queue->max;
	if (fits) {
		job->next = NULL;
		*queue->end = job;
		queue->end = &job->next;
		queue->count++;
		pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	return fits;
}

static struct job *take(struct queue *queue, bool wait)
{
	struct job *job;

	pthread_mutex_lock(&queue->lock);
	while (wait && !queue->first)
		pthread_cond_wait(&queue->filled, &queue->lock);
	job = queue->first;
	if (job) {
		queue->first = job->next;
		queue->count--;
		if (!queue->first)
			queue->end = &queue->first;
	}
	pthread_mutex_unlock(&queue->lock);
	return job;
}

/* ---- the threads -------------------------------------------------------- */

static void hand_back(struct pool *pool, struct job *job)
{
	uint64_t one = 1;

	attempt_cleanse(&job->attempt);
	put(&pool->done, job);
	while (write(pool->wake, &one, sizeof one) < 0)
		;
}

static bool is_late(struct job *job)
{
	if (clock_ms() - job->came <= POOL_WAIT_MS)
		return false;
	attempt_unavailable(&job->attempt, "too many logins at once: they waited for too long");
	return true;
}

static void *look(void *arg)
{
	struct pool *pool = arg;
	struct verifier verifier;

	verifier_begin(&verifier, pool->verify);
	for (;;) {
		struct job *job = take(&pool->looks, true);

		if (is_late(job) || !verify_look(&verifier, &job->attempt, &job->found)) {
			hand_back(pool, job);
		} else if (!put(&pool->derivations, job)) {
			attempt_unavailable(&job->attempt, "too many logins at once");
			hand_back(pool, job);
		}
	}
	return NULL;
}

static void *derive(void *arg)
{
	struct pool *pool = arg;
	struct verifier verifier;

	verifier_begin(&verifier, pool->verify);
	for (;;) {
		struct job *job = take(&pool->derivations, true);

		if (!is_late(job))
			verify_derive(&verifier, &job->attempt, &job->found);
		hand_back(pool, job);
	}
	return NULL;
}

struct pool *pool_start(struct verify *verify)
{
	long threads = sysconf(_SC_NPROCESSORS_ONLN);
	struct pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		return NULL;
	pool->verify = verify;
	pool->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	queue_begin(&pool->looks, POOL_LOOKS);
	queue_begin(&pool->derivations, POOL_DERIVATIONS);
	queue_begin(&pool->done, SIZE_MAX); /* what is in it was in the others */
	if (pool->wake < 0 || !thread_start(look, pool))
		return NULL;
	if (threads < THREADS_MIN)
		threads = THREADS_MIN;
	for (long i = 0; i < threads && i < THREADS_MAX; i++)
		if (!thread_start(derive, pool))
			return NULL;
	return pool;
}

bool pool_submit(struct pool *pool, struct job *job)
{
	return put(&pool->looks, job);
}

int pool_descriptor(const struct pool *pool)
{
	return pool->wake;
}

void pool_woken(struct pool *pool)
{
	uint64_t count;

	(void)!read(pool->wake, &count, sizeof count);
}

struct job *pool_done(struct pool *pool)
{
	return take(&pool->done, false);
}
