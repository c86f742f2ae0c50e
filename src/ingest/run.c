#include "ingest/put.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ingest/table.h"

enum { NOTES_MOST = 20, MARKS_MOST = 2000 };
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
		.err = err,
	};
	put_init(run);
	run->shared = tk_xcalloc(importer_count(), sizeof(*run->shared));
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
	known_release(&run->known);
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
report_note(struct ingest_report *r, const struct importer *im, char *text)
{
	if (r->nnotes == NOTES_MOST) {
		r->more_notes++;
		free(text);
		return;
	}
	r->notes = tk_xreallocarray(r->notes, r->nnotes + 1, sizeof(*r->notes));
	r->notes[r->nnotes++] =
	    (struct ingest_note){ .importer = im, .text = text };
}

void
run_note(struct run *run, const struct importer *im, char *text)
{
	report_note(run->report, im, text);
}

bool
run_stopped(const struct run *run)
{
	return run->options->stop != NULL && *run->options->stop != 0;
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
	if (!run->known_all && w->n >= MANY_FILES &&
	    !(run->options->flags & INGEST_AGAIN)) {
		if (known_load(&run->known, run->sink, run->to, run->err) < 0)
			return -1;
		run->known_all = run->sink->sources != NULL;
	}
	run->progress.files = w->n;
	for (size_t i = 0; i < w->n; i++)
		run->progress.all_bytes += w->files[i].size;
	for (size_t i = 0; i < w->n && !run_stopped(run) && !run->failed; i++) {
		const struct walk_file *f = &w->files[i];
		int64_t before = run->progress.bytes;

		if (run->rehearsal && f->once)
			continue;
		set_limit(run, f);
		/* flushed before more is added and not after it, so that
		 * something is left for the last, durable commit */
		if ((run->next.batch.n >= run->limit ||
			run->next.nmarks >= MARKS_MOST) &&
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

void
report_init(struct ingest_report *report)
{
	*report = (struct ingest_report){ 0 };
	report->tally = tk_xcalloc(importer_count(), sizeof(*report->tally));
}

void
report_move(struct ingest_report *to, struct ingest_report *from)
{
	for (size_t i = 0; importers[i] != NULL; i++) {
		struct ingest_tally *t = &to->tally[i];
		struct ingest_tally *more = &from->tally[i];

		t->calls += more->calls;
		t->fresh += more->fresh;
		t->known += more->known;
		t->updated += more->updated;
		t->unpriced += more->unpriced;
		t->bad += more->bad;
		*more = (struct ingest_tally){ 0 };
	}
	for (size_t i = 0; i < from->nnotes; i++)
		report_note(to, from->notes[i].importer, from->notes[i].text);
	to->more_notes += from->more_notes;
	from->nnotes = 0;
	from->more_notes = 0;
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

/* Finding out what was read before, while files are found. */
struct lookup {
	const struct ingest_sink *sink;
	void *to;
	struct known known;
	struct tk_err err;
	int rc;
	bool started;
	pthread_t thread;
};

static void *
look_up(void *data)
{
	struct lookup *k = data;

	k->rc = known_load(&k->known, k->sink, k->to, &k->err);
	return NULL;
}

/* Of all places: named paths are few, and may be all there is to read. */
static void
lookup_begin(struct lookup *k, const struct ingest_options *o)
{
	k->started = o->npaths == 0 && k->sink->sources != NULL &&
	    !(o->flags & (INGEST_AGAIN | INGEST_STRICT)) &&
	    tk_processors() > 1 && tk_thread_start(&k->thread, look_up, k);
}

static int
lookup_end(struct lookup *k, struct tk_err *err)
{
	if (!k->started)
		return 0;
	pthread_join(k->thread, NULL);
	if (k->rc < 0)
		*err = k->err;
	return k->rc;
}

/* One pass over all files. */
static int
pass(const struct ingest_options *o, const struct walk *w, bool rehearsal,
    struct lookup *known, const struct ingest_sink *sink, void *to,
    struct ingest_report *report, struct tk_err *err)
{
	struct run run;
	int rc;

	report_init(report);
	run_init(&run, o, sink, to, report, err);
	run.rehearsal = rehearsal;
	if (known != NULL && known->started) {
		run.known = known->known;
		run.known_all = true;
	}
	report->failed = (int64_t)w->nproblems;
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
	return pass(o, w, true, NULL, &nowhere, &r, report, err);
}

int
ingest_run(const struct ingest_options *o, const struct ingest_sink *sink,
    void *to, struct ingest_report *report, struct tk_err *err)
{
	struct walk w = { .want_folders = false };
	struct lookup known = { .sink = sink, .to = to };
	int rc;

	*report = (struct ingest_report){ 0 };
	if (table_check_map(o, err) < 0)
		return -1;
	lookup_begin(&known, o);
	rc = walk_all(&w, o, err);
	if (rc < 0)
		lookup_end(&known, &known.err);
	else
		rc = lookup_end(&known, err);
	if (rc == 0 && (o->flags & INGEST_STRICT)) {
		rc = rehearse(o, &w, sink, to, report, err);
		if (rc == 0)
			ingest_report_release(report);
	}
	if (rc == 0)
		rc = pass(o, &w, false, &known, sink, to, report, err);
	else
		known_release(&known.known);
	walk_release(&w);
	return rc;
}
