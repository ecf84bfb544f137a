#include "db/daemon/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A million accounts make lists of 16, which is as fast as this has to be. */
#define BUCKETS 65536

_Static_assert(BUCKETS % TABLE_SWEEPS == 0, "a sweep is a whole number of buckets");

struct node {
	struct node *next;
	char *name; /* behind what is kept */
	max_align_t kept[];
};

struct table {
	size_t size;
	size_t cursor; /* the bucket that the next sweep begins with */
	struct node *bucket[BUCKETS];
};

struct table *table_new(size_t size)
{
	struct table *table = calloc(1, sizeof *table);

	if (table)
		table->size = size;
	return table;
}

static struct node *node_of(const void *kept)
{
	return (struct node *)((uintptr_t)kept - offsetof(struct node, kept));
}

const char *table_name(const void *kept)
{
	return node_of(kept)->name;
}

/* FNV-1a. The names are those of registered accounts: nobody chooses them to collide. */
static size_t bucket_of(const char *name)
{
	uint32_t hash = 2166136261;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619;
	return (hash ^ hash >> 16) % BUCKETS;
}

void *table_find(const struct table *table, const char *name)
{
	struct node *node = table->bucket[bucket_of(name)];

	while (node && strcmp(node->name, name) != 0)
		node = node->next;
	return node ? node->kept : NULL;
}

void *table_add(struct table *table, const char *name)
{
	void *kept = table_find(table, name);
	size_t bucket = bucket_of(name), len = strlen(name) + 1;
	struct node *node;

	if (kept)
		return kept;
	node = calloc(1, sizeof *node + table->size + len);
	if (!node)
		return NULL;
	node->name = (char *)node->kept + table->size;
	memcpy(node->name, name, len);
	node->next = table->bucket[bucket];
	table->bucket[bucket] = node;
	return node->kept;
}

static void drop_node(struct node *node, table_drop_fn *drop)
{
	if (drop)
		drop(node->kept);
	free(node);
}

void table_sweep(struct table *table, table_needed_fn *needed, void *arg, table_drop_fn *drop)
{
	for (size_t i = 0; i < BUCKETS / TABLE_SWEEPS; i++) {
		struct node **link = &table->bucket[table->cursor];

		while (*link) {
			struct node *node = *link;

			if (needed(node->kept, arg)) {
				link = &node->next;
				continue;
			}
			*link = node->next;
			drop_node(node, drop);
		}
		table->cursor = (table->cursor + 1) % BUCKETS;
	}
}

static bool none_is_needed(void *kept, void *arg)
{
	(void)kept, (void)arg;
	return false;
}

void table_free(struct table *table, table_drop_fn *drop)
{
	if (!table)
		return;
	for (int i = 0; i < TABLE_SWEEPS; i++)
		table_sweep(table, none_is_needed, NULL, drop);
	free(table);
}
