/* A look believes the index of the WAL as long as it can be believed. */
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "tap.h"

enum {
	NOTE_AT = 1024, /* in the file of the gate */
	FRAME = 24 + 4096,
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

static void
write_in_child(const char *sql, bool killed)
{
	struct store *st = NULL;

	if (store_open(&st, path, STORE_WRITE | STORE_CREATE, &err) < 0 ||
	    store_begin(st, &err) < 0 || store_exec(st, sql, &err) < 0 ||
	    store_commit(st, STORE_DURABLE, &err) < 0)
		_exit(1);
	if (!killed)
		store_quit(st);
	_exit(0);
}

/* A process that writes and ends, as commands do, or in the middle. */
static void
write_and_end(const char *sql, bool killed)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		write_in_child(sql, killed);
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

static char
byte_at(const char *suffix, off_t at)
{
	int fd = open(beside(suffix), O_RDONLY | O_CLOEXEC);
	char c = 0;

	CHECK(fd >= 0 && pread(fd, &c, 1, at) == 1);
	close(fd);
	return c;
}

/* Who reads all of the WAL ends at the first frame that has another checksum;
 * here one where its page has nothing. */
static bool
index_is_believed(void)
{
	enum { NOWHERE = 32 + 24 + 2000 };
	char c = byte_at("-wal", NOWHERE), other = (char)(c + 1);
	int64_t n;

	CHECK(look() == 2);
	overwrite("-wal", NOWHERE, &other, 1);
	n = look();
	overwrite("-wal", NOWHERE, &c, 1);
	CHECK(look() == 2);
	return n == 2;
}

static void
who_is_killed_leaves_no_note(void)
{
	write_and_end("CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (2)",
	    true);
	CHECK(!index_is_believed());
	write_and_end("INSERT INTO t VALUES (3)", false);
	CHECK(index_is_believed());
}

static void
an_index_is_believed_while_the_machine_runs(void)
{
	char c = byte_at("-lock", NOTE_AT), other = '-';

	overwrite("-lock", NOTE_AT, &other, 1);
	CHECK(!index_is_believed());
	overwrite("-lock", NOTE_AT, &c, 1);
	CHECK(index_is_believed());
}

static void
an_index_of_another_wal_is_not_believed(void)
{
	char frame[FRAME];
	struct stat sb;
	int fd = open(beside("-wal"), O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0 && fstat(fd, &sb) == 0);
	CHECK(pread(fd, frame, FRAME, sb.st_size - FRAME) == FRAME);
	/* Somebody was killed who had begun to write. */
	CHECK(pwrite(fd, frame, FRAME, sb.st_size) == FRAME);
	CHECK(!index_is_believed());
	CHECK(ftruncate(fd, sb.st_size) == 0);
	CHECK(index_is_believed());
	/* Somebody else's is shorter. */
	CHECK(ftruncate(fd, sb.st_size - FRAME) == 0);
	CHECK(!index_is_believed());
	CHECK(pwrite(fd, frame, FRAME, sb.st_size - FRAME) == FRAME);
	CHECK(index_is_believed());
	close(fd);
}

static void
an_index_in_another_file_is_not_believed(void)
{
	struct tk_buf index = TK_BUF_INIT;
	int fd;

	CHECK(tk_read_file(beside("-shm"), 1 << 20, &index, &err) == 0);
	CHECK(rename(beside("-shm"), "was") == 0);
	fd = open(beside("-shm"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(write(fd, index.s, index.len) == (ssize_t)index.len);
	close(fd);
	CHECK(!index_is_believed());
	CHECK(rename("was", beside("-shm")) == 0);
	CHECK(index_is_believed());
	tk_buf_release(&index);
}

static void
a_damaged_index_is_not_believed(void)
{
	enum { HEADERS = 136 };

	for (off_t at = 0; at < HEADERS; at += 5) {
		char c = byte_at("-shm", at), other = (char)(c ^ 0x55);

		overwrite("-shm", at, &other, 1);
		CHECK(look() == 2);
		overwrite("-shm", at, &c, 1);
	}
	CHECK(index_is_believed());
}

/* As when a writer is killed between the WAL and its index. */
static void
an_index_that_ends_early_is_not_believed(void)
{
	struct tk_buf was = TK_BUF_INIT;

	CHECK(tk_read_file(beside("-shm"), 1 << 20, &was, &err) == 0);
	write_and_end("UPDATE t SET n = n + 5", false);
	CHECK(look() == 7);
	overwrite("-shm", 0, was.s, was.len);
	CHECK(look() == 7);
	write_and_end("UPDATE t SET n = n + 1", false);
	CHECK(look() == 8);
	tk_buf_release(&was);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/db", folder);
	who_is_killed_leaves_no_note();
	an_index_is_believed_while_the_machine_runs();
	an_index_of_another_wal_is_not_believed();
	an_index_in_another_file_is_not_believed();
	a_damaged_index_is_not_believed();
	an_index_that_ends_early_is_not_believed();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
