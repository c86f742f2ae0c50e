/* The store: transactions, waiting, copies, whichever database it is. */
#include "store/store.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/rows.h"
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

static bool
count_down(void *data)
{
	int *left = data;

	return --*left < 0;
}

static void
what_takes_long_can_be_stopped(void)
{
	static const char sql[] =
	    "WITH RECURSIVE n (i) AS"
	    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
	    " SELECT SUM(i) FROM n";
	struct store *st = open_store("stop");
	int left = 3;

	store_set_stop(st, count_down, &left);
	CHECK(ask(st, sql) == -1);
	CHECK(err.code == TK_IO && strstr(err.msg, "stopped") != NULL);
	CHECK(left == -1);
	left = 100000;
	CHECK(ask(st, sql) == 5000 * 5001 / 2);
	CHECK(left < 99990);
	store_set_stop(st, NULL, NULL);
	CHECK(ask(st, sql) == 5000 * 5001 / 2);
	store_close(st);
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

static struct store *
look_once(const char *name)
{
	struct store *st = NULL;

	CHECK(store_open(&st, in_folder(name), STORE_READ | STORE_ONCE, &err) ==
	    0);
	return st;
}

/* Another process that opens it, and writes twice, when it is told to. */
static void
write_when_told(int told, int say)
{
	struct store *st = NULL;
	char c;

	for (int step = 0; step < 2 && read(told, &c, 1) == 1; step++) {
		if (step == 0) {
			st = open_store("once");
		} else {
			run(st, "UPDATE t SET n = n + 1");
			/* What is moved out of the journal may not reach who
			 * looks. */
			store_settle(st);
			run(st, "UPDATE t SET n = n + 1");
			store_settle(st);
			store_close(st);
		}
		if (write(say, &c, 1) != 1)
			break;
	}
	_exit(0);
}

static void
tell(const int to[2], const int from[2])
{
	char c = 'x';

	CHECK(write(to[1], &c, 1) == 1 && read(from[0], &c, 1) == 1);
}

/* first: it has the ledger open before somebody looks. */
static void
look_beside_a_writer(bool first, int64_t want)
{
	struct store_identity id;
	struct store *st;
	int to[2], from[2];
	pid_t pid;

	CHECK(pipe(to) == 0 && pipe(from) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		write_when_told(to[0], from[1]);
	if (first)
		tell(to, from);
	st = look_once("once");
	if (!first)
		tell(to, from);
	tell(to, from);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK(store_identify(st, &id, &err) == 0);
	CHECK(id.magic == 77 && id.version == 3 && !id.empty);
	CHECK(store_begin_read(st, &err) == 0);
	CHECK(ask(st, "SELECT n FROM t") == want);
	store_end_read(st);
	CHECK(ask(st, "SELECT n FROM t") == want);
	CHECK(store_exec(st, "DELETE FROM t", &err) < 0);
	store_close(st);
	for (int i = 0; i < 2; i++)
		close(to[i]), close(from[i]);
}

static void
one_look_is_of_one_moment(void)
{
	struct store_identity id = { .magic = 77, .version = 3 };
	struct store *st = open_store("once");

	run(st, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1)");
	CHECK(store_begin(st, &err) == 0);
	CHECK(store_set_identity(st, &id, &err) == 0);
	CHECK(store_commit(st, STORE_DURABLE, &err) == 0);
	store_close(st);
	look_beside_a_writer(false, 1);
	look_beside_a_writer(true, 3);
	st = open_store("once");
	CHECK(ask(st, "SELECT n FROM t") == 5);
	store_close(st);
}

/* Each kind of index that a table may have; of the last two tables, all of the
 * schema has to be known. */
static void
one_look_knows_what_it_reads(void)
{
	struct store_identity id = { .magic = 77, .version = 3 };
	struct store *st = open_store("kinds");

	CHECK(store_begin(st, &err) == 0);
	CHECK(store_set_identity(st, &id, &err) == 0);
	CHECK(store_commit(st, STORE_DURABLE, &err) == 0);
	run(st,
	    "CREATE TABLE a (id INTEGER PRIMARY KEY, n BIGINT, m BIGINT,"
	    "  UNIQUE (n, m));"
	    "CREATE TABLE b (x TEXT NOT NULL, y BIGINT, PRIMARY KEY (x))"
	    "  WITHOUT ROWID;"
	    "CREATE TABLE d (n BIGINT UNIQUE); INSERT INTO d VALUES (4);"
	    "CREATE VIEW e AS SELECT n + 1 AS n FROM d;"
	    "CREATE TABLE c_new (n BIGINT, x TEXT);"
	    "ALTER TABLE c_new RENAME TO c;"
	    "CREATE INDEX c_part ON c (n) WHERE n > 5;"
	    "CREATE UNIQUE INDEX c_x ON c (x) WHERE x IS NOT NULL;"
	    "INSERT INTO a VALUES (1, 10, 11), (2, 20, 21), (3, 20, 22);"
	    "INSERT INTO b VALUES ('p', 7), ('q', 8);"
	    "INSERT INTO c VALUES (1, 'u'), (6, 'v'), (9, NULL)");
	store_close(st);
	st = look_once("kinds");
	CHECK(ask(st, "SELECT id FROM a WHERE n = 20 AND m = 22") == 3);
	CHECK(ask(st,
		  "SELECT id FROM a INDEXED BY unique_a"
		  " WHERE n = 20 AND m = 21") == 2);
	CHECK(ask(st, "SELECT y FROM b WHERE x = 'q'") == 8);
	CHECK(ask(st, "SELECT count(*) FROM c INDEXED BY c_part WHERE n > 5") ==
	    2);
	CHECK(ask(st, "SELECT n FROM c WHERE x = 'v'") == 6);
	CHECK(ask(st,
		  "SELECT y FROM b WHERE y = (SELECT n + 1 FROM c"
		  " WHERE x = 'v')") == 7);
	CHECK(ask(st, "SELECT n FROM nosuch") == -1);
	CHECK(ask(st, "SELECT n FROM d") == 4);
	CHECK(ask(st, "SELECT n FROM d WHERE n = 4") == 4);
	CHECK(ask(st, "SELECT count(*) FROM a") == 3);
	store_close(st);
	st = look_once("kinds");
	CHECK(ask(st, "SELECT count(*) FROM a") == 3);
	CHECK(ask(st, "SELECT n FROM e") == 5);
	CHECK(ask(st, "SELECT y FROM b WHERE x = 'q'") == 8);
	store_close(st);
}

static void
one_look_leaves_the_files_alone(void)
{
	static const char *const files[] = { "idle-wal", "idle-shm" };
	struct store *st = open_store("idle");
	struct stat before[2], after[2];

	run(st, "CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (4)");
	store_close(st);
	for (int i = 0; i < 2; i++)
		CHECK(stat(in_folder(files[i]), &before[i]) == 0);
	st = look_once("idle");
	CHECK(ask(st, "SELECT n FROM t") == 4);
	store_quit(st);
	for (int i = 0; i < 2; i++)
		CHECK(stat(in_folder(files[i]), &after[i]) == 0 &&
		    after[i].st_size == before[i].st_size &&
		    after[i].st_mtim.tv_nsec == before[i].st_mtim.tv_nsec);
	store_close(st);
	/* Files that were lost are made: the look is what counts. */
	CHECK(unlink(in_folder("idle-shm")) == 0);
	st = look_once("idle");
	CHECK(ask(st, "SELECT n FROM t") == 4);
	store_close(st);
}

struct pair {
	const char *name;
	int64_t n;
	const char *note; /* or NULL */
};

static void
read_pair(const struct stmt *q, void *row)
{
	*(struct pair *)row = (struct pair){ stmt_text(q, 0), stmt_int(q, 1),
		stmt_is_null(q, 2) ? NULL : stmt_text(q, 2) };
}

static void
rows_keep_their_texts(void)
{
	static const struct row_kind pairs = { sizeof(struct pair), read_pair,
		{ offsetof(struct pair, name), offsetof(struct pair, note),
		    ROW_END } };
	struct store *st = open_store("rows");
	const struct pair *p;
	struct rows rows;

	run(st,
	    "CREATE TABLE t (name TEXT, n BIGINT, note TEXT);"
	    "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL"
	    "  SELECT n + 1 FROM i WHERE n < 40)"
	    " INSERT INTO t SELECT 'name ' || n, n,"
	    "  CASE WHEN n % 2 = 0 THEN 'even' END FROM i");
	CHECK(rows_read(&rows, &pairs, st,
		  "SELECT name, n, note FROM t ORDER BY n", &err) == 0);
	/* The statement is at its end: others may write. */
	run(st, "DELETE FROM t");
	CHECK(rows.n == 40);
	p = rows_at(&rows, 16);
	CHECK_STR(p->name, "name 17");
	CHECK(p->n == 17 && p->note == NULL);
	p = rows_at(&rows, 39);
	CHECK_STR(p->note, "even");
	rows_release(&rows);
	CHECK(rows_read(&rows, &pairs, st, "SELECT nosuch", &err) < 0);
	rows_release(&rows);
	store_close(st);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	what_takes_long_can_be_stopped();
	values_come_back_as_they_were();
	a_transaction_lands_whole_or_not_at_all();
	a_second_writer_waits_until_its_deadline();
	who_reads_sees_one_moment();
	copies_are_whole_and_for_their_owner();
	set_aside_keeps_what_was_there();
	reading_makes_nothing();
	one_look_is_of_one_moment();
	one_look_knows_what_it_reads();
	one_look_leaves_the_files_alone();
	rows_keep_their_texts();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
