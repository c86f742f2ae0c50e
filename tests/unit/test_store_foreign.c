/* Another program's database: read as it is, and left as it is. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/store.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-foreign.XXXXXX";

static const char *
in_folder(const char *name)
{
	static char path[4][512];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

/* In a process of its own: writes, says so, and stays until it is told. */
struct writer {
	pid_t pid;
	int to, from;
};

static void
write_rows(const char *name, int n)
{
	struct store *st;

	if (store_open(&st, in_folder(name), STORE_WRITE | STORE_CREATE, &err) <
	    0)
		_exit(1);
	store_begin(st, &err);
	store_exec(st, "CREATE TABLE IF NOT EXISTS t(n INTEGER)", &err);
	while (n-- > 0)
		store_exec(st, "INSERT INTO t VALUES (1)", &err);
	if (store_commit(st, STORE_DURABLE, &err) < 0)
		_exit(1);
}

static struct writer
start_writer(const char *name, int n)
{
	struct writer w = { 0 };
	int to[2], from[2];
	char byte;

	if (pipe(to) < 0 || pipe(from) < 0)
		abort();
	w.pid = fork();
	if (w.pid == 0) {
		close(to[1]);
		write_rows(name, n);
		if (write(from[1], "x", 1) != 1 || read(to[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	w.to = to[1];
	w.from = from[0];
	if (read(w.from, &byte, 1) != 1)
		abort();
	return w;
}

static void
stop_writer(struct writer *w)
{
	int status;

	close(w->to);
	close(w->from);
	waitpid(w->pid, &status, 0);
	CHECK(status == 0);
}

static int64_t
count_rows(struct store *st)
{
	struct stmt *q = NULL;
	int64_t n = -1;

	if (store_prepare(st, &q, "SELECT SUM(n) FROM t", &err) == 0 &&
	    stmt_step(q, &err) == 1)
		n = stmt_int(q, 0);
	stmt_free(q);
	return n;
}

/* Names, sizes and times of all files; the gate's file is ours. */
static void
list(struct tk_buf *b)
{
	const struct dirent *e;
	DIR *d = opendir(folder);
	int64_t sum = 0;

	while ((e = readdir(d)) != NULL) {
		struct stat st;

		if (e->d_name[0] == '.' || stat(in_folder(e->d_name), &st) < 0)
			continue;
		for (const char *p = e->d_name; *p != '\0'; p++)
			sum += *p * (st.st_size % 1000003) +
			    st.st_mtim.tv_nsec % 1000003;
		sum += 1000000007;
	}
	closedir(d);
	tk_buf_reset(b);
	tk_buf_addf(b, "%lld", (long long)sum);
}

static void
expect(const char *name, int64_t rows, bool unlocked)
{
	struct tk_buf before = TK_BUF_INIT, after = TK_BUF_INIT;
	struct store *st;

	list(&before);
	CHECK(store_open_foreign(&st, in_folder(name), &err) == 0);
	if (st == NULL)
		printf("# %s\n", err.msg);
	if (st != NULL) {
		CHECK(count_rows(st) == rows);
		CHECK(store_is_unlocked(st) == unlocked);
		CHECK(store_is_steady(st));
	}
	store_close(st);
	list(&after);
	CHECK_STR(after.s, before.s);
	tk_buf_release(&before);
	tk_buf_release(&after);
}

static void
what_a_running_program_wrote_is_seen(void)
{
	struct writer w = start_writer("a.db", 3);

	expect("a.db", 3, false);
	stop_writer(&w);
	/* gone without clearing up */
	expect("a.db", 3, false);
	CHECK(unlink(in_folder("a.db-shm")) == 0);
	expect("a.db", 3, true);
	CHECK(access(in_folder("a.db-shm"), F_OK) < 0);
	/* and what comes between two looks */
	w = start_writer("a.db", 2);
	expect("a.db", 5, false);
	stop_writer(&w);
}

static void
a_closed_one_is_read_without_making_files(void)
{
	struct store *st;

	if (fork() == 0) {
		write_rows("b.db", 4);
		CHECK(
		    store_open(&st, in_folder("b.db"), STORE_WRITE, &err) == 0);
		store_settle(st);
		store_close(st);
		_exit(0);
	}
	wait(NULL);
	unlink(in_folder("b.db-shm"));
	unlink(in_folder("b.db-wal"));
	expect("b.db", 4, true);
	CHECK(access(in_folder("b.db-wal"), F_OK) < 0);
	CHECK(chmod(in_folder("b.db"), 0444) == 0);
	expect("b.db", 4, true);
}

static void
a_change_meanwhile_is_noticed(void)
{
	struct store *st;

	CHECK(store_open_foreign(&st, in_folder("b.db"), &err) == 0);
	CHECK(count_rows(st) == 4 && store_is_steady(st));
	CHECK(chmod(in_folder("b.db"), 0600) == 0);
	CHECK(!store_is_steady(st));
	store_close(st);
}

static void
what_is_none_is_refused(void)
{
	struct store *st;
	FILE *f = fopen(in_folder("c.db"), "w");
	char page[4096] = "SQLite format 3";

	fputs("hello", f);
	fclose(f);
	CHECK(store_open_foreign(&st, in_folder("c.db"), &err) < 0);
	CHECK(st == NULL && err.code == TK_DATA);
	CHECK(strstr(err.msg, "is no SQLite database") != NULL);
	f = fopen(in_folder("c.db"), "w");
	memset(page + 16, 0x5a, sizeof(page) - 16);
	fwrite(page, 1, sizeof(page), f);
	fclose(f);
	CHECK(store_open_foreign(&st, in_folder("c.db"), &err) < 0);
	CHECK(strstr(err.msg, "is damaged") != NULL);
	CHECK(store_open_foreign(&st, in_folder("none"), &err) < 0);
	CHECK(err.code == TK_IO);
}

int
main(void)
{
	struct tk_buf b = TK_BUF_INIT;

	if (mkdtemp(folder) == NULL)
		abort();
	what_a_running_program_wrote_is_seen();
	a_closed_one_is_read_without_making_files();
	a_change_meanwhile_is_noticed();
	what_is_none_is_refused();
	tk_buf_addf(&b, "rm -rf %s", folder);
	if (system(b.s) != 0)
		abort();
	tk_buf_release(&b);
	return tap_done();
}
