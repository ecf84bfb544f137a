/*
 * For tests of what is fed in chunks: the same content in chunks of many sizes, and random content.
 * Random means the same numbers in each run.
 */
#ifndef TESTS_UNIT_CHUNKS_H
#define TESTS_UNIT_CHUNKS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* From 0 to n - 1. */
static inline unsigned random_below(unsigned n)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13; /* xorshift64 */
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 32) % n);
}

#define CHUNK_MAX 100000

/*
 * Feeds all of it, in chunks of 1 to most octets, at most CHUNK_MAX. Behind each lie octets that
 * are none of the content.
 */
static inline void feed_chunks(const unsigned char *octets, size_t len, unsigned most,
                               void (*add)(void *arg, const unsigned char *octets, size_t len),
                               void *arg)
{
	static unsigned char copy[CHUNK_MAX + 64];

	while (len > 0) {
		size_t chunk = 1 + random_below(most);

		if (chunk > len)
			chunk = len;
		assert(chunk <= CHUNK_MAX);
		memcpy(copy, octets, chunk);
		memset(copy + chunk, '!', 64);
		add(arg, copy, chunk);
		octets += chunk;
		len -= chunk;
	}
}

/* What random content is made of. Rare words stand about once in a content of 1000 words. */
struct words {
	const char *common[12];
	unsigned commons;
	const char *rare[12];
	unsigned rares;
};

/* At most `most` octets, in whole words. The number of octets. */
static inline size_t random_content(const struct words *words, unsigned char *out, size_t most)
{
	size_t len = 0;

	for (;;) {
		const char *word = random_below(1000) == 0
		                       ? words->rare[random_below(words->rares)]
		                       : words->common[random_below(words->commons)];

		if (len + strlen(word) > most)
			return len;
		memcpy(out + len, word, strlen(word));
		len += strlen(word);
	}
}

#endif
