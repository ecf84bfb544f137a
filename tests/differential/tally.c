/*
 * What the message tally says of messages: a line each, of fields with a tab between them: octets of
 * the largest attachment, its part, and then for each leaf its part, octets counted, octets raw,
 * encoding, why it counts, what made it opaque.
 */
#include "policy/tally.h"
#include "tests/differential/frame.h"

#include <inttypes.h>

struct leaves {
	char *text;
	size_t len;
	FILE *stream;
};

static void hear_leaf(void *arg, const struct leaf *leaf)
{
	struct leaves *leaves = arg;

	fprintf(leaves->stream, "\t%s %" PRIu64 " %" PRIu64 " %s %s %s", leaf->part, leaf->counted,
	        leaf->raw, leaf->encoding == ENCODING_NONE ? "-" : encoding_names[leaf->encoding],
	        reasons[leaf->why].name,
	        leaf->opaque == REASON_NONE ? "-" : reasons[leaf->opaque].name);
}

int main(void)
{
	static struct tally tally;
	unsigned char *octets;
	size_t len;

	while (frame_read(&octets, &len)) {
		struct leaves leaves = {0};
		const struct tally_listener listener = {.leaf = hear_leaf, .arg = &leaves};
		const struct message *message;

		leaves.stream = open_memstream(&leaves.text, &leaves.len);
		if (!leaves.stream)
			return 1;
		tally_begin(&tally, &listener, true);
		tally_octets(&tally, octets, len);
		message = tally_end(&tally);
		fclose(leaves.stream);
		printf("%" PRIu64 "\t%s%s\n", message->largest.octets, message->largest.part,
		       leaves.text);
		fflush(stdout);
		free(leaves.text);
		free(octets);
	}
	return 0;
}
