#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "ingest/hash.h"
#include "ingest/ids.h"
#include "ingest/lines.h"
#include "mem_sink.h"
#include "tap.h"

#define DIR ".claude/projects/p/"

/* One line of one call. */
static void
call(const struct world *w, const char *file, int n, int out)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b,
	    "{\"type\":\"assistant\",\"sessionId\":\"s\",\"requestId\":\"r\","
	    "\"timestamp\":\"2026-11-10T10:%02d:%02dZ\",\"message\":{\"id\":"
	    "\"m%d\",\"model\":\"claude-x\",\"usage\":{\"input_tokens\":1,"
	    "\"output_tokens\":%d}}}\n",
	    n / 60 % 60, n % 60, n, out);
	world_add(w, file, b.s);
	tk_buf_release(&b);
}

static const struct ingest_tally *
claude(const struct world *w)
{
	return world_tally(w, "claude-code");
}

static void
only_what_is_new_is_read(struct world *w)
{
	call(w, DIR "a.jsonl", 1, 10);
	call(w, DIR "b.jsonl", 2, 20);
	CHECK(world_run(w) == 0 && claude(w)->fresh == 2);
	CHECK(w->mem.commits == 1);
	CHECK(world_run(w) == 0 && claude(w)->unchanged == 2);
	CHECK(claude(w)->lines == 0 && w->mem.commits == 1);
	call(w, DIR "a.jsonl", 3, 30);
	CHECK(world_run(w) == 0 && claude(w)->unchanged == 1);
	CHECK(claude(w)->lines == 1 && claude(w)->fresh == 1);
	w->options.flags = INGEST_AGAIN;
	CHECK(world_run(w) == 0 && claude(w)->lines == 3);
	CHECK(claude(w)->known == 3 && w->mem.n == 3);
	w->options.flags = 0;
}

static void
rewritten_and_shorter_files_are_read_again(struct world *w)
{
	call(w, DIR "a.jsonl", 1, 10);
	call(w, DIR "a.jsonl", 2, 20);
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	world_write(w, DIR "a.jsonl", "w", "", 0);
	call(w, DIR "a.jsonl", 3, 30);
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(claude(w)->lines == 1);
	/* longer than before, but not the same in the beginning */
	world_write(w, DIR "a.jsonl", "w", "", 0);
	call(w, DIR "a.jsonl", 4, 30);
	call(w, DIR "a.jsonl", 3, 99);
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(claude(w)->lines == 2 && claude(w)->updated == 1);
	/* as long as before */
	world_write(w, DIR "a.jsonl", "w", "", 0);
	call(w, DIR "a.jsonl", 5, 30);
	call(w, DIR "a.jsonl", 3, 98);
	CHECK(world_run(w) == 0 && w->mem.n == 5);
	remove(world_path(w, DIR "a.jsonl"));
	CHECK(world_run(w) == 0 && w->mem.n == 5);
}

static void
files_are_found_once_through_links(struct world *w)
{
	char target[512];

	call(w, DIR "a.jsonl", 1, 10);
	snprintf(target, sizeof(target), "%s/.claude", w->home);
	world_add(w, ".config/x", "");
	CHECK(symlink(target, world_path(w, ".config/claude")) == 0);
	snprintf(target, sizeof(target), "%s/.claude/projects", w->home);
	CHECK(symlink(target, world_path(w, DIR "loop")) == 0);
	CHECK(symlink("nowhere", world_path(w, DIR "z.jsonl")) == 0);
	CHECK(world_run(w) == 0 && claude(w)->files == 1);
	CHECK(w->mem.n == 1);
}

static void
failures_leave_nothing_half_done(struct world *w)
{
	for (int i = 0; i < 20; i++)
		call(w, DIR "a.jsonl", i, 10);
	w->mem.puts_left = 7;
	CHECK(world_run(w) == -1 && w->mem.n == 0);
	CHECK(w->mem.nsources == 0);
	CHECK_STR(w->err.msg, "no more");
	w->mem.puts_left = -1;
	CHECK(world_run(w) == 0 && w->mem.n == 20);
}

/* A batch ends in the middle of a file, and then all breaks off. */
static void
large_files_are_done_in_parts(struct world *w)
{
	struct tk_buf b = TK_BUF_INIT;
	const int rows = 12000;

	tk_buf_adds(&b, "ts,app,input,request_id\n");
	for (int i = 0; i < rows; i++)
		tk_buf_addf(&b, "%d,x,1,r%d\n", i, i);
	world_write(w, "t.csv", "w", b.s, b.len);
	world_path(w, "t.csv");
	w->options.paths = (const char *const[]){ world_path(w, "t.csv") };
	w->options.npaths = 1;
	/* in the part that is put while more is read */
	w->mem.puts_left = 100;
	CHECK(world_run(w) == -1 && w->mem.n == 0 && w->mem.commits == 0);
	CHECK_STR(w->err.msg, "no more");
	w->mem.puts_left = 9000;
	CHECK(world_run(w) == -1 && w->mem.n > 4000 && w->mem.n < 9000);
	CHECK(w->mem.commits == 1 && w->mem.nsources == 1);
	CHECK(w->mem.sources[0].s.offset > 40000);
	w->mem.puts_left = -1;
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "csv")->lines == rows - 8192);
	CHECK((int)w->mem.n == rows);
	w->options.npaths = 0;
	tk_buf_release(&b);
}

/* Files that nobody named are passed over when they cannot be read; not so
 * when what was read cannot be kept. */
static void
a_ledger_that_fails_ends_the_run(struct world *w)
{
	for (int f = 0; f < 15; f++) {
		struct tk_buf b = TK_BUF_INIT;

		tk_buf_addf(&b, DIR "f%d.jsonl", f);
		for (int i = 0; i < 600; i++)
			call(w, b.s, 600 * f + i, 1);
		tk_buf_release(&b);
	}
	w->mem.puts_left = 50;
	CHECK(world_run(w) == -1 && w->mem.n == 0 && w->mem.nsources == 0);
	CHECK_STR(w->err.msg, "no more");
	CHECK(w->report.nnotes == 0);
	w->mem.puts_left = -1;
	CHECK(world_run(w) == 0 && (int)claude(w)->fresh == 15 * 600);
	CHECK(claude(w)->calls == 15 * 600 && w->mem.commits > 1);
}

static void
named_files_tell_what_they_are(struct world *w)
{
	const char *paths[4];
	char names[4][512];

	call(w, "x/one.log", 1, 10);
	world_add(w, "x/two",
	    "{\"timestamp\":\"2026-11-10T10:00:00Z\",\"type\":\"session_meta\","
	    "\"payload\":{\"id\":\"s\"}}\n");
	world_add(w, "x/three", "time,model,input_tokens\n7,m,1\n");
	world_add(w, "x/four", "{\"time\":7,\"model\":\"m\",\"tokens\":1}\n");
	for (int i = 0; i < 4; i++) {
		const char *const file[] = { "one.log", "two", "three",
			"four" };

		snprintf(names[i], sizeof(names[i]), "%s/x/%s", w->home,
		    file[i]);
		paths[i] = names[i];
	}
	w->options.paths = paths;
	w->options.npaths = 4;
	CHECK(world_run(w) == 0);
	CHECK(claude(w)->files == 1 && claude(w)->fresh == 1);
	CHECK(world_tally(w, "codex")->files == 1);
	CHECK(world_tally(w, "csv")->fresh == 1);
	CHECK(world_tally(w, "jsonl")->fresh == 1);
	w->options.npaths = 1;
	world_add(w, "x/five", "just text\n");
	snprintf(names[0], sizeof(names[0]), "%s/x/five", w->home);
	CHECK(world_run(w) == -1 && w->err.code == TK_DATA);
	CHECK_STR(w->err.hint, "say what it is with --from");
	snprintf(names[0], sizeof(names[0]), "%s/x/six", w->home);
	CHECK(world_run(w) == -1 && w->err.code == TK_IO);
	/* in a folder, what is not known is passed over */
	call(w, "y/a.jsonl", 2, 10);
	world_add(w, "y/b.jsonl", "what?\n");
	world_add(w, "y/c.txt", "what?\n");
	snprintf(names[0], sizeof(names[0]), "%s/y", w->home);
	CHECK(world_run(w) == 0 && claude(w)->fresh == 1);
	w->options.npaths = 0;
}

static void
what_cannot_be_read_is_noted(struct world *w)
{
	call(w, DIR "a.jsonl", 1, 10);
	call(w, DIR "b.jsonl", 2, 10);
	if (geteuid() == 0) /* may read everything */
		return;
	chmod(world_path(w, DIR "a.jsonl"), 0);
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(claude(w)->failed == 1 && w->report.nnotes == 1);
}

static void
a_damaged_file_stops_no_other(struct world *w)
{
	static const char damaged[] = "\x1f\x8b\b, and no more";
	char name[512];

	world_write(w, DIR "a.jsonl", "w", damaged, sizeof(damaged) - 1);
	call(w, DIR "b.jsonl", 1, 10);
	CHECK(world_run(w) == 0 && claude(w)->fresh == 1);
	CHECK(claude(w)->failed == 1 && w->report.nnotes == 1);
	CHECK(strstr(w->report.notes[0].text, "a.jsonl") != NULL);
	snprintf(name, sizeof(name), "%s/" DIR "a.jsonl", w->home);
	w->options.paths = (const char *const[]){ name };
	w->options.npaths = 1;
	w->options.from = (const struct importer *const[]){ importer_at(0) };
	w->options.nfrom = 1;
	CHECK(world_run(w) == -1 && w->err.code == TK_DATA);
	w->options.npaths = w->options.nfrom = 0;
}

static void
a_dry_run_only_counts(struct world *w)
{
	struct ingest_dry dry = { 0 };

	call(w, DIR "a.jsonl", 1, 10);
	call(w, DIR "b.jsonl", 1, 10);
	CHECK(ingest_run(&w->options, &ingest_nowhere, &dry, &w->report,
		  &w->err) == 0);
	CHECK(claude(w)->fresh == 1 && claude(w)->calls == 1);
	ingest_dry_release(&dry);
}

static void
places_are_listed(struct world *w)
{
	const struct importer *from[] = { importer_find("claude-code"),
		importer_find("codex") };
	struct ingest_place *v;
	int64_t files = 0;
	size_t n;

	w->options.from = from;
	w->options.nfrom = 2;
	call(w, DIR "a.jsonl", 1, 10);
	CHECK(ingest_places(&w->options, &mem_sink, &w->mem, &v, &n, &w->err) ==
		0 &&
	    n > 0);
	for (size_t i = 0; i < n; i++)
		files += v[i].files;
	CHECK(files == 1);
	ingest_places_free(v, n);
}

static void
stops_when_it_is_told_to(struct world *w)
{
	static const volatile sig_atomic_t stop = 1;
	struct ingest_watch *watch;

	call(w, DIR "a.jsonl", 1, 10);
	w->options.stop = &stop;
	CHECK(world_run(w) == 0 && w->mem.n == 0);
	CHECK(ingest_watch_open(&watch, &w->options, &w->err) == 0);
	CHECK(ingest_watch_wait(watch, &w->err) == 0);
	ingest_watch_close(watch);
	w->options.stop = NULL;
	CHECK(ingest_watch_open(&watch, &w->options, &w->err) == 0);
	call(w, DIR "new/b.jsonl", 1, 10);
	CHECK(ingest_watch_wait(watch, &w->err) == 1);
	call(w, DIR "new/b.jsonl", 2, 10);
	CHECK(ingest_watch_wait(watch, &w->err) == 1);
	ingest_watch_close(watch);
}

/* No descriptor is left for being told of changes. */
static void
looks_where_it_cannot_watch(struct world *w)
{
	static volatile sig_atomic_t stop;
	struct rlimit before, none;
	struct ingest_watch *watch;

	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = before;
	none.rlim_cur = 0;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	w->options.stop = &stop;
	CHECK(ingest_watch_open(&watch, &w->options, &w->err) == 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	CHECK(ingest_watch_is_blind(watch));
	ingest_look_ms = 1;
	CHECK(ingest_watch_wait(watch, &w->err) == 1);
	stop = 1;
	CHECK(ingest_watch_wait(watch, &w->err) == 0);
	ingest_watch_close(watch);
}

static void
lines_of_any_length(struct world *w)
{
	struct tk_buf b = TK_BUF_INIT;
	struct lines l;
	const char *text;
	size_t n;
	int fd;

	tk_buf_adds(&b, "one\n\n");
	for (int i = 0; i < 40000; i++)
		tk_buf_adds(&b, "0123456789");
	tk_buf_adds(&b, "\nafter\r\n");
	for (int i = 0; i < 60000; i++)
		tk_buf_adds(&b, "0123456789");
	tk_buf_adds(&b, "\ncut");
	world_write(w, "l", "w", b.s, b.len);
	fd = open(world_path(w, "l"), O_RDONLY);
	lines_init(&l, fd, 0, 500000);
	CHECK(lines_peek(&l, 3, &text, &n, &w->err) == 0 && n >= 3);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_WHOLE && n == 4);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_WHOLE && n == 1);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_WHOLE && n == 400001);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_WHOLE && n == 7);
	CHECK(memcmp(text, "after\r\n", n) == 0);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_LONG);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_CUT && n == 3);
	CHECK(memcmp(text, "cut", n) == 0);
	CHECK(l.offset == (int64_t)b.len);
	CHECK(lines_next(&l, &text, &n, &w->err) == LINES_NONE);
	lines_release(&l);
	close(fd);
	tk_buf_release(&b);
}

/* From the reference implementation: the input is 00, 01, 02, ... */
static void
hash_is_the_published_one(struct world *w)
{
	static const unsigned char in[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct hash128 h = hash_bytes("", 0);
	struct tk_buf b = TK_BUF_INIT;
	struct ids ids = IDS_INIT;

	(void)w;
	CHECK(h.a == UINT64_C(0xe6a825ba047f81a3));
	CHECK(h.b == UINT64_C(0x930255c71472f66d));
	h = hash_bytes(in, 1);
	CHECK(h.a == UINT64_C(0x44af996bd8c187da));
	CHECK(h.b == UINT64_C(0x45fc229b11597634));
	hash_add(&h, &b);
	CHECK(b.len == 16);
	tk_buf_release(&b);
	for (uint64_t i = 0; i < 1000; i++)
		ids_see(&ids, i * i);
	CHECK(ids_see(&ids, 81) == 1 && ids_see(&ids, 81) == 2);
	CHECK(ids_has(&ids, 81) && !ids_has(&ids, 82));
	ids_release(&ids);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		only_what_is_new_is_read,
		rewritten_and_shorter_files_are_read_again,
		files_are_found_once_through_links,
		failures_leave_nothing_half_done,
		large_files_are_done_in_parts,
		a_ledger_that_fails_ends_the_run,
		named_files_tell_what_they_are,
		what_cannot_be_read_is_noted,
		a_damaged_file_stops_no_other,
		a_dry_run_only_counts,
		places_are_listed,
		stops_when_it_is_told_to,
		looks_where_it_cannot_watch,
		lines_of_any_length,
		hash_is_the_published_one,
	};

	for (size_t i = 0; i < TK_LEN(tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
