/* A copy of the registry, taken while others change it. */
#include "db/error.h"
#include "db/writer.h"

/* What is cut off is thrown away, so the copy needs no journal; whoever keeps it syncs it. */
static const char unsafe[] = "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF";

/* All pages in one step: that is one transaction of a reader, who is in nobody's way. */
static enum registry_status copy_pages(const struct handle *from, const struct handle *to,
                                       struct registry_error *error)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");

	if (!backup)
		return handle_fail(to, error);
	sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup) == SQLITE_OK ? REGISTRY_OK : handle_fail(to, error);
}

enum registry_status registry_backup(struct registry *registry, const char *path,
                                     struct registry_error *error)
{
	struct handle copy = {.path = path};
	enum registry_status status;

	if (sqlite3_open_v2(path, &copy.db,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	                    NULL) != SQLITE_OK)
		status = copy.db ? handle_fail(&copy, error)
		                 : fail(error, REGISTRY_NO_MEMORY, "%s: out of memory", path);
	else
		status = handle_run(&copy, unsafe, error);
	if (status == REGISTRY_OK)
		status = copy_pages(&registry->handle, &copy, error);
	handle_close(&copy);
	return status;
}
