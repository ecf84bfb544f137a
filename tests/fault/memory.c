/*
 * The allocator's functions, before those of the C library or, under its sanitizer, of that: so the
 * allocations of all libraries come by here.
 */
#include "config.h"

#include "tests/fault/plan.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Under the address sanitizer both are there. This file is built without: it runs before that does. */
#define BOTH(result, name, ...)                                                                    \
	result __libc_##name(__VA_ARGS__);                                                         \
	result __interceptor_##name(__VA_ARGS__) __attribute__((weak))
BOTH(void *, malloc, size_t size);
BOTH(void *, calloc, size_t count, size_t size);
BOTH(void *, realloc, void *block, size_t size);
BOTH(void *, memalign, size_t alignment, size_t size);
BOTH(void, free, void *block);
#define CALLER     __builtin_return_address(0)
#define REAL(name) (__interceptor_##name ? __interceptor_##name : __libc_##name)

char *__strdup(const char *text);

static _Atomic int64_t live;

int64_t memory_live(void)
{
	return atomic_load(&live);
}

/* Where the code of a library is, or of the program. */
static struct range {
	const char *name;
	uintptr_t begin, end;
} spared, own;

static int find(struct dl_phdr_info *info, size_t size, void *out)
{
	struct range *range = out;

	(void)size;
	/* The program itself has none. */
	if (range->name[0] ? !strstr(info->dlpi_name, range->name) : info->dlpi_name[0] != '\0')
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
			range->begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			range->end = range->begin + info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

void memory_spare(const char *library)
{
	spared.name = library;
	dl_iterate_phdr(find, &spared);
}

void memory_own(void)
{
	own.name = "";
	dl_iterate_phdr(find, &own);
}

static bool is_in(const struct range *range, const void *caller)
{
	return (uintptr_t)caller >= range->begin && (uintptr_t)caller < range->end;
}

static bool fails(const void *caller)
{
	int unused;

	if (is_in(&spared, caller) || (own.name && !is_in(&own, caller)) ||
	    !plan_fails(PLAN_MEMORY, "allocation", &unused))
		return false;
	errno = ENOMEM;
	return true;
}

static void *counted(void *block)
{
	if (block)
		atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
	return block;
}

void *malloc(size_t size)
{
	return fails(CALLER) ? NULL : counted(REAL(malloc)(size));
}

void *calloc(size_t count, size_t size)
{
	return fails(CALLER) ? NULL : counted(REAL(calloc)(count, size));
}

void *realloc(void *block, size_t size)
{
	void *other;

	if (fails(CALLER))
		return NULL;
	if (!block)
		return counted(REAL(malloc)(size));
	other = REAL(realloc)(block, size);
	if (size == 0 && !other)
		atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
	return other;
}

void *memalign(size_t alignment, size_t size)
{
	return fails(CALLER) ? NULL : counted(REAL(memalign)(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(CALLER) ? NULL : counted(REAL(memalign)(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *block = fails(CALLER) ? NULL : counted(REAL(memalign)(alignment, size));

	if (!block)
		return ENOMEM;
	*out = block;
	return 0;
}

void free(void *block)
{
	if (block)
		atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
	REAL(free)(block);
}

static char *copy(const char *text, size_t len, const void *caller)
{
	char *out = fails(caller) ? NULL : counted(REAL(malloc)(len + 1));

	if (out) {
		memcpy(out, text, len);
		out[len] = '\0';
	}
	return out;
}

/* The sanitizer has its own of these, which do not ask malloc(). */
char *strndup(const char *text, size_t most)
{
	return copy(text, strnlen(text, most), CALLER);
}

char *strdup(const char *text)
{
	return copy(text, strlen(text), CALLER);
}

char *__strdup(const char *text)
{
	return copy(text, strlen(text), CALLER);
}
