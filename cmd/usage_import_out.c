/* What "usage import" prints. */
#include "usage_import.h"

#include <inttypes.h>

#include "base/buf.h"
#include "ingest/ingest.h"
#include "out/out.h"

static const struct out_col import_cols[] = {
	{ "source", "Source", OUT_TEXT, 0 },
	{ "files", "Files", OUT_INT, 0 },
	{ "unchanged_files", "Unchanged", OUT_INT, OUT_WIDE },
	{ "failed_files", "", OUT_INT, OUT_MACHINE },
	{ "lines", "Lines", OUT_INT, OUT_MEDIUM },
	{ "bytes", "", OUT_INT, OUT_MACHINE },
	{ "calls", "Calls", OUT_INT, 0 },
	{ "new", "New", OUT_INT, 0 },
	{ "known", "Known", OUT_INT, OUT_MEDIUM },
	{ "updated", "Updated", OUT_INT, OUT_MEDIUM },
	{ "merged_lines", "Merged", OUT_INT, OUT_WIDE },
	{ "skipped_lines", "Skipped", OUT_INT, OUT_WIDE },
	{ "bad_lines", "Bad", OUT_INT, 0 },
	{ "unpriced_requests", "", OUT_INT, OUT_MACHINE },
	{ "skipped", "", OUT_JSON, OUT_MACHINE },
	OUT_COL_END,
};

static const struct out_col place_cols[] = {
	{ "source", "Source", OUT_TEXT, 0 },
	{ "title", "", OUT_TEXT, OUT_MACHINE },
	{ "path", "Path", OUT_TEXT, 0 },
	{ "files", "Files", OUT_INT, 0 },
	{ "bytes", "Size", OUT_BYTES, 0 },
	{ "newest", "Newest", OUT_TIME, OUT_MEDIUM },
	{ "new_bytes", "New", OUT_BYTES, 0 },
	{ "last_read", "Last read", OUT_TIME, OUT_MEDIUM },
	OUT_COL_END,
};

static void
add_tally(struct ingest_tally *to, const struct ingest_tally *t)
{
	to->files += t->files;
	to->unchanged += t->unchanged;
	to->failed += t->failed;
	to->lines += t->lines;
	to->bytes += t->bytes;
	to->sightings += t->sightings;
	to->calls += t->calls;
	to->fresh += t->fresh;
	to->known += t->known;
	to->updated += t->updated;
	to->bad += t->bad;
	to->unpriced += t->unpriced;
	for (int i = 0; i < SKIP_COUNT; i++)
		to->skipped[i] += t->skipped[i];
}

static int64_t
sum_skipped(const struct ingest_tally *t)
{
	int64_t n = 0;

	for (int i = 0; i < SKIP_COUNT; i++)
		n += t->skipped[i];
	return n;
}

static void
print_tally(struct out *o, const char *source, const struct ingest_tally *t)
{
	struct tk_buf skipped = TK_BUF_INIT;

	for (int i = 0; i < SKIP_COUNT; i++)
		tk_buf_addf(&skipped, "%s\"%s\":%" PRId64, i > 0 ? "," : "{",
		    ingest_skip_key((enum ingest_skip)i), t->skipped[i]);
	tk_buf_adds(&skipped, "}");
	out_text(o, source);
	out_int(o, t->files);
	out_int(o, t->unchanged);
	out_int(o, t->failed);
	out_int(o, t->lines);
	out_int(o, t->bytes);
	out_int(o, t->calls);
	out_int(o, t->fresh);
	out_int(o, t->known);
	out_int(o, t->updated);
	out_int(o, t->sightings - t->calls);
	out_int(o, sum_skipped(t));
	out_int(o, t->bad);
	out_int(o, t->unpriced);
	out_json_text(o, skipped.s);
	out_end_row(o);
	tk_buf_release(&skipped);
}

/* People are told what was left out for a reason, not of the chatter. */
static void
note_skipped(struct out *o, const char *source, const struct ingest_tally *t)
{
	for (int i = 0; i < SKIP_COUNT; i++)
		if (t->skipped[i] > 0 && i != SKIP_OTHER && i != SKIP_BLANK)
			out_note(o, "%s: skipped %s: %" PRId64, source,
			    ingest_skip_text((enum ingest_skip)i),
			    t->skipped[i]);
}

void
import_print_report(struct out *o, const struct ingest_report *r, bool dry_run,
    bool named)
{
	struct out_doc doc = {
		.schema = "tokctl.usage.import/1",
		.title = dry_run ? "What would be imported" : "Imported",
	};
	struct ingest_tally all = { 0 };
	int rows = 0;

	out_document(o, &doc);
	out_begin(o, import_cols);
	out_empty(o,
	    named ? "no logs were found there"
		  : "no logs were found; see 'tokctl usage import "
		    "--list-sources'");
	for (size_t i = 0; importer_at(i) != NULL; i++) {
		const char *source = importer_name(importer_at(i));
		const struct ingest_tally *t = &r->tally[i];

		if (t->files == 0)
			continue;
		print_tally(o, source, t);
		note_skipped(o, source, t);
		add_tally(&all, t);
		rows++;
	}
	if (rows > 1) {
		out_total(o);
		print_tally(o, NULL, &all);
	}
	for (size_t i = 0; i < r->nnotes; i++)
		out_warning(o, "line", "%s", r->notes[i].text);
	if (r->more_notes > 0)
		out_warning(o, "lines", "and %" PRId64 " more like these",
		    r->more_notes);
	if (all.unpriced > 0)
		out_warning(o, "unpriced", "without a price: %" PRId64 " %s",
		    all.unpriced, all.unpriced == 1 ? "call" : "calls");
}

static void
print_time(struct out *o, int64_t ms)
{
	if (ms == RECORD_UNKNOWN)
		out_null(o);
	else
		out_time(o, ms);
}

static void
print_place(struct out *o, const struct ingest_place *p)
{
	const struct importer *im = p->importer;

	out_text(o, im != NULL ? importer_name(im) : NULL);
	out_text(o, im != NULL ? importer_title(im) : NULL);
	out_text(o, p->root);
	out_int(o, p->files);
	out_int(o, p->bytes);
	print_time(o, p->newest);
	out_int(o, p->new_bytes);
	print_time(o, p->last_read);
	out_end_row(o);
}

void
import_print_places(struct out *o, const struct ingest_place *v, size_t n)
{
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.usage.sources/1",
		.title = "Places where logs are looked for" });
	out_begin(o, place_cols);
	out_empty(o, "no place is known");
	for (size_t i = 0; i < n; i++)
		print_place(o, &v[i]);
}
