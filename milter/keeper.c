#include "milter/keeper.h"

#include "db/daemon/line.h"
#include "db/daemon/log.h"
#include "db/registry.h"
#include "db/usage.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PERIOD_MS     500 /* between two writings; with the disk's own time it stays below a second */
#define STOP_MS       2000  /* for the last one */
#define REMIND_MS     60000 /* how often the log says that it still fails */
#define SUSPEND_MS    200   /* how long another program's lock on the registry is waited for */
#define SUSPENDING_MS 300   /* for all suspensions of one round: usage is to be written, too */
#define SWEEPS        8     /* short ones, of a round: all is seen in about a minute */
#define STEP_MS       1000  /* a time of day that gains or loses so much was set */

/* A window to be written: what usage_collect() lends, kept until it is on the disk. */
struct pending {
	char account[ACCOUNT_NAME_MAX + 1];
	enum quota_id quota;
	int64_t began; /* milliseconds since the epoch */
	uint64_t used;
};

struct keeper {
	char *database;
	char *path; /* of the store */
	struct usage *usage;
	struct watch *watch;
	struct usage_store *store;      /* null while it cannot be opened */
	bool loaded;                    /* what was kept before is in usage: */
	int64_t loaded_wall, loaded_at; /* when, by the time of day and by keeper_now() */
	/* Until then: the window that was read last, when something failed behind it. */
	char read_account[ACCOUNT_NAME_MAX + 1];
	const char *read_quota;
	int64_t reminded;         /* when the log was last told of a failure; 0 after success */
	int64_t suspend_reminded; /* likewise, of a suspension */

	struct pending *pending; /* USAGE_BATCH accounts' */
	size_t pending_count;
	int64_t wall; /* the time of day at the collection */

	bool anew;      /* the file may lack windows that did not change since */
	int64_t offset; /* the time of day less keeper_now(), by which the file was written */

	_Atomic bool healthy;
	_Atomic int64_t waiting; /* since when pending counts wait; 0 if there are none */

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake, ended;
	bool stop, over;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t keeper_now(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

bool keeper_healthy(const struct keeper *keeper)
{
	return atomic_load(&keeper->healthy);
}

int64_t keeper_lag(struct keeper *keeper)
{
	/* In this order: what is collected meanwhile is found in the second place. */
	int64_t changed = usage_changed(keeper->usage), since = atomic_load(&keeper->waiting), lag;

	if (since == 0)
		since = changed;
	if (since == 0)
		return 0;
	lag = keeper_now() - since;
	return lag > 0 ? lag : 1;
}

/* ---- success and failure ------------------------------------------------ */

/* Whether the log is to be told, as it is when something begins to fail and now and then. */
static bool remind(int64_t *reminded)
{
	int64_t now = keeper_now();

	if (*reminded != 0 && now - *reminded < REMIND_MS)
		return false;
	*reminded = now;
	return true;
}

static void fails(struct keeper *keeper, const struct registry_error *error)
{
	atomic_store(&keeper->healthy, false);
	usage_store_close(keeper->store);
	keeper->store = NULL;
	if (!remind(&keeper->reminded))
		return;
	log_line(LOG_ERR,
	         "usage cannot be kept, and on_usage_failure says what becomes of mail of accounts "
	         "with a quota: %s",
	         error->text);
}

static void works(struct keeper *keeper)
{
	atomic_store(&keeper->healthy, true);
	if (keeper->reminded != 0)
		log_line(LOG_NOTICE, "usage is kept again");
	keeper->reminded = 0;
}

/* ---- reading ------------------------------------------------------------ */

struct load {
	struct keeper *keeper;
	int64_t wall, now;
	bool no_memory;
};

/* The windows come in this order; those that were read by an attempt that failed count already. */
static bool is_read(const struct keeper *keeper, const struct usage_store_row *row)
{
	int order = strcmp(row->account, keeper->read_account);

	return order < 0 || (order == 0 && strcmp(row->quota, keeper->read_quota) <= 0);
}

/* A file may say anything, also what is no difference of times. */
static int64_t age_of(const struct usage_store_row *row, int64_t wall)
{
	if (row->began < 0 && wall > INT64_MAX + row->began)
		return INT64_MAX;
	return wall - row->began;
}

static bool load_row(const struct usage_store_row *row, void *arg)
{
	struct load *load = arg;
	struct keeper *keeper = load->keeper;

	if (strlen(row->account) > ACCOUNT_NAME_MAX)
		return true; /* nobody's: whoever wrote it, it was not us */
	for (int quota = 0; quota < QUOTA_COUNT; quota++) {
		struct usage_window window = {row->account, (enum quota_id)quota,
		                              age_of(row, load->wall), row->used};

		if (strcmp(quotas[quota].name, row->quota) != 0 || row->used == 0 ||
		    is_read(keeper, row))
			continue;
		if (!usage_restore(keeper->usage, &window, load->now)) {
			load->no_memory = true;
			return false;
		}
		strcpy(keeper->read_account, row->account);
		keeper->read_quota = quotas[quota].name;
	}
	return true;
}

/* Once, and before anything is written over it. */
static bool load(struct keeper *keeper)
{
	struct load arg = {keeper, clock_ms(CLOCK_REALTIME), keeper_now(), false};
	struct registry_error error;

	if (keeper->store && !usage_store_there(keeper->store)) {
		log_line(LOG_WARNING,
		         "%s was moved away or replaced: usage is written into the one that is "
		         "there",
		         keeper->path);
		usage_store_leave(keeper->store);
		keeper->store = NULL;
	}
	if (!keeper->store) {
		if (usage_store_open(keeper->path, USAGE_STORE_WRITE, &keeper->store, &error) !=
		    REGISTRY_OK) {
			fails(keeper, &error);
			return false;
		}
		keeper->anew = keeper->loaded;
	}
	if (keeper->loaded)
		return true;
	if (usage_store_walk(keeper->store, NULL, arg.wall, load_row, &arg, &error) !=
	        REGISTRY_OK ||
	    arg.no_memory) {
		if (arg.no_memory)
			strcpy(error.text, "out of memory");
		fails(keeper, &error);
		return false;
	}
	keeper->loaded = true;
	keeper->loaded_wall = arg.wall;
	keeper->loaded_at = arg.now;
	keeper->offset = arg.wall - arg.now;
	works(keeper);
	return true;
}

/* ---- writing ------------------------------------------------------------ */

static void collect_row(const struct usage_window *window, void *arg)
{
	struct keeper *keeper = arg;
	struct pending *pending = &keeper->pending[keeper->pending_count++];

	strcpy(pending->account, window->account);
	pending->quota = window->quota;
	pending->began = keeper->wall - window->age;
	pending->used = window->used;
}

/*
 * What ended before this is deleted. A time of day that is set on alone does not end what still
 * counts: it may be set back.
 */
static int64_t over(const struct keeper *keeper)
{
	int64_t even = keeper->loaded_wall + keeper_now() - keeper->loaded_at;
	int64_t set = clock_ms(CLOCK_REALTIME);

	return set < even ? set : even;
}

static enum registry_status put_pending(struct keeper *keeper, struct registry_error *error)
{
	enum registry_status status = usage_store_begin(keeper->store, error);

	if (status != REGISTRY_OK)
		return status;
	for (size_t i = 0; i < keeper->pending_count && status == REGISTRY_OK; i++) {
		const struct pending *pending = &keeper->pending[i];
		const struct quota *quota = &quotas[pending->quota];
		const struct usage_store_row row = {pending->account, quota->name, pending->began,
		                                    pending->began + (int64_t)quota->seconds * 1000,
		                                    pending->used};

		status = usage_store_put(keeper->store, &row, error);
	}
	return usage_store_end(keeper->store, status, over(keeper), error);
}

/*
 * The clock of windows is not the time of day that the file has: whoever sets that would have them
 * end early or late after a restart. And a new file has none of those that did not change.
 */
static void collect(struct keeper *keeper, size_t *accounts)
{
	int64_t now = keeper_now(), step;

	keeper->wall = clock_ms(CLOCK_REALTIME);
	step = keeper->wall - now - keeper->offset;
	if (keeper->anew || step >= STEP_MS || step <= -STEP_MS) {
		keeper->anew = false;
		keeper->offset += step;
		usage_recollect(keeper->usage, now);
	}
	atomic_store(&keeper->waiting, usage_changed(keeper->usage));
	*accounts = usage_collect(keeper->usage, now, collect_row, keeper);
	if (keeper->pending_count > 0 && atomic_load(&keeper->waiting) == 0)
		atomic_store(&keeper->waiting, now); /* counted between the two */
}

/* All that changed, batch by batch. What could not be written is tried again before what is new. */
static void write_usage(struct keeper *keeper)
{
	struct registry_error error;
	size_t accounts = 0;
	bool waited;

	if (!load(keeper))
		return;
	do {
		waited = keeper->pending_count > 0;
		if (!waited)
			collect(keeper, &accounts);
		if (keeper->pending_count > 0 && put_pending(keeper, &error) != REGISTRY_OK) {
			fails(keeper, &error);
			return;
		}
		keeper->pending_count = 0;
		atomic_store(&keeper->waiting, 0);
		works(keeper);
	} while (waited || accounts == USAGE_BATCH);
}

static bool find_suspended(const struct registry_account *account, void *arg)
{
	*(bool *)arg = account->suspended;
	return true;
}

/* Who suspended it before had a reason, which stays. */
static enum registry_status suspend_in(struct registry *registry,
                                       const struct watch_suspension *suspension,
                                       struct registry_error *error)
{
	bool suspended = false;
	enum registry_status status =
	    registry_account_walk(registry, suspension->account, find_suspended, &suspended, error);

	if (status != REGISTRY_OK || suspended)
		return status == REGISTRY_OK ? REGISTRY_UNCHANGED : status;
	registry_as(registry, "postreeved", time(NULL));
	return registry_account_suspend(registry, suspension->account, suspension->reason, error);
}

static bool suspend(struct keeper *keeper, const struct watch_suspension *suspension)
{
	struct registry *registry = NULL;
	struct registry_error error;
	enum registry_status status =
	    registry_open(keeper->database, SUSPEND_MS, &registry, &error);
	char account[LINE_VALUE_MAX];

	line_value(account, suspension->account);
	if (status == REGISTRY_OK)
		status = suspend_in(registry, suspension, &error);
	registry_close(registry);
	if (status <= REGISTRY_NOT_FOUND)
		keeper->suspend_reminded = 0;
	switch (status) {
	case REGISTRY_OK:
		log_line(LOG_WARNING,
		         "account suspended: account=%s reason=\"%s\": see to its password, then "
		         "postreeve account resume",
		         account, suspension->reason);
		return true;
	case REGISTRY_UNCHANGED: /* it was suspended meanwhile */
	case REGISTRY_NOT_FOUND: /* or deleted */
		return true;
	default:
		if (remind(&keeper->suspend_reminded))
			log_line(LOG_ERR,
			         "account=%s cannot be suspended yet, but its mail is refused: %s",
			         account, error.text);
		return false;
	}
}

/* Those that are due, for so long: the others, and one that fails, are due again the next time. */
static void write_suspensions(struct keeper *keeper, int64_t milliseconds)
{
	int64_t until = keeper_now() + milliseconds;
	struct watch_suspension suspension;

	while (keeper_now() < until && watch_due(keeper->watch, &suspension)) {
		bool written = suspend(keeper, &suspension);

		watch_settle(keeper->watch, suspension.account, written);
		if (!written)
			return;
	}
}

/* ---- the thread --------------------------------------------------------- */

/* Until it is time to write, or to stop. Gives whether it is to stop. */
static bool sleep_until(struct keeper *keeper, int64_t due)
{
	const struct timespec until = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};
	bool stop;

	pthread_mutex_lock(&keeper->lock);
	while (!keeper->stop)
		if (pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until) != 0)
			break;
	stop = keeper->stop;
	pthread_mutex_unlock(&keeper->lock);
	return stop;
}

static void *keep(void *arg)
{
	struct keeper *keeper = arg;
	bool stop;

	do {
		stop = sleep_until(keeper, clock_ms(CLOCK_MONOTONIC) + PERIOD_MS);
		write_usage(keeper);
		write_suspensions(keeper, stop ? STOP_MS / 2 : SUSPENDING_MS);
		for (int i = 0; i < SWEEPS && !stop; i++) {
			usage_sweep(keeper->usage, keeper_now());
			watch_sweep(keeper->watch, keeper_now());
		}
	} while (!stop);
	usage_store_close(keeper->store);
	keeper->store = NULL;

	pthread_mutex_lock(&keeper->lock);
	keeper->over = true;
	pthread_cond_signal(&keeper->ended);
	pthread_mutex_unlock(&keeper->lock);
	return NULL;
}

static bool start_thread(struct keeper *keeper)
{
	pthread_condattr_t attributes;
	sigset_t all, before;
	int rc;

	if (pthread_mutex_init(&keeper->lock, NULL) != 0 || pthread_condattr_init(&attributes) != 0)
		return false;
	if (pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&keeper->wake, &attributes) != 0 ||
	    pthread_cond_init(&keeper->ended, &attributes) != 0)
		return false;
	pthread_condattr_destroy(&attributes);
	/* Signals are for others. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&keeper->thread, NULL, keep, keeper);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

static void release(struct keeper *keeper)
{
	usage_store_close(keeper->store);
	free(keeper->pending);
	free(keeper->path);
	free(keeper->database);
	free(keeper);
}

struct keeper *keeper_start(const char *database, struct usage *usage, struct watch *watch)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);

	if (!keeper)
		return NULL;
	keeper->read_quota = "";
	keeper->database = strdup(database);
	keeper->usage = usage;
	keeper->watch = watch;
	keeper->path = usage_store_path(database);
	keeper->pending = calloc((size_t)USAGE_BATCH * QUOTA_COUNT, sizeof *keeper->pending);
	if (!keeper->database || !keeper->path || !keeper->pending) {
		release(keeper);
		return NULL;
	}
	load(keeper);
	if (!start_thread(keeper)) {
		release(keeper);
		return NULL;
	}
	return keeper;
}

void keeper_stop(struct keeper *keeper)
{
	int64_t due = clock_ms(CLOCK_MONOTONIC) + STOP_MS;
	const struct timespec until = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};

	if (!keeper)
		return;
	pthread_mutex_lock(&keeper->lock);
	keeper->stop = true;
	pthread_cond_signal(&keeper->wake);
	while (!keeper->over)
		if (pthread_cond_timedwait(&keeper->ended, &keeper->lock, &until) != 0)
			break;
	pthread_mutex_unlock(&keeper->lock);
}

static bool is_over(struct keeper *keeper)
{
	bool over;

	pthread_mutex_lock(&keeper->lock);
	over = keeper->over;
	pthread_mutex_unlock(&keeper->lock);
	return over;
}

void keeper_free(struct keeper *keeper)
{
	keeper_stop(keeper);
	/* Stuck in the disk it is left to itself, and the process ends soon. */
	if (!keeper || !is_over(keeper))
		return;
	pthread_join(keeper->thread, NULL);
	pthread_cond_destroy(&keeper->wake);
	pthread_cond_destroy(&keeper->ended);
	pthread_mutex_destroy(&keeper->lock);
	release(keeper);
}
