/*
 * What SQLite asks of the system, where the answer is known already.
 *
 * Its calls can be exchanged, once for all databases of the process.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/sqlite_int.h"

bool
sqlite_exchange_call(const char *name, sqlite3_syscall_ptr ours,
    sqlite3_syscall_ptr *was)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (vfs == NULL || vfs->iVersion < 3 ||
	    (*was = vfs->xGetSystemCall(vfs, name)) == NULL)
		return false;
	return vfs->xSetSystemCall(vfs, name, ours) == SQLITE_OK;
}

static char *named; /* a WAL whose name is on the disk */
static int (*open_folder)(const char *path, int *fd);

static int
open_folder_unless_named(const char *path, int *fd)
{
	return named != NULL && strcmp(path, named) == 0
	    ? SQLITE_CANTOPEN
	    : open_folder(path, fd);
}

void
sqlite_wal_named(const char *wal)
{
	sqlite3_syscall_ptr was;

	if (open_folder == NULL) {
		if (!sqlite_exchange_call("openDirectory",
			(sqlite3_syscall_ptr)open_folder_unless_named, &was))
			return;
		open_folder = (int (*)(const char *, int *))was;
	}
	free(named);
	named = tk_xstrdup(wal);
}

/* A file that belongs to them already: it is not written. */
static int
give_to(int fd, uid_t user, gid_t group)
{
	struct stat sb;

	return fstat(fd, &sb) == 0 && sb.st_uid == user && sb.st_gid == group
	    ? 0
	    : fchown(fd, user, group);
}

void
sqlite_give_once(void)
{
	static sqlite3_syscall_ptr was;

	if (was == NULL && geteuid() == 0)
		sqlite_exchange_call("fchown", (sqlite3_syscall_ptr)give_to,
		    &was);
}
