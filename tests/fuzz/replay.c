/*
 * Stands in for libFuzzer in builds without it: runs the target once over each file that is named
 * on the command line.
 */
#include "tests/fuzz/check.h"

static void replay(const char *path)
{
	FILE *stream = fopen(path, "rb");
	uint8_t *data;
	long size;

	CHECK_NOTE(stream && fseek(stream, 0, SEEK_END) == 0, path);
	size = ftell(stream);
	rewind(stream);
	data = size < 0 ? NULL : malloc((size_t)size + 1);
	CHECK_NOTE(data && fread(data, 1, (size_t)size, stream) == (size_t)size, path);
	fclose(stream);
	/* As large as the input and no larger, so that a sanitizer sees a read behind its end. */
	data = realloc(data, size > 0 ? (size_t)size : 1);
	CHECK(data);
	fprintf(stderr, "Running: %s\n", path);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

int main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			replay(argv[i]);
	return 0;
}
