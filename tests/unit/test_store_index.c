/* A look believes the index of the WAL as long as it can be believed. */
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

enum {
	NOTE_AT = 1024,    /* in the file of the gate; first the boot's id */
	PLACES_AT = 16384, /* in the index: the places of pages, hashed */
	PLACES_SIZE = 16384,
};

static struct tk_err err;
static char path[64];
static char folder[] = "/tmp/tokctl-index.XXXXXX";

static const char *
beside(const char *suffix)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return name;
}

/* A process that writes and ends, as commands do. */
static void
write_and_quit(const char *sql)
{
	struct store *st = NULL;
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (store_open(&st, path, STORE_WRITE | STORE_CREATE, &err) <
			0 ||
		    store_begin(st, &err) < 0 ||
		    store_exec(st, sql, &err) < 0 ||
		    store_commit(st, STORE_DURABLE, &err) < 0)
			_exit(1);
		store_quit(st);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* -1: a look does not find the table. */
static int64_t
look(void)
{
	struct store *st = NULL;
	struct stmt *q = NULL;
	int64_t n = -1;

	CHECK(store_open(&st, path, STORE_READ | STORE_ONCE, &err) == 0);
	if (store_prepare(st, &q, "SELECT n FROM t", &err) == 0 &&
	    stmt_step(q, &err) == 1)
		n = stmt_int(q, 0);
	stmt_free(q);
	store_close(st);
	return n;
}

static void
overwrite(const char *suffix, off_t at, const void *bytes, size_t len)
{
	int fd = open(beside(suffix), O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len);
	close(fd);
}

static void
fresh(void)
{
	static const char *const files[] = { "", "-wal", "-shm", "-lock" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(beside(files[i]));
	write_and_quit("CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1)");
	CHECK(look() == 1);
}

/* Without its places, an index says that nothing is in the WAL. */
static void
damage_index(void)
{
	static const char nothing[PLACES_SIZE];

	overwrite("-shm", PLACES_AT, nothing, sizeof(nothing));
}

/* What a writer leaves that is killed between the WAL and its index. */
static void
an_index_that_ends_early_is_not_believed(void)
{
	struct tk_buf was = TK_BUF_INIT;

	fresh();
	CHECK(tk_read_file(beside("-shm"), 1 << 20, &was, &err) == 0);
	write_and_quit("UPDATE t SET n = 2");
	CHECK(look() == 2);
	overwrite("-shm", 0, was.s, was.len);
	CHECK(look() == 2);
	write_and_quit("UPDATE t SET n = n + 1");
	CHECK(look() == 3);
	tk_buf_release(&was);
}

static void
an_index_is_believed_while_the_machine_runs(void)
{
	fresh();
	damage_index();
	if (access("/proc/sys/kernel/random/boot_id", R_OK) == 0)
		CHECK(look() != 1); /* so it was believed */
	overwrite("-lock", NOTE_AT, "another", 7);
	CHECK(look() == 1);
	write_and_quit("UPDATE t SET n = n + 1");
	CHECK(look() == 2);
}

static void
a_copy_of_an_index_is_not_believed(void)
{
	struct tk_buf was = TK_BUF_INIT;
	int fd;

	fresh();
	damage_index();
	CHECK(tk_read_file(beside("-shm"), 1 << 20, &was, &err) == 0);
	/* The old one keeps its number as long as it has a name. */
	CHECK(link(beside("-shm"), "old") == 0 && unlink(beside("-shm")) == 0);
	fd = open(beside("-shm"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(write(fd, was.s, was.len) == (ssize_t)was.len);
	close(fd);
	CHECK(look() == 1);
	tk_buf_release(&was);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/db", folder);
	an_index_that_ends_early_is_not_believed();
	an_index_is_believed_while_the_machine_runs();
	a_copy_of_an_index_is_not_believed();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
