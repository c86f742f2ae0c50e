/*
 * OpenTelemetry: spans of the GenAI conventions, as OTLP JSON (a document,
 * or one a line, as the collector's file exporter writes it), or a span an
 * object with plain attributes, as SDKs write to files.
 *
 * input_tokens has what was read from a cache and written to it inside; the
 * spans of old Anthropic instrumentations do not, which is seen when the
 * parts are larger than the whole.
 *
 * Frameworks put spans around spans.  What an agent or a workflow used is the
 * sum of its calls, so a span counts only if none below it says what was
 * used; but a call that has other calls below it, as by a tool, counts,
 * unless one of these says the same again.
 */
#include "ingest/otel_span.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/docs.h"
#include "ingest/hash.h"
#include "ingest/pick.h"

struct otel_state {
	struct docs docs; /* first */
	/* Of spans that ended before: those that have usage below them, and
	 * those that have this usage below them. */
	struct ids above, repeated;
	struct otel_span *spans; /* of one document */
	size_t n, cap;
};

static struct otel_span *
add_span(struct otel_state *st)
{
	if (st->n == st->cap) {
		st->cap = st->cap > 0 ? 2 * st->cap : 64;
		st->spans =
		    tk_xreallocarray(st->spans, st->cap, sizeof(*st->spans));
	}
	return &st->spans[st->n++];
}

static uint64_t
usage_key(uint64_t span, const struct otel_span *s)
{
	uint64_t v[3] = { span, s->usage, 1 };

	return hash_bytes(v, sizeof(v)).a;
}

/*
 * What a span says about the one above it; true if that is news.  That there
 * is usage below goes up to the root, which usage to the one above.
 */
static bool
tell_parent(struct otel_state *st, const struct otel_span *s)
{
	bool news = false;

	if (s->parent == 0)
		return false;
	if (s->has_usage || ids_has(&st->above, s->id))
		if (!ids_has(&st->above, s->parent)) {
			ids_see(&st->above, s->parent);
			news = true;
		}
	if (s->has_usage && !ids_has(&st->repeated, usage_key(s->parent, s))) {
		ids_see(&st->repeated, usage_key(s->parent, s));
		news = true;
	}
	return news;
}

static bool
counts(const struct otel_state *st, const struct otel_span *s)
{
	if (!s->has_usage || record_total(&s->record) == 0)
		return false;
	if (s->call)
		return !ids_has(&st->repeated, usage_key(s->id, s));
	return !ids_has(&st->above, s->id);
}

static void
give_spans(struct reader *rd)
{
	struct otel_state *st = rd->state;
	bool news = true;

	/* children mostly end, and are written, before their parents */
	while (news) {
		news = false;
		for (size_t i = 0; i < st->n; i++)
			news |= tell_parent(st, &st->spans[i]);
	}
	for (size_t i = 0; i < st->n; i++) {
		const struct otel_span *s = &st->spans[i];

		if (s->wrong != NULL)
			reader_bad(rd, "%s", s->wrong);
		else if (counts(st, s))
			reader_give(rd, &s->record);
		else
			reader_skip(rd,
			    s->has_usage ? SKIP_REPEATED : SKIP_OTHER);
	}
	st->n = 0;
}

/* Each object of a list; fn may go down another list with it. */
typedef void item_fn(struct reader *rd, const struct json_text *item,
    struct otel_around *around);

static void
each(struct reader *rd, const struct pick *list, struct otel_around *around,
    item_fn *fn)
{
	struct json_scan s;
	struct json_text item;

	json_scan_init(&s, list->t.p, list->t.n);
	if (list->kind != JSON_IS_ARRAY || json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s) && json_scan_raw(&s, &item))
		if (item.n > 0 && *item.p == '{')
			fn(rd, &item, around);
}

static void
read_span(struct reader *rd, const struct json_text *item,
    struct otel_around *around)
{
	struct otel_state *st = rd->state;

	otel_span_read(add_span(st), rd, item, around);
}

static void
read_scope(struct reader *rd, const struct json_text *item,
    struct otel_around *around)
{
	struct pick v[] = { { .path = "spans" } };
	struct json_scan s;

	pick_read(v, TK_LEN(v), item->p, item->n, &s);
	each(rd, &v[0], around, read_span);
}

static void
read_resource(struct reader *rd, const struct json_text *item,
    struct otel_around *around)
{
	struct pick v[] = { { .path = "resource/attributes" },
		{ .path = "scopeSpans" }, { .path = "scope_spans" },
		{ .path = "instrumentationLibrarySpans" } };
	struct json_scan s;

	pick_read(v, TK_LEN(v), item->p, item->n, &s);
	otel_around_read(around, rd, &v[0].t);
	for (size_t i = 1; i < TK_LEN(v); i++)
		each(rd, &v[i], around, read_scope);
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct pick v[] = { { .path = "resourceSpans" },
		{ .path = "resource_spans" }, { .path = "batches" },
		{ .path = "attributes" } };
	struct otel_around around = { 0 };
	struct json_text all = { text, n, false };
	struct json_scan s;

	if (!pick_read(v, TK_LEN(v), text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	if (pick_has(&v[0]) || pick_has(&v[1]) || pick_has(&v[2])) {
		for (size_t i = 0; i < 3; i++)
			each(rd, &v[i], &around, read_resource);
	} else if (pick_has(&v[3])) {
		read_span(rd, &all, &around);
	} else {
		reader_skip(rd, SKIP_OTHER);
	}
	give_spans(rd);
}

static bool
otel_open(struct reader *rd, const char *carry)
{
	docs_open(rd, carry);
	return carry == NULL; /* else for the spans that were above */
}

static void
otel_close(struct reader *rd)
{
	struct otel_state *st = rd->state;

	ids_release(&st->above);
	ids_release(&st->repeated);
	free(st->spans);
	docs_close(rd);
}

static bool
otel_wants(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL &&
	    (strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0);
}

static const char *const otel_marks[] = {
	"resourceSpans",
	"resource_spans",
	"attributes spanContext/spanId",
	"attributes context/span_id",
	"attributes spanId traceId",
	"attributes span_id trace_id",
	NULL,
};

const struct importer importer_otel = {
	.name = "otel",
	.title = "OpenTelemetry spans",
	.version = 1,
	.state_size = sizeof(struct otel_state),
	.wants = otel_wants,
	.marks = otel_marks,
	.open = otel_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.end = docs_read_end,
	.close = otel_close,
};
