#include "config.h"

#include "db/cli/report_count.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	int order = 0;

	for (size_t i = 0; i < COUNT_PARTS && order == 0; i++)
		order = strcmp(x->parts[i], y->parts[i]);
	return order;
}

static int compare_pointers(const void *a, const void *b)
{
	return compare(*(struct count *const *)a, *(struct count *const *)b);
}

static int compare_times(const void *a, const void *b)
{
	const struct count *x = *(struct count *const *)a, *y = *(struct count *const *)b;

	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return compare(x, y);
}

static struct count *count_new(const char *const parts[COUNT_PARTS])
{
	struct count *count;
	size_t size = 0;
	char *to;

	for (size_t i = 0; i < COUNT_PARTS; i++)
		size += strlen(parts[i]) + 1;
	count = malloc(sizeof *count + size);
	if (!count)
		return NULL;
	count->times = 0;
	to = count->text;
	for (size_t i = 0; i < COUNT_PARTS; i++) {
		count->parts[i] = to;
		to = stpcpy(to, parts[i]) + 1;
	}
	return count;
}

bool counts_add(struct counts *counts, const char *const parts[COUNT_PARTS])
{
	struct count key = {.times = 0}, *fresh;
	struct count **node;

	memcpy(key.parts, parts, sizeof key.parts);
	node = tfind(&key, &counts->tree, compare);
	if (node) {
		(*node)->times++;
		return true;
	}
	if (counts->size == COUNTS_MAX) {
		counts->lost++;
		return true;
	}
	fresh = count_new(parts);
	node = fresh ? tsearch(fresh, &counts->tree, compare) : NULL;
	if (!node) {
		free(fresh);
		return false;
	}
	fresh->times = 1;
	counts->size++;
	return true;
}

static void append(const void *node, VISIT visit, void *arg)
{
	struct count ***end = arg;

	if (visit == postorder || visit == leaf)
		*(*end)++ = *(struct count *const *)node;
}

struct count **counts_sorted(const struct counts *counts, bool by_times)
{
	struct count **all = malloc((counts->size + 1) * sizeof *all), **end = all;

	if (!all)
		return NULL;
	twalk_r(counts->tree, append, &end);
	qsort(all, counts->size, sizeof *all, by_times ? compare_times : compare_pointers);
	return all;
}

void counts_free(struct counts *counts)
{
	tdestroy(counts->tree, free);
	*counts = (struct counts){0};
}
