/*
 * The change of one grant, with its statements prepared once for many. Internal to db's library.
 */
#ifndef DB_GRANT_H
#define DB_GRANT_H

#include "db/writer.h"

struct grant_writer {
	sqlite3_stmt *find, *insert, *update, *note_insert, *note_update;
};

enum registry_status grant_writer_begin(struct registry *registry, struct grant_writer *out,
                                        struct registry_error *error);
void grant_writer_end(struct grant_writer *writer); /* in whatever state */

/* Gives or changes a grant; *added: it was not there. REGISTRY_UNCHANGED if it is so already. */
enum registry_status grant_write(struct registry *registry, const struct grant_writer *writer,
                                 int64_t holder, const char *name, const char *pattern,
                                 const struct registry_terms *terms, bool *added,
                                 struct registry_error *error);

#endif
