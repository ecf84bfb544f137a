/* put_usage DATABASE ACCOUNT QUOTA USED SECONDS: one window of counting, which ends in so many. */
#include "db/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
	int64_t now = (int64_t)time(NULL) * 1000;
	struct usage_store *store = NULL;
	struct registry_error error = {.status = REGISTRY_OK};
	struct usage_store_row row;
	char *path;

	if (argc != 6 || !(path = usage_store_path(argv[1])))
		return EXIT_FAILURE;
	row = (struct usage_store_row){
	    .account = argv[2],
	    .quota = argv[3],
	    .began = now,
	    .ends = now + strtoll(argv[5], NULL, 10) * 1000,
	    .used = strtoull(argv[4], NULL, 10),
	};
	if (usage_store_open(path, USAGE_STORE_WRITE, &store, &error) == REGISTRY_OK &&
	    usage_store_begin(store, &error) == REGISTRY_OK)
		/* As of the epoch, nothing has ended. */
		usage_store_end(store, usage_store_put(store, &row, &error), 0, &error);
	if (error.status != REGISTRY_OK)
		fprintf(stderr, "%s\n", error.text);
	usage_store_close(store);
	free(path);
	return error.status == REGISTRY_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
