#include "ingest/put.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/known_folder.h"
#include "ingest/queue.h"
#include "ingest/table.h"

enum { NOTES_MOST = 20 };
enum { MANY_FILES = 64 };

static const struct {
	const char *key, *text;
} skips[SKIP_COUNT] = {
	[SKIP_BLANK] = { "blank", "empty lines" },
	[SKIP_OTHER] = { "other", "lines without usage" },
	[SKIP_SYNTHETIC] = { "synthetic", "messages that no model wrote" },
	[SKIP_REPEATED] = { "repeated", "counters written again unchanged" },
	[SKIP_REPLAYED] = { "replayed", "calls copied from another session" },
};

const char *
ingest_skip_key(enum ingest_skip why)
{
	return skips[why].key;
}

const char *
ingest_skip_text(enum ingest_skip why)
{
	return skips[why].text;
}

static void
run_init(struct run *run, const struct ingest_options *o,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	*run = (struct run){
		.options = o,
		.sink = sink,
		.to = to,
		.report = report,
		.err = err,
	};
	put_init(run);
	run->shared = tk_xcalloc(importer_count(), sizeof(*run->shared));
}

void
run_init_second(struct run *run, struct run *first,
    struct ingest_report *report, struct tk_err *err)
{
	*run = (struct run){
		.options = first->options,
		.sink = first->sink,
		.to = first->to,
		.report = report,
		.put = first->put,
		.walk = first->walk,
		.reads = first->reads,
		.known = first->known,
		.known_all = first->known_all,
		.limit = first->limit,
		.first = first,
		.err = err,
	};
	run->shared = tk_xcalloc(importer_count(), sizeof(*run->shared));
}

void
run_tell_progress(struct run *run)
{
	struct ingest_progress p = run->progress;

	if (run->first != NULL || run->options->progress == NULL)
		return;
	p.bytes += run->elsewhere;
	run->options->progress(&p, run->options->progress_data);
}

void
run_release(struct run *run)
{
	put_end(run);
	for (size_t i = 0; importers[i] != NULL; i++) {
		if (run->shared[i] != NULL && importers[i]->unshare != NULL)
			importers[i]->unshare(run->shared[i]);
		free(run->shared[i]);
	}
	free(run->shared);
	if (run->first == NULL)
		known_release(&run->known);
	for (size_t i = 0; run->first == NULL && i < run->walk->n; i++)
		free(run->reads[i].ask);
	if (run->first == NULL)
		free(run->reads);
}

void
run_read_whole(struct run *run, const struct walk_file *f,
    const struct walk_read *read, const char *carry)
{
	struct walk_read *r = &run->reads[f - run->walk->files];

	free(r->ask);
	*r = *read;
	r->whole = true;
	r->ask = carry[0] == '?' ? strndup(carry, strcspn(carry, " ")) : NULL;
}

struct ingest_tally *
run_tally(struct run *run, const struct importer *im)
{
	return &run->report->tally[importer_place(im)];
}

void *
run_shared(struct run *run, const struct importer *im)
{
	void **shared = &run->shared[importer_place(im)];

	if (*shared == NULL && im->shared_size > 0)
		*shared = tk_xcalloc(1, im->shared_size);
	return *shared;
}

void
report_note(struct ingest_report *r, const struct importer *im, size_t file,
    char *text)
{
	if (r->nnotes == NOTES_MOST) {
		r->more_notes++;
		free(text);
		return;
	}
	r->notes = tk_xreallocarray(r->notes, r->nnotes + 1, sizeof(*r->notes));
	r->notes[r->nnotes++] =
	    (struct ingest_note){ .importer = im, .text = text, .file = file };
}

void
run_note(struct run *run, const struct importer *im, char *text)
{
	report_note(run->report, im, run->progress.file, text);
}

bool
run_stopped(const struct run *run)
{
	return run->options->stop != NULL && *run->options->stop != 0;
}

/* Pipes, then the rest, by path. */
static int
by_path(const void *a_, const void *b_)
{
	const struct walk_file *a = *(const struct walk_file *const *)a_;
	const struct walk_file *b = *(const struct walk_file *const *)b_;

	if (a->once != b->once)
		return a->once ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* What is to be read; the rest is counted.  The array is the caller's. */
static size_t
choose(struct run *run, const struct walk *w, const struct walk_file ***v)
{
	size_t n = 0;

	*v = tk_xreallocarray(NULL, w->n + 1, sizeof(**v));
	for (size_t i = 0; i < w->n; i++) {
		const struct walk_file *f = &w->files[i];

		if ((run->rehearsal && f->once) || run_passes_over(run, f))
			continue;
		(*v)[n++] = f;
		run->progress.all_bytes += f->size;
	}
	run->progress.files = n;
	if (n > 0)
		qsort(*v, n, sizeof(**v), by_path);
	return n;
}

/*
 * Folders that need not be listed next time.  They alone are no reason to
 * write.
 */
static void
mark_folders(struct run *run)
{
	const struct walk *w = run->walk;
	struct tk_buf *names = tk_xcalloc(w->nlisted + 1, sizeof(*names));
	int64_t *files = tk_xcalloc(w->nlisted + 1, sizeof(*files));

	for (size_t i = 0; i < w->nlisted; i++) {
		names[i] = (struct tk_buf)TK_BUF_INIT;
		tk_buf_adds(&names[i], w->listed[i].names);
	}
	for (size_t i = 0; i < w->n; i++) {
		const struct walk_file *f = &w->files[i];
		const struct walk_read *read = &run->reads[i];

		if (f->listed == 0)
			continue;
		known_add_file(&names[f->listed - 1], strrchr(f->path, '/') + 1,
		    f->inode, read->whole ? read : NULL);
		files[f->listed - 1]++;
	}
	/* of a file that is elsewhere, too, nothing could be said */
	for (size_t i = 0; i < w->nlisted; i++)
		if (files[i] == w->listed[i].files)
			known_folder_mark(run, &w->listed[i], &names[i]);
	for (size_t i = 0; i < w->nlisted; i++)
		tk_buf_release(&names[i]);
	free(names);
	free(files);
}

static int
run_files(struct run *run)
{
	const struct walk *w = run->walk;
	const struct walk_file **v;
	size_t n, many = 0;
	int rc;

	for (size_t i = 0; i < w->n; i++)
		many += !w->files[i].same;
	if (many >= MANY_FILES && !(run->options->flags & INGEST_AGAIN)) {
		if (known_load(&run->known, run->sink, run->to, run->err) < 0)
			return -1;
		run->known_all = run->sink->sources != NULL;
	}
	n = choose(run, w, &v);
	rc = queue_read(run, v, n);
	free(v);
	if (rc == 0 && run->news && !run->failed && !run_stopped(run))
		mark_folders(run);
	return rc < 0 ? -1 : run_flush(run, LEDGER_DURABLE);
}

void
report_init(struct ingest_report *report)
{
	*report = (struct ingest_report){ 0 };
	report->tally = tk_xcalloc(importer_count(), sizeof(*report->tally));
}

static void
add_tally(struct ingest_tally *to, const struct ingest_tally *t)
{
	to->files += t->files;
	to->unchanged += t->unchanged;
	to->failed += t->failed;
	to->bytes += t->bytes;
	to->lines += t->lines;
	to->sightings += t->sightings;
	to->calls += t->calls;
	to->fresh += t->fresh;
	to->known += t->known;
	to->updated += t->updated;
	to->unpriced += t->unpriced;
	to->bad += t->bad;
	for (int i = 0; i < SKIP_COUNT; i++)
		to->skipped[i] += t->skipped[i];
}

static int
by_file(const void *a_, const void *b_)
{
	const struct ingest_note *a = a_, *b = b_;

	return (a->file > b->file) - (a->file < b->file);
}

void
report_move(struct ingest_report *to, struct ingest_report *from)
{
	for (size_t i = 0; importers[i] != NULL; i++) {
		add_tally(&to->tally[i], &from->tally[i]);
		from->tally[i] = (struct ingest_tally){ 0 };
	}
	to->failed += from->failed;
	to->more_notes += from->more_notes;
	if (from->nnotes > 0) {
		size_t n = to->nnotes + from->nnotes;

		to->notes = tk_xreallocarray(to->notes, n, sizeof(*to->notes));
		memcpy(to->notes + to->nnotes, from->notes,
		    from->nnotes * sizeof(*to->notes));
		/* a merge sort: of one file they stay in their order */
		qsort(to->notes, n, sizeof(*to->notes), by_file);
		for (to->nnotes = n; to->nnotes > NOTES_MOST; to->more_notes++)
			free(to->notes[--to->nnotes].text);
	}
	from->nnotes = 0;
	from->more_notes = from->failed = 0;
}

void
ingest_report_release(struct ingest_report *report)
{
	for (size_t i = 0; i < report->nnotes; i++)
		free(report->notes[i].text);
	free(report->notes);
	free(report->tally);
	*report = (struct ingest_report){ 0 };
}

/* What the walk has passed over. */
static void
count_same(struct run *run)
{
	for (size_t i = 0; importers[i] != NULL; i++) {
		run->report->tally[i].files += run->walk->same[i];
		run->report->tally[i].unchanged += run->walk->same[i];
	}
}

/* One pass over all files. */
static int
pass(const struct ingest_options *o, const struct walk *w, bool rehearsal,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	struct run run;
	int rc;

	report_init(report);
	run_init(&run, o, sink, to, report, err);
	run.rehearsal = rehearsal;
	run.walk = w;
	run.reads = tk_xcalloc(w->n + 1, sizeof(*run.reads));
	count_same(&run);
	report->failed = (int64_t)w->nproblems;
	for (size_t i = 0; i < w->nproblems; i++)
		run_note(&run, NULL, tk_xstrdup(w->problems[i]));
	rc = run_files(&run);
	run_release(&run);
	return rc;
}

/* For --strict: what would be read, with nothing kept. */
struct rehearsal {
	const struct ingest_sink *sink;
	void *to;
};

static int
rehearse_put(void *to, struct usage_record *r, enum ledger_result *result,
    struct tk_err *err)
{
	(void)to, (void)r, (void)err;
	*result = LEDGER_NEW;
	return 0;
}

static int
rehearse_source_get(void *to, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err)
{
	const struct rehearsal *r = to;

	return r->sink->source_get(r->to, importer, path, s, err);
}

static int
rehearse(const struct ingest_options *o, const struct walk *w,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	struct rehearsal r = { .sink = sink, .to = to };
	struct ingest_sink nowhere = ingest_nowhere;

	nowhere.put = rehearse_put;
	nowhere.source_get = rehearse_source_get;
	nowhere.sources = NULL;
	return pass(o, w, true, &nowhere, &r, report, err);
}

/* The walk is over. */
static int
run_found(const struct ingest_options *o, const struct walk *w,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	if (o->flags & INGEST_STRICT) {
		if (rehearse(o, w, sink, to, report, err) < 0)
			return -1;
		ingest_report_release(report);
	}
	return pass(o, w, false, sink, to, report, err);
}

/* What was read before is looked up for all places: named paths are few, and
 * may be all there is to read. */
int
ingest_run(const struct ingest_options *o, const struct ingest_sink *sink,
    void *to, struct ingest_report *report, struct tk_err *err)
{
	bool look_up = o->npaths == 0 && sink->sources != NULL &&
	    !(o->flags & (INGEST_AGAIN | INGEST_STRICT));
	struct walk_look_up before = { .sink = sink, .to = to };
	struct walk w = { .look_up = look_up ? &before : NULL };
	int rc;

	*report = (struct ingest_report){ 0 };
	if (table_check_map(o, err) < 0)
		return -1;
	rc = walk_all(&w, o, err);
	if (rc == 0)
		rc = run_found(o, &w, sink, to, report, err);
	walk_release(&w);
	return rc;
}
