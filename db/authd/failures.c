#include "config.h"

#include "db/authd/failures.h"

#include "db/authd/seal.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Failures are counted by half minutes; the one that is only partly so long ago counts, too. */
#define SLOT_SECONDS 30
#define SLOTS        (FAILURES_SECONDS / SLOT_SECONDS + 1)

#define WAYS 8
#define SETS (FAILURES_NAMES / WAYS)

struct entry {
	struct seal name;
	int64_t last; /* the half minute of the last failure, from 1; 0: there is none */
	uint32_t slots[SLOTS];
};

struct failures {
	pthread_mutex_t lock;
	struct entry sets[SETS][WAYS];
};

struct failures *failures_new(void)
{
	struct failures *failures = calloc(1, sizeof *failures);

	if (failures)
		pthread_mutex_init(&failures->lock, NULL);
	return failures;
}

void failures_free(struct failures *failures)
{
	free(failures);
}

static struct entry *set_of(struct failures *failures, const struct seal *name)
{
	uint32_t number;

	memcpy(&number, name->octets, sizeof number);
	return failures->sets[number % SETS];
}

/* Brings an entry to this half minute, and gives its sum. */
static uint32_t count(struct entry *entry, int64_t slot)
{
	uint64_t sum = 0;

	if (entry->last == 0)
		return 0;
	if (slot - entry->last >= SLOTS)
		memset(entry->slots, 0, sizeof entry->slots);
	else
		for (int64_t i = entry->last + 1; i <= slot; i++)
			entry->slots[i % SLOTS] = 0;
	if (slot > entry->last)
		entry->last = slot;
	for (int i = 0; i < SLOTS; i++)
		sum += entry->slots[i];
	return sum < FAILURES_UNKNOWN ? (uint32_t)sum : FAILURES_UNKNOWN - 1;
}

static struct entry *find(struct entry *set, const struct seal *name)
{
	for (int i = 0; i < WAYS; i++)
		if (set[i].last > 0 && seal_is(&set[i].name, name))
			return &set[i];
	return NULL;
}

/* The entry with the fewest failures makes way. */
static struct entry *make_room(struct entry *set, int64_t slot)
{
	struct entry *place = set;
	uint32_t fewest = count(set, slot);

	for (int i = 1; i < WAYS; i++) {
		uint32_t n = count(&set[i], slot);

		if (n < fewest) {
			place = &set[i];
			fewest = n;
		}
	}
	return place;
}

void failures_add(struct failures *failures, const char *name, int64_t now)
{
	int64_t slot = now / SLOT_SECONDS + 1;
	struct entry *set, *entry;
	struct seal seal;

	if (!seal_text('f', name, &seal))
		return;
	set = set_of(failures, &seal);
	pthread_mutex_lock(&failures->lock);
	entry = find(set, &seal);
	if (!entry) {
		entry = make_room(set, slot);
		*entry = (struct entry){.name = seal, .last = slot};
	}
	count(entry, slot);
	if (entry->slots[slot % SLOTS] < UINT32_MAX)
		entry->slots[slot % SLOTS]++;
	pthread_mutex_unlock(&failures->lock);
}

uint32_t failures_count(struct failures *failures, const char *name, int64_t now)
{
	struct entry *entry;
	struct seal seal;
	uint32_t n = 0;

	if (!seal_text('f', name, &seal))
		return FAILURES_UNKNOWN;
	pthread_mutex_lock(&failures->lock);
	entry = find(set_of(failures, &seal), &seal);
	if (entry)
		n = count(entry, now / SLOT_SECONDS + 1);
	pthread_mutex_unlock(&failures->lock);
	return n;
}

void failures_client(const char *client, char out[FAILURES_CLIENT_MAX])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct in6_addr address;

	if (inet_pton(AF_INET6, client, &address) != 1) {
		snprintf(out, FAILURES_CLIENT_MAX, "%s", client);
		return;
	}
	if (memcmp(&address, mapped, sizeof mapped) == 0) {
		inet_ntop(AF_INET, address.s6_addr + 12, out, FAILURES_CLIENT_MAX);
		return;
	}
	memset(address.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &address, out, FAILURES_CLIENT_MAX);
}
