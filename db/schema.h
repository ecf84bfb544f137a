/*
 * The schema and its versions. Internal to db's library.
 */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include "db/handle.h"

/* What a database of that user_version is to these programs: OK, OLDER or NEWER. */
enum registry_status schema_judge(const struct handle *handle, int64_t version,
                                  struct registry_error *error);

/* REGISTRY_OK if the database is a registry of this version, else BAD, OLDER or NEWER. */
enum registry_status schema_check(const struct handle *handle, struct registry_error *error);

/*
 * Brings an empty database, or a registry of an older version, to this one, step by step;
 * REGISTRY_UNCHANGED if it is there. Any other database is left as it is.
 */
enum registry_status schema_apply(const struct handle *handle, struct registry_error *error);

#endif
