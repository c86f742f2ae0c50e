/* One file: what was read of it before, and what is new. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/database.h"
#include "ingest/hash.h"
#include "ingest/lines.h"
#include "ingest/run.h"
#include "store/store.h"

enum { TAIL_SIZE = 256, PROBE_SIZE = 64 * 1024 };

/* A file that is open, and what is known of it. */
struct work {
	struct run *run;
	const struct walk_file *file;
	struct reader rd;
	struct lines lines;
	struct ledger_source old; /* carry NULL: not read before */
	struct known_carry old_carry;
	int64_t offset;      /* up to here whole records were read */
	int64_t size, ctime; /* when reading began */
	bool seekable, compressed;
	bool database;
};

/* What stands before offset, so that a rewritten file is noticed. */
static uint64_t
tail_hash(int fd, int64_t offset)
{
	char bytes[TAIL_SIZE];
	size_t n = offset < TAIL_SIZE ? (size_t)offset : TAIL_SIZE;
	ssize_t got;

	if (offset < 0) /* no place in the file */
		return 0;
	got = pread(fd, bytes, n, offset - (int64_t)n);
	return got == (ssize_t)n ? hash_bytes(bytes, n).a : 0;
}

static bool
is_unchanged(const struct walk_file *f, const struct ledger_source *s,
    const struct importer *im)
{
	struct known_carry c;

	return s->device == f->device && s->inode == f->inode &&
	    s->size == f->size && s->mtime == f->mtime &&
	    known_parse_carry(s->carry, im, &c) &&
	    (c.ctime == 0 || c.ctime == f->ctime) &&
	    (s->offset != DATABASE || c.tail == database_tail(f->path));
}

/* The file has only grown since it was read. */
static bool
has_grown(struct work *w, const struct stat *st)
{
	return w->old.offset >= 0 &&
	    known_parse_carry(w->old.carry, w->rd.importer, &w->old_carry) &&
	    w->old.device == (int64_t)st->st_dev &&
	    w->old.inode == (int64_t)st->st_ino && w->old.size < st->st_size &&
	    w->old.offset <= w->old.size &&
	    tail_hash(w->lines.fd, w->old.offset) == w->old_carry.tail;
}

/* Written over while it was read: an append changes the size. */
static bool
is_rewritten(const struct work *w, const struct stat *st)
{
	return st->st_size == w->size && walk_ns(st->st_ctim) != w->ctime;
}

/* Remember that all up to w->offset was read; st NULL: there is more. */
static void
mark(struct work *w, const struct stat *st, int64_t end)
{
	struct tk_buf carry = TK_BUF_INIT;
	const struct walk_file *f = w->file;
	struct ledger_source s = {
		.device = f->device,
		.inode = f->inode,
		.offset = w->offset,
		.size = st != NULL ? end : w->offset,
	};
	int64_t ctime = f->ctime;
	bool whole = false;
	size_t own;

	if (!w->seekable && (!w->compressed || st == NULL))
		return;
	if (w->compressed) {
		s.offset = COMPRESSED;
		s.size = f->size;
		s.mtime = f->mtime;
		whole = true;
	} else if (st != NULL && st->st_size == end && !is_rewritten(w, st)) {
		s.mtime = walk_ns(st->st_mtim);
		ctime = walk_ns(st->st_ctim);
		whole = true;
	}
	known_begin_carry(&carry, w->rd.importer,
	    &(struct known_carry){ .line = w->rd.line,
		.read_at = w->run->options->now,
		.ctime = ctime,
		.tail = tail_hash(w->lines.fd, s.offset) });
	own = carry.len;
	if (w->rd.importer->carry != NULL)
		w->rd.importer->carry(&w->rd, &carry);
	if (whole)
		run_read_whole(w->run, f,
		    &(struct walk_read){ .size = s.size,
			.mtime = s.mtime,
			.ctime = ctime },
		    carry.s + own);
	s.carry = tk_buf_detach(&carry);
	run_mark(w->run, w->rd.importer, w->file->path, &s);
}

static void
read_line(struct work *w, const char *text, size_t n)
{
	struct reader *rd = &w->rd;

	if (rd->line == 1 && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (!rd->importer->raw)
		text = trim_line(text, &n);
	if (n == 0)
		reader_skip(rd, SKIP_BLANK);
	else
		rd->importer->line(rd, text, n);
}

static bool
is_whole(const struct work *w)
{
	const struct importer *im = w->rd.importer;

	return im->whole == NULL || im->whole(&w->rd);
}

static void
count_line(struct work *w, size_t n)
{
	struct run *run = w->run;
	struct ingest_tally *t = run_tally(run, w->rd.importer);

	if (w->rd.replay)
		return;
	t->lines++;
	t->bytes += (int64_t)n;
	run->progress.bytes += (int64_t)n;
	if (t->lines % 1024 == 0)
		run_tell_progress(run);
}

/*
 * After the last whole line; text is what follows it.  The state to go on
 * from is that before a line without its end, which is read again.
 */
static int
read_end(struct work *w, bool cut, const char *text, size_t n)
{
	struct run *run = w->run;
	struct reader *rd = &w->rd;
	struct stat st;

	if (w->seekable || w->compressed) {
		if (fstat(w->lines.fd, &st) < 0)
			return tk_fail_errno(run->err, "%s", rd->path);
		mark(w, &st, w->lines.offset);
	}
	rd->replay = false;
	if (!(run->options->flags & INGEST_FOLLOW)) {
		/* logs are being written; of a table that was named, all
		 * counts */
		rd->cut = !w->file->named || rd->importer->places != NULL;
		if (cut) {
			rd->line++;
			if (w->file->named)
				count_line(w, n);
			read_line(w, text, n);
		}
		if (rd->importer->end != NULL && !run->failed)
			rd->importer->end(rd);
		if (!is_whole(w))
			reader_bad(rd, "the file ends in a record");
	}
	return run->failed ? -1 : 1;
}

/* All lines that are there.  1: to the end; 0: told to stop. */
static int
read_lines(struct work *w)
{
	struct run *run = w->run;
	struct reader *rd = &w->rd;
	const char *text;
	size_t n;
	int got;

	while ((got = lines_next(&w->lines, &text, &n, run->err)) > 0) {
		if (got == LINES_CUT)
			break;
		rd->line++;
		count_line(w, got == LINES_WHOLE ? n : 0);
		if (got == LINES_LONG)
			reader_bad(rd, "a line of more than 64 MB");
		else
			read_line(w, text, n);
		if (run->failed)
			return -1;
		if (!is_whole(w)) {
			if (run->next.batch.n >= 2 * run->limit &&
			    run_flush(run, LEDGER_RELAXED) < 0)
				return -1;
			continue;
		}
		w->offset = w->lines.offset;
		rd->replay = rd->replay && w->offset < w->old.offset;
		if (run->next.batch.n >= run->limit) {
			mark(w, NULL, 0);
			if (run_flush(run, LEDGER_RELAXED) < 0)
				return -1;
		}
		if (rd->line % 256 == 0 && run_stopped(run)) {
			mark(w, NULL, 0);
			return 0;
		}
	}
	if (got < 0)
		return tk_wrap(run->err, "%s", rd->path);
	return read_end(w, got == LINES_CUT, text, n);
}

/* Begin where the last run ended, if the file allows it. */
static int
start(struct work *w)
{
	struct reader *rd = &w->rd;
	int fd = w->lines.fd;
	struct stat st;
	bool named, grown;

	if (fstat(fd, &st) < 0)
		return tk_fail_errno(w->run->err, "%s", rd->path);
	w->size = st.st_size;
	w->ctime = walk_ns(st.st_ctim);
	named = S_ISREG(st.st_mode) && strcmp(rd->path, "-") != 0;
	w->seekable = named && w->lines.unzip == NULL;
	w->compressed = named && w->lines.unzip != NULL;
	rd->mtime =
	    named ? walk_ns(st.st_mtim) / 1000000 : w->run->options->now;
	/* from the start is no going on: there is nothing to replay */
	grown = w->seekable && w->old.carry != NULL && w->old.offset > 0 &&
	    has_grown(w, &st);
	rd->state = tk_xcalloc(1, rd->importer->state_size + 1);
	rd->shared = run_shared(w->run, rd->importer);
	if (!grown) {
		if (known_parse_carry(w->old.carry, rd->importer,
			&w->old_carry))
			rd->before = w->old_carry.rest;
		rd->importer->open(rd, NULL);
		return 0;
	}
	rd->replay = !rd->importer->open(rd, w->old_carry.rest);
	if (rd->replay)
		return 0;
	rd->line = w->old_carry.line;
	w->offset = w->old.offset;
	w->lines.offset = w->old.offset;
	w->lines.at = w->lines.len = 0;
	w->lines.eof = false;
	if (lseek(fd, w->old.offset, SEEK_SET) < 0)
		return tk_fail_errno(w->run->err, "%s", rd->path);
	return 0;
}

static int
nobodys(const struct walk_file *f, size_t n, struct tk_err *err)
{
	if (n == 0)
		return tk_fail(err, TK_DATA, "'%s': the file is empty",
		    f->path);
	tk_fail(err, TK_DATA, "'%s': this is no log or table that is known",
	    f->path);
	return tk_hint(err, "say what it is with --from");
}

static void
count_failed(struct run *run, const struct importer *im)
{
	if (im != NULL)
		run_tally(run, im)->failed++;
	else
		run->report->failed++;
}

/* Of a file that nobody named, a problem is a note. */
static int
note_problem(struct work *w)
{
	struct run *run = w->run;

	if (w->file->named || run->failed)
		return -1;
	count_failed(run, w->rd.importer);
	run_note(run, w->rd.importer, tk_xstrdup(run->err->msg));
	*run->err = (struct tk_err)TK_ERR_INIT;
	return 0;
}

/* Whose file is it?  0 when nobody knows and nobody named it. */
static int
identify(struct work *w)
{
	const struct walk_file *f = w->file;
	struct tk_err *err = w->run->err;
	const struct importer *im = f->importer;
	const char *head;
	size_t n;
	int rc = 1;

	if (im == NULL || im->tables != NULL) {
		if (lines_peek(&w->lines, PROBE_SIZE, &head, &n, err) < 0)
			return tk_wrap(err, "%s", f->path);
		w->database = database_begins(head, n);
	}
	if (w->database)
		rc = database_probe(&im, w->run->options, f, err);
	else if (im == NULL)
		rc =
		    importer_probe(&im, w->run->options, f->path, head, n, err);
	if (rc == 0 && f->named)
		rc = nobodys(f, n, err);
	if (rc > 0)
		w->rd.importer = im;
	return rc;
}

static int
read_database(struct work *w)
{
	const struct ledger_source *old = &w->old;
	struct known_carry c = { .rest = NULL };

	if (old->carry != NULL && old->offset == DATABASE &&
	    old->device == w->file->device && old->inode == w->file->inode &&
	    known_parse_carry(old->carry, w->rd.importer, &c))
		w->rd.line = c.line;
	return database_read(w->run, &w->rd, w->file, c.rest);
}

/* Because of what other files have said. */
static bool
is_stale(const struct work *w)
{
	const struct importer *im = w->rd.importer;
	struct known_carry c;

	return im->stale != NULL && known_parse_carry(w->old.carry, im, &c) &&
	    c.rest[0] == '?' && im->stale(w->file->path, c.rest);
}

static void
keep_unchanged(struct work *w)
{
	struct known_carry c;

	run_tally(w->run, w->rd.importer)->unchanged++;
	if (w->old.offset != DATABASE &&
	    known_parse_carry(w->old.carry, w->rd.importer, &c))
		run_read_whole(w->run, w->file,
		    &(struct walk_read){ .size = w->old.size,
			.mtime = w->old.mtime,
			.ctime = w->file->ctime },
		    c.rest);
}

static int
read_open_file(struct work *w)
{
	struct run *run = w->run;
	struct reader *rd = &w->rd;
	int rc = identify(w);

	if (rd->importer != NULL && rc != 0)
		run_tally(run, rd->importer)->files++;
	if (rc <= 0)
		return rc < 0 ? note_problem(w) : 0;
	if (run_source(run, rd->importer, rd->path, &w->old) < 0)
		return -1;
	if (run->options->flags & INGEST_AGAIN)
		w->old.inode = -1; /* as if it were another */
	if (w->old.carry != NULL &&
	    is_unchanged(w->file, &w->old, rd->importer) && !is_stale(w)) {
		keep_unchanged(w);
		return 0;
	}
	if (w->database)
		return read_database(w) < 0 ? note_problem(w) : 0;
	if (start(w) < 0)
		return -1;
	rc = read_lines(w);
	if (rd->importer->close != NULL)
		rd->importer->close(rd);
	return rc < 0 ? note_problem(w) : 0;
}

/* Named files have to be readable; of the others a note is made. */
static int
open_failed(struct run *run, const struct walk_file *f)
{
	struct tk_buf b = TK_BUF_INIT;

	if (f->named)
		return tk_fail_errno(run->err, "'%s'", f->path);
	if (errno == ENOENT)
		return 0; /* gone since it was listed */
	if (f->importer != NULL)
		run_tally(run, f->importer)->files++;
	count_failed(run, f->importer);
	tk_buf_addf(&b, "%s: %s", f->path, strerror(errno));
	run_note(run, f->importer, tk_buf_detach(&b));
	return 0;
}

int
run_file(struct run *run, const struct walk_file *f)
{
	struct work w = {
		.run = run,
		.file = f,
		.rd = {
			.importer = f->importer,
			.path = f->path,
			.options = run->options,
			.batch = &run->next.batch,
			.scratch = TK_BUF_INIT,
			.run = run,
		},
	};
	bool standard = strcmp(f->path, "-") == 0;
	int fd, rc;

	fd = standard ? dup(STDIN_FILENO)
		      : open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return open_failed(run, f);
	lines_init(&w.lines, fd, 0, LINE_MAX_BYTES);
	rc = read_open_file(&w);
	free(w.rd.state);
	free(w.old.carry);
	tk_buf_release(&w.rd.scratch);
	lines_release(&w.lines);
	close(fd);
	return rc < 0 ? -1 : 0;
}
