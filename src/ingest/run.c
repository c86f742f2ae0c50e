#include "ingest/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "ingest/table.h"

/*
 * Others wait while a batch is put, so it should not take longer than a
 * third of a second; but small batches cost more, since new identities fall
 * all over their index.  How many records fit is found out while running.
 */
enum { BATCH_FIRST = 8192, BATCH_LEAST = 4096, BATCH_MOST = 30000 };
enum { PUT_MS_MOST = 400, NOTES_MOST = 20, MARKS_MOST = 2000 };
enum { MANY_FILES = 16 };
#define BATCH_ALL (SIZE_MAX / 2)

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

void
run_init(struct run *run, const struct ingest_options *o,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	*run = (struct run){
		.options = o,
		.sink = sink,
		.to = to,
		.report = report,
		.limit = BATCH_FIRST,
		.err = err,
	};
	batch_init(&run->batch);
	run->shared = tk_xcalloc(importer_count(), sizeof(*run->shared));
}

static void
free_marks(struct run *run)
{
	for (size_t i = 0; i < run->nmarks; i++) {
		free(run->marks[i].path);
		free(run->marks[i].source.carry);
	}
	run->nmarks = 0;
	for (size_t i = 0; i < run->nretracts; i++)
		free(run->retracts[i]);
	run->nretracts = 0;
}

void
run_release(struct run *run)
{
	free_marks(run);
	free(run->marks);
	free(run->retracts);
	for (size_t i = 0; importers[i] != NULL; i++) {
		if (run->shared[i] != NULL && importers[i]->unshare != NULL)
			importers[i]->unshare(run->shared[i]);
		free(run->shared[i]);
	}
	free(run->shared);
	known_release(&run->known);
	batch_release(&run->batch);
}

static size_t
place_of(const struct importer *im)
{
	size_t i = 0;

	while (importers[i] != im)
		i++;
	return i;
}

struct ingest_tally *
run_tally(struct run *run, const struct importer *im)
{
	return &run->report->tally[place_of(im)];
}

void *
run_shared(struct run *run, const struct importer *im)
{
	void **shared = &run->shared[place_of(im)];

	if (*shared == NULL && im->shared_size > 0)
		*shared = tk_xcalloc(1, im->shared_size);
	return *shared;
}

void
run_note(struct run *run, const struct importer *im, char *text)
{
	struct ingest_report *r = run->report;

	if (r->nnotes == NOTES_MOST) {
		r->more_notes++;
		free(text);
		return;
	}
	r->notes = tk_xreallocarray(r->notes, r->nnotes + 1, sizeof(*r->notes));
	r->notes[r->nnotes++] =
	    (struct ingest_note){ .importer = im, .text = text };
}

bool
run_stopped(const struct run *run)
{
	return run->options->stop != NULL && *run->options->stop != 0;
}

void
run_mark(struct run *run, const struct importer *im, const char *path,
    const struct ledger_source *s)
{
	if (run->nmarks == run->marks_cap) {
		run->marks_cap = run->marks_cap > 0 ? 2 * run->marks_cap : 64;
		run->marks = tk_xreallocarray(run->marks, run->marks_cap,
		    sizeof(*run->marks));
	}
	run->marks[run->nmarks++] = (struct mark){
		.importer = im->name,
		.path = tk_xstrdup(path),
		.source = *s,
	};
}

void
run_retract(struct run *run, const char *request_id)
{
	run->retracts = tk_xreallocarray(run->retracts, run->nretracts + 1,
	    sizeof(*run->retracts));
	run->retracts[run->nretracts++] = tk_xstrdup(request_id);
}

static int
retract_all(struct run *run)
{
	const struct ledger_actor who = {
		.name = run->options->user,
		.time = run->options->now,
	};

	for (size_t i = 0; i < run->nretracts; i++)
		if (run->sink->retract(run->to, run->retracts[i], &who,
			run->err) < 0)
			return -1;
	return 0;
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
count_result(struct run *run, const struct importer *im,
    const struct usage_record *r, enum ledger_result result)
{
	struct ingest_tally *t = run_tally(run, im);

	t->calls++;
	t->unpriced += r->cost == RECORD_UNKNOWN;
	switch (result) {
	case LEDGER_NEW:
		t->fresh++;
		return;
	case LEDGER_KNOWN:
		t->known++;
		return;
	case LEDGER_UPDATED:
		t->updated++;
		return;
	}
}

static int
put_all(struct run *run)
{
	const struct ingest_sink *sink = run->sink;
	struct batch *b = &run->batch;

	for (size_t i = 0; i < b->n; i++) {
		enum ledger_result result;

		if (sink->put(run->to, &b->v[i].record, &result, run->err) < 0)
			return -1;
		count_result(run, b->v[i].from, &b->v[i].record, result);
	}
	for (size_t i = 0; i < run->nmarks; i++) {
		const struct mark *m = &run->marks[i];

		if (sink->source_put(run->to, m->importer, m->path, &m->source,
			run->err) < 0)
			return -1;
	}
	return 0;
}

/*
 * After merging, so that each call is priced once, by its final time and
 * usage.  What costs more than can be counted is refused.
 */
static int
price_all(struct run *run)
{
	struct batch *b = &run->batch;
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct usage_record *r = &b->v[i].record;
		struct tk_buf note = TK_BUF_INIT;
		struct tk_err err = TK_ERR_INIT;

		if (ingest_price(run->options->prices, r, &err) == 0 &&
		    (run->options->admit == NULL ||
			run->options->admit(r, run->options->admit_data,
			    &err) == 0)) {
			b->v[kept++] = b->v[i];
			continue;
		}
		if (run->options->flags & INGEST_STRICT) {
			*run->err = err;
			return -1;
		}
		run_tally(run, b->v[i].from)->bad++;
		tk_buf_addf(&note, "%s: %s",
		    r->request_id != NULL ? r->request_id : "a call", err.msg);
		run_note(run, b->v[i].from, tk_buf_detach(&note));
	}
	b->n = kept;
	return 0;
}

/* Twice as many or half as many, by how long it took. */
static void
adapt(struct run *run, int64_t took_ms)
{
	if (took_ms > PUT_MS_MOST && run->limit > BATCH_LEAST)
		run->limit /= 2;
	else if (took_ms < PUT_MS_MOST / 3 && run->limit < BATCH_MOST)
		run->limit = BATCH_MOST;
}

/* Tell the sink which calls will come, so that it can look them up at once. */
static int
expect_all(struct run *run)
{
	const struct batch *b = &run->batch;
	const char **id;
	size_t n = 0;
	int rc;

	if (run->sink->expect == NULL)
		return 0;
	id = tk_xcalloc(b->n + 1, sizeof(*id));
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].record.request_id != NULL)
			id[n++] = b->v[i].record.request_id;
	rc = run->sink->expect(run->to, id, n, run->err);
	free(id);
	return rc;
}

int
run_flush(struct run *run, enum ledger_sync sync)
{
	int64_t began;
	int rc = -1;

	if (run->batch.n == 0 && run->nmarks == 0 && run->nretracts == 0)
		return 0;
	if (price_all(run) < 0 || run->sink->begin(run->to, run->err) < 0)
		return -1;
	began = milliseconds();
	if (expect_all(run) < 0 || put_all(run) < 0 || retract_all(run) < 0) {
		run->sink->rollback(run->to);
		goto out;
	}
	if (run->sink->commit(run->to, sync, run->err) < 0)
		goto out;
	adapt(run, milliseconds() - began);
	rc = 0;
out:
	free_marks(run);
	batch_reset(&run->batch);
	return rc;
}

/*
 * --strict: what can be read only once was not tried before, so of that
 * nothing is put until all of it was read.
 */
static void
set_limit(struct run *run, const struct walk_file *f)
{
	if ((run->options->flags & INGEST_STRICT) && f->once)
		run->limit = BATCH_ALL;
	else if (run->limit == BATCH_ALL)
		run->limit = BATCH_FIRST;
}

static int
run_files(struct run *run, const struct walk *w)
{
	if (w->n >= MANY_FILES && !(run->options->flags & INGEST_AGAIN) &&
	    known_load(&run->known, run->sink, run->to, run->err) < 0)
		return -1;
	run->progress.files = w->n;
	for (size_t i = 0; i < w->n; i++)
		run->progress.all_bytes += w->files[i].size;
	for (size_t i = 0; i < w->n && !run_stopped(run); i++) {
		const struct walk_file *f = &w->files[i];
		int64_t before = run->progress.bytes;

		if (run->rehearsal && f->once)
			continue;
		set_limit(run, f);
		/* flushed before more is added and not after it, so that
		 * something is left for the last, durable commit */
		if ((run->batch.n >= run->limit || run->nmarks >= MARKS_MOST) &&
		    run_flush(run, LEDGER_RELAXED) < 0)
			return -1;
		run->progress.file = i + 1;
		run->progress.path = f->path;
		if (run_file(run, f) < 0)
			return -1;
		run->progress.bytes = before + f->size;
		if (run->options->progress != NULL)
			run->options->progress(&run->progress,
			    run->options->progress_data);
	}
	return run_flush(run, LEDGER_DURABLE);
}

static void
init_report(struct ingest_report *report)
{
	*report = (struct ingest_report){ 0 };
	report->tally = tk_xcalloc(importer_count(), sizeof(*report->tally));
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

/* One pass over all files. */
static int
pass(const struct ingest_options *o, const struct walk *w, bool rehearsal,
    const struct ingest_sink *sink, void *to, struct ingest_report *report,
    struct tk_err *err)
{
	struct run run;
	int rc;

	init_report(report);
	run_init(&run, o, sink, to, report, err);
	run.rehearsal = rehearsal;
	for (size_t i = 0; i < w->nproblems; i++)
		run_note(&run, NULL, tk_xstrdup(w->problems[i]));
	rc = run_files(&run, w);
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

int
ingest_run(const struct ingest_options *o, const struct ingest_sink *sink,
    void *to, struct ingest_report *report, struct tk_err *err)
{
	struct walk w = { .want_folders = false };
	int rc;

	*report = (struct ingest_report){ 0 };
	if (table_check_map(o, err) < 0)
		return -1;
	rc = walk_all(&w, o, err);
	if (rc == 0 && (o->flags & INGEST_STRICT)) {
		rc = rehearse(o, &w, sink, to, report, err);
		if (rc == 0)
			ingest_report_release(report);
	}
	if (rc == 0)
		rc = pass(o, &w, false, sink, to, report, err);
	walk_release(&w);
	return rc;
}
