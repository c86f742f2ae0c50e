/* The store: transactions, waiting, copies, whichever database it is. */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-store.XXXXXX";

/* A path in the folder; four at a time. */
static const char *
in_folder(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

static struct store *
open_store(const char *name)
{
	struct store *st;

	if (store_open(&st, in_folder(name), STORE_WRITE | STORE_CREATE, &err) <
	    0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	return st;
}

static void
run(struct store *st, const char *sql)
{
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_exec(st, sql, &err) == 0);
	CHECK(store_commit(st, STORE_DURABLE, &err) == 0);
}

static int64_t
ask(struct store *st, const char *sql)
{
	struct stmt *q = NULL;
	int64_t n = -1;

	if (store_prepare(st, &q, sql, &err) == 0 && stmt_step(q, &err) == 1)
		n = stmt_int(q, 0);
	stmt_free(q);
	return n;
}

static void
values_come_back_as_they_were(void)
{
	static const int64_t numbers[] = { 0, -1, INT64_MAX, INT64_MIN };
	struct store *st = open_store("values");
	struct stmt *put = NULL, *get = NULL;
	size_t len;

	run(st, "CREATE TABLE v (n BIGINT, t TEXT, b BLOB)");
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_prepare(st, &put,
		  "INSERT INTO v (b, t, n) VALUES ($3, $2, $1)", &err) == 0);
	for (int i = 0; i < 4; i++) {
		stmt_bind_int(put, 1, numbers[i]);
		stmt_bind_text(put, 2, i == 0 ? NULL : "\xff'$1");
		stmt_bind_blob(put, 3, "a\0b", (size_t)i);
		CHECK(stmt_step(put, &err) == 0);
		CHECK(store_changes(st) == 1);
	}
	stmt_free(put);
	CHECK(store_commit(st, STORE_RELAXED, &err) == 0);
	CHECK(store_prepare(st, &get, "SELECT n, t, b FROM v ORDER BY rowid",
		  &err) == 0);
	for (int i = 0; i < 4; i++) {
		CHECK(stmt_step(get, &err) == 1);
		CHECK(stmt_int(get, 0) == numbers[i]);
		CHECK(stmt_is_null(get, 1) == (i == 0));
		CHECK_STR(stmt_text(get, 1), i == 0 ? "" : "\xff'$1");
		CHECK(memcmp(stmt_blob(get, 2, &len), "a\0b", (size_t)i) == 0);
		CHECK(len == (size_t)i);
	}
	CHECK(stmt_step(get, &err) == 0);
	stmt_free(get);
	store_close(st);
}

static void
a_transaction_lands_whole_or_not_at_all(void)
{
	struct store *st = open_store("whole"), *other = open_store("whole");

	run(st, "CREATE TABLE t (n BIGINT UNIQUE)");
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_exec(st, "INSERT INTO t VALUES (1), (2)", &err) == 0);
	CHECK(ask(other, "SELECT count(*) FROM t") == 0);
	store_rollback(st);
	store_rollback(st);
	CHECK(ask(st, "SELECT count(*) FROM t") == 0);
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_exec(st, "INSERT INTO t VALUES (1)", &err) == 0);
	CHECK(store_exec(st, "INSERT INTO t VALUES (1)", &err) < 0);
	store_rollback(st);
	run(st, "INSERT INTO t VALUES (3)");
	CHECK(ask(other, "SELECT sum(n) FROM t") == 3);
	CHECK(store_begin(st, &err) == 0);
	store_close(st); /* as a rollback */
	run(other, "INSERT INTO t VALUES (4)");
	store_close(other);
}

static void
a_second_writer_waits_until_its_deadline(void)
{
	struct store *st = open_store("wait"), *other = open_store("wait");

	run(st, "CREATE TABLE t (n BIGINT)");
	store_busy_ms = 50;
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_begin(other, &err) < 0);
	CHECK(err.code == TK_IO);
	CHECK(ask(other, "SELECT count(*) FROM t") == 0);
	store_rollback(st);
	CHECK(store_begin(other, &err) == 0);
	store_rollback(other);
	store_busy_ms = 5000;
	store_close(st);
	store_close(other);
}

static void
who_reads_sees_one_moment(void)
{
	struct store *st = open_store("moment"), *other = open_store("moment");

	run(st, "CREATE TABLE t (n BIGINT)");
	CHECK(store_begin_read(other, &err) == 0);
	CHECK(store_begin_read(other, &err) == 0);
	CHECK(ask(other, "SELECT count(*) FROM t") == 0);
	run(st, "INSERT INTO t VALUES (1)");
	store_end_read(other);
	CHECK(ask(other, "SELECT count(*) FROM t") == 0);
	store_settle(st); /* as far as the reader lets it */
	store_end_read(other);
	CHECK(ask(other, "SELECT count(*) FROM t") == 1);
	store_close(st);
	store_close(other);
}

static void
copies_are_whole_and_for_their_owner(void)
{
	struct store *st = open_store("copied"), *copy;
	struct stat sb;
	int64_t before, after;

	run(st, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (7)");
	CHECK(store_backup(st, in_folder("copy"), &err) == 0);
	CHECK(store_backup(st, in_folder("copy"), &err) < 0);
	CHECK(store_backup(st, in_folder("no/copy"), &err) < 0);
	CHECK(stat(in_folder("copy"), &sb) == 0);
	CHECK((sb.st_mode & 0777) == 0600);
	copy = open_store("copy");
	CHECK(ask(copy, "SELECT n FROM t") == 7);
	store_close(copy);
	run(st, "UPDATE t SET n = 8");
	CHECK(store_epoch(st, &before, &err) == 0);
	CHECK(store_restore(st, in_folder("nothing"), in_folder("kept"), &err) <
	    0);
	CHECK(stat(in_folder("kept"), &sb) != 0);
	CHECK(ask(st, "SELECT n FROM t") == 8);
	CHECK(
	    store_restore(st, in_folder("copy"), in_folder("kept"), &err) == 0);
	CHECK(store_epoch(st, &after, &err) == 0 && after != before);
	CHECK(ask(st, "SELECT n FROM t") == 7);
	store_close(st);
	copy = open_store("kept");
	CHECK(ask(copy, "SELECT n FROM t") == 8);
	store_close(copy);
}

static void
set_aside_keeps_what_was_there(void)
{
	struct store *st = open_store("aside");
	struct tk_buf kept = TK_BUF_INIT;

	run(st, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (9)");
	store_close(st);
	CHECK(store_set_aside(in_folder("aside"), ".old", &kept, &err) == 0);
	CHECK(access(in_folder("aside"), F_OK) != 0);
	CHECK_STR(kept.s, in_folder("aside.old"));
	st = open_store("aside.old");
	CHECK(ask(st, "SELECT n FROM t") == 9);
	store_close(st);
	CHECK(store_set_aside(in_folder("aside"), ".old", &kept, &err) < 0);
	tk_buf_release(&kept);
}

static void
reading_makes_nothing(void)
{
	struct store *st;

	CHECK(store_open(&st, in_folder("none"), STORE_READ, &err) < 0);
	CHECK(st == NULL && err.code == TK_IO);
	CHECK(store_open(&st, in_folder("none"), STORE_WRITE, &err) < 0);
	CHECK(access(in_folder("none"), F_OK) != 0);
	CHECK(store_open(&st, "nosuch://x", STORE_READ, &err) < 0);
	CHECK(err.code == TK_USAGE);
	CHECK(store_open(&st, folder, STORE_READ, &err) < 0);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	values_come_back_as_they_were();
	a_transaction_lands_whole_or_not_at_all();
	a_second_writer_waits_until_its_deadline();
	who_reads_sees_one_moment();
	copies_are_whole_and_for_their_owner();
	set_aside_keeps_what_was_there();
	reading_makes_nothing();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
