/*
 * tokctl usage import --explain - what became of the lines of logs
 *
 * Nothing of this is kept in the ledger: the files are read again, and each
 * answer of an importer about a line is gathered here.  Lines that mention
 * the same call are then put together as the import does.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "cmd.h"
#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "out/out.h"
#include "usage.h"
#include "usage_explain.h"

enum outcome { IS_CALL, IS_MERGED, IS_SKIPPED, IS_BAD };

static const char *const outcomes[] = {
	[IS_CALL] = "call",
	[IS_MERGED] = "merged",
	[IS_SKIPPED] = "skipped",
	[IS_BAD] = "bad",
};

/* What was said of a line; of a call only the numbers are kept. */
struct sight {
	const struct importer *importer;
	const char *path, *model; /* of explanation.texts */
	int64_t line;
	enum outcome outcome;
	char *text; /* its request_id, or what is wrong */
	enum ingest_skip skip;
	struct usage_record r;
};

struct explanation {
	const char *only;          /* this request_id; NULL: all */
	bool all;                  /* also lines that are nothing */
	const struct importer *im; /* only of this one, with only */
	struct sight *v;
	size_t n, cap;
	char **texts;
	size_t ntexts;
};

static const struct out_col line_cols[] = {
	{ "source", "Source", OUT_TEXT, OUT_WIDE },
	{ "file", "File", OUT_TEXT, 0 },
	{ "line", "Line", OUT_INT, 0 },
	{ "outcome", "Is", OUT_TEXT, 0 },
	{ "reason", "Why", OUT_TEXT, OUT_MEDIUM },
	{ "request_id", "Call", OUT_TEXT, 0 },
	{ "record", "Record", OUT_INT, OUT_PLAIN | OUT_WIDE },
	{ "time", "Time", OUT_TIME, OUT_SECONDS | OUT_MEDIUM },
	{ "model", "Model", OUT_TEXT, OUT_WIDE },
	{ "input_tokens", "Input", OUT_INT, OUT_WIDE },
	{ "cache_read_tokens", "Cache read", OUT_INT, OUT_WIDE },
	{ "cache_write_tokens", "Cache write", OUT_INT, OUT_WIDE },
	{ "output_tokens", "Output", OUT_INT, 0 },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	OUT_COL_END,
};

static const struct out_col reason_cols[] = {
	{ "source", "Source", OUT_TEXT, 0 },
	{ "outcome", "Is", OUT_TEXT, 0 },
	{ "reason", "Why", OUT_TEXT, 0 },
	{ "lines", "Lines", OUT_INT, 0 },
	OUT_COL_END,
};

/* Kept until the end; what came last is often said again. */
static const char *
keep(struct explanation *e, const char *text)
{
	if (text == NULL)
		return NULL;
	for (size_t i = e->ntexts; i > 0 && i + 8 > e->ntexts; i--)
		if (strcmp(e->texts[i - 1], text) == 0)
			return e->texts[i - 1];
	if ((e->ntexts & (e->ntexts - 1)) == 0)
		e->texts = tk_xreallocarray(e->texts,
		    e->ntexts > 0 ? 2 * e->ntexts : 1, sizeof(*e->texts));
	return e->texts[e->ntexts++] = tk_xstrdup(text);
}

static void
keep_numbers(struct sight *to, const struct usage_record *r)
{
	record_init(&to->r);
	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type == RECORD_TIME || f->type == RECORD_COUNT)
			*record_int(&to->r, f) =
			    *record_int((struct usage_record *)(uintptr_t)r, f);
}

static void
see(const struct ingest_sight *s, void *data)
{
	struct explanation *e = data;
	const char *id = s->record != NULL ? s->record->request_id : NULL;
	bool nothing = s->record == NULL && s->bad == NULL &&
	    (s->skip == SKIP_OTHER || s->skip == SKIP_BLANK);
	struct sight *to;

	if (e->only != NULL ? id == NULL || strcmp(id, e->only) != 0
			    : nothing && !e->all)
		return;
	if (e->n == e->cap) {
		e->cap = e->cap > 0 ? 2 * e->cap : 64;
		e->v = tk_xreallocarray(e->v, e->cap, sizeof(*e->v));
	}
	to = &e->v[e->n++];
	*to = (struct sight){
		.importer = s->importer,
		.path = keep(e, s->path),
		.line = s->line,
		.skip = s->skip,
		.outcome = s->bad != NULL ? IS_BAD : IS_SKIPPED,
	};
	if (s->record != NULL) {
		to->outcome = IS_CALL;
		to->model = keep(e, s->record->model);
		keep_numbers(to, s->record);
	}
	if (id != NULL || s->bad != NULL)
		to->text = tk_xstrdup(id != NULL ? id : s->bad);
}

static int
by_call(const void *a_, const void *b_)
{
	const struct sight *const *a = a_, *const *b = b_;
	int c = strcmp((*a)->text, (*b)->text);

	return c != 0 ? c : *a < *b ? -1 : *a > *b;
}

/* Of the mentions of one call, the one that counts. */
static void
merge_call(struct sight **v, size_t n)
{
	struct usage_record known = v[0]->r;
	size_t best = 0;

	for (size_t i = 1; i < n; i++) {
		struct usage_record seen = v[i]->r;

		seen.time = known.time;
		if (ledger_merge(&known, &seen))
			best = i;
	}
	for (size_t i = 0; i < n; i++)
		if (i != best)
			v[i]->outcome = IS_MERGED;
}

static void
merge_all(struct explanation *e)
{
	struct sight **v = tk_xcalloc(e->n + 1, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].outcome == IS_CALL && e->v[i].text != NULL)
			v[n++] = &e->v[i];
	if (n > 0)
		qsort(v, n, sizeof(*v), by_call);
	for (size_t i = 0, first = 0; i < n; i++)
		if (i + 1 == n || strcmp(v[i]->text, v[i + 1]->text) != 0) {
			merge_call(v + first, i + 1 - first);
			first = i + 1;
		}
	free(v);
}

static const char *
reason_of(const struct sight *s)
{
	switch (s->outcome) {
	case IS_CALL:
		return "the most that is said of the call";
	case IS_MERGED:
		return "no more than another line says of the call";
	case IS_SKIPPED:
		return ingest_skip_text(s->skip);
	case IS_BAD:
		return s->text;
	}
	return NULL;
}

static int
print_line(struct out *o, const struct sight *s, struct ledger *l,
    struct tk_err *err)
{
	bool call = s->outcome == IS_CALL || s->outcome == IS_MERGED;
	int64_t id;
	int found = 0;

	if (call && s->text != NULL && l != NULL)
		found = ledger_find(l, s->text, &id, err);
	if (found < 0)
		return -1;
	out_text(o, importer_name(s->importer));
	out_text(o, s->path);
	out_int(o, s->line);
	out_text(o, outcomes[s->outcome]);
	out_text(o, reason_of(s));
	out_text(o, call ? s->text : NULL);
	if (found > 0)
		out_int(o, id);
	else
		out_null(o);
	if (call) {
		out_time(o, s->r.time);
		out_text(o, s->model);
		out_int(o, s->r.input_tokens);
		out_int(o, s->r.cache_read_tokens);
		out_int(o, record_cache_write(&s->r));
		out_int(o, s->r.output_tokens);
		out_int(o, record_total(&s->r));
	}
	for (int i = 0; !call && i < 7; i++)
		out_null(o);
	out_end_row(o);
	return 0;
}

static int
print_lines(struct cmd_ctx *ctx, const struct explanation *e, struct ledger *l,
    struct tk_err *err)
{
	int rc = 0;

	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.usage.explain/1",
		.title = "What became of the lines" });
	out_begin(ctx->out, line_cols);
	out_empty(ctx->out, "no line says anything of usage");
	for (size_t i = 0; rc == 0 && i < e->n; i++)
		rc = print_line(ctx->out, &e->v[i], l, err);
	return rc;
}

static void
print_reason(struct out *o, const char *source, enum outcome is,
    const char *reason, int64_t n)
{
	if (n == 0)
		return;
	out_text(o, source);
	out_text(o, outcomes[is]);
	out_text(o, reason);
	out_int(o, n);
	out_end_row(o);
}

/* How many lines of each source were what. */
static void
print_reasons(struct cmd_ctx *ctx, const struct ingest_report *r)
{
	struct out *o = ctx->out;

	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.usage.reasons/1",
		.title = "What became of the lines" });
	out_begin(o, reason_cols);
	out_empty(o, "no logs were found");
	for (size_t i = 0; importer_at(i) != NULL; i++) {
		const char *source = importer_name(importer_at(i));
		const struct ingest_tally *t = &r->tally[i];

		print_reason(o, source, IS_CALL,
		    "the most that is said of the call", t->fresh);
		print_reason(o, source, IS_MERGED,
		    "no more than another line says of the call",
		    t->sightings - t->fresh);
		for (int k = 0; k < SKIP_COUNT; k++)
			print_reason(o, source, IS_SKIPPED,
			    ingest_skip_text((enum ingest_skip)k),
			    t->skipped[k]);
		print_reason(o, source, IS_BAD, "cannot be read", t->bad);
	}
}

/* What could not be read, by name; the status says that there was some. */
static int
warn(struct cmd_ctx *ctx, const struct ingest_report *r)
{
	for (size_t i = 0; i < r->nnotes; i++)
		out_warning(ctx->out, "line", "%s", r->notes[i].text);
	return usage_import_status(r);
}

static void
release(struct explanation *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].text);
	for (size_t i = 0; i < e->ntexts; i++)
		free(e->texts[i]);
	free(e->texts);
	free(e->v);
}

static int
read_again(struct ingest_options *o, struct ingest_report *report,
    struct tk_err *err)
{
	struct ingest_dry dry = { 0 };
	int rc;

	o->flags |= INGEST_AGAIN;
	rc = ingest_run(o, &ingest_nowhere, &dry, report, err);
	ingest_dry_release(&dry);
	return rc;
}

/* A number is a record's; its request_id, and whose log that is in. */
static int
find_call(struct ledger *l, const char *word, char **id,
    const struct importer **im, struct tk_err *err)
{
	struct usage_record r;
	int64_t n;
	int found = 0;

	if (l != NULL && tk_int_parse(word, strlen(word), &n))
		found = ledger_get(l, n, &r, err);
	if (found < 0)
		return -1;
	if (found > 0 && r.request_id == NULL)
		return tk_fail(err, TK_NOTFOUND,
		    "record %s has no request id: it was not imported", word);
	*id = tk_xstrdup(found > 0 ? r.request_id : word);
	*im = found > 0 && r.source != NULL ? importer_find(r.source) : NULL;
	return 0;
}

static int
explain_call(struct cmd_ctx *ctx, struct ingest_options *o, const char *word,
    struct ledger *l, struct tk_err *err)
{
	struct explanation e = { .all = false };
	struct ingest_report report = { 0 };
	char *id = NULL;
	int rc = -1;

	if (find_call(l, word, &id, &e.im, err) < 0)
		goto out;
	e.only = id;
	if (e.im != NULL && o->nfrom == 0) {
		o->from = &e.im;
		o->nfrom = 1;
	}
	o->paths = NULL;
	o->npaths = 0;
	o->sight = see;
	o->sight_data = &e;
	if (read_again(o, &report, err) < 0)
		goto out;
	if (e.n == 0) {
		tk_fail(err, TK_NOTFOUND,
		    "'%s' is no file, and no log here mentions such a call",
		    word);
		goto out;
	}
	merge_all(&e);
	rc = print_lines(ctx, &e, l, err);
	if (rc == 0)
		rc = warn(ctx, &report);
out:
	ingest_report_release(&report);
	release(&e);
	free(id);
	return rc;
}

static int
explain_files(struct cmd_ctx *ctx, struct ingest_options *o, struct ledger *l,
    struct tk_err *err)
{
	struct explanation e = { .all = ctx->common->verbose > 0 };
	struct ingest_report report = { 0 };
	int rc;

	o->sight = see;
	o->sight_data = &e;
	rc = read_again(o, &report, err);
	if (rc == 0) {
		merge_all(&e);
		rc = print_lines(ctx, &e, l, err);
	}
	if (rc == 0)
		rc = warn(ctx, &report);
	ingest_report_release(&report);
	release(&e);
	return rc;
}

int
usage_explain(struct cmd_ctx *ctx, struct ingest_options *o, struct ledger *l,
    struct tk_err *err)
{
	struct ingest_report report = { 0 };
	int rc;

	if (o->npaths == 1 && strcmp(o->paths[0], "-") != 0 &&
	    access(o->paths[0], F_OK) < 0 && errno == ENOENT)
		return explain_call(ctx, o, o->paths[0], l, err);
	if (o->npaths > 0)
		return explain_files(ctx, o, l, err);
	rc = read_again(o, &report, err);
	if (rc == 0) {
		print_reasons(ctx, &report);
		rc = warn(ctx, &report);
	}
	ingest_report_release(&report);
	return rc;
}
